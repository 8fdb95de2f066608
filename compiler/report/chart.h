/* SPDX-License-Identifier: MIT
 * chart.h: curves as SVG. Colours are those of a style sheet, for light and for dark; the lines of one run have its colour, or, where
 * there is one run only, training and validation have two. */
#ifndef NNC_REPORT_CHART_H
#define NNC_REPORT_CHART_H

#include "report/curves.h"

typedef enum { SCALE_AUTO, SCALE_LINEAR, SCALE_LOG } ChartScale;
typedef enum { OVER_STEPS, OVER_SECONDS } ChartOver;
typedef struct ChartOptions {
    int scale, over; /* ChartScale of the values, ChartOver */
    int width;
    int column; /* points of a long line are as many pixels apart; 0: one */
} ChartOptions;

extern const char chart_style[]; /* rules of CSS */

/* An element of a page: the legend and a panel. */
void chart_figure(Text *out, const Curves *curves, const char *measure, const ChartOptions *options);
/* A file: the legend and a panel for each measure. */
void chart_file(Text *out, const Curves *curves, const char *const *measures, uint32_t n, const ChartOptions *options);

#endif
