/* SPDX-License-Identifier: MIT
 * axes.c: merge adjacent axes of a kernel.
 *   before:  dom i:B j:256   rd x[i*256 + j]     after:  dom i:256*B   rd x[i]
 * Axes of one class merge where the outer stride of every access is the inner stride times the
 * inner extent and neither a box nor a band looks at them. Loops get longer and vectors fuller. Axes over which floats are
 * added merge as the order of their additions says (order.h). */
#include "kernel/merge.h"

#include <string.h>

static bool is_zero(const Dims *dims, Dim d)
{
    int64_t v;
    return d == 0 || (dim_is_const(dims, d, &v) && v == 0);
}

static bool strides_merge(Dims *dims, const Dim *stride, int a, Dim extent)
{
    if (is_zero(dims, stride[a]) || is_zero(dims, stride[a + 1])) return is_zero(dims, stride[a]) && is_zero(dims, stride[a + 1]);
    return stride[a] == dim_mul(dims, stride[a + 1], extent);
}

static bool access_merges(Dims *dims, const Access *x, int a, Dim extent)
{
    for (uint32_t i = 0; i < x->n_box; i++)
        if (!is_zero(dims, x->box[i].stride[a]) || !is_zero(dims, x->box[i].stride[a + 1])) return false;
    return strides_merge(dims, x->stride, a, extent);
}

static bool band_looks(const Dims *dims, const Kernel *k, int a)
{
    return k->band && (!is_zero(dims, k->band->stride[a]) || !is_zero(dims, k->band->stride[a + 1]));
}

bool kernel_axes_merge(Dims *dims, const Kernel *k, int a)
{
    if ((k->own_rows && (k->part == a || k->part == a + 1)) || band_looks(dims, k, a)) return false;
    if (k->kind == K_NEST ? a + 1 == k->n_axes - k->n_red : k->cls[a] != k->cls[a + 1]) return false;
    for (uint32_t i = 0; i < k->rd.n; i++)
        if (!access_merges(dims, &k->rd.at[i], a, k->axis[a + 1])) return false;
    for (uint32_t i = 0; i < k->wr.n; i++)
        if (!access_merges(dims, &k->wr.at[i], a, k->axis[a + 1])) return false;
    for (uint32_t i = 0; i < k->idx.n; i++)
        if (!access_merges(dims, &k->idx.at[i], a, k->axis[a + 1])) return false;
    return true;
}

/* Does the order of sums allow axis a to become one with the next? */
static bool order_allows(const Kernel *k, int a)
{
    if (!k->sum.fixed || a < k->n_axes - k->n_red) return true;
    return a < k->sum.chains && a > k->sum.chains - k->sum.run;
}

static void copy_accesses(Arena *arena, Access **at, uint32_t n)
{
    Access *copy = ARENA_ARRAY(arena, Access, n ? n : 1);
    for (uint32_t i = 0; i < n; i++) {
        copy[i] = (*at)[i];
        copy[i].box = ARENA_ARRAY(arena, struct AccessBox, copy[i].n_box + 1);
        for (uint32_t j = 0; j < copy[i].n_box; j++)
            copy[i].box[j] = (*at)[i].box[j];
    }
    *at = copy;
}

Kernel *kernel_merge_axes(Arena *arena, Dims *dims, const Kernel *from, uint8_t *length)
{
    Kernel *k = ARENA_NEW(arena, Kernel);
    *k = *from;
    copy_accesses(arena, &k->rd.at, k->rd.n);
    copy_accesses(arena, &k->wr.at, k->wr.n);
    copy_accesses(arena, &k->idx.at, k->idx.n);
    if (k->band) {
        k->band = ARENA_NEW(arena, struct AccessBox);
        *k->band = *from->band;
    }
    if (k->kind != K_NEST && k->kind != K_GEMM) return k;
    for (int a = k->n_axes - 2; a >= 0; a--)
        if (order_allows(k, a) && kernel_axes_merge(dims, k, a)) {
            k->axis[a + 1] = dim_mul(dims, k->axis[a], k->axis[a + 1]);
            bool was_part = k->part == a; /* the merged axis is divided if either was */
            kernel_remove_axis(k, a);
            if (was_part) k->part = a;
            if (length) {
                length[a + 1] = (uint8_t)(length[a + 1] + length[a]);
                memmove(length + a, length + a + 1, (size_t)(MAX_AXES - a - 1));
            }
        }
    return k;
}
