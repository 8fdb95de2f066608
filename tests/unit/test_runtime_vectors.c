/* links: nnrt_loaders */
/* SPDX-License-Identifier: MIT
 * test_runtime_vectors.c: sums and means of gradients, of lengths around those that threads share, against a plain loop. */
#include "runtime_help.h"

#include "model/call.h"
#include "rows.h"
#include "run/vectors.h"

enum { MOST = (1 << 16) + 5 };
static const size_t lengths[] = {0, 1, 7, (1 << 16) - 1, 1 << 16, MOST};
static float v[MOST + 1], other[MOST + 1];
static double w[MOST + 1], more[MOST + 1], sum[MOST + 1];

static double start(size_t i, int k)
{
    return (double)(int64_t)(i * 2654435761u * (size_t)(k + 1) % 2001) / 8 - 100;
}

/* Behind the end nothing changes. */
static void fill(size_t n)
{
    for (size_t i = 0; i <= n; i++) {
        v[i] = (float)start(i, 0), other[i] = (float)start(i, 1);
        w[i] = start(i, 0), more[i] = start(i, 1), sum[i] = start(i, 2);
    }
}

#define EXPECT(WHAT, AT, WANT) \
    for (size_t i = 0; i <= n; i++) \
    cr_assert_eq((double)AT[i], i < n ? (WANT) : start(i, WHAT), "%zu numbers, %zu", n, i)

static void check(const nnrt *m, size_t n)
{
    const Vector of_v = {v, n, 4}, of_w = {w, n, 8};
    fill(n);
    vector_add(m, of_v, other), vector_add(m, of_w, more);
    EXPECT(0, v, start(i, 0) + start(i, 1));
    EXPECT(0, w, start(i, 0) + start(i, 1));
    fill(n);
    vector_scale(m, of_v, 0.5), vector_scale(m, of_w, -2);
    EXPECT(0, v, start(i, 0) / 2);
    EXPECT(0, w, -2 * start(i, 0));
    fill(n);
    vector_collect(m, of_v, 3, sum, true);
    EXPECT(2, sum, 3 * start(i, 0));
    vector_collect(m, of_w, 0.25, sum, false);
    EXPECT(2, sum, 3.25 * start(i, 0));
    vector_mean(m, of_v, 0.75, sum, 4), vector_mean(m, of_w, 0.75, sum, 2);
    EXPECT(0, v, start(i, 0));
    EXPECT(0, w, 2 * start(i, 0));
    EXPECT(2, sum, 3.25 * start(i, 0));
}

Test(vectors, as_a_loop)
{
    nnrt *m = nnrt_new(&line_program, 0);
    for (int threads = 1; threads <= 5; threads += 2) {
        cr_assert_eq(rt_threads(m, threads), NNRT_OK);
        for (size_t i = 0; i < N_ROWS(lengths); i++)
            check(m, lengths[i]);
    }
    nnrt_free(m);
}

/* Every number has one thread. */
static int seen[MOST + 1];

static void note_all(const void *job, size_t from, size_t to)
{
    (void)job;
    for (size_t i = from; i < to; i++)
        __atomic_add_fetch(&seen[i], 1, __ATOMIC_RELAXED);
}

Test(vectors, are_divided)
{
    nnrt *m = nnrt_new(&line_program, 0);
    cr_assert_eq(rt_threads(m, 3), NNRT_OK);
    for (size_t k = 0; k < N_ROWS(lengths); k++) {
        memset(seen, 0, sizeof seen);
        vector_divide(m, lengths[k], note_all, NULL);
        for (size_t i = 0; i <= MOST; i++)
            cr_assert_eq(seen[i], i < lengths[k], "%zu of %zu", i, lengths[k]);
    }
    nnrt_free(m);
}
