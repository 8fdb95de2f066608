/* SPDX-License-Identifier: MIT
 * call.c: calls of entries, with their memory and threads. */
#include "model/call.h"

#include <string.h>

#include "base/clock.h"
#include "base/limit.h"
#include "model/explain.h"
#include "model/gang.h"
#include "model/pace.h"
#include "model/show.h"

enum { LITTLE = 1 << 20 }; /* bytes of work for which nobody asks how much memory there is: that takes longer than small calls */

/* What there is no room for is refused before anything is computed. (The system gives more than it has, and ends whoever fills it.) */
static int check_memory(const nnrt *m, int entry, size_t work)
{
    const nnrt_entry *e = m->program->entry[entry];
    uint64_t model = m->program->model_bytes, limit = limit_memory();
    uint64_t area = e->kind == NNRT_TRAIN_ENTRY ? e->train_bytes : e->kind == NNRT_EVAL_ENTRY ? e->sums_area : 0;
    if (work <= limit && model + area <= limit - work) return NNRT_OK;
    char text[5][LIMIT_TEXT];
    return rt_fail(NNRT_E_MEM, "%s takes %s of memory: the model %s%s%s%s%s; there are %s%s", e->name,
                   limit_text(text[0], model + area + work), limit_text(text[1], model),
                   e->kind == NNRT_TRAIN_ENTRY  ? ", gradients and what the optimizer keeps "
                   : e->kind == NNRT_EVAL_ENTRY ? ", sums "
                                                : "",
                   area ? limit_text(text[2], area) : "", work ? ", what it computes " : "", work ? limit_text(text[3], work) : "",
                   limit_text(text[4], limit), e->kind == NNRT_EXPORT_ENTRY || !work ? "" : "; a smaller --batch computes less at a time");
}

void *rt_area(nnrt *m, int entry)
{
    const nnrt_entry *e = m->program->entry[entry];
    if (m->area[entry] || e->kind == NNRT_EXPORT_ENTRY) return m->area[entry];
    bool train = e->kind == NNRT_TRAIN_ENTRY;
    void *area = check_memory(m, entry, 0) ? NULL : rt_alloc(train ? e->train_bytes : e->sums_area);
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

static int run_call(const nnrt *m, int entry, nnrt_call *call, const int64_t *sizes, void *const *args)
{
    const nnrt_program *p = m->program;
    int code = p->core->call(p, p->entry[entry], m->model, m->area[entry], call, sizes, args);
    return code ? explain_call(m, entry, call, sizes, code) : NNRT_OK;
}

/* A call of whoever runs the program, who may want to see its prints. */
static int run_shown(const nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args, void *work, size_t work_bytes,
                     const nnrt_host *host)
{
    nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = work_bytes, .options = m->options, .seed = seed, .host = host};
    Showing showing = {.lost = false};
    if (show_begin(&showing, m, entry, sizes, host)) call.host = &showing.watch.host;
    int code = run_call(m, entry, &call, sizes, args);
    return !code && showing.lost ? rt_no_memory() : code;
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

/* Conditions on sizes are tested before much memory is taken: a call without any ends behind them. */
static int check_sizes(const nnrt *m, int entry, const int64_t *sizes)
{
    const nnrt_program *p = m->program;
    nnrt_call call = {.size = sizeof call, .options = m->options};
    if (p->entry[entry]->kind != NNRT_EXPORT_ENTRY) return NNRT_OK;
    int code = p->core->call(p, p->entry[entry], m->model, NULL, &call, sizes, NULL);
    return code && code != NNRT_E_WORK ? explain_call(m, entry, &call, sizes, code) : NNRT_OK;
}

static int check_large(const nnrt *m, int entry, const int64_t *sizes, size_t work)
{
    int code = check_sizes(m, entry, sizes);
    return code ? code : check_memory(m, entry, work);
}

/* The memory of a call. */
static int prepare(nnrt *m, int entry, int threads, const int64_t *sizes, void **work, size_t *bytes)
{
    const nnrt_entry *e = m->program->entry[entry];
    if (e->kind != NNRT_EXPORT_ENTRY && !rt_area(m, entry)) return NNRT_E_MEM;
    if (e->kind == NNRT_EVAL_ENTRY) set_place(m, entry);
    size_t need = m->program->core->work(e, sizes, threads);
    if (need == SIZE_MAX) return explain_sizes(m, entry, sizes);
    int code = need > *bytes ? check_large(m, entry, sizes, need) : NNRT_OK;
    return code ? code : rt_block_of(work, bytes, need);
}

int rt_call_on(nnrt *m, const nnrt_host *host, int entry, const int64_t *sizes, void *const *args)
{
    int code = prepare(m, entry, host->threads, sizes, &m->work, &m->work_bytes);
    return code ? code : run_shown(m, entry, 0, sizes, args, m->work, m->work_bytes, host);
}

int rt_call_in(nnrt *m, Place *place, int entry, uint64_t seed, const int64_t *sizes, void *const *args)
{
    if (!m->pool && rt_threads(m, 0)) return NNRT_E_MEM;
    int failed = prepare(m, entry, pool_host(m->pool) ? pool_host(m->pool)->threads : 1, sizes, &place->work, &place->bytes);
    if (failed) return failed;
    bool all = pool_host(m->pool) && pace_all(m, pace_call, place->pace);
    double start = rt_now();
    int code = run_shown(m, entry, seed, sizes, args, place->work, place->bytes, all ? pool_host(m->pool) : NULL);
    if (pool_host(m->pool)) pace_note(place->pace, rt_now() - start);
    return code;
}

int rt_call(nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args)
{
    Place place = {m->work, m->work_bytes, &m->pace[entry]};
    int code = rt_call_in(m, &place, entry, seed, sizes, args);
    m->work = place.work;
    m->work_bytes = place.bytes;
    return code;
}

static int32_t is_known(const nnrt_float *gradient, int64_t n)
{
    (void)gradient, (void)n;
    return 1;
}

static void copy_as_finite(const nnrt_entry *e, nnrt_statement *known)
{
    for (int32_t k = 0; k < e->n_statements; k++) {
        known[k] = e->statement[k];
        for (int level = 0; level < NNRT_LEVELS; level++)
            known[k].finite[level] = is_known;
    }
}

/* The core finds gradients, and what looks at them, by the entry's tables. */
int rt_apply(nnrt *m, Place *place, int entry, int32_t statement, Gradient grad, const double *args)
{
    const nnrt_program *p = m->program;
    nnrt_entry here = *p->entry[entry], *e = &here;
    nnrt_statement known[e->n_statements + 1];
    if (grad.finite) copy_as_finite(e, known), e->statement = known;
    e->grad_offset = (uint64_t)((uintptr_t)grad.at - (uintptr_t)m->area[entry]);
    if (rt_block_of(&place->work, &place->bytes, sizeof(double) * (size_t)e->n_partials + NNRT_ALIGN)) return NNRT_E_MEM;
    nnrt_call call = {.size = sizeof call, .work = place->work, .work_bytes = place->bytes, .options = m->options};
    bool all = pool_host(m->pool) && pace_all(m, pace_call, place->pace);
    call.host = all ? pool_host(m->pool) : NULL;
    double start = rt_now();
    int code = p->core->apply(p, e, m->model, m->area[entry], &call, statement, args);
    if (pool_host(m->pool)) pace_note(place->pace, rt_now() - start);
    return code ? explain_call(m, entry, &call, NULL, code) : NNRT_OK;
}

/* By any thread, while others are in calls of their own: what a data field computes, and calls of an object, print nothing. */
int rt_call_export(const nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args, void **work, size_t *bytes)
{
    size_t need = m->program->core->work(m->program->entry[entry], sizes, 1);
    if (need == SIZE_MAX) return explain_sizes(m, entry, sizes);
    int code = need > *bytes && need > LITTLE ? check_large(m, entry, sizes, need) : NNRT_OK;
    if (!code) code = rt_block_of(work, bytes, need);
    if (code) return code;
    nnrt_call call = {.size = sizeof call, .work = *work, .work_bytes = need, .options = m->options, .seed = seed};
    return run_call(m, entry, &call, sizes, args);
}

int nnrt_call_export(const nnrt *m, int entry, uint64_t seed, const int64_t *sizes, void *const *args)
{
    void *work = NULL;
    size_t bytes = 0;
    int code = rt_call_export(m, entry, seed, sizes, args, &work, &bytes);
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
