/* SPDX-License-Identifier: MIT
 * evaluate.c: evaluations. */
#include "run/evaluate.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "dataset/loader.h"
#include "model/call.h"
#include "model/manifest.h"
#include "model/show.h"
#include "model/weights_load.h"
#include "run/log.h"
#include "run/signals.h"

void evaluate_swap(nnrt *m)
{
    if (!m->ema) return;
    size_t n = m->program->param_bytes;
    char *a = (char *)m->model + MODEL_HEAD, *b = m->ema;
    for (size_t i = 0; i < n; i++) {
        char t = a[i];
        a[i] = b[i];
        b[i] = t;
    }
}

int64_t evaluate_batch_size(const nnrt *m, int entry)
{
    return json_int(rt_entry(m, entry), "batch_size", -1);
}

static void show_line(void *meter, const char *text)
{
    meter_line(meter, text);
}

/* Prints are shown in the first batch. */
static void show_first(nnrt *m, int entry, Show *show, Meter *meter)
{
    bool derived = json_int(rt_entry(m, entry), "derived_from", -1) >= 0;
    *show = (Show){.level = SHOW_ALL, .line = show_line, .user = meter};
    snprintf(show->when, sizeof show->when, "%s%s", derived ? "evaluation of " : "", m->program->entry[entry]->name);
    if (meter) m->show = show;
}

static void draw(Meter *meter, const char *name, int64_t done, int64_t of, double began)
{
    Memory line;
    if (!meter || !meter_due(meter)) return;
    if (memory_open(&line)) {
        fprintf(line.f, "%s batch %lld/%lld", name, (long long)done, (long long)of);
        meter_put_left(line.f, (rt_now() - began) / (double)done * (double)(of - done));
    }
    if (!memory_close(&line)) meter_draw(meter, line.text);
    free(line.text);
}

/* Until the end of the part, or a signal that ends the run. */
static int evaluate_rows(nnrt *m, int entry, Dataset *d, const Settings *s, const char *part, Meter *meter)
{
    Loader *l = NULL;
    LoaderSpec spec = {.entry = entry, .part = part, .batch = s->batch, .shuffle = s->shuffle, .seed = (uint64_t)s->seed};
    int code = loader_open(d, &spec, &l);
    int64_t n = code ? 0 : s->dry ? 1 : loader_batches(l);
    Show show;
    show_first(m, entry, &show, meter);
    double began = rt_now();
    for (int64_t i = 0; i < n && !code && !signals_stop(m); i++) {
        Batch *b = NULL;
        code = loader_next(l, &b);
        if (!code) code = rt_call(m, entry, (uint64_t)s->seed, b->sizes, b->arg);
        m->show = NULL;
        if (!code) draw(meter, m->program->entry[entry]->name, i + 1, n, began);
    }
    loader_close(l);
    return code;
}

static int evaluate_drawn(nnrt *m, int entry, const Settings *s, Meter *meter)
{
    Show show;
    int64_t sizes[NNRT_MAX_SIZES] = {0}, at = evaluate_batch_size(m, entry), n = s->steps > 0 ? s->steps : 1;
    void *args[NNRT_MAX_ARGS] = {0};
    int code = NNRT_OK;
    if (at >= 0) sizes[at] = s->batch;
    show_first(m, entry, &show, meter);
    double began = rt_now();
    for (int64_t i = 0; i < n && !code && !signals_stop(m); i++) {
        code = rt_call(m, entry, (uint64_t)s->seed, sizes, args);
        m->show = NULL;
        if (!code) draw(meter, m->program->entry[entry]->name, i + 1, n, began);
    }
    return code;
}

int evaluate_part(nnrt *m, int entry, Dataset *d, const Settings *s, const char *part, Values *v, Meter *meter)
{
    if (!rt_area(m, entry)) return NNRT_E_MEM;
    m->program->core->sum_clear(m->program, m->program->entry[entry], m->area[entry]);
    int code = d ? evaluate_rows(m, entry, d, s, part, meter) : evaluate_drawn(m, entry, s, meter);
    m->show = NULL;
    return code ? code : report_take(m, entry, false, v);
}

int evaluate_load(nnrt *m, const Settings *s)
{
    int code = NNRT_OK;
    if (s->init[0]) code = weights_load_mapped(m, s->init, true, s->map, s->layout);
    if (!code && s->load[0]) code = weights_load_mapped(m, s->load, false, s->map_given ? s->map : NULL, s->map_given ? s->layout : NULL);
    return code;
}

int run_evaluate(nnrt *m, int entry, const Settings *s, const nnrt_reader *const *readers, Values *v)
{
    int data = (int)json_int(rt_entry(m, entry), "data", -1);
    Dataset *d = NULL;
    Meter meter;
    int code = evaluate_load(m, s);
    m->keeps_vocabs = json_int(rt_entry(m, entry), "weights", 1); /* without weights the data itself may number them */
    if (!code) code = rt_threads(m, s->threads);
    if (!code && data >= 0) code = dataset_open(m, data, readers, &d);
    m->keeps_vocabs = true;
    meter_start(&meter, s);
    if (!code) code = evaluate_part(m, entry, d, s, s->part, v, &meter);
    meter_end(&meter);
    if (!code && s->log[0]) {
        Log log;
        Moment at = {"eval", m->progress.step, m->progress.epoch, meter_seconds(&meter)};
        code = log_open(&log, m, entry, -1, s, 0);
        if (!code) code = log_write(&log, &at, entry, v);
        log_close(&log);
    }
    dataset_close(d);
    return code;
}
