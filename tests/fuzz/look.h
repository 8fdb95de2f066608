/* SPDX-License-Identifier: MIT
 * look.h: random prints in a graph: what they show is right, and the results do not feel them. */
#ifndef NNC_FUZZ_LOOK_H
#define NNC_FUZZ_LOOK_H

#include "tensor/tensor.h"

typedef struct Looks {
    Graph plain; /* the graph without prints */
    Graph seen;  /* what is printed as further results of it */
} Looks;

/* Adds one to three prints, numbered from 0. */
void looks_add(Looks *looks, Graph *g, uint64_t seed);

#endif
