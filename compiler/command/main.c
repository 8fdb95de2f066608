/* SPDX-License-Identifier: MIT
 * main.c: the `nnc` command: what each command does, exit codes. The only file of the compiler that prints or exits. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "command/command.h"
#include "emit/json.h"
#include "lsp/messages.h"
#include "lsp/server.h"
#include "report/page.h"
#include "report/plot.h"
#include "support/input.h"
#include "support/output.h"
#include "support/temporary.h"

static void write_text(void *user, NncStream stream, const char *text, size_t n)
{
    (void)user;
    fwrite(text, 1, n, stream == NNC_OUT ? stdout : stderr);
}

/* The status, if all that was printed has arrived. */
static int done(int status)
{
    bool bad = ferror(stdout) != 0;
    temporary_remove_all(); /* what is still there could not be removed at first */
    if ((fflush(stdout) == 0 && !bad) || status) return status;
    fprintf(stderr, "nnc: standard output: cannot write: %s\n", strerror(errno));
    return 3;
}

static _Noreturn void bad_usage(const char *text, const char *detail)
{
    fprintf(stderr, "nnc: %s%s%s\nnnc: try `nnc --help`\n", text, detail ? ": " : "", detail ? detail : "");
    exit(2);
}

/* Folder of libnnrt.a: beside the command in a build tree, or a lib of an installation. NULL: not found. */
static const char *runtime_dir(void)
{
    static char path[4200];
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0) return NULL;
    self[n] = 0;
    char *slash = strrchr(self, '/');
    if (slash) *slash = 0;
    static const char *const places[] = {"runtime", "../lib/nnc", "../lib", NNC_LIBDIR};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char library[4300];
        snprintf(path, sizeof path, "%s/%s", self, places[i]);
        snprintf(library, sizeof library, "%s/libnnrt.a", path);
        if (access(library, R_OK) == 0) return path;
    }
    return NULL;
}

/* ---- commands without a program: texts */

static int put_text(const Text *text)
{
    if (text->n) fwrite(text->at, 1, text->n, stdout);
    return 0;
}

static int help(const Command *c, Arena *arena, const char *topic)
{
    Text out = {.arena = arena};
    int verb = topic ? command_find_verb(topic) : -1;
    if (topic && verb < 0) bad_usage("there is no command", topic);
    if (c->man)
        command_man(&out);
    else
        command_help(&out, verb);
    return put_text(&out);
}

static int explain(const Command *c, Arena *arena)
{
    const char *page = nnc_explain(c->topic);
    Json out = {.t = {.arena = arena}, .first = true};
    if (!page) bad_usage("no page for this code", c->topic);
    json_item(&out);
    json_text(&out, "code", c->topic);
    json_text(&out, "text", page);
    json_end(&out);
    fputs(c->json ? text_c(&out.t) : page, stdout);
    if (c->json) putchar('\n');
    return 0;
}

static int version(const Command *c)
{
    printf(c->json ? "{\"nnc\":\"%s\"}\n" : "nnc %s\n", nnc_version());
    return 0;
}

static int completion(Arena *arena, const char *shell)
{
    Text out = {.arena = arena};
    if (!command_completion(&out, shell)) bad_usage("completion is for bash, zsh or fish, not", shell);
    return put_text(&out);
}

/* ---- files that runs wrote */

/* NULL, or why the file of -o must not be written: it is read, or is by its name something else than a chart. */
static const char *unfit_output(const Command *c, Arena *arena)
{
    static const char *const others[][2] = {{".nn", "a program's source"}, {".jsonl", "a log"}, {".safetensors", "a checkpoint"}};
    const char *path = c->o.output;
    for (unsigned i = 0; path && i < c->words.n; i++)
        if (output_same(path, c->words.at[i]))
            return arena_print(arena, "-o: %s: this would overwrite %s, which is read", path, c->words.at[i]);
    for (size_t i = 0; path && i < sizeof others / sizeof *others; i++) {
        size_t n = strlen(path), m = strlen(others[i][0]);
        if (n > m && strcmp(path + n - m, others[i][0]) == 0)
            return arena_print(arena, "-o: %s: this is the name of %s", path, others[i][1]);
    }
    return NULL;
}

/* To the file of -o, or to standard output. */
static int put_file(const Command *c, const Text *text)
{
    if (!c->o.output) return put_text(text);
    const char *wrong = output_write(text->arena, c->o.output, text->at, text->n, false);
    return wrong ? fprintf(stderr, "nnc: %s\n", wrong), 3 : 0;
}

static int plot(const Command *c, Arena *arena)
{
    PlotOptions o = {c->measures, c->chart};
    Text out = {.arena = arena};
    int status = 0;
    o.chart.width = 680;
    const char *unfit = unfit_output(c, arena);
    if (unfit) return fprintf(stderr, "nnc: %s\n", unfit), 2;
    const char *wrong = plot_files(&out, c->words.at, c->words.n, &o, &status);
    return wrong ? fprintf(stderr, "nnc: %s\n", wrong), status : put_file(c, &out);
}

static int report(const Command *c, Arena *arena)
{
    Text out = {.arena = arena};
    int status = 0;
    const char *unfit = unfit_output(c, arena);
    if (unfit) return fprintf(stderr, "nnc: %s\n", unfit), 2;
    const char *wrong = page_files(&out, c->words.at, c->words.n, c->title, &status);
    return wrong ? fprintf(stderr, "nnc: %s\n", wrong), status : put_file(c, &out);
}

/* ---- commands on a program */

/* Build the program in double precision in a temporary file and run its gradcheck verb; the grad blocks are compared before. */
static int gradcheck(Command *c, Arena *arena)
{
    c->o.floats = NNC_F64;
    c->o.mode = NNC_PROGRAM;
    c->o.output = command_temporary(arena, "nnc-gradcheck");
    int wrong = 0;
    c->o.wrong_gradients = &wrong;
    int status = nnc_compile(&c->o);
    fflush(stdout); /* in front of what the program says */
    if (!status) status = command_spawn((const char *[]){c->o.output, "gradcheck", NULL}, NULL);
    if (wrong) fprintf(stderr, "nnc: gradcheck: %d grad block%s wrong, or could not be checked\n", wrong, wrong == 1 ? " is" : "s are");
    return status || !wrong ? status : 4;
}

static void write_nothing(void *user, NncStream stream, const char *text, size_t n)
{
    (void)user, (void)stream, (void)text, (void)n;
}

static int read_weights(Command *c, Arena *arena, const char *path)
{
    Text bytes = {.arena = arena};
    const char *wrong = input_read(&bytes, path);
    if (wrong) return fprintf(stderr, "nnc: %s\n", wrong), 3;
    c->o.weights = text_c(&bytes);
    c->o.n_weights = bytes.n;
    return 0;
}

/* The program itself reads the checkpoint, as it would with --load: it is made for this machine first. Its block has the same
 * layout on every target. */
static int find_weights(Command *c, Arena *arena)
{
    NncOptions o = c->o;
    const char *block = command_temporary(arena, "nnc-weights");
    o.mode = NNC_PROGRAM, o.output = command_temporary(arena, "nnc-program");
    o.target = o.march = o.depfile = o.dump = o.stop_after = NULL;
    o.assembly = o.time = o.shapes = o.small = 0;
    o.write = write_nothing;
    if (nnc_compile(&o)) { /* once more, for its messages */
        o.write = c->o.write;
        return nnc_compile(&o);
    }
    int status = command_spawn((const char *[]){o.output, "export", "--load", c->o.checkpoint, "--block", block, NULL}, NULL);
    return status ? status : read_weights(c, arena, block);
}

static int build(Command *c, Arena *arena)
{
    const char *wrong = NULL;
    NncInt8 *int8 = ARENA_NEW(arena, NncInt8);
    int status = 2;
    if (c->int8 && !c->o.checkpoint) wrong = "--int8 needs the weights: --weights=FILE";
    if (c->int8 && c->o.floats != NNC_F32) wrong = "--int8: the numbers around are floats of 32 bits, not --float=f64 or bf16";
    if (c->int8 && c->o.output && output_same(c->o.output, c->int8))
        wrong = arena_print(arena, "-o: %s: this would overwrite %s, which is read", c->o.output, c->int8);
    if (!wrong) status = c->o.checkpoint ? find_weights(c, arena) : 0;
    if (c->int8 && !status) wrong = command_read_int8(arena, c->int8, &c->o, int8, &status);
    if (wrong) return fprintf(stderr, "nnc: %s\n", wrong), status;
    if (c->int8) c->o.int8 = int8;
    return status ? status : nnc_compile(&c->o);
}

static int quantize(Command *c, Arena *arena)
{
    Text out = {.arena = arena};
    int status = 0;
    const char *wrong = command_quantize(c, arena, &out, &status);
    if (wrong) fprintf(stderr, "nnc: %s\n", wrong);
    put_text(&out);
    return status;
}

static void put_messages(void *user, const Diags *diags)
{
    (void)user;
    puts(messages_as_json(diags));
}

/* An internal error aborts; the user gets exit code 70. Signals of users end the process as they would. */
static void on_abort(int signal)
{
    (void)signal;
    temporary_remove_all(); /* NOLINT(bugprone-signal-handler): it only unlinks */
    _exit(70);
}

static void on_signal(int number)
{
    temporary_remove_all();
    signal(number, SIG_DFL);
    raise(number);
}

static void watch_signals(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXCPU, SIGXFSZ};
    struct sigaction action = {.sa_handler = on_signal}, old;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) /* what is ignored (nohup) stays so */
        if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) sigaction(ends[i], &action, NULL);
    signal(SIGABRT, on_abort);
}

static int run(Command *c, Arena *arena)
{
    if (c->help) return help(c, arena, c->verb == VERB_build || c->verb == VERB_help ? c->topic : command_verbs[c->verb].name);
    switch (c->verb) {
    case VERB_plot: return plot(c, arena);
    case VERB_report: return report(c, arena);
    case VERB_explain: return explain(c, arena);
    case VERB_help: return help(c, arena, c->topic);
    case VERB_version: return version(c);
    case VERB_lsp: return server_run(0, 1, nnc_version());
    case VERB_completion: return completion(arena, c->topic);
    case VERB_gradcheck: return gradcheck(c, arena);
    case VERB_quantize: return quantize(c, arena);
    case VERB_check:
        c->o.mode = NNC_CHECK;
        if (c->json) c->o.messages = put_messages;
        break;
    case VERB_fmt: c->o.mode = NNC_FORMAT; break;
    default: return build(c, arena);
    }
    return nnc_compile(&c->o);
}

typedef struct Task {
    Command *command;
    Arena *arena;
    int status;
} Task;

static void *run_task(void *task)
{
    Task *t = task;
    t->status = run(t->command, t->arena);
    return NULL;
}

/* Expressions may be nested a thousand deep, and who walks them calls itself. Where the stack has less room than that takes
 * (ulimit -s), the command runs on one of its own. */
static int run_with_room(Command *c, Arena *arena)
{
    const rlim_t room = 8 << 20;
    struct rlimit limit;
    pthread_attr_t attributes;
    pthread_t thread;
    Task task = {.command = c, .arena = arena};
    bool small = getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < room; /* no limit: the largest number */
    if (!small || pthread_attr_init(&attributes) != 0) return run(c, arena);
    bool made = !pthread_attr_setstacksize(&attributes, room) && !pthread_create(&thread, &attributes, run_task, &task);
    pthread_attr_destroy(&attributes);
    if (!made) return run(c, arena);
    pthread_join(thread, NULL);
    return task.status;
}

int main(int argc, char **argv)
{
    static Command c;
    static Arena arena;
    watch_signals();
    c.o = (NncOptions){.write = write_text, .runtime_dir = runtime_dir()};
    const char *wrong = command_read(&c, &arena, argc, argv);
    if (wrong) bad_usage(wrong, NULL);
    c.o.colour = c.colour == 1 || (c.colour == 0 && isatty(2) && !getenv("NO_COLOR"));
    return done(run_with_room(&c, &arena));
}
