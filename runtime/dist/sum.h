/* SPDX-License-Identifier: MIT
 * sum.h: vectors of all ranks, added. */
#ifndef NNRT_DIST_SUM_H
#define NNRT_DIST_SUM_H

#include "dist/room.h"
#include "run/exchange.h"

typedef struct World {
    int rank, ranks;
    Near near;
    bool in_order; /* each machine has as many ranks, a power of two, and their numbers follow each other */
    Room *rooms;   /* none where they see no memory of each other */
    /* Gives a partner some bytes and gets some from it. */
    int (*swap)(int partner, const void *give, size_t give_bytes, void *get, size_t get_bytes);
} World;

/* As Exchange says. */
int sum_ranks(const World *w, const nnrt *m, void *v, size_t n, int bytes, double by, Sum *sum);

#endif
