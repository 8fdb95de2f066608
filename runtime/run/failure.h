/* SPDX-License-Identifier: MIT
 * failure.h: a step that cannot go on. */
#ifndef NNRT_RUN_FAILURE_H
#define NNRT_RUN_FAILURE_H

#include "run/state.h"

/* What is wrong, and what there is to go on with; b: its batch, or NULL. Returns the code. */
int step_failure(Run *r, const Batch *b, int code);

#endif
