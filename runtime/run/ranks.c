/* SPDX-License-Identifier: MIT
 * ranks.c: the ranks of a distributed run go the same way. */
#include "run/ranks.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "model/gang.h"
#include "model/weights.h"
#include "run/checkpoint.h"
#include "run/shards.h"

static bool agreed;

bool ranks_agreed(void)
{
    return agreed;
}

void ranks_settle(const nnrt *m, Settings *s, char spare[RT_PATH])
{
    const Exchange *x = m->exchange;
    snprintf(spare, RT_PATH, "%s", s->save);
    if (!x) return;
    int each = pool_default_threads() / x->here;
    if (s->threads == 0) s->threads = each > 1 ? each : 1;
    if (x->rank == 0) return;
    s->save[0] = s->log[0] = s->tfevents[0] = 0;
    s->keep = s->keep_best = 0;
    s->quiet = true;
    s->stream = s->record = false;
}

int ranks_agree(const Exchange *x, int code)
{
    int64_t mine = code, all[RANKS_MOST];
    if (!x || code == RT_LOST) return code;
    agreed = true;
    int failed = x->gather(&mine, sizeof mine, all);
    for (int rank = 0; rank < x->ranks && !failed; rank++)
        if (all[rank]) return rank == x->rank ? code : RT_ELSEWHERE;
    return failed;
}

int ranks_most(const Exchange *x, int64_t *v, int n)
{
    enum { MOST = 5 };
    int64_t all[RANKS_MOST * MOST];
    if (!x) return NNRT_OK;
    int code = x->gather(v, sizeof *v * (size_t)n, all);
    for (int i = 0; i < x->ranks * n && !code; i++)
        if (all[i] > v[i % n]) v[i % n] = all[i];
    return code;
}

/* Others tell what has happened. */
static int quietly(void)
{
    return rt_fail(RT_LOST, "%s", "");
}

static void wait_a_moment(void)
{
    const struct timespec moment = {.tv_nsec = 5000000};
    nanosleep(&moment, NULL);
}

/* mpirun kills at once when one more rank has ended: those that do not write stay until the one that does has written. */
static int stay_behind(const Exchange *x, int writer)
{
    const double until = rt_now() + 3;
    while (x->is(writer) == RANK_HERE && rt_now() < until)
        wait_a_moment();
    return quietly();
}

static void wait_for_others(void)
{
    for (const double until = rt_now() + 0.2; rt_now() < until;)
        wait_a_moment();
}

static int save_spare(Run *r)
{
    return weights_save(r->m, r->spare, r->entry, run_place(r));
}

/* The first rank that lives writes. Whether one of another machine does is not known here: so the first of the second machine writes
 * too, the same bytes a little later, since it may be the first machine that was lost. */
int ranks_lost(Run *r)
{
    const Exchange *x = r->m->exchange;
    bool far = false;
    for (int rank = 0; rank < x->rank; rank++) {
        RankIs is = x->is(rank);
        if (is == RANK_HERE) return stay_behind(x, rank);
        far |= is == RANK_FAR;
    }
    if (far && x->rank / x->here > 1) return quietly();
    if (!r->spare[0]) return rt_fail(RT_LOST, "another rank of the run has ended; nothing is saved");
    if (shards_torn(r))
        return rt_fail(RT_LOST, "another rank of the run has ended within step %lld, between two of its updates; nothing was saved",
                       (long long)r->area->step);
    if (far) wait_for_others();
    int code = run_apart(r, save_spare);
    if (code || far) return code ? code : quietly();
    return rt_fail(RT_LOST, "another rank of the run has ended; saved %s at step %lld; --resume %s goes on", r->spare,
                   (long long)r->area->step, r->spare);
}
