/* SPDX-License-Identifier: MIT
 * report.h: reported values as numbers and as text. */
#ifndef NNRT_RUN_REPORT_H
#define NNRT_RUN_REPORT_H

#include "model/model.h"

typedef struct Values { /* one report */
    double *at;         /* n_report_values of the entry */
    int64_t examples;
} Values;
int values_new(const nnrt *m, int entry, Values *v); /* rt_free v->at */

int report_take(nnrt *m, int entry, bool clear, Values *v); /* v->at has room for n_report_values */
void report_scalars(FILE *f, const nnrt *m, int entry, const double *values); /* "loss 0.25, accuracy 0.9" */
void report_scalar(FILE *f, const nnrt *m, int entry, int i, const double *values); /* report i: "loss 0.25" */
void report_tables(FILE *f, nnrt *m, int entry, const double *values); /* confusion matrices, values per class */
void report_json(FILE *f, const nnrt *m, int entry, const double *values, bool tensors); /* `,"loss":0.25` for every name */
const Json *report_at(const nnrt *m, int entry, int i);
int report_offset(const nnrt *m, int entry, int i); /* place of report i among the values */
int report_find(const nnrt *m, int entry, const char *name); /* -1 */
bool report_is_scalar(const Json *report);
int report_first_scalar(const nnrt *m, int entry);           /* -1 */
typedef enum { BETTER_UNKNOWN, BETTER_LOWER, BETTER_HIGHER } Better;
Better report_better(const nnrt *m, int entry, int i); /* as the program says */

#endif
