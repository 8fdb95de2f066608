/* SPDX-License-Identifier: MIT
 * shard.h: what a run keeps for its shards (shards.c: the step; shard.c: their memory and states). */
#ifndef NNRT_RUN_SHARD_H
#define NNRT_RUN_SHARD_H

#include "model/call.h"
#include "run/exchange.h"
#include "run/state.h"
#include "run/vectors.h"

enum { MOST_LEVELS = 11 };

typedef struct Shard {
    Place place;
    const Batch *batch; /* NULL: no data is read */
    int64_t sizes[NNRT_MAX_SIZES];
    int64_t rows;
    double weight;         /* its share of the mean, times the number of shards */
    double *note;          /* loss and scalars of the statement where it stands */
    double *more;          /* gradients of the batches before, by statement: sums */
    double *sums, *mean;   /* of reports; its states, as numbers */
    unsigned char *states; /* what it has made of them */
} Shard;

typedef struct Backup { /* states and sums */
    unsigned char *states;
    double *sums;
} Backup;

struct Shards {
    const Exchange *x;
    int n, first, count; /* of which this process has some */
    int64_t total;       /* examples of the batch */
    Shard *shard;
    void *tree[MOST_LEVELS]; /* sums of subtrees of 1, 2, 4 ... shards that wait for the next one */
    Backup update, batch;    /* as it was in front of them */
    size_t state_bytes, sum_bytes, state_count;
    Pace *pace; /* by statement that a call begins with; the last one: of updates */
    Place update_place;
    double *record, *records; /* what a rank tells behind each part of a step, and what all told */
    size_t record_n;
    double *all_sums, *args; /* of all shards, and then of this process; of an update */
    int most_args;
    bool in_room; /* the train area */
    bool reads;   /* sums that others may still read */
    bool torn; /* an update of the step was made */
};

void *shards_states(const Run *r);
void *shards_sums(const Run *r);
/* The states of the model become the means of those of the shards, of integers those of shard 0. */
int shards_mean_states(Run *r);

#endif
