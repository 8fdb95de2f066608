/* SPDX-License-Identifier: MIT
 * sizes.h: the sizes of a call of a random graph, and the numbers that choices are made by. */
#ifndef NNC_FUZZ_SIZES_H
#define NNC_FUZZ_SIZES_H

#include "tensor/tensor.h"

uint64_t sizes_mix(uint64_t *state); /* the next number */
void sizes_choose(const Graph *g, uint64_t seed, uint64_t k, int64_t *symbols); /* of the k-th call */

#endif
