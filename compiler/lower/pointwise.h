/* SPDX-License-Identifier: MIT
 * pointwise.h: expressions of fields that make each number of one number. */
#ifndef NNC_LOWER_POINTWISE_H
#define NNC_LOWER_POINTWISE_H

#include "tensor/tensor.h"

/* Is element k of the only result made of element k of the only tensor that comes from outside, in the same way for all k? */
bool is_pointwise(const Graph *g, Arena *arena);

#endif
