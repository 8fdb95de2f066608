/* SPDX-License-Identifier: MIT
 * shape.h: which shapes of a file serve a declared one. */
#ifndef NNRT_BASE_SHAPE_H
#define NNRT_BASE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHAPE_ANY = -1 }; /* a wanted extent that is not known yet */

bool shape_count(int rank, const int64_t *dim, int64_t *n); /* the product; false: it overflows */
int64_t shape_size(int rank, const int64_t *dim); /* the product, which is known to be a number */
int64_t shape_place(int rank, const int64_t *dim, const int64_t *stride, int64_t i); /* where element i of the dense order lies */
/* Extents agree once axes of extent 1 are dropped, or one of the two is a plain row of as many
 * numbers as the other has. Anything else with the same count has its axes in another order. */
bool shape_serves(int have_rank, const int64_t *have, int want_rank, const int64_t *want);
/* "[28, 28, 1]"; at most eight extents */
const char *shape_text(int rank, const int64_t *dim, char *out, size_t n);

#endif
