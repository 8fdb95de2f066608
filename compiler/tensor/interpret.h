/* SPDX-License-Identifier: MIT
 * interpret.h: shared by the interpreter's files. */
#ifndef NNC_TENSOR_INTERPRET_H
#define NNC_TENSOR_INTERPRET_H

#include "tensor/tensor.h"

typedef struct Run {
    const Graph *g;
    const int64_t *symbols;
    InterpretHooks *hooks;
    Arena *arena;
} Run;

void value_strides(const TensorValue *v, int64_t *stride);
void value_unravel(const TensorValue *v, int64_t e, int64_t *at);
void value_copy(TensorValue *to, int64_t e, const TensorValue *from, int64_t k);
void interpret_view(const Run *run, Ref r, const TensorValue *in, TensorValue *out); /* interpret_view.c */

#endif
