/* SPDX-License-Identifier: MIT
 * conv.c: convolutions and their gradients as contractions.
 *
 * They read a zero-padded copy of their input (none if there is no padding); the data gradient reads a padded copy of
 * the cotangent and transposed weights. */
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

/* v [N, H, W, C] with zeros around, or what of it lies in lo .. lo + extent - 1; its home, or the plain one if nothing is added. */
static Home padded(Builder *b, Ref v, const Dim *lo, const Dim *extent, const char *what)
{
    const Type *type = graph_type(b->g, v);
    Type wide = *type;
    bool plain = true;
    for (int i = 0; i < 2; i++) {
        plain &= build_dim_is(b, lo[i], 0) && extent[i] == type->dim[1 + i];
        wide.dim[1 + i] = extent[i];
    }
    if (plain) return home_seen(b, v);
    Dim key[10] = {2, lo[0], lo[1], extent[0], extent[1]};
    b = build_outside(b, &v);
    const Home *have = gemm_copied(b, v, key);
    if (have) return *have;
    Home own = home_seen(b, v), to = home_new(b, &wide, what);
    gemm_remember_copy(b, v, key, &to);
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
    Dim extent[2];
    for (int i = 0; i < 2; i++)
        extent[i] = plus(b, plus(b, s->c.extent[i], s->c.lo[i]), s->c.hi[i]);
    return padded(b, s->x, s->c.lo, extent, "conv_pad");
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

/* ---- the data gradient ----
 *
 *   dx[h] = sum over the taps k of dy[(h + lo - k * dil) / stride] * w[k], where that is a row of dy
 *
 * Rows h that are equal modulo the stride meet the same taps, whose rows of dy are affine in h: they are a phase. The taps
 * of a phase are stride / gcd(stride, dil) apart. Nothing is multiplied that is not there. */

typedef struct Phase { /* of one axis: rows stride * j + first + i of x, i < n, that meet dy in the same way */
    int64_t stride, first, n;
    Dim rows;       /* j */
    Dim tap, taps;  /* the first tap is tap + i; so many of them */
    int64_t step;   /* from one tap to the next */
    Dim at;         /* row of dy for the first tap and j = 0 */
    int64_t back;   /* rows of dy from one tap to the next, which is above */
} Phase;

static int64_t common_divisor(int64_t a, int64_t c)
{
    return c ? common_divisor(c, a % c) : a;
}

/* The number x in 0 .. m - 1 with a * x % m == 1. */
static int64_t inverse(int64_t a, int64_t m)
{
    int64_t x = 0;
    while (x < m - 1 && a % m * x % m != 1 % m)
        x++;
    return x;
}

static Dim modulo(Builder *b, Dim x, int64_t m)
{
    return dim_sub(b->dims, x, times(b, dim_floordiv(b->dims, x, build_dim(b, m)), m));
}

static Phase phase_of(Builder *b, const ConvSizes *s, int i, int64_t residue)
{
    int64_t stride = s->c.stride[i], dil = s->c.dil[i], divisor = common_divisor(stride, dil), step = stride / divisor;
    Phase p = {.stride = stride, .first = residue, .n = 1, .step = step, .back = dil / divisor};
    Dim sum = plus(b, s->c.lo[i], build_dim(b, residue));
    p.rows = dim_floordiv(b->dims, plus(b, s->c.extent[i], build_dim(b, stride - 1 - residue)), build_dim(b, stride));
    p.tap = modulo(b, times(b, dim_floordiv(b->dims, sum, build_dim(b, divisor)), inverse(dil / divisor, step)), step);
    p.taps = dim_floordiv(b->dims, plus(b, dim_sub(b->dims, s->c.k[i], p.tap), build_dim(b, step - 1)), build_dim(b, step));
    p.at = dim_floordiv(b->dims, dim_sub(b->dims, sum, times(b, p.tap, dil)), build_dim(b, stride));
    if (divisor > 1) { /* only where the sum is a multiple of it */
        Dim rest = modulo(b, sum, divisor);
        p.taps = dim_mul(b->dims, p.taps, dim_floordiv(b->dims, dim_sub(b->dims, build_dim(b, divisor), rest), build_dim(b, divisor)));
    }
    return p;
}

/* Does phase q continue phase p? Then they are one. */
static bool continues(Builder *b, const Phase *p, const Phase *q)
{
    if (p->rows != q->rows || p->taps != q->taps) return false;
    return build_dim_is(b, p->taps, 0) || (p->at == q->at && q->tap == plus(b, p->tap, build_dim(b, p->n)));
}

static Phase *find_phases(Builder *b, const ConvSizes *s, int i, int *n)
{
    Phase *phase = ARENA_ARRAY(b->arena, Phase, (size_t)s->c.stride[i]);
    *n = 0;
    for (int64_t residue = 0; residue < s->c.stride[i]; residue++) {
        Phase p = phase_of(b, s, i, residue);
        if (build_dim_is(b, p.rows, 0)) continue;
        if (*n && continues(b, &phase[*n - 1], &p))
            phase[*n - 1].n++;
        else
            phase[(*n)++] = p;
    }
    return phase;
}

/* The rows of dy that a phase asks for are -lo .. extent - lo - 1. */
static void padding_of_gradient(Builder *b, const ConvSizes *s, int i, Dim *lo, Dim *extent)
{
    Dim reach = times(b, dim_sub(b->dims, s->c.k[i], build_dim(b, 1)), s->c.dil[i]), stride = build_dim(b, s->c.stride[i]);
    Dim above = dim_floordiv(b->dims, dim_sub(b->dims, reach, s->c.lo[i]), stride);
    Dim last = plus(b, plus(b, s->c.extent[i], s->c.lo[i]), build_dim(b, -1));
    Dim below = dim_sub(b->dims, plus(b, dim_floordiv(b->dims, last, stride), build_dim(b, 1)), s->o[i]);
    int64_t known;
    *lo = !dim_is_const(b->dims, above, &known) ? dim_floordiv(b->dims, reach, stride) : known > 0 ? above : build_dim(b, 0);
    *extent = plus(b, *lo, s->o[i]);
    if (!dim_is_const(b->dims, below, &known) || known > 0) *extent = plus(b, *extent, below);
}

typedef struct DataPart {
    const Phase *phase[2]; /* NULL: all rows; there are no taps */
} DataPart;

/* Rows of x in a phase; i: the one of its n residues. */
static Ax phase_rows(Builder *b, const Phase *p, const Ax *j, const Ax *i)
{
    Ax rows = ax_scaled(b, j, build_dim(b, p->stride)), at = ax_sum(b, &rows, i);
    at.off = plus(b, at.off, build_dim(b, p->first));
    return at;
}

/* Nothing is summed: zeros. */
static void shape_no_taps(Gemm *gm, const ConvSizes *s, const DataPart *part)
{
    Builder *b = gm->b;
    gm->nothing = true;
    gm->out = (Map){.rank = 4};
    gm->out.ax[0] = gemm_axis(b, gm->k, s->n, AX_PAR);
    for (int i = 0; i < 2; i++) {
        const Phase *p = part->phase[i];
        Ax j = gemm_axis(b, gm->k, p ? p->rows : s->c.extent[i], AX_PAR);
        Ax residue = gemm_axis(b, gm->k, build_dim(b, p ? p->n : 1), AX_PAR);
        gm->out.ax[1 + i] = p ? phase_rows(b, p, &j, &residue) : j;
    }
    gm->out.ax[3] = gemm_axis(b, gm->k, s->channels, AX_PAR);
}

static void shape_conv_data(Gemm *gm, Ref r)
{
    Builder *b = gm->b;
    ConvSizes s = conv_sizes(b, r);
    const DataPart *part = gm->part;
    const Phase *const *phase = part->phase;
    Kernel *k = gm->k;
    if (!phase[0] || !phase[1] || build_dim_is(b, phase[0]->taps, 0) || build_dim_is(b, phase[1]->taps, 0)) {
        shape_no_taps(gm, &s, part);
        return;
    }
    Dim lo[2], extent[2];
    for (int i = 0; i < 2; i++)
        padding_of_gradient(b, &s, i, &lo[i], &extent[i]);
    Home y = padded(b, s.y, lo, extent, "conv_grad_pad");
    int perm[4] = {0, 1, 3, 2};
    Home w = gemm_packed(b, s.w, perm);
    bool columns = !build_dim_is(b, s.cg, 1) || build_dim_is(b, s.groups, 1); /* else there are none: parallel axes of a nest */
    Ax row[2], residue[2], tap[2], kernel[2];
    Ax g = gemm_axis(b, k, s.groups, AX_BATCH), n = gemm_axis(b, k, s.n, AX_M);
    for (int i = 0; i < 2; i++)
        row[i] = gemm_axis(b, k, phase[i]->rows, AX_M);
    for (int i = 0; i < 2; i++)
        residue[i] = gemm_axis(b, k, build_dim(b, phase[i]->n), columns ? AX_N : AX_M);
    Ax c = gemm_axis(b, k, s.cg, AX_N);
    for (int i = 0; i < 2; i++)
        tap[i] = gemm_axis(b, k, phase[i]->taps, AX_K);
    Ax o = gemm_axis(b, k, s.og, AX_K);
    gm->a = start_access(&y);
    add_stride(b, &gm->a, &n, stride_of(&y, 0));
    for (int i = 0; i < 2; i++) { /* row of the padded cotangent: lo + at + j - tap * back */
        Dim stride = stride_of(&y, 1 + i);
        kernel[i] = ax_scaled(b, &tap[i], build_dim(b, phase[i]->step));
        kernel[i] = ax_sum(b, &kernel[i], &residue[i]);
        kernel[i].off = plus(b, kernel[i].off, phase[i]->tap);
        if (!stride) continue;
        add_stride(b, &gm->a, &row[i], stride);
        gm->a.off = plus(b, gm->a.off, dim_mul(b->dims, plus(b, lo[i], phase[i]->at), stride));
        add_stride(b, &gm->a, &tap[i], times(b, stride, -phase[i]->back));
    }
    add_stride(b, &gm->a, &o, stride_of(&y, 3));
    if (stride_of(&y, 3)) add_stride(b, &gm->a, &g, dim_mul(b->dims, stride_of(&y, 3), s.og));
    Ax scaled_o = ax_scaled(b, &g, s.og), scaled_c = ax_scaled(b, &g, s.cg);
    Map mw = {.rank = 4, .ax = {kernel[0], kernel[1], c, ax_sum(b, &scaled_o, &o)}};
    gm->bb = home_access(b, &w, &mw);
    gm->out = (Map){
        .rank = 4,
        .ax = {n, phase_rows(b, phase[0], &row[0], &residue[0]), phase_rows(b, phase[1], &row[1], &residue[1]), ax_sum(b, &scaled_c, &c)}};
}

/* A kernel for every pair of phases. */
static void build_conv_data(Builder *b, Ref conv, Ref root)
{
    ConvSizes s = conv_sizes(b, conv);
    Home to = home_of(b, root);
    int n[2];
    const Phase *phase[2];
    for (int i = 0; i < 2; i++)
        phase[i] = find_phases(b, &s, i, &n[i]);
    for (int h = 0; h < n[0]; h++) {
        bool empty = build_dim_is(b, phase[0][h].taps, 0);
        for (int w = 0; w < (empty ? 1 : n[1]); w++) {
            DataPart part = {{&phase[0][h], empty ? NULL : &phase[1][w]}};
            gemm_kernel(b, conv, root, &to, shape_conv_data, &part);
        }
    }
    b->home[root] = to;
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

void build_convolution(Builder *b, Ref conv, Ref root)
{
    switch (conv_get(b->g, conv).mode) {
    case 0: gemm_only_kernel(b, conv, root, shape_conv_forward); break;
    case 1: build_conv_data(b, conv, root); break;
    default: gemm_only_kernel(b, conv, root, shape_conv_weights);
    }
}
