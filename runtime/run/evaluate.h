/* SPDX-License-Identifier: MIT
 * evaluate.h: evaluations of a part of the data. */
#ifndef NNRT_RUN_EVALUATE_H
#define NNRT_RUN_EVALUATE_H

#include "dataset/dataset.h"
#include "run/progress.h"
#include "run/report.h"

/* All rows of s->part. */
int run_evaluate(nnrt *m, int entry, const Settings *s, const nnrt_reader *const *readers, Values *v);

/* One evaluation; d is NULL where the entry has no data, meter may be. Ends early by a signal. */
int evaluate_part(nnrt *m, int entry, Dataset *d, const Settings *s, const char *part, Values *v, Meter *meter);
int evaluate_load(nnrt *m, const Settings *s);               /* the weights that s->init and s->load name */
void evaluate_swap(nnrt *m);                                 /* averaged weights take the place of the weights, and back */
int64_t evaluate_batch_size(const nnrt *m, int entry);       /* the index of that size; -1: none */

#endif
