/* SPDX-License-Identifier: MIT
 * ranks.h: the ranks of a distributed run (exchange.h) go the same way. Alone all of this does nothing. */
#ifndef NNRT_RUN_RANKS_H
#define NNRT_RUN_RANKS_H

#include "run/exchange.h"
#include "run/state.h"

/* Rank 0 writes files and tells what happens; *spare keeps the name of the others' checkpoint. */
void ranks_settle(const nnrt *m, Settings *s, char spare[RT_PATH]);
/* Has a rank failed? Then all of them end: the first one with its message, the others with RT_ELSEWHERE. */
int ranks_agree(const Exchange *x, int code);
bool ranks_agreed(void); /* once, since the program began */
/* Each number becomes the largest one that a rank has. */
int ranks_most(const Exchange *x, int64_t *v, int n);
/* A rank was lost: what there is is saved, by whoever is there. */
int ranks_lost(Run *r);

#endif
