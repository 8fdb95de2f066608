/* SPDX-License-Identifier: MIT
 * plan.c: the batches of an epoch. */
#include "dataset/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/permute.h"

int plan_make(Dataset *d, const int64_t *ids, int64_t n, int64_t batch, bool shuffle, uint64_t seed, int64_t epoch, Plan *plan)
{
    *plan = (Plan){.id = malloc(sizeof(int64_t) * (size_t)(n + 1)), .start = malloc(sizeof(int64_t) * (size_t)(n + 2))};
    int64_t *order = malloc(sizeof(int64_t) * (size_t)(n + 1));
    if (!plan->id || !plan->start || !order) return free(order), rt_no_memory();
    if (shuffle) rt_permute_all((uint64_t)n, seed * 0x10001 + (uint64_t)epoch + 1, order);
    for (int64_t i = 0; i < n; i++)
        order[i] = ids[shuffle ? order[i] : i];
    int64_t used = 0;
    plan->start[0] = 0;
    if (!d->buckets) {
        memcpy(plan->id, order, sizeof(int64_t) * (size_t)n);
        for (int64_t at = 0; at < n; at += batch)
            plan->start[++plan->n] = at + batch < n ? at + batch : n;
    } else { /* the next batch takes the first example left and those of its size */
        bool *taken = calloc((size_t)n + 1, 1);
        int64_t(*size)[8] = malloc(sizeof *size * (size_t)(n + 1));
        for (int64_t i = 0; taken && size && i < n; i++)
            dataset_sizes(d, order[i], size[i]);
        for (int64_t i = 0; taken && size && i < n; i++) {
            if (taken[i]) continue;
            for (int64_t j = i, k = 0; j < n && k < batch; j++) {
                if (taken[j] || memcmp(size[i], size[j], sizeof(int64_t) * (size_t)d->n_symbols)) continue;
                taken[j] = true;
                plan->id[used++] = order[j];
                k++;
            }
            plan->start[++plan->n] = used;
        }
        free(taken), free(size);
    }
    free(order);
    return NNRT_OK;
}

void plan_free(Plan *plan)
{
    free(plan->id), free(plan->start);
    *plan = (Plan){0};
}
