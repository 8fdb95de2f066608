/* SPDX-License-Identifier: MIT
 * gang_race.c: the gang and the barrier of a call, many times over, on all processors and on one, with fewer and with more threads.
 *
 * Built with the thread sanitizer where there is one: every thread writes its own place and reads all others after a barrier, so that
 * a barrier which lets a thread through too early is a race and a wrong value, and one that loses a wake-up never ends. */
#include <stdio.h>
#include <stdlib.h>

#include "core/sync.c"
#include "model/gang.c"

enum { MOST = 24, ROUNDS = 20 };

void *rt_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

void rt_free(void *at)
{
    free(at);
}

typedef struct Job {
    nnrt_ctx ctx;
    int stamp, wrong[MOST], place[MOST];
} Job;

static void rounds(void *arg, int i)
{
    Job *job = arg;
    for (int round = 0; round < ROUNDS; round++) {
        job->place[i] = job->stamp + round;
        nnrt_barrier(&job->ctx);
        for (int k = 0; k < job->ctx.nt; k++)
            job->wrong[i] += job->place[k] != job->stamp + round;
        nnrt_barrier(&job->ctx);
    }
}

static int wrong_values(int threads, int jobs)
{
    Pool *pool = pool_new(threads);
    const nnrt_host *host = pool_host(pool);
    int wrong = !host || host->threads != threads;
    for (int j = 0; j < jobs && host; j++) {
        Job job = {.ctx = {.nt = threads, .host = host}, .stamp = j * ROUNDS};
        host->gang(host->user, threads, rounds, &job);
        for (int i = 0; i < threads; i++)
            wrong += job.wrong[i];
    }
    pool_free(pool);
    return wrong;
}

int main(void)
{
    static const int threads[] = {2, 3, 7, MOST};
    cpu_set_t all, one;
    sched_getaffinity(0, sizeof all, &all);
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++)
        if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
    alarm(120);
    for (int narrow = 0; narrow < 2; narrow++) {
        sched_setaffinity(0, sizeof one, narrow ? &one : &all);
        for (int k = 0; k < 4; k++) {
            int wrong = wrong_values(threads[k], 600 / threads[k]);
            if (wrong) return printf("%d threads on %s: %d wrong\n", threads[k], narrow ? "one processor" : "all", wrong), 1;
        }
    }
    return 0;
}
