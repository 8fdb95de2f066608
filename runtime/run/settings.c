/* SPDX-License-Identifier: MIT
 * settings.c: what a run does by the head of its entry, and what flags or nnrt_run change; one table of names and ranges. */
#include "run/settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/manifest.h"
#include "model/options.h"

/* Counts of updates are exact in double precision, which logs and curves use; products of two do not overflow. */
#define MOST_UPDATES ((int64_t)1 << 53)

#define AT(field) offsetof(Settings, field), sizeof((Settings *)0)->field
const Setting setting_table[N_SETTINGS] = {
    [SET_BATCH] = {"batch", SETTING_INT, RESUME_SAME, AT(batch), 1, INT32_MAX},
    [SET_EPOCHS] = {"epochs", SETTING_INT, RESUME_LENGTH, AT(epochs), 1, INT32_MAX},
    [SET_STEPS] = {"steps", SETTING_INT, RESUME_LENGTH, AT(steps), 1, MOST_UPDATES},
    [SET_ACCUMULATE] = {"accumulate", SETTING_INT, RESUME_SAME, AT(accumulate), 1, INT32_MAX},
    [SET_SEED] = {"seed", SETTING_INT, RESUME_SAME, AT(seed), INT64_MIN, INT64_MAX},
    [SET_SHUFFLE] = {"shuffle", SETTING_BOOL, RESUME_SAME, AT(shuffle), 0, 1},
    [SET_EMA] = {"ema", SETTING_NUMBER, RESUME_SAME, AT(ema), 0, 1},
    [SET_ON] = {"on", SETTING_TEXT, RESUME_SAME, AT(part), 0, 0},
    [SET_LOG_EVERY] = {"log_every", SETTING_INT, RESUME_UNLESS_GIVEN, AT(log_every), 1, MOST_UPDATES},
    [SET_VALIDATE] = {"validate", SETTING_TEXT, RESUME_UNLESS_GIVEN, AT(validate), 0, 0},
    [SET_VALIDATE_EVERY] = {"validate_every", SETTING_INT, RESUME_UNLESS_GIVEN, AT(validate_every), 1, MOST_UPDATES},
    [SET_SAVE_EVERY] = {"save_every", SETTING_INT, RESUME_NEVER, AT(save_every), 1, MOST_UPDATES},
    [SET_EARLY_STOP] = {"early_stop", SETTING_TEXT, RESUME_UNLESS_GIVEN, AT(early_stop), 0, 0},
    [SET_MIN_DELTA] = {"min_delta", SETTING_NUMBER, RESUME_UNLESS_GIVEN, AT(min_delta), 0, INT64_MAX},
};

/* ---- the head */

static int head_path(const nnrt *m, const Json *head, const char *key, const char *otherwise, char out[RT_PATH])
{
    const Json *v = json_get(head, key);
    if (v && v->kind == JSON_ARRAY) return rt_join(m, v, out);
    return rt_path(out, "%s", v && v->kind == JSON_BOOL ? "" : otherwise);
}

int settings_file(char out[RT_PATH], const char *name)
{
    return name ? rt_path(out, "%s", strcmp(name, "none") == 0 ? "" : name) : NNRT_OK;
}

int settings_from_head(const nnrt *m, int entry, Settings *s)
{
    const Json *e = rt_entry(m, entry), *head = json_get(e, "head");
    bool train = m->program->entry[entry]->kind == NNRT_TRAIN_ENTRY;
    char stem[RT_PATH];
    *s = (Settings){.batch = json_int(head, "batch", 32),
                    .epochs = json_int(head, "epochs", 1),
                    .steps = json_int(head, "steps", 0),
                    .accumulate = json_int(head, "accumulate", 1),
                    .log_every = json_int(head, "log_every", 100),
                    .validate_every = json_int(head, "validate_every", 0),
                    .save_every = json_int(head, "save_every", 0),
                    .seed = json_int(head, "seed", 0),
                    .shuffle = json_int(head, "shuffle", train) != 0,
                    .threads = (int)json_int(head, "threads", 0),
                    .ema = json_number(head, "ema", 0)};
    int code = rt_path(stem, "%s.safetensors", m->program->name);
    if (!code && train) code = head_path(m, head, "save", stem, s->save);
    if (!code) code = head_path(m, head, "load", "", s->load);
    if (!code) code = head_path(m, head, "init", "", s->init);
    if (!code) code = head_path(m, head, "log", m->program->name, s->log);
    snprintf(s->part, sizeof s->part, "%s", json_text(e, "part", "all"));
    if (strcmp(s->log, "none") == 0) s->log[0] = 0;
    return code;
}

/* ---- nnrt_run */

static void take_int(Settings *s, SettingIndex i, int64_t value, bool given)
{
    if (!given) return;
    memcpy((char *)s + setting_table[i].at, &value, sizeof value);
    s->given[i] = true;
}

int settings_from_run(Settings *s, const nnrt_run *run)
{
    if (!run) return NNRT_OK;
    if (run->epochs) s->steps = 0;
    take_int(s, SET_EPOCHS, run->epochs, run->epochs != 0);
    take_int(s, SET_STEPS, run->steps, run->steps != 0);
    take_int(s, SET_BATCH, run->batch, run->batch != 0);
    take_int(s, SET_LOG_EVERY, run->log_every, run->log_every != 0);
    take_int(s, SET_SEED, (int64_t)run->seed, run->seed != 0);
    if (run->threads) s->threads = run->threads;
    if (run->shuffle) s->shuffle = run->shuffle == 1, s->given[SET_SHUFFLE] = true;
    s->load_given = run->load != NULL;
    s->save_given = run->save != NULL;
    s->line = run->line;
    s->user = run->user;
    int code = run->load ? rt_path(s->load, "%s", run->load) : NNRT_OK;
    if (!code) code = settings_file(s->save, run->save);
    if (!code && run->resume) code = rt_path(s->resume, "%s", run->resume);
    return code ? code : settings_file(s->log, run->log);
}

/* ---- ranges */

/* epochs and steps are 0 where the other one counts, the intervals where an epoch is meant. */
static bool may_be_zero(SettingIndex i)
{
    return i == SET_EPOCHS || i == SET_STEPS || i == SET_VALIDATE_EVERY || i == SET_SAVE_EVERY;
}

static int check_int(const char *entry, const Settings *s, SettingIndex i)
{
    const Setting *set = &setting_table[i];
    int64_t v;
    memcpy(&v, (const char *)s + set->at, sizeof v);
    if ((v >= set->least && v <= set->most) || (v == 0 && may_be_zero(i))) return NNRT_OK;
    return rt_fail(NNRT_E_RANGE, "%s: %s is %lld, but must be in %lld..%lld", entry, set->name,
                   (long long)v, (long long)set->least, (long long)set->most);
}

/* NAME:N or N */
static int read_early_stop(Settings *s)
{
    char *end = NULL;
    s->patience = 0;
    s->decider[0] = 0;
    if (!s->early_stop[0]) return NNRT_OK;
    const char *colon = strrchr(s->early_stop, ':'), *count = colon ? colon + 1 : s->early_stop;
    size_t n = colon ? (size_t)(colon - s->early_stop) : 0;
    s->patience = *count >= '0' && *count <= '9' ? strtoll(count, &end, 10) : 0;
    if (!end || *end || s->patience < 1 || s->patience > MOST_UPDATES || (colon && n == 0) || n >= sizeof s->decider)
        return rt_fail(RT_USAGE, "--early-stop needs NAME:N, not \"%s\"", s->early_stop);
    memcpy(s->decider, s->early_stop, n);
    s->decider[n] = 0;
    return NNRT_OK;
}

int settings_check(const char *entry, Settings *s)
{
    int code = read_early_stop(s);
    for (int i = 0; i < N_SETTINGS && !code; i++)
        if (setting_table[i].kind == SETTING_INT) code = check_int(entry, s, (SettingIndex)i);
    if (!code && !(s->ema >= 0 && s->ema < 1))
        code = rt_fail(NNRT_E_RANGE, "%s: ema is %g, but must be at least 0 and below 1", entry, s->ema);
    if (!code && !(s->min_delta >= 0 && isfinite(s->min_delta)))
        code = rt_fail(NNRT_E_RANGE, "%s: min_delta is %g, but must be at least 0 and finite", entry, s->min_delta);
    return code;
}
