/* SPDX-License-Identifier: MIT
 * quantize.h: contractions with weights, in integers of 8 bits.
 *
 *   dot(x, w)   becomes   f32(dot(q, v)) * s      q = u8 or i8(round(x * c)), v a table of i8, s a number for each column
 *
 * c comes from what x was in a part of the data, v and s from the weights, which are known: column j of w is v[j] * s[j] * c. The sums are
 * integers, so they have the same bits on every machine. A dot or conv is one of these if one of its operands depends on weights, states
 * and constants alone, without a batch axis or groups; it stands outside of scans, x ends in an axis of the sum, and there are columns
 * and terms enough. */
#ifndef NNC_TRANSFORM_QUANTIZE_H
#define NNC_TRANSFORM_QUANTIZE_H

#include "tensor/tensor.h"

typedef struct QuantizeRange { /* of the operands of all contractions with a weight */
    const char *name; /* of the weight */
    double lo, hi;    /* lo is at most 0, hi at least */
} QuantizeRange;
typedef VEC(QuantizeRange) QuantizeRanges;

const QuantizeRange *quantize_find(const QuantizeRanges *ranges, const char *name);
/* Adds the weights of g's contractions that are not there yet. */
void quantize_add_names(Arena *arena, const Graph *g, QuantizeRanges *ranges);
/* A copy with new sums from number `first` on: two for each range that g has operands for, the largest x and the largest -x so far. */
Graph *quantize_observe(Arena *scratch, const Graph *g, const QuantizeRanges *ranges, uint32_t first);

typedef struct QuantizeFloat { /* a weight of a contraction that stays as it is */
    const char *name, *why;
} QuantizeFloat;
typedef VEC(QuantizeFloat) QuantizeFloats;
/* Adds those of g that are not there yet. */
void quantize_add_floats(Arena *arena, const Graph *g, QuantizeFloats *floats);

/* The elements of a weight or state, row-major; NULL: they are not known. */
typedef const double *QuantizeValues(void *user, const GraphParam *param);
/* The copy with integers, for the contractions that have a range. */
Graph *quantize_graph(Arena *scratch, const Graph *g, const QuantizeRanges *ranges, QuantizeValues *values, void *user);

#endif
