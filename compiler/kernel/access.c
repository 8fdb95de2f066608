/* SPDX-License-Identifier: MIT
 * access.c: index maps through views, and accesses to buffers. */
#include <string.h>

#include "kernel/build.h"

Dim build_dim(const Builder *b, int64_t v)
{
    return dim_const(b->dims, v);
}

bool build_dim_is(const Builder *b, Dim d, int64_t v)
{
    int64_t c = 0;
    return d && dim_is_const(b->dims, d, &c) && c == v;
}

Ax ax_zero(const Builder *b)
{
    return (Ax){.off = build_dim(b, 0)};
}

Ax ax_axis(const Builder *b, int axis)
{
    Ax a = ax_zero(b);
    a.stride[axis] = build_dim(b, 1);
    return a;
}

static Dim times(const Builder *b, Dim a, Dim scale)
{
    if (!a) return 0;
    Dim d = dim_mul(b->dims, a, scale);
    return build_dim_is(b, d, 0) ? 0 : d;
}

Ax ax_scaled(const Builder *b, const Ax *a, Dim scale)
{
    Ax out = {.off = dim_mul(b->dims, a->off, scale)};
    for (int i = 0; i < MAX_AXES; i++)
        out.stride[i] = times(b, a->stride[i], scale);
    return out;
}

Ax ax_sum(const Builder *b, const Ax *a, const Ax *c)
{
    Ax out = {.off = dim_add(b->dims, a->off, c->off)};
    for (int i = 0; i < MAX_AXES; i++) {
        out.stride[i] = !a->stride[i] ? c->stride[i] : !c->stride[i] ? a->stride[i] : dim_add(b->dims, a->stride[i], c->stride[i]);
        if (build_dim_is(b, out.stride[i], 0)) out.stride[i] = 0;
    }
    return out;
}

Access home_access(const Builder *b, const Home *home, const Map *m)
{
    Ax sum = {.off = home->off};
    for (int i = 0; i < m->rank; i++) {
        if (!home->stride[i]) continue;
        Ax part = ax_scaled(b, &m->ax[i], home->stride[i]);
        sum = ax_sum(b, &sum, &part);
    }
    Access a = {.buf = home->buf, .off = sum.off, .fill = m->fill};
    memcpy(a.stride, sum.stride, sizeof a.stride);
    memcpy(a.iter, home->iter, sizeof a.iter);
    if (m->n_box) {
        a.boxed = true;
        a.n_box = m->n_box;
        a.box = ARENA_ARRAY(b->arena, struct AccessBox, m->n_box);
        for (uint32_t i = 0; i < m->n_box; i++) {
            memcpy(a.box[i].stride, m->box[i].at.stride, sizeof a.box[i].stride);
            a.box[i].off = m->box[i].at.off;
            a.box[i].lo = m->box[i].lo;
            a.box[i].hi = m->box[i].hi;
        }
    }
    return a;
}

/* ---- reshape --------------------------------------------------------------------------------- */

/* Next group of axes with equal products: [*i, i1) of the operand, [*j, j1) of the result. */
static bool next_group(const Builder *b, const Type *from, const Type *to, int *i, int *i1, int *j, int *j1)
{
    *i = *i1, *j = *j1;
    if (*i >= from->rank && *j >= to->rank) return false;
    Dim x = build_dim(b, 1), y = build_dim(b, 1);
    do { /* grow the side that is smaller; symbolic products: whichever makes them equal first */
        bool grow_from = *i1 < from->rank, grow_to = *j1 < to->rank;
        if (*i1 > *i && *j1 > *j && x == y) break;
        if (*i1 == *i && *j1 == *j && grow_from && grow_to) {
            x = dim_mul(b->dims, x, from->dim[(*i1)++]);
            y = dim_mul(b->dims, y, to->dim[(*j1)++]);
            continue;
        }
        int64_t vx = 0, vy = 0;
        bool cx = dim_eval(b->dims, x, b->sample, &vx), cy = dim_eval(b->dims, y, b->sample, &vy);
        bool smaller = cx && cy ? vx < vy : !grow_to;
        if ((smaller && grow_from) || !grow_to) {
            if (!grow_from) break;
            x = dim_mul(b->dims, x, from->dim[(*i1)++]);
        } else {
            y = dim_mul(b->dims, y, to->dim[(*j1)++]);
        }
    } while (x != y || *i1 == *i || *j1 == *j);
    while (*i1 < from->rank && build_dim_is(b, from->dim[*i1], 1))
        ++*i1; /* extents of 1 belong anywhere */
    while (*j1 < to->rank && build_dim_is(b, to->dim[*j1], 1))
        ++*j1;
    return true;
}

static int wide_axes(const Builder *b, const Type *t, int lo, int hi, int *which)
{
    int n = 0;
    for (int k = lo; k < hi; k++)
        if (!build_dim_is(b, t->dim[k], 1)) *which = k, n++;
    return n;
}

bool view_reshape_splits(const Builder *b, Ref r)
{
    const Type *from = graph_type(b->g, graph_in(b->g, r, 0)), *to = graph_type(b->g, r);
    int i = 0, i1 = 0, j = 0, j1 = 0, axis = 0;
    while (next_group(b, from, to, &i, &i1, &j, &j1))
        if (wide_axes(b, from, i, i1, &axis) > 1) return false;
    return true;
}

/* The map of a reshape's operand: each operand axis is a row-major combination of result axes. */
static bool map_reshape(const Builder *b, Ref r, const Map *m, Map *out)
{
    const Type *from = graph_type(b->g, graph_in(b->g, r, 0)), *to = graph_type(b->g, r);
    int i = 0, i1 = 0, j = 0, j1 = 0, axis = 0;
    out->rank = from->rank;
    for (int k = 0; k < from->rank; k++)
        out->ax[k] = ax_zero(b);
    while (next_group(b, from, to, &i, &i1, &j, &j1)) {
        int n = wide_axes(b, from, i, i1, &axis);
        if (n > 1) return false;
        if (n == 0) continue;
        Dim stride = build_dim(b, 1);
        for (int k = j1 - 1; k >= j; k--) {
            Ax part = ax_scaled(b, &m->ax[k], stride);
            out->ax[axis] = ax_sum(b, &out->ax[axis], &part);
            stride = dim_mul(b->dims, stride, to->dim[k]);
        }
    }
    return true;
}

/* The same memory in another shape: `whole` has the shape `from`, `out` gets that of `to`. False where the
 * elements of axes that merge do not lie one behind the other. */
static bool home_regrouped(const Builder *b, const Type *from, const Type *to, const Home *whole, Home *out)
{
    const Home copy = *whole, *home = &copy;
    int i = 0, i1 = 0, j = 0, j1 = 0, axis = 0;
    *out = *home;
    memset(out->stride, 0, sizeof out->stride);
    while (next_group(b, from, to, &i, &i1, &j, &j1)) {
        if (wide_axes(b, from, i, i1, &axis) == 0) continue;
        Dim last = 0, expected = 0;
        for (int k = i1 - 1; k >= i; k--) { /* contiguous? */
            if (build_dim_is(b, from->dim[k], 1)) continue;
            Dim s = home->stride[k] ? home->stride[k] : build_dim(b, 0);
            if (!last)
                last = s;
            else if (s != expected)
                return false;
            expected = dim_mul(b->dims, s, from->dim[k]);
        }
        Dim stride = last;
        for (int k = j1 - 1; k >= j; k--) {
            if (build_dim_is(b, to->dim[k], 1)) continue;
            out->stride[k] = stride;
            stride = dim_mul(b->dims, stride, to->dim[k]);
        }
    }
    return true;
}

/* Home of reshape r, given that of its operand. */
static bool home_reshaped(const Builder *b, Ref r, const Home *whole, Home *out)
{
    return home_regrouped(b, graph_type(b->g, graph_in(b->g, r, 0)), graph_type(b->g, r), whole, out);
}

bool home_as_operand(const Builder *b, Ref r, const Home *home, Home *out)
{
    return home_regrouped(b, graph_type(b->g, r), graph_type(b->g, graph_in(b->g, r, 0)), home, out);
}

/* ---- other views ----------------------------------------------------------------------------- */

static Ax shifted(const Builder *b, const Ax *a, Dim by)
{
    Ax out = *a;
    out.off = dim_add(b->dims, out.off, by);
    return out;
}

static void map_slice(const Builder *b, Ref r, const Map *m, Map *out)
{
    for (int i = 0; i < m->rank; i++) {
        Dim lo = (Dim)graph_attr(b->g, r, (uint32_t)(3 * i)), hi = (Dim)graph_attr(b->g, r, (uint32_t)(3 * i + 1));
        int64_t step = graph_attr(b->g, r, (uint32_t)(3 * i + 2));
        Ax scaled = ax_scaled(b, &m->ax[i], build_dim(b, step));
        out->ax[i] = shifted(b, &scaled, step > 0 ? lo : dim_sub(b->dims, hi, build_dim(b, 1)));
    }
}

static void map_window(const Builder *b, Ref r, const Map *m, Map *out)
{
    int axis = (int)graph_attr(b->g, r, 0);
    Ax o = ax_scaled(b, &m->ax[axis], build_dim(b, graph_attr(b->g, r, 2))),
       k = ax_scaled(b, &m->ax[axis + 1], build_dim(b, graph_attr(b->g, r, 3)));
    out->rank = m->rank - 1;
    for (int i = axis + 1; i < out->rank; i++)
        out->ax[i] = m->ax[i + 1];
    out->ax[axis] = ax_sum(b, &o, &k);
}

static double pad_fill(const Builder *b, Ref r)
{
    union {
        int64_t i;
        double d;
    } bits = {.i = graph_attr(b->g, r, b->g->node.at[r].n_attr - 1)};
    return dtype_is_float(graph_type(b->g, r)->dtype) ? bits.d : (double)bits.i;
}

/* pad without interior: shifted, valid in a box, else the fill; not if the value outside a box of
 * the map is another one. */
static bool map_pad(const Builder *b, Ref r, const Map *m, Map *out)
{
    const Type *from = graph_type(b->g, graph_in(b->g, r, 0));
    double fill = pad_fill(b, r);
    if (m->n_box && !m->any && m->fill != fill) return false;
    out->fill = fill;
    out->any = false;
    for (int i = 0; i < m->rank; i++) {
        Dim lo = (Dim)graph_attr(b->g, r, (uint32_t)(3 * i)), hi = (Dim)graph_attr(b->g, r, (uint32_t)(3 * i + 1));
        if (graph_attr(b->g, r, (uint32_t)(3 * i + 2)) != 0) return false;
        if (build_dim_is(b, lo, 0) && build_dim_is(b, hi, 0)) continue;
        if (out->n_box == MOST_BOXES) return false;
        out->ax[i] = shifted(b, &m->ax[i], dim_sub(b->dims, build_dim(b, 0), lo));
        out->box[out->n_box++] = (Box){.at = out->ax[i], .lo = build_dim(b, 0), .hi = from->dim[i]};
    }
    return true;
}

bool map_view(const Builder *b, Ref r, const Map *m, Map *out)
{
    const Graph *g = b->g;
    *out = *m;
    const Type *from = graph_type(g, graph_in(g, r, 0));
    switch (g->node.at[r].op) {
    case OP_stop: return true;
    case OP_permute:
        for (int i = 0; i < m->rank; i++)
            out->ax[graph_attr(g, r, (uint32_t)i)] = m->ax[i];
        return true;
    case OP_broadcast:
        out->rank = from->rank;
        for (int i = 0; i < from->rank; i++)
            out->ax[i] = build_dim_is(b, from->dim[i], 1) ? ax_zero(b) : m->ax[graph_attr(g, r, (uint32_t)i)];
        return true;
    case OP_slice: map_slice(b, r, m, out); return true;
    case OP_window: map_window(b, r, m, out); return true;
    case OP_reshape: return map_reshape(b, r, m, out);
    case OP_pad: return map_pad(b, r, m, out);
    default: return false;
    }
}

bool home_through_views(const Builder *b, Ref r, Home *h)
{
    Map m = {.rank = graph_type(b->g, r)->rank};
    for (int i = 0; i < m.rank; i++)
        m.ax[i] = ax_axis(b, i); /* one axis per index: strides by axis */
    Ref base = view_base(b, r, &m);
    if (!base || m.n_box) return false;
    Access a = home_access(b, &b->home[base], &m);
    *h = (Home){.buf = a.buf, .off = a.off};
    memcpy(h->stride, a.stride, sizeof h->stride);
    memcpy(h->iter, a.iter, sizeof h->iter);
    return true;
}

/* Follows views to a value with a home; *home is where its elements are, seen with the map. */
Ref view_base(const Builder *b, Ref r, Map *m)
{
    (void)m;
    while (!b->home[r].buf) {
        int properties = op_properties[b->g->node.at[r].op];
        if (!(properties & VIEW) && b->g->node.at[r].op != OP_stop) return 0;
        if (b->g->node.at[r].op == OP_concat || b->g->node.at[r].op == OP_fold) return 0;
        if (b->g->node.at[r].op == OP_reshape && !view_reshape_splits(b, r)) { /* merged: the operand's home in another shape */
            Ref from = graph_in(b->g, r, 0);
            Home seen;
            if (!home_through_views(b, from, &seen) || !home_reshaped(b, r, &seen, &seen)) return 0;
            b->home[r] = seen;
            return r;
        }
        Map next;
        if (!map_view(b, r, m, &next)) return 0;
        *m = next;
        r = graph_in(b->g, r, 0);
    }
    return r;
}

/* A constant of a scan body is the operand outside; copies of it are made there, once. */
Builder *build_outside(Builder *b, Ref *r)
{
    while (b->parent && b->g->node.at[*r].op == OP_param) {
        const GraphParam *param = &b->g->param.at[graph_attr(b->g, *r, 0)];
        if (param->kind != PARAM_CONST) break;
        *r = graph_in(b->parent->g, b->scan, (uint32_t)graph_attr(b->g, *r, 0));
        b = b->parent;
    }
    return b;
}
