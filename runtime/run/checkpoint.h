/* SPDX-License-Identifier: MIT
 * checkpoint.h: the checkpoints of a run: the last, and the best. */
#ifndef NNRT_RUN_CHECKPOINT_H
#define NNRT_RUN_CHECKPOINT_H

#include "run/state.h"

const Progress *run_place(Run *r); /* where it stands now */
int run_save(Run *r);              /* to s->save, if it is wanted */
int run_save_best(Run *r);
int run_try_saving(Run *r); /* a run must not find out after hours that it cannot save */
size_t run_stem(const char *path); /* bytes of it without its ending */
void run_best_path(Run *r);
int run_keep_best(Run *r); /* after early stopping the best weights are the result */

#endif
