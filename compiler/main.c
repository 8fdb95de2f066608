/* SPDX-License-Identifier: MIT
 * main.c: the `nnc` command: options, files, exit codes. The only file of the compiler that prints or exits. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nnc.h"
#include "support/budget.h"
#include "support/output.h"
#include "support/temporary.h"

extern char **environ;

enum { MOST = 256 };
typedef struct Command {
    NncOptions o;
    const char *defines[MOST], *dirs[MOST], *inputs[MOST];
    const char *explain, *verb;
} Command;

static const char usage[] = "usage: nnc model.nn -o model        a training program: ./model fit, ./model test, ...\n"
                            "       nnc -c model.nn              model.o and model.h, for use from C\n"
                            "       nnc --shared model.nn        libmodel.so with both layers of the C interface\n"
                            "       nnc check model.nn           errors and warnings only\n"
                            "       nnc fmt model.nn             the program in canonical layout\n"
                            "       nnc gradcheck model.nn       derivatives against central differences\n"
                            "       nnc explain E0304            what an error means (also --explain E0304)\n"
                            "       nnc x.tir --passes=a,b       runs passes on a graph in text form\n"
                            "\n"
                            "  -o FILE           output\n"
                            "  -D NAME=VALUE     replaces a const\n"
                            "  -I DIR            where imports are looked for\n"
                            "  --float=f32|f64   working precision (default f32)\n"
                            "  --fp=fma|strict   strict: no fused multiply-add; the same bits on every target\n"
                            "  -march=CPU        any LLVM CPU of the target (default native)\n"
                            "  --target=TRIPLE   another target\n"
                            "  --prefix=NAME     prefix of C symbols (default: the file's stem)\n"
                            "  --depfile=FILE    the files that were read, as a rule of make\n"
                            "  --shapes          every binding with its type\n"
                            "  --dump=STAGE,...  tokens ast core lower inline gradient autodiff open scan\n"
                            "                    simplify kernel loop llvm\n"
                            "  --only=ENTRY      limits dumps to one entry point\n"
                            "  --stop-after=STAGE, --time, -S (assembly), --no-fusion, --no-reuse\n"
                            "  --allow-outside   imports may lie outside the program's folder and -I\n"
                            "  --color=auto|always|never\n"
                            "  --version, --help\n";

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

static void add(const char **list, unsigned *n, const char *value)
{
    if (*n == MOST) bad_usage("too many arguments", value);
    list[(*n)++] = value;
}

static int one_of(const char *flag, const char *value, const char *a, const char *b)
{
    if (strcmp(value, a) == 0) return 0;
    if (strcmp(value, b) == 0) return 1;
    fprintf(stderr, "nnc: %s is `%s`, but must be %s or %s\n", flag, value, a, b);
    exit(2);
}

/* clang-format off */
enum { F_FLOAT = 256, F_FP, F_TARGET, F_PREFIX, F_SHAPES, F_DUMP, F_ONLY, F_STOP, F_TIME, F_PASSES, F_COLOR, F_VERSION, F_HELP,
       F_EXPLAIN, F_SHARED, F_OUTSIDE, F_NO_FUSION, F_NO_REUSE, F_DEPFILE };
/* clang-format on */
static const struct option flags[] = {
    /* clang-format off */
    { "float", 1, NULL, F_FLOAT }, { "fp", 1, NULL, F_FP }, { "target", 1, NULL, F_TARGET }, { "prefix", 1, NULL, F_PREFIX },
    { "shapes", 0, NULL, F_SHAPES }, { "dump", 1, NULL, F_DUMP }, { "only", 1, NULL, F_ONLY }, { "stop-after", 1, NULL, F_STOP },
    { "time", 0, NULL, F_TIME }, { "depfile", 1, NULL, F_DEPFILE }, { "passes", 1, NULL, F_PASSES }, { "color", 1, NULL, F_COLOR }, { "version", 0, NULL, F_VERSION },
    { "help", 0, NULL, F_HELP }, { "explain", 1, NULL, F_EXPLAIN }, { "shared", 0, NULL, F_SHARED },
    { "allow-outside", 0, NULL, F_OUTSIDE }, { "no-fusion", 0, NULL, F_NO_FUSION }, { "no-reuse", 0, NULL, F_NO_REUSE }, { NULL, 0, NULL, 0 },
    /* clang-format on */
};

static void read_flag(Command *c, int flag)
{
    switch (flag) {
    case 'o': c->o.output = optarg; break;
    case 'c': c->o.mode = NNC_OBJECT; break;
    case 'S':
        c->o.mode = NNC_OBJECT;
        c->o.assembly = 1;
        break;
    case 'D': add(c->defines, &c->o.n_defines, optarg); break;
    case 'I': add(c->dirs, &c->o.n_include_dirs, optarg); break;
    case 'l': {
        char *name = malloc(strlen(optarg) + 3);
        if (!name) budget_no_memory();
        sprintf(name, "-l%s", optarg);
        add(c->inputs, &c->o.n_link_inputs, name);
        break;
    }
    case 'm':
        if (strncmp(optarg, "arch=", 5) != 0) bad_usage("unknown option -m", optarg);
        c->o.march = optarg + 5;
        break;
    case F_FLOAT: c->o.f64 = one_of("--float", optarg, "f32", "f64"); break;
    case F_FP: c->o.strict_fp = one_of("--fp", optarg, "fma", "strict"); break;
    case F_TARGET: c->o.target = optarg; break;
    case F_PREFIX: c->o.prefix = optarg; break;
    case F_SHAPES: c->o.shapes = 1; break;
    case F_DUMP: c->o.dump = optarg; break;
    case F_ONLY: c->o.only = optarg; break;
    case F_STOP: c->o.stop_after = optarg; break;
    case F_TIME: c->o.time = 1; break;
    case F_DEPFILE: c->o.depfile = optarg; break;
    case F_PASSES: c->o.passes = optarg; break;
    case F_COLOR: c->o.colour = strcmp(optarg, "always") == 0 ? 1 : strcmp(optarg, "never") == 0 ? 0 : c->o.colour; break;
    case F_EXPLAIN: c->explain = optarg; break;
    case F_SHARED: c->o.mode = NNC_SHARED; break;
    case F_OUTSIDE: c->o.allow_outside = 1; break;
    case F_NO_FUSION: c->o.no_fusion = 1; break;
    case F_NO_REUSE: c->o.no_reuse = 1; break;
    case F_VERSION: printf("nnc %s\n", nnc_version()); exit(done(0));
    case F_HELP: fputs(usage, stdout); exit(done(0));
    default: fputs("nnc: try `nnc --help`\n", stderr); exit(2);
    }
}

static int ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

static void read_inputs(Command *c, int argc, char **argv)
{
    for (; optind < argc; optind++) {
        const char *arg = argv[optind];
        if (ends_in(arg, ".o") || ends_in(arg, ".a") || ends_in(arg, ".so"))
            add(c->inputs, &c->o.n_link_inputs, arg);
        else if (c->o.input)
            bad_usage("one program at a time; this is the second", arg);
        else
            c->o.input = arg;
    }
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

static int explain(const char *code)
{
    const char *page = nnc_explain(code);
    if (!page) bad_usage("no page for this code", code);
    fputs(page, stdout);
    return 0;
}

static int run_gradcheck(const char *program)
{
    const char *argv[] = {program, "gradcheck", NULL};
    pid_t pid = 0;
    int status = 0, error = posix_spawn(&pid, program, NULL, NULL, (char **)(uintptr_t)argv, environ);
    while (!error && waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) error = errno;
    if (error) return fprintf(stderr, "nnc: %s: cannot run: %s\n", program, strerror(error)), 3;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Build the program in double precision in a temporary file and run its gradcheck verb. */
static int gradcheck(Command *c)
{
    static Arena names;
    const char *folder = getenv("TMPDIR");
    c->o.f64 = 1;
    c->o.mode = NNC_PROGRAM;
    c->o.output = output_temporary(&names, arena_print(&names, "%s/nnc-gradcheck", folder && *folder ? folder : "/tmp"), "");
    int status = nnc_compile(&c->o);
    return status ? status : run_gradcheck(c->o.output);
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

int main(int argc, char **argv)
{
    static Command c;
    watch_signals();
    c.o = (NncOptions){.write = write_text, .colour = isatty(2) && !getenv("NO_COLOR"), .runtime_dir = runtime_dir()};
    static const char *const verbs[] = {"check", "fmt", "gradcheck", "explain"};
    for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(argv[1], verbs[i]) == 0) c.verb = verbs[i];
    if (c.verb) argv[1] = argv[0], argc--, argv++;
    for (int flag; (flag = getopt_long(argc, argv, "o:cSD:I:l:m:", flags, NULL)) != -1;)
        read_flag(&c, flag);
    if (c.verb && strcmp(c.verb, "explain") == 0) c.explain = optind < argc ? argv[optind] : NULL;
    if (c.explain) return done(explain(c.explain));
    read_inputs(&c, argc, argv);
    c.o.defines = c.defines, c.o.include_dirs = c.dirs, c.o.link_inputs = c.inputs;
    if (!c.o.input) bad_usage("no program given", NULL);
    if (!c.verb) return done(nnc_compile(&c.o));
    if (strcmp(c.verb, "gradcheck") == 0) return done(gradcheck(&c));
    c.o.mode = strcmp(c.verb, "fmt") == 0 ? NNC_FORMAT : NNC_CHECK;
    return done(nnc_compile(&c.o));
}
