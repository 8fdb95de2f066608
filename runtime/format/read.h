/* SPDX-License-Identifier: MIT
 * read.h: arguments of exports from files. The contents tell the format. */
#ifndef NNRT_FORMAT_READ_H
#define NNRT_FORMAT_READ_H

#include "format/format.h"

/* A file (- is standard input) as numbers. */
int tensor_read(const nnrt_format *const *formats, const char *path, const Wish *wish, Tensor *t);
int tensor_bytes(const char *path, char **text, size_t *n); /* a whole file; free() it */
/* Has it a shape and as many numbers as the argument can take? A reader that finds another says NNRT_E_SHAPE, with the shape in
 * t, and leaves the error to the caller, who knows the argument. */
bool tensor_fits(const Wish *wish, const Tensor *t);

#endif
