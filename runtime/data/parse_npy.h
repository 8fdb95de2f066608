/* SPDX-License-Identifier: MIT
 * parse_npy.h: NumPy arrays in memory. */
#ifndef NNRT_DATA_PARSE_NPY_H
#define NNRT_DATA_PARSE_NPY_H

#include "data/array.h"

/* Where the numbers are, how many and of what type. `whole` is the length of the file that the header promises; only the header
 * itself must be in the n bytes. */
int npy_header(const char *path, const char *text, size_t n, Array *out, size_t *whole);
/* And the file must be as long as that. Numbers in Fortran order are put into the other one. */
int npy_parse(const char *path, char *text, size_t size, Array *out);

#endif
