/* SPDX-License-Identifier: MIT
 * train.c: train and eval. */
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "command/dry.h"
#include "command/worst.h"
#include "model/manifest.h"
#include "model/vocab.h"
#include "run/evaluate.h"
#include "run/fit.h"

/* What `nnc --lean` leaves out (emit_commands). */
#pragma weak worst_tell
#pragma weak dry_run

static int refuse_left_out(Cli *cli)
{
    const char *flag = !worst_tell && flags_has(&cli->flags, "worst")  ? "worst"
                       : !dry_run && flags_has(&cli->flags, "dry_run") ? "dry-run"
                                                                       : NULL;
    return flag ? rt_fail(RT_USAGE, "--%s is not in this program: it was made by `nnc --lean`", flag) : NNRT_OK;
}

/* What the head says; counts of 0 say that another one counts. */
static void setting_otherwise(Flag *f, const Setting *set, const Settings *s)
{
    char number[40];
    const char *value = setting_value(s, set, number);
    bool unset = !*value || strcmp(value, "0") == 0;
    if (set->kind == SETTING_BOOL) value = strcmp(value, "true") == 0 ? "yes" : "no";
    flag_otherwise(f, "%s", unset && (set->least >= 0) ? set->unset : value);
}

/* The part or the eval block that `validate=` names. */
static const char *validated(const Cli *cli)
{
    const Json *head = json_get(rt_entry(cli->m, cli->entry), "head");
    int64_t entry = json_int(head, "validate_entry", -1);
    return entry >= 0 ? cli->program->entry[entry]->name : json_text(head, "validate", "");
}

/* Refused in any case (check_effects). */
static bool has_no_effect(bool train, bool reads, int setting)
{
    if (setting == SET_steps) return !train && reads;
    return !reads && (setting == SET_epochs || setting == SET_shuffle || setting == SET_on);
}

void train_flags(Cli *cli, bool train)
{
    Flags *f = &cli->flags;
    Settings s;
    bool known = settings_from_head(cli->m, cli->entry, &s) == NNRT_OK;
    bool reads = json_int(rt_entry(cli->m, cli->entry), "data", -1) >= 0;
    snprintf(s.validate, sizeof s.validate, "%s", validated(cli));
    for (int i = 0; i < N_SETTINGS; i++) {
        const Setting *set = &setting_table[i];
        FlagKind kind = set->kind == SETTING_BOOL ? FLAG_SWITCH : FLAG_VALUE;
        if (!train && set->of != FLAG_OF_RUNS) continue;
        Flag *flag = flags_add(f, set->name, kind, set->word, set->help);
        flag->hidden = has_no_effect(train, reads, i);
        if (known) setting_otherwise(flag, set, &s);
    }
    flags_add_threads(f, known ? s.threads : 0);
    cli_load_flags(f, "weights to start from");
    Flag *log = flags_add(f, "log", FLAG_VALUE, "NAME", "NAME.ENTRY.jsonl and .csv; -: lines to standard output; none");
    if (known) flag_otherwise(log, "%s", *s.log ? s.log : "none");
    flags_add(f, "set", FLAG_VALUE, "NAME=VALUE", "any option or setting");
    if (!train) {
        Flag *worst = flags_add(f, "worst", FLAG_VALUE, "N", "the N examples with the worst first report, each evaluated alone");
        worst->hidden = !worst_tell || !reads;
        return;
    }
    flags_add(f, "dry_run", FLAG_SWITCH, "", "one update, saved and loaded, of which nothing is kept; memory")->hidden = !dry_run;
    flags_add(f, "config", FLAG_VALUE, "FILE", "options and settings, as a run wrote them beside its checkpoint");
    Flag *save = flags_add(f, "save", FLAG_VALUE, "FILE", "checkpoint, or none");
    if (known) flag_otherwise(save, "%s", *s.save ? s.save : "none");
    flags_add(f, "resume", FLAG_OPTIONAL, "[FILE]", "continue the run of a checkpoint");
    flags_add(f, "init", FLAG_VALUE, "FILE", "weights by name, as far as they fit");
}

static int set_flag(Flags *f, const Setting *set, Settings *s)
{
    char *at = (char *)s + set->at;
    const char *text = flags_value(f, set->name);
    int64_t n;
    if (set == &setting_table[SET_save_every] && settings_time(text, &s->save_seconds)) return s->save_every = 0, NNRT_OK;
    s->save_seconds = set == &setting_table[SET_save_every] ? 0 : s->save_seconds;
    switch (set->kind) {
    case SETTING_INT:
        memcpy(&n, at, sizeof n);
        if (flags_int(f, set->name, set->least, set->most, &n)) return RT_USAGE;
        memcpy(at, &n, sizeof n);
        return NNRT_OK;
    case SETTING_BOOL: return flags_bool(f, set->name, (bool *)(void *)at);
    case SETTING_NUMBER: return flags_number(f, set->name, (double *)(void *)at);
    default: break;
    }
    if (strlen(text) >= set->room) return rt_fail(RT_USAGE, "--%s: this name is too long: %s", set->name, text);
    snprintf(at, set->room, "%s", text);
    return NNRT_OK;
}

static int resume_flag(Flags *f, Settings *s)
{
    const char *v = flags_value(f, "resume");
    bool automatic = v && strcmp(v, "auto") == 0;
    int code = v ? rt_path(s->resume, "%s", automatic ? s->save : v) : NNRT_OK;
    if (automatic && access(s->resume, R_OK) != 0) s->resume[0] = 0;
    return code;
}

/* What a run does with files. */
static int file_flags(Flags *f, Settings *s)
{
    s->save_given = flags_has(f, "save");
    s->load_given = flags_has(f, "load");
    s->init_given = flags_has(f, "init");
    s->map_given = flags_has(f, "map") || flags_has(f, "layout");
    int code = settings_file(s->save, flags_value(f, "save"));
    if (!code) code = settings_file(s->load, flags_value(f, "load"));
    if (!code) code = settings_file(s->init, flags_value(f, "init"));
    if (!code && flags_has(f, "map")) code = rt_path(s->map, "%s", flags_value(f, "map"));
    if (flags_has(f, "layout")) snprintf(s->layout, sizeof s->layout, "%s", flags_value(f, "layout"));
    if (!code && s->map_given && !s->load[0] && !s->init[0])
        code = rt_fail(RT_USAGE, "--map and --layout are of the file of --init FILE or --load FILE, and none is given");
    if (!code) code = settings_file(s->log, flags_value(f, "log"));
    return code ? code : resume_flag(f, s);
}

/* A part of the entry's data that a flag names (of none there is `all`); or an eval block. */
static int check_part(Cli *cli, const char *flag, bool or_eval)
{
    const char *name = flags_value(&cli->flags, flag);
    const Json *data = json_at(json_get(cli->m->manifest, "data"), (int)json_int(rt_entry(cli->m, cli->entry), "data", -1));
    char names[256] = "all";
    if (!name || strcmp(name, "all") == 0) return NNRT_OK;
    if (or_eval && (strcmp(name, "none") == 0 || rt_find_entry(cli->m, name, "eval") >= 0)) return NNRT_OK;
    if (!data)
        return or_eval ? rt_fail(RT_USAGE, "--%s %s: there is no eval of this name, and no data is read, of which it could be a part", flag,
                                 name)
                       : NNRT_OK;
    for (const Json *p = json_list(data, "parts"); p; p = p->next) {
        if (p->text && strcmp(p->text, name) == 0) return NNRT_OK;
        rt_append(names, sizeof names, ", %s", p->text ? p->text : "?");
    }
    return rt_fail(RT_USAGE, "--%s %s: data %s has no such part%s; its parts are %s", flag, name, json_text(data, "name", "?"),
                   or_eval ? ", and there is no eval of this name" : "", names);
}

/* A flag of this command line that changes nothing is a mistake. A file of settings names all of them. */
static int check_effects(Cli *cli, const Settings *s)
{
    const Json *entry = rt_entry(cli->m, cli->entry);
    const char *part = *s->validate ? s->validate : validated(cli);
    bool train = cli->program->entry[cli->entry]->kind == NNRT_TRAIN_ENTRY;
    bool validates = *part && strcmp(part, "none"), saves = *s->save || *s->resume, reads = json_int(entry, "data", -1) >= 0;
    const struct {
        SettingIndex setting;
        bool effective;
        const char *why;
    } rows[] = {{SET_validate_every, validates, "there is no validation: --validate PART"},
                {SET_min_delta, s->patience || *s->decider, "no run ends early without --patience or --early-stop"},
                {SET_save_every, saves, "nothing is saved: --save FILE"},
                {SET_keep, saves, "nothing is saved: --save FILE"},
                {SET_keep_best, saves, "nothing is saved: --save FILE"},
                {SET_epochs, reads, "without data there are no epochs: --steps N"},
                {SET_shuffle, reads, "no data is read"},
                {SET_on, reads, "no data is read"},
                {SET_steps, train || !reads, "an evaluation reads all of its data"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const Flag *flag = flags_find(&cli->flags, setting_table[rows[i].setting].name);
        if (flag && flag->n && !flag->from && !rows[i].effective)
            return rt_fail(RT_USAGE, "--%s has no effect: %s", flag->name, rows[i].why);
    }
    return NNRT_OK;
}

static int run_settings(Cli *cli, Settings *s)
{
    Flags *f = &cli->flags;
    int code = refuse_left_out(cli);
    if (!code) code = settings_from_head(cli->m, cli->entry, s);
    if (flags_has(f, "epochs")) s->steps = 0;
    for (int i = 0; i < N_SETTINGS && !code; i++) {
        s->given[i] = flags_has(f, setting_table[i].name);
        if (s->given[i]) code = set_flag(f, &setting_table[i], s);
    }
    if (!code) code = flags_threads(f, &s->threads);
    if (!code && settings_check(cli->program->entry[cli->entry]->name, s)) code = RT_USAGE;
    if (!code) code = check_part(cli, "on", false);
    if (!code) code = check_part(cli, "validate", true);
    if (!code) code = file_flags(f, s);
    if (!code) code = check_effects(cli, s);
    if (code) return code;
    s->quiet = flags_has(f, "quiet") || cli->json;
    threads_note(cli->program->name, s->threads);
    return NNRT_OK;
}

static int given_flags(const Flags *f, Given given[FLAG_MOST])
{
    int n = 0;
    for (int i = 0; i < f->n; i++)
        if (f->at[i].n) given[n++] = (Given){f->at[i].name, f->at[i].from ? f->at[i].from : "flag"};
    return n;
}

int command_train(Cli *cli)
{
    Settings s;
    Given given[FLAG_MOST];
    int code = run_settings(cli, &s);
    s.signals = true;
    s.given_by = given;
    s.n_given = given_flags(&cli->flags, given);
    if (!code) code = cli_start_values(cli, (uint64_t)s.seed);
    bool dry = flags_has(&cli->flags, "dry_run");
    s.record = !dry;
    s.stream = cli->json && !dry;
    if (!code) code = dry ? dry_run(cli, &s) : run_fit(cli->m, cli->entry, &s, cli->readers, NULL);
    return code;
}

/* The classes of tables, where they have names. */
static void put_labels(Cli *cli)
{
    bool any = false;
    for (int i = 0; i < cli->program->entry[cli->entry]->n_reports; i++) {
        const Json *r = report_at(cli->m, cli->entry, i);
        const Vocab *v = rt_vocab(cli->m, (int)json_int(r, "data", -1), (int)json_int(r, "field", -1));
        if (!v || report_is_scalar(r)) continue;
        json_put(stdout, any ? "," : ",\"labels\":{", json_text(r, "name", "?"));
        putchar(':');
        for (int k = 0; k < v->n; k++)
            json_put(stdout, k ? "," : "[", v->word[k]);
        putchar(']');
        any = true;
    }
    if (any) putchar('}');
}

static int put_evaluation(Cli *cli, const Settings *s, const Values *v, int64_t worst)
{
    const char *name = cli->program->entry[cli->entry]->name;
    if (cli->json) {
        printf("{\"event\":\"eval\",\"entry\":\"%s\",\"part\":\"%s\",\"examples\":%lld", name, s->part, (long long)v->examples);
        report_json(stdout, cli->m, cli->entry, v->at, true);
        put_labels(cli);
        int code = worst ? worst_tell(cli, s, worst) : NNRT_OK;
        puts("}");
        return code;
    }
    printf("%s on %s, %lld examples%s", name, s->part, (long long)v->examples, report_first_scalar(cli->m, cli->entry) < 0 ? "" : ": ");
    report_scalars(stdout, cli->m, cli->entry, v->at);
    putchar('\n');
    report_tables(stdout, cli->m, cli->entry, v->at);
    return worst ? worst_tell(cli, s, worst) : NNRT_OK;
}

int command_eval(Cli *cli)
{
    Settings s;
    int64_t worst = 0;
    int code = run_settings(cli, &s);
    if (!code) code = flags_int(&cli->flags, "worst", 1, MOST_WORST, &worst);
    if (!code && s.init[0]) code = cli_start_values(cli, 0);
    if (!code && !s.load[0]) code = cli_load(cli, true);
    if (code) return code;
    if (!flags_has(&cli->flags, "log")) s.log[0] = 0;
    Values v = {0};
    code = values_new(cli->m, cli->entry, &v);
    if (!code) code = run_evaluate(cli->m, cli->entry, &s, cli->readers, &v);
    if (!code && strcmp(s.log, "-")) code = put_evaluation(cli, &s, &v, worst); /* else the log's line says it */
    rt_free(v.at);
    return code;
}
