/* SPDX-License-Identifier: MIT
 * build_shape.c: reshape, permute, broadcast. Views of views become one view where that is simple.
 *
 * Canonical forms: a broadcast's operand has no axis of constant extent 1 and its other extents are
 * the result's (same ids); a broadcast or permute that only adds, drops or moves axes of extent 1
 * is a reshape; a permute of a broadcast is a broadcast. */
#include "tensor/graph.h"

#include <string.h>

Ref shape_splat(Graph *g, Ref a, Type type)
{
    type.dtype = graph_type(g, a)->dtype;
    int64_t bits = graph_attr(g, a, 0);
    return graph_add(g, OP_const, type, NULL, 0, &bits, 1);
}

static _Noreturn void cannot(const Graph *g, Op op, const Type *from, const Type *to)
{
    BUG("%s: %s of %s to %s", g->name, op_names[op], type_text(g->module->dims, g->arena, from), type_text(g->module->dims, g->arena, to));
}

/* The types differ in axes of extent 1 only: map[axis of a] is the axis of b, or -1 for an extent
 * of 1. */
static bool unit_map(const Graph *g, const Type *a, const Type *b, int *map)
{
    int k = 0;
    for (int i = 0; i < a->rank; i++) {
        map[i] = -1;
        if (dim_is_value(g, a->dim[i], 1)) continue;
        while (k < b->rank && dim_is_value(g, b->dim[k], 1))
            k++;
        if (k == b->rank || b->dim[k] != a->dim[i]) return false;
        map[i] = k++;
    }
    while (k < b->rank && dim_is_value(g, b->dim[k], 1))
        k++;
    return k == b->rank;
}

/* reshape(broadcast x) that only adds or drops axes of extent 1 is a broadcast. */
static Ref reshape_of_broadcast(Graph *g, Ref a, Type type)
{
    int map[MAX_RANK], axes[MAX_RANK];
    if (!unit_map(g, graph_type(g, a), &type, map)) return 0;
    uint32_t n = graph_node(g, a)->n_attr;
    for (uint32_t k = 0; k < n; k++) {
        axes[k] = map[graph_attr(g, a, k)];
        if (axes[k] < 0) return 0;
    }
    return build_broadcast(g, graph_in(g, a, 0), type, axes);
}

Ref build_reshape(Graph *g, Ref a, const Dim *dim, int rank)
{
    Type type = *graph_type(g, a), old = type;
    if (rank > MAX_RANK) BUG("reshape: rank above %d", MAX_RANK);
    type.rank = (uint8_t)rank;
    for (int i = 0; i < rank; i++)
        type.dim[i] = dim[i];
    if (!type_dims_same(g, type_count(g->module->dims, &old), type_count(g->module->dims, &type))) cannot(g, OP_reshape, &old, &type);
    if (type_equal(&type, &old)) return a;
    if (g->raw) return graph_add(g, OP_reshape, type, &a, 1, NULL, 0);
    if (is_op(g, a, OP_const)) return shape_splat(g, a, type);
    if (is_op(g, a, OP_reshape)) return build_reshape(g, graph_in(g, a, 0), type.dim, rank);
    Ref simple = is_op(g, a, OP_broadcast) ? reshape_of_broadcast(g, a, type) : 0;
    return simple ? simple : graph_add(g, OP_reshape, type, &a, 1, NULL, 0);
}

/* permute(broadcast x): the axes of x, permuted if their order changes, broadcast to their new
 * places. */
static Ref permute_of_broadcast(Graph *g, Ref a, Type type, const int *perm)
{
    Ref x = graph_in(g, a, 0);
    int n = graph_type(g, x)->rank, order[MAX_RANK], axes[MAX_RANK], k = 0;
    for (int i = 0; i < type.rank; i++)
        for (int j = 0; j < n; j++)
            if (graph_attr(g, a, (uint32_t)j) == perm[i]) order[k] = j, axes[k++] = i;
    return build_broadcast(g, build_permute(g, x, order), type, axes);
}

Ref build_permute(Graph *g, Ref a, const int *perm)
{
    Type old = *graph_type(g, a), type = old;
    int64_t attr[MAX_RANK];
    bool seen[MAX_RANK] = {0}, ascending = true;
    int last = -1;
    for (int i = 0; i < type.rank; i++) {
        if (perm[i] < 0 || perm[i] >= type.rank || seen[perm[i]]) BUG("%s: permute: not a permutation", g->name);
        seen[perm[i]] = true;
        attr[i] = perm[i];
        type.dim[i] = old.dim[perm[i]];
        if (dim_is_value(g, type.dim[i], 1)) continue;
        ascending &= perm[i] > last;
        last = perm[i];
    }
    if (g->raw) return graph_add(g, OP_permute, type, &a, 1, attr, type.rank);
    if (ascending) return build_reshape(g, a, type.dim, type.rank); /* only axes of extent 1 move, or none */
    if (is_op(g, a, OP_const)) return shape_splat(g, a, type);
    if (is_op(g, a, OP_broadcast)) return permute_of_broadcast(g, a, type, perm);
    if (is_op(g, a, OP_permute)) {
        int both[MAX_RANK];
        for (int i = 0; i < type.rank; i++)
            both[i] = (int)graph_attr(g, a, (uint32_t)perm[i]);
        return build_permute(g, graph_in(g, a, 0), both);
    }
    return graph_add(g, OP_permute, type, &a, 1, attr, type.rank);
}

static void check_broadcast(const Graph *g, const Type *old, const Type *type, const int *axes)
{
    for (int i = 0; i < old->rank; i++) {
        int at = axes[i];
        if (at < 0 || at >= type->rank || (i && at <= axes[i - 1])) BUG("%s: broadcast: axes are not ascending", g->name);
        if (!dim_is_value(g, old->dim[i], 1) && !type_dims_same(g, old->dim[i], type->dim[at])) cannot(g, OP_broadcast, old, type);
    }
}

/* The operand without its axes of extent 1, its other extents written as in the result. */
static Ref broadcast_operand(Graph *g, Ref a, const Type *type, const int *axes, int *kept)
{
    Type old = *graph_type(g, a), plain = {.dtype = old.dtype};
    for (int i = 0; i < old.rank; i++) {
        if (dim_is_value(g, old.dim[i], 1)) continue;
        kept[plain.rank] = axes[i];
        plain.dim[plain.rank++] = type->dim[axes[i]];
    }
    return build_reshape(g, a, plain.dim, plain.rank);
}

Ref build_broadcast(Graph *g, Ref a, Type type, const int *axes)
{
    int kept[MAX_RANK];
    int64_t attr[MAX_RANK];
    bool stretches = false;
    type.dtype = graph_type(g, a)->dtype;
    check_broadcast(g, graph_type(g, a), &type, axes);
    int rank = graph_type(g, a)->rank;
    if (g->raw) {
        for (int i = 0; i < rank; i++)
            attr[i] = axes[i];
        return graph_add(g, OP_broadcast, type, &a, 1, attr, (uint32_t)rank);
    }
    a = broadcast_operand(g, a, &type, axes, kept);
    rank = graph_type(g, a)->rank;
    for (int i = 0, k = 0; i < type.rank; i++) {
        bool from = k < rank && kept[k] == i;
        k += from;
        stretches |= !from && !dim_is_value(g, type.dim[i], 1);
    }
    if (!stretches) return build_reshape(g, a, type.dim, type.rank);
    if (is_op(g, a, OP_const)) return shape_splat(g, a, type);
    if (is_op(g, a, OP_broadcast)) {
        Ref x = graph_in(g, a, 0);
        int n = graph_type(g, x)->rank, both[MAX_RANK];
        for (int i = 0; i < n; i++)
            both[i] = kept[graph_attr(g, a, (uint32_t)i)];
        return build_broadcast(g, x, type, both);
    }
    for (int i = 0; i < rank; i++)
        attr[i] = kept[i];
    return graph_add(g, OP_broadcast, type, &a, 1, attr, (uint32_t)rank);
}

Ref build_broadcast_to(Graph *g, Ref a, Type shape)
{
    int axes[MAX_RANK], rank = graph_type(g, a)->rank;
    if (rank > shape.rank) cannot(g, OP_broadcast, graph_type(g, a), &shape);
    for (int i = 0; i < rank; i++)
        axes[i] = shape.rank - rank + i;
    return build_broadcast(g, a, shape, axes);
}
