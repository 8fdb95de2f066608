/* SPDX-License-Identifier: MIT
 * vectors.c: arithmetic of gradients. */
#include "run/vectors.h"

#include "model/gang.h"

typedef enum { ADD, SCALE, COLLECT_FIRST, COLLECT, MEAN } Doing;

typedef struct Job {
    Doing doing;
    Vector v;
    const void *other;
    double by, *sum;
    int n;
} Job;

#define EACH(DO) \
    for (size_t i = from; i < to; i++) \
        DO; \
    return
#define WORK(NAME, TYPE) \
    static void NAME(const Job *j, size_t from, size_t to) \
    { \
        TYPE *v = j->v.at, by = (TYPE)j->by; \
        const TYPE *other = j->other; \
        switch (j->doing) { \
        case ADD: EACH(v[i] = other[i] + v[i]); \
        case SCALE: EACH(v[i] *= by); \
        case COLLECT_FIRST: EACH(j->sum[i] = j->by * (double)v[i]); \
        case COLLECT: EACH(j->sum[i] += j->by * (double)v[i]); \
        default: EACH(v[i] = (TYPE)((j->sum[i] + j->by * (double)v[i]) / j->n)); \
        } \
    }
WORK(work_float, float)
__attribute__((cold)) WORK(work_double, double) /* seldom wanted: compiled for size */

    static void work_part(const void *job, size_t from, size_t to)
{
    const Job *j = job;
    if (j->v.bytes == 8)
        work_double(j, from, to);
    else
        work_float(j, from, to);
}

/* ---- threads ------------------------------------------------------------------------------------------------ */

typedef struct Divided {
    void (*work)(const void *job, size_t from, size_t to);
    const void *job;
    size_t n;
    int parts;
} Divided;

static void divided_part(void *arg, int k)
{
    const Divided *d = arg;
    d->work(d->job, d->n * (size_t)k / (size_t)d->parts, d->n * (size_t)(k + 1) / (size_t)d->parts);
}

void vector_divide(const nnrt *m, size_t n, void (*work)(const void *job, size_t from, size_t to), const void *job)
{
    enum { WORTH = 1 << 16 }; /* numbers that take longer than waking the others */
    const nnrt_host *host = m->pool ? pool_host(m->pool) : NULL;
    Divided d = {work, job, n, host && n >= WORTH ? host->threads : 1};
    if (d.parts > 1)
        host->gang(host->user, d.parts, divided_part, &d);
    else
        work(job, 0, n);
}

static void work_all(const nnrt *m, const Job *j)
{
    vector_divide(m, j->v.n, work_part, j);
}

void vector_add(const nnrt *m, Vector v, const void *other)
{
    Job j = {.doing = ADD, .v = v, .other = other};
    work_all(m, &j);
}

void vector_scale(const nnrt *m, Vector v, double by)
{
    Job j = {.doing = SCALE, .v = v, .by = by};
    work_all(m, &j);
}

void vector_collect(const nnrt *m, Vector v, double weight, double *sum, bool first)
{
    Job j = {.doing = first ? COLLECT_FIRST : COLLECT, .v = v, .by = weight, .sum = sum};
    work_all(m, &j);
}

void vector_mean(const nnrt *m, Vector v, double weight, double *sum, int n)
{
    Job j = {.doing = MEAN, .v = v, .by = weight, .sum = sum, .n = n};
    work_all(m, &j);
}
