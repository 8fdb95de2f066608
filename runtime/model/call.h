/* SPDX-License-Identifier: MIT
 * call.h: calls of entries, with one thread or all, whatever is faster. Results are the same. */
#ifndef NNRT_MODEL_CALL_H
#define NNRT_MODEL_CALL_H

#include "model/model.h"

int rt_threads(nnrt *m, int threads); /* 0: as many as this process may use */
void *rt_area(nnrt *m, int entry);    /* train area or sums, made when first asked for */
int rt_call(nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args);
typedef struct Place { /* where a call works: memory, which grows, and how fast it is with one thread and with all */
    void *work;
    size_t bytes;
    Pace *pace;
} Place;
int rt_call_in(nnrt *m, Place *place, int entry, uint64_t seed, const int64_t *sizes, void *const *args);
typedef struct Gradient { /* memory as that of a train area */
    const void *at;
    bool finite; /* it was looked at */
} Gradient;
/* The update of a statement (nnrt_core_apply). */
int rt_apply(nnrt *m, Place *place, int entry, int32_t statement, Gradient grad, const double *args);
int rt_call_on(nnrt *m, const nnrt_host *host, int entry, const int64_t *sizes,
               void *const *args); /* all its threads, whatever is faster */
/* Re-entrant: in a workspace of the caller, which grows, on the calling thread; of the model it reads only what calls of entries do
 * not change. */
int rt_call_export(const nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args, void **work, size_t *bytes);

#endif
