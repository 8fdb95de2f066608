/* SPDX-License-Identifier: MIT
 * parse_idx.h: IDX files in memory. */
#ifndef NNRT_DATA_PARSE_IDX_H
#define NNRT_DATA_PARSE_IDX_H

#include "data/array.h"

/* As npy_header and npy_parse. */
int idx_header(const char *path, const char *text, size_t n, Array *out, size_t *whole);
int idx_parse(const char *path, char *text, size_t size, Array *out);

#endif
