/* SPDX-License-Identifier: MIT
 * sample.h: a batch of an entry, from its data or drawn. */
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

#endif
