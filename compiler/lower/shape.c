/* SPDX-License-Identifier: MIT
 * shape.c: movement of elements: reshape, slices, concatenation, indexing by tensors. */
#include "lower/body.h"

#include <math.h>

static Ref lower_slice(Scope *s, const CoreIns *ins, Ref x)
{
    Dim lo[MAX_RANK], hi[MAX_RANK];
    int64_t step[MAX_RANK];
    int rank = graph_type(s->g, x)->rank;
    for (int i = 0; i < rank; i++)
        lo[i] = (Dim)ins->attr[3 * i], hi[i] = (Dim)ins->attr[3 * i + 1], step[i] = ins->attr[3 * i + 2];
    return build_slice(s->g, x, lo, hi, step);
}

static Ref lower_pad(Scope *s, const CoreIns *ins, Ref x)
{
    Dims *dims = s->l->module->dims;
    Dim lo[MAX_RANK], hi[MAX_RANK];
    int64_t interior[MAX_RANK] = {0};
    for (int i = 0; i < graph_type(s->g, x)->rank; i++)
        lo[i] = hi[i] = dim_const(dims, 0);
    lo[ins->attr[0]] = (Dim)ins->attr[1];
    hi[ins->attr[0]] = (Dim)ins->attr[2];
    return build_pad(s->g, x, lo, hi, interior, ins->number);
}

static Ref lower_flip(Scope *s, const CoreIns *ins, Ref x)
{
    Dims *dims = s->l->module->dims;
    Type type = *graph_type(s->g, x);
    Dim lo[MAX_RANK];
    int64_t step[MAX_RANK];
    for (int i = 0; i < type.rank; i++)
        lo[i] = dim_const(dims, 0), step[i] = i == ins->attr[0] ? -1 : 1;
    return build_slice(s->g, x, lo, type.dim, step);
}

Ref lower_shape(Scope *s, const CoreIns *ins, const Ref *in)
{
    Graph *g = s->g;
    Type type = lower_ins_type(s, ins);
    int axes[MAX_RANK] = {0};
    switch (ins->op) {
    case CORE_reshape: return build_reshape(g, in[0], type.dim, type.rank);
    case CORE_permute:
    case CORE_broadcast:
        for (uint32_t i = 0; i < ins->n_attr; i++)
            axes[i] = (int)ins->attr[i];
        if (ins->op == CORE_permute) return build_permute(g, in[0], axes);
        type.dtype = graph_type(g, in[0])->dtype;
        return build_broadcast(g, in[0], type, axes);
    case CORE_slice: return lower_slice(s, ins, in[0]);
    case CORE_pad: return lower_pad(s, ins, in[0]);
    case CORE_flip: return lower_flip(s, ins, in[0]);
    case CORE_range: return lower_as_dtype(g, build_iota(g, (Type){.dtype = DT_i32, .rank = 1, .dim = {type.dim[0]}}, 0), type.dtype);
    case CORE_eye: {
        Type index = type;
        index.dtype = DT_i32;
        Ref column = build_iota(g, index, 1), row = build_iota(g, index, 0);
        return lower_as_dtype(g, build_binary(g, OP_equal, row, column), type.dtype);
    }
    case CORE_concat: {
        Ref part[64], *parts = ins->n_in <= 64 ? part : ARENA_ARRAY(s->l->arena, Ref, ins->n_in);
        for (uint32_t i = 0; i < ins->n_in; i++)
            parts[i] = lower_as_dtype(g, in[i], type.dtype);
        return build_concat(g, parts, ins->n_in, (int)ins->attr[0]);
    }
    default: BUG("shape operation %s", core_op_name(ins->op));
    }
}

/* Entries of x along `axis` named by ids (any rank): the axis is replaced by the axes of ids. */
static Ref take(Graph *g, Ref x, Ref ids, int axis)
{
    int rank = graph_type(g, x)->rank, n_ids = graph_type(g, ids)->rank;
    int perm[MAX_RANK], back[MAX_RANK];
    perm[0] = axis;
    for (int i = 1; i < rank; i++)
        perm[i] = i <= axis ? i - 1 : i;
    Ref y = build_take(g, build_permute(g, x, perm), ids); /* ids ++ the other axes */
    int k = 0;
    for (int i = 0; i < axis; i++)
        back[k++] = n_ids + i;
    for (int i = 0; i < n_ids; i++)
        back[k++] = i;
    for (int i = axis; i < rank - 1; i++)
        back[k++] = n_ids + i;
    return build_permute(g, y, back);
}

/* bool of shape ids ++ [C]: is this the place that ids names? */
static Ref hot(Graph *g, Ref ids, Dim c)
{
    Type type = *graph_type(g, ids);
    int axes[MAX_RANK];
    for (int i = 0; i < type.rank; i++)
        axes[i] = i;
    type.dtype = DT_i32;
    type.dim[type.rank++] = c;
    Ref spread = build_broadcast(g, lower_as_dtype(g, ids, DT_i32), type, axes);
    return build_binary(g, OP_equal, build_iota(g, type, type.rank - 1), spread);
}

static Ref pick_last(Graph *g, Ref x, Ref ids)
{
    const Type *type = graph_type(g, x);
    int axis = type->rank - 1;
    Ref none = build_like(g, x, 0);
    Ref only = build_where(g, hot(g, ids, type->dim[axis]), x, none);
    if (type->dtype == DT_bool) return build_reduce(g, OP_max, only, &axis, 1);
    return build_reduce(g, OP_sum, only, &axis, 1);
}

/* result[i] = x[(i - shift) mod n] along the axis. */
static Ref roll(Scope *s, Ref x, Ref shift, int axis)
{
    Graph *g = s->g;
    Type type = {.dtype = DT_i32, .rank = 1, .dim = {graph_type(g, x)->dim[axis]}};
    Ref n = lower_as_shape(g, build_cast(g, build_size(g, type.dim[0]), DT_i32), &type);
    Ref by = lower_as_shape(g, lower_as_dtype(g, shift, DT_i32), &type), at = build_binary(g, OP_sub, build_iota(g, type, 0), by);
    Ref whole = build_binary(g, OP_mul, n, build_binary(g, OP_floordiv, at, n));
    return take(g, x, build_binary(g, OP_sub, at, whole), axis);
}

Ref lower_indexed(Scope *s, const CoreIns *ins, const Ref *in)
{
    Graph *g = s->g;
    switch (ins->op) {
    case CORE_roll: return roll(s, in[0], in[1], (int)ins->attr[0]);
    case CORE_take: return take(g, in[0], lower_as_dtype(g, in[1], DT_i32), (int)ins->attr[0]);
    case CORE_pick: return pick_last(g, in[0], in[1]);
    case CORE_one_hot: return lower_as_dtype(g, hot(g, in[0], (Dim)ins->attr[0]), lower_ins_type(s, ins).dtype);
    case CORE_scatter_add: return build_scatter_add(g, lower_as_dtype(g, in[0], DT_i32), in[1], (Dim)ins->attr[0]);
    default: BUG("indexed operation %s", core_op_name(ins->op));
    }
}

/* x[*S, n] at the places order[*S, n] of its last axis. */
static Ref take_along(Graph *g, Ref x, Ref order)
{
    Dims *dims = g->module->dims;
    Type type = *graph_type(g, x), flat = {.dtype = DT_i32, .rank = 2};
    flat.dim[1] = type.dim[type.rank - 1];
    if (type.rank == 1) return build_take(g, x, order);
    flat.dim[0] = dim_const(dims, 1);
    for (int i = 0; i + 1 < type.rank; i++)
        flat.dim[0] = dim_mul(dims, flat.dim[0], type.dim[i]);
    Dim all = dim_mul(dims, flat.dim[0], flat.dim[1]);
    Ref n = lower_as_shape(g, build_cast(g, build_size(g, flat.dim[1]), DT_i32), &flat);
    Ref first = build_binary(g, OP_mul, build_iota(g, flat, 0), n); /* of the row */
    Ref at = build_binary(g, OP_add, first, build_reshape(g, order, flat.dim, 2));
    return build_reshape(g, build_take(g, build_reshape(g, x, &all, 1), at), type.dim, type.rank);
}

Ref lower_sort(Scope *s, const CoreIns *ins, const Ref *in)
{
    Graph *g = s->g;
    int axis = (int)ins->attr[0], rank = graph_type(g, in[0])->rank, last = rank - 1;
    int perm[MAX_RANK], back[MAX_RANK];
    for (int i = 0; i < rank; i++)
        perm[i] = i < axis ? i : i < last ? i + 1 : axis;
    for (int i = 0; i < rank; i++)
        back[perm[i]] = i;
    Ref x = build_permute(g, in[0], perm), order = build_argsort(g, x, ins->attr[1] != 0);
    return build_permute(g, ins->op == CORE_argsort ? order : take_along(g, x, order), back);
}

/* The place of the largest entry of the last axis that is not taken; the first of equals, the first NaN before all. What is
 * taken is out by itself, not by a small number in its place: the others may be minus infinity. */
static Ref next_largest(Graph *g, Ref x, Ref taken)
{
    int axis = graph_type(g, x)->rank - 1;
    Ref rest = build_where(g, taken, build_like(g, x, -INFINITY), x);
    Ref most = build_reduce(g, OP_max, rest, &axis, 1);
    Type type = *graph_type(g, x);
    int axes[MAX_RANK];
    for (int i = 0; i < axis; i++)
        axes[i] = i;
    Ref equal = build_binary(g, OP_equal, x, build_broadcast(g, most, type, axes));
    Ref nan = build_unary(g, OP_not, build_binary(g, OP_equal, x, x));
    Ref found = build_binary(g, OP_and, build_unary(g, OP_not, taken), build_binary(g, OP_or, equal, nan));
    return build_reduce(g, OP_argmax, build_cast(g, found, DT_i32), &axis, 1);
}

/* places[*S, k] one after the other, in code that does not grow with k. */
static Ref places_by_scan(Scope *s, Ref x, Dim k)
{
    Graph *g = s->g, *body = graph_new(s->l->module, "top_k");
    Type type = *graph_type(g, x), truth = type;
    truth.dtype = DT_bool;
    Ref taken = build_param(body, PARAM_CARRY, "taken", truth, 0), all = build_param(body, PARAM_CONST, "x", type, 1);
    Ref place = next_largest(body, all, taken);
    build_result(body, build_binary(body, OP_or, taken, hot(body, place, type.dim[type.rank - 1])), "taken", -1);
    build_result(body, place, "place", -1);
    Ref in[2] = {build_const_int(g, truth, 0), build_stop(g, x)};
    Ref stacked = build_proj(g, build_scan(g, body->id, k, 1, 0, in, 2), 1);
    int perm[MAX_RANK];
    for (int i = 0; i < type.rank; i++)
        perm[i] = i + 1 < type.rank ? i + 1 : 0;
    return build_permute(g, stacked, perm);
}

/* x[*S, C] at places[*S, k] of the last axis. */
static Ref pick_places(Graph *g, Ref x, Ref places)
{
    Type type = *graph_type(g, x), wide = *graph_type(g, places);
    int axes[MAX_RANK], last = type.rank;
    for (int i = 0; i < type.rank; i++)
        axes[i] = i < type.rank - 1 ? i : last;
    wide.dtype = type.dtype;
    wide.dim[wide.rank++] = type.dim[type.rank - 1];
    return pick_last(g, build_broadcast(g, x, wide, axes), places);
}

enum { MOST_UNROLLED = 8 };

/* The k largest entries of the last axis, in falling order. */
Ref *lower_top_k(Scope *s, const CoreIns *ins, const Ref *in)
{
    Graph *g = s->g;
    Dims *dims = s->l->module->dims;
    Type type = *graph_type(g, in[0]), truth = type;
    int axis = type.rank - 1;
    Dim count = (Dim)ins->attr[0];
    int64_t k = 0;
    Ref *out = ARENA_ARRAY(s->l->arena, Ref, 2);
    if (!dim_is_const(dims, count, &k) || (k > MOST_UNROLLED && type.rank < MAX_RANK)) {
        out[1] = places_by_scan(s, in[0], count);
        out[0] = pick_places(g, in[0], out[1]);
        return out;
    }
    Ref *values = ARENA_ARRAY(s->l->arena, Ref, k), *places = ARENA_ARRAY(s->l->arena, Ref, k);
    Dim unit[MAX_RANK];
    for (int i = 0; i < axis; i++)
        unit[i] = type.dim[i];
    unit[axis] = dim_const(dims, 1);
    truth.dtype = DT_bool;
    Ref taken = build_const_int(g, truth, 0);
    for (int64_t i = 0; i < k; i++) {
        Ref place = next_largest(g, in[0], taken);
        values[i] = build_reshape(g, pick_last(g, in[0], place), unit, type.rank);
        places[i] = build_reshape(g, place, unit, type.rank);
        taken = build_binary(g, OP_or, taken, hot(g, place, type.dim[axis]));
    }
    out[0] = build_concat(g, values, (uint32_t)k, axis);
    out[1] = build_concat(g, places, (uint32_t)k, axis);
    return out;
}
