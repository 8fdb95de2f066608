/* SPDX-License-Identifier: MIT
 * exchange.h: what the processes of a distributed run (ranks) tell each other. A program that `nnc --dist` links has an adapter that
 * gives it, runtime/dist; all others run alone.
 *
 * Every rank makes the same calls in the same order. A call that comes back with RT_LOST has waited in vain for a rank that has
 * ended: nothing can be exchanged any more. */
#ifndef NNRT_RUN_EXCHANGE_H
#define NNRT_RUN_EXCHANGE_H

#include "model/model.h"

enum { RANKS_MOST = 1024 };

typedef struct Exchange {
    int rank, ranks; /* ranks is a power of two */
    int here;        /* ranks on this machine */
    /* v of all ranks, n numbers of `bytes` (4: float, 8: double), added in place by a binary tree over their numbers: (0 + 1) + (2 + 3). */
    int (*sum)(void *v, size_t n, int bytes);
    int (*gather)(const void *mine, size_t bytes, void *all); /* those of rank 0, 1 ... */
    int (*share)(void *v, size_t bytes); /* rank 0's, with all */
} Exchange;

#endif
