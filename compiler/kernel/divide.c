/* SPDX-License-Identifier: MIT
 * divide.c: which axis of a kernel threads divide, if any. */
#include "kernel/divide.h"

enum { VECTOR = 32, TILE = 8 }; /* what the loops divide columns and rows into */

int kernel_parallel_axes(const Kernel *k)
{
    if (k->kind != K_GEMM) return k->n_axes - k->n_red;
    int n = 0;
    while (n < k->n_axes && k->cls[n] != AX_K)
        n++;
    return n;
}

static int64_t extent_at(const Dims *dims, const int64_t *sample, Dim d)
{
    int64_t n = 1;
    return dim_eval(dims, d, sample, &n) ? n : 1;
}

/* Pieces that the threads can divide axis i into: columns go in vectors, rows of a contraction in
 * tiles. */
static int64_t pieces(const Dims *dims, const int64_t *sample, const Kernel *k, int i)
{
    int64_t n = extent_at(dims, sample, k->axis[i]);
    bool last = i == kernel_parallel_axes(k) - 1;
    if (k->kind == K_NEST) return last ? (n + VECTOR - 1) / VECTOR : n;
    bool tiles = k->cls[i] == AX_M && (last || k->cls[i + 1] != AX_M);
    return k->cls[i] == AX_N && last ? (n + VECTOR - 1) / VECTOR : tiles ? (n + TILE - 1) / TILE : n;
}

int64_t kernel_most_pieces(const Dims *dims, const int64_t *sample, const Kernel *k, int32_t *axis)
{
    int64_t most = 1;
    *axis = -1;
    for (int i = 0; i < kernel_parallel_axes(k); i++) {
        int64_t n = pieces(dims, sample, k, i);
        if (n > most) most = n, *axis = i;
    }
    return most;
}

double kernel_work(const Dims *dims, const int64_t *sample, const Kernel *k)
{
    double work = 1;
    for (int i = 0; i < k->n_axes; i++)
        work *= (double)extent_at(dims, sample, k->axis[i]);
    return work;
}

/* A serial kernel keeps an axis of a run-time size: its code is then that of the same kernel in an entry with larger batches, and
 * loop/share.c makes one function of them. */
void kernel_choose_part(const Dims *dims, const int64_t *sample, Kernel *k)
{
    if (k->kind != K_NEST && k->kind != K_GEMM && k->kind != K_ARGSORT) return;
    kernel_most_pieces(dims, sample, k, &k->part);
    k->serial = kernel_work(dims, sample, k) < LEAST_PARALLEL_WORK;
    if (k->serial && k->part >= 0 && dim_is_const(dims, k->axis[k->part], NULL)) k->part = -1;
}
