/* SPDX-License-Identifier: MIT
 * pace.c: the way that was faster is taken; the other one is tried again now and then. */
#include "model/pace.h"

enum { PACE_TRIALS = 3, PACE_WAIT = 256, PACE_MOST_WAIT = 1 << 15 };

/* Where the user says how many threads, they are tried first, whatever the length of a call. */
const double pace_call = 150e-6; /* waking the others costs some of this */

bool pace_all(const nnrt *m, double worth, Pace *p)
{
    bool tried = p->n[1] >= PACE_TRIALS || (p->n[0] && p->n[1] && p->seconds[1] > 2 * p->seconds[0]);
    if (m->threads_fixed && !tried) return true;
    if (p->n[0] < PACE_TRIALS || p->seconds[0] < (m->threads_fixed ? 0 : worth)) return false;
    if (!tried) return true;
    bool all = p->seconds[1] < 0.95 * p->seconds[0];
    if (--p->until > 0) return all;
    if (p->wait < PACE_MOST_WAIT) p->wait = p->wait ? 2 * p->wait : PACE_WAIT;
    p->until = p->wait;
    return p->wait == PACE_WAIT ? all : !all; /* the first time only starts the count */
}

void pace_note(Pace *p, bool all, double seconds)
{
    double *mean = &p->seconds[all];
    if (p->n[all] == 0 || (p->n[all] < PACE_TRIALS && seconds < *mean))
        *mean = seconds; /* the first call may be slow */
    else
        *mean += 0.25 * (seconds - *mean);
    if (p->n[all] < PACE_TRIALS) p->n[all]++;
}
