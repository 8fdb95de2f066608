/* SPDX-License-Identifier: MIT
 * call.h: calls of entries, with one thread or all, whatever is faster. Results are the same. */
#ifndef NNRT_MODEL_CALL_H
#define NNRT_MODEL_CALL_H

#include "model/model.h"

int rt_threads(nnrt *m, int threads); /* 0: as many as this process may use */
void *rt_area(nnrt *m, int entry);    /* train area or sums, made when first asked for */
int rt_call(nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args);
int rt_call_on(nnrt *m, const nnrt_host *host, int entry, const int64_t *sizes,
               void *const *args); /* all its threads, whatever is faster */
/* Re-entrant: in a workspace of the caller, which grows, on the calling thread; of the model it reads only what calls of entries do
 * not change. */
int rt_call_export(const nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args, void **work, size_t *bytes);

#endif
