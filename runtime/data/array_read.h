/* SPDX-License-Identifier: MIT
 * array_read.h: files with a header of a shape, for readers. */
#ifndef NNRT_DATA_ARRAY_READ_H
#define NNRT_DATA_ARRAY_READ_H

#include "data/array.h"
#include "data/file.h"

typedef int ArrayHeader(const char *path, const char *text, size_t n, Array *out, size_t *whole); /* npy_header */
typedef int ArrayParse(const char *path, char *text, size_t size, Array *out);                      /* npy_parse */
typedef struct ArrayWanted { /* what array_length knows while a file is read */
    const Spec *spec;
    ArrayHeader *header;
    int64_t window;
} ArrayWanted;
/* Of a FileHeader: the length of the file, and is an example of the field's shape? */
int array_length(const void *wanted, const char *path, const char *text, size_t n, size_t *whole);
/* Nothing behind what the header promises is unpacked, and nothing at all if the examples have another shape than the field.
 * window > 0: examples are that many rows. out->text holds the file. */
int array_read(const Spec *spec, ArrayHeader *header, ArrayParse *parse, int64_t window, Array *out);

/* Examples of window > 0 rows, a new one every stride rows. */
void array_windows(Array *array, int64_t window, int64_t stride);

#endif
