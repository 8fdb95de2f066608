/* SPDX-License-Identifier: MIT
 * show_runs.h: what runs reported, and what they were made with, on a page. */
#ifndef NNC_REPORT_SHOW_RUNS_H
#define NNC_REPORT_SHOW_RUNS_H

#include "report/gather.h"

void show_curves(Text *out, const Curves *curves); /* a chart for each measure, and their numbers */
void show_configuration(Text *out, const Found *run);

#endif
