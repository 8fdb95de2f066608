/* SPDX-License-Identifier: MIT
 * fit.c: the training loop. */
#include "run/fit.h"

#include <string.h>

#include "base/clock.h"
#include "model/call.h"
#include "model/show.h"
#include "run/checkpoint.h"
#include "run/evaluate.h"
#include "run/failure.h"
#include "run/ranks.h"
#include "run/resume.h"
#include "run/shards.h"
#include "run/signals.h"
#include "run/start.h"
#include "run/tell.h"
#include "run/validation.h"

static int stopped_by; /* signal that ended the last run, or 0 */

int run_stopped_by(void)
{
    return stopped_by;
}

static int one_batch(Run *r, int32_t group)
{
    int64_t sizes[NNRT_MAX_SIZES] = {0}, at = evaluate_batch_size(r->m, r->entry);
    void *none[NNRT_MAX_ARGS] = {0};
    Batch *b = NULL;
    int code = r->loader ? loader_next(r->loader, &b) : NNRT_OK;
    if (code) return code;
    if (!b && at >= 0) sizes[at] = r->s->batch;
    r->area->group = group;
    r->area->more = r->more;
    code = rt_call(r->m, r->entry, (uint64_t)r->s->seed, b ? b->sizes : sizes, b ? b->arg : none);
    r->area->group = 0;
    r->area->more = NULL;
    meter_count(&r->meter, b ? b->n : r->s->batch);
    return step_failure(r, b, code);
}

static bool report_due(const Run *r, int64_t step, bool epoch_end)
{
    return epoch_end || step >= r->total || r->s->dry || step % r->s->log_every == 0;
}

static void show_line(void *meter, const char *text)
{
    meter_line(meter, text);
}

/* Prints are shown in the first step of a run and in those behind which a report is due. */
static void show_step(Run *r, Show *show, int64_t batches)
{
    int64_t step = r->area->step + 1;
    bool epoch_end = r->loader && r->at.batch + batches >= r->batches;
    *show =
        (Show){.level = !r->shown || report_due(r, step, epoch_end) ? SHOW_ALL : SHOW_CONDITIONAL, .line = show_line, .user = &r->meter};
    snprintf(show->when, sizeof show->when, "step %lld", (long long)step - 1);
    r->shown = true;
}

/* Batches of one update; the last group of an epoch may be smaller. */
static int one_update(Run *r)
{
    int64_t left = r->loader ? r->batches - r->at.batch : r->s->accumulate;
    int32_t k = (int32_t)(left < r->s->accumulate ? left : r->s->accumulate);
    int code = NNRT_OK;
    Show show;
    r->area->epoch = r->at.epoch;
    show_step(r, &show, k);
    if (r->shards) code = shards_update(r, k, &show);
    for (int32_t i = 1; i <= k && !code && !r->shards; i++) {
        r->m->show = i == k ? &show : NULL;
        code = one_batch(r, k == 1 ? 0 : i < k ? i : -k);
    }
    r->m->show = NULL;
    if (!code && r->loader) r->at.batch += k;
    return code;
}

static void average_weights(Run *r)
{
    const nnrt *m = r->m;
    size_t n = m->program->param_bytes / m->program->float_bytes;
    double keep = r->s->ema;
    if (!m->ema) return;
    if (m->program->float_bytes == 8) {
        double *a = m->ema;
        const double *w = (const double *)(const void *)((const char *)m->model + MODEL_HEAD);
        for (size_t i = 0; i < n; i++)
            a[i] = keep * a[i] + (1 - keep) * w[i];
    } else {
        float *a = m->ema;
        const float *w = (const float *)(const void *)((const char *)m->model + MODEL_HEAD);
        for (size_t i = 0; i < n; i++)
            a[i] = (float)(keep * (double)a[i] + (1 - keep) * (double)w[i]);
    }
}

/* The checkpoint is written by now, if there is one. */
static int log_failure(Run *r)
{
    bool saved = r->s->save[0] && r->saved_step == r->area->step;
    return rt_fail_system(r->log.error, "%s, step %lld: %s%s: cannot write the log", r->name, (long long)r->area->step,
                          saved ? "saved " : "nothing was saved", saved ? r->s->save : "");
}

static void stop_by(Run *r, int why)
{
    stopped_by = why;
    r->stop = true;
}

/* To the rank that writes. */
static bool save_due(const Run *r, int64_t step, bool epoch_end)
{
    if (!r->s->save[0]) return false;
    double now = rt_now(), since = r->saved_at > r->loop_at ? r->saved_at : r->loop_at;
    if (r->s->save_seconds > 0) return now - since >= r->s->save_seconds;
    if (r->s->save_every > 0) return step % r->s->save_every == 0;
    return epoch_end && now - r->saved_at > 1; /* short epochs: one a second */
}

typedef struct Wishes { /* what a rank would do behind a step; all do what one of them would */
    int64_t stop, late, save, end, failure;
} Wishes;

static int hear_wishes(Run *r, int64_t step, bool epoch_end, int failure, Wishes *w)
{
    enum { ASKED = 1 << 20 };
    int stop = signals_stop(r->m);
    *w = (Wishes){.stop = stop == STOP_ASKED ? ASKED : stop, .end = r->stop, .failure = failure};
    w->save = failure ? 0 : signals_save() || save_due(r, step, epoch_end);
    w->late = r->s->max_seconds > 0 && meter_seconds(&r->meter) >= r->s->max_seconds;
    int code = ranks_most(r->m->exchange, &w->stop, (int)(sizeof *w / sizeof w->stop));
    if (w->stop == ASKED) w->stop = STOP_ASKED;
    r->stop |= w->end != 0;
    if (!code) code = failure;
    return code || !w->failure ? code : RT_ELSEWHERE;
}

/* What is due after an update: report, validation, checkpoint. The epoch's end is always due for
 * all of them. */
static int after_update(Run *r)
{
    int64_t step = r->area->step;
    bool epoch_end = r->loader && r->at.batch >= r->batches, last = step >= r->total || r->s->dry;
    int64_t check_every = r->s->validate_every;
    r->stop |= r->s->dry;
    int code = NNRT_OK;
    if (report_due(r, step, epoch_end)) code = tell_interval(r);
    if (epoch_end) r->at.epoch++, r->at.batch = 0;
    if (!code && (last || (check_every > 0 ? step % check_every == 0 : epoch_end))) code = validation_run(r);
    Wishes wish;
    code = hear_wishes(r, step, epoch_end, code, &wish);
    if (code) return code;
    bool all = wish.save || wish.stop || wish.late || last || r->stop;
    if (wish.save || last || r->stop) code = run_save(r);
    if (!code && wish.stop) {
        if (r->saved_step != step) code = run_save_apart(r);
        stop_by(r, (int)wish.stop);
    } else if (!code && !last && !r->stop && wish.late) {
        if (r->saved_step != step) code = run_save(r);
        r->stop = r->timed_out = true;
    }
    if (!code && r->log_broken) code = log_failure(r);
    return all ? ranks_agree(r->m->exchange, code) : code;
}

/* The validation that the run before did not come to. */
static int catch_up(Run *r)
{
    if (!r->at.unchecked) return NNRT_OK;
    int code = validation_run(r);
    if (code) return code;
    if (!r->at.unchecked) return ranks_agree(r->m->exchange, run_save(r));
    stop_by(r, signals_stop(r->m));
    return NNRT_OK;
}

static int loop(Run *r)
{
    int code = catch_up(r);
    r->from = r->told = r->area->step;
    r->loop_at = rt_now();
    meter_begin(&r->meter);
    while (!code && !r->stop && r->area->step < r->total) {
        code = one_update(r);
        if (code) break;
        average_weights(r);
        code = after_update(r);
        if (!code && meter_due(&r->meter)) tell_progress(r);
    }
    return code == RT_LOST ? ranks_lost(r) : code;
}

int run_fit(nnrt *m, int entry, const Settings *asked, const nnrt_reader *const *readers, Values *last)
{
    Settings own = *asked, *s = &own;
    int code = settings_check(m->program->entry[entry]->name, s);
    if (!code && s->resume[0]) code = resume_settings(m, s);
    if (!code) code = settings_check(m->program->entry[entry]->name, s);
    if (code) return code;
    Run r = {.m = m,
             .entry = entry,
             .e = m->program->entry[entry],
             .name = m->program->entry[entry]->name,
             .s = s,
             .log = {.json = -1, .csv = -1, .events = {-1, -1}}};
    ranks_settle(m, s, r.spare);
    stopped_by = 0;
    signals_clear(m);
    meter_start(&r.meter, s);
    code = run_start(&r, readers);
    if (!code && s->signals) signals_watch();
    if (!code) code = loop(&r);
    if (!code) code = run_keep_best(&r);
    meter_end(&r.meter);
    signals_clear(m); /* it was meant for this run */
    if (!code) code = tell_end(&r, stopped_by);
    if (!code && last && last->at && r.now.at) {
        memcpy(last->at, r.now.at, sizeof(double) * (size_t)r.e->n_report_values);
        last->examples = r.now.examples;
    }
    run_end(&r);
    return code;
}
