/* SPDX-License-Identifier: MIT
 * build_view.c: slice, pad, concat, window, fold. A slice moves through broadcasts, pads and
 * concats to what it reads; concats are flat, but for first parts that are shared, and have no
 * empty parts; windows that do not overlap are reshapes. */
#include "tensor/graph.h"

#include <string.h>

static Dim constant(const Graph *g, int64_t v)
{
    return dim_const(g->module->dims, v);
}

static Dim plus(const Graph *g, Dim a, Dim b)
{
    return dim_add(g->module->dims, a, b);
}

static Dim minus(const Graph *g, Dim a, Dim b)
{
    return dim_sub(g->module->dims, a, b);
}

/* Certainly a >= b: their difference is a number. */
static bool at_least(const Graph *g, Dim a, Dim b)
{
    int64_t c = 0;
    return dim_is_const(g->module->dims, minus(g, a, b), &c) && c >= 0;
}

/* Per axis: lo, hi (sizes) and a third number: the attributes of slice and of pad. */
typedef struct Box {
    Dim lo[MAX_RANK], hi[MAX_RANK];
    int64_t step[MAX_RANK];
    int rank;
} Box;

static Box box_of(const Graph *g, Ref r)
{
    Box b = {.rank = graph_type(g, r)->rank};
    for (int i = 0; i < b.rank; i++) {
        b.lo[i] = (Dim)graph_attr(g, r, (uint32_t)(3 * i));
        b.hi[i] = (Dim)graph_attr(g, r, (uint32_t)(3 * i + 1));
        b.step[i] = graph_attr(g, r, (uint32_t)(3 * i + 2));
    }
    return b;
}

static void box_attributes(const Box *b, int64_t *attr)
{
    for (int i = 0; i < b->rank; i++)
        attr[3 * i] = b->lo[i], attr[3 * i + 1] = b->hi[i], attr[3 * i + 2] = b->step[i];
}

static Ref slice_by(Graph *g, Ref a, const Box *b)
{
    return build_slice(g, a, b->lo, b->hi, b->step);
}

static bool is_whole(const Graph *g, const Box *b, const Type *type, int i)
{
    return b->step[i] == 1 && dim_is_value(g, b->lo[i], 0) && b->hi[i] == type->dim[i];
}

/* ---- slice ----------------------------------------------------------------------------------- */

/* slice(slice x): one slice where on every axis one of the two has step 1 (the outer one, if it is
 * whole). */
static Ref slice_of_slice(Graph *g, Ref a, const Box *outer)
{
    Box b = box_of(g, a);
    for (int i = 0; i < b.rank; i++) {
        if (is_whole(g, outer, graph_type(g, a), i)) continue;
        if (b.step[i] != 1) return 0;
        b.hi[i] = plus(g, b.lo[i], outer->hi[i]);
        b.lo[i] = plus(g, b.lo[i], outer->lo[i]);
        b.step[i] = outer->step[i];
    }
    return slice_by(g, graph_in(g, a, 0), &b);
}

static Ref slice_of_broadcast(Graph *g, Ref a, Type type, const Box *b)
{
    Ref x = graph_in(g, a, 0);
    Box inner = {.rank = graph_type(g, x)->rank};
    int axes[MAX_RANK];
    for (int k = 0; k < inner.rank; k++) {
        int i = axes[k] = (int)graph_attr(g, a, (uint32_t)k);
        inner.lo[k] = b->lo[i], inner.hi[k] = b->hi[i], inner.step[k] = b->step[i];
    }
    return build_broadcast(g, slice_by(g, x, &inner), type, axes);
}

/* Only one part is read. */
static Ref slice_of_concat(Graph *g, Ref a, const Box *b)
{
    int axis = (int)graph_attr(g, a, 0);
    uint32_t n = graph_node(g, a)->n_in;
    Dim start = constant(g, 0);
    for (uint32_t k = 0; k < n; k++) {
        Ref part = graph_in(g, a, k);
        Dim end = plus(g, start, graph_type(g, part)->dim[axis]);
        if (at_least(g, b->lo[axis], start) && at_least(g, end, b->hi[axis])) {
            Box inner = *b;
            inner.lo[axis] = minus(g, b->lo[axis], start);
            inner.hi[axis] = minus(g, b->hi[axis], start);
            return slice_by(g, part, &inner);
        }
        start = end;
    }
    return 0;
}

/* On every axis only places of x are read: a part of it, or exactly x out of its gaps. */
static Ref slice_of_pad(Graph *g, Ref a, const Box *b)
{
    Ref x = graph_in(g, a, 0);
    const Type *old = graph_type(g, x);
    Box pad = box_of(g, a), inner = *b;
    for (int i = 0; i < b->rank; i++) {
        Dim n = old->dim[i], reach = dim_mul(g->module->dims, minus(g, n, constant(g, 1)), constant(g, pad.step[i] + 1));
        Dim end = plus(g, plus(g, pad.lo[i], reach), constant(g, 1)); /* behind the last place of x */
        if (pad.step[i] == 0 && at_least(g, b->lo[i], pad.lo[i]) && at_least(g, end, b->hi[i])) {
            inner.lo[i] = minus(g, b->lo[i], pad.lo[i]);
            inner.hi[i] = minus(g, b->hi[i], pad.lo[i]);
        } else if (b->step[i] == pad.step[i] + 1 && b->lo[i] == pad.lo[i] && b->hi[i] == end) {
            inner.lo[i] = constant(g, 0), inner.hi[i] = n, inner.step[i] = 1;
        } else {
            return 0;
        }
    }
    return slice_by(g, x, &inner);
}

static Ref simplify_slice(Graph *g, Ref a, Type type, const Box *b)
{
    switch (graph_node(g, a)->op) {
    case OP_const: return shape_splat(g, a, type);
    case OP_slice: return slice_of_slice(g, a, b);
    case OP_broadcast: return slice_of_broadcast(g, a, type, b);
    case OP_concat: return slice_of_concat(g, a, b);
    case OP_pad: return slice_of_pad(g, a, b);
    default: return 0;
    }
}

Ref build_slice(Graph *g, Ref a, const Dim *lo, const Dim *hi, const int64_t *step)
{
    Type old = *graph_type(g, a), type = old;
    Box b = {.rank = old.rank};
    int64_t attr[3 * MAX_RANK];
    bool whole = true;
    for (int i = 0; i < old.rank; i++) {
        int64_t size = step[i] < 0 ? -step[i] : step[i];
        if (!size) BUG("%s: slice with step 0", g->name);
        b.lo[i] = lo[i], b.hi[i] = hi[i], b.step[i] = step[i];
        Dim n = minus(g, hi[i], lo[i]);
        type.dim[i] = size == 1 ? n : dim_floordiv(g->module->dims, plus(g, n, constant(g, size - 1)), constant(g, size));
        if (!g->raw && dim_is_value(g, type.dim[i], 1) && size != 1) { /* one place: write it as lo .. lo + 1 */
            if (step[i] > 0)
                b.hi[i] = plus(g, lo[i], constant(g, 1));
            else
                b.lo[i] = minus(g, hi[i], constant(g, 1));
            b.step[i] = 1;
        } else if (dim_is_value(g, n, 1)) {
            b.step[i] = 1;
        }
        whole &= is_whole(g, &b, &old, i);
    }
    if (whole) return a;
    Ref simple = g->raw ? 0 : simplify_slice(g, a, type, &b);
    if (simple) return simple;
    box_attributes(&b, attr);
    return graph_add(g, OP_slice, type, &a, 1, attr, 3u * old.rank);
}

/* ---- pad ------------------------------------------------------------------------------------- */

static int64_t fill_of(const Graph *g, Ref r)
{
    return graph_attr(g, r, graph_node(g, r)->n_attr - 1);
}

static bool is_positive(const Graph *g, Dim d)
{
    int64_t c = 0;
    return dim_is_const(g->module->dims, d, &c) && c >= 0;
}

/* pad(pad x) with one filling: the borders add up, unless a negative one cuts into x or the outer
 * one makes gaps. */
static bool merge_pads(const Graph *g, Ref a, int64_t fill, Box *b)
{
    if (!is_op(g, a, OP_pad) || fill_of(g, a) != fill) return false;
    Box inner = box_of(g, a);
    for (int i = 0; i < b->rank; i++) {
        bool counted = is_positive(g, inner.lo[i]) && is_positive(g, inner.hi[i]) && is_positive(g, b->lo[i]) && is_positive(g, b->hi[i]);
        bool nothing = dim_is_value(g, b->lo[i], 0) && dim_is_value(g, b->hi[i], 0);
        if (b->step[i] || !(counted || nothing)) return false;
    }
    for (int i = 0; i < b->rank; i++) {
        b->lo[i] = plus(g, b->lo[i], inner.lo[i]);
        b->hi[i] = plus(g, b->hi[i], inner.hi[i]);
        b->step[i] = inner.step[i];
    }
    return true;
}

static Ref pad_by(Graph *g, Ref a, const Box *b, int64_t fill)
{
    Type type = *graph_type(g, a);
    int64_t attr[3 * MAX_RANK + 1];
    bool nothing = true;
    for (int i = 0; i < type.rank; i++) {
        Dim n = type.dim[i];
        if (b->step[i] < 0) BUG("%s: pad: negative interior", g->name);
        if (b->step[i]) n = plus(g, n, dim_mul(g->module->dims, minus(g, n, constant(g, 1)), constant(g, b->step[i])));
        type.dim[i] = plus(g, plus(g, b->lo[i], b->hi[i]), n);
        nothing &= dim_is_value(g, b->lo[i], 0) && dim_is_value(g, b->hi[i], 0) && n == graph_type(g, a)->dim[i];
    }
    if (nothing) return a;
    if (!g->raw && type_is_empty(g, graph_type(g, a))) return graph_add(g, OP_const, type, NULL, 0, &fill, 1);
    if (!g->raw && is_op(g, a, OP_const) && graph_attr(g, a, 0) == fill) return shape_splat(g, a, type);
    Box both = *b;
    if (!g->raw && merge_pads(g, a, fill, &both)) return pad_by(g, graph_in(g, a, 0), &both, fill);
    box_attributes(b, attr);
    attr[3 * type.rank] = fill;
    return graph_add(g, OP_pad, type, &a, 1, attr, 3u * type.rank + 1);
}

Ref build_pad(Graph *g, Ref a, const Dim *lo, const Dim *hi, const int64_t *interior, double fill)
{
    Type type = *graph_type(g, a);
    Box b = {.rank = type.rank};
    for (int i = 0; i < type.rank; i++)
        b.lo[i] = lo[i], b.hi[i] = hi[i], b.step[i] = interior[i];
    return pad_by(g, a, &b, dtype_is_float(type.dtype) ? double_bits(fill) : (int64_t)fill);
}

/* pad(x) + pad(y), zeros, where y begins on one axis where x ends: pad(concat(x, y)). This is what
 * the gradient of a split leaves behind. */
static Ref sum_of_neighbours(Graph *g, Ref a, Ref b)
{
    Box p = box_of(g, a), q = box_of(g, b);
    Ref x = graph_in(g, a, 0), y = graph_in(g, b, 0);
    Type tx = *graph_type(g, x), ty = *graph_type(g, y);
    int axis = -1;
    for (int i = 0; i < p.rank; i++) {
        if (p.step[i] || q.step[i]) return 0;
        if (tx.dim[i] == ty.dim[i] && p.lo[i] == q.lo[i] && p.hi[i] == q.hi[i]) continue;
        if (axis >= 0) return 0;
        axis = i;
    }
    if (axis < 0 || q.lo[axis] != plus(g, p.lo[axis], tx.dim[axis])) return 0;
    p.hi[axis] = q.hi[axis];
    return pad_by(g, build_concat(g, (Ref[]){x, y}, 2, axis), &p, 0);
}

Ref sum_of_pads(Graph *g, Ref a, Ref b)
{
    if (fill_of(g, a) != 0 || fill_of(g, b) != 0) return 0;
    Ref r = sum_of_neighbours(g, a, b);
    return r ? r : sum_of_neighbours(g, b, a);
}

/* ---- concat ---------------------------------------------------------------------------------- */

/* Two neighbours that are one: adjacent slices of one tensor, or equal constants. */
static Ref join(Graph *g, Ref a, Ref b, int axis)
{
    Type type = *graph_type(g, a);
    if (is_op(g, a, OP_const) && is_op(g, b, OP_const) && graph_attr(g, a, 0) == graph_attr(g, b, 0)) {
        type.dim[axis] = plus(g, type.dim[axis], graph_type(g, b)->dim[axis]);
        return shape_splat(g, a, type);
    }
    if (!is_op(g, a, OP_slice) || !is_op(g, b, OP_slice) || graph_in(g, a, 0) != graph_in(g, b, 0)) return 0;
    Box p = box_of(g, a), q = box_of(g, b);
    for (int i = 0; i < p.rank; i++)
        if (p.step[i] != q.step[i] || (i != axis && (p.lo[i] != q.lo[i] || p.hi[i] != q.hi[i]))) return 0;
    if (p.step[axis] != 1 || p.hi[axis] != q.lo[axis]) return 0;
    p.hi[axis] = q.hi[axis];
    return slice_by(g, graph_in(g, a, 0), &p);
}

typedef VEC(Ref) Parts;

static void add_part(Graph *g, Parts *parts, Ref part, int axis)
{
    if (dim_is_value(g, graph_type(g, part)->dim[axis], 0)) return;
    Ref both = parts->n ? join(g, parts->at[parts->n - 1], part, axis) : 0;
    if (both)
        parts->at[parts->n - 1] = both;
    else
        vec_add(g->arena, parts, part);
}

/* The parts of a concat become parts of one around it, up to a number. */
enum { MOST_PARTS = 256 };

/* But where the first parts, as many as possible, are a concat already, that is the first part. Lists that grow, as in a DenseNet, then
 * lie in each other, and the gradient of the longer list flows into that of the shorter one as a whole. */
static void share_first_parts(const Graph *g, Parts *parts, Type type, int64_t axis)
{
    uint32_t n = parts->n < MOST_PARTS ? parts->n : MOST_PARTS;
    Dim length[MOST_PARTS + 1] = {constant(g, 0)};
    for (uint32_t k = 0; k < n; k++)
        length[k + 1] = plus(g, length[k], graph_type(g, parts->at[k])->dim[axis]);
    for (uint32_t k = n; k-- > 2;) {
        type.dim[axis] = length[k];
        NewNode shorter = {.op = OP_concat, .n_in = k, .n_attr = 1, .n_out = 1, .in = parts->at, .attr = &axis, .type = &type};
        Ref first = graph_find_node(g, &shorter);
        if (!first) continue;
        parts->at[0] = first;
        memmove(parts->at + 1, parts->at + k, sizeof(Ref) * (parts->n - k));
        parts->n -= k - 1;
        return;
    }
}

Ref build_concat(Graph *g, const Ref *in, uint32_t n, int axis)
{
    if (n == 0) BUG("%s: concat of nothing", g->name);
    Type type = *graph_type(g, in[0]);
    int64_t attr = axis;
    if (axis < 0 || axis >= type.rank) BUG("%s: concat: axis", g->name);
    Parts parts = {0};
    for (uint32_t k = 0; k < n; k++) {
        const Type *t = graph_type(g, in[k]);
        if (t->rank != type.rank || t->dtype != type.dtype) BUG("%s: concat of different types", g->name);
        for (int i = 0; i < type.rank; i++)
            if (i != axis && !type_dims_same(g, type.dim[i], t->dim[i])) BUG("%s: concat: extents differ", g->name);
        if (k) type.dim[axis] = plus(g, type.dim[axis], t->dim[axis]);
        if (g->raw)
            vec_add(g->arena, &parts, in[k]);
        else if (is_op(g, in[k], OP_concat) && graph_attr(g, in[k], 0) == axis && graph_node(g, in[k])->n_in < MOST_PARTS)
            for (uint32_t j = 0; j < graph_node(g, in[k])->n_in; j++)
                add_part(g, &parts, graph_in(g, in[k], j), axis);
        else
            add_part(g, &parts, in[k], axis);
    }
    if (parts.n == 0) return in[0];
    if (parts.n == 1 && !g->raw) return build_reshape(g, parts.at[0], type.dim, type.rank);
    if (!g->raw) share_first_parts(g, &parts, type, attr);
    return graph_add(g, OP_concat, type, parts.at, parts.n, &attr, 1);
}

/* ---- window, fold ---------------------------------------------------------------------------- */

Dim window_count(const Graph *g, Dim n, int64_t k, int64_t stride, int64_t dil)
{
    Dim last = minus(g, n, constant(g, dil * (k - 1) + 1));
    return plus(g, dim_floordiv(g->module->dims, last, constant(g, stride)), constant(g, 1));
}

/* The windows lie side by side and cover the axis. */
static bool is_partition(const Graph *g, Dim n, Dim count, int64_t k, int64_t stride, int64_t dil)
{
    return k == stride && (dil == 1 || k == 1) && dim_mul(g->module->dims, count, constant(g, k)) == n;
}

Ref build_window(Graph *g, Ref a, int axis, int64_t k, int64_t stride, int64_t dil)
{
    Type old = *graph_type(g, a), type = old;
    int64_t attr[4] = {axis, k, stride, dil};
    if (old.rank == MAX_RANK) BUG("%s: window: rank above %d", g->name, MAX_RANK);
    if (axis < 0 || axis >= old.rank || k < 1 || stride < 1 || dil < 1) BUG("%s: window: attributes", g->name);
    type.rank++;
    for (int i = old.rank - 1; i > axis; i--)
        type.dim[i + 1] = old.dim[i];
    type.dim[axis] = window_count(g, old.dim[axis], k, stride, dil);
    type.dim[axis + 1] = constant(g, k);
    if (!g->raw && is_op(g, a, OP_const)) return shape_splat(g, a, type);
    if (!g->raw && is_partition(g, old.dim[axis], type.dim[axis], k, stride, dil)) return build_reshape(g, a, type.dim, type.rank);
    return graph_add(g, OP_window, type, &a, 1, attr, 4);
}

Ref build_fold(Graph *g, Ref a, int axis, Dim n, int64_t k, int64_t stride, int64_t dil)
{
    Type old = *graph_type(g, a), type = old;
    int64_t attr[5] = {axis, n, k, stride, dil};
    if (axis < 0 || axis + 1 >= old.rank || k < 1 || stride < 1 || dil < 1) BUG("%s: fold: attributes", g->name);
    if (!type_dims_same(g, old.dim[axis], window_count(g, n, k, stride, dil)) || !dim_is_value(g, old.dim[axis + 1], k))
        BUG("%s: fold of %s: number of windows", g->name, type_text(g->module->dims, g->arena, &old));
    type.rank--;
    type.dim[axis] = n;
    for (int i = axis + 1; i < type.rank; i++)
        type.dim[i] = old.dim[i + 1];
    type.dim[type.rank] = 0;
    if (!g->raw && is_const(g, a, 0)) return shape_splat(g, a, type);
    if (!g->raw && is_partition(g, n, old.dim[axis], k, stride, dil)) return build_reshape(g, a, type.dim, type.rank);
    return graph_add(g, OP_fold, type, &a, 1, attr, 5);
}
