/* SPDX-License-Identifier: MIT
 * vjp_view.c: derivatives of views and reductions: each is another view or reduction. */
#include "transform/linear_sum.h"
#include "transform/vjp.h"

static Dims *dims_of(const Vjp *v)
{
    return v->g->module->dims;
}

static int64_t attr(const Vjp *v, uint32_t i)
{
    return graph_attr(v->g, v->node, i);
}

void vjp_reshape(Vjp *v)
{
    Type type = vjp_in_type(v, 0);
    v->out[0] = build_reshape(v->g, v->cot[0], type.dim, type.rank);
}

void vjp_permute(Vjp *v)
{
    int inverse[MAX_RANK] = {0}, rank = graph_type(v->g, v->node)->rank;
    for (int i = 0; i < rank; i++)
        inverse[attr(v, (uint32_t)i)] = i;
    v->out[0] = build_permute(v->g, v->cot[0], inverse);
}

/* Sum over the new axes and over the stretched ones; the latter come back with extent 1. */
void vjp_broadcast(Vjp *v)
{
    Type from = vjp_in_type(v, 0), to = *graph_type(v->g, v->node);
    int axes[MAX_RANK], n = 0;
    for (int i = 0, k = 0; i < to.rank; i++) {
        bool source = k < from.rank && attr(v, (uint32_t)k) == i;
        if (!source || from.dim[k] != to.dim[i]) axes[n++] = i;
        k += source;
    }
    Ref sum = n ? linear_sum(v->g, v->cot[0], axes, n) : v->cot[0];
    v->out[0] = build_reshape(v->g, sum, from.dim, from.rank);
}

void vjp_slice(Vjp *v)
{
    Dims *d = dims_of(v);
    Type from = vjp_in_type(v, 0), to = *graph_type(v->g, v->node);
    Dim zero = dim_const(d, 0), one = dim_const(d, 1);
    Dim lo[MAX_RANK], hi[MAX_RANK], all_lo[MAX_RANK];
    int64_t interior[MAX_RANK], flip[MAX_RANK];
    bool flipped = false;
    for (int i = 0; i < to.rank; i++) {
        Dim from_lo = (Dim)attr(v, 3 * (uint32_t)i), from_hi = (Dim)attr(v, 3 * (uint32_t)i + 1);
        int64_t step = attr(v, 3 * (uint32_t)i + 2), size = step < 0 ? -step : step, count;
        if (dim_is_const(d, to.dim[i], &count) && !count) return; /* nothing was read */
        Dim reach = dim_mul(d, dim_sub(d, to.dim[i], one), dim_const(d, size)); /* last - first */
        lo[i] = step < 0 ? dim_sub(d, dim_sub(d, from_hi, one), reach) : from_lo;
        hi[i] = dim_sub(d, dim_sub(d, dim_sub(d, from.dim[i], lo[i]), reach), one);
        interior[i] = size - 1;
        flip[i] = step < 0 ? -1 : 1;
        flipped |= step < 0;
        all_lo[i] = zero;
    }
    Ref g = flipped ? build_slice(v->g, v->cot[0], all_lo, to.dim, flip) : v->cot[0];
    v->out[0] = build_pad(v->g, g, lo, hi, interior, 0);
}

void vjp_pad(Vjp *v)
{
    Dims *d = dims_of(v);
    Type from = vjp_in_type(v, 0);
    Dim lo[MAX_RANK], hi[MAX_RANK], one = dim_const(d, 1);
    int64_t step[MAX_RANK];
    for (int i = 0; i < from.rank; i++) {
        lo[i] = (Dim)attr(v, 3 * (uint32_t)i);
        step[i] = attr(v, 3 * (uint32_t)i + 2) + 1;
        Dim reach = dim_mul(d, dim_sub(d, from.dim[i], one), dim_const(d, step[i]));
        hi[i] = dim_add(d, dim_add(d, lo[i], reach), one);
    }
    v->out[0] = build_slice(v->g, v->cot[0], lo, hi, step);
}

void vjp_concat(Vjp *v)
{
    Dims *d = dims_of(v);
    Type to = *graph_type(v->g, v->node);
    int axis = (int)attr(v, 0);
    Dim lo[MAX_RANK], hi[MAX_RANK];
    int64_t step[MAX_RANK];
    for (int i = 0; i < to.rank; i++) {
        lo[i] = dim_const(d, 0);
        hi[i] = to.dim[i];
        step[i] = 1;
    }
    uint32_t n = graph_node(v->g, v->node)->n_in;
    Dim at = lo[axis];
    for (uint32_t k = 0; k < n; k++) {
        Type part = vjp_in_type(v, k);
        lo[axis] = at;
        hi[axis] = at = dim_add(d, at, part.dim[axis]);
        if (v->want[k]) v->out[k] = build_slice(v->g, v->cot[0], lo, hi, step);
    }
}

void vjp_window(Vjp *v)
{
    int axis = (int)attr(v, 0);
    Type from = vjp_in_type(v, 0);
    v->out[0] = build_fold(v->g, v->cot[0], axis, from.dim[axis], attr(v, 1), attr(v, 2), attr(v, 3));
}

/* {axis, n, k, stride, dil} */
void vjp_fold(Vjp *v)
{
    v->out[0] = build_window(v->g, v->cot[0], (int)attr(v, 0), attr(v, 2), attr(v, 3), attr(v, 4));
}

/* Bring the cotangent of a reduction back to the operand's shape. */
static Ref spread(Vjp *v, Ref a)
{
    Type from = vjp_in_type(v, 0);
    uint32_t n = graph_node(v->g, v->node)->n_attr;
    int kept[MAX_RANK], n_kept = 0;
    for (int i = 0; i < from.rank; i++) {
        bool gone = false;
        for (uint32_t k = 0; k < n; k++)
            gone |= attr(v, k) == i;
        if (!gone) kept[n_kept++] = i;
    }
    return build_broadcast(v->g, a, from, kept);
}

void vjp_sum(Vjp *v)
{
    v->out[0] = spread(v, v->cot[0]);
}

/* The first maximum in row-major order gets everything. */
void vjp_max(Vjp *v)
{
    uint32_t n = graph_node(v->g, v->node)->n_attr;
    int axes[MAX_RANK];
    for (uint32_t k = 0; k < n; k++)
        axes[k] = (int)attr(v, k);
    Ref first = build_reduce_max_first(v->g, vjp_in(v, 0), axes, (int)n), g = spread(v, v->cot[0]);
    v->out[0] = build_where(v->g, first, g, build_like(v->g, g, 0));
}
