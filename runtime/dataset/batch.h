/* SPDX-License-Identifier: MIT
 * batch.h: the arguments of an entry for some examples. */
#ifndef NNRT_DATASET_BATCH_H
#define NNRT_DATASET_BATCH_H

#include "dataset/dataset.h"

typedef struct Batch { /* arguments of an entry for some examples */
    int64_t sizes[NNRT_MAX_SIZES];
    void *arg[NNRT_MAX_ARGS];
    size_t bytes[NNRT_MAX_ARGS];
    int64_t n;
} Batch;
int batch_fill(Dataset *d, int entry, const int64_t *ids, int64_t n, Batch *batch);
void batch_free(Batch *batch);
/* One field of some examples in batch->arg[0], and its shape, which begins with n. */
int dataset_field(Dataset *d, int field, const int64_t *ids, int64_t n, Batch *batch, int *rank, int64_t *dim);

#endif
