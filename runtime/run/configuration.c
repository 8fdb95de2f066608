/* SPDX-License-Identifier: MIT
 * configuration.c: what a run is made with, every option and setting with its value and where that came from. A value is
 * as a flag takes it, null where none is, so that `--config` makes the same run of the file. */
#include "run/configuration.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/store.h"
#include "model/gang.h"
#include "model/manifest.h"
#include "model/options.h"
#include "run/checkpoint.h"
#include "run/validation.h"

static const char *origin(const Run *r, const char *name, bool resumed)
{
    for (int i = 0; i < r->s->n_given; i++)
        if (strcmp(r->s->given_by[i].name, name) == 0) return r->s->given_by[i].from;
    return resumed && r->s->resume[0] ? "checkpoint" : "program";
}

/* A line of the file; text is NULL, a number or a truth value as it is, or a string. */
static void put(const Run *r, FILE *f, const char *name, const char *text, bool quoted, bool resumed)
{
    json_put(f, "\n    ", name);
    fputs(": {\"value\": ", f);
    if (text && quoted)
        json_write_string(f, text);
    else
        fputs(text ? text : "null", f);
    json_put(f, ", \"from\": ", origin(r, name, resumed));
    fputc('}', f);
}

/* As a flag takes it; NULL where it says nothing. */
static const char *effective(const Run *r, SettingIndex i, char text[3 * RUN_NAME])
{
    const Settings *s = r->s;
    bool whole = setting_table[i].kind == SETTING_INT;
    const char *value = setting_value(s, &setting_table[i], text);
    if (i == SET_validate) value = validation_name(r);
    if (i == SET_early_stop && *value)
        snprintf(text, 3 * RUN_NAME, "%s%s%lld", s->decider, s->decider[0] ? ":" : "", (long long)s->patience);
    if (i == SET_early_stop && *value) return text;
    if (i == SET_save_every && s->save_seconds > 0) return number_text(text, 3 * RUN_NAME, "%.9gs", s->save_seconds), text;
    if (i == SET_patience && s->early_stop[0]) return NULL; /* it is said there */
    if (i == SET_epochs && s->steps > 0) return NULL;
    return !*value || (whole && setting_table[i].least > 0 && strcmp(value, "0") == 0) ? NULL : value;
}

static void put_settings(const Run *r, FILE *f)
{
    const Settings *s = r->s;
    const struct {
        const char *name, *value;
    } files[] = {{"save", s->save}, {"load", s->load}, {"init", s->init}, {"log", s->log}};
    char text[3 * RUN_NAME];
    for (int i = 0; i < N_SETTINGS; i++) {
        const Setting *set = &setting_table[i];
        const char *value = effective(r, (SettingIndex)i, text);
        bool quoted = set->kind == SETTING_TEXT || (i == SET_save_every && s->save_seconds > 0) ||
                      (value && strlen(value) > 18); /* more digits than JSON is sure to keep */
        put(r, f, set->name, value, quoted, set->use != RESUME_NEVER);
        fputc(',', f);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        put(r, f, files[i].name, *files[i].value ? files[i].value : "none", true, false);
        fputc(',', f);
    }
    put(r, f, "map", *s->map ? s->map : NULL, true, false);
    fputc(',', f);
    put(r, f, "layout", *s->layout ? s->layout : NULL, true, false);
    fputc(',', f);
    snprintf(text, sizeof text, "%d", s->threads);
    put(r, f, "threads", text, false, false);
}

static void put_options(const Run *r, FILE *f)
{
    char number[40];
    for (const Json *o = json_list(r->m->manifest, "options"); o; o = o->next) {
        const char *text = option_text(r->m, o, r->m->options, number);
        put(r, f, json_text(o, "name", "?"), text, json_is(o, "type", "string"), true);
        if (o->next) fputc(',', f);
    }
}

static void put_data(const Dataset *d, FILE *f, bool *first)
{
    if (!d) return;
    json_put(f, *first ? "\n    {\"name\": " : ",\n    {\"name\": ", json_text(d->json, "name", "?"));
    fprintf(f, ", \"examples\": %lld, \"files\": [", (long long)(d->n[0] + d->n[1]));
    const char *last = "";
    for (int i = 0; i < 2 * MOST_READERS * d->n_fields; i++) {
        const DataField *field = &d->field[i / 2 / MOST_READERS];
        int k = i / 2 % MOST_READERS;
        const char *path = k >= field->n_readers ? NULL : i % 2 ? field->test_path[k] : field->spec[k].path;
        if (!path || !*path || strcmp(path, last) == 0) continue; /* fields of one file stand together */
        json_put(f, *last ? ", " : "", path);
        last = path;
    }
    fputs("]}", f);
    *first = false;
}

/* UTC; gmtime would look for the local time zone, too. Years begin in March, so that a leap day is the last one. */
static void put_time(FILE *f, int64_t seconds)
{
    int64_t days = seconds / 86400 + 719468, left = seconds % 86400; /* since 1 March of year 0 */
    int64_t era = days / 146097, day = days % 146097, year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    fprintf(f, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lldZ", (long long)(year + 400 * era + (month > 9)),
            (long long)(month > 9 ? month - 9 : month + 3), (long long)(of_year - (153 * month + 2) / 5 + 1), (long long)left / 3600,
            (long long)left / 60 % 60, (long long)left % 60);
}

static void put_head(const Run *r, FILE *f)
{
    const nnrt *m = r->m;
    json_put(f, "{\"event\": \"start\",\n  \"program\": ", m->program->name);
    fprintf(f, ", \"hash\": \"%016llx\"", (unsigned long long)m->program->hash);
    json_put(f, ", \"nnc\": ", json_text(m->manifest, "nnc", "?"));
    json_put(f, ",\n  \"entry\": ", r->name);
    fputs(", \"time\": \"", f);
    put_time(f, time(NULL));
    fprintf(f, "\", \"threads\": %d,\n  \"step\": %lld, \"steps\": %lld, ", pool_host(m->pool) ? pool_host(m->pool)->threads : 1,
            (long long)r->area->step, (long long)r->total);
    if (r->s->resume[0])
        json_put(f, "\"resumed\": ", r->s->resume);
    else
        fputs("\"resumed\": null", f);
}

static void put_configuration(const Run *r, FILE *f)
{
    bool first = true;
    put_head(r, f);
    fputs(",\n  \"settings\": {", f);
    put_settings(r, f);
    fputs("},\n  \"options\": {", f);
    put_options(r, f);
    fputs("},\n  \"data\": [", f);
    put_data(r->data, f, &first);
    if (r->check.own_data) put_data(r->check.data, f, &first);
    fputs("]}\n", f);
}

/* Beside the checkpoint, else the log. A run that goes on leaves the file of the one that it goes on with. */
static int write_file(const Run *r, const char *text, size_t n)
{
    char path[RT_PATH];
    const Settings *s = r->s;
    const char *end = s->resume[0] ? "resumed" : "run";
    int code = NNRT_OK;
    if (s->save[0])
        code = rt_path(path, "%.*s.%s.json", (int)run_stem(s->save), s->save, end);
    else if (s->log[0] && strcmp(s->log, "-"))
        code = rt_path(path, "%s.%s.%s.json", s->log, r->name, end);
    else
        return NNRT_OK;
    return code ? code : store_file(path, "cannot write what the run is made with", text, n);
}

/* The same in one line. */
static void put_event(const char *text)
{
    for (bool inside = false; *text; text++) {
        if (*text == '"') inside = !inside;
        if (inside && *text == '\\') putchar(*text++);
        if (inside || !strchr(" \n", *text)) putchar(*text);
    }
    putchar('\n');
    fflush(stdout);
}

int configuration_tell(Run *r)
{
    Memory out;
    if (!r->s->record) return NNRT_OK;
    if (memory_open(&out)) put_configuration(r, out.f);
    int code = memory_close(&out);
    if (code) return code;
    code = write_file(r, out.text, out.n);
    if (!code && r->s->stream) put_event(out.text);
    free(out.text);
    return code;
}
