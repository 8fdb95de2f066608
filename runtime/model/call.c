/* SPDX-License-Identifier: MIT
 * call.c: calls of entries, with their memory and threads. */
#include "model/call.h"

#include <string.h>

#include "base/clock.h"
#include "model/explain.h"
#include "model/gang.h"
#include "model/show.h"

void *rt_area(nnrt *m, int entry)
{
    const nnrt_entry *e = m->program->entry[entry];
    if (m->area[entry] || e->kind == NNRT_EXPORT_ENTRY) return m->area[entry];
    bool train = e->kind == NNRT_TRAIN_ENTRY;
    void *area = rt_alloc(train ? e->train_bytes : e->sums_area);
    if (!area) return NULL;
    if (train)
        m->program->core->train_init(m->program, e, area, m->seed);
    else
        m->program->core->sum_clear(m->program, e, area);
    return m->area[entry] = area;
}

int rt_threads(nnrt *m, int threads)
{
    if (threads > RT_MOST_THREADS)
        return rt_fail(NNRT_E_RANGE, "%d threads are wanted, but at most %d are possible", threads, RT_MOST_THREADS);
    pool_free(m->pool);
    m->pool = pool_new(threads);
    m->threads_fixed = threads > 0;
    return m->pool ? NNRT_OK : NNRT_E_MEM;
}

/* ---- one thread or all? Small entries are faster alone, and so is everything on a busy machine. */

enum { PACE_TRIALS = 3, PACE_WAIT = 256, PACE_MOST_WAIT = 1 << 15 };

/* Where the user says how many threads, they are tried first, whatever the length of a call. */
static bool use_all(const nnrt *m, Pace *p)
{
    const double worth = m->threads_fixed ? 0 : 150e-6; /* waking the others costs some of this */
    bool tried = p->n[1] >= PACE_TRIALS || (p->n[0] && p->n[1] && p->seconds[1] > 2 * p->seconds[0]);
    if (m->threads_fixed && !tried) return true;
    if (p->n[0] < PACE_TRIALS || p->seconds[0] < worth) return false;
    if (!tried) return true;
    bool all = p->seconds[1] < 0.95 * p->seconds[0];
    if (--p->until > 0) return all;
    if (p->wait < PACE_MOST_WAIT) p->wait = p->wait ? 2 * p->wait : PACE_WAIT;
    p->until = p->wait;
    return p->wait == PACE_WAIT ? all : !all; /* the first time only starts the count */
}

static void note_pace(Pace *p, bool all, double seconds)
{
    double *mean = &p->seconds[all];
    if (p->n[all] == 0 || (p->n[all] < PACE_TRIALS && seconds < *mean))
        *mean = seconds; /* the first call may be slow */
    else
        *mean += 0.25 * (seconds - *mean);
    if (p->n[all] < PACE_TRIALS) p->n[all]++;
}

static int run_call(const nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args, void *work, size_t work_bytes,
                    const nnrt_host *host)
{
    const nnrt_program *p = m->program;
    nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = work_bytes, .options = m->options, .seed = seed, .host = host};
    Showing showing;
    if (show_begin(&showing, m, entry, sizes, host)) call.host = &showing.watch.host;
    int code = p->core->call(p, p->entry[entry], m->model, m->area[entry], &call, sizes, args);
    return code ? explain_call(m, entry, &call, sizes, code) : NNRT_OK;
}

/* An evaluation knows where the run stands whose weights it evaluates. */
static void set_place(const nnrt *m, int entry)
{
    const nnrt_entry *e = m->program->entry[entry];
    int64_t *place = (int64_t *)(void *)((char *)m->area[entry] + e->batch_offset);
    place[1] = m->progress.step;
    place[2] = m->progress.epoch;
    place[3] = m->progress.steps > 0 ? m->progress.steps : 1;
}

/* The memory of a call. */
static int prepare(nnrt *m, int entry, int threads, const int64_t *sizes)
{
    const nnrt_entry *e = m->program->entry[entry];
    if (e->kind != NNRT_EXPORT_ENTRY && !rt_area(m, entry)) return NNRT_E_MEM;
    if (e->kind == NNRT_EVAL_ENTRY) set_place(m, entry);
    size_t need = m->program->core->work(e, sizes, threads);
    if (need == SIZE_MAX) return explain_sizes(m, entry, sizes);
    return rt_block_of(&m->work, &m->work_bytes, need);
}

int rt_call_on(nnrt *m, const nnrt_host *host, int entry, const int64_t *sizes, void *const *args)
{
    int code = prepare(m, entry, host->threads, sizes);
    return code ? code : run_call(m, entry, 0, sizes, args, m->work, m->work_bytes, host);
}

int rt_call(nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args)
{
    if (!m->pool && rt_threads(m, 0)) return NNRT_E_MEM;
    int failed = prepare(m, entry, pool_host(m->pool) ? pool_host(m->pool)->threads : 1, sizes);
    if (failed) return failed;
    Pace *pace = &m->pace[entry];
    bool all = pool_host(m->pool) && use_all(m, pace);
    double start = rt_now();
    int code = run_call(m, entry, seed, sizes, args, m->work, m->work_bytes, all ? pool_host(m->pool) : NULL);
    note_pace(pace, all, rt_now() - start);
    return code;
}

/* Re-entrant: its own workspace, on the calling thread; of the model it reads only what calls of entries do not change. */
int nnrt_call_export(const nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args)
{
    size_t need = m->program->core->work(m->program->entry[entry], sizes, 1);
    if (need == SIZE_MAX) return explain_sizes(m, entry, sizes);
    void *work = rt_alloc(need);
    if (!work) return NNRT_E_MEM;
    int code = run_call(m, entry, seed, sizes, args, work, need, NULL);
    rt_free(work);
    return code;
}

int nnrt_plan(nnrt *m, int entry, int64_t epoch, int64_t steps)
{
    nnrt_train *area = rt_area(m, entry);
    if (!area) return NNRT_E_MEM;
    if (epoch < 0 || steps < 1)
        return rt_fail(NNRT_E_RANGE, "epoch %lld of %lld steps: there is no such run", (long long)epoch, (long long)steps);
    area->epoch = epoch;
    area->steps = steps;
    return NNRT_OK;
}

int nnrt_step(nnrt *m, int entry, const int64_t *sizes, void *const *args, void *report)
{
    const nnrt_entry *e = m->program->entry[entry];
    int code = rt_call(m, entry, m->seed, sizes, args);
    if (code || !report) return code;
    double *values = report;
    int64_t examples = 0;
    code = m->program->core->report(m->program, e, m->area[entry], values, &examples, 1);
    memcpy(values + e->n_report_values, &examples, sizeof examples);
    return code;
}
