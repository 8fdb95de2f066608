/* SPDX-License-Identifier: MIT
 * validation.h: validation of a run, and which checkpoint is the best. */
#ifndef NNRT_RUN_VALIDATION_H
#define NNRT_RUN_VALIDATION_H

#include "run/state.h"

int validation_start(Run *r, const nnrt_reader *const *readers);
int validation_run(Run *r);
const char *validation_name(const Run *r); /* its part or eval block, or "none"; "": as the head says */

#endif
