/* SPDX-License-Identifier: MIT
 * in_place.h: weights that change where their gradient is made, which then is in no memory (in_place.c). */
#ifndef NNC_KERNEL_IN_PLACE_H
#define NNC_KERNEL_IN_PLACE_H

#include "kernel/build.h"

/* Marks the tensors whose gradients a plain sgd need not have in memory, as far as the graph says. False: there are none. */
bool in_place_choose(const Graph *g, const Layout *layout, const EntryLayout *entry, bool *chosen);
/* Behind all that changes kernels: those of the entry's layout (KProgram.in_place) change in place, if it can be. */
void in_place_find(Builder *b);

#endif
