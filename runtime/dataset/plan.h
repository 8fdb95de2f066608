/* SPDX-License-Identifier: MIT
 * plan.h: the batches of one epoch, in order. */
#ifndef NNRT_DATASET_PLAN_H
#define NNRT_DATASET_PLAN_H

#include "dataset/dataset.h"

typedef struct Plan {
    int64_t *id, *start; /* batch b: id[start[b]] .. id[start[b + 1]] */
    int64_t n;           /* batches */
} Plan;
int plan_make(Dataset *d, const int64_t *ids, int64_t n, int64_t batch, bool shuffle, uint64_t seed, int64_t epoch, Plan *plan);
void plan_free(Plan *plan);

#endif
