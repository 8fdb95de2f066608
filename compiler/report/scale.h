/* SPDX-License-Identifier: MIT
 * scale.h: an axis of a chart: numbers to places, and where its ticks stand. */
#ifndef NNC_REPORT_SCALE_H
#define NNC_REPORT_SCALE_H

#include <stdbool.h>
#include <stdint.h>

enum { MOST_TICKS = 24 };

typedef struct Scale {
    double low, high; /* the numbers at its ends; low < high */
    bool log;
    double from, to; /* the places of its ends */
    double tick[MOST_TICKS];
    int n;
} Scale;

/* For numbers in low..high (finite; positive, if log), with about `wanted` ticks; whole: between whole numbers there is none. */
Scale scale_make(double low, double high, bool log, bool whole, int wanted);
double scale_at(const Scale *s, double v);

#endif
