/* SPDX-License-Identifier: MIT
 * kill_resume.c: a training run that is killed at random moments ends in the same bits.
 *
 *   kill_resume [--seed S] [--kills N] NNC PROGRAM.nn DATA
 *
 * The program (an entry `fit` that saves run.safetensors, an entry `test`) is compiled and runs
 * once undisturbed. Then, N times: SIGKILL at a random moment of `fit --resume`; the checkpoints
 * that are there must load; what is left beside them are only files
 * *.tmp. Now and then a run may finish: its checkpoints must have the bytes of the undisturbed
 * run's. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *const saved[] = {"run.safetensors", "run.best.safetensors"};
enum { N_SAVED = sizeof saved / sizeof *saved, PATH = 4096 };

static uint64_t state = 1;

static uint64_t below(uint64_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static _Noreturn void fail(const char *what, const char *detail)
{
    printf("FAIL: %s%s%s\n", what, detail ? ": " : "", detail ? detail : "");
    fflush(stdout);
    if (system("ls -l; tail -n 20 output")) printf("(no listing)\n");
    exit(1);
}

/* Starts a command in `folder` with its output in the file `output`. */
static pid_t start(const char *folder, char *const *argv)
{
    fflush(stdout);
    pid_t child = fork();
    if (child < 0) fail("fork", strerror(errno));
    if (child > 0) return child;
    if (chdir(folder)) _exit(126);
    int fd = open("output", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(fd, 1), dup2(fd, 2);
    execv(argv[0], argv);
    _exit(127);
}

static int finish(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) fail("waitpid", strerror(errno));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void expect_done(const char *folder, char *const *argv)
{
    int status = finish(start(folder, argv));
    if (!status) return;
    char text[PATH];
    snprintf(text, sizeof text, "%s %s ended with status %d", argv[0], argv[1], status);
    if (chdir(folder)) fail(folder, strerror(errno));
    fail(text, NULL);
}

static bool exists(const char *name)
{
    struct stat s;
    return stat(name, &s) == 0;
}

static bool same_bytes(const char *a, const char *b)
{
    FILE *f = fopen(a, "rb"), *g = fopen(b, "rb");
    int x = 0, y = 0;
    while (f && g && x == y && x != EOF)
        x = fgetc(f), y = fgetc(g);
    bool same = f && g && x == y;
    if (f) fclose(f);
    if (g) fclose(g);
    return same;
}

static int count_lines(const char *path)
{
    FILE *f = fopen(path, "rb");
    int n = 0, c;
    while (f && (c = fgetc(f)) != EOF)
        n += c == '\n';
    if (f) fclose(f);
    return n;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static bool is_kept(const char *name)
{
    bool named = strncmp(name, "run.step-", 9) == 0 || strncmp(name, "run.best-step-", 14) == 0;
    return named && ends_with(name, ".safetensors");
}

/* What is in the folder beside the known names must be called *.tmp; returns how many of them there
 * are. */
static int count_leftovers(void)
{
    static const char *const known[] = {"run.safetensors",
                                        "run.best.safetensors",
                                        "kill.fit.csv",
                                        "kill.fit.jsonl",
                                        "run.run.json",
                                        "run.resumed.json",
                                        "output",
                                        "data",
                                        ".",
                                        ".."};
    DIR *folder = opendir(".");
    int n = 0;
    if (!folder) fail("cannot list the folder", strerror(errno));
    for (struct dirent *e; (e = readdir(folder));) {
        bool ok = is_kept(e->d_name);
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            ok |= strcmp(e->d_name, known[i]) == 0;
        if (ok) continue;
        if (!ends_with(e->d_name, ".tmp")) fail("a file that nobody named", e->d_name);
        n++;
    }
    closedir(folder);
    return n;
}

typedef struct Counts {
    int kills, none, loads, finished, leftovers;
} Counts;

/* The checkpoints on disk are whole. */
static void check_saved(char *program, Counts *counts)
{
    bool any = false;
    for (int i = 0; i < N_SAVED; i++) {
        if (!exists(saved[i])) continue;
        any = true;
        expect_done(".", (char *[]){program, "test", "--load", (char *)saved[i], NULL});
        counts->loads++;
    }
    counts->none += !any;
}

/* Of --keep and --keep-best: the same files. They are removed here. */
static void check_kept(void)
{
    char reference[PATH];
    int here = 0, there = 0;
    DIR *folder = opendir("."), *whole = opendir("../whole");
    if (!folder || !whole) fail("cannot list a folder", strerror(errno));
    for (struct dirent *e; (e = readdir(folder));) {
        if (!is_kept(e->d_name)) continue;
        snprintf(reference, sizeof reference, "../whole/%s", e->d_name);
        if (!same_bytes(reference, e->d_name)) fail("not the bytes of the undisturbed run", e->d_name);
        here++;
        unlink(e->d_name);
    }
    for (struct dirent *e; (e = readdir(whole));)
        there += is_kept(e->d_name);
    if (here != there || there != 5) fail("not the kept files of the undisturbed run", NULL);
    closedir(folder);
    closedir(whole);
}

static void check_end(char *const *resume, Counts *counts)
{
    char reference[PATH];
    expect_done(".", resume);
    if (count_leftovers()) fail("a finished run leaves what a killed one had begun", NULL);
    for (int i = 0; i < N_SAVED; i++) {
        snprintf(reference, sizeof reference, "../whole/%s", saved[i]);
        if (!same_bytes(reference, saved[i])) fail("not the bytes of the undisturbed run", saved[i]);
        unlink(saved[i]);
    }
    if (count_lines("../whole/kill.fit.csv") != count_lines("kill.fit.csv")) fail("not the lines of the undisturbed run", "kill.fit.csv");
    check_kept();
    unlink("kill.fit.csv");
    unlink("kill.fit.jsonl");
    counts->finished++;
}

static void prepare(char *folder, char *nnc, char *source, const char *data)
{
    if (!mkdtemp(folder) || chdir(folder)) fail(folder, strerror(errno));
    static const char *const runs[] = {"whole", "killed"};
    for (int i = 0; i < 2; i++) {
        char link[64];
        snprintf(link, sizeof link, "%s/data", runs[i]);
        if (mkdir(runs[i], 0755) || symlink(data, link)) fail(runs[i], strerror(errno));
    }
    expect_done(".", (char *[]){nnc, source, "-o", "./program", NULL});
}

int main(int argc, char **argv)
{
    int i = 1, kills = 10;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        if (strcmp(argv[i], "--seed") == 0) state = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--kills") == 0) kills = atoi(argv[i + 1]);
    }
    if (argc - i != 3) return fprintf(stderr, "kill_resume [FLAGS] NNC PROGRAM.nn DATA\n"), 2;
    char folder[] = "/tmp/nnc-kill-XXXXXX", program[] = "../program";
    prepare(folder, argv[i], argv[i + 1], argv[i + 2]);
    double begin = now();
    expect_done("whole", (char *[]){program, "fit", "--keep", "2", "--keep-best", "3", NULL});
    double whole = now() - begin;
    if (chdir("killed")) fail("killed", strerror(errno));
    char *resume[] = {program, "fit", "--keep", "2", "--keep-best", "3", "--resume", NULL};
    Counts counts = {0};
    while (counts.kills < kills) {
        pid_t child = start(".", resume);
        usleep((useconds_t)(1e6 * whole * (double)below(1000) / 1000));
        kill(child, SIGKILL);
        int status = finish(child);
        if (status == 128 + SIGKILL)
            counts.kills++;
        else if (status)
            fail("a resumed run failed", NULL);
        check_saved(program, &counts);
        counts.leftovers += count_leftovers();
        if (status == 0 || below(3) == 0) check_end(resume, &counts);
    }
    check_end(resume, &counts);
    printf("%d kills: no checkpoint yet %d times, %d checkpoints loaded, %d unfinished files; %d "
           "runs finished with the bytes of the undisturbed run\n",
           counts.kills, counts.none, counts.loads, counts.leftovers, counts.finished);
    char clean[PATH];
    snprintf(clean, sizeof clean, "rm -rf %s", folder);
    return system(clean) != 0;
}
