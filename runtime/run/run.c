/* SPDX-License-Identifier: MIT
 * run.c: the training loop and evaluations.
 *
 * Everything that decides a run follows from the checkpoint: weights, states, slots, step, place in
 * the epoch, sums of the open report. Batches and random numbers are functions of seed, epoch and
 * number, so a run that is resumed anywhere goes on with the same bits. */
#include "run/run.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/store.h"
#include "dataset/loader.h"
#include "model/call.h"
#include "model/manifest.h"
#include "model/weights.h"
#include "model/weights_load.h"

typedef struct Checker { /* validation */
    int entry;           /* -1: none */
    Dataset *data;
    bool own_data;
    char part[RUN_NAME];
    Values v;
} Checker;

typedef struct Run {
    nnrt *m;
    int entry;
    const nnrt_entry *e;
    const char *name;
    const Settings *s;
    char *begun; /* what it was started with, for its checkpoints */
    int64_t resumed_total; /* updates of the run that is resumed; 0: not known */
    Dataset *data;
    Loader *loader;
    int64_t batches, updates; /* of an epoch; 0 without data */
    int64_t total;            /* updates of the run */
    nnrt_train *area;
    double *more; /* gradients of a group */
    Progress at;
    Log log;
    Meter meter;
    Values now;
    Checker check;
    int decides;   /* report of the validation that tells which checkpoint is the best, or -1 */
    Better better; /* which way */
    char best[RUN_PATH + 32];
    int64_t saved_step, saved_epoch; /* of the last checkpoint; -1: none */
    double saved_at;                 /* seconds */
    bool stop;
    bool log_broken; /* the log could not be written: the run ends, but not without a checkpoint */
} Run;

/* ---- signals
 * -----------------------------------------------------------------------------------------------
 */

static volatile sig_atomic_t stop_signal, save_signal;
static int stopped_by;

static void on_signal(int number)
{
    if (number == SIGUSR2)
        save_signal = 1;
    else
        stop_signal = number;
}

static void watch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2};
    stop_signal = save_signal = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, old;
        if (numbers[i] == SIGINT)
            action.sa_flags |= (int)SA_RESETHAND; /* a second Ctrl-C ends the program at once */
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler == SIG_IGN &&
            (numbers[i] == SIGHUP || numbers[i] == SIGPIPE))
            continue; /* nohup */
        sigaction(numbers[i], &action, NULL);
    }
}

int run_stopped_by(void)
{
    return stopped_by;
}

/* ---- evaluation
 * ---------------------------------------------------------------------------------------------- */

/* Averaged weights take the place of the weights, and back. */
static void swap_weights(nnrt *m)
{
    if (!m->ema) return;
    size_t n = m->program->param_bytes;
    char *a = (char *)m->model + 64, *b = m->ema;
    for (size_t i = 0; i < n; i++) {
        char t = a[i];
        a[i] = b[i];
        b[i] = t;
    }
}

static int64_t batch_index(const nnrt *m, int entry)
{
    return json_int(rt_entry(m, entry), "batch_size", -1);
}

/* Until the end of the part, or a signal that ends the run. */
static int evaluate_rows(nnrt *m, int entry, Dataset *d, const Settings *s, const char *part,
                         Meter *meter)
{
    Loader *l = NULL;
    LoaderSpec spec = {entry, part, s->batch, s->shuffle, (uint64_t)s->seed};
    int code = loader_open(d, &spec, &l);
    int64_t n = code ? 0 : loader_batches(l);
    for (int64_t i = 0; i < n && !code && !stop_signal; i++) {
        Batch *b = NULL;
        code = loader_next(l, &b);
        if (!code) code = rt_call(m, entry, (uint64_t)s->seed, b->sizes, b->arg);
        if (!code && meter && meter_due(meter)) {
            char text[160];
            snprintf(text, sizeof text, "%s: batch %lld of %lld", m->program->entry[entry]->name,
                     (long long)i + 1, (long long)n);
            meter_draw(meter, text);
        }
    }
    loader_close(l);
    return code;
}

static int evaluate_drawn(nnrt *m, int entry, const Settings *s)
{
    int64_t sizes[NNRT_MAX_SIZES] = {0}, at = batch_index(m, entry);
    void *args[NNRT_MAX_ARGS] = {0};
    int code = NNRT_OK;
    if (at >= 0) sizes[at] = s->batch;
    for (int64_t i = 0; i < (s->steps > 0 ? s->steps : 1) && !code && !stop_signal; i++)
        code = rt_call(m, entry, (uint64_t)s->seed, sizes, args);
    return code;
}

static int evaluate(nnrt *m, int entry, Dataset *d, const Settings *s, const char *part, Values *v,
                    Meter *meter)
{
    if (!rt_area(m, entry)) return NNRT_E_MEM;
    m->program->core->sum_clear(m->program, m->program->entry[entry], m->area[entry]);
    int code = d ? evaluate_rows(m, entry, d, s, part, meter) : evaluate_drawn(m, entry, s);
    return code ? code : report_take(m, entry, false, v);
}

static int take_values(const nnrt *m, int entry, Values *v)
{
    v->at = rt_alloc(sizeof(double) * (size_t)(m->program->entry[entry]->n_report_values + 1));
    return v->at ? NNRT_OK : NNRT_E_MEM;
}

static int load_start(nnrt *m, const Settings *s)
{
    int code = NNRT_OK;
    if (s->init[0]) code = weights_load(m, s->init, true, -1);
    if (!code && s->load[0]) code = weights_load(m, s->load, false, -1);
    return code;
}

int run_evaluate(nnrt *m, int entry, const Settings *s, const nnrt_reader *const *readers,
                 Values *v)
{
    int data = (int)json_int(rt_entry(m, entry), "data", -1);
    Dataset *d = NULL;
    Meter meter;
    int code = load_start(m, s);
    m->keeps_vocabs = true;
    if (!code) code = rt_threads(m, s->threads);
    if (!code && data >= 0) code = dataset_open(m, data, readers, &d);
    meter_start(&meter, s);
    if (!code) code = evaluate(m, entry, d, s, s->part, v, &meter);
    meter_end(&meter);
    if (!code && s->log[0]) {
        Log log;
        Moment at = {"eval", m->progress.step, m->progress.epoch, meter_seconds(&meter)};
        code = log_open(&log, m, entry, -1, s->log, false, 0);
        if (!code) code = log_write(&log, &at, entry, v);
        log_close(&log);
    }
    dataset_close(d);
    return code;
}

/* ---- checkpoints
 * --------------------------------------------------------------------------------------------------
 */

/* An update may overflow, and no later loss tell of it. */
static int check_weights(const Run *r)
{
    const nnrt_program *p = r->m->program;
    const nnrt_statement *s = r->e->statement;
    for (int i = 0; i < p->n_tensors; i++) {
        const nnrt_tensor_info *t = &p->tensor[i];
        const void *at = (const char *)r->m->model + t->offset;
        if (t->is_state || r->e->n_statements == 0 || s->finite(at, t->padded)) continue;
        return rt_fail(NNRT_E_NUMERIC, "%s, step %lld: %s is not finite; nothing was saved",
                       r->name, (long long)r->area->step, t->name);
    }
    return NNRT_OK;
}

static const Progress *place(Run *r)
{
    r->at.step = r->area->step;
    r->at.seed = (uint64_t)r->s->seed;
    r->at.entry = r->entry;
    r->at.steps = r->total;
    r->at.run = r->begun;
    return &r->at;
}

static int save_to(Run *r, const char *path)
{
    int code = check_weights(r);
    return code ? code : weights_save(r->m, path, r->entry, place(r));
}

static int save(Run *r)
{
    if (!r->s->save[0]) return NNRT_OK;
    int code = save_to(r, r->s->save);
    if (!code) r->saved_step = r->at.step, r->saved_epoch = r->at.epoch, r->saved_at = run_now();
    return code;
}

/* A run must not find out after hours that it cannot save. */
static int try_saving(Run *r)
{
    if (!r->s->save[0]) return NNRT_OK;
    int code = check_weights(r);
    return code ? code : weights_try(r->m, r->s->save, r->entry, place(r));
}

static void best_path(Run *r)
{
    static const char end[] = ".safetensors";
    size_t n = strlen(r->s->save), k = sizeof end - 1;
    if (n > k && strcmp(r->s->save + n - k, end) == 0) n -= k;
    snprintf(r->best, sizeof r->best, "%.*s.best.safetensors", (int)n, r->s->save);
}

/* ---- start
 * ----------------------------------------------------------------------------------------------------------
 */

static int unknown_report(const Run *r)
{
    char names[600] = "";
    for (int i = 0; i < r->m->program->entry[r->check.entry]->n_reports; i++) {
        const Json *report = report_at(r->m, r->check.entry, i);
        size_t n = strlen(names);
        if (report_is_scalar(report))
            snprintf(names + n, sizeof names - n, "%s%s", n ? ", " : "",
                     json_text(report, "name", "?"));
    }
    return rt_fail(RT_USAGE, "--early-stop %s: the validation reports no such number, but %s",
                   r->s->decider, names[0] ? names : "none");
}

/* The report that decides which checkpoint is the best: the one that --early-stop names, else the
 * first. */
static int choose_report(Run *r)
{
    bool stops = r->s->patience > 0;
    r->decides = -1;
    if (r->check.entry < 0)
        return stops ? rt_fail(RT_USAGE, "--early-stop needs a validation: --validate PART")
                     : NNRT_OK;
    r->decides = r->s->decider[0] ? report_find(r->m, r->check.entry, r->s->decider)
                                  : report_first_scalar(r->m, r->check.entry);
    if (r->s->decider[0] &&
        (r->decides < 0 || !report_is_scalar(report_at(r->m, r->check.entry, r->decides))))
        return unknown_report(r);
    if (r->decides < 0)
        return stops ? rt_fail(RT_USAGE, "--early-stop: the validation reports no number") : NNRT_OK;
    const char *name = json_text(report_at(r->m, r->check.entry, r->decides), "name", "?");
    r->better = report_better(r->m, r->check.entry, r->decides);
    if (r->better != BETTER_UNKNOWN || (!stops && !r->s->save[0])) return NNRT_OK;
    return rt_fail(RT_USAGE,
                   "is more of %s better, or less? The program does not say which validation is the "
                   "best: write `report maximize %s = ...` or `report minimize %s = ...`",
                   name, name, name);
}

static int start_validation(Run *r, const nnrt_reader *const *readers)
{
    const Json *head = json_get(rt_entry(r->m, r->entry), "head");
    const char *part = json_text(head, "validate", NULL);
    r->check.entry = (int)json_int(head, "validate_entry", -1);
    if (strcmp(r->s->validate, "none") == 0) {
        r->check.entry = -1;
        part = NULL;
    } else if (r->s->validate[0]) {
        r->check.entry = rt_find_entry(r->m, r->s->validate, "eval");
        part = r->check.entry < 0 ? r->s->validate : NULL;
    }
    if (part) {
        snprintf(r->check.part, sizeof r->check.part, "%s", part);
        for (int i = 0; i < r->m->program->n_entries && r->check.entry < 0; i++)
            if (json_int(rt_entry(r->m, i), "derived_from", -1) == r->entry) r->check.entry = i;
    }
    int code = choose_report(r);
    if (code || r->check.entry < 0) return code;
    const Json *e = rt_entry(r->m, r->check.entry);
    if (!part) snprintf(r->check.part, sizeof r->check.part, "%s", json_text(e, "part", "all"));
    int data = (int)json_int(e, "data", -1),
        mine = (int)json_int(rt_entry(r->m, r->entry), "data", -1);
    code = take_values(r->m, r->check.entry, &r->check.v);
    if (code || data < 0) return code;
    if (data == mine) {
        r->check.data = r->data;
        return NNRT_OK;
    }
    r->check.own_data = true;
    return dataset_open(r->m, data, readers, &r->check.data);
}

/* What the checkpoints say of how the run began. The best so far was the best of one value. */
static int note_start(Run *r)
{
    char decides[sizeof r->s->decides] = "";
    if (r->decides >= 0)
        snprintf(decides, sizeof decides, "%s.%s", r->m->program->entry[r->check.entry]->name,
                 json_text(report_at(r->m, r->check.entry, r->decides), "name", "?"));
    if (r->s->decides[0] && strcmp(r->s->decides, decides)) r->at.has_best = false, r->at.stale = 0;
    r->begun = resume_text(r->m, r->s, decides);
    return r->begun ? NNRT_OK : rt_fail(NNRT_E_MEM, "out of memory");
}

/* Parts that add up to less than everything are rarely meant. */
static void say_unused(Run *r)
{
    int64_t unused = strcmp(r->s->part, "all") ? dataset_unused(r->data) : 0;
    char text[160];
    if (unused < 1) return;
    snprintf(text, sizeof text, "data %.60s: %lld of %lld examples are in no part", json_text(r->data->json, "name", "?"),
             (long long)unused, (long long)r->data->n[0]);
    meter_line(&r->meter, text);
}

static int start_data(Run *r, const nnrt_reader *const *readers)
{
    int data = (int)json_int(rt_entry(r->m, r->entry), "data", -1);
    if (data < 0) {
        r->total = r->s->steps > 0 ? r->s->steps : 1;
        return NNRT_OK;
    }
    LoaderSpec spec = {r->entry, r->s->part, r->s->batch, r->s->shuffle, (uint64_t)r->s->seed};
    r->m->keeps_vocabs = false;
    int code = dataset_open(r->m, data, readers, &r->data);
    r->m->keeps_vocabs = true;
    if (!code) code = loader_open(r->data, &spec, &r->loader);
    if (code) return code;
    say_unused(r);
    r->batches = loader_batches(r->loader);
    r->updates = (r->batches + r->s->accumulate - 1) / r->s->accumulate;
    if (r->s->steps > 0)
        r->total = r->s->steps;
    else if (__builtin_mul_overflow(r->s->epochs, r->updates, &r->total) || r->total >> 53)
        return rt_fail(NNRT_E_RANGE, "%s: %lld epochs of %lld updates are too many", r->name,
                       (long long)r->s->epochs, (long long)r->updates);
    return NNRT_OK;
}

/* A schedule over `steps` would not be the one of the updates that were made. */
static int check_length(const Run *r)
{
    if (!r->resumed_total || r->resumed_total == r->total ||
        !json_int(rt_entry(r->m, r->entry), "reads_steps", 0))
        return NNRT_OK;
    return rt_fail(RT_USAGE,
                   "the run of %s has %lld steps, which its step reads as `steps`: it cannot go on as "
                   "one of %lld; --load %s takes its weights for another run",
                   r->s->resume, (long long)r->resumed_total, (long long)r->total, r->s->resume);
}

static int start_weights(Run *r)
{
    nnrt *m = r->m;
    int code = NNRT_OK;
    if (r->s->ema > 0 && !m->ema) {
        m->ema = rt_alloc(m->program->param_bytes);
        if (!m->ema) return NNRT_E_MEM;
    }
    if (r->s->resume[0]) {
        code = weights_load(m, r->s->resume, false, r->entry);
        if (code) return code;
        if (!m->progress.valid || m->progress.entry != r->entry)
            return rt_fail(NNRT_E_ABI,
                           "%s: this checkpoint is not of a run of %s; --load takes its weights",
                           r->s->resume, r->name);
        r->at = m->progress;
        r->resumed_total = r->at.steps;
        r->area->step = r->at.step;
        r->saved_step = r->at.step, r->saved_epoch = r->at.epoch;
        return NNRT_OK;
    }
    code = load_start(m, r->s);
    if (!code && m->ema) memcpy(m->ema, (char *)m->model + 64, m->program->param_bytes);
    return code;
}

static int start(Run *r, const nnrt_reader *const *readers)
{
    nnrt *m = r->m;
    r->check.entry = -1;
    r->saved_step = -1;
    int code = rt_threads(m, r->s->threads);
    rt_free(m->area[r->entry]); /* a run begins with fresh slots */
    m->area[r->entry] = NULL;
    m->seed = (uint64_t)r->s->seed;
    r->area = rt_area(m, r->entry);
    if (!r->area) return NNRT_E_MEM;
    if (!code) code = take_values(m, r->entry, &r->now);
    if (!code) code = start_weights(r);
    if (!code) code = start_data(r, readers);
    if (!code) code = check_length(r);
    if (!code) code = start_validation(r, readers);
    if (!code) code = note_start(r);
    if (!code && r->s->accumulate > 1) {
        r->more = rt_alloc((size_t)r->e->n_statements * (size_t)r->e->grad_count * sizeof(double));
        if (!r->more) code = NNRT_E_MEM;
    }
    if (!code && r->at.batch > r->batches)
        code = rt_fail(NNRT_E_RANGE,
                       "%s: \"batch\" is %lld, but an epoch has %lld batches: the data or the batch "
                       "size has changed, or the file is damaged",
                       r->s->resume, (long long)r->at.batch, (long long)r->batches);
    if (!code && r->loader) code = loader_seek(r->loader, r->at.epoch, r->at.batch);
    best_path(r);
    if (!code && r->s->save[0]) store_clean(r->best);
    if (!code) code = try_saving(r);
    int other = r->check.entry >= 0 && json_int(rt_entry(m, r->check.entry), "derived_from", -1) < 0
                    ? r->check.entry
                    : -1;
    if (!code)
        code = log_open(&r->log, m, r->entry, other, r->s->log, r->s->resume[0] != 0, r->at.step);
    r->area->steps = r->total;
    return code;
}

static void end(Run *r)
{
    if (r->begun) r->m->progress = *place(r);
    r->m->progress.run = NULL;
    log_close(&r->log);
    loader_close(r->loader);
    if (r->check.own_data) dataset_close(r->check.data);
    dataset_close(r->data);
    free(r->begun);
    rt_free(r->more);
    rt_free(r->now.at);
    rt_free(r->check.v.at);
    if (r->m->ema) { /* what follows in this process uses the averages */
        memcpy((char *)r->m->model + 64, r->m->ema, r->m->program->param_bytes);
        rt_free(r->m->ema);
        r->m->ema = NULL;
    }
}

/* ---- reports
 * ----------------------------------------------------------------------------------------------------------
 */

static int64_t
epoch_shown(const Run *r) /* counted from 1; a finished epoch is still the current one */
{
    return r->at.epoch + (r->at.batch > 0);
}

static int say(Run *r, const char *what, int entry, const Values *v)
{
    Memory line;
    if (!memory_open(&line)) return memory_close(&line);
    FILE *f = line.f;
    if (r->data)
        fprintf(f, "epoch %lld/%lld, ", (long long)epoch_shown(r),
                (long long)((r->total + r->updates - 1) / r->updates));
    fprintf(f, "step %lld/%lld%s: ", (long long)r->area->step, (long long)r->total, what);
    report_scalars(f, r->m, entry, v->at);
    int code = memory_close(&line);
    if (!code) meter_line(&r->meter, line.text);
    free(line.text);
    return code;
}

static void warn_not_finite(Run *r, int entry, const Values *v)
{
    for (int i = 0; i < r->m->program->entry[entry]->n_reports; i++) {
        const Json *report = report_at(r->m, entry, i);
        double x = v->at[report_offset(r->m, entry, i)];
        char text[256];
        if (!report_is_scalar(report) || isfinite(x)) continue;
        snprintf(text, sizeof text, "warning: %s is %s", json_text(report, "name", "?"),
                 isnan(x) ? "nan" : "infinite");
        meter_line(&r->meter, text);
    }
}

static int write_report(Run *r, const char *event, const char *what, int entry, const Values *v)
{
    Moment at = {event, r->area->step, epoch_shown(r), meter_seconds(&r->meter)};
    int code = say(r, what, entry, v);
    warn_not_finite(r, entry, v);
    if (!code) code = log_write(&r->log, &at, entry, v);
    if (code == NNRT_E_IO) r->log_broken = r->stop = true;
    return code == NNRT_E_IO ? NNRT_OK : code;
}

static int report_interval(Run *r)
{
    int code = report_take(r->m, r->entry, true, &r->now);
    if (code || r->now.examples == 0) return code;
    return write_report(r, "train", "", r->entry, &r->now);
}

static void draw_progress(Run *r)
{
    Memory line;
    if (report_take(r->m, r->entry, false, &r->now) || !memory_open(&line)) return;
    FILE *f = line.f;
    double done = (double)r->area->step / (double)r->total, t = meter_seconds(&r->meter);
    int64_t left = done > 0 ? (int64_t)(t * (1 - done) / done) : 0;
    if (r->data) fprintf(f, "epoch %lld ", (long long)r->at.epoch + 1);
    fprintf(f, "step %lld/%lld %3.0f%% left %lld:%02lld  ", (long long)r->area->step,
            (long long)r->total, 100 * done, (long long)left / 60, (long long)left % 60);
    report_scalars(f, r->m, r->entry, r->now.at);
    if (!memory_close(&line)) meter_draw(&r->meter, line.text);
    free(line.text);
}

/* ---- validation
 * ---------------------------------------------------------------------------------------------------------
 */

static int judge(Run *r)
{
    int i = r->decides;
    if (i < 0 || r->better == BETTER_UNKNOWN) return NNRT_OK;
    double v = r->check.v.at[report_offset(r->m, r->check.entry, i)];
    double gain = r->better == BETTER_HIGHER ? v - r->at.best : r->at.best - v;
    if (isfinite(v) && (!r->at.has_best || gain > r->s->min_delta)) {
        r->at.best = v;
        r->at.has_best = true;
        r->at.stale = 0;
        return r->s->save[0] ? save_to(r, r->best) : NNRT_OK;
    }
    r->at.stale++;
    if (r->s->patience > 0 && r->at.stale >= r->s->patience) {
        char text[200];
        snprintf(text, sizeof text, "stopped early: no better %s in %lld validations",
                 json_text(report_at(r->m, r->check.entry, i), "name", "?"),
                 (long long)r->at.stale);
        meter_line(&r->meter, text);
        r->stop = true;
    }
    return NNRT_OK;
}

static int validate(Run *r)
{
    Settings s;
    if (r->check.entry < 0) return NNRT_OK;
    settings_from_head(r->m, r->check.entry, &s);
    s.seed = r->s->seed;
    r->m->progress = *place(r);
    swap_weights(r->m);
    int code =
        evaluate(r->m, r->check.entry, r->check.data, &s, r->check.part, &r->check.v, &r->meter);
    swap_weights(r->m);
    r->at.unchecked = stop_signal != 0; /* a run that goes on from here begins with it */
    if (code || r->at.unchecked) return code;
    code = write_report(r, "validate", ", validation", r->check.entry, &r->check.v);
    return code ? code : judge(r);
}

/* ---- the loop
 * -------------------------------------------------------------------------------------------------------------
 */

static int numeric_failure(Run *r)
{
    char saved[RUN_PATH + 64] = "", what[1400];
    snprintf(what, sizeof what, "%s", nnrt_error_text());
    if (r->saved_step >= 0)
        snprintf(saved, sizeof saved, " Last checkpoint: %s (epoch %lld, step %lld)",
                 r->s->save[0] ? r->s->save : r->s->resume, (long long)r->saved_epoch,
                 (long long)r->saved_step);
    return rt_fail(NNRT_E_NUMERIC, "%s.%s", what, saved);
}

static int one_batch(Run *r, int32_t group)
{
    int64_t sizes[NNRT_MAX_SIZES] = {0}, at = batch_index(r->m, r->entry);
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
    return code == NNRT_E_NUMERIC ? numeric_failure(r) : code;
}

/* Batches of one update; the last group of an epoch may be smaller. */
static int one_update(Run *r)
{
    int64_t left = r->loader ? r->batches - r->at.batch : r->s->accumulate;
    int32_t k = (int32_t)(left < r->s->accumulate ? left : r->s->accumulate);
    int code = NNRT_OK;
    r->area->epoch = r->at.epoch;
    for (int32_t i = 1; i <= k && !code; i++)
        code = one_batch(r, k == 1 ? 0 : i < k ? i : -k);
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
        const double *w = (const double *)(const void *)((const char *)m->model + 64);
        for (size_t i = 0; i < n; i++)
            a[i] = keep * a[i] + (1 - keep) * w[i];
    } else {
        float *a = m->ema;
        const float *w = (const float *)(const void *)((const char *)m->model + 64);
        for (size_t i = 0; i < n; i++)
            a[i] = (float)(keep * (double)a[i] + (1 - keep) * (double)w[i]);
    }
}

/* The checkpoint is written by now, if there is one. */
static int log_failure(Run *r)
{
    bool saved = r->s->save[0] && r->saved_step == r->area->step;
    return rt_fail(NNRT_E_IO, "%s, step %lld: %s%s: cannot write the log: %s", r->name,
                   (long long)r->area->step, saved ? "saved " : "nothing was saved",
                   saved ? r->s->save : "", strerror(r->log.error));
}

static void stop_by_signal(Run *r)
{
    stopped_by = stop_signal;
    r->stop = true;
}

/* What is due after an update: report, validation, checkpoint. The epoch's end is always due for
 * all of them. */
static int after_update(Run *r)
{
    int64_t step = r->area->step;
    bool epoch_end = r->loader && r->at.batch >= r->batches, last = step >= r->total;
    int64_t check_every = r->s->validate_every, save_every = r->s->save_every;
    int code = NNRT_OK;
    if (epoch_end || last || step % r->s->log_every == 0) code = report_interval(r);
    if (epoch_end) r->at.epoch++, r->at.batch = 0;
    if (!code && (last || (check_every > 0 ? step % check_every == 0 : epoch_end)))
        code = validate(r);
    bool due = save_every > 0
                   ? step % save_every == 0
                   : epoch_end && run_now() - r->saved_at > 1; /* short epochs: one a second */
    if (!code && (last || save_signal || r->stop || due)) {
        save_signal = 0;
        code = save(r);
    }
    if (!code && stop_signal) {
        if (r->saved_step != step) code = save(r);
        stop_by_signal(r);
    }
    return code || !r->log_broken ? code : log_failure(r);
}

/* The validation that the run before did not come to. */
static int catch_up(Run *r)
{
    if (!r->at.unchecked) return NNRT_OK;
    int code = validate(r);
    if (code) return code;
    if (!r->at.unchecked) return save(r);
    stop_by_signal(r);
    return NNRT_OK;
}

static int loop(Run *r)
{
    int code = catch_up(r);
    while (!code && !r->stop && r->area->step < r->total) {
        code = one_update(r);
        if (code) break;
        average_weights(r);
        code = after_update(r);
        if (!code && meter_due(&r->meter)) draw_progress(r);
    }
    return code;
}

/* After early stopping the best weights are the result. */
static int keep_best(Run *r)
{
    if (!(r->s->patience > 0 && r->at.stale >= r->s->patience) || !r->at.has_best || !r->s->save[0])
        return NNRT_OK;
    int code = weights_load(r->m, r->best, false, r->entry);
    if (code) return code;
    r->at = r->m->progress;
    r->area->step = r->at.step;
    return save(r);
}

static void say_end(Run *r)
{
    char text[2 * RUN_PATH + 160];
    bool best = r->at.has_best && r->s->save[0];
    if (stopped_by)
        snprintf(text, sizeof text, "stopped by a signal at step %lld; --resume %s goes on",
                 (long long)r->area->step, r->s->save[0] ? r->s->save : "(nothing was saved)");
    else if (r->s->save[0])
        snprintf(text, sizeof text, "saved %s%s%s", r->s->save,
                 best ? "; the best so far is in " : "", best ? r->best : "");
    else
        return;
    meter_line(&r->meter, text);
}

int run_fit(nnrt *m, int entry, const Settings *asked, const nnrt_reader *const *readers,
            Values *last)
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
             .log = {.json = -1, .csv = -1}};
    stopped_by = 0;
    stop_signal = save_signal = 0;
    meter_start(&r.meter, s);
    code = start(&r, readers);
    if (!code && s->signals) watch_signals();
    if (!code) code = loop(&r);
    if (!code) code = keep_best(&r);
    meter_end(&r.meter);
    stop_signal = 0; /* it was meant for this run */
    if (!code) say_end(&r);
    if (!code && last && last->at && r.now.at) {
        memcpy(last->at, r.now.at, sizeof(double) * (size_t)r.e->n_report_values);
        last->examples = r.now.examples;
    }
    end(&r);
    return code;
}

/* ---- the convenience layer
 * ------------------------------------------------------------------------------------------------------
 */

static void give_report(void *report, const Values *v, int n)
{
    if (!report) return;
    memcpy(report, v->at, sizeof(double) * (size_t)n);
    memcpy((double *)report + n, &v->examples, sizeof v->examples);
}

static int run_entry(nnrt *m, int entry, const nnrt_run *run, const nnrt_reader *const *readers,
                     void *report, bool train)
{
    Settings s;
    Values v = {0};
    int code = settings_from_head(m, entry, &s);
    settings_from_run(&s, run);
    s.quiet = !s.line;
    if (!train && (!run || !run->log)) s.log[0] = 0;
    if (!code) code = take_values(m, entry, &v);
    if (!code)
        code = train ? run_fit(m, entry, &s, readers, &v) : run_evaluate(m, entry, &s, readers, &v);
    if (!code) give_report(report, &v, m->program->entry[entry]->n_report_values);
    rt_free(v.at);
    return code;
}

int nnrt_fit(nnrt *m, int entry, const nnrt_run *run, const nnrt_reader *const *readers,
             void *report)
{
    return run_entry(m, entry, run, readers, report, true);
}

int nnrt_evaluate(nnrt *m, int entry, const nnrt_run *run, const nnrt_reader *const *readers,
                  void *report)
{
    return run_entry(m, entry, run, readers, report, false);
}
