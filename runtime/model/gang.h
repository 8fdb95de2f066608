/* SPDX-License-Identifier: MIT
 * gang.h: the threads of a process, all working on one call at a time. */
#ifndef NNRT_MODEL_GANG_H
#define NNRT_MODEL_GANG_H

#include "nnrt_types.h"

enum { RT_MOST_THREADS = 1024 };
typedef struct Pool Pool;
Pool *pool_new(int threads); /* 0: as many as this process may use */
void pool_free(Pool *pool);
const nnrt_host *pool_host(Pool *pool); /* NULL: the calling thread only */
int pool_default_threads(void);

#endif
