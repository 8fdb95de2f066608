/* SPDX-License-Identifier: MIT
 * config.c: values of flags that stand elsewhere: in --set NAME=VALUE, and in the file of --config, which a run wrote of
 * itself (run/configuration.c) or which is an object of names and values. What the command line gives wins. */
#include "cli/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/closest.h"
#include "base/store.h"

static bool is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0) return true;
    return false;
}

/* An option or a setting, not what the command itself is told. */
static Flag *find(Flags *flags, const char *name)
{
    static const char *const others[] = {"json", "quiet", "help", "config", "set", "resume", "dry_run", NULL};
    Flag *f = flags_find(flags, name);
    return f && !is_one_of(f->name, others) ? f : NULL;
}

static int unknown(Flags *flags, const char *from, const char *name)
{
    const char *names[FLAG_MOST], *close;
    int n = 0;
    for (int i = 0; i < flags->n; i++)
        if (find(flags, flags->at[i].name)) names[n++] = flags->at[i].name;
    close = closest_name(name, names, n);
    return rt_fail(RT_USAGE, "%s: there is no option or setting \"%.60s\"%s%s%s", from, name, close ? "; did you mean " : "",
                   close ? close : "", close ? "?" : "");
}

/* ---- --set */

static int take_sets(Flags *flags)
{
    const Flag *set = flags_find(flags, "set");
    for (int i = 0; set && i < set->n; i++) {
        const char *equal = strchr(set->value[i], '=');
        char name[64];
        if (!equal) return rt_fail(RT_USAGE, "--set needs NAME=VALUE, not \"%s\"", set->value[i]);
        snprintf(name, sizeof name, "%.*s", (int)(equal - set->value[i]), set->value[i]);
        Flag *f = find(flags, name);
        if (!f) return unknown(flags, "--set", name);
        int code = flag_give(f, equal + 1, NULL);
        if (code) return code;
    }
    return NNRT_OK;
}

/* ---- --config */

/* Of two that say the same in other ways, none is taken where the command line gives one. */
static bool is_given(Flags *flags, const Flag *f)
{
    static const char *const pairs[][2] = {{"epochs", "steps"}, {"patience", "early_stop"}};
    bool given = f->n > 0;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const Flag *a = flags_find(flags, pairs[i][0]), *b = flags_find(flags, pairs[i][1]);
        if (f == a || f == b) given |= (a->n && !a->from) || (b->n && !b->from);
    }
    return given || (flags_has(flags, "resume") && is_one_of(f->name, (const char *const[]){"load", "init", NULL}));
}

static const char *value_text(const Json *v, Flag *f)
{
    switch (v->kind) {
    case JSON_STRING: return v->text;
    case JSON_BOOL: return v->number != 0 ? "true" : "false";
    case JSON_NUMBER:
        if (!v->is_integer) return json_format_number(v->number, f->number, sizeof f->number);
        snprintf(f->number, sizeof f->number, "%lld", (long long)v->integer);
        return f->number;
    default: return NULL;
    }
}

static int take_value(Flags *flags, const Json *item, const char *path)
{
    const Json *v = item->kind == JSON_OBJECT ? json_get(item, "value") : item;
    Flag *f = find(flags, item->key);
    if (!f) return unknown(flags, path, item->key);
    if (v && v->kind == JSON_NULL) return NNRT_OK;
    const char *text = v ? value_text(v, f) : NULL;
    if (!text) return rt_fail(RT_USAGE, "%s: \"%.60s\" is no number, text or truth value", path, item->key);
    return is_given(flags, f) ? NNRT_OK : flag_give(f, text, path);
}

static int take_values(Flags *flags, const Json *list, const char *path)
{
    int code = NNRT_OK;
    for (const Json *item = json_first(list); item && !code; item = item->next)
        code = take_value(flags, item, path);
    return code;
}

/* What a run says of itself has these names; its settings and options are objects of theirs. */
static int check_keys(const Json *run, const char *path)
{
    static const char *const objects[] = {"settings", "options"};
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        const Json *o = json_get(run, objects[i]);
        if (o && o->kind == JSON_OBJECT) continue;
        return rt_fail(RT_USAGE, "%s: a run has \"settings\" and \"options\", each an object; its \"%s\" %s", path, objects[i],
                       o ? "is none" : "is missing");
    }
    return NNRT_OK;
}

/* What a run wrote of itself. */
static int check_run(const Cli *cli, const Json *run, const char *path)
{
    const char *entry = cli->program->entry[cli->entry]->name, *resumed = json_text(run, "resumed", NULL);
    char hash[24];
    if (!json_is(run, "entry", entry))
        return rt_fail(RT_USAGE, "%s is of a run of %s, not of %s", path, json_text(run, "entry", "?"), entry);
    if (resumed)
        return rt_fail(RT_USAGE,
                       "%s is of a run that went on from %s: --resume %s does that; the file beside it, of the run that began, makes "
                       "the whole run again",
                       path, resumed, resumed);
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)cli->program->hash);
    if (!json_is(run, "hash", hash))
        rt_remark(cli->m, "%s is of another program (hash %s): the run may differ", path, json_text(run, "hash", "?"));
    return NNRT_OK;
}

static int take_file(Cli *cli, const char *path)
{
    const char *error = NULL;
    char *text = NULL;
    size_t n = 0;
    int bad = store_text(path, true, &text, &n);
    if (bad) return rt_fail_system(bad, "%s: cannot read", path);
    Json *run = cli->config = json_parse(text, n, &error);
    free(text);
    if (!run) return rt_fail(json_code(error, RT_USAGE), "%s: this is no JSON: %s", path, error);
    if (run->kind != JSON_OBJECT) return rt_fail(RT_USAGE, "%s: an object of names and values is expected", path);
    if (!json_is(run, "event", "start")) return take_values(&cli->flags, run, path);
    int code = check_keys(run, path);
    if (!code) code = check_run(cli, run, path);
    if (!code) code = take_values(&cli->flags, json_get(run, "settings"), path);
    return code ? code : take_values(&cli->flags, json_get(run, "options"), path);
}

int config_take(Cli *cli)
{
    int code = take_sets(&cli->flags);
    const char *path = code ? NULL : flags_value(&cli->flags, "config");
    return path ? take_file(cli, path) : code;
}
