/* SPDX-License-Identifier: MIT
 * shards.h: steps whose batches are divided into shards. */
#ifndef NNRT_RUN_SHARDS_H
#define NNRT_RUN_SHARDS_H

#include "run/state.h"

struct Show;
int shards_start(Run *r); /* behind the area, in front of the data */
int shards_meet(Run *r);  /* by all ranks, when all have started */
void shards_end(Run *r);
int shards_first(const Run *r, int *count); /* which of them this process has */
/* An update with k batches. RT_LOST: the step is undone, unless one of its updates was made: then it is torn. */
int shards_update(Run *r, int32_t k, const struct Show *show);

bool shards_torn(const Run *r);

#endif
