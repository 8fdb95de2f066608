/* SPDX-License-Identifier: MIT
 * step.c: times the training steps of one compiled model through its core calls, for bench/run.
 * Compiled once per model with -DMODEL=mlp -DWORK=MLP_FIT_WORK -DMODEL_BYTES=.. -DTRAIN_BYTES=.. -DROWS=64
 * -DNUMBERS=784 -DHEADER='"mlp.h"'.
 * Prints: median ms, least ms, steps, CPU of other programs during the measurement (1 = one core). */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include HEADER

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define CORE(name) JOIN(MODEL, JOIN(_core_, name))

enum { BATCHES = 4, CLASSES = 10, WARM = 20, MOST = 200000 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double own_cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + 1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* Seconds that all cores together have worked since the machine started. */
static double all_cpu(void)
{
    unsigned long long user = 0, low = 0, system = 0, idle, wait, irq = 0, soft = 0;
    FILE *f = fopen("/proc/stat", "r");
    if (f) {
        if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &low, &system, &idle, &wait, &irq, &soft) != 7)
            user = low = system = irq = soft = 0;
        fclose(f);
    }
    return (double)(user + low + system + irq + soft) / (double)sysconf(_SC_CLK_TCK);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void *block(size_t bytes)
{
    void *p = NULL;
    if (posix_memalign(&p, NNRT_ALIGN, bytes ? bytes : 1)) exit(5);
    memset(p, 0, bytes);
    return p;
}

/* Numbers of mean 0 and variance 1, and classes, from a fixed generator. */
static void draw(float *x, size_t n, int32_t *y)
{
    uint64_t s = 88172645463325252u;
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (int k = 0; k < 4; k++) {
            s ^= s << 13, s ^= s >> 7, s ^= s << 17;
            sum += (double)(s >> 11) / 9007199254740992.0 - 0.5;
        }
        x[i] = (float)(sum * 1.7320508);
    }
    for (int i = 0; i < BATCHES * ROWS; i++) {
        s ^= s << 13, s ^= s >> 7, s ^= s << 17;
        y[i] = (int32_t)((s >> 33) % CLASSES);
    }
}

int main(int argc, char **argv)
{
    double limit = argc > 1 ? atof(argv[1]) : 1;
    size_t each = (size_t)ROWS * NUMBERS;
    float *x = block(BATCHES * each * sizeof *x);
    int32_t *y = block(BATCHES * ROWS * sizeof *y);
    double *took = block(MOST * sizeof *took);
    void *model = block(MODEL_BYTES), *train = block(TRAIN_BYTES);
    nnrt_call call = {.size = sizeof call, .work_bytes = WORK(ROWS)};
    call.work = block(call.work_bytes);
    draw(x, BATCHES * each, y);
    int code = CORE(init)(model, 1);
    if (!code) code = CORE(fit_init)(train, 1);
    CORE(fit_plan)(train, 0, 1000);
    double end = 0, cpu = 0, all = 0, begin = 0;
    int n = 0;
    for (int i = 0; !code && i < MOST + WARM; i++) {
        if (i == WARM) {
            begin = seconds(), end = begin + limit;
            cpu = own_cpu(), all = all_cpu();
        }
        double t = seconds();
        if (i >= WARM && t > end && n >= 5) break;
        size_t k = (size_t)i % BATCHES;
        code = CORE(fit_step)(model, train, &call, ROWS, x + k * each, y + k * ROWS);
        if (i >= WARM) took[n++] = seconds() - t;
    }
    if (code) {
        fprintf(stderr, "step failed with code %d\n", code);
        return 1;
    }
    double wall = seconds() - begin, others = (all_cpu() - all - (own_cpu() - cpu)) / wall;
    qsort(took, (size_t)n, sizeof *took, compare);
    printf("%.4f %.4f %d %.2f\n", 1e3 * took[n / 2], 1e3 * took[0], n, others > 0 ? others : 0);
    return 0;
}
