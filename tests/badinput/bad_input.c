/* SPDX-License-Identifier: MIT
 * bad_input.c: linked with the object of a program (-DPROGRAM=iris), it runs ./iris in the current
 * folder with bad input for every export, one call for each row of `cases` and each argument that
 * the row is about. The program must end with the status of the row, say what is wrong in one line
 * on standard error that names what the row names, write nothing to standard output and leave no
 * file behind. -v as first word shows the messages.
 *
 * weights.safetensors must be there; foreign.safetensors are weights of another program. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "same/program.h"

/* What a row is about. TEXTS are arguments `as d.field`, NUMBERS all other tensors; INDICES are
 * below a bound. */
typedef enum {
    EXPORT = 1,
    NUMBERS = 2,
    TEXTS = 4,
    TENSORS = NUMBERS | TEXTS,
    FIXED = 8,     /* tensors with an axis of a fixed size */
    INTEGERS = 16, /* tensors */
    INDICES = 32,
    SIZES = 64,
    SCALARS = 128,
    NEEDED = 256 /* sizes without a default */
} About;

typedef struct Case {
    unsigned about;
    const char *flag;  /* NULL: the argument itself */
    const char *value; /* NULL: the flag is left out */
    int status;
    const char *says[3]; /* parts of the message; @ stands for the argument */
} Case;

enum { OK, INPUT, USAGE, SYSTEM };

static const Case cases[] = {
    /* files */
    {TENSORS, NULL, "missing.npy", SYSTEM, {"--@", "\"missing.npy\"", "No such file"}},
    {TENSORS, NULL, "no/such/folder.npy", SYSTEM, {"--@", "\"no/such/folder.npy\"", "No such file"}},
    {TENSORS, NULL, "folder", SYSTEM, {"--@", "folder is a folder", "file"}},
    {TENSORS, NULL, "empty.npy", INPUT, {"--@", "empty.npy is empty"}},
    {NUMBERS, NULL, "empty.csv", INPUT, {"--@", "empty.csv is empty"}},
    {NUMBERS, NULL, "random.csv", INPUT, {"--@", "random.csv"}},
    {TENSORS, NULL, "random.npy", INPUT, {"--@", "random.npy"}},
    {NUMBERS, NULL, "random.png", INPUT, {"--@", "random.png"}},
    {NUMBERS, NULL, "random.wav", INPUT, {"--@", "random.wav"}},
    {NUMBERS, NULL, "words.csv", INPUT, {"--@", "words.csv:2:1", "\"b\" is no number"}},
    {NUMBERS,
     NULL,
     "ragged.csv",
     INPUT,
     {
         "--@",
         "ragged.csv:2",
         "2 cells",
     }},
    {NUMBERS, NULL, "broken.csv.gz", INPUT, {"--@", "broken.csv.gz", "damaged"}},
    {NUMBERS, NULL, "cut.idx", INPUT, {"--@", "cut.idx"}},
    {NUMBERS, NULL, "cut.png", INPUT, {"--@", "cut.png"}},
    {NUMBERS, NULL, "cut.wav", INPUT, {"--@", "cut.wav"}},
    {TENSORS, NULL, "cut_header.npy", INPUT, {"--@", "cut_header.npy is no NPY file"}},
    {TENSORS, NULL, "cut_numbers.npy", INPUT, {"--@", "cut_numbers.npy"}},
    {TENSORS, NULL, "object.npy", INPUT, {"--@", "object.npy", "element type"}},
    {TENSORS, NULL, "huge.npy", INPUT, {"--@", "huge.npy"}},
    /* shapes and values */
    {TENSORS, NULL, "rank.npy", INPUT, {"--@", "[2, 3, 2, 3, 2, 3, 2, 3]", "but @ is"}},
    {FIXED, NULL, "fixed.npy", INPUT, {"--@", "has the shape", "but @ is"}},
    {INTEGERS, NULL, "fraction.npy", INPUT, {"--@", "0.5 is no integer"}},
    {INTEGERS, NULL, "nan.npy", INPUT, {"--@", "nan is no integer"}},
    {INTEGERS, NULL, "large.npy", INPUT, {"--@", "4294967296"}},
    {INDICES, NULL, "negative.npy", INPUT, {"@ contains -1", "must be in 0.."}},
    {INDICES, NULL, "bound.npy", INPUT, {"@ contains", "must be in 0.."}},
    /* words */
    {NUMBERS, NULL, "1,x", SYSTEM, {"--@", "\"1,x\""}},
    {NUMBERS, NULL, "1,2;3", SYSTEM, {"--@", "\"1,2;3\""}},
    {NUMBERS, NULL, "", SYSTEM, {"--@", "\"\""}},
    {TEXTS, NULL, "", INPUT, {"--@: the"}},
    {TEXTS, NULL, "empty.txt", INPUT, {"--@: the"}},
    {NUMBERS, NULL, "none.x", SYSTEM, {"--@", "\"none.x\""}},
    {SIZES, NULL, "0", USAGE, {"--@ is 0", "at least 1"}},
    {SIZES, NULL, "-1", USAGE, {"--@ is -1", "at least 1"}},
    {SIZES, NULL, "x", USAGE, {"--@ needs an integer, not \"x\""}},
    {SIZES, NULL, "1.5", USAGE, {"--@ needs an integer, not \"1.5\""}},
    {SIZES, NULL, "", USAGE, {"--@ needs an integer, not \"\""}},
    {SIZES, NULL, "99999999999999999999", USAGE, {"--@", "99999999999999999999", "too large"}},
    {SIZES, NULL, "9000000000000000000", INPUT, {"too large", "@ 9000000000000000000"}},
    {NEEDED, NULL, NULL, USAGE, {"needs --@"}},
    {SCALARS, NULL, "x", USAGE, {"--@ needs a number, not \"x\""}},
    {SCALARS, NULL, "", USAGE, {"--@ needs a number, not \"\""}},
    {SCALARS, NULL, "nan", USAGE, {"--@", "\"nan\""}},
    {SCALARS, NULL, "inf", USAGE, {"--@", "\"inf\""}},
    {SCALARS, NULL, "1e999", INPUT, {"--@", "1e999 is"}},
    {TENSORS, NULL, NULL, USAGE, {"needs --@"}},
    /* the command line */
    {EXPORT, "--nonesuch", "1", USAGE, {"there is no flag --nonesuch"}},
    {EXPORT, "surplus", "1", USAGE, {"surplus", "no argument left"}},
    {EXPORT, "-x", "1", USAGE, {"-x", "two dashes"}},
    {EXPORT, "--seed", "x", USAGE, {"--seed needs an integer, not \"x\""}},
    {EXPORT, "--threads", "-1", USAGE, {"--threads is -1", "at least 0"}},
    {EXPORT, "--threads", "1025", USAGE, {"--threads is 1025", "at most 1024"}},
    {EXPORT, "--load", "missing.safetensors", SYSTEM, {"missing.safetensors", "No such file"}},
    {EXPORT, "--load", "folder", SYSTEM, {"folder is a folder"}},
    {EXPORT, "--load", "empty.npy", INPUT, {"empty.npy is no checkpoint: it has 0 bytes"}},
    {EXPORT, "--load", "random.npy", INPUT, {"random.npy"}},
    {EXPORT, "--load", "cut.safetensors", INPUT, {"cut.safetensors"}},
    {EXPORT, "--load", "flipped.safetensors", INPUT, {"flipped.safetensors", "checksum"}},
    {EXPORT, "--load", "foreign.safetensors", INPUT, {"foreign.safetensors"}},
    {EXPORT, "--out", "no/folder.npy", SYSTEM, {"--out no/folder.npy", "No such file"}},
    {EXPORT, "--out", "folder", SYSTEM, {"--out folder", "Is a directory"}},
    {EXPORT, "--out", "result.xyz", USAGE, {"--out result.xyz", ".csv .npy .json .txt"}},
    {EXPORT, "--out", "/dev/full", SYSTEM, {"--out /dev/full", "No space left"}},
};

/* ---- files */

static void put(const char *path, const void *bytes, size_t n)
{
    FILE *f = create(path);
    fwrite(bytes, 1, n, f);
    fclose(f);
}

static void put_text(const char *path, const char *text)
{
    put(path, text, strlen(text));
}

/* A checkpoint that ends early, and one with bits changed in all its tensors. */
static void damage(const char *checkpoint)
{
    FILE *f = fopen(checkpoint, "rb");
    long size = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    char *bytes = size < 16 ? NULL : malloc((size_t)size);
    if (!bytes) perror(checkpoint), exit(1);
    rewind(f);
    size_t n = fread(bytes, 1, (size_t)size, f);
    fclose(f);
    put("cut.safetensors", bytes, n / 2);
    size_t header = (unsigned char)bytes[0] + 256u * (unsigned char)bytes[1];
    for (size_t i = 8 + header; i < n; i += 16)
        bytes[i] ^= 64;
    put("flipped.safetensors", bytes, n);
    free(bytes);
}

static void put_npy(const char *path, const char *type, const char *shape, size_t bytes)
{
    static const char zero[64];
    FILE *f = create(path);
    char header[128];
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    fprintf(f, "\x93NUMPY%c%c%c%c%-117s\n", 1, 0, 118, 0, header);
    fwrite(zero, 1, bytes, f);
    fclose(f);
}

static void common_files(void)
{
    unsigned char noise[600], png[40] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x1c\0\0\0\x1c\b\0\0\0\0",
                              wav[40] = "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0", idx[20] = "\0\0\x08\3\0\0\0\x64\0\0\0\x1c\0\0\0\x1c";
    uint32_t state = 7;
    for (size_t i = 0; i < sizeof noise; i++) {
        state = state * 1664525u + 1013904223u;
        noise[i] = (unsigned char)(state >> 24);
    }
    mkdir("folder", 0777);
    put("empty.npy", "", 0), put("empty.csv", "", 0), put("empty.txt", "", 0);
    put("random.csv", noise, sizeof noise), put("random.npy", noise, sizeof noise);
    put("random.png", noise, sizeof noise), put("random.wav", noise, sizeof noise);
    put("cut.png", png, sizeof png), put("cut.wav", wav, 30), put("cut.idx", idx, sizeof idx);
    put_text("words.csv", "a\nb\nc\n"), put_text("ragged.csv", "1,2,3\n4,5\n");
    memcpy(noise, "\x1f\x8b\x08\0\0\0\0\0\0\3", 10);
    put("broken.csv.gz", noise, sizeof noise);
    put("cut_header.npy", "\x93NUMPY\1\0v\0{'descr': '<f4'", 24);
    put_npy("cut_numbers.npy", "<f4", "(2, 3)", 20);
    put_npy("object.npy", "|O8", "(2, 3)", 48);
    put_npy("huge.npy", "<f4", "(1099511627776, 1048576)", 64);
    put_npy("rank.npy", "|u1", "(2, 3, 2, 3, 2, 3, 2, 3)", 64);
    FILE *f = fopen("rank.npy", "ab");
    for (int i = 64; i < 1296; i++)
        fputc(0, f);
    fclose(f);
    damage("weights.safetensors");
}

static bool has_fixed(const nnrt_arg_desc *a)
{
    for (int i = 0; i < a->rank; i++)
        if (isdigit((unsigned char)a->dim[i][0])) return true;
    return false;
}

/* Files of almost the right contents: GOOD, then one thing wrong in each. */
static void argument_files(const Entry *x, const nnrt_arg_desc *a, int position)
{
    char path[256];
    Npy good = good_npy(x, a, position), npy = good;
    snprintf(path, sizeof path, "%s.%s.npy", x->d->name, a->name);
    write_npy(path, &good);
    for (int i = 0; i < a->rank; i++)
        if (isdigit((unsigned char)a->dim[i][0])) npy.dim[i] += i == a->rank - 1 ? 2 : 1;
    write_npy("fixed.npy", &npy);
    npy = good, npy.dtype = FLOAT64, npy.spoiled = true;
    npy.last = 0.5, write_npy("fraction.npy", &npy);
    npy.last = (double)NAN, write_npy("nan.npy", &npy);
    npy.last = 4294967296.0, write_npy("large.npy", &npy);
    npy.last = -1, write_npy("negative.npy", &npy);
    npy.last = (double)good.bound, write_npy("bound.npy", &npy);
}

/* ---- runs */

typedef struct Run {
    int status, n;
    const char *argv[100];
    char words[100][300], err[8192], out[8192];
} Run;

static void add_word(Run *run, const char *format, const char *a, const char *b)
{
    snprintf(run->words[run->n], sizeof run->words[0], format, a, b);
    run->argv[run->n] = run->words[run->n];
    run->n++;
}

static void read_back(FILE *f, char *to, size_t room)
{
    rewind(f);
    to[fread(to, 1, room - 1, f)] = 0;
    fclose(f);
}

static void execute(Run *run)
{
    FILE *out = tmpfile(), *err = tmpfile();
    pid_t pid = fork();
    if (!pid) {
        if (dup2(fileno(out), 1) < 0 || dup2(fileno(err), 2) < 0 || !freopen("/dev/null", "r", stdin)) _exit(99);
        run->argv[run->n] = NULL;
        execv(run->argv[0], (char **)(uintptr_t)run->argv);
        _exit(98);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    read_back(out, run->out, sizeof run->out);
    read_back(err, run->err, sizeof run->err);
}

static int files_here(void)
{
    int n = 0;
    DIR *dir = opendir(".");
    while (dir && readdir(dir))
        n++;
    if (dir) closedir(dir);
    return n;
}

/* ---- one case */

static int runs, wrong;
static bool verbose;

static bool says(const char *text, const char *part, const char *name)
{
    char want[300] = "";
    for (size_t n = 0; *part && n + 80 < sizeof want; n = strlen(want))
        if (*part == '@')
            snprintf(want + n, sizeof want - n, "%s", name), part++;
        else
            want[n] = *part++, want[n + 1] = 0;
    return strstr(text, want) != NULL;
}

static void complain(const Run *run, const char *why)
{
    wrong++;
    printf("WRONG (%s):", why);
    for (int i = 0; i < run->n; i++)
        printf(" %s", *run->argv[i] ? run->argv[i] : "''");
    printf("\n  status %d: %s\n", run->status, run->err);
}

static void judge(const Run *run, const Case *c, const char *name, bool left)
{
    char start[80];
    const char *end = strchr(run->err, '\n');
    snprintf(start, sizeof start, "%s: ", prefix);
    if (strstr(run->err, "Sanitizer") || strstr(run->err, "runtime error"))
        complain(run, "sanitizer");
    else if (run->status != c->status)
        complain(run, "status");
    else if (strncmp(run->err, start, strlen(start)) || !end || end[1])
        complain(run, "not one line of the program");
    else if (run->out[0])
        complain(run, "text on standard output");
    else if (left)
        complain(run, "a file is left");
    else
        for (int i = 0; i < 3 && c->says[i]; i++)
            if (!says(run->err, c->says[i], name)) {
                complain(run, c->says[i]);
                break;
            }
}

/* The good call, with `name` as the case wants it, or with its flag. */
static void build(Run *run, const Entry *x, const Case *c, const char *name)
{
    const char *out = c && c->flag && strcmp(c->flag, "--out") == 0 ? c->value : NULL;
    *run = (Run){0};
    add_word(run, "./%s%s", prefix, "");
    add_word(run, "%s%s", x->d->name, "");
    for (int i = 0; i < x->d->n_args; i++) {
        const nnrt_arg_desc *a = &x->d->arg[i];
        bool here = c && !c->flag && strcmp(a->name, name) == 0;
        if (here && !c->value) continue;
        if (a->kind == RESULT) {
            add_word(run, "--out%s%s", "", "");
            add_word(run, "%s%s", out ? out : a->name, out ? "" : ".result.npy");
            out = NULL;
            continue;
        }
        if (a->kind == REPORT) continue;
        char number[32];
        snprintf(number, sizeof number, "%lld", a->kind == SIZE ? (long long)size_named(x, a->name) : 1);
        add_word(run, "--%s%s", a->name, "");
        if (here)
            add_word(run, "%s%s", c->value, "");
        else if (a->kind == ARGUMENT)
            add_word(run, "%s.%s.npy", x->d->name, a->name);
        else
            add_word(run, "%s%s", number, "");
    }
    bool load = c && c->flag && strcmp(c->flag, "--load") == 0;
    if (!load) add_word(run, "%s%s", "--load", ""), add_word(run, "weights.%s%s", "safetensors", "");
    if (!c || !c->flag || strcmp(c->flag, "--out") == 0) return;
    add_word(run, "%s%s", c->flag, "");
    if (strncmp(c->flag, "-", 1) == 0) add_word(run, "%s%s", c->value, "");
}

static void try_case(const Entry *x, const Case *c, const char *name)
{
    static Run run;
    int files = files_here();
    build(&run, x, c, name);
    execute(&run);
    runs++;
    if (verbose)
        printf("%-10s --%-10s %-20s %-22s %d %s", x->d->name, name, c->flag ? c->flag : "", c->value ? c->value : "(none)", run.status,
               run.err[0] ? run.err : "\n");
    judge(&run, c, name, files_here() != files);
    for (int i = 0; i < x->d->n_args; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s.result.npy", x->d->arg[i].name);
        if (x->d->arg[i].kind == RESULT) unlink(path);
    }
}

/* The help of a flag ends in its default: `--n N   a size [24]`. */
static bool has_default(const char *help, const char *name)
{
    char flag[100];
    snprintf(flag, sizeof flag, "--%s N ", name);
    const char *line = strstr(help, flag);
    return line && memchr(line, '[', strcspn(line, "\n"));
}

static void try_argument(const Entry *x, const nnrt_arg_desc *a, int position, const char *help)
{
    char flag[100];
    unsigned about = a->kind == SCALAR ? SCALARS : a->kind != SIZE ? 0 : has_default(help, a->name) ? SIZES : SIZES | NEEDED;
    if (a->kind == ARGUMENT) {
        snprintf(flag, sizeof flag, "--%s TEXT", a->name);
        about = strstr(help, flag) ? TEXTS : NUMBERS;
        if (has_fixed(a)) about |= FIXED;
        if (a->dtype > FLOAT64) about |= INTEGERS;
        if (a->dtype > FLOAT64 && bound_of(x, position)) about |= INDICES;
        argument_files(x, a, position);
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (cases[i].about & about) try_case(x, &cases[i], a->name);
}

/* Without --load, and the file that `save` names is not there. */
static void try_without_weights(const Entry *x)
{
    static const char *const need_none[][2] = {{"music", "play"}, {"resnet_densenet", "widen"}};
    static Run run;
    bool needed = true;
    for (size_t i = 0; i < sizeof need_none / sizeof *need_none; i++)
        if (strcmp(prefix, need_none[i][0]) == 0 && strcmp(x->d->name, need_none[i][1]) == 0) needed = false;
    build(&run, x, NULL, "");
    run.n -= 2;
    execute(&run);
    runs++;
    if (needed ? !strstr(run.err, "--load FILE") || (run.status != SYSTEM && run.status != USAGE) : run.status != OK)
        complain(&run, "without weights");
}

static void try_export(const Entry *x)
{
    static Run good, help;
    help = (Run){0};
    add_word(&help, "./%s%s", prefix, "");
    add_word(&help, "%s%s", x->d->name, "");
    add_word(&help, "%s%s", "--help", "");
    execute(&help);
    for (int i = 0, position = 0; i < x->d->n_args; i++) {
        const nnrt_arg_desc *a = &x->d->arg[i];
        if (a->kind == ARGUMENT) argument_files(x, a, position);
        position += a->kind != SIZE;
    }
    build(&good, x, NULL, "");
    execute(&good);
    if (good.status || good.err[0]) complain(&good, "the good call");
    for (int i = 0, position = 0; i < x->d->n_args; i++) {
        const nnrt_arg_desc *a = &x->d->arg[i];
        if (a->kind < RESULT) try_argument(x, a, position, help.out);
        position += a->kind != SIZE;
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (cases[i].about == EXPORT) try_case(x, &cases[i], "");
    try_without_weights(x);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    common_files();
    for (int i = 0; i < program->n_entries; i++) {
        if (program->desc->entry[i].kind != NNRT_EXPORT_ENTRY) continue;
        Entry x = export_entry(i);
        try_export(&x);
    }
    printf("%s: %d calls, %d wrong\n", prefix, runs, wrong);
    return wrong != 0;
}
