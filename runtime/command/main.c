/* SPDX-License-Identifier: MIT
 * main.c: `main` of every compiled program: entry points and built-in verbs as subcommands. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/store.h"
#include "cli/cli.h"
#include "model/manifest.h"
#include "model/weights_load.h"

/* ---- errors
 * ------------------------------------------------------------------------------------------------
 */

/* Errors of the system end in its text; what is wrong with the contents of a file does not. */
static bool is_system_error(const char *text)
{
    size_t n = strlen(text);
    for (int e = 1; e < 134; e++) {
        const char *s = strerror(e);
        size_t k = strlen(s);
        if (k < n && strcmp(text + n - k, s) == 0) return true;
    }
    return false;
}

int exit_status(int code)
{
    switch (code) {
    case NNRT_OK: return EXIT_OK;
    case RT_USAGE: return EXIT_USAGE;
    case NNRT_E_IO: return is_system_error(nnrt_error_text()) ? EXIT_FILE : EXIT_INPUT;
    case NNRT_E_NUMERIC: return EXIT_NUMERIC;
    case NNRT_E_MEM: return EXIT_MEMORY;
    case NNRT_E_ALIGN: return EXIT_INTERNAL;
    default: return EXIT_INPUT;
    }
}

static void put_error(const char *program)
{
    const char *text = nnrt_error_text();
    size_t n = strlen(program);
    if (strncmp(text, program, n) == 0 && text[n] == ' ') text += n + 1; /* said already */
    fprintf(stderr, "%s: %s\n", program, text);
}

/* ---- options and settings
 * --------------------------------------------------------------------------------------- */

static int set_option(Cli *cli, const Json *o, int index)
{
    const char *name = json_text(o, "name", "?"), *type = json_text(o, "type", "float"),
               *text = flags_value(&cli->flags, name);
    char *at = (char *)cli->m->options + json_int(o, "offset", 0);
    if (!text) return NNRT_OK;
    int code = NNRT_OK;
    cli->m->option_given[index] = true;
    if (strcmp(type, "string") == 0) {
        code = rt_set_string(cli->m, index, text);
    } else if (strcmp(type, "int") == 0) {
        int64_t v = 0;
        code = flags_int(&cli->flags, name, INT32_MIN, INT32_MAX, &v);
        int32_t narrow = (int32_t)v;
        if (!code) memcpy(at, &narrow, sizeof narrow);
    } else if (strcmp(type, "bool") == 0) {
        bool v = false;
        code = flags_bool(&cli->flags, name, &v);
        if (!code) *at = v;
    } else {
        double v = 0;
        float narrow;
        code = flags_number(&cli->flags, name, &v);
        narrow = (float)v;
        if (!code && isfinite(v) && !isfinite(narrow) && cli->program->float_bytes == 4)
            code = rt_fail(RT_USAGE, "--%s %s: this number is too large", name, text);
        if (!code)
            memcpy(at, cli->program->float_bytes == 8 ? (void *)&v : (void *)&narrow,
                   cli->program->float_bytes);
    }
    return code;
}

int cli_options(Cli *cli)
{
    const Json *options = json_get(cli->m->manifest, "options");
    int code = NNRT_OK, i = 0;
    for (const Json *o = options ? options->child : NULL; o && !code; o = o->next)
        code = set_option(cli, o, i++);
    return code;
}

/* The file that `save=` names, if all train blocks agree on one. */
static bool default_checkpoint(Cli *cli, char path[RUN_PATH])
{
    int found = 0;
    for (int i = 0; i < cli->program->n_entries; i++) {
        Settings s;
        if (!rt_entry(cli->m, i) || cli->program->entry[i]->kind != NNRT_TRAIN_ENTRY) continue;
        settings_from_head(cli->m, i, &s);
        if (!s.save[0] || (found && strcmp(path, s.save) == 0)) continue;
        snprintf(path, RUN_PATH, "%s", s.save);
        found++;
    }
    return found == 1;
}

static int start_values(Cli *cli, uint64_t seed)
{
    return cli->program->core->init(cli->program, cli->m->model, seed);
}

int cli_load(Cli *cli, bool needed)
{
    char path[RUN_PATH];
    const char *given = flags_value(&cli->flags, "load");
    if (given) return weights_load(cli->m, given, false, -1);
    if (!needed || cli->program->n_tensors == 0) return start_values(cli, 0);
    if (!default_checkpoint(cli, path))
        return rt_fail(RT_USAGE, "--load FILE is needed: the program does not name one checkpoint");
    if (access(path, R_OK) != 0)
        return rt_fail(NNRT_E_IO, "no weights: train first, or give --load FILE; %s: %s", path,
                       strerror(errno));
    return weights_load(cli->m, path, false, -1);
}

int cli_vocabularies(Cli *cli)
{
    char path[RUN_PATH];
    if (flags_value(&cli->flags, "load") || !default_checkpoint(cli, path) || access(path, R_OK) != 0) return NNRT_OK;
    return weights_load(cli->m, path, false, -1);
}

static void path_flag(Cli *cli, const char *name, char out[RUN_PATH])
{
    const char *v = flags_value(&cli->flags, name);
    if (v) snprintf(out, RUN_PATH, "%s", strcmp(v, "none") == 0 ? "" : v);
}

static int set_flag(Flags *f, const Setting *set, Settings *s)
{
    char *at = (char *)s + set->at;
    const char *text = flags_value(f, set->name);
    int64_t n;
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
    if (strlen(text) >= set->room)
        return rt_fail(RT_USAGE, "--%s: this name is too long: %s", set->name, text);
    snprintf(at, set->room, "%s", text);
    return NNRT_OK;
}

/* What a run does with a file: `none` is no file. */
static void resume_flag(Flags *f, Settings *s)
{
    const char *v = flags_value(f, "resume");
    bool automatic = v && strcmp(v, "auto") == 0;
    if (!v) return;
    snprintf(s->resume, sizeof s->resume, "%s", automatic ? s->save : v);
    if (automatic && access(s->resume, R_OK) != 0) s->resume[0] = 0;
}

int cli_settings(Cli *cli, Settings *s)
{
    Flags *f = &cli->flags;
    int code = settings_from_head(cli->m, cli->entry, s);
    if (flags_has(f, "epochs")) s->steps = 0;
    for (int i = 0; i < N_SETTINGS && !code; i++) {
        s->given[i] = flags_has(f, setting_table[i].name);
        if (s->given[i]) code = set_flag(f, &setting_table[i], s);
    }
    if (!code) code = flags_threads(f, &s->threads);
    if (!code && settings_check(cli->program->entry[cli->entry]->name, s)) code = RT_USAGE;
    if (code) return code;
    path_flag(cli, "save", s->save);
    path_flag(cli, "load", s->load);
    path_flag(cli, "init", s->init);
    path_flag(cli, "log", s->log);
    s->save_given = flags_has(f, "save");
    s->load_given = flags_has(f, "load");
    s->init_given = flags_has(f, "init");
    resume_flag(f, s);
    s->quiet = flags_has(f, "quiet") || cli->json;
    threads_note(cli->program->name, s->threads);
    return NNRT_OK;
}

/* ---- commands
 * ---------------------------------------------------------------------------------------------------------
 */

static int fit(Cli *cli)
{
    Settings s;
    int code = cli_settings(cli, &s);
    Values v = {.at = rt_alloc(sizeof(double) *
                               (size_t)(cli->program->entry[cli->entry]->n_report_values + 1))};
    if (!v.at) return NNRT_E_MEM;
    s.signals = true;
    if (!code) code = start_values(cli, (uint64_t)s.seed);
    if (!code) code = run_fit(cli->m, cli->entry, &s, cli->readers, &v);
    if (!code && cli->json) {
        printf("{\"event\":\"train\",\"entry\":\"%s\",\"examples\":%lld",
               cli->program->entry[cli->entry]->name, (long long)v.examples);
        report_json(stdout, cli->m, cli->entry, v.at, true);
        puts("}");
    }
    rt_free(v.at);
    return code;
}

static void put_evaluation(Cli *cli, const Settings *s, const Values *v)
{
    const char *name = cli->program->entry[cli->entry]->name;
    if (cli->json) {
        printf("{\"event\":\"eval\",\"entry\":\"%s\",\"part\":\"%s\",\"examples\":%lld", name,
               s->part, (long long)v->examples);
        report_json(stdout, cli->m, cli->entry, v->at, true);
        puts("}");
        return;
    }
    printf("%s on %s, %lld examples: ", name, s->part, (long long)v->examples);
    report_scalars(stdout, cli->m, cli->entry, v->at);
    putchar('\n');
    report_tables(stdout, cli->m, cli->entry, v->at);
}

static int eval(Cli *cli)
{
    Settings s;
    int code = cli_settings(cli, &s);
    if (!code && s.init[0]) code = start_values(cli, 0);
    if (!code && !s.load[0]) code = cli_load(cli, true);
    if (code) return code;
    if (!flags_has(&cli->flags, "log")) s.log[0] = 0;
    Values v = {.at = rt_alloc(sizeof(double) *
                               (size_t)(cli->program->entry[cli->entry]->n_report_values + 1))};
    if (!v.at) return NNRT_E_MEM;
    code = run_evaluate(cli->m, cli->entry, &s, cli->readers, &v);
    if (!code) put_evaluation(cli, &s, &v);
    rt_free(v.at);
    return code;
}

static int call_export(Cli *cli)
{
    int code = cli_load(cli, json_int(rt_entry(cli->m, cli->entry), "weights", 1));
    return code ? code : export_run(cli);
}

static int write_npy(const char *path, const nnrt_tensor_info *t, const void *dense)
{
    Output o = {.path = path, .dtype = t->dtype, .rank = t->rank, .data = dense};
    memcpy(o.dim, t->dim, sizeof o.dim);
    Memory out;
    if (memory_open(&out)) table_npy(out.f, &o);
    int code = memory_close(&out);
    if (!code) code = store_file(path, "cannot write", out.text, out.n);
    free(out.text);
    return code;
}

/* Every tensor as an NPY file. */
static int write_weights(Cli *cli)
{
    const char *folder = flags_value(&cli->flags, "out");
    if (!folder) return rt_fail(RT_USAGE, "export needs --out FOLDER");
    int code = cli_load(cli, true);
    if (code) return code;
    if (mkdir(folder, 0777) && errno != EEXIST)
        return rt_fail(NNRT_E_IO, "%s: %s", folder, strerror(errno));
    for (int i = 0; i < cli->program->n_tensors && !code; i++) {
        const nnrt_tensor_info *t = &cli->program->tensor[i];
        char path[RUN_PATH];
        int64_t count = 1;
        size_t width = t->dtype == NNRT_F64 || t->dtype == NNRT_I64 ? 8
                       : t->dtype == NNRT_BOOL                      ? 1
                                                                    : 4;
        for (int k = 0; k < t->rank; k++)
            count *= t->dim[k];
        char *dense = rt_alloc(width * (size_t)count);
        if (!dense) return NNRT_E_MEM;
        for (int64_t e = 0; e < count; e++) {
            int64_t offset = 0, rest = e;
            for (int k = t->rank - 1; k >= 0; k--)
                offset += rest % t->dim[k] * t->stride[k], rest /= t->dim[k];
            memcpy(dense + (size_t)e * width,
                   (char *)cli->m->model + t->offset + (size_t)offset * width, width);
        }
        snprintf(path, sizeof path, "%s/%s.npy", folder, t->name);
        code = write_npy(path, t, dense);
        rt_free(dense);
    }
    return code;
}

static int profile(Cli *cli)
{
    return rt_fail(RT_USAGE, "%s was compiled without profiling; `bench` measures whole calls",
                   cli->program->name);
}

typedef enum { NEEDS_NOTHING, NEEDS_ENTRY, MAY_ENTRY } Need;
typedef enum { NO_MODEL, BLANK_MODEL, START_VALUES } ModelNeed; /* before the command runs */
typedef struct Verb {
    const char *name, *help;
    int (*run)(Cli *cli);
    Need need;
    const char *kind; /* of the entry it takes if none is named */
    ModelNeed model;
} Verb;

static int version(Cli *cli)
{
    printf("%s, made by nnc %s\n", cli->program->name, json_text(cli->m->manifest, "nnc", "?"));
    return NNRT_OK;
}

static int help(Cli *cli);

static const Verb verbs[] = {
    {"train", "train [NAME]: runs the first or the named train block", fit, MAY_ENTRY, "train", BLANK_MODEL},
    {"eval", "eval [NAME]: the same for eval; a train block is evaluated on --on PART", eval,
     MAY_ENTRY, "eval", BLANK_MODEL},
    {"info", "entry points, options, sizes in bytes", inspect_info, NEEDS_NOTHING, NULL, NO_MODEL},
    {"summary", "layers with shapes and parameter counts", inspect_summary, NEEDS_NOTHING, NULL, NO_MODEL},
    {"graph", "the layers as DOT text", inspect_graph, NEEDS_NOTHING, NULL, NO_MODEL},
    {"check-data", "reads all data blocks: counts, ranges, classes", inspect_data, NEEDS_NOTHING,
     NULL, BLANK_MODEL},
    {"bench", "bench NAME: throughput of an entry point", bench_entry, NEEDS_ENTRY, NULL,
     START_VALUES},
    {"profile", "profile NAME: time per loop", profile, NEEDS_ENTRY, NULL, NO_MODEL},
    {"gradcheck", "derivatives against differences (--float=f64 builds)", check_gradients,
     MAY_ENTRY, NULL, START_VALUES},
    {"export", "the weights as NPY files", write_weights, NEEDS_NOTHING, NULL, BLANK_MODEL},
    {"help", "this text; with --help behind a command its flags", help, NEEDS_NOTHING, NULL,
     NO_MODEL},
    {"version", "what made this program", version, NEEDS_NOTHING, NULL, NO_MODEL},
};
enum { N_VERBS = sizeof verbs / sizeof *verbs };

static int help(Cli *cli)
{
    const nnrt_program *p = cli->program;
    printf("%s COMMAND [--flag value]\n\nentry points:\n", p->name);
    for (int i = 0; i < p->n_entries; i++) {
        const Json *e = rt_entry(cli->m, i);
        if (e && json_int(e, "derived_from", -1) < 0)
            printf("  %-12s %s\n", p->entry[i]->name, json_text(e, "kind", "?"));
    }
    puts("\nalso:");
    for (int i = 0; i < N_VERBS; i++)
        printf("  %-12s %s\n", verbs[i].name, verbs[i].help);
    const Json *options = json_get(cli->m->manifest, "options");
    if (options && options->n) puts("\noptions of all commands:");
    for (const Json *o = options ? options->child : NULL; o; o = o->next)
        printf("  --%-12s %s\n", json_text(o, "name", "?"), json_text(o, "doc", ""));
    printf("\n%s COMMAND --help lists the flags of a command.\n", p->name);
    return NNRT_OK;
}

/* ---- flags of a command
 * --------------------------------------------------------------------------------------------------
 */

static void train_flags(Flags *f)
{
    flags_add(f, "epochs", FLAG_VALUE, "N", "length of the run");
    flags_add(f, "steps", FLAG_VALUE, "N", "length of the run in updates");
    flags_add(f, "accumulate", FLAG_VALUE, "N", "batches per update");
    flags_add(f, "ema", FLAG_VALUE, "X", "decay of an average of the weights");
    flags_add(f, "save", FLAG_VALUE, "FILE", "checkpoint, or none");
    flags_add(f, "save_every", FLAG_VALUE, "N", "updates between checkpoints (default: an epoch)");
    flags_add(f, "resume", FLAG_OPTIONAL, "[FILE]", "continue the run of a checkpoint");
    flags_add(f, "init", FLAG_VALUE, "FILE", "weights by name, as far as they fit");
    flags_add(f, "validate", FLAG_VALUE, "NAME", "part or eval, or none");
    flags_add(f, "validate_every", FLAG_VALUE, "N",
              "updates between validations (default: an epoch)");
    flags_add(f, "log_every", FLAG_VALUE, "N", "updates between reports");
    flags_add(f, "early-stop", FLAG_VALUE, "NAME:N",
              "stop after N validations without a better NAME");
    flags_add(f, "min-delta", FLAG_VALUE, "X", "what counts as better");
}

static void run_flags(Cli *cli, bool train)
{
    Flags *f = &cli->flags;
    flags_add(f, "batch", FLAG_VALUE, "N", "rows per step");
    flags_add(f, "load", FLAG_VALUE, "FILE", "weights to start from");
    flags_add(f, "seed", FLAG_VALUE, "N", "random numbers, initial weights, order of rows");
    flags_add(f, "shuffle", FLAG_SWITCH, "", "order of rows (--no-shuffle: as they are)");
    flags_add(f, "threads", FLAG_VALUE, "N", "at most N; 0: one per processor");
    flags_add(f, "log", FLAG_VALUE, "NAME", "NAME.ENTRY.jsonl and .csv, or none");
    flags_add(f, "on", FLAG_VALUE, "PART", "part of the data");
    if (train)
        train_flags(f);
    else
        flags_add(f, "steps", FLAG_VALUE, "N", "batches, where no data is read");
}

static void command_flags(Cli *cli, const Verb *verb)
{
    Flags *f = &cli->flags;
    const Json *options = json_get(cli->m->manifest, "options");
    for (const Json *o = options ? options->child : NULL; o; o = o->next) {
        bool is_bool = strcmp(json_text(o, "type", ""), "bool") == 0;
        flags_add(f, json_text(o, "name", "?"), is_bool ? FLAG_SWITCH : FLAG_TEXT,
                  is_bool ? "" : json_text(o, "type", ""), json_text(o, "doc", ""));
    }
    flags_add(f, "json", FLAG_SWITCH, "", "output for programs");
    flags_add(f, "quiet", FLAG_SWITCH, "", "no progress");
    flags_add(f, "help", FLAG_SWITCH, "", "this text");
    int kind = cli->entry >= 0 ? cli->program->entry[cli->entry]->kind : -1;
    if (verb && verb->run == bench_entry) {
        const Json *sizes = json_get(rt_entry(cli->m, cli->entry), "sizes");
        flags_add(f, "batch", FLAG_VALUE, "N", "rows");
        flags_add(f, "threads", FLAG_VALUE, "N", "at most N; 0: one per processor");
        for (const Json *s = sizes ? sizes->child : NULL; s; s = s->next)
            flags_add(f, s->text, FLAG_VALUE, "N", "a size");
    } else if (verb && verb->run == check_gradients) {
        flags_add(f, "batch", FLAG_VALUE, "N", "rows");
        flags_add(f, "elements", FLAG_VALUE, "N", "of each tensor (default 12; 0: all)");
    } else if (verb && verb->run == write_weights) {
        flags_add(f, "load", FLAG_VALUE, "FILE", "checkpoint");
        flags_add(f, "out", FLAG_VALUE, "FOLDER", "where the files go");
    } else if (kind == NNRT_EXPORT_ENTRY) {
        export_flags(cli);
    } else if (kind >= 0) {
        run_flags(cli, kind == NNRT_TRAIN_ENTRY);
    }
}

/* ---- main
 * ------------------------------------------------------------------------------------------------------------------
 */

/* `eval fit`: the evaluation derived from a train block. */
static int derived_entry(const nnrt *m, const char *name)
{
    for (int i = 0; i < m->program->n_entries; i++)
        if (json_int(rt_entry(m, i), "derived_from", -1) >= 0 &&
            strcmp(json_text(rt_entry(m, i), "name", ""), name) == 0)
            return i;
    return -1;
}

static int unknown_name(const Cli *cli, const char *what, const char *word)
{
    const char *names[256];
    int n = 0;
    for (int i = 0; i < cli->program->n_entries && n < 200; i++)
        if (rt_entry(cli->m, i)) names[n++] = json_text(rt_entry(cli->m, i), "name", "?");
    for (int i = 0; i < N_VERBS; i++)
        names[n++] = verbs[i].name;
    const char *close = closest_name(word, names, n);
    return rt_fail(RT_USAGE, "there is no %s %s%s%s%s", what, word,
                   close ? "; did you mean " : "; `help` lists them", close ? close : "",
                   close ? "?" : "");
}

static int pick_entry(Cli *cli, const Verb *verb, int *argc, char ***argv)
{
    if (verb->need == NEEDS_NOTHING) return NNRT_OK;
    const char *name = *argc > 0 && (*argv)[0][0] != '-' ? (*argv)[0] : NULL;
    if (!name && verb->need == NEEDS_ENTRY)
        return rt_fail(RT_USAGE, "%s needs the name of an entry point", verb->name);
    if (!name && !verb->kind) return NNRT_OK;
    if (name) --*argc, ++*argv;
    cli->entry = rt_find_entry(cli->m, name, verb->kind);
    if (cli->entry < 0 && name && verb->run == eval) cli->entry = derived_entry(cli->m, name);
    if (cli->entry < 0 && !name && verb->run == eval && rt_find_entry(cli->m, NULL, "train") >= 0)
        cli->entry =
            derived_entry(cli->m, cli->program->entry[rt_find_entry(cli->m, NULL, "train")]->name);
    if (cli->entry >= 0) return NNRT_OK;
    return name ? unknown_name(cli, verb->kind ? verb->kind : "entry point", name)
                : rt_fail(RT_USAGE, "this program has no %s block", verb->kind);
}

static int run_command(Cli *cli, const Verb *verb)
{
    if (flags_has(&cli->flags, "help")) {
        flags_help(&cli->flags, stdout);
        if (!verb && cli->program->entry[cli->entry]->kind == NNRT_EXPORT_ENTRY) export_notes(cli);
        return NNRT_OK;
    }
    cli->json = flags_has(&cli->flags, "json");
    int code = cli_options(cli);
    if (code) return code;
    if (cli->flags.n_words && (verb || cli->program->entry[cli->entry]->kind != NNRT_EXPORT_ENTRY))
        return rt_fail(RT_USAGE, "%s: flags begin with two dashes", cli->flags.word[0]);
    ModelNeed need = verb ? verb->model : BLANK_MODEL;
    if (need != NO_MODEL) code = rt_blank_model(cli->m);
    if (need == START_VALUES && !code) code = start_values(cli, 0);
    if (code) return code;
    if (verb) return verb->run(cli);
    switch (cli->program->entry[cli->entry]->kind) {
    case NNRT_TRAIN_ENTRY: return fit(cli);
    case NNRT_EVAL_ENTRY: return eval(cli);
    default: return call_export(cli);
    }
}

static int command(Cli *cli, int argc, char **argv)
{
    const Verb *verb = NULL;
    if (argc < 2) {
        help(cli);
        return rt_fail(RT_USAGE, "a command is needed");
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) word = "help";
    if (strcmp(word, "--version") == 0) word = "version";
    for (int i = 0; i < N_VERBS; i++)
        if (strcmp(verbs[i].name, word) == 0) verb = &verbs[i];
    argc -= 2, argv += 2;
    cli->entry = verb ? -1 : rt_find_entry(cli->m, word, NULL);
    if (!verb && cli->entry < 0) return unknown_name(cli, "command", word);
    int code = verb ? pick_entry(cli, verb, &argc, &argv) : NNRT_OK;
    if (code) return code;
    command_flags(cli, verb);
    code = flags_parse(&cli->flags, argc, argv);
    return code ? code : run_command(cli, verb);
}

int nnrt_main(const nnrt_program *program, const nnrt_reader *const *readers,
              const nnrt_format *const *formats, int argc, char **argv);

int nnrt_main(const nnrt_program *program, const nnrt_reader *const *readers,
              const nnrt_format *const *formats, int argc, char **argv)
{
    Cli *cli = rt_alloc(sizeof *cli);
    int code = cli ? NNRT_OK : NNRT_E_MEM;
    if (cli) *cli = (Cli){.program = program, .readers = readers, .formats = formats, .entry = -1};
    if (cli && !(cli->m = rt_new(program))) code = NNRT_E_MEM;
    if (cli && cli->m) cli->m->tells = true;
    if (!code) code = command(cli, argc, argv);
    if (code) put_error(program->name);
    int status = exit_status(code);
    int signal_number = run_stopped_by();
    if (!status && signal_number) status = 128 + signal_number;
    if (!status && (fflush(stdout) || ferror(stdout))) {
        fprintf(stderr, "%s: cannot write to standard output\n", program->name);
        status = EXIT_FILE;
    }
    if (cli) nnrt_free(cli->m);
    rt_free(cli);
    return status;
}
