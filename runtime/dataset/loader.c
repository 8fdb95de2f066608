/* SPDX-License-Identifier: MIT
 * loader.c: batches in order. Which rows a batch has depends on the seed, the epoch and its number
 * only, so a run can go on anywhere. Where a processor is free, a thread fills batches while the caller
 * works; elsewhere the threads of the caller's calls fill them between two calls. */
#include "dataset/loader.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "dataset/parts.h"
#include "dataset/plan.h"
#include "dataset/table.h"
#include "model/gang.h"
#include "model/pace.h"

enum { TEXT = 1024, SLOTS = 4, COLD = 3, TRIALS = 8 }; /* cold: batches that have to fill caches */

typedef struct Slot {
    Batch *batch; /* spec.count of them */
    int code;
    char error[TEXT];
} Slot;

struct Loader {
    Dataset *d;
    LoaderSpec spec;
    int64_t *ids, n;
    Plan plan;
    int64_t epoch, at; /* next batch to fill */
    Slot slot[SLOTS];
    int n_slots;
    int given;        /* the slot that the caller has */
    atomic_int ready; /* how many behind it are full */
    int free;         /* processors that the run leaves alone; -1: not known yet */
    int seen;         /* batches since the last seek, up to TRIALS */
    double given_at, fill_seconds, step_seconds; /* means, while the caller fills */
    Pace pace;                                    /* the caller alone, or with the threads of its calls */
    Pool *crew; /* those that fill with the thread; NULL: it does so alone */
    bool ahead;
    atomic_bool quit;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
};

static int plan_epoch(Loader *l)
{
    plan_free(&l->plan);
    return plan_make(l->d, l->ids, l->n, l->spec.batch, l->spec.shuffle, l->spec.seed, l->epoch, &l->plan);
}

int loader_open(Dataset *d, const LoaderSpec *spec, Loader **out)
{
    Loader *l = rt_alloc(sizeof *l);
    if (!l) return NNRT_E_MEM;
    l->d = d;
    l->spec = *spec;
    if (!spec->shards) l->spec.shards = l->spec.count = 1;
    l->free = -1;
    l->n_slots = 1;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->change, NULL);
    int code = dataset_part(d, spec->part, &l->ids, &l->n);
    for (int i = 0; i < SLOTS && !code; i++)
        if (!(l->slot[i].batch = rt_alloc(sizeof(Batch) * (size_t)l->spec.count))) code = NNRT_E_MEM;
    if (!code) code = plan_epoch(l);
    if (!code) code = tables_make(d);
    if (code) {
        loader_close(l);
        return code;
    }
    *out = l;
    return NNRT_OK;
}

static void stop_thread(Loader *l)
{
    if (!l->ahead) return;
    l->quit = true;
    pthread_join(l->thread, NULL);
    pool_free(l->crew);
    l->crew = NULL;
    l->ahead = l->quit = false;
}

void loader_close(Loader *l)
{
    if (!l) return;
    stop_thread(l);
    for (int i = 0; i < SLOTS; i++) {
        for (int k = 0; l->slot[i].batch && k < l->spec.count; k++)
            batch_free(&l->slot[i].batch[k]);
        rt_free(l->slot[i].batch);
    }
    plan_free(&l->plan);
    free(l->ids);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->change);
    rt_free(l);
}

int64_t loader_batches(const Loader *l)
{
    return l->plan.n;
}

int loader_seek(Loader *l, int64_t epoch, int64_t batch)
{
    stop_thread(l);
    l->given = l->ready = l->seen = 0;
    l->epoch = epoch;
    l->at = batch;
    return plan_epoch(l);
}

int64_t loader_shard(int64_t n, int64_t s, int64_t shards)
{
    return n / shards * s + (s < n % shards ? s : n % shards);
}

/* The caller's shards of the batch that is next. */
static int fill_shards(Loader *l, const nnrt_host *host, Batch *batch)
{
    int64_t start = l->plan.start[l->at], n = l->plan.start[l->at + 1] - start;
    int code = NNRT_OK;
    for (int k = 0; k < l->spec.count && !code; k++) {
        int64_t s = l->spec.first + k, from = loader_shard(n, s, l->spec.shards), to = loader_shard(n, s + 1, l->spec.shards);
        batch[k].n = 0;
        batch[k].of = n;
        if (to > from) code = batch_fill(l->d, l->spec.entry, l->plan.id + start + from, to - from, host, &batch[k]);
    }
    return code;
}

static void fill(Loader *l, const nnrt_host *host, Slot *s)
{
    s->code = NNRT_OK;
    if (l->at >= l->plan.n) {
        l->epoch++;
        l->at = 0;
        s->code = plan_epoch(l);
    }
    if (!s->code) {
        s->code = fill_shards(l, host, s->batch);
        l->at++;
    }
    if (s->code) snprintf(s->error, sizeof s->error, "%s", nnrt_error_text()); /* error texts belong to a thread */
}

static int give(Loader *l, Batch **batch)
{
    const Slot *s = &l->slot[l->given];
    if (s->code) return rt_fail(s->code, "%s", s->error);
    *batch = l->slot[l->given].batch;
    return NNRT_OK;
}

/* ---- a thread of its own */

static void nap(double seconds)
{
    struct timespec t = {.tv_nsec = (long)(1e9 * seconds)};
    nanosleep(&t, NULL);
}

/* Until a slot is free. The caller wakes nobody, which would cost it more than a small batch: short steps are waited for, long
 * ones slept through. */
static void wait_for_room(const Loader *l)
{
    const double shortest = 50e-6, longest = 1e-3, half = l->step_seconds / 2;
    double seconds = half < shortest ? shortest : half < longest ? half : longest, spin = rt_now() + (half < 2 * shortest ? 8 * half : 0);
    while (!l->quit && l->ready == l->n_slots - 1) {
        if (sched_yield() == 0 && rt_now() < spin) continue;
        nap(seconds);
        seconds = 2 * seconds < longest ? 2 * seconds : longest;
    }
}

static void *fill_ahead(void *arg)
{
    Loader *l = arg;
    pthread_mutex_lock(&l->lock);
    while (!l->quit) {
        Slot *s = &l->slot[(l->given + 1 + l->ready) % l->n_slots];
        pthread_mutex_unlock(&l->lock);
        fill(l, pool_host(l->crew), s);
        pthread_mutex_lock(&l->lock);
        if (l->ready++ == 0) pthread_cond_broadcast(&l->change);
        if (s->code) break;
        pthread_mutex_unlock(&l->lock);
        wait_for_room(l);
        pthread_mutex_lock(&l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static size_t slot_bytes(const Loader *l, const Slot *s)
{
    size_t sum = 0;
    for (int k = 0; k < l->spec.count; k++)
        for (int i = 0; i < NNRT_MAX_ARGS; i++)
            sum += s->batch[k].bytes[i];
    return sum;
}

/* As many threads as keep up with the caller, on processors that the run leaves alone. */
static void start_thread(Loader *l)
{
    enum { MOST_CREW = 16, LARGE = 1 << 22 };
    double wanted = l->fill_seconds / (l->step_seconds + 1e-9) + 1;
    int most = l->free < MOST_CREW ? l->free : MOST_CREW;
    l->n_slots = slot_bytes(l, &l->slot[0]) > LARGE ? 2 : SLOTS;
    l->crew = most > 1 && wanted >= 2 ? pool_new(wanted < most ? (int)wanted : most) : NULL;
    for (int i = 0; i < SLOTS; i++)
        for (int k = 0; k < l->spec.count; k++)
            l->slot[i].batch[k].stop = &l->quit;
    l->ahead = pthread_create(&l->thread, NULL, fill_ahead, l) == 0;
    if (l->ahead) return;
    pool_free(l->crew);
    l->crew = NULL;
    l->free = 0;
}

static int next_ahead(Loader *l, Batch **batch)
{
    const double spin = 50e-6; /* less than sleeping and waking take */
    for (double until = l->ready ? 0 : rt_now() + spin; !l->ready && rt_now() < until;)
        sched_yield();
    pthread_mutex_lock(&l->lock);
    while (l->ready == 0)
        pthread_cond_wait(&l->change, &l->lock);
    l->given = (l->given + 1) % l->n_slots; /* what the caller had is free now */
    l->ready--;
    pthread_mutex_unlock(&l->lock);
    return give(l, batch);
}

/* ---- the caller itself */

static int free_processors(const nnrt *m)
{
    int all = pool_default_threads(), busy = m->pool ? (pool_host(m->pool) ? pool_host(m->pool)->threads : 1) : all;
    return all > busy ? all - busy : 0;
}

/* What was held up once counts little. */
static void note(double *mean, int seen, double seconds)
{
    if (seen > 1 && seconds > 2 * *mean) seconds = 2 * *mean;
    *mean += (seconds - *mean) / (seen + 1);
}

/* A thread pays where a processor is free and what it saves, the shorter of both, is more than giving batches from one processor to
 * another costs: some microseconds, less where steps are long. */
static bool thread_pays(const Loader *l)
{
    const double least = 20e-6, little = 5e-6, long_step = 200e-6, share = 0.01;
    double fill = l->fill_seconds, step = l->step_seconds;
    return l->free > 0 && l->seen == TRIALS &&
           ((fill > least && step > least) || (fill > little && step > long_step && fill > share * step));
}

static int next_here(Loader *l, Batch **batch)
{
    const double worth = 10e-6; /* the others wait for their next call, awake, if they had a part in the one before */
    nnrt *m = l->d->m;
    double start = rt_now();
    if (l->seen > COLD) note(&l->step_seconds, l->seen - COLD - 1, start - l->given_at);
    if (thread_pays(l)) start_thread(l);
    if (l->ahead) return next_ahead(l, batch);
    if (l->free < 0) l->free = free_processors(m);
    bool gang = l->free == 0 && pool_host(m->pool), all = gang && pace_all(m, worth, &l->pace);
    fill(l, all ? pool_host(m->pool) : NULL, &l->slot[l->given]);
    l->given_at = rt_now();
    if (gang) pace_note(&l->pace, l->given_at - start);
    if (l->seen >= COLD) note(&l->fill_seconds, l->seen - COLD, l->given_at - start);
    if (l->seen < TRIALS) l->seen++;
    return give(l, batch);
}

int loader_next(Loader *l, Batch **batch)
{
    return l->ahead ? next_ahead(l, batch) : next_here(l, batch);
}
