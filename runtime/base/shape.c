/* SPDX-License-Identifier: MIT
 * shape.c: comparing shapes. */
#include "base/shape.h"

#include <stdio.h>

#include "base/base.h"

bool shape_count(int rank, const int64_t *dim, int64_t *n)
{
    *n = 1;
    for (int i = 0; i < rank; i++)
        if (__builtin_mul_overflow(*n, dim[i], n)) return false;
    return true;
}

int64_t shape_size(int rank, const int64_t *dim)
{
    int64_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= dim[i];
    return n;
}

int64_t shape_place(int rank, const int64_t *dim, const int64_t *stride, int64_t i)
{
    int64_t at = 0;
    for (int k = rank - 1; k >= 0; k--) {
        at += i % dim[k] * stride[k];
        i /= dim[k];
    }
    return at;
}

static int without_ones(int rank, const int64_t *dim, int64_t *out)
{
    int n = 0;
    for (int i = 0; i < rank; i++)
        if (dim[i] != 1) out[n++] = dim[i];
    return n;
}

static bool agree(int a_rank, const int64_t *a, int b_rank, const int64_t *b)
{
    bool same = a_rank == b_rank;
    for (int i = 0; same && i < a_rank; i++)
        same = a[i] == b[i] || b[i] == SHAPE_ANY;
    return same;
}

bool shape_serves(int have_rank, const int64_t *have, int want_rank, const int64_t *want)
{
    int64_t a[8], b[8], a_count, b_count;
    if (have_rank > 8 || want_rank > 8) return false;
    int n = without_ones(have_rank, have, a), k = without_ones(want_rank, want, b);
    if (agree(n, a, k, b) || agree(have_rank, have, want_rank, want)) return true;
    for (int i = 0; i < k; i++)
        if (b[i] == SHAPE_ANY) return false;
    return (n <= 1 || k <= 1) && shape_count(n, a, &a_count) && shape_count(k, b, &b_count) && a_count == b_count;
}

const char *shape_text(int rank, const int64_t *dim, char *out, size_t n)
{
    snprintf(out, n, "[");
    for (int i = 0; i < rank && i < 8; i++)
        rt_append(out, n, dim[i] == SHAPE_ANY ? "%s_" : "%s%lld", i ? ", " : "", (long long)dim[i]);
    rt_append(out, n, rank > 8 ? ", ...]" : "]");
    return out;
}
