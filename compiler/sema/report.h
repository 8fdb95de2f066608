/* SPDX-License-Identifier: MIT
 * report.h: report: scalars and metrics. */
#ifndef NNC_SEMA_REPORT_H
#define NNC_SEMA_REPORT_H

#include "sema/base/state.h"

void report_eval(Sema *s, const Stmt *stmt);
void report_goals(Sema *s); /* behind an evaluation of a body: of scalars, as far as it tells */

#endif
