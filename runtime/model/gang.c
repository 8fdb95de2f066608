/* SPDX-License-Identifier: MIT
 * gang.c: the threads of a process, all working on one call at a time.
 *
 * Who waits - for a job, for the others in a barrier, for the end of a job - spins a little where there are processors enough, then
 * sleeps on a futex: a thread that has lost its processor costs the others that much and no more. */
#include "model/gang.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "base/clock.h"

struct Pool {
    nnrt_host host;
    pthread_t *thread;
    int started;
    void (*fn)(void *arg, int i);
    void *arg;
    int n;                       /* threads of the current job */
    bool crowded;                /* more threads than processors: spinning keeps others from working */
    _Atomic uint32_t job, done;  /* number of the job; workers that finished it */
    atomic_int asleep;
    atomic_bool quit;
};

/* Between two calls of a run, and in a barrier: some times what sleeping and waking cost. */
static const double job_spin = 200e-6, barrier_spin = 200e-6;

static void pause_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static uint32_t read_word(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* Until *word is no longer value, or for no reason. Who changes the word looks at `asleep` afterwards; here it is the other way
 * round, and the kernel compares the word once more: one of both notices. */
static void wait_word(Pool *p, const uint32_t *word, uint32_t value, double seconds)
{
    double until = p->crowded ? 0 : rt_now() + seconds;
    for (unsigned k = 1; !p->crowded; k++) {
        if (read_word(word) != value) return;
        pause_cpu();
        if (k % 64 == 0 && rt_now() > until) break;
    }
    atomic_fetch_add(&p->asleep, 1);
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
    atomic_fetch_sub(&p->asleep, 1);
}

static void wait_barrier(void *user, const uint32_t *word, uint32_t value)
{
    wait_word(user, word, value, barrier_spin);
}

static void wake_word(void *user, const uint32_t *word)
{
    Pool *p = user;
    if (atomic_load(&p->asleep)) syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

typedef struct Start {
    Pool *pool;
    int index;
} Start;

static void *worker(void *arg)
{
    Start start = *(Start *)arg;
    Pool *p = start.pool;
    rt_free(arg);
    for (uint32_t seen = 0;;) {
        while (p->job == seen && !p->quit)
            wait_word(p, (const uint32_t *)&p->job, seen, job_spin);
        if (p->quit) return NULL;
        seen = p->job; /* the next one may come as soon as `done` is full */
        if (start.index < p->n) p->fn(p->arg, start.index);
        if (atomic_fetch_add(&p->done, 1) + 1 == (uint32_t)p->started) wake_word(p, (const uint32_t *)&p->done);
    }
}

static void run_gang(void *user, int n, void (*fn)(void *arg, int i), void *arg)
{
    Pool *p = user;
    p->fn = fn;
    p->arg = arg;
    p->n = n;
    p->done = 0;
    atomic_fetch_add(&p->job, 1);
    wake_word(p, (const uint32_t *)&p->job);
    fn(arg, 0);
    for (uint32_t done; (done = p->done) != (uint32_t)p->started;)
        wait_word(p, (const uint32_t *)&p->done, done, barrier_spin);
}

/* Affinity mask, limited by the quota of the control group. */
int pool_default_threads(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    FILE *f = fopen("/sys/fs/cgroup/cpu.max", "r");
    double quota = 0, period = 0;
    if (f) {
        if (fscanf(f, "%lf %lf", &quota, &period) == 2 && period > 0 && quota / period < n) n = (int)(quota / period + 0.5);
        fclose(f);
    }
    return n < 1 ? 1 : n > 256 ? 256 : n;
}

Pool *pool_new(int threads)
{
    if (threads <= 0) threads = pool_default_threads();
    Pool *p = rt_alloc(sizeof *p);
    if (!p) return NULL;
    p->crowded = threads > pool_default_threads();
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
    p->host = (nnrt_host){
        .size = sizeof p->host, .threads = p->started + 1, .gang = run_gang, .user = p, .wait = wait_barrier, .wake = wake_word};
    return p;
}

void pool_free(Pool *p)
{
    if (!p) return;
    p->quit = true;
    atomic_fetch_add(&p->job, 1);
    wake_word(p, (const uint32_t *)&p->job);
    for (int i = 0; i < p->started; i++)
        pthread_join(p->thread[i], NULL);
    rt_free(p->thread);
    rt_free(p);
}

const nnrt_host *pool_host(Pool *p)
{
    return p && p->host.threads > 1 ? &p->host : NULL;
}
