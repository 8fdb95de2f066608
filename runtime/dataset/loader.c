/* SPDX-License-Identifier: MIT
 * loader.c: batches in order. Which rows a batch has depends on the seed, the epoch and its number
 * only, so a run can go on anywhere. If filling takes long, a thread fills the next batch while the
 * caller works on this one. */
#include "dataset/loader.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "dataset/parts.h"
#include "dataset/plan.h"

enum { TEXT = 1024 };

typedef struct Slot {
    Batch batch;
    int code;
    char error[TEXT];
    bool full;
} Slot;

struct Loader {
    Dataset *d;
    LoaderSpec spec;
    int64_t *ids, n;
    Plan plan;
    int64_t epoch, at; /* next batch to fill */
    Slot slot[2];
    int next; /* slot that the caller gets next */
    int seen; /* batches filled by the caller since the last seek, up to 2 */
    bool ahead, quit;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t change;
};

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

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
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->change, NULL);
    int code = dataset_part(d, spec->part, &l->ids, &l->n);
    if (!code) code = plan_epoch(l);
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
    pthread_mutex_lock(&l->lock);
    l->quit = true;
    pthread_cond_broadcast(&l->change);
    pthread_mutex_unlock(&l->lock);
    pthread_join(l->thread, NULL);
    l->ahead = l->quit = false;
}

void loader_close(Loader *l)
{
    if (!l) return;
    stop_thread(l);
    for (int i = 0; i < 2; i++)
        batch_free(&l->slot[i].batch);
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
    l->slot[0].full = l->slot[1].full = false;
    l->next = 0;
    l->seen = 0;
    l->epoch = epoch;
    l->at = batch;
    return plan_epoch(l);
}

static void fill(Loader *l, Slot *s)
{
    s->code = NNRT_OK;
    if (l->at >= l->plan.n) {
        l->epoch++;
        l->at = 0;
        s->code = plan_epoch(l);
    }
    if (!s->code) {
        int64_t from = l->plan.start[l->at], to = l->plan.start[l->at + 1];
        s->code = batch_fill(l->d, l->spec.entry, l->plan.id + from, to - from, &s->batch);
        l->at++;
    }
    if (s->code) snprintf(s->error, sizeof s->error, "%s", nnrt_error_text()); /* error texts belong to a thread */
}

static void *fill_ahead(void *arg)
{
    Loader *l = arg;
    pthread_mutex_lock(&l->lock);
    for (int at = l->next; !l->quit;) {
        Slot *s = &l->slot[at];
        if (s->full) {
            pthread_cond_wait(&l->change, &l->lock);
            continue;
        }
        pthread_mutex_unlock(&l->lock);
        fill(l, s);
        pthread_mutex_lock(&l->lock);
        s->full = true;
        pthread_cond_broadcast(&l->change);
        if (s->code) break;
        at ^= 1;
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static int give(Slot *s, Batch **batch)
{
    if (s->code) return rt_fail(s->code, "%s", s->error);
    *batch = &s->batch;
    return NNRT_OK;
}

/* The second batch tells whether a thread pays (the first also warms up). */
static int next_here(Loader *l, Batch **batch)
{
    double start = seconds();
    Slot *s = &l->slot[0];
    fill(l, s);
    if (l->seen < 2) l->seen++;
    if (!s->code && l->seen == 2 && seconds() - start > 3e-4) {
        l->next = 1; /* the caller holds slot 0 */
        s->full = true;
        l->ahead = pthread_create(&l->thread, NULL, fill_ahead, l) == 0;
        if (!l->ahead) l->next = 0;
    }
    return give(s, batch);
}

int loader_next(Loader *l, Batch **batch)
{
    if (!l->ahead) return next_here(l, batch);
    pthread_mutex_lock(&l->lock);
    l->slot[l->next ^ 1].full = false; /* what the caller had */
    pthread_cond_broadcast(&l->change);
    Slot *s = &l->slot[l->next];
    while (!s->full)
        pthread_cond_wait(&l->change, &l->lock);
    pthread_mutex_unlock(&l->lock);
    l->next ^= 1;
    return give(s, batch);
}
