/* SPDX-License-Identifier: MIT
 * safetensors.h: what is in a safetensors file: 8 bytes of header length, a JSON header, the tensors
 * one behind the other. Nothing of it is trusted: lengths are checked against the file, time and
 * memory grow with the header, which is smaller than the file. */
#ifndef NNRT_MODEL_SAFETENSORS_H
#define NNRT_MODEL_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Files that nnc writes begin so; the checksum of the header, computed with 0 digits in its place,
 * follows. */
#define NNC_FORMAT "nnc 1"
#define NNC_HEADER "{\"__metadata__\":{\"format\":\"" NNC_FORMAT "\",\"crc32c\":\""
enum { NNC_CRC_AT = sizeof NNC_HEADER - 1, NNC_CRC_DIGITS = 8 };
/* Longer headers are neither written nor read. */
#define NNC_MOST_HEADER ((uint64_t)1 << 30)

typedef struct Stored { /* a tensor of the file; its type may be one that nnc does not know */
    const char *name, *dtype;
    int rank; /* of which 8 are kept */
    int64_t dim[8];
    uint64_t from, bytes;
} Stored;

typedef struct Note { /* of __metadata__ */
    const char *key, *text;
} Note;

typedef struct Safetensors {
    const char *path;
    int fd;
    bool by_nnc;         /* it carries checksums */
    uint64_t size, data; /* bytes of the file; where the tensors begin */
    char *header;        /* owns all texts */
    Stored *tensor;      /* by name */
    size_t n_tensors;
    Note *note;          /* by key */
    size_t n_notes;
} Safetensors;

int safetensors_open(Safetensors *f, const char *path); /* close it after an error too */
void safetensors_close(Safetensors *f);
const Stored *safetensors_find(const Safetensors *f, const char *name); /* NULL: none */
const char *safetensors_note(const Safetensors *f, const char *key);    /* NULL: none */
int safetensors_read(const Safetensors *f, const Stored *t, void *to);  /* t->bytes; checksum too */

#endif
