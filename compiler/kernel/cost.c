/* SPDX-License-Identifier: MIT
 * cost.c: what one run of a kernel costs at least, as polynomials of the sizes, for `profile`.
 *
 * An operation counts once for every element of the axes that it varies with, whether or not the loops repeat it; the element of an access
 * counts once, however often it is read: of windows that overlap, as much as their buffer has. Outside of a band, and where an operand has
 * zeros that need not be multiplied, there is nothing to do, if extents are known. */
#include "kernel/kernel.h"

typedef uint32_t Axes; /* a set, as bits */

typedef struct Coster {
    const KProgram *p;
    const Kernel *k;
    Dims *dims;
    Axes *varies; /* by expression node */
} Coster;

static Axes axes_of_class(const Kernel *k, AxisClass cls)
{
    Axes set = 0;
    for (int i = 0; i < k->n_axes; i++)
        if (k->cls[i] == cls) set |= 1u << i;
    return set;
}

static Dim extent(const Coster *c, Axes set)
{
    Dim n = dim_const(c->dims, 1);
    for (int i = 0; i < c->k->n_axes; i++)
        if (set >> i & 1) n = dim_mul(c->dims, n, c->k->axis[i]);
    return n;
}

/* How many j of 0 .. n-1 have lo <= at + stride * j < hi? */
static int64_t count_inside(int64_t lo, int64_t hi, int64_t at, int64_t stride, int64_t n)
{
    if (stride < 0) at += stride * (n - 1), stride = -stride;
    if (stride == 0) return lo <= at && at < hi ? n : 0;
    int64_t first = lo <= at ? 0 : (lo - at + stride - 1) / stride, end = hi <= at ? 0 : (hi - at + stride - 1) / stride;
    if (end > n) end = n;
    return first < end ? end - first : 0;
}

/* Points of a box over its two axes; -1: it has not two, or not all is known. */
static int64_t points_inside(const Coster *c, const struct AccessBox *box, Axes *axes)
{
    int64_t n[2] = {1, 1}, stride[2] = {0}, off = 0, lo, hi, points = 0;
    int found = 0;
    *axes = 0;
    for (int i = 0; i < c->k->n_axes; i++) {
        if (!box->stride[i]) continue;
        if (found == 2 || !dim_is_const(c->dims, box->stride[i], &stride[found]) || !dim_is_const(c->dims, c->k->axis[i], &n[found]))
            return -1;
        *axes |= 1u << i;
        found++;
    }
    if (found != 2 || (box->off && !dim_is_const(c->dims, box->off, &off))) return -1;
    if (!dim_is_const(c->dims, box->lo, &lo) || !dim_is_const(c->dims, box->hi, &hi)) return -1;
    for (int64_t i = 0; i < n[0]; i++)
        points += count_inside(lo, hi, off + stride[0] * i, stride[1], n[1]);
    return points;
}

/* Points of the axes of a set that are in a box, if its axes are among those and in no other box: takes them out of the set. */
static Dim extent_inside(const Coster *c, const struct AccessBox *box, Axes *set)
{
    Axes axes = 0;
    int64_t points = points_inside(c, box, &axes);
    if (points < 0 || (axes & ~*set)) return dim_const(c->dims, 1);
    *set &= ~axes;
    return dim_const(c->dims, points);
}

/* Points of the axes of a set for which there is something to do. products: of a contraction. */
static Dim points(const Coster *c, Axes set, bool products)
{
    Dim n = dim_const(c->dims, 1);
    if (c->k->band) n = extent_inside(c, c->k->band, &set);
    for (uint32_t i = 0; products && i < 2; i++)
        for (uint32_t j = 0; c->k->rd.at[i].zeros && j < c->k->rd.at[i].n_box; j++)
            n = dim_mul(c->dims, n, extent_inside(c, &c->k->rd.at[i].box[j], &set));
    return dim_mul(c->dims, n, extent(c, set));
}

static Axes axes_of_access(const Coster *c, const Access *a)
{
    Axes set = a->index ? c->varies[a->index - 1] : 0;
    for (int i = 0; i < c->k->n_axes; i++)
        if (a->stride[i]) set |= 1u << i;
    return set;
}

static Axes axes_of_inputs(const Coster *c, const XNode *x)
{
    Axes set = 0;
    for (int i = 0; i < 4; i++)
        if (x->in[i]) set |= c->varies[x->in[i] - 1];
    return set;
}

static bool counts(const Kernel *k, const XNode *x)
{
    bool floats = dtype_is_float(x->dtype);
    for (int i = 0; i < 4; i++)
        floats |= x->in[i] && dtype_is_float(k->x.at[x->in[i] - 1].dtype);
    return op_counts(x->op, floats);
}

/* What node i of the kernel costs; notes what it varies with. */
static Dim node_operations(Coster *c, uint32_t i)
{
    const Kernel *k = c->k;
    const XNode *x = &k->x.at[i];
    Axes in = axes_of_inputs(c, x), all = k->n_axes < 32 ? (1u << k->n_axes) - 1 : ~0u;
    switch (x->kind) {
    case X_ld: c->varies[i] = axes_of_access(c, &k->rd.at[x->access]); return 0;
    case X_index: c->varies[i] = axes_of_access(c, &k->idx.at[x->access]); return 0;
    case X_acc:
        c->varies[i] = all & ~axes_of_class(k, AX_K);
        return dim_mul(c->dims, dim_const(c->dims, k->quads ? 8 : 2), points(c, all, true));
    case X_reduce: c->varies[i] = in & ~axes_of_class(k, AX_RED); return points(c, in, false);
    case X_op: c->varies[i] = in; return counts(k, x) ? points(c, in, false) : 0;
    default: c->varies[i] = in; return 0;
    }
}

static Dim access_bytes(const Coster *c, const Access *a, const int64_t *sample)
{
    const Buf *buf = &c->p->buf.at[a->buf];
    Dim n = extent(c, axes_of_access(c, a));
    int64_t touched = 0, there = 0;
    if (buf->cls == BUF_LOCAL) return dim_const(c->dims, 0);
    bool known = dim_eval(c->dims, n, sample, &touched) && dim_eval(c->dims, buf->elements, sample, &there);
    if (c->k->kind == K_EXTERN || (known && touched > there)) n = buf->elements;
    return dim_mul(c->dims, n, dim_const(c->dims, dtype_bytes(buf->dtype)));
}

/* All items of a group; the values of an item stay in a cache. */
static KernelCost group_cost(const KProgram *p, const Kernel *k, const int64_t *sample)
{
    Dims *dims = p->module->dims;
    KernelCost all = {dim_const(dims, 0), dim_const(dims, 0)};
    for (uint32_t i = 0; i < k->body.n; i++) {
        KernelCost one = kernel_cost(p, k->body.at[i], sample);
        all.operations = dim_add(dims, all.operations, dim_mul(dims, k->rows, one.operations));
        all.bytes = dim_add(dims, all.bytes, dim_mul(dims, k->rows, one.bytes));
    }
    return all;
}

KernelCost kernel_cost(const KProgram *p, const Kernel *k, const int64_t *sample)
{
    if (k->kind == K_GROUP) return group_cost(p, k, sample);
    Coster c = {p, k, p->module->dims, ARENA_ARRAY(p->arena, Axes, k->x.n + 1)};
    if (k->kind == K_SCAN || k->kind == K_UPDATE) return (KernelCost){0};
    KernelCost cost = {dim_const(c.dims, 0), dim_const(c.dims, 0)};
    for (uint32_t i = 0; i < k->x.n; i++) {
        Dim n = node_operations(&c, i);
        if (n) cost.operations = dim_add(c.dims, cost.operations, n);
    }
    if (k->kind == K_SCATTER) cost.operations = extent(&c, ~0u);
    for (uint32_t i = 0; i < k->rd.n; i++)
        cost.bytes = dim_add(c.dims, cost.bytes, access_bytes(&c, &k->rd.at[i], sample));
    for (uint32_t i = 0; i < k->wr.n; i++)
        cost.bytes = dim_add(c.dims, cost.bytes, access_bytes(&c, &k->wr.at[i], sample));
    return cost;
}

static uint32_t count(Kernel *const *kernel, uint32_t n)
{
    uint32_t total = n;
    for (uint32_t i = 0; i < n; i++)
        total += count(kernel[i]->body.at, kernel[i]->body.n);
    return total;
}

uint32_t kernel_count(const KProgram *p)
{
    return count(p->kernel.at, p->kernel.n);
}
