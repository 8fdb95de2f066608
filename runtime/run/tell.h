/* SPDX-License-Identifier: MIT
 * tell.h: what a run reports: lines, log, progress. */
#ifndef NNRT_RUN_TELL_H
#define NNRT_RUN_TELL_H

#include "run/state.h"

int64_t tell_epoch(const Run *r); /* counted from 1; a finished epoch is still the current one */
int tell_report(Run *r, const char *event, const char *what, int entry, const Values *v);
int tell_interval(Run *r); /* since the last one */
void tell_checkpoint(Run *r, const char *path);
int tell_end(Run *r, int stopped_by); /* stopped_by: a signal, or 0 */
void tell_progress(Run *r); /* the redrawn line */

#endif
