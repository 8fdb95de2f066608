/* SPDX-License-Identifier: MIT
 * start.c: a run begins and ends. */
#include "run/start.h"

#include <stdlib.h>
#include <string.h>

#include "base/store.h"
#include "dataset/parts.h"
#include "model/call.h"
#include "model/manifest.h"
#include "model/weights_load.h"
#include "run/best.h"
#include "run/checkpoint.h"
#include "run/configuration.h"
#include "run/evaluate.h"
#include "run/ranks.h"
#include "run/resume.h"
#include "run/shards.h"
#include "run/tell.h"
#include "run/validation.h"

/* What the checkpoints say of how the run began. The best so far was the best of one value. */
static int note_start(Run *r)
{
    char decides[sizeof r->s->decides] = "";
    if (r->decides >= 0)
        snprintf(decides, sizeof decides, "%s.%s", r->m->program->entry[r->check.entry]->name,
                 json_text(report_at(r->m, r->check.entry, r->decides), "name", "?"));
    if (r->s->decides[0] && strcmp(r->s->decides, decides)) r->at.has_best = false, r->at.stale = 0;
    Settings told = *r->s;
    snprintf(told.validate, sizeof told.validate, "%s", validation_name(r)); /* what "" stands for */
    r->begun = resume_text(r->m, &told, decides);
    return r->begun ? NNRT_OK : rt_no_memory();
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
    LoaderSpec spec = {.entry = r->entry, .part = r->s->part, .batch = r->s->batch, .shuffle = r->s->shuffle, .seed = (uint64_t)r->s->seed};
    spec.shards = r->shards ? (int)r->s->shards : 0;
    spec.first = shards_first(r, &spec.count);
    r->m->keeps_vocabs = false;
    int code = dataset_open(r->m, data, readers, &r->data);
    r->m->keeps_vocabs = true;
    if (!code) code = loader_open(r->data, &spec, &r->loader);
    if (code) return code;
    r->batches = loader_batches(r->loader);
    r->updates = (r->batches + r->s->accumulate - 1) / r->s->accumulate;
    if (r->s->steps > 0)
        r->total = r->s->steps;
    else if (__builtin_mul_overflow(r->s->epochs, r->updates, &r->total) || r->total >> 53)
        return rt_fail(NNRT_E_RANGE, "%s: %lld epochs of %lld updates are too many", r->name, (long long)r->s->epochs,
                       (long long)r->updates);
    return NNRT_OK;
}

/* A schedule over `steps` would not be the one of the updates that were made. */
static int check_length(const Run *r)
{
    if (!r->resumed_total || r->resumed_total == r->total || !json_int(rt_entry(r->m, r->entry), "reads_steps", 0)) return NNRT_OK;
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
        r->at = m->progress;
        r->resumed_total = r->at.steps;
        r->area->step = r->at.step;
        r->saved_step = r->at.step, r->saved_epoch = tell_epoch(r);
        return NNRT_OK;
    }
    code = evaluate_load(m, r->s);
    if (!code && m->ema) memcpy(m->ema, (char *)m->model + MODEL_HEAD, m->program->param_bytes);
    return code;
}

int run_start(Run *r, const nnrt_reader *const *readers)
{
    nnrt *m = r->m;
    r->check.entry = -1;
    r->saved_step = -1;
    int code = rt_threads(m, r->s->threads);
    rt_free(m->area[r->entry]); /* a run begins with fresh slots */
    m->area[r->entry] = NULL;
    m->seed = (uint64_t)r->s->seed;
    r->area = rt_area(m, r->entry);
    if (!r->area) return ranks_agree(m->exchange, NNRT_E_MEM);
    if (!code) code = values_new(m, r->entry, &r->now);
    if (!code) code = start_weights(r);
    if (!code) code = shards_start(r);
    if (!code) code = start_data(r, readers);
    if (!code) code = check_length(r);
    if (!code) code = validation_start(r, readers);
    if (!code) code = note_start(r);
    if (!code && r->s->accumulate > 1 && !r->shards) {
        r->more = rt_alloc((size_t)r->e->n_statements * (size_t)r->e->grad_count * sizeof(double));
        if (!r->more) code = NNRT_E_MEM;
    }
    if (!code && r->at.batch > r->batches)
        code = rt_fail(NNRT_E_RANGE,
                       "%s: \"batch\" is %lld, but an epoch has %lld batches: the data or the batch "
                       "size has changed, or the file is damaged",
                       r->s->resume, (long long)r->at.batch, (long long)r->batches);
    if (!code && r->loader) code = loader_seek(r->loader, r->at.epoch, r->at.batch);
    run_best_path(r);
    if (!code && r->s->save[0]) store_clean(r->best);
    if (!code) code = best_start(r);
    if (!code) code = run_try_saving(r);
    int other = r->check.entry >= 0 && json_int(rt_entry(m, r->check.entry), "derived_from", -1) < 0 ? r->check.entry : -1;
    if (!code) code = log_open(&r->log, m, r->entry, other, r->s, r->at.step);
    r->area->steps = r->total;
    if (!code) code = configuration_tell(r);
    if (!code && r->data) say_unused(r);
    code = ranks_agree(m->exchange, code);
    return code ? code : shards_meet(r);
}

void run_end(Run *r)
{
    if (r->begun) r->m->progress = *run_place(r);
    r->m->progress.run = NULL;
    log_close(&r->log);
    loader_close(r->loader);
    if (r->check.own_data) dataset_close(r->check.data);
    dataset_close(r->data);
    free(r->begun);
    rt_free(r->top);
    rt_free(r->more);
    shards_end(r);
    rt_free(r->now.at);
    rt_free(r->check.v.at);
    if (r->m->ema) { /* what follows in this process uses the averages */
        memcpy((char *)r->m->model + MODEL_HEAD, r->m->ema, r->m->program->param_bytes);
        rt_free(r->m->ema);
        r->m->ema = NULL;
    }
}
