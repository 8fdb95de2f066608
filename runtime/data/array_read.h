/* SPDX-License-Identifier: MIT
 * array_read.h: files with a header of a shape, for readers. */
#ifndef NNRT_DATA_ARRAY_READ_H
#define NNRT_DATA_ARRAY_READ_H

#include "data/array.h"

typedef int ArrayHeader(const char *path, const char *text, size_t n, Array *out, size_t *whole); /* npy_header */
typedef int ArrayParse(const char *path, const char *text, size_t size, Array *out);                /* npy_parse */
/* Nothing behind what the header promises is unpacked, and nothing at all if the examples have another shape than the field.
 * window > 0: examples are that many rows. out->text holds the file. */
int array_read(const Spec *spec, ArrayHeader *header, ArrayParse *parse, int64_t window, Array *out);

#endif
