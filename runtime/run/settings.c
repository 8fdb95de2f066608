/* SPDX-License-Identifier: MIT
 * settings.c: what a run does by the head of its entry, and what flags or nnrt_run change. */
#include "run/settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "model/manifest.h"
#include "model/options.h"

const Setting setting_table[N_SETTINGS] = {
#define AT(PLACE) offsetof(Settings, PLACE), sizeof((Settings *)0)->PLACE
#define SETTING(NAME, PLACE, KIND, USE, LEAST, MOST, OTHERWISE, UNSET, OF, WORD, HELP) \
    {#NAME, SETTING_##KIND, RESUME_##USE, AT(PLACE), LEAST, MOST, OTHERWISE, UNSET, FLAG_OF_##OF, WORD, HELP},
#include "run/settings.def"
};

const char *setting_value(const Settings *s, const Setting *set, char number[40])
{
    const char *at = (const char *)s + set->at;
    int64_t i = 0;
    double v = 0;
    switch (set->kind) {
    case SETTING_INT:
        memcpy(&i, at, sizeof i);
        snprintf(number, 40, "%lld", (long long)i);
        return number;
    case SETTING_NUMBER: memcpy(&v, at, sizeof v); return json_format_number(v, number, 40);
    case SETTING_BOOL: return *(const bool *)at ? "true" : "false";
    default: return at;
    }
}

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
    *s = (Settings){.shuffle = json_int(head, "shuffle", train) != 0, .threads = (int)json_int(head, "threads", 0)};
    for (const Setting *set = setting_table; set < setting_table + N_SETTINGS; set++) {
        int64_t whole = json_int(head, set->name, set->otherwise);
        double number = json_number(head, set->name, (double)set->otherwise);
        if (set->kind == SETTING_INT) memcpy((char *)s + set->at, &whole, sizeof whole);
        if (set->kind == SETTING_NUMBER) memcpy((char *)s + set->at, &number, sizeof number);
    }
    int code = rt_path(stem, "%s.safetensors", m->program->name);
    if (!code && train) code = head_path(m, head, "save", stem, s->save);
    if (!code) code = head_path(m, head, "load", "", s->load);
    if (!code) code = head_path(m, head, "init", "", s->init);
    if (!code) code = head_path(m, head, "map", "", s->map);
    snprintf(s->layout, sizeof s->layout, "%s", json_text(head, "layout", ""));
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
    take_int(s, SET_epochs, run->epochs, run->epochs != 0);
    take_int(s, SET_steps, run->steps, run->steps != 0);
    take_int(s, SET_batch, run->batch, run->batch != 0);
    take_int(s, SET_log_every, run->log_every, run->log_every != 0);
    take_int(s, SET_seed, (int64_t)run->seed, run->seed != 0);
    if (run->threads) s->threads = run->threads;
    if (run->shuffle) s->shuffle = run->shuffle == 1, s->given[SET_shuffle] = true;
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
    return i == SET_epochs || i == SET_steps || i == SET_validate_every || i == SET_save_every;
}

static int check_int(const char *entry, const Settings *s, SettingIndex i)
{
    const Setting *set = &setting_table[i];
    int64_t v;
    memcpy(&v, (const char *)s + set->at, sizeof v);
    if ((v >= set->least && v <= set->most) || (v == 0 && may_be_zero(i))) return NNRT_OK;
    return rt_fail(NNRT_E_RANGE, "%s: %s is %lld, but must be in %lld..%lld", entry, set->name, (long long)v, (long long)set->least,
                   (long long)set->most);
}

/* NAME:N or N; a `patience` that is given has its own N. */
static int read_early_stop(Settings *s)
{
    char *end = NULL;
    s->decider[0] = 0;
    if (!s->early_stop[0]) return NNRT_OK;
    const char *colon = strrchr(s->early_stop, ':'), *count = colon ? colon + 1 : s->early_stop;
    size_t n = colon ? (size_t)(colon - s->early_stop) : 0;
    int64_t most = *count >= '0' && *count <= '9' ? strtoll(count, &end, 10) : 0;
    if (!end || *end || most < 1 || most > MOST_UPDATES || (colon && n == 0) || n >= sizeof s->decider)
        return rt_fail(RT_USAGE, "--early-stop needs NAME:N, not \"%s\"", s->early_stop);
    if (s->given[SET_patience] && s->given[SET_early_stop]) return rt_fail(RT_USAGE, "give --patience N or --early-stop NAME:N, not both");
    memcpy(s->decider, s->early_stop, n);
    s->decider[n] = 0;
    if (!s->given[SET_patience])
        s->patience = most;
    else if (s->patience < 1) /* of the run that goes on nothing is left */
        s->early_stop[0] = s->decider[0] = 0;
    else
        snprintf(s->early_stop, sizeof s->early_stop, "%s%s%lld", s->decider, n ? ":" : "", (long long)s->patience);
    return NNRT_OK;
}

bool settings_time(const char *text, double *seconds)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"min", 60}, {"s", 1}};
    *seconds = 0;
    while (*text >= '0' && *text <= '9') {
        char *unit;
        double n = number_read(text, &unit), each = 0;
        size_t length = strspn(unit, "abcdefghijklmnopqrstuvwxyz");
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (strlen(units[i].name) == length && memcmp(unit, units[i].name, length) == 0) each = units[i].seconds;
        if (each == 0) return false;
        *seconds += n * each;
        text = unit + length;
    }
    return !*text && *seconds > 0 && isfinite(*seconds);
}

static int check_time(Settings *s)
{
    s->max_seconds = 0;
    if (!s->max_time[0] || settings_time(s->max_time, &s->max_seconds)) return NNRT_OK;
    return rt_fail(RT_USAGE, "--max-time needs a time as 90s, 10min or 1h30m, not \"%s\"", s->max_time);
}

static int check_progress(const Settings *s)
{
    static const char *const known[] = {"", "auto", "bar", "plain", "none"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(s->progress, known[i]) == 0) return NNRT_OK;
    return rt_fail(RT_USAGE, "--progress is auto, bar, plain or none, not \"%s\"", s->progress);
}

static int check_shards(const char *entry, const Settings *s)
{
    if (s->shards > 0 && (s->shards & (s->shards - 1)) == 0) return NNRT_OK;
    return rt_fail(NNRT_E_RANGE, "%s: shards is %lld, but must be a power of two: 1, 2, 4 ... 1024", entry, (long long)s->shards);
}

int settings_check(const char *entry, Settings *s)
{
    int code = read_early_stop(s);
    if (!code) code = check_progress(s);
    if (!code) code = check_time(s);
    for (int i = 0; i < N_SETTINGS && !code; i++)
        if (setting_table[i].kind == SETTING_INT) code = check_int(entry, s, (SettingIndex)i);
    if (!code) code = check_shards(entry, s);
    if (!code && !(s->ema >= 0 && s->ema < 1))
        code = rt_fail(NNRT_E_RANGE, "%s%sema is %g, but must be at least 0 and below 1", s->given[SET_ema] ? "" : entry,
                       s->given[SET_ema] ? "--" : ": ", s->ema);
    if (!code && !(s->min_delta >= 0 && isfinite(s->min_delta)))
        code = rt_fail(NNRT_E_RANGE, "--min_delta is %g, but must be at least 0 and finite", s->min_delta); /* only a flag sets it */
    return code;
}
