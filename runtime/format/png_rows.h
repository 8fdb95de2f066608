/* SPDX-License-Identifier: MIT
 * png_rows.h: the rows of a PNG picture, made easier to pack (PNG, 9: filtering). */
#ifndef NNRT_FORMAT_PNG_ROWS_H
#define NNRT_FORMAT_PNG_ROWS_H

#include <stddef.h>

/* Each row is `line` bytes long, of which the first is its filter, 0 before; a pixel has `pixel` bytes. Every row of `out` has the
 * filter that leaves the smallest numbers. */
void png_filter(const unsigned char *rows, size_t height, size_t line, size_t pixel, unsigned char *out);

#endif
