/* SPDX-License-Identifier: MIT
 * sample.h: a batch of an entry, from its data or drawn; what `bench` and `profile` call an entry with. */
#ifndef NNRT_COMMAND_SAMPLE_H
#define NNRT_COMMAND_SAMPLE_H

#include "cli/cli.h"
#include "dataset/loader.h"

typedef struct Sample {
    Dataset *data;
    Loader *loader;
    Batch *batch;
    Batch own;    /* of entries without data */
    char *states; /* as they were: a step may write them, and its loss may read them */
} Sample;

int sample_take(Cli *cli, int entry, int64_t rows, Sample *s);
void sample_drop(Sample *s);

/* The arguments of the command's entry: of a train or eval a batch of --batch rows of its data; of an export zeros, of the sizes that
 * the flags say. */
typedef struct Trial {
    Sample sample;
    const int64_t *sizes;
    void *const *args;
    int64_t rows;
    int64_t size[NNRT_MAX_SIZES];
    void *own[NNRT_MAX_ARGS];
} Trial;
void trial_flags(Cli *cli); /* --batch and the sizes of the entry */
int trial_open(Cli *cli, Trial *t);
void trial_close(Trial *t);

#endif
