/* SPDX-License-Identifier: MIT
 * ranks.c: the ranks of a distributed run go the same way. */
#include "run/ranks.h"

#include <string.h>
#include <time.h>

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

/* Rank 0 writes; rank 1 does so too, the same bytes a little later, since it may be rank 0 that was lost. */
int ranks_lost(Run *r)
{
    const struct timespec later = {.tv_nsec = 200000000};
    int rank = r->m->exchange->rank;
    if (rank > 1) return quietly();
    if (!r->spare[0]) return rt_fail(RT_LOST, "another rank of the run has ended; nothing is saved");
    if (shards_torn(r))
        return rt_fail(RT_LOST, "another rank of the run has ended within step %lld, between two of its updates; nothing was saved",
                       (long long)r->area->step);
    if (rank == 1) nanosleep(&later, NULL);
    int code = weights_save(r->m, r->spare, r->entry, run_place(r));
    if (code || rank == 1) return code ? code : quietly();
    return rt_fail(RT_LOST, "another rank of the run has ended; saved %s at step %lld; --resume %s goes on", r->spare,
                   (long long)r->area->step, r->spare);
}
