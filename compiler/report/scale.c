/* SPDX-License-Identifier: MIT
 * scale.c: axes of charts. */
#include "report/scale.h"

#include <float.h>
#include <math.h>

/* 1, 2 or 5 times a power of ten, so that a range has at most `wanted` of them. */
static double distance(double range, int wanted)
{
    double power = pow(10, floor(log10(range / wanted)));
    static const double steps[] = {1, 2, 5, 10};
    for (int i = 0; i < 4; i++)
        if (range / (steps[i] * power) <= wanted) return steps[i] * power;
    return 10 * power;
}

static void add(Scale *s, double v)
{
    if (s->n < MOST_TICKS) s->tick[s->n++] = v;
}

/* The ends are ticks. */
static void ticks_linear(Scale *s, bool whole, int wanted)
{
    double d = distance(s->high - s->low, wanted);
    if (whole && d < 1) d = 1;
    double first = floor(s->low / d + 1e-9), last = ceil(s->high / d - 1e-9);
    s->low = first * d, s->high = last * d;
    for (int i = 0; i < MOST_TICKS && first + i <= last; i++)
        add(s, (first + i) * d);
}

/* Powers of ten; 2 and 5 times these, too, where there are few; every second one or less, where they are many. */
static void ticks_log(Scale *s, int wanted)
{
    double low = log10(s->low), high = log10(s->high), room = 0.03 * (high - low);
    bool fine = high - low < wanted / 2.0;
    double every = fmax(1, ceil((high - low) / wanted));
    low -= room, high += room;
    s->low = pow(10, low), s->high = pow(10, high);
    for (double k = floor(low / every) * every; k <= high; k += every)
        for (double m = 1; m < 10; m += m == 2 ? 3 : m == 1 ? 1 : 5) {
            double v = m * pow(10, k);
            if ((m == 1 || fine) && v >= s->low && v <= s->high) add(s, v);
        }
}

#define LEAST 1e-290 /* less is 0: its ticks would have no digits */

Scale scale_make(double low, double high, bool log, bool whole, int wanted)
{
    low = fmax(low, -DBL_MAX / 4), high = fmin(high, DBL_MAX / 4);
    if (log) low = fmax(low, LEAST), high = fmax(high, 2 * LEAST);
    if (!(high - low > fmax(LEAST, 1e-12 * fmax(fabs(low), fabs(high))))) { /* a single number, or too near to it for ticks between */
        double around = fabs(low) < LEAST ? 1 : fabs(low) / 2;
        high = low + around;
        low -= log ? around / 2 : around;
    }
    Scale s = {.low = low, .high = high, .log = log, .to = 1};
    if (log)
        ticks_log(&s, wanted);
    else
        ticks_linear(&s, whole, wanted);
    return s;
}

double scale_at(const Scale *s, double v)
{
    v = fmin(fmax(v, s->low), s->high);
    double share = s->log ? log(v / s->low) / log(s->high / s->low) : (v - s->low) / (s->high - s->low);
    return s->from + (s->to - s->from) * share;
}
