/* SPDX-License-Identifier: MIT
 * plot.h: `nnc plot`: the logs of runs as one picture. */
#ifndef NNC_REPORT_PLOT_H
#define NNC_REPORT_PLOT_H

#include "report/chart.h"

typedef struct PlotOptions {
    const char *measures; /* names with commas between them; NULL: all */
    ChartOptions chart;
} PlotOptions;

/* Adds an SVG file. NULL, or what is wrong; *status is then 1 (a file is no log, or has no such measure) or 3 (cannot be read). */
const char *plot_files(Text *out, const char *const *paths, uint32_t n, const PlotOptions *options, int *status);

#endif
