/* SPDX-License-Identifier: MIT
 * margin.c: no copies before convolutions (see margin.h).
 *
 *   before:  v[n,h,w,c] = ...                                 after:  p[n,0,w,c] = p[n,h,0,c] = ... = 0
 *            p[n,h,w,c] = v[n,h-1,w-1,c], or 0 outside                p[n,h+1,w+1,c] = ...    v is seen inside of p
 *
 * The margin is as wide as the widest that a convolution wants. A value that has to be dense, or lies where somebody else
 * wants it, is copied as before (conv_padded), and so is what a convolution sees through views. */
#include "kernel/margin.h"

#include "kernel/conv.h"

static bool has_place(const Builder *b, Ref v)
{
    uint8_t op = b->g->node.at[v].op;
    return !b->keep[v] || b->dest[v].buf || b->home[v].buf || op == OP_param || op == OP_proj || op == OP_data || home_must_touch(b, v);
}

/* Widens the margin of v by what the convolution wants. */
static void add_wish(Builder *b, Ref conv)
{
    ConvSizes s = conv_sizes(b, conv);
    Ref v = s.c.mode == 2 ? s.x : conv_source(&s);
    if (has_place(b, v)) return;
    if (!b->margin[v]) b->margin[v] = ARENA_NEW(b->arena, Margin);
    Margin *m = b->margin[v];
    for (int i = 0; i < 2; i++) {
        Dim lo, extent;
        int64_t before, behind;
        conv_padding(b, &s, i, &lo, &extent);
        Dim rest = dim_sub(b->dims, dim_sub(b->dims, extent, lo), graph_type(b->g, v)->dim[1 + i]);
        if (!dim_is_const(b->dims, lo, &before) || !dim_is_const(b->dims, rest, &behind)) continue;
        if (before > m->lo[i]) m->lo[i] = before;
        if (behind > m->hi[i]) m->hi[i] = behind;
    }
}

/* Is the value more than its margin? */
static bool is_narrow(const Builder *b, Ref v)
{
    const Type *type = graph_type(b->g, v);
    double inside = 1, all = 1;
    for (int i = 0; i < 2; i++) {
        int64_t n = 1;
        dim_eval(b->dims, type->dim[1 + i], b->sample, &n);
        inside *= (double)n;
        all *= (double)(n + b->margin[v]->lo[i] + b->margin[v]->hi[i]);
    }
    return all <= 2 * inside;
}

Home margin_place(Builder *b, Margin *m, const Type *type, const char *name)
{
    m->wide = *type;
    for (int i = 0; i < 2; i++)
        m->wide.dim[1 + i] = dim_add(b->dims, m->wide.dim[1 + i], build_dim(b, m->lo[i] + m->hi[i]));
    m->whole = home_new(b, &m->wide, name);
    Home inside = m->whole;
    for (int i = 0; i < 4; i++) {
        Dim stride = m->whole.stride[i];
        if (stride && (i == 1 || i == 2)) inside.off = dim_add(b->dims, inside.off, conv_times(b, stride, m->lo[i - 1]));
        if (build_dim_is(b, type->dim[i], 1)) inside.stride[i] = 0;
    }
    return inside;
}

void margins_find(Builder *b)
{
    b->margin = ARENA_ARRAY(b->arena, Margin *, b->g->node.n + 1);
    for (Ref r = 1; r < b->g->node.n && !b->o->no_fusion; r++)
        if (b->needed[r] && b->g->node.at[r].op == OP_conv) add_wish(b, r);
    for (Ref v = 1; v < b->g->node.n; v++) {
        const Margin *m = b->margin[v];
        if (m && (m->lo[0] || m->lo[1] || m->hi[0] || m->hi[1]) && is_narrow(b, v))
            b->dest[v] = margin_place(b, b->margin[v], graph_type(b->g, v), arena_print(b->arena, "v%u", v));
        else
            b->margin[v] = NULL;
    }
}

/* Zeros in the lines before and behind along axis 1 or 2; in one kernel if they are as many. */
static void clear_lines(Builder *b, const Margin *m, Type type, const Home *at, int axis)
{
    const int64_t n[2] = {m->lo[axis - 1], m->hi[axis - 1]};
    Dim stride = at->stride[axis], behind = dim_sub(b->dims, m->wide.dim[axis], build_dim(b, n[1]));
    Dim far = stride ? dim_mul(b->dims, behind, stride) : build_dim(b, 0);
    Home to = *at;
    if (n[0] == n[1]) { /* an axis of the two sides */
        to.stride[type.rank] = far;
        type.dim[type.rank++] = build_dim(b, 2);
    }
    for (int side = 0; side < (n[0] == n[1] ? 1 : 2); side++) {
        type.dim[axis] = build_dim(b, n[side]);
        if (side) to.off = dim_add(b->dims, to.off, far);
        if (n[side]) build_fill(b, &type, &to, 0, "margin");
    }
}

void margin_clear(Builder *b, const Margin *m)
{
    if (!m) return;
    Home inner = m->whole;
    Type type = m->wide;
    clear_lines(b, m, type, &m->whole, 1);
    if (inner.stride[1]) inner.off = dim_add(b->dims, inner.off, conv_times(b, inner.stride[1], m->lo[0]));
    type.dim[1] = dim_sub(b->dims, m->wide.dim[1], build_dim(b, m->lo[0] + m->hi[0]));
    clear_lines(b, m, type, &inner, 2);
}
