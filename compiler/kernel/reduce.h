/* SPDX-License-Identifier: MIT
 * reduce.h: reductions, and what those in two steps share with moments (moments.h). */
#ifndef NNC_KERNEL_REDUCE_H
#define NNC_KERNEL_REDUCE_H

#include "kernel/build.h"

void build_reduction(Builder *b, Ref r, const Home *to);
void build_fold_kernels(Builder *b, Ref r, const Home *to);

typedef struct Partial { /* the first step: over all reduced axes but the outermost */
    Map in, out;         /* of the operand; of the partial result */
    Type type;           /* [outermost reduced axis, result...] */
    Dim outer, inner;    /* extent of that axis; product of those of the others */
} Partial;

bool reduction_splits(const Builder *b, Ref r);              /* is r reduced in two steps? */
/* Adds the axes of the first step to k. from, type: those of the operand and the result, or of a part of them. */
Partial reduction_partial(Builder *b, Ref r, const Type *from, const Type *type, Kernel *k);
Map reduction_rest(Builder *b, Ref r, Kernel *k, Dim outer, Map *all); /* those of the second: the result's map; *all: of the partial one */

#endif
