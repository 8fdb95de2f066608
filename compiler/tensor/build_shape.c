/* SPDX-License-Identifier: MIT
 * build_shape.c: constructors of views. Views of views become one view where that is simple. */
#include "tensor/graph.h"

#include <string.h>

static Dim constant(Graph *g, int64_t v)
{
    return dim_const(g->module->dims, v);
}

static bool is_value(const Graph *g, Dim d, int64_t v)
{
    int64_t c = 0;
    return dim_is_const(g->module->dims, d, &c) && c == v;
}

static Ref splat(Graph *g, Ref a, Type type)
{
    type.dtype = graph_type(g, a)->dtype;
    int64_t bits = graph_attr(g, a, 0);
    return graph_add(g, OP_const, type, NULL, 0, &bits, 1);
}

Ref build_reshape(Graph *g, Ref a, const Dim *dim, int rank)
{
    Type type = *graph_type(g, a), old = type;
    if (rank > MAX_RANK) BUG("reshape: rank above %d", MAX_RANK);
    type.rank = (uint8_t)rank;
    for (int i = 0; i < rank; i++) type.dim[i] = dim[i];
    if (!dims_same(g, type_count(g->module->dims, &old), type_count(g->module->dims, &type)))
        BUG("%s: reshape of %s to %s", g->name, type_text(g->module->dims, g->arena, &old), type_text(g->module->dims, g->arena, &type));
    if (type_equal(&type, &old)) return a;
    if (is_op(g, a, OP_const)) return splat(g, a, type);
    if (is_op(g, a, OP_reshape)) return build_reshape(g, graph_in(g, a, 0), dim, rank);
    return graph_add(g, OP_reshape, type, &a, 1, NULL, 0);
}

Ref build_permute(Graph *g, Ref a, const int *perm)
{
    Type old = *graph_type(g, a), type = old;
    int64_t attr[MAX_RANK];
    bool same = true, seen[MAX_RANK] = { 0 };
    for (int i = 0; i < type.rank; i++) {
        if (perm[i] < 0 || perm[i] >= type.rank || seen[perm[i]]) BUG("%s: permute: not a permutation", g->name);
        seen[perm[i]] = true;
        attr[i] = perm[i];
        type.dim[i] = old.dim[perm[i]];
        same &= perm[i] == i;
    }
    if (same) return a;
    if (is_op(g, a, OP_const)) return splat(g, a, type);
    if (is_op(g, a, OP_permute)) {
        int both[MAX_RANK];
        for (int i = 0; i < type.rank; i++) both[i] = (int)graph_attr(g, a, (uint32_t)perm[i]);
        return build_permute(g, graph_in(g, a, 0), both);
    }
    return graph_add(g, OP_permute, type, &a, 1, attr, type.rank);
}

Ref build_broadcast(Graph *g, Ref a, Type type, const int *axes)
{
    Type old = *graph_type(g, a);
    int64_t attr[MAX_RANK];
    type.dtype = old.dtype;
    bool same = type.rank == old.rank;
    for (int i = 0; i < old.rank; i++) {
        int at = axes[i];
        if (at < 0 || at >= type.rank || (i && at <= axes[i - 1])) BUG("%s: broadcast: axes are not ascending", g->name);
        if (!is_value(g, old.dim[i], 1) && !dims_same(g, old.dim[i], type.dim[at]))
            BUG("%s: broadcast of %s to %s", g->name, type_text(g->module->dims, g->arena, &old), type_text(g->module->dims, g->arena, &type));
        attr[i] = at;
        same &= at == i && old.dim[i] == type.dim[i];
    }
    if (same) return a;
    if (is_op(g, a, OP_const)) return splat(g, a, type);
    if (is_op(g, a, OP_broadcast)) {
        Ref b = graph_in(g, a, 0);
        int both[MAX_RANK];
        for (int i = 0; i < graph_type(g, b)->rank; i++) both[i] = axes[graph_attr(g, a, (uint32_t)i)];
        return build_broadcast(g, b, type, both);
    }
    return graph_add(g, OP_broadcast, type, &a, 1, attr, old.rank);
}

Ref build_broadcast_to(Graph *g, Ref a, Type shape)
{
    int axes[MAX_RANK], rank = graph_type(g, a)->rank;
    if (rank > shape.rank) BUG("%s: broadcast to a smaller rank", g->name);
    for (int i = 0; i < rank; i++) axes[i] = shape.rank - rank + i;
    return build_broadcast(g, a, shape, axes);
}

Ref build_slice(Graph *g, Ref a, const Dim *lo, const Dim *hi, const int64_t *step)
{
    Dims *dims = g->module->dims;
    Type old = *graph_type(g, a), type = old;
    int64_t attr[3 * MAX_RANK];
    bool whole = true, unit = true;
    for (int i = 0; i < old.rank; i++) {
        int64_t size = step[i] < 0 ? -step[i] : step[i];
        if (!size) BUG("%s: slice with step 0", g->name);
        Dim n = dim_sub(dims, hi[i], lo[i]);
        type.dim[i] = size == 1 ? n : dim_floordiv(dims, dim_add(dims, n, constant(g, size - 1)), constant(g, size));
        attr[3 * i] = lo[i], attr[3 * i + 1] = hi[i], attr[3 * i + 2] = step[i];
        whole &= step[i] == 1 && is_value(g, lo[i], 0) && hi[i] == old.dim[i];
        unit &= step[i] == 1;
    }
    if (whole) return a;
    if (is_op(g, a, OP_const)) return splat(g, a, type);
    if (is_op(g, a, OP_slice) && unit) {
        bool inner = true;
        Dim lo2[MAX_RANK], hi2[MAX_RANK];
        for (int i = 0; i < old.rank; i++) {
            inner &= graph_attr(g, a, (uint32_t)(3 * i + 2)) == 1;
            lo2[i] = dim_add(dims, (Dim)graph_attr(g, a, (uint32_t)(3 * i)), lo[i]);
            hi2[i] = dim_add(dims, (Dim)graph_attr(g, a, (uint32_t)(3 * i)), hi[i]);
        }
        if (inner) return build_slice(g, graph_in(g, a, 0), lo2, hi2, step);
    }
    return graph_add(g, OP_slice, type, &a, 1, attr, 3u * old.rank);
}

Ref build_pad(Graph *g, Ref a, const Dim *lo, const Dim *hi, const int64_t *interior, double fill)
{
    Dims *dims = g->module->dims;
    Type type = *graph_type(g, a);
    int64_t attr[3 * MAX_RANK + 1];
    bool nothing = true;
    for (int i = 0; i < type.rank; i++) {
        Dim n = type.dim[i];
        if (interior[i]) n = dim_add(dims, n, dim_mul(dims, dim_sub(dims, n, constant(g, 1)), constant(g, interior[i])));
        type.dim[i] = dim_add(dims, dim_add(dims, lo[i], hi[i]), n);
        attr[3 * i] = lo[i], attr[3 * i + 1] = hi[i], attr[3 * i + 2] = interior[i];
        nothing &= is_value(g, lo[i], 0) && is_value(g, hi[i], 0) && interior[i] == 0;
    }
    if (nothing) return a;
    attr[3 * type.rank] = dtype_is_float(type.dtype) ? double_bits(fill) : (int64_t)fill;
    if (is_op(g, a, OP_const) && graph_attr(g, a, 0) == attr[3 * type.rank]) return splat(g, a, type);
    return graph_add(g, OP_pad, type, &a, 1, attr, 3u * type.rank + 1);
}

Ref build_concat(Graph *g, const Ref *in, uint32_t n, int axis)
{
    Dims *dims = g->module->dims;
    Type type = *graph_type(g, in[0]);
    int64_t attr = axis;
    if (n == 1) return in[0];
    for (uint32_t k = 1; k < n; k++) {
        const Type *t = graph_type(g, in[k]);
        if (t->rank != type.rank || t->dtype != type.dtype) BUG("%s: concat of different types", g->name);
        for (int i = 0; i < type.rank; i++)
            if (i != axis && !dims_same(g, type.dim[i], t->dim[i])) BUG("%s: concat: extents differ", g->name);
        type.dim[axis] = dim_add(dims, type.dim[axis], t->dim[axis]);
    }
    bool equal = is_op(g, in[0], OP_const);
    for (uint32_t k = 1; k < n && equal; k++) equal = is_op(g, in[k], OP_const) && graph_attr(g, in[k], 0) == graph_attr(g, in[0], 0);
    if (equal) return splat(g, in[0], type);
    return graph_add(g, OP_concat, type, in, n, &attr, 1);
}

static Dim n_windows(Graph *g, Dim n, int64_t k, int64_t stride, int64_t dil)
{
    Dims *dims = g->module->dims;
    Dim last = dim_sub(dims, n, constant(g, dil * (k - 1) + 1));
    return dim_add(dims, dim_floordiv(dims, last, constant(g, stride)), constant(g, 1));
}

Ref build_window(Graph *g, Ref a, int axis, int64_t k, int64_t stride, int64_t dil)
{
    Type old = *graph_type(g, a), type = old;
    int64_t attr[4] = { axis, k, stride, dil };
    if (old.rank == MAX_RANK) BUG("%s: window: rank above %d", g->name, MAX_RANK);
    type.rank++;
    for (int i = old.rank - 1; i > axis; i--) type.dim[i + 1] = old.dim[i];
    type.dim[axis] = n_windows(g, old.dim[axis], k, stride, dil);
    type.dim[axis + 1] = constant(g, k);
    if (is_op(g, a, OP_const)) return splat(g, a, type);
    if (k == 1 && stride == 1) return build_reshape(g, a, type.dim, type.rank);
    return graph_add(g, OP_window, type, &a, 1, attr, 4);
}

Ref build_fold(Graph *g, Ref a, int axis, Dim n, int64_t k, int64_t stride, int64_t dil)
{
    Type old = *graph_type(g, a), type = old;
    int64_t attr[5] = { axis, n, k, stride, dil };
    if (!dims_same(g, old.dim[axis], n_windows(g, n, k, stride, dil))) BUG("%s: fold: number of windows", g->name);
    type.rank--;
    type.dim[axis] = n;
    for (int i = axis + 1; i < type.rank; i++) type.dim[i] = old.dim[i + 1];
    if (k == 1 && stride == 1) return build_reshape(g, a, type.dim, type.rank);
    return graph_add(g, OP_fold, type, &a, 1, attr, 5);
}
