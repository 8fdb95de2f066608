/* SPDX-License-Identifier: MIT
 * progress.h: what a run shows: one redrawn line on a terminal, plain lines elsewhere. */
#ifndef NNRT_RUN_PROGRESS_H
#define NNRT_RUN_PROGRESS_H

#include "run/settings.h"

typedef struct Mark { /* so many examples were done by then */
    double at;
    int64_t examples;
} Mark;
typedef struct Meter {
    bool bar, tty, silent, drawn;
    double start, last; /* seconds, monotonic; last: of the redrawn line */
    Mark done, mark[2]; /* speed is measured from the older mark on, some seconds ago */
    const Settings *settings;
} Meter;
void meter_start(Meter *meter, const Settings *settings);
double meter_seconds(const Meter *meter);
bool meter_due(Meter *meter); /* time to redraw? */
/* Redraws the line with as many of its fields as the terminal has room for: they stand apart by ", ", the most important one first. */
void meter_draw(Meter *meter, const char *text);
void meter_line(Meter *meter, const char *text); /* a line that stays */
void meter_end(Meter *meter);

/* What the line says of time. */
void meter_begin(Meter *meter);                               /* examples are counted from now on */
void meter_count(Meter *meter, int64_t examples);             /* were done */
void meter_rest(Meter *meter, double seconds);                /* in which no examples are counted */
void meter_put_left(FILE *f, double seconds);                 /* ", left 1:05"; nothing where it is not known */
void meter_put_speed(FILE *f, Meter *meter);                  /* ", 1200 examples/s" */

size_t meter_fit(const char *text, int columns); /* bytes of text that fit: whole fields, or a part of the first one */

#endif
