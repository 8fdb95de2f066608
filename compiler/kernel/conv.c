/* SPDX-License-Identifier: MIT
 * conv.c: convolutions and their gradients as contractions.
 *
 * They read a zero-padded copy of their input (none if there is no padding); the data gradient reads a padded, dilated
 * copy of the cotangent and transposed weights. */
#include "kernel/gemm.h"

#include <string.h>

static Dim plus(Builder *b, Dim x, Dim y)
{
    return dim_add(b->dims, x, y);
}
static Dim times(Builder *b, Dim x, int64_t k)
{
    return dim_mul(b->dims, x, build_dim(b, k));
}

/* v [N, H, W, C] with zeros around (lo, hi per axis) and between (stride - 1); its home, or the
 * plain one if nothing is added. */
static Home padded(Builder *b, Ref v, const Dim *lo, const Dim *extent, const int64_t *stride, const char *what)
{
    const Type *type = graph_type(b->g, v);
    Type wide = *type;
    bool plain = true;
    for (int i = 0; i < 2; i++) {
        plain &= build_dim_is(b, lo[i], 0) && extent[i] == type->dim[1 + i] && stride[i] == 1;
        wide.dim[1 + i] = extent[i];
    }
    if (plain) return home_seen(b, v);
    Dim key[10] = {2, lo[0], lo[1], extent[0], extent[1], (Dim)stride[0], (Dim)stride[1]};
    b = build_outside(b, &v);
    const Home *have = gemm_copied(b, v, key);
    if (have) return *have;
    Home own = home_seen(b, v), to = home_new(b, &wide, what);
    gemm_remember_copy(b, v, key, &to);
    if (stride[0] == 1 && stride[1] == 1) { /* one pass with a box */
        XBuilder xb = {.b = b, .k = kernel_new(b, K_NEST, what, v)};
        Map m = map_domain(b, xb.k, &wide, AX_PAR), from = m;
        for (int i = 0; i < 2; i++) {
            from.ax[1 + i].off = dim_sub(b->dims, from.ax[1 + i].off, lo[i]);
            from.box[from.n_box++] = (Box){.at = from.ax[1 + i], .lo = build_dim(b, 0), .hi = type->dim[1 + i]};
        }
        expr_store(&xb, expr_load(&xb, &own, &from, type->dtype), &to, &m);
        kernel_add(b, xb.k);
        return to;
    }
    build_fill(b, &wide, &to, 0, "conv_fill");
    Home at = to;
    for (int i = 0; i < 2; i++) {
        if (!to.stride[1 + i]) continue;
        at.off = plus(b, at.off, dim_mul(b->dims, lo[i], to.stride[1 + i]));
        at.stride[1 + i] = times(b, to.stride[1 + i], stride[i]);
    }
    build_copy_home(b, type, type->dtype, &own, &at, what);
    return to;
}

/* Strides of spatial axis i of a home; 0 extents are not there. */
static Dim stride_of(const Home *h, int axis)
{
    return h->stride[axis];
}

static void add_stride(Builder *b, Access *a, const Ax *ax, Dim stride)
{
    if (!stride) return;
    Ax part = ax_scaled(b, ax, stride), have = {.off = a->off};
    memcpy(have.stride, a->stride, sizeof have.stride);
    have = ax_sum(b, &have, &part);
    a->off = have.off;
    memcpy(a->stride, have.stride, sizeof a->stride);
}

static Access start_access(const Home *h)
{
    Access a = {.buf = h->buf, .off = h->off};
    memcpy(a.iter, h->iter, sizeof a.iter);
    return a;
}

typedef struct ConvSizes {
    Conv c;
    Ref x, y, w;                            /* whichever are operands; the other is 0 */
    Dim n, o[2], channels, outputs, cg, og; /* per group */
    Dim groups;
} ConvSizes;

static ConvSizes conv_sizes(Builder *b, Ref r)
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

/* x with its padding: extents that every tap stays inside. */
static Home conv_input(Builder *b, ConvSizes *s)
{
    static const int64_t one[2] = {1, 1};
    Dim extent[2];
    for (int i = 0; i < 2; i++)
        extent[i] = plus(b, plus(b, s->c.extent[i], s->c.lo[i]), s->c.hi[i]);
    return padded(b, s->x, s->c.lo, extent, one, "conv_pad");
}

static void shape_conv_forward(Gemm *gm, Ref r)
{
    Builder *b = gm->b;
    ConvSizes s = conv_sizes(b, r);
    Home x = conv_input(b, &s);
    Kernel *k = gm->k;
    Ax g = gemm_axis(b, k, s.groups, AX_BATCH), n = gemm_axis(b, k, s.n, AX_M);
    Ax oh = gemm_axis(b, k, s.o[0], AX_M), ow = gemm_axis(b, k, s.o[1], AX_M), o = gemm_axis(b, k, s.og, AX_N);
    Ax kh = gemm_axis(b, k, s.c.k[0], AX_K), kw = gemm_axis(b, k, s.c.k[1], AX_K), c = gemm_axis(b, k, s.cg, AX_K);
    gm->a = start_access(&x);
    add_stride(b, &gm->a, &n, stride_of(&x, 0));
    add_stride(b, &gm->a, &oh, stride_of(&x, 1) ? times(b, stride_of(&x, 1), s.c.stride[0]) : 0);
    add_stride(b, &gm->a, &ow, stride_of(&x, 2) ? times(b, stride_of(&x, 2), s.c.stride[1]) : 0);
    add_stride(b, &gm->a, &kh, stride_of(&x, 1) ? times(b, stride_of(&x, 1), s.c.dil[0]) : 0);
    add_stride(b, &gm->a, &kw, stride_of(&x, 2) ? times(b, stride_of(&x, 2), s.c.dil[1]) : 0);
    add_stride(b, &gm->a, &c, stride_of(&x, 3));
    if (stride_of(&x, 3)) add_stride(b, &gm->a, &g, dim_mul(b->dims, stride_of(&x, 3), s.cg));
    Ax scaled = ax_scaled(b, &g, s.og), channel = ax_sum(b, &scaled, &o);
    Map mw = {.rank = 4, .ax = {kh, kw, c, channel}};
    gm->bb = gemm_operand(b, s.w, &mw);
    gm->out = (Map){.rank = 4, .ax = {n, oh, ow, channel}};
}

/* Row h of x reads rows h .. h + reach of the dilated cotangent, which starts at row reach - pad.
 * Where the padding is (or may be) larger than that reach, everything lies `skip` rows further
 * down. */
static void data_extents(Builder *b, const ConvSizes *s, int i, Dim *lo, Dim *extent, Dim *skip)
{
    Dim reach = times(b, dim_sub(b->dims, s->c.k[i], build_dim(b, 1)), s->c.dil[i]);
    int64_t first = 0, rest = 0;
    bool fits = dim_is_const(b->dims, dim_sub(b->dims, reach, s->c.lo[i]), &first) && first >= 0;
    *skip = fits ? build_dim(b, 0) : s->c.lo[i];
    *lo = fits ? dim_sub(b->dims, reach, s->c.lo[i]) : reach;
    *extent = plus(b, plus(b, s->c.extent[i], reach), *skip);
    if (!dim_is_const(b->dims, dim_sub(b->dims, reach, s->c.hi[i]), &rest) || rest < 0) *extent = plus(b, *extent, s->c.hi[i]);
}

static void shape_conv_data(Gemm *gm, Ref r)
{
    Builder *b = gm->b;
    ConvSizes s = conv_sizes(b, r);
    Kernel *k = gm->k;
    Dim lo[2], extent[2], skip[2];
    for (int i = 0; i < 2; i++)
        data_extents(b, &s, i, &lo[i], &extent[i], &skip[i]);
    Home y = padded(b, s.y, lo, extent, s.c.stride, "conv_grad_pad");
    int perm[4] = {0, 1, 3, 2};
    Home w = gemm_packed(b, s.w, perm);
    Ax g = gemm_axis(b, k, s.groups, AX_BATCH), n = gemm_axis(b, k, s.n, AX_M);
    Ax h = gemm_axis(b, k, s.c.extent[0], AX_M), v = gemm_axis(b, k, s.c.extent[1], AX_M), c = gemm_axis(b, k, s.cg, AX_N);
    Ax kh = gemm_axis(b, k, s.c.k[0], AX_K), kw = gemm_axis(b, k, s.c.k[1], AX_K), o = gemm_axis(b, k, s.og, AX_K);
    const Ax *space[2] = {&h, &v}, *tap[2] = {&kh, &kw};
    gm->a = start_access(&y);
    add_stride(b, &gm->a, &n, stride_of(&y, 0));
    for (int i = 0; i < 2; i++) { /* row of the padded cotangent: h + (k - 1 - kh) dil */
        Dim stride = stride_of(&y, 1 + i);
        if (!stride) continue;
        add_stride(b, &gm->a, space[i], stride);
        Dim reach = times(b, dim_sub(b->dims, s.c.k[i], build_dim(b, 1)), s.c.dil[i]);
        gm->a.off = plus(b, gm->a.off, dim_mul(b->dims, plus(b, reach, skip[i]), stride));
        add_stride(b, &gm->a, tap[i], times(b, stride, -s.c.dil[i]));
    }
    add_stride(b, &gm->a, &o, stride_of(&y, 3));
    if (stride_of(&y, 3)) add_stride(b, &gm->a, &g, dim_mul(b->dims, stride_of(&y, 3), s.og));
    Ax scaled_o = ax_scaled(b, &g, s.og), scaled_c = ax_scaled(b, &g, s.cg);
    Map mw = {.rank = 4, .ax = {kh, kw, c, ax_sum(b, &scaled_o, &o)}};
    gm->bb = home_access(b, &w, &mw);
    gm->out = (Map){.rank = 4, .ax = {n, h, v, ax_sum(b, &scaled_c, &c)}};
}

static void shape_conv_weights(Gemm *gm, Ref r)
{
    Builder *b = gm->b;
    ConvSizes s = conv_sizes(b, r);
    Home x = conv_input(b, &s);
    Kernel *k = gm->k;
    Ax g = gemm_axis(b, k, s.groups, AX_BATCH);
    Ax kh = gemm_axis(b, k, s.c.k[0], AX_M), kw = gemm_axis(b, k, s.c.k[1], AX_M), c = gemm_axis(b, k, s.cg, AX_M);
    Ax o = gemm_axis(b, k, s.og, AX_N);
    Ax n = gemm_axis(b, k, s.n, AX_K), oh = gemm_axis(b, k, s.o[0], AX_K), ow = gemm_axis(b, k, s.o[1], AX_K);
    gm->a = start_access(&x);
    add_stride(b, &gm->a, &n, stride_of(&x, 0));
    add_stride(b, &gm->a, &oh, stride_of(&x, 1) ? times(b, stride_of(&x, 1), s.c.stride[0]) : 0);
    add_stride(b, &gm->a, &ow, stride_of(&x, 2) ? times(b, stride_of(&x, 2), s.c.stride[1]) : 0);
    add_stride(b, &gm->a, &kh, stride_of(&x, 1) ? times(b, stride_of(&x, 1), s.c.dil[0]) : 0);
    add_stride(b, &gm->a, &kw, stride_of(&x, 2) ? times(b, stride_of(&x, 2), s.c.dil[1]) : 0);
    add_stride(b, &gm->a, &c, stride_of(&x, 3));
    if (stride_of(&x, 3)) add_stride(b, &gm->a, &g, dim_mul(b->dims, stride_of(&x, 3), s.cg));
    Ax scaled = ax_scaled(b, &g, s.og), channel = ax_sum(b, &scaled, &o);
    Map my = {.rank = 4, .ax = {n, oh, ow, channel}};
    gm->bb = gemm_operand(b, s.y, &my);
    gm->out = (Map){.rank = 4, .ax = {kh, kw, c, channel}};
}

void gemm_build_conv(Builder *b, Ref conv, Ref root)
{
    switch (conv_get(b->g, conv).mode) {
    case 0: gemm_finish(b, conv, root, shape_conv_forward); break;
    case 1: gemm_finish(b, conv, root, shape_conv_data); break;
    default: gemm_finish(b, conv, root, shape_conv_weights);
    }
}
