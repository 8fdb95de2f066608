/* SPDX-License-Identifier: MIT
 * build_reduce.c: sum, max, argmax. Reductions move through views to what the views read; sums over
 * batch axes of a dot become contracted axes. Float additions are not reassociated otherwise. */
#include "tensor/graph.h"

#include <math.h>
#include <string.h>

static Type without(const Type *type, const int *axes, int n)
{
    Type out = {.dtype = type->dtype};
    for (int i = 0; i < type->rank; i++)
        if (!axes_have(axes, n, i)) out.dim[out.rank++] = type->dim[i];
    return out;
}

/* x times the number of elements that the axes hold, x having the result's type. */
static Ref times_count(Graph *g, Ref x, const Type *from, const int *axes, int n)
{
    Dims *dims = g->module->dims;
    Dim count = dim_const(dims, 1);
    for (int i = 0; i < n; i++)
        count = dim_mul(dims, count, from->dim[axes[i]]);
    Type type = *graph_type(g, x);
    Ref factor = build_cast(g, build_size(g, count), type.dtype);
    return build_binary(g, OP_mul, x, build_broadcast_to(g, factor, type));
}

/* Sum or max of a constant. A sum over axes of unknown size, and of integers, is constant times
 * size. */
static Ref reduce_const(Graph *g, Op op, Ref a, Type type, const int *axes, int n)
{
    Ref x = shape_splat(g, a, type);
    return op == OP_max ? x : times_count(g, x, graph_type(g, a), axes, n);
}

/* Reduce broadcast(x): first x over the axes that it has, then the new axes: times their size, or
 * nothing for a maximum. */
static Ref reduce_broadcast(Graph *g, Op op, Ref a, Type type, const int *axes, int n)
{
    Ref x = graph_in(g, a, 0);
    Type from = *graph_type(g, a);
    int own[MAX_RANK], n_own = 0, added[MAX_RANK], n_added = 0, rest[MAX_RANK], n_rest = 0;
    for (int i = 0; i < n; i++)
        added[n_added++] = axes[i];
    uint32_t n_map = graph_node(g, a)->n_attr;
    for (uint32_t k = 0; k < n_map; k++) {
        int at = (int)graph_attr(g, a, k), before = 0;
        if (axes_have(axes, n, at)) {
            own[n_own++] = (int)k;
            for (int i = 0; i < n_added; i++)
                if (added[i] == at) {
                    memmove(&added[i], &added[i + 1], sizeof(int) * (size_t)(n_added - i - 1));
                    n_added--;
                    break;
                }
            continue;
        }
        for (int i = 0; i < n; i++)
            before += axes[i] < at;
        rest[n_rest++] = at - before;
    }
    if (n_added == 0) return build_broadcast(g, build_reduce(g, op, x, own, n_own), type, rest);
    Ref r = build_reduce(g, op, x, own, n_own);
    if (op == OP_sum) r = times_count(g, r, &from, added, n_added);
    return build_broadcast(g, r, type, rest);
}

/* Reduce permute(x): reduce x over the same axes where nothing is left to permute, and, for a
 * maximum, ties keep their order. */
static Ref reduce_permute(Graph *g, Op op, Ref a, const int *axes, int n)
{
    int own[MAX_RANK], last_kept = -1, last_own = -1, rank = graph_type(g, a)->rank;
    bool sorted = true;
    for (int i = 0, k = 0; i < rank; i++) {
        int from = (int)graph_attr(g, a, (uint32_t)i);
        if (axes_have(axes, n, i)) {
            sorted &= from > last_own;
            last_own = from;
            own[k++] = from;
        } else {
            if (from < last_kept) return 0;
            last_kept = from;
        }
    }
    if (!sorted && op != OP_sum) return 0;
    for (int i = 1; i < n; i++) /* insertion sort */
        for (int k = i; k > 0 && own[k] < own[k - 1]; k--) {
            int t = own[k];
            own[k] = own[k - 1];
            own[k - 1] = t;
        }
    return build_reduce(g, op, graph_in(g, a, 0), own, n);
}

/* sum over batch axes of a dot: the axes are contracted instead. */
static Ref sum_of_dot(Graph *g, Ref a, const int *axes, int n)
{
    int nb = (int)graph_attr(g, a, 0), nc = (int)graph_attr(g, a, 1);
    int ab[MAX_RANK], bb[MAX_RANK], ac[MAX_RANK], bc[MAX_RANK], m = 0, c = 0;
    for (int i = 0; i < n; i++)
        if (axes[i] >= nb) return 0;
    for (int i = 0; i < nb; i++) {
        int x = (int)graph_attr(g, a, (uint32_t)(2 + i)), y = (int)graph_attr(g, a, (uint32_t)(2 + nb + nc + i));
        if (axes_have(axes, n, i))
            ac[c] = x, bc[c++] = y;
        else
            ab[m] = x, bb[m++] = y;
    }
    for (int i = 0; i < nc; i++)
        ac[c] = (int)graph_attr(g, a, (uint32_t)(2 + nb + i)), bc[c++] = (int)graph_attr(g, a, (uint32_t)(2 + 2 * nb + nc + i));
    return build_dot(g, graph_in(g, a, 0), graph_in(g, a, 1), m, ab, bb, c, ac, bc);
}

/* Over no elements: 0, and of a maximum what is below all others. */
static Ref reduce_nothing(Graph *g, Op op, Type type)
{
    if (op != OP_max) return build_const(g, type, 0);
    if (dtype_is_float(type.dtype)) return build_const(g, type, -INFINITY);
    return build_const_int(g, type, type.dtype == DT_bool ? 0 : type.dtype == DT_i32 ? INT32_MIN : INT64_MIN);
}

static Ref simplify_reduce(Graph *g, Op op, Ref a, Type type, const int *axes, int n)
{
    switch (graph_node(g, a)->op) {
    case OP_const: return op == OP_argmax ? build_const(g, type, 0) : reduce_const(g, op, a, type, axes, n);
    case OP_broadcast: return op == OP_argmax ? 0 : reduce_broadcast(g, op, a, type, axes, n);
    case OP_permute: return reduce_permute(g, op, a, axes, n);
    case OP_dot: return op == OP_sum ? sum_of_dot(g, a, axes, n) : 0;
    case OP_neg: return op == OP_sum ? build_unary(g, OP_neg, build_reduce(g, op, graph_in(g, a, 0), axes, n)) : 0;
    default: return 0;
    }
}

Ref build_reduce(Graph *g, Op op, Ref a, const int *axes, int n)
{
    Type old = *graph_type(g, a), type = without(&old, axes, n);
    int64_t attr[MAX_RANK];
    int long_axes[MAX_RANK], n_long = 0; /* those that are not of extent 1 */
    for (int i = 0; i < n; i++) {
        if (axes[i] < 0 || axes[i] >= old.rank || (i && axes[i] <= axes[i - 1])) BUG("%s: `%s`: axes", g->name, op_names[op]);
        if (g->raw || !dim_is_value(g, old.dim[axes[i]], 1)) long_axes[n_long++] = axes[i];
    }
    if (op == OP_sum && type.dtype == DT_bool) BUG("%s: sum of bool", g->name);
    if (op == OP_argmax) type.dtype = DT_i32;
    if (n_long < n) { /* reduce first, then drop the axes of extent 1 */
        if (op == OP_argmax && n_long == 0) return build_const(g, type, 0);
        return build_reshape(g, n_long ? build_reduce(g, op, a, long_axes, n_long) : a, type.dim, type.rank);
    }
    if (n == 0) return op == OP_argmax ? build_const(g, type, 0) : a;
    if (!g->raw && type_is_empty(g, &old)) return reduce_nothing(g, op, type);
    Ref simple = g->raw ? 0 : simplify_reduce(g, op, a, type, axes, n);
    if (simple) return simple;
    for (int i = 0; i < n; i++)
        attr[i] = axes[i];
    return graph_add(g, op, type, &a, 1, attr, (uint32_t)n);
}

/* 1 where an element is the first of the largest in row-major order of the axes. */
Ref build_reduce_max_first(Graph *g, Ref a, const int *axes, int n)
{
    Type type = *graph_type(g, a), index = type;
    index.dtype = DT_i32;
    Ref place = build_const(g, index, 0);
    for (int i = 0; i < n; i++) { /* row-major position within the axes */
        Ref extent = build_broadcast_to(g, build_cast(g, build_size(g, type.dim[axes[i]]), DT_i32), index);
        Ref at = build_iota(g, index, axes[i]);
        place = build_binary(g, OP_add, build_binary(g, OP_mul, place, extent), at);
    }
    int kept[MAX_RANK], k = 0;
    for (int i = 0; i < type.rank; i++)
        if (!axes_have(axes, n, i)) kept[k++] = i;
    Ref first = build_broadcast(g, build_reduce(g, OP_argmax, a, axes, n), index, kept);
    return build_binary(g, OP_equal, place, first);
}
