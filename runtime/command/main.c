/* SPDX-License-Identifier: MIT
 * main.c: `main` of every compiled program: what a command line asks for is run. */
#include <signal.h>
#include <string.h>

#include "cli/config.h"
#include "command/command.h"
#include "command/sample.h"
#include "dist/dist.h"
#include "export/export.h"
#include "model/cpu.h"
#include "model/manifest.h"
#include "run/fit.h"
#include "run/ranks.h"

/* ---- errors */

enum { EXIT_OK, EXIT_INPUT = 1, EXIT_USAGE = 2, EXIT_FILE = 3, EXIT_NUMERIC = 4, EXIT_MEMORY = 5, EXIT_INTERNAL = 70 };

static int exit_status(int code)
{
    switch (code) {
    case NNRT_OK:
    case RT_ELSEWHERE: return EXIT_OK; /* the status of all is that of the rank that failed */
    case RT_USAGE: return EXIT_USAGE;
    case RT_SYSTEM:
    case NNRT_E_CPU: return EXIT_FILE;
    case NNRT_E_NUMERIC: return EXIT_NUMERIC;
    case NNRT_E_MEM: return EXIT_MEMORY;
    case NNRT_E_ALIGN: return EXIT_INTERNAL;
    case RT_LOST: return EXIT_FILE;
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

static int version(Cli *cli)
{
    const char *nnc = json_text(cli->m->manifest, "nnc", "?");
    const char *cpu = cpu_check(cli->program) ? NULL : cpu_name(cli->program);
    if (!cli->json)
        return printf("%s, made by nnc %s; runs code for %s\n", cli->program->name, nnc, cpu ? cpu : "no such processor"), NNRT_OK;
    json_put(stdout, "{\"program\":", cli->program->name);
    json_put(stdout, ",\"nnc\":", nnc);
    json_put(stdout, ",\"cpu\":", cpu ? cpu : "");
    printf(",\"hash\":\"%016llx\"}\n", (unsigned long long)cli->program->hash);
    return NNRT_OK;
}

/* In programs of `nnc --dist`. */
#pragma weak nnrt_dist_begin
#pragma weak nnrt_dist_end

/* In programs whose compiler asked for them (emit_commands): what nothing in a program can use, and what `nnc --lean` leaves out. */
#pragma weak command_train
#pragma weak command_eval
#pragma weak command_summary
#pragma weak summary_flags
#pragma weak command_graph
#pragma weak graph_flags
#pragma weak command_check_data
#pragma weak command_bench
#pragma weak command_profile
#pragma weak trial_flags
#pragma weak command_gradcheck
#pragma weak command_completion
#pragma weak completion_words

static const Verb verbs[] = {
    /* clang-format off */
    {"train", "[NAME]", "runs the first or the named train block", "--epochs 5 --threads 2",
     command_train, NULL, MAY_ENTRY, "train", BLANK_MODEL, false},
    {"eval", "[NAME]", "the same for eval; a train block is evaluated on --on PART", "@ --on test",
     command_eval, NULL, MAY_ENTRY, "eval", BLANK_MODEL, false},
    {"info", "", "entry points, options, sizes in bytes", "--json", command_info, NULL, NEEDS_NOTHING, NULL, NO_MODEL, false},
    {"summary", "", "layers with shapes, parameters, operations; memory of calls", "--batch 8",
     command_summary, summary_flags, NEEDS_NOTHING, NULL, NO_MODEL, true},
    {"graph", "[NAME]", "layers of an entry point and what flows between them, as DOT text", "@ --depth 1",
     command_graph, graph_flags, MAY_ENTRY, NULL, NO_MODEL, true},
    {"check-data", "", "reads all data blocks: counts, ranges, classes", "--json",
     command_check_data, NULL, NEEDS_NOTHING, NULL, BLANK_MODEL, true},
    {"bench", "NAME", "throughput of an entry point", "@ --threads 1",
     command_bench, trial_flags, NEEDS_ENTRY, NULL, START_VALUES, true},
    {"profile", "NAME", "time per kernel of an entry point", "@ --threads 1",
     command_profile, trial_flags, NEEDS_ENTRY, NULL, START_VALUES, true},
    {"gradcheck", "[NAME]", "derivatives against differences (--float=f64 builds)", "--elements 0",
     command_gradcheck, gradcheck_flags, MAY_ENTRY, NULL, START_VALUES, false},
    {"export", "", "the weights as NPY files", "--out weights", command_export, export_weights_flags, NEEDS_NOTHING, NULL, BLANK_MODEL, false},
    {"help", "[COMMAND]", "this text, or the flags of a command", "train", command_help, help_flags, NEEDS_NOTHING, NULL, NO_MODEL, false},
    {"version", "", "what made this program", "--json", version, NULL, NEEDS_NOTHING, NULL, NO_MODEL, false},
    {"completion", "SHELL", "completes command lines in bash, zsh or fish", "bash",
     command_completion, NULL, NEEDS_NOTHING, NULL, NO_MODEL, true},
    {.name = ""},
    /* clang-format on */
};

/* ---- main */

static int call_export(Cli *cli)
{
    int code = cli_load(cli, json_int(rt_entry(cli->m, cli->entry), "weights", 1));
    return code ? code : export_run(cli);
}

/* Of a distributed program only training is shared; what else it does rank 0 does alone. */
static bool is_shared(Cli *cli)
{
    bool trains = cli->verb ? cli->verb->run == command_train : cli->program->entry[cli->entry]->kind == NNRT_TRAIN_ENTRY;
    return trains && !flags_has(&cli->flags, "dry_run") && !flags_has(&cli->flags, "help");
}

/* Words that no argument of the command is for. */
static int check_words(const Cli *cli)
{
    const Flags *f = &cli->flags;
    bool topic = cli->verb && *cli->verb->words && cli->verb->need == NEEDS_NOTHING;
    if (f->n_words <= topic || (!cli->verb && cli->program->entry[cli->entry]->kind == NNRT_EXPORT_ENTRY)) return NNRT_OK;
    return rt_fail(RT_USAGE, "%s takes no word %s; flags begin with two dashes", command_called(cli), f->word[topic]);
}

static int run_command(Cli *cli)
{
    const Verb *verb = cli->verb;
    cli->json = flags_has(&cli->flags, "json");
    if (flags_has(&cli->flags, "help")) return help_of(cli), NNRT_OK;
    int code = check_words(cli);
    if (!code) code = config_take(cli);
    if (!code) code = cli_options(cli);
    if (!code) code = flags_bool(&cli->flags, "list_weights", &cli->m->lists_weights);
    if (!code) code = cache_take(cli);
    if (code) return code;
    ModelNeed need = verb ? verb->model : BLANK_MODEL;
    if (need != NO_MODEL) code = rt_blank_model(cli->m);
    if (need == START_VALUES && !code) code = cli_start_values(cli, 0);
    if (code) return code;
    if (verb && verb->run) return verb->run(cli);
    if (verb) return rt_fail(RT_USAGE, "%s needs a program compiled with --float=f64", verb->name); /* gradcheck */
    switch (cli->program->entry[cli->entry]->kind) {
    case NNRT_TRAIN_ENTRY: return command_train(cli);
    case NNRT_EVAL_ENTRY: return command_eval(cli);
    default: return call_export(cli);
    }
}

/* `completion words ...` is what the completions ask: the rest is no command line yet. */
static bool asks_words(Cli *cli, int argc, char **argv)
{
    return argc > 2 && strcmp(argv[1], "completion") == 0 && strcmp(argv[2], "words") == 0 && command_set(cli, argv[1]) && cli->verb &&
           cli->verb->run;
}

static int command(Cli *cli, int argc, char **argv)
{
    if (asks_words(cli, argc, argv)) return completion_words(cli, argc - 3, argv + 3), NNRT_OK;
    int code = line_read(cli, argc - 1, argv + 1);
    const Exchange *x = cli->m->exchange;
    if (code || !x || is_shared(cli)) return code ? code : run_command(cli);
    cli->m->exchange = NULL;
    return x->rank ? NNRT_OK : run_command(cli);
}

int nnrt_main(const nnrt_program *program, const nnrt_reader *const *readers, const nnrt_format *const *formats, int argc, char **argv);

int nnrt_main(const nnrt_program *program, const nnrt_reader *const *readers, const nnrt_format *const *formats, int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow any more is an error like a full disk */
    Cli *cli = rt_alloc(sizeof *cli);
    const Exchange *x = NULL;
    int begun = nnrt_dist_begin ? nnrt_dist_begin(&argc, &argv, &x) : NNRT_OK, code = cli ? begun : NNRT_E_MEM;
    if (cli) *cli = (Cli){.program = program, .readers = readers, .formats = formats, .verbs = verbs, .entry = -1};
    if (cli && !(cli->m = rt_new(program))) code = NNRT_E_MEM;
    if (cli && cli->m) cli->m->tells = !x || x->rank == 0, cli->m->exchange = x;
    if (!code) code = command(cli, argc, argv);
    if (code && !ranks_agreed()) code = ranks_agree(x, code);
    if (code && code != RT_ELSEWHERE && *nnrt_error_text()) put_error(program->name);
    int status = exit_status(code);
    int signal_number = run_stopped_by();
    if (!status && signal_number) status = 128 + signal_number;
    if (!status && (fflush(stdout) || ferror(stdout))) {
        fprintf(stderr, "%s: cannot write to standard output\n", program->name);
        status = EXIT_FILE;
    }
    if (cli) nnrt_free(cli->m), json_free(cli->config), flags_free(&cli->flags);
    rt_free(cli);
    if (nnrt_dist_end) nnrt_dist_end(code == RT_LOST, status);
    return status;
}
