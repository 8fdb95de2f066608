/* SPDX-License-Identifier: MIT
 * conv_sizes.c: sizes of convolutions. */
#include "kernel/conv.h"

int64_t conv_vectors(int64_t n)
{
    enum { LANES = 16 };
    return (n + LANES - 1) / LANES;
}

Dim conv_plus(Builder *b, Dim x, Dim y)
{
    return dim_add(b->dims, x, y);
}
Dim conv_times(Builder *b, Dim x, int64_t k)
{
    return dim_mul(b->dims, x, build_dim(b, k));
}

Ref conv_source(const ConvSizes *s)
{
    return s->c.mode == 0 ? s->x : s->y;
}

ConvSizes conv_sizes(Builder *b, Ref r)
{
    ConvSizes s = {.c = conv_get(b->g, r)};
    const Type *tx, *ty;
    switch (s.c.mode) {
    case 0:
        s.x = graph_in(b->g, r, 0), s.w = graph_in(b->g, r, 1);
        tx = graph_type(b->g, s.x), ty = graph_type(b->g, r);
        break;
    case 1:
        s.y = graph_in(b->g, r, 0), s.w = graph_in(b->g, r, 1);
        ty = graph_type(b->g, s.y), tx = graph_type(b->g, r);
        break;
    default: s.x = graph_in(b->g, r, 0), s.y = graph_in(b->g, r, 1); tx = graph_type(b->g, s.x), ty = graph_type(b->g, s.y);
    }
    s.n = ty->dim[0];
    s.o[0] = ty->dim[1], s.o[1] = ty->dim[2];
    s.channels = tx->dim[3], s.outputs = ty->dim[3];
    s.groups = build_dim(b, s.c.groups);
    s.cg = dim_floordiv(b->dims, s.channels, s.groups);
    s.og = dim_floordiv(b->dims, s.outputs, s.groups);
    return s;
}
