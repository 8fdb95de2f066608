/* SPDX-License-Identifier: MIT
 * profile.c: where the time of an entry goes, kernel by kernel.
 *
 * The calls have a host that is told of each lap of each thread (nnrt_watch). What a thread spends in a kernel is the time since its lap
 * before; behind the kernel it waits for the others, which the next lap ends. Of all calls the faster half counts: other programs only add. (Where a step
 * has conditions all count: some calls do more than others.)
 * Names, operations and bytes are in the manifest. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "command/command.h"
#include "command/peak.h"
#include "command/sample.h"
#include "model/call.h"
#include "model/dims.h"
#include "model/gang.h"
#include "model/manifest.h"

enum { MOST_CALLS = 200, LEAST_CALLS = 4 };

typedef struct Lap { /* of a thread: of one kernel, or of the waiting behind it */
    double seconds;
    int64_t count;
} Lap;

typedef struct Cost { /* of a kernel in one call */
    double wall, work; /* of the first thread with its waiting; of all threads without */
    int64_t runs;
} Cost;

typedef struct Profile {
    nnrt_watch watch;      /* first: the host of the calls */
    const nnrt_host *pool; /* whose threads it uses; NULL: the calling thread */
    int threads, n;        /* n: kernels of the program, up to the last of this entry */
    double *last;          /* by thread, a cache line apart: when its last lap ended */
    Lap *lap;              /* by thread: 2 n */
    Cost *cost;            /* by call: n */
    double total[MOST_CALLS];
    int calls, counted;    /* counted: the fastest, of which the means are */
} Profile;

enum { APART = 64 / sizeof(double) };

/* ---- laps */

static void note_lap(void *watcher, int64_t tid, int64_t number)
{
    Profile *p = watcher;
    double now = rt_now(), *last = &p->last[tid * APART];
    Lap *lap = &p->lap[tid * 2 * p->n + number];
    if (number < 2 * (int64_t)p->n) lap->seconds += now - *last, lap->count++;
    *last = now;
}

typedef struct Start {
    Profile *p;
    void (*fn)(void *arg, int i);
    void *arg;
} Start;

static void start_thread(void *arg, int i)
{
    Start *s = arg;
    s->p->last[i * APART] = rt_now();
    s->fn(s->arg, i);
}

static void watched_gang(void *user, int n, void (*fn)(void *arg, int i), void *arg)
{
    Profile *p = user;
    Start start = {p, fn, arg};
    p->pool->gang(p->pool->user, n, start_thread, &start);
}

static void watched_wait(void *user, const uint32_t *word, uint32_t value)
{
    const Profile *p = user;
    p->pool->wait(p->pool->user, word, value);
}

static void watched_wake(void *user, const uint32_t *word)
{
    const Profile *p = user;
    p->pool->wake(p->pool->user, word);
}

/* ---- calls */

static int64_t last_kernel(const Json *entry)
{
    int64_t n = 0;
    for (const Json *c = json_list(entry, "codes"); c; c = c->next) {
        const Json *kernels = json_get(c, "kernels");
        int64_t end = json_int(c, "first", 0) + (kernels ? kernels->n : 0);
        if (end > n) n = end;
    }
    return n;
}

static bool open_profile(Cli *cli, Profile *p)
{
    p->pool = pool_host(cli->m->pool);
    p->threads = p->pool ? p->pool->threads : 1;
    p->n = (int)last_kernel(rt_entry(cli->m, cli->entry));
    p->last = calloc((size_t)p->threads * APART, sizeof *p->last);
    p->lap = calloc((size_t)p->threads * 2 * (size_t)p->n + 1, sizeof *p->lap);
    p->cost = calloc((size_t)MOST_CALLS * (size_t)p->n + 1, sizeof *p->cost);
    p->watch = (nnrt_watch){.host = {.size = sizeof p->watch, .threads = p->threads, .user = p}, .lap = note_lap, .watcher = p};
    if (p->pool) p->watch.host.gang = watched_gang, p->watch.host.wait = watched_wait, p->watch.host.wake = watched_wake;
    return p->last && p->lap && p->cost;
}

static void close_profile(Profile *p)
{
    free(p->last);
    free(p->lap);
    free(p->cost);
}

/* The laps of a call that has ended. */
static void note_call(Profile *p, double seconds)
{
    Cost *cost = p->cost + (int64_t)p->calls * p->n;
    for (int k = 0; k < p->n; k++) {
        const Lap *first = &p->lap[2 * k];
        cost[k] =
            (Cost){.wall = first[0].seconds + first[1].seconds, .runs = first[0].count > first[1].count ? first[0].count : first[1].count};
        for (int t = 0; t < p->threads; t++)
            cost[k].work += p->lap[2 * (t * p->n + k)].seconds;
    }
    p->total[p->calls++] = seconds;
}

static int call_watched(Cli *cli, Profile *p, const Trial *t)
{
    memset(p->lap, 0, sizeof *p->lap * (size_t)p->threads * 2 * (size_t)p->n);
    double begin = p->last[0] = rt_now();
    int code = rt_call_on(cli->m, &p->watch.host, cli->entry, t->sizes, t->args);
    if (!code) note_call(p, rt_now() - begin);
    return code;
}

static int measure(Cli *cli, Profile *p, const Trial *t)
{
    int code = NNRT_OK;
    double begin = rt_now();
    for (int i = 0; i < 3 && !code; i++) { /* the first calls are slow */
        code = call_watched(cli, p, t);
        if (rt_now() - begin > 1) break;
    }
    p->calls = 0;
    for (begin = rt_now(); !code && p->calls < MOST_CALLS && (p->calls < LEAST_CALLS || rt_now() - begin < 2);)
        code = call_watched(cli, p, t);
    return code;
}

/* ---- the calls that count */

typedef struct Call {
    double seconds;
    int number;
} Call;

static int by_seconds(const void *a, const void *b)
{
    double x = ((const Call *)a)->seconds, y = ((const Call *)b)->seconds;
    return (x > y) - (x < y);
}

typedef struct Row { /* of the table: a kernel, mean of the calls */
    const Json *kernel;
    Cost cost;
    int64_t operations, bytes; /* of one run; -1: not known */
} Row;

static int by_wall(const void *a, const void *b)
{
    double x = ((const Row *)a)->cost.wall, y = ((const Row *)b)->cost.wall;
    return (x < y) - (x > y);
}

/* Into the costs of the first call. Returns the seconds of a call. */
static double mean_calls(Profile *p, const nnrt_entry *e)
{
    Call call[MOST_CALLS] = {0};
    int n = p->counted = e->n_conditions ? p->calls : (p->calls + 1) / 2;
    for (int i = 0; i < p->calls; i++)
        call[i] = (Call){p->total[i], i};
    qsort(call, (size_t)p->calls, sizeof *call, by_seconds);
    double seconds = 0;
    for (int i = 0; i < n; i++)
        seconds += call[i].seconds / n;
    for (int k = 0; k < p->n; k++) {
        Cost mean = {0};
        for (int i = 0; i < n; i++) {
            const Cost *c = &p->cost[(int64_t)call[i].number * p->n + k];
            mean.wall += c->wall / n, mean.work += c->work / n;
            if (c->runs > mean.runs) mean.runs = c->runs;
        }
        p->cost[k] = mean;
    }
    return seconds;
}

/* The kernels that ran, in the order of the program. */
static int make_rows(Cli *cli, const Profile *p, const Trial *t, Row *row)
{
    int n = 0;
    for (const Json *c = json_list(rt_entry(cli->m, cli->entry), "codes"); c; c = c->next) {
        int64_t k = json_int(c, "first", 0);
        for (const Json *kernel = json_list(c, "kernels"); kernel; kernel = kernel->next, k++) {
            if (!p->cost[k].runs) continue;
            row[n++] = (Row){kernel, p->cost[k], dims_value(cli->m, cli->entry, json_at(kernel, 4), t->sizes),
                             dims_value(cli->m, cli->entry, json_at(kernel, 5), t->sizes)};
        }
    }
    return n;
}

/* ---- what is shown */

typedef struct Peak {
    const nnrt_program *program;
    double *each;
} Peak;

static void measure_peak(void *arg, int i)
{
    Peak *peak = arg;
    peak->each[i * APART] = peak_operations(peak->program, 0.1);
}

/* Of all threads of the calls, at the same time. */
static double peak_of(const nnrt_program *program, Profile *p)
{
    Peak peak = {program, p->last};
    if (p->pool)
        p->pool->gang(p->pool->user, p->threads, measure_peak, &peak);
    else
        measure_peak(&peak, 0);
    double sum = 0;
    for (int i = 0; i < p->threads; i++)
        sum += peak.each[i * APART];
    return sum;
}

static double rate(int64_t units, const Row *r)
{
    return units > 0 && r->cost.wall > 0 ? (double)(units * r->cost.runs) / r->cost.wall : 0;
}

/* The part of their time that the threads waited. */
static double waiting(const Profile *p, const Cost *c)
{
    double part = c->wall > 0 ? 1 - c->work / (c->wall * p->threads) : 0;
    return part > 0 ? part : 0;
}

static void put_json(Cli *cli, const Profile *p, const Row *row, int n, double seconds, double peak)
{
    json_put(stdout, "{\"entry\":", cli->program->entry[cli->entry]->name);
    printf(",\"threads\":%d,\"calls\":%d,\"seconds\":%.9g,\"peak\":%.6g,\"kernels\":[", p->threads, p->calls, seconds, peak);
    for (int i = 0; i < n; i++) {
        const Row *r = &row[i];
        json_put(stdout, i ? ",{\"name\":" : "{\"name\":", json_at(r->kernel, 0)->text);
        json_put(stdout, ",\"layer\":", json_at(r->kernel, 1)->text);
        json_put(stdout, ",\"kind\":", json_at(r->kernel, 3)->text);
        printf(",\"line\":%lld,\"runs\":%lld,\"seconds\":%.9g,\"waiting\":%.4f", (long long)json_at(r->kernel, 2)->integer,
               (long long)r->cost.runs, r->cost.wall, waiting(p, &r->cost));
        if (r->operations >= 0) printf(",\"operations\":%lld", (long long)(r->operations * r->cost.runs));
        if (r->bytes >= 0) printf(",\"bytes\":%lld", (long long)(r->bytes * r->cost.runs));
        printf("}");
    }
    printf("]}\n");
}

static void put_number(double v, int width, int digits)
{
    if (v > 0)
        printf("%*.*f ", width, digits, v);
    else
        printf("%*s ", width, "-");
}

static void put_table(Cli *cli, const Profile *p, Row *row, int n, const Trial *t, double seconds, double peak)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += row[i].cost.wall;
    printf("%s, %lld rows, %d thread%s: %.3f ms per call (the fastest %d of %d calls), %.3f ms in %d kernels; peak %.0f GFLOP/s\n",
           cli->program->entry[cli->entry]->name, (long long)t->rows, p->threads, p->threads > 1 ? "s" : "", 1e3 * seconds, p->counted,
           p->calls, 1e3 * sum, n, 1e-9 * peak);
    printf("%9s %6s %6s %8s %6s %7s %5s %5s  %-24s %s\n", "ms", "share", "runs", "GFLOP/s", "peak", "GB/s", "wait", "line", "layer",
           "kernel");
    qsort(row, (size_t)n, sizeof *row, by_wall);
    for (int i = 0; i < n; i++) {
        const Row *r = &row[i];
        double flops = rate(r->operations, r);
        printf("%9.3f %5.1f%% %6lld ", 1e3 * r->cost.wall, sum > 0 ? 100 * r->cost.wall / sum : 0, (long long)r->cost.runs);
        put_number(1e-9 * flops, 8, 1);
        printf("%5.1f%% ", 100 * flops / peak);
        put_number(1e-9 * rate(r->bytes, r), 7, 1);
        printf("%4.0f%% ", 100 * waiting(p, &r->cost));
        put_number((double)json_at(r->kernel, 2)->integer, 5, 0);
        printf(" %-24s %s\n", json_at(r->kernel, 1)->text, json_at(r->kernel, 0)->text);
    }
}

static int show(Cli *cli, Profile *p, const Trial *t)
{
    Row *row = calloc((size_t)p->n + 1, sizeof *row);
    if (!row) return rt_no_memory();
    double seconds = mean_calls(p, cli->program->entry[cli->entry]), peak = peak_of(cli->program, p);
    int n = make_rows(cli, p, t, row);
    if (cli->json)
        put_json(cli, p, row, n, seconds, peak);
    else
        put_table(cli, p, row, n, t, seconds, peak);
    free(row);
    return NNRT_OK;
}

int command_profile(Cli *cli)
{
    int threads = 1;
    Trial t = {0};
    Profile p = {0};
    int code = flags_threads(&cli->flags, &threads);
    if (!code) threads_note(cli->program->name, threads);
    if (!code) code = rt_threads(cli->m, threads);
    if (!code) code = trial_open(cli, &t);
    if (!code) code = open_profile(cli, &p) ? NNRT_OK : rt_no_memory();
    if (!code) code = measure(cli, &p, &t);
    if (!code) code = show(cli, &p, &t);
    close_profile(&p);
    trial_close(&t);
    return code;
}
