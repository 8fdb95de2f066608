/* SPDX-License-Identifier: MIT
 * resume.c: what a run was started with, kept in its checkpoint, and what `--resume` makes of it.
 *
 * A run that is resumed has the same bits as one that was not interrupted, so what decides them comes from the checkpoint: a flag
 * that says otherwise is an error, not a wish. How long it goes on, when it reports and where data files lie may be said anew. */
#include "run/resume.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/scan.h"
#include "model/options.h"
#include "model/weights_load.h"

/* ---- writing */

char *resume_text(const nnrt *m, const Settings *s, const char *decides)
{
    char value[40];
    Memory out;
    if (!memory_open(&out)) return memory_close(&out), NULL;
    FILE *f = out.f;
    fputc('{', f);
    for (int i = 0; i < N_SETTINGS; i++) {
        if (setting_table[i].use == RESUME_NEVER) continue;
        const char *text = setting_value(s, &setting_table[i], value);
        json_put(f, "", setting_table[i].name);
        if (setting_table[i].kind == SETTING_TEXT)
            json_put(f, ":", text);
        else
            fprintf(f, ":%s", text);
        fputc(',', f);
    }
    json_put(f, "\"decides\":", decides);
    fputs(",\"options\":{", f);
    for (const Json *o = json_list(m->manifest, "options"); o; o = o->next) {
        json_write_string(f, json_text(o, "name", "?"));
        json_put(f, ":", option_text(m, o, m->options, value));
        if (o->next) fputc(',', f);
    }
    fputs("}}", f);
    memory_close(&out);
    return out.text;
}

/* ---- reading */

static int differs(const Settings *s, const char *name, const char *mine, const char *saved)
{
    return rt_fail(RT_USAGE,
                   "%s is %s, but the run of %s has %s: --resume goes on as it began; --load %s takes "
                   "its weights for another run",
                   name, mine, s->resume, saved, s->resume);
}

static int unreadable(const Settings *s, const char *key)
{
    return rt_fail(NNRT_E_RANGE, "%s: \"%s\" of its run cannot be read", s->resume, key);
}

/* A setting of the file into s. False: it is of another kind. */
static bool read_setting(const Json *v, const Setting *set, Settings *s)
{
    char *at = (char *)s + set->at;
    bool yes = v->number != 0;
    if (set->kind == SETTING_INT && v->kind == JSON_NUMBER && v->is_integer)
        memcpy(at, &v->integer, sizeof v->integer);
    else if (set->kind == SETTING_NUMBER && v->kind == JSON_NUMBER)
        memcpy(at, &v->number, sizeof v->number);
    else if (set->kind == SETTING_BOOL && v->kind == JSON_BOOL)
        memcpy(at, &yes, sizeof yes);
    else if (set->kind == SETTING_TEXT && v->kind == JSON_STRING && strlen(v->text) < set->room)
        snprintf(at, set->room, "%s", v->text);
    else
        return false;
    return true;
}

static bool keeps_given(const Settings *s, SettingIndex i)
{
    if (setting_table[i].use == RESUME_LENGTH) return s->given[SET_epochs] || s->given[SET_steps];
    return s->given[i];
}

static int take_setting(const Json *run, SettingIndex i, Settings *s)
{
    const Setting *set = &setting_table[i];
    const Json *v = json_get(run, set->name);
    char before[40], number[40], mine[2 * RUN_NAME];
    if (!v || set->use == RESUME_NEVER) return NNRT_OK;
    if (keeps_given(s, i) && set->use != RESUME_SAME) return NNRT_OK;
    snprintf(mine, sizeof mine, "%s", setting_value(s, set, before));
    if (!read_setting(v, set, s)) return unreadable(s, set->name);
    const char *saved = setting_value(s, set, number);
    return s->given[i] && strcmp(mine, saved) ? differs(s, set->name, mine, saved) : NNRT_OK;
}

static int set_option(nnrt *m, const Json *o, int index, const char *text, const Settings *s)
{
    char *end = NULL;
    bool yes = strcmp(text, "true") == 0, truth = yes || strcmp(text, "false") == 0;
    if (json_is(o, "type", "string")) return option_set_text(m, index, text);
    double v = truth ? yes : number_read(text, &end);
    if (truth == json_is(o, "type", "bool") && (truth || (*text && !*end)) && option_store(m, o, v)) return NNRT_OK;
    return rt_fail(NNRT_E_RANGE, "%s: its run has \"%s\" for %s, which is no %s", s->resume, text, json_text(o, "name", "?"),
                   json_text(o, "type", "float"));
}

/* Given: by the command line, or by a C caller who changed the options struct. */
static bool option_is_given(const nnrt *m, const Json *o, int index)
{
    char mine[40], start[40];
    return m->option_given[index] || strcmp(option_text(m, o, m->options, mine), option_text(m, o, m->program->options, start)) != 0;
}

/* Texts name files, which may have moved. */
static int take_options(nnrt *m, const Json *saved, const Settings *s)
{
    int index = 0, code = NNRT_OK;
    if (saved && saved->kind != JSON_OBJECT) return unreadable(s, "options");
    for (const Json *o = json_list(m->manifest, "options"); o; o = o->next, index++) {
        const char *name = json_text(o, "name", "?"), *text = json_text(saved, name, NULL);
        char number[40];
        if (!text && json_get(saved, name)) return unreadable(s, name);
        if (!text) continue;
        const char *mine = option_text(m, o, m->options, number);
        if (!option_is_given(m, o, index))
            code = set_option(m, o, index, text, s);
        else if (!json_is(o, "type", "string") && strcmp(mine, text))
            return differs(s, name, mine, text);
        if (code) return code;
    }
    return NNRT_OK;
}

static int take_decides(const Json *run, Settings *s)
{
    const Json *v = json_get(run, "decides");
    if (!v) return NNRT_OK;
    if (v->kind != JSON_STRING || strlen(v->text) >= sizeof s->decides) return unreadable(s, "decides");
    snprintf(s->decides, sizeof s->decides, "%s", v->text);
    return NNRT_OK;
}

/* An object, of no more values than the settings and options of any program are. */
static Json *parse_run(char *text, const char **error)
{
    enum { MOST = 1 << 16 };
    Scan s = {.at = text, .end = text + strlen(text)};
    *error = "an object expected";
    return scan_is(&s, '{') ? json_parse_again(NULL, text, strlen(text), MOST, error) : NULL;
}

int resume_settings(nnrt *m, Settings *s)
{
    char *text = NULL;
    const char *error = NULL;
    if (s->load_given || s->init_given)
        return rt_fail(RT_USAGE, "--resume %s has the weights; --%s does not go with it", s->resume, s->load_given ? "load" : "init");
    if (!s->save_given) snprintf(s->save, sizeof s->save, "%s", s->resume);
    int code = weights_run(s->resume, &text);
    if (code || !text) return code;
    Json *run = parse_run(text, &error);
    if (!run) code = rt_fail(json_code(error, NNRT_E_RANGE), "%s: its run cannot be read: %s", s->resume, error);
    for (int i = 0; i < N_SETTINGS && !code; i++)
        code = take_setting(run, (SettingIndex)i, s);
    if (!code) code = take_options(m, json_get(run, "options"), s);
    if (!code) code = take_decides(run, s);
    json_free(run);
    free(text);
    return code;
}
