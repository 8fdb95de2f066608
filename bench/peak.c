/* SPDX-License-Identifier: MIT
 * peak.c: what this machine can do, for bench/run and bench/kernels; linked with runtime/command/peak.c. A child that is asked on standard input and answers with JSON:
 *     peak THREADS SECONDS            {"flops": multiplications and additions per second, fused, in registers}
 *     read THREADS SECONDS BYTES      {"bytes": per second, of a sum over a buffer of so many bytes in each thread}
 *     triad THREADS SECONDS BYTES     {"bytes": per second, of c = a + 3 b: three arrays of a third of BYTES} */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "command/peak.h"

#if defined(__AVX512F__)
enum { VECTOR = 64 };
#elif defined(__AVX__)
enum { VECTOR = 32 };
#else
enum { VECTOR = 16 };
#endif
typedef float Vec __attribute__((vector_size(VECTOR)));
enum { LANES = VECTOR / 4 };

typedef struct Share { /* of one thread */
    pthread_barrier_t *start;
    char work;          /* first letter of the question */
    double limit, done, seconds;
    size_t n;           /* floats of an array */
    float *a, *b, *c;
} Share;

static volatile float sink;

static double sum_all(const Share *s)
{
    Vec sum[4] = {{0}};
    const Vec *v = (const Vec *)(const void *)s->a;
    for (size_t i = 0; i + 4 <= s->n / LANES; i += 4)
        for (int k = 0; k < 4; k++)
            sum[k] += v[i + (size_t)k];
    sink = (sum[0] + sum[1] + sum[2] + sum[3])[0];
    return 4.0 * (double)s->n;
}

static double triad(const Share *s)
{
    const float *a = s->a, *b = s->b;
    float *restrict c = s->c;
    for (size_t i = 0; i < s->n; i++)
        c[i] = a[i] + 3 * b[i];
    sink = c[s->n / 2];
    return 12.0 * (double)s->n;
}

/* What this file is compiled for is what runs it (-march=native). */
static uint64_t cpu(void)
{
    uint64_t has = 0;
#if defined(__FMA__)
    has |= 1u << NNRT_CPU_fma;
#endif
#if defined(__AVX2__)
    has |= 1u << NNRT_CPU_avx2;
#endif
#if defined(__AVX512F__)
    has |= 1u << NNRT_CPU_avx512f;
#endif
    return has;
}

static const nnrt_core_table core = {.cpu = cpu};
static const nnrt_program own = {.core = &core};

static void *work(void *arg)
{
    Share *s = arg;
    pthread_barrier_wait(s->start);
    if (s->work == 'p') {
        s->done = peak_operations(&own, s->limit), s->seconds = 1;
        return NULL;
    }
    double begin = rt_now();
    do
        s->done += s->work == 'r' ? sum_all(s) : triad(s);
    while (rt_now() - begin < s->limit);
    s->seconds = rt_now() - begin;
    return NULL;
}

static float *array(size_t n)
{
    float *p = aligned_alloc(64, (4 * n + 63) / 64 * 64 + 64);
    if (!p) exit(5);
    for (size_t i = 0; i < n; i++)
        p[i] = (float)(i & 7);
    return p;
}

/* Units per second of all threads together. */
static double measure(char what, int threads, double seconds, size_t bytes)
{
    enum { MOST = 256 };
    static Share share[MOST];
    pthread_t thread[MOST];
    pthread_barrier_t start;
    if (threads < 1 || threads > MOST) exit(2);
    pthread_barrier_init(&start, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) {
        size_t n = what == 'p' ? 0 : what == 'r' ? bytes / 4 : bytes / 12;
        share[i] = (Share){.start = &start, .work = what, .limit = seconds, .n = n};
        if (n) share[i].a = array(n), share[i].b = what == 't' ? array(n) : NULL, share[i].c = what == 't' ? array(n) : NULL;
        pthread_create(&thread[i], NULL, work, &share[i]);
    }
    double rate = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(thread[i], NULL);
        rate += share[i].done / share[i].seconds;
        free(share[i].a), free(share[i].b), free(share[i].c);
    }
    pthread_barrier_destroy(&start);
    return rate;
}

int main(void)
{
    for (char line[256]; fgets(line, sizeof line, stdin);) {
        char what[16];
        int threads;
        double seconds, bytes = 0;
        if (sscanf(line, "%15s %d %lf %lf", what, &threads, &seconds, &bytes) < 3 || !strchr("prt", what[0])) return 2;
        printf("{\"%s\": %.6g}\n", what[0] == 'p' ? "flops" : "bytes", measure(what[0], threads, seconds, (size_t)bytes));
        fflush(stdout);
    }
    return 0;
}
