/* SPDX-License-Identifier: MIT
 * mutate.c: damaged programs. The compiler must end each with a located error, or accept it.
 *
 *   mutate [--seed S] [--count N] [--compile N] [--out FOLDER] NNC FILE...
 *
 * A seed picks one of the files (of a .md file one of its blocks), changes it in one to four places
 * and runs `NNC check` on the result. Exit status 1 needs `FILE:LINE:COLUMN: error E....` with a
 * place inside the file and at most 20 errors; status 0 means that the program is still valid, and
 * every N-th of those must compile as well. Anything else (a signal, another status, a time limit)
 * is a failure: the program is kept as FOLDER/mutate-SEED.nn. Exit status 1 if there were any. */
#include <ctype.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_SOURCES = 4096, MOST_TOKENS = 1 << 16, TIME_LIMIT = 20 /* seconds */ };

typedef struct Bytes {
    char *at;
    size_t n;
} Bytes;

static Bytes sources[MOST_SOURCES];
static int n_sources;
static uint64_t state;

static uint64_t below(uint64_t n)
{
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return n ? (z ^ (z >> 31)) % n : 0;
}

static void *memory(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p) abort();
    return p;
}

/* ---- sources ---- */

static void add_source(const char *text, size_t n)
{
    if (n_sources == MOST_SOURCES || n < 20) return;
    Bytes *b = &sources[n_sources++];
    *b = (Bytes){memory(n + 1), n};
    memcpy(b->at, text, n);
}

/* The blocks between ``` lines without a language of their own. */
static void add_blocks(const char *text)
{
    const char *open = NULL;
    for (const char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (strncmp(line, "```", 3) != 0) continue;
        if (open) {
            if (open != line) add_source(open, (size_t)(line - open));
            open = NULL;
        } else {
            const char *next = strchr(line, '\n');
            bool other = line[3] != '\n' && strncmp(line + 3, "nn", 2) != 0;
            open = other ? line : next ? next + 1 : NULL;
        }
    }
}

static Bytes read_whole(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return (Bytes){0};
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    Bytes b = {memory((size_t)n + 1), (size_t)n};
    if (fread(b.at, 1, b.n, f) != b.n) b.n = 0;
    fclose(f);
    return b;
}

static bool add_file(const char *path)
{
    Bytes b = read_whole(path);
    size_t n = strlen(path);
    if (!b.at) return false;
    if (n > 3 && strcmp(path + n - 3, ".md") == 0)
        add_blocks(b.at);
    else
        add_source(b.at, b.n);
    free(b.at);
    return true;
}

/* ---- changes ---- */

typedef struct Span {
    size_t at, n;
} Span;

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.';
}

/* Rough tokens: words and numbers, strings, comments, and single signs. */
static int split_tokens(Bytes b, Span *token)
{
    int n = 0;
    for (size_t i = 0; i < b.n && n < MOST_TOKENS;) {
        size_t from = i++;
        char c = b.at[from];
        if (isspace((unsigned char)c)) continue;
        if (is_word(c))
            while (i < b.n && is_word(b.at[i]))
                i++;
        if (c == '"') {
            while (i < b.n && b.at[i] != '"' && b.at[i] != '\n')
                i++;
            if (i < b.n && b.at[i] == '"') i++;
        }
        if (c == '#') {
            while (i < b.n && b.at[i] != '\n')
                i++;
            continue;
        }
        token[n++] = (Span){from, i - from};
    }
    return n;
}

static int split_lines(Bytes b, Span *line)
{
    int n = 0;
    for (size_t i = 0; i < b.n && n < MOST_TOKENS;) {
        size_t from = i;
        while (i < b.n && b.at[i] != '\n')
            i++;
        if (i < b.n) i++;
        line[n++] = (Span){from, i - from};
    }
    return n;
}

/* b with the span replaced. */
static Bytes replaced(Bytes b, Span span, const char *text, size_t n)
{
    Bytes r = {memory(b.n - span.n + n + 1), b.n - span.n + n};
    memcpy(r.at, b.at, span.at);
    if (n) memcpy(r.at + span.at, text, n);
    memcpy(r.at + span.at + n, b.at + span.at + span.n, b.n - span.at - span.n);
    return r;
}

static Bytes swapped(Bytes b, Span x, Span y)
{
    if (x.at > y.at) {
        Span t = x;
        x = y;
        y = t;
    }
    Bytes later = replaced(b, y, b.at + x.at, x.n), both = replaced(later, x, b.at + y.at, y.n);
    free(later.at);
    return both;
}

static Bytes change_pieces(Bytes b, const Span *piece, int n, bool lines)
{
    Span x = piece[below((uint64_t)n)], y = piece[below((uint64_t)n)];
    size_t next = (size_t)(&piece[n - 1] - piece);
    for (int i = 0; i + 1 < n; i++)
        if (piece[i].at == x.at) next = (size_t)i + 1;
    switch (below(lines ? 4 : 6)) {
    case 0: return replaced(b, x, NULL, 0);
    case 1: return replaced(b, (Span){x.at, 0}, b.at + x.at, x.n);
    case 2: return x.at == piece[next].at ? replaced(b, x, NULL, 0) : swapped(b, x, piece[next]);
    case 3: return x.at == y.at ? replaced(b, x, NULL, 0) : swapped(b, x, y);
    case 4: return replaced(b, x, b.at + y.at, y.n);
    default: return replaced(b, (Span){x.at, 0}, b.at + y.at, y.n);
    }
}

static const char *const words[] = {"layer",
                                    "model",
                                    "train",
                                    "eval",
                                    "export",
                                    "fn",
                                    "data",
                                    "option",
                                    "const",
                                    "param",
                                    "state",
                                    "scan",
                                    "along",
                                    "with",
                                    "emit",
                                    "if",
                                    "else",
                                    "for",
                                    "in",
                                    "return",
                                    "minimize",
                                    "over",
                                    "using",
                                    "except",
                                    "report",
                                    "where",
                                    "import",
                                    "as",
                                    "extern",
                                    "metric",
                                    "grad",
                                    "requires",
                                    "float",
                                    "int",
                                    "bool",
                                    "true",
                                    "int<3>",
                                    "(",
                                    ")",
                                    "[",
                                    "]",
                                    "{",
                                    "}",
                                    "<",
                                    ">",
                                    "->",
                                    "=",
                                    ":=",
                                    "==",
                                    "//",
                                    "%",
                                    "**",
                                    "*S",
                                    "_",
                                    "0",
                                    "-1",
                                    "1",
                                    "2",
                                    "1e400",
                                    "1e-3",
                                    "0x",
                                    "9223372036854775807",
                                    "99999999999999999999",
                                    "-9223372036854775808",
                                    "1000000",
                                    "\"\"",
                                    "\"",
                                    "...",
                                    "training",
                                    "x",
                                    "B",
                                    "self",
                                    "Dense",
                                    "relu",
                                    "sum",
                                    "float[B, 4]",
                                    ","};

static Bytes change_number(Bytes b, const Span *token, int n)
{
    static const char *const numbers[] = {"0", "1", "-1", "2", "3", "7", "16", "17", "0.5", "1e9", "100000", "4294967296", "2147483647"};
    int from = (int)below((uint64_t)n);
    for (int k = 0; k < n; k++) {
        Span t = token[(from + k) % n];
        if (!isdigit((unsigned char)b.at[t.at])) continue;
        const char *number = numbers[below(sizeof numbers / sizeof *numbers)];
        return replaced(b, t, number, strlen(number));
    }
    return replaced(b, token[0], NULL, 0);
}

static Bytes change_name(Bytes b, const Span *token, int n)
{
    int from = (int)below((uint64_t)n);
    for (int k = 0; k < n; k++) {
        Span t = token[(from + k) % n];
        if (!isalpha((unsigned char)b.at[t.at])) continue;
        size_t at = t.at + below(t.n);
        if (below(2)) return replaced(b, (Span){at, 1}, NULL, 0);
        char c = (char)('a' + below(26));
        return replaced(b, (Span){at, below(2)}, &c, 1);
    }
    return replaced(b, token[0], NULL, 0);
}

static Bytes insert_bytes(Bytes b)
{
    char text[8];
    size_t n = 1 + below(sizeof text - 1);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)below(256);
    return replaced(b, (Span){below(b.n + 1), 0}, text, n);
}

static Bytes changed(Bytes b)
{
    static Span token[MOST_TOKENS], line[MOST_TOKENS];
    int n_tokens = split_tokens(b, token), n_lines = split_lines(b, line);
    if (n_tokens == 0) return insert_bytes(b);
    switch (below(16)) {
    case 0: return replaced(b, (Span){below(b.n), 0}, "\n", 1);
    case 1: { /* cut */ size_t at = below(b.n); return replaced(b, (Span){at, b.n - at}, NULL, 0);
    }
    case 2: return insert_bytes(b);
    case 3:
    case 4: return change_number(b, token, n_tokens);
    case 5:
    case 6: return change_name(b, token, n_tokens);
    case 7:
    case 8:
    case 9: return change_pieces(b, line, n_lines, true);
    case 10:
    case 11: { /* a word of the language in place of a token, or between two */
        const char *word = words[below(sizeof words / sizeof *words)];
        Span t = token[below((uint64_t)n_tokens)];
        if (below(2)) t.n = 0;
        return replaced(b, t, word, strlen(word));
    }
    default: return change_pieces(b, token, n_tokens, false);
    }
}

/* ---- the compiler ---- */

typedef struct Run {
    int status;   /* exit status, 128 + signal, or -1: over the time limit */
    Bytes output; /* standard error */
} Run;

static Run run_nnc(char *const *argv)
{
    Run r = {0};
    int pipes[2];
    if (pipe(pipes)) abort();
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0), dup2(null, 1), dup2(pipes[1], 2);
        close(pipes[0]);
        setrlimit(RLIMIT_CPU, &(struct rlimit){TIME_LIMIT, TIME_LIMIT});
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        alarm(30 * TIME_LIMIT); /* of a busy machine */
        execv(argv[0], argv);
        _exit(127);
    }
    close(pipes[1]);
    size_t room = 1 << 16;
    r.output.at = memory(room + 1);
    for (ssize_t got; (got = read(pipes[0], r.output.at + r.output.n, room - r.output.n)) > 0;) {
        r.output.n += (size_t)got;
        if (r.output.n < room) continue;
        room *= 2;
        r.output.at = realloc(r.output.at, room + 1);
        if (!r.output.at) abort();
    }
    r.output.at[r.output.n] = 0;
    close(pipes[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status))
        r.status = WEXITSTATUS(status);
    else if (WTERMSIG(status) == SIGALRM || WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)
        r.status = -1;
    else
        r.status = 128 + WTERMSIG(status);
    return r;
}

typedef struct Errors {
    int located, all;
    char code[8]; /* of the first */
    bool outside; /* a place is not in the file */
} Errors;

/* Counts `path:line:column: error E0123: ` at the starts of lines. Errors of other files (the
 * library's) are located too. */
static Errors count_errors(const char *output, const char *path, Bytes source)
{
    Errors e = {0};
    long lines = 1;
    for (size_t i = 0; i < source.n; i++)
        lines += source.at[i] == '\n';
    for (const char *line = output; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        const char *end = strchr(line, '\n'), *mark = strstr(line, ": error E");
        if (!mark || (end && mark > end) || isspace((unsigned char)*line)) continue;
        e.all++;
        size_t n = strlen(path);
        long at = 0, column = 0;
        if (strncmp(line, path, n) == 0 && sscanf(line + n, ":%ld:%ld:", &at, &column) == 2) {
            e.located++;
            e.outside |= at < 1 || at > lines || column < 1;
        }
        if (e.all == 1) snprintf(e.code, sizeof e.code, "%.5s", mark + 8);
    }
    return e;
}

/* NULL, or what is wrong with the answer. */
static const char *judge(const Run *r, const Errors *e)
{
    if (r->status == -1) return "runs on";
    if (r->status > 1) return r->status > 127 ? "ended by a signal" : "a wrong exit status";
    if (strstr(r->output.at, "internal error")) return "an internal error";
    if (r->status == 0) return e->all ? "status 0 with errors" : NULL;
    if (!e->all) return "status 1 without an error";
    if (!e->located) return "no error has a place in the file";
    if (e->outside) return "a place outside the file";
    return e->all > 20 ? "more than 20 errors" : NULL;
}

/* ---- the run ---- */

static struct {
    char *nnc;
    const char *folder;
    uint64_t seed, count, every;
    uint64_t invalid, valid, compiled, late, failed;
} run = {.folder = ".", .seed = 1, .count = 60, .every = 10};

static void write_program(const char *path, Bytes b)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(b.at, 1, b.n, f) != b.n || fclose(f) != 0) {
        fprintf(stderr, "cannot write %s\n", path);
        exit(3);
    }
}

static bool show_failure(uint64_t seed, const char *what, const char *wrong, const Run *r)
{
    printf("seed %llu: %s: %s (status %d)\n%.1500s\n", (unsigned long long)seed, what, wrong, r->status, r->output.at);
    fflush(stdout);
    run.failed++;
    return false;
}

/* Compiles what passed the check. Errors of the later stages (derivatives) count as late. */
static bool compile_program(uint64_t seed, char *path, Bytes program)
{
    char object[4200];
    snprintf(object, sizeof object, "%s.o", path);
    Run r = run_nnc((char *[]){run.nnc, "-c", path, "-o", object, NULL});
    Errors e = count_errors(r.output.at, path, program);
    const char *wrong = judge(&r, &e);
    if (!wrong && r.status == 1 && strcmp(e.code, "E0508") < 0) wrong = "the check should have found this";
    bool good = wrong ? show_failure(seed, "compile", wrong, &r) : true;
    run.compiled += good && r.status == 0;
    run.late += good && r.status == 1;
    unlink(object);
    strcpy(object + strlen(object) - 1, "h");
    unlink(object);
    free(r.output.at);
    return good;
}

static void run_seed(uint64_t seed)
{
    char path[4096];
    state = seed * 0x2545F4914F6CDD1Du;
    const Bytes source = sources[below((uint64_t)n_sources)];
    Bytes program = source;
    for (uint64_t k = 1 + below(4) * below(2); k > 0 && program.n > 1; k--) {
        Bytes next = changed(program);
        if (program.at != source.at) free(program.at);
        program = next;
    }
    snprintf(path, sizeof path, "%s/mutate-%llu.nn", run.folder, (unsigned long long)seed);
    write_program(path, program);
    Run r = run_nnc((char *[]){run.nnc, "check", path, NULL});
    Errors e = count_errors(r.output.at, path, program);
    const char *wrong = judge(&r, &e);
    bool good = wrong ? show_failure(seed, "check", wrong, &r) : true;
    run.invalid += good && r.status == 1;
    run.valid += good && r.status == 0;
    if (good && r.status == 0 && run.every && run.valid % run.every == 0) good = compile_program(seed, path, program);
    if (good) unlink(path);
    free(r.output.at);
    if (program.at != source.at) free(program.at);
}

int main(int argc, char **argv)
{
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        if (strcmp(argv[i], "--seed") == 0)
            run.seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--count") == 0)
            run.count = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--compile") == 0)
            run.every = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--out") == 0)
            run.folder = argv[i + 1];
        else
            break;
    }
    if (argc - i < 2) return fprintf(stderr, "mutate [FLAGS] NNC FILE...\n"), 2;
    run.nnc = argv[i++];
    for (; i < argc; i++)
        if (!add_file(argv[i])) return fprintf(stderr, "cannot read %s\n", argv[i]), 3;
    for (uint64_t k = 0; k < run.count; k++)
        run_seed(run.seed + k);
    printf("%llu changed programs: %llu invalid, %llu valid (%llu compiled, %llu with a late "
           "error), %llu failed\n",
           (unsigned long long)run.count, (unsigned long long)run.invalid, (unsigned long long)run.valid, (unsigned long long)run.compiled,
           (unsigned long long)run.late, (unsigned long long)run.failed);
    return run.failed ? 1 : 0;
}
