/* SPDX-License-Identifier: MIT
 * gang.c: the threads of a process, all working on one call at a time: they spin for a while
 * between calls, then sleep on a futex. */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "rt.h"

struct Pool {
    nnrt_host host;
    pthread_t *thread;
    int started;
    void (*fn)(void *arg, int i);
    void *arg;
    int n;                 /* threads of the current job */
    atomic_uint job, done; /* number of the job; workers that finished it */
    atomic_bool quit;
};

static void pause_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void wait_for_job(Pool *p, unsigned seen)
{
    double until = now() + 3e-3;
    for (unsigned k = 0;
         atomic_load_explicit(&p->job, memory_order_acquire) == seen && !atomic_load(&p->quit);
         k++) {
        pause_cpu();
        if ((k & 255) == 255 && now() > until)
            syscall(SYS_futex, (void *)&p->job, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
    }
}

typedef struct Start {
    Pool *pool;
    int index;
} Start;

static void *worker(void *arg)
{
    Start start = *(Start *)arg;
    rt_free(arg);
    unsigned seen = 0;
    for (;;) {
        wait_for_job(start.pool, seen);
        if (atomic_load(&start.pool->quit)) return NULL;
        seen = atomic_load_explicit(&start.pool->job, memory_order_acquire);
        if (start.index < start.pool->n) start.pool->fn(start.pool->arg, start.index);
        atomic_fetch_add_explicit(&start.pool->done, 1, memory_order_release);
    }
}

static void run_gang(void *user, int n, void (*fn)(void *arg, int i), void *arg)
{
    Pool *p = user;
    p->fn = fn;
    p->arg = arg;
    p->n = n;
    atomic_store(&p->done, 0);
    atomic_fetch_add_explicit(&p->job, 1, memory_order_release);
    syscall(SYS_futex, (void *)&p->job, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    fn(arg, 0);
    for (unsigned k = 1;
         atomic_load_explicit(&p->done, memory_order_acquire) != (unsigned)p->started; k++) {
        pause_cpu();
        if (k % 4096 == 0) sched_yield(); /* a worker may wait for this processor */
    }
}

/* Affinity mask, limited by the quota of the control group. */
int pool_default_threads(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    FILE *f = fopen("/sys/fs/cgroup/cpu.max", "r");
    double quota = 0, period = 0;
    if (f) {
        if (fscanf(f, "%lf %lf", &quota, &period) == 2 && period > 0 && quota / period < n)
            n = (int)(quota / period + 0.5);
        fclose(f);
    }
    return n < 1 ? 1 : n > 256 ? 256 : n;
}

Pool *pool_new(int threads)
{
    if (threads <= 0) threads = pool_default_threads();
    Pool *p = rt_alloc(sizeof *p);
    if (!p) return NULL;
    p->thread = rt_alloc(sizeof(pthread_t) * (size_t)threads);
    for (int i = 1; p->thread && i < threads; i++) {
        Start *start = rt_alloc(sizeof *start);
        if (!start) break;
        *start = (Start){p, i};
        if (pthread_create(&p->thread[p->started], NULL, worker, start)) {
            rt_free(start);
            break;
        }
        p->started++;
    }
    p->host =
        (nnrt_host){.size = sizeof p->host, .threads = p->started + 1, .gang = run_gang, .user = p};
    return p;
}

void pool_free(Pool *p)
{
    if (!p) return;
    atomic_store(&p->quit, true);
    atomic_fetch_add(&p->job, 1);
    syscall(SYS_futex, (void *)&p->job, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    for (int i = 0; i < p->started; i++)
        pthread_join(p->thread[i], NULL);
    rt_free(p->thread);
    rt_free(p);
}

const nnrt_host *pool_host(Pool *p)
{
    return p && p->host.threads > 1 ? &p->host : NULL;
}
