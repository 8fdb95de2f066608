/* SPDX-License-Identifier: MIT
 * explain.h: what the core found wrong with a call, as the thread's error text. All return the code. */
#ifndef NNRT_MODEL_EXPLAIN_H
#define NNRT_MODEL_EXPLAIN_H

#include "model/model.h"

int explain_call(const nnrt *m, int entry, const nnrt_call *call, const int64_t *sizes, int code);
int explain_sizes(const nnrt *m, int entry, const int64_t *sizes); /* why there is no size of the work memory */
int rt_too_large(const nnrt *m, int entry, const int64_t *sizes);

#endif
