/* SPDX-License-Identifier: MIT
 * zip.h: the arrays of NPZ files, which are ZIP archives of NPY files, stored or packed by deflate. Nothing of an archive is
 * trusted: places and lengths are checked against the file, and no more is unpacked than its length can give. */
#ifndef NNRT_DATA_ZIP_H
#define NNRT_DATA_ZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "data/file.h"

typedef struct NpzWish {
    const char *name;      /* of the array; NULL: the only one there is, or */
    const char *preferred; /* the one of this name; NULL: none */
    FileHeader header;     /* asked, as by file_read_headed, before more than its first bytes are unpacked */
} NpzWish;

bool zip_is(const char *text, size_t n); /* does a file begin so? */
/* The NPY file of an array of an NPZ file, in memory of its own: free() it. */
int npz_array(const char *path, const char *text, size_t n, const NpzWish *wish, char **out, size_t *size);

#endif
