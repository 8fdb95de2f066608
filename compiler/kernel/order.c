/* SPDX-License-Identifier: MIT
 * order.c: the order of additions in a nest (see order.h), and the vector axis, which decides it. */
#include "kernel/order.h"

#include <string.h>

#include "kernel/merge.h"

/* ---- the vector axis ---- */

static bool stride_is(const Dims *dims, Dim stride, int64_t value)
{
    int64_t v = 0;
    return (stride == 0 || dim_is_const(dims, stride, &v)) && v == value;
}

static uint32_t mask_of(const Dims *dims, const Dim *stride)
{
    uint32_t mask = 0;
    for (int a = 0; a < MAX_AXES; a++)
        if (!stride_is(dims, stride[a], 0)) mask |= 1u << a;
    return mask;
}

/* Axes an access varies with. by_node: the same of the nodes. */
static uint32_t access_axes(const Dims *dims, const Access *a, const uint32_t *by_node)
{
    uint32_t mask = mask_of(dims, a->stride);
    for (uint32_t i = 0; a->boxed && i < a->n_box; i++)
        mask |= mask_of(dims, a->box[i].stride);
    return mask | (a->index ? by_node[a->index - 1] : 0);
}

static uint32_t reduced_axes(const Kernel *k)
{
    return ((1u << k->n_axes) - 1) & ~((1u << (k->n_axes - k->n_red)) - 1);
}

static uint32_t *axes_of_nodes(Arena *arena, const Dims *dims, const Kernel *k)
{
    uint32_t *axes = ARENA_ARRAY(arena, uint32_t, k->x.n + 1);
    for (uint32_t i = 0; i < k->x.n; i++) {
        const XNode *x = &k->x.at[i];
        if (x->kind == X_ld) axes[i] = access_axes(dims, &k->rd.at[x->access], axes);
        if (x->kind == X_st) axes[i] = access_axes(dims, &k->wr.at[x->access], axes);
        if (x->kind == X_index) axes[i] = mask_of(dims, k->idx.at[x->access].stride);
        for (int j = 0; j < 4; j++)
            if (x->in[j]) axes[i] |= axes[x->in[j] - 1];
        if (x->kind == X_reduce) axes[i] &= ~reduced_axes(k);
    }
    return axes;
}

/* A block of random numbers is four neighbouring elements. */
static double score_of_draws(const Dims *dims, const Kernel *k, int axis)
{
    double score = 0;
    for (uint32_t i = 0; i < k->x.n; i++) {
        const XNode *n = &k->x.at[i], *element = n->kind == X_random ? &k->x.at[n->in[3] - 1] : NULL;
        if (element && element->kind == X_index && stride_is(dims, k->idx.at[element->access].stride[axis], 1)) score += 4;
    }
    return score;
}

static double axis_score(const Dims *dims, const Kernel *k, const uint32_t *by_node, int axis)
{
    double score = score_of_draws(dims, k, axis);
    uint32_t reduced = reduced_axes(k);
    int64_t extent;
    for (uint32_t i = 0; i < k->rd.n + k->wr.n; i++) {
        const Access *a = i < k->rd.n ? &k->rd.at[i] : &k->wr.at[i - k->rd.n];
        if (reduced && !(access_axes(dims, a, by_node) & reduced)) continue; /* row level: once a row */
        if (stride_is(dims, a->stride[axis], 1))
            score += i < k->rd.n ? 4 : 8;
        else if (stride_is(dims, a->stride[axis], 0))
            score += 1;
    }
    if (dim_is_const(dims, k->axis[axis], &extent) && extent < 4) score /= 4;
    return score;
}

/* The axis with the most contiguous accesses; of equals an inner one, but a parallel one before a reduction. */
int kernel_vector_axis(Arena *arena, const Dims *dims, const Kernel *k)
{
    const uint32_t *by_node = axes_of_nodes(arena, dims, k);
    int best = -1, n_par = k->n_axes - k->n_red;
    double best_score = -1;
    if (k->sum.fixed && k->sum.chains >= 0) return k->sum.chains;
    for (int i = 0; i < k->n_axes; i++) {
        int a = i < n_par ? n_par - 1 - i : k->n_axes - 1 - (i - n_par);
        if (k->sum.fixed && a >= n_par) break;
        double s = axis_score(dims, k, by_node, a);
        if (s > best_score) {
            best = a;
            best_score = s;
        }
    }
    return best;
}

/* ---- the order ---- */

void order_fix(Arena *arena, Dims *dims, Kernel *k)
{
    uint8_t length[MAX_AXES];
    for (uint32_t i = 0; i < k->x.n && k->kind == K_NEST; i++)
        k->sum.fixed |= k->x.at[i].kind == X_reduce && k->x.at[i].op == OP_sum && dtype_is_float(k->x.at[i].dtype);
    if (!k->sum.fixed) return;
    k->sum.fixed = false;
    memset(length, 1, sizeof length);
    const Kernel *loops = kernel_merge_axes(arena, dims, k, length);
    int vector = kernel_vector_axis(arena, dims, loops);
    k->sum = (SumOrder){.fixed = true, .chains = -1};
    if (vector < loops->n_axes - loops->n_red) return;
    for (int a = 0; a <= vector; a++)
        k->sum.chains = (int8_t)(k->sum.chains + length[a]);
    k->sum.run = length[vector];
}

bool order_joins(Dims *dims, const Kernel *p, const Kernel *q, Kernel *to)
{
    const SumOrder *a = &p->sum, *c = &q->sum;
    if (a->fixed && c->fixed && (a->chains != c->chains || a->run != c->run)) return false;
    to->sum = a->fixed ? *a : *c;
    for (int i = to->sum.chains - to->sum.run + 1; to->sum.fixed && i < to->sum.chains; i++)
        if (!kernel_axes_merge(dims, to, i)) return false;
    return true;
}
