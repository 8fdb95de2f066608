/* SPDX-License-Identifier: MIT
 * batch.h: the arguments of an entry for some examples. */
#ifndef NNRT_DATASET_BATCH_H
#define NNRT_DATASET_BATCH_H

#include "dataset/dataset.h"

typedef struct Batch { /* arguments of an entry for some examples */
    int64_t sizes[NNRT_MAX_SIZES];
    void *arg[NNRT_MAX_ARGS];
    size_t bytes[NNRT_MAX_ARGS];
    int64_t n, of; /* examples; of the whole batch, where this is a shard */
    void *ids; /* int64_t of the n examples: their numbers in the block */
    size_t id_bytes;
    const atomic_bool *stop; /* where it is set, what is being filled is of no use any more; NULL: always of use */
} Batch;
/* host: threads that help; NULL: none. */
int batch_fill(Dataset *d, int entry, const int64_t *ids, int64_t n, const nnrt_host *host, Batch *batch);
/* What is no finite number among the arguments, for a message: "iris.csv:7: nan is in x"; "" if all are. */
const char *batch_not_finite(Dataset *d, int entry, const Batch *batch, char *out, size_t n);
void batch_free(Batch *batch);
/* One field of some examples in batch->arg[0], and its shape, which begins with n. */
int dataset_field(Dataset *d, int field, const int64_t *ids, int64_t n, Batch *batch, int *rank, int64_t *dim);

#endif
