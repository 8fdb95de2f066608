/* SPDX-License-Identifier: MIT
 * best.h: --keep-best N: the checkpoints of the N best validations, STEM.best-step-120.safetensors. */
#ifndef NNRT_RUN_BEST_H
#define NNRT_RUN_BEST_H

#include "run/state.h"

int best_start(Run *r); /* a run that goes on has those of its earlier steps */
int best_keep(Run *r, double value); /* of the validation that was made now, if it is one of the best */

#endif
