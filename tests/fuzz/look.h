/* SPDX-License-Identifier: MIT
 * look.h: prints in a graph: what they show is right, and the results do not feel them. */
#ifndef NNC_FUZZ_LOOK_H
#define NNC_FUZZ_LOOK_H

#include "tensor/tensor.h"

typedef struct Looks {
    Graph seen;        /* the graph, with what is printed as further results */
    uint32_t *number;  /* of each of those: of its print */
    uint32_t n_numbers; /* one more than the greatest */
} Looks;

void looks_add(Graph *g, uint64_t seed); /* one to three prints */
Graph looks_removed(const Graph *g); /* without the prints at its end */
Looks looks_find(const Graph *g);

#endif
