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
    int shards, first, count; /* each batch in so many parts, of which the caller gets some; 0: batches are whole */
} LoaderSpec;

int loader_open(Dataset *d, const LoaderSpec *spec, Loader **out);
void loader_close(Loader *l);
int64_t loader_batches(const Loader *l); /* of an epoch; the same in all of them */
int loader_seek(Loader *l, int64_t epoch, int64_t batch);
/* Valid until the next call; goes on with the next epoch. With shards these are `count` batches, which may be empty (n is 0). */
int loader_next(Loader *l, Batch **batch);
/* The first example of shard s of a batch of n: the first shards have one more, and empty ones are the last. */
int64_t loader_shard(int64_t n, int64_t s, int64_t shards);

#endif
