/* SPDX-License-Identifier: MIT
 * step.c: runs the entries of one compiled model on drawn batches and times them, for bench/run.
 * Compiled once per model with -DPROGRAM=mlp_program, linked with its object, the threads (runtime/model/gang.c) and the memory of libnnrt.
 *
 * A child that is asked line by line on standard input and answers each question with one line of JSON:
 *     ENTRY THREADS ROWS SECONDS     calls for that long: {"median": s, "least": s, "calls": n}
 *     ENTRY THREADS ROWS first       a single call: {}
 *     memory                         {"peak": most bytes that were resident}
 * Its arguments: how inputs are drawn (normal, or uniform in 0..1), and how many batches of them are taken in turn (4). The first question about an entry makes its areas. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "model/gang.h"
#include "nnrt_abi.h"

extern const nnrt_program PROGRAM;

enum { MOST_BATCHES = 4, MOST = 100000 };

static int n_batches = MOST_BATCHES;

typedef struct Job { /* an entry with its batches and memory */
    const nnrt_entry *entry;
    int64_t sizes[NNRT_MAX_SIZES];
    void *args[MOST_BATCHES][NNRT_MAX_ARGS];
    void *area; /* of a train */
    Pool *pool;
    nnrt_call call;
    int warm;
} Job;

static void fail(const char *what)
{
    fprintf(stderr, "step: %s\n", what);
    exit(1);
}

static void *block(size_t bytes)
{
    void *p = rt_alloc(bytes);
    if (!p) fail("no memory");
    return p;
}

/* ---- what an entry is called with --------------------------------------------------------------------- */

static uint64_t draw(void)
{
    static uint64_t s = 88172645463325252u;
    s ^= s << 13, s ^= s >> 7, s ^= s << 17;
    return s;
}

static float uniform(void)
{
    return (float)((double)(draw() >> 40) / 16777216.0);
}

static float normal(void) /* four uniform numbers: near enough */
{
    return (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508f;
}

static void *drawn(const nnrt_arg *a, const int64_t *table, int from_normal)
{
    int64_t n = table[a->bytes_entry];
    if (a->dtype == NNRT_F32) {
        float *x = block((size_t)n * sizeof *x);
        for (int64_t i = 0; i < n && !a->is_result; i++)
            x[i] = from_normal ? normal() : uniform();
        return x;
    }
    if (a->dtype != NNRT_I32) fail("an argument is neither float nor int");
    int32_t *x = block((size_t)n * sizeof *x);
    int64_t bound = a->bound_entry >= 0 ? table[a->bound_entry] : 1;
    for (int64_t i = 0; i < n && !a->is_result; i++)
        x[i] = (int32_t)(draw() % (uint64_t)bound);
    return x;
}

static void draw_batches(Job *j, int from_normal)
{
    const nnrt_code *code = j->entry->code[0];
    int64_t *table = block(sizeof *table * ((size_t)code->n_table + 1));
    if (code->prologue(table, j->sizes)) fail("too large");
    for (int k = 0; k < n_batches; k++)
        for (int i = 0; i < j->entry->n_args + j->entry->n_results; i++)
            j->args[k][i] = drawn(&code->arg[i], table, from_normal);
    free(table);
}

static const nnrt_entry *entry_of(const char *name)
{
    for (int32_t i = 0; i < PROGRAM.n_entries; i++)
        if (!strcmp(PROGRAM.entry[i]->name, name)) return PROGRAM.entry[i];
    fail("there is no such entry");
    return NULL;
}

static void start_job(Job *j, const char *entry, int threads, int64_t rows, int from_normal)
{
    j->entry = entry_of(entry);
    for (int32_t i = 0; i < j->entry->n_sizes; i++)
        j->sizes[i] = rows;
    draw_batches(j, from_normal);
    if (j->entry->kind == NNRT_TRAIN_ENTRY) {
        j->area = block(j->entry->train_bytes);
        if (PROGRAM.core->train_init(&PROGRAM, j->entry, j->area, 1)) fail("the train area");
        ((nnrt_train *)j->area)->steps = 1000000;
    }
    j->pool = pool_new(threads);
    j->call = (nnrt_call){.size = sizeof j->call, .work_bytes = PROGRAM.core->work(j->entry, j->sizes, threads)};
    j->call.work = block(j->call.work_bytes);
    j->call.host = threads > 1 ? pool_host(j->pool) : NULL;
}

/* ---- questions ---------------------------------------------------------------------------------------- */

static double call_once(Job *j, void *model, int number)
{
    double start = rt_now();
    int code = PROGRAM.core->call(&PROGRAM, j->entry, model, j->area, &j->call, j->sizes, j->args[number % n_batches]);
    if (code) {
        fprintf(stderr, "step: %s of %s ends with code %d\n", j->entry->name, PROGRAM.name, code);
        exit(1);
    }
    return rt_now() - start;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The first calls are slow: caches, pages, the processor's clock. */
static void warm_up(Job *j, void *model)
{
    double spent = 0;
    for (int i = 0; !j->warm && spent < 0.2 && i < 50; i++)
        spent += call_once(j, model, i);
    j->warm = 1;
}

static void time_calls(Job *j, void *model, double seconds)
{
    static double took[MOST];
    int n = 0;
    for (double start = rt_now(); n < MOST && (!n || rt_now() - start < seconds); n++)
        took[n] = call_once(j, model, n);
    qsort(took, (size_t)n, sizeof *took, compare);
    printf("{\"median\": %.9f, \"least\": %.9f, \"calls\": %d}\n", took[n / 2], took[0], n);
}

/* (What getrusage says may be the parent's.) */
static long long peak_bytes(void)
{
    long long kilobytes = 0;
    FILE *f = fopen("/proc/self/status", "r");
    for (char line[256]; f && fgets(line, sizeof line, f);)
        if (sscanf(line, "VmHWM: %lld", &kilobytes) == 1) break;
    if (f) fclose(f);
    return 1024 * kilobytes;
}

/* The job of a question, made when it is first asked. */
static Job *job_of(const char *question, const char *entry, int threads, int64_t rows, int from_normal)
{
    enum { JOBS = 128 };
    static Job job[JOBS];
    static char *name[JOBS];
    int k = 0;
    while (k < JOBS && name[k] && strcmp(name[k], question))
        k++;
    if (k == JOBS) fail("too many questions");
    if (name[k]) return &job[k];
    name[k] = strdup(question);
    start_job(&job[k], entry, threads, rows, from_normal);
    return &job[k];
}

int main(int argc, char **argv)
{
    int from_normal = argc < 2 || strcmp(argv[1], "uniform");
    if (argc > 2 && atoi(argv[2]) > 0 && atoi(argv[2]) < MOST_BATCHES) n_batches = atoi(argv[2]);
    void *model = block(PROGRAM.model_bytes);
    if (PROGRAM.core->init(&PROGRAM, model, 1)) fail("the weights");
    for (char line[256]; fgets(line, sizeof line, stdin);) {
        char entry[64], word[32], question[128];
        int threads;
        long rows;
        if (!strcmp(line, "memory\n")) {
            printf("{\"peak\": %lld}\n", peak_bytes());
        } else if (sscanf(line, "%63s %d %ld %31s", entry, &threads, &rows, word) == 4) {
            snprintf(question, sizeof question, "%s %d %ld", entry, threads, rows);
            Job *j = job_of(question, entry, threads, rows, from_normal);
            if (!strcmp(word, "first")) {
                call_once(j, model, 0);
                puts("{}");
            } else {
                warm_up(j, model);
                time_calls(j, model, atof(word));
            }
        } else {
            fail("ENTRY THREADS ROWS SECONDS, or memory");
        }
        fflush(stdout);
    }
    return 0;
}
