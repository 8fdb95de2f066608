/* SPDX-License-Identifier: MIT
 * fit.h: training runs. */
#ifndef NNRT_RUN_FIT_H
#define NNRT_RUN_FIT_H

#include "data/reader.h"
#include "run/report.h"
#include "run/settings.h"

int run_fit(nnrt *m, int entry, const Settings *s, const nnrt_reader *const *readers, Values *last); /* last may be NULL */
int run_stopped_by(void); /* signal that ended the last run, or 0 */

#endif
