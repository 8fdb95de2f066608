/* SPDX-License-Identifier: MIT
 * main.c: `main` of every compiled program: entry points and built-in verbs as subcommands. */
#include <string.h>

#include "command/command.h"
#include "command/sample.h"
#include "export/export.h"
#include "model/manifest.h"
#include "run/fit.h"

/* ---- errors */

enum { EXIT_OK, EXIT_INPUT = 1, EXIT_USAGE = 2, EXIT_FILE = 3, EXIT_NUMERIC = 4, EXIT_MEMORY = 5, EXIT_INTERNAL = 70 };

static int exit_status(int code)
{
    switch (code) {
    case NNRT_OK: return EXIT_OK;
    case RT_USAGE: return EXIT_USAGE;
    case RT_SYSTEM: return EXIT_FILE;
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

/* ---- commands */

static int call_export(Cli *cli)
{
    int code = cli_load(cli, json_int(rt_entry(cli->m, cli->entry), "weights", 1));
    return code ? code : export_run(cli);
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
    {"train", "train [NAME]: runs the first or the named train block", command_train, MAY_ENTRY, "train", BLANK_MODEL},
    {"eval", "eval [NAME]: the same for eval; a train block is evaluated on --on PART", command_eval, MAY_ENTRY, "eval", BLANK_MODEL},
    {"info", "entry points, options, sizes in bytes", command_info, NEEDS_NOTHING, NULL, NO_MODEL},
    {"summary", "layers with shapes and parameter counts", command_summary, NEEDS_NOTHING, NULL, NO_MODEL},
    {"graph", "the layers as DOT text", command_graph, NEEDS_NOTHING, NULL, NO_MODEL},
    {"check-data", "reads all data blocks: counts, ranges, classes", command_check_data, NEEDS_NOTHING, NULL, BLANK_MODEL},
    {"bench", "bench NAME: throughput of an entry point", command_bench, NEEDS_ENTRY, NULL, START_VALUES},
    {"profile", "profile NAME: time per kernel of an entry point", command_profile, NEEDS_ENTRY, NULL, START_VALUES},
    {"gradcheck", "derivatives against differences (--float=f64 builds)", command_gradcheck, MAY_ENTRY, NULL, START_VALUES},
    {"export", "the weights as NPY files", command_export, NEEDS_NOTHING, NULL, BLANK_MODEL},
    {"help", "this text; with --help behind a command its flags", help, NEEDS_NOTHING, NULL, NO_MODEL},
    {"version", "what made this program", version, NEEDS_NOTHING, NULL, NO_MODEL},
};
enum { N_VERBS = sizeof verbs / sizeof *verbs };

static int help(Cli *cli)
{
    const nnrt_program *p = cli->program;
    printf("%s COMMAND [--flag value]\n\nentry points:\n", p->name);
    for (int i = 0; i < p->n_entries; i++) {
        const Json *e = rt_entry(cli->m, i);
        if (e && json_int(e, "derived_from", -1) < 0) printf("  %-12s %s\n", p->entry[i]->name, json_text(e, "kind", "?"));
    }
    puts("\nalso:");
    for (int i = 0; i < N_VERBS; i++)
        printf("  %-12s %s\n", verbs[i].name, verbs[i].help);
    const Json *options = json_get(cli->m->manifest, "options");
    if (options && options->n) puts("\noptions of all commands:");
    for (const Json *o = json_first(options); o; o = o->next)
        printf("  --%-12s %s\n", json_text(o, "name", "?"), json_text(o, "doc", ""));
    printf("\n%s COMMAND --help lists the flags of a command.\n", p->name);
    return NNRT_OK;
}

static void command_flags(Cli *cli, const Verb *verb)
{
    Flags *f = &cli->flags;
    for (const Json *o = json_list(cli->m->manifest, "options"); o; o = o->next) {
        bool is_bool = json_is(o, "type", "bool");
        Flag *flag = flags_add(f, json_text(o, "name", "?"), is_bool ? FLAG_SWITCH : FLAG_TEXT, is_bool ? "" : json_text(o, "type", ""),
                               json_text(o, "doc", ""));
        flag_otherwise_json(flag, json_get(o, "default"));
    }
    flags_add(f, "json", FLAG_SWITCH, "", "output for programs");
    flags_add(f, "quiet", FLAG_SWITCH, "", "no progress");
    flags_add(f, "help", FLAG_SWITCH, "", "this text");
    int kind = cli->entry >= 0 ? cli->program->entry[cli->entry]->kind : -1;
    if (verb && (verb->run == command_bench || verb->run == command_profile)) {
        flags_add_threads(f);
        trial_flags(cli);
    } else if (verb && verb->run == command_gradcheck) {
        flags_add(f, "batch", FLAG_VALUE, "N", "rows");
        flags_add(f, "elements", FLAG_VALUE, "N", "of each tensor (default 12; 0: all)");
    } else if (verb && verb->run == command_export) {
        cli_load_flags(f, "checkpoint");
        flags_add(f, "out", FLAG_VALUE, "FOLDER", "where the files go");
    } else if (kind == NNRT_EXPORT_ENTRY) {
        export_flags(cli);
    } else if (kind >= 0) {
        train_flags(cli, kind == NNRT_TRAIN_ENTRY);
    }
}

/* ---- main */

/* `eval fit`: the evaluation derived from a train block. */
static int derived_entry(const nnrt *m, const char *name)
{
    for (int i = 0; i < m->program->n_entries; i++)
        if (json_int(rt_entry(m, i), "derived_from", -1) >= 0 && json_is(rt_entry(m, i), "name", name)) return i;
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
    return rt_fail(RT_USAGE, "there is no %s %s%s%s%s", what, word, close ? "; did you mean " : "; `help` lists them", close ? close : "",
                   close ? "?" : "");
}

static int pick_entry(Cli *cli, const Verb *verb, int *argc, char ***argv)
{
    if (verb->need == NEEDS_NOTHING) return NNRT_OK;
    const char *name = *argc > 0 && (*argv)[0][0] != '-' ? (*argv)[0] : NULL;
    if (!name && verb->need == NEEDS_ENTRY) return rt_fail(RT_USAGE, "%s needs the name of an entry point", verb->name);
    if (!name && !verb->kind) return NNRT_OK;
    if (name) --*argc, ++*argv;
    cli->entry = rt_find_entry(cli->m, name, verb->kind);
    if (cli->entry < 0 && name && verb->run == command_eval) cli->entry = derived_entry(cli->m, name);
    if (cli->entry < 0 && !name && verb->run == command_eval && rt_find_entry(cli->m, NULL, "train") >= 0)
        cli->entry = derived_entry(cli->m, cli->program->entry[rt_find_entry(cli->m, NULL, "train")]->name);
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
    if (need == START_VALUES && !code) code = cli_start_values(cli, 0);
    if (code) return code;
    if (verb) return verb->run(cli);
    switch (cli->program->entry[cli->entry]->kind) {
    case NNRT_TRAIN_ENTRY: return command_train(cli);
    case NNRT_EVAL_ENTRY: return command_eval(cli);
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

int nnrt_main(const nnrt_program *program, const nnrt_reader *const *readers, const nnrt_format *const *formats, int argc, char **argv);

int nnrt_main(const nnrt_program *program, const nnrt_reader *const *readers, const nnrt_format *const *formats, int argc, char **argv)
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
