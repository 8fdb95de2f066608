/* SPDX-License-Identifier: MIT
 * state.h: where a training run stands.
 *
 * Everything that decides a run follows from the checkpoint: weights, states, slots, step, place in the epoch, sums of the open
 * report. Batches and random numbers are functions of seed, epoch and number, so a run that is resumed anywhere goes on with the
 * same bits. */
#ifndef NNRT_RUN_STATE_H
#define NNRT_RUN_STATE_H

#include "dataset/loader.h"
#include "run/log.h"
#include "run/progress.h"

typedef struct Checker { /* validation */
    int entry;           /* -1: none */
    Dataset *data;
    bool own_data;
    char part[RUN_NAME];
    Values v;
} Checker;

typedef struct BestOne { /* a validation whose checkpoint stays */
    int64_t step;
    double value;
} BestOne;

typedef struct Shards Shards;
typedef struct Run {
    nnrt *m;
    int entry;
    const nnrt_entry *e;
    const char *name;
    const Settings *s;
    char spare[RT_PATH]; /* the checkpoint, also in ranks that write none */
    char *begun; /* what it was started with, for its checkpoints */
    int64_t resumed_total; /* updates of the run that is resumed; 0: not known */
    Dataset *data;
    Loader *loader;
    int64_t batches, updates; /* of an epoch; 0 without data */
    int64_t total;            /* updates of the run */
    nnrt_train *area;
    double *more; /* gradients of a group */
    Shards *shards; /* shards.h; NULL: a batch is one */
    Progress at;
    Log log;
    Meter meter;
    Values now;
    int64_t told; /* the step of the last interval, whose values are in `now` */
    int64_t from; /* the step that the loop began with, and when */
    double loop_at;
    Checker check;
    int decides;   /* report of the validation that tells which checkpoint is the best, or -1 */
    Better better; /* which way */
    char best[RT_PATH + 32];
    BestOne *top; /* of --keep-best, the best one first; NULL: not wanted */
    int n_top;
    bool alone; /* those of a run before are gone */
    int64_t saved_step, saved_epoch; /* of the last checkpoint; -1: none */
    double saved_at;                 /* seconds */
    bool shown; /* the prints of its first step */
    bool stop, timed_out;
    bool log_broken; /* the log could not be written: the run ends, but not without a checkpoint */
} Run;

#endif
