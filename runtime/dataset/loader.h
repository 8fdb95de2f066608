/* SPDX-License-Identifier: MIT
 * loader.h: the batches of a part, epoch after epoch, filled ahead by a thread where that pays. */
#ifndef NNRT_DATASET_LOADER_H
#define NNRT_DATASET_LOADER_H

#include "dataset/batch.h"

typedef struct Loader Loader;
typedef struct LoaderSpec {
    int entry;
    const char *part;
    int64_t batch;
    bool shuffle;
    uint64_t seed;
} LoaderSpec;

int loader_open(Dataset *d, const LoaderSpec *spec, Loader **out);
void loader_close(Loader *l);
int64_t loader_batches(const Loader *l); /* of an epoch; the same in all of them */
int loader_seek(Loader *l, int64_t epoch, int64_t batch);
int loader_next(Loader *l, Batch **batch); /* valid until the next call; goes on with the next epoch */

#endif
