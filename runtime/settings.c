/* SPDX-License-Identifier: MIT
 * settings.c: what a run does by the head of its entry, and what nnrt_run changes. */
#include <string.h>

#include "run.h"

static void head_path(const nnrt *m, const Json *head, const char *key, const char *otherwise,
                      char out[RUN_PATH])
{
    const Json *v = json_get(head, key);
    if (v && v->kind == JSON_ARRAY)
        rt_join(m, v, out, RUN_PATH);
    else if (v && v->kind == JSON_BOOL)
        out[0] = 0;
    else
        snprintf(out, RUN_PATH, "%s", otherwise);
}

int settings_from_head(const nnrt *m, int entry, Settings *s)
{
    const Json *e = rt_entry(m, entry), *head = json_get(e, "head");
    bool train = m->program->entry[entry]->kind == NNRT_TRAIN_ENTRY;
    char stem[RUN_PATH];
    *s = (Settings){.batch = json_int(head, "batch", 32),
                    .epochs = json_int(head, "epochs", 1),
                    .steps = json_int(head, "steps", 0),
                    .accumulate = json_int(head, "accumulate", 1),
                    .log_every = json_int(head, "log_every", 100),
                    .validate_every = json_int(head, "validate_every", 0),
                    .save_every = json_int(head, "save_every", 0),
                    .seed = (uint64_t)json_int(head, "seed", 0),
                    .shuffle = json_int(head, "shuffle", train) != 0,
                    .threads = (int)json_int(head, "threads", 0),
                    .ema = json_number(head, "ema", 0)};
    snprintf(stem, sizeof stem, "%s.safetensors", m->program->name);
    if (train) head_path(m, head, "save", stem, s->save);
    head_path(m, head, "load", "", s->load);
    head_path(m, head, "init", "", s->init);
    head_path(m, head, "log", m->program->name, s->log);
    snprintf(s->part, sizeof s->part, "%s", json_text(e, "part", "all"));
    if (strcmp(s->log, "none") == 0) s->log[0] = 0;
    return NNRT_OK;
}

void settings_from_run(Settings *s, const nnrt_run *run)
{
    if (!run) return;
    if (run->epochs) s->epochs = run->epochs, s->steps = 0;
    if (run->steps) s->steps = run->steps;
    if (run->batch) s->batch = run->batch;
    if (run->log_every) s->log_every = run->log_every;
    if (run->seed) s->seed = run->seed;
    if (run->threads) s->threads = run->threads;
    if (run->shuffle) s->shuffle = run->shuffle == 1;
    if (run->load) snprintf(s->load, sizeof s->load, "%s", run->load);
    if (run->save)
        snprintf(s->save, sizeof s->save, "%s", strcmp(run->save, "none") == 0 ? "" : run->save);
    if (run->resume) snprintf(s->resume, sizeof s->resume, "%s", run->resume);
    if (run->log)
        snprintf(s->log, sizeof s->log, "%s", strcmp(run->log, "none") == 0 ? "" : run->log);
    s->line = run->line;
    s->user = run->user;
}
