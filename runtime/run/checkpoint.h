/* SPDX-License-Identifier: MIT
 * checkpoint.h: the checkpoints of a run: the last, and the best. */
#ifndef NNRT_RUN_CHECKPOINT_H
#define NNRT_RUN_CHECKPOINT_H

#include "run/state.h"

const Progress *run_place(Run *r); /* where it stands now */
int run_save(Run *r);              /* to s->save, if it is wanted */
/* In a process of its own, which goes on where this one is killed: mpirun gives those that it ends little time. A save that fails
 * there is made again here, for its error. */
int run_apart(Run *r, int (*save)(Run *r));
int run_save_apart(Run *r); /* run_save, of a distributed run */
int run_save_best(Run *r);
int run_save_to(Run *r, const char *path);
int run_try_saving(Run *r); /* a run must not find out after hours that it cannot save */
size_t run_stem(const char *path); /* bytes of it without its ending */
void run_best_path(Run *r);
/* Those that stay beside the last one, STEM.KIND-STEP.safetensors: their name; and how many of steps up to `most` there are (free
 * *steps), or - an error's code. */
int kept_path(const Run *r, const char *kind, int64_t step, char path[RT_PATH]);
int kept_steps(const Run *r, const char *kind, int64_t most, int64_t **steps);
int kept_remove(const Run *r, const char *kind, int64_t step);
int run_keep_best(Run *r); /* after early stopping the best weights are the result */

#endif
