/* SPDX-License-Identifier: MIT
 * progress.h: what a run shows: one redrawn line on a terminal, plain lines elsewhere. */
#ifndef NNRT_RUN_PROGRESS_H
#define NNRT_RUN_PROGRESS_H

#include "run/settings.h"

typedef struct Meter {
    bool terminal, drawn;
    double start, last; /* seconds, monotonic */
    const Settings *settings;
} Meter;
void meter_start(Meter *meter, const Settings *settings);
double meter_seconds(const Meter *meter);
bool meter_due(Meter *meter);                    /* time to redraw? */
void meter_draw(Meter *meter, const char *text); /* redraws the line */
void meter_line(Meter *meter, const char *text); /* a line that stays */
void meter_end(Meter *meter);

#endif
