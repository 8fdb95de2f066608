/* SPDX-License-Identifier: MIT
 * peak.c: what this machine can do, for bench/run and bench/kernels. A child that is asked on standard input and answers with JSON:
 *     peak THREADS SECONDS            {"flops": multiplications and additions per second, fused, in registers}
 *     read THREADS SECONDS BYTES      {"bytes": per second, of a sum over a buffer of so many bytes in each thread}
 *     triad THREADS SECONDS BYTES     {"bytes": per second, of c = a + 3 b: three arrays of a third of BYTES} */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__AVX512F__)
enum { VECTOR = 64 };
#elif defined(__AVX__)
enum { VECTOR = 32 };
#else
enum { VECTOR = 16 };
#endif
typedef float Vec __attribute__((vector_size(VECTOR)));
enum { LANES = VECTOR / 4, CHAINS = 12, ROUNDS = 100000 };

typedef struct Share { /* of one thread */
    pthread_barrier_t *start;
    char work;          /* first letter of the question */
    double limit, done, seconds;
    size_t n;           /* floats of an array */
    float *a, *b, *c;
} Share;

static volatile float sink;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Twelve sums that do not wait for each other; 0.5 x + y stays finite. Returns the operations. */
static double multiply_add(Vec *in)
{
    Vec x = in[0], y = in[1];
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define BEGIN(k) Vec s##k = y + k;
#define STEP(k) s##k = s##k * x + y;
#define END(k) in[0] += s##k * 0;
    EACH(BEGIN)
    for (int i = 0; i < ROUNDS; i++) {
        EACH(STEP)
        __asm__ volatile("" ::: "memory"); /* every round is made */
    }
    EACH(END)
    return 2.0 * LANES * CHAINS * ROUNDS;
}

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

static void *work(void *arg)
{
    Share *s = arg;
    Vec in[2];
    for (int i = 0; i < LANES; i++)
        in[0][i] = 0.5f, in[1][i] = (float)(i + 1);
    pthread_barrier_wait(s->start);
    double begin = now();
    do
        s->done += s->work == 'p' ? multiply_add(in) : s->work == 'r' ? sum_all(s) : triad(s);
    while (now() - begin < s->limit);
    s->seconds = now() - begin;
    sink = in[0][0];
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
