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

typedef enum { RANK_FAR, RANK_HERE, RANK_GONE } RankIs; /* of another machine; of this one, or this one itself; it has ended */

typedef struct Sum {
    void *all;   /* where the sums are: v, or what is to be read only */
    bool finite; /* all of them, as far as that is known */
} Sum;

typedef struct Exchange {
    int rank, ranks; /* ranks is a power of two */
    int here;        /* ranks on this machine */
    /* v of all ranks, n numbers of `bytes` (4: float, 8: double), added by a binary tree over their numbers, (0 + 1) + (2 + 3), times
     * `by`. Where v lies in a room others read what this rank has made: it stays as it is until all `have_read`. */
    int (*sum)(const nnrt *m, void *v, size_t n, int bytes, double by, Sum *sum);
    int (*have_read)(void);
    int (*gather)(const void *mine, size_t bytes, void *all); /* those of rank 0, 1 ... */
    int (*share)(void *v, size_t bytes); /* rank 0's, with all */
    /* Memory, zeroed, that ranks of this machine read where it is to `sum` what lies in it. *at stays NULL where there is none. */
    int (*room)(size_t bytes, void **at);
    void (*leave)(void *room);
    RankIs (*is)(int rank);
} Exchange;

#endif
