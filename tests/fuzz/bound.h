/* SPDX-License-Identifier: MIT
 * bound.h: how far rounded results may lie from exact ones.
 *
 * The graph is interpreted in double precision several times with noise on every value that is
 * rounded: relative to the value for elementwise operations; a sum of n terms errs by up to n units
 * of n times the largest term. What the noise does to a result is how much rounding may do to it,
 * so that the bound knows cancellation, long sums, and values near a jump. */
#ifndef NNC_FUZZ_BOUND_H
#define NNC_FUZZ_BOUND_H

#include "tensor/tensor.h"

/* bound[i][e] for every element of every result (of integers too: more than 0 where noise changes
 * them). */
double **bound_of(const Graph *g, const int64_t *symbols, const TensorValue *in, const TensorValue *want, int samples, Arena *arena);

#endif
