/* SPDX-License-Identifier: MIT
 * pace.c: the way that was faster is taken; the other one is tried again now and then.
 *
 * A trial is some calls one behind the other, the fastest of which counts: the first ones have to wake threads and to fill caches.
 * Of the way that is taken a mean is kept, in which a single call that was held up counts little. Calls that are held up again and again
 * make it grow until the other way is taken. */
#include "model/pace.h"

enum { FEWEST_CALLS = 3, MOST_CALLS = 16, FIRST_WAIT = 256, LONGEST_WAIT = 1 << 15 };

static const double trial_time = 5e-3, rate = 0.1, held_up = 2, better = 0.95;

const double pace_call = 150e-6; /* waking the others costs some of this */

static void begin_trial(Pace *p, bool all)
{
    p->all = all;
    p->trial = 1;
    p->spent = 0;
}

/* Where the user says how many threads, they are tried first, whatever the length of a call. */
bool pace_all(const nnrt *m, double worth, Pace *p)
{
    bool first = m->threads_fixed;
    if (p->trial) return p->all;
    if (!p->known[first]) {
        begin_trial(p, first);
    } else if (!p->known[!first]) {
        if (first || p->seconds[0] >= worth) begin_trial(p, !first);
    } else if (--p->until <= 0) {
        if (p->wait < LONGEST_WAIT) p->wait *= 2;
        p->until = p->wait;
        begin_trial(p, !p->all);
    }
    return p->all;
}

static void choose(Pace *p)
{
    if (p->known[0] && p->known[1]) p->all = p->seconds[1] < better * p->seconds[0];
}

static void note_trial(Pace *p, double seconds)
{
    int calls = p->trial++;
    p->spent += seconds;
    if (calls == 1 || seconds < p->fastest) p->fastest = seconds;
    bool enough = calls >= FEWEST_CALLS && (calls >= MOST_CALLS || p->spent > trial_time);
    bool hopeless = calls > 1 && p->known[!p->all] && p->fastest > held_up * p->seconds[!p->all];
    if (!enough && !hopeless) return;
    p->seconds[p->all] = p->fastest;
    p->known[p->all] = true;
    p->trial = 0;
    if (!p->wait) p->until = p->wait = FIRST_WAIT;
    choose(p);
}

void pace_note(Pace *p, double seconds)
{
    double *mean = &p->seconds[p->all];
    if (p->trial) {
        note_trial(p, seconds);
        return;
    }
    *mean += rate * ((seconds < held_up * *mean ? seconds : held_up * *mean) - *mean);
    choose(p);
}
