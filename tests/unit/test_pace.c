/* links: nnrt */
/* SPDX-License-Identifier: MIT
 * test_pace.c: one thread or all, chosen by what calls took. The times here are made up. */
#include <criterion/criterion.h>

#include "model/pace.h"

typedef double Times(bool all, int call); /* seconds of a call */

/* Of `calls` calls, how many took the way that costs less? */
static int chosen_well(Pace *p, bool fixed, bool better, int calls, Times *times)
{
    nnrt m = {.threads_fixed = fixed};
    int well = 0;
    for (int i = 0; i < calls; i++) {
        bool all = pace_all(&m, 150e-6, p);
        well += all == better;
        pace_note(p, times(all, i));
    }
    return well;
}

static double alone_or_half(bool all, int call)
{
    (void)call;
    return all ? 0.6e-3 : 1.1e-3;
}

static double short_calls(bool all, int call)
{
    (void)call;
    return all ? 60e-6 : 50e-6;
}

/* One in 100 is held up for as long as a time slice of the system. */
static double held_up_now_and_then(bool all, int call)
{
    return all && call % 100 == 99 ? 9.5e-3 : alone_or_half(all, call);
}

/* Both threads share a processor at first. */
static double slow_to_begin(bool all, int call)
{
    return all && call < 3 ? 9.5e-3 : alone_or_half(all, call);
}

/* Another program has a processor, for ever. */
static double busy(bool all, int call)
{
    return all && call % 2 ? 4e-3 : all ? 0.8e-3 : 1.1e-3;
}

static double busy_until_1000(bool all, int call)
{
    return call < 1000 ? busy(all, call) : alone_or_half(all, call);
}

Test(pace, takes_what_is_faster)
{
    Pace p = {0}, q = {0};
    cr_assert_geq(chosen_well(&p, true, true, 5000, alone_or_half), 4950);
    cr_assert_geq(chosen_well(&q, false, true, 5000, alone_or_half), 4950);
}

Test(pace, short_calls_wake_nobody)
{
    Pace p = {0};
    cr_assert_eq(chosen_well(&p, false, false, 5000, short_calls), 5000);
}

Test(pace, a_call_that_is_held_up_changes_nothing)
{
    Pace p = {0};
    cr_assert_geq(chosen_well(&p, true, true, 5000, held_up_now_and_then), 4900);
}

Test(pace, a_slow_beginning_is_forgotten)
{
    Pace p = {0};
    cr_assert_geq(chosen_well(&p, true, true, 5000, slow_to_begin), 4600);
}

Test(pace, a_busy_machine_has_one_thread)
{
    Pace p = {0};
    cr_assert_geq(chosen_well(&p, true, false, 5000, busy), 4800);
}

Test(pace, a_machine_that_is_free_again_has_all)
{
    Pace p = {0};
    cr_assert_geq(chosen_well(&p, true, true, 10000, busy_until_1000), 7500);
}
