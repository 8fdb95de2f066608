/* SPDX-License-Identifier: MIT
 * gemm.c: dots and convolutions as contractions over any number of batch, M, N and K axes.
 *
 * B has to be contiguous in the last N axis; where it is not, a packed copy is made first.
 * Convolutions read a zero-padded copy of their input (none if there is no padding); the data
 * gradient reads a padded, dilated copy of the cotangent and transposed weights. */
#include <string.h>

#include "kernel/build.h"

typedef struct Gemm {
    Builder *b;
    Kernel *k;
    Map out; /* of the contraction's result */
    Access a, bb;
} Gemm;

/* Access to operand v through views; a value that cannot be read so gets a buffer of its own. */
static Access operand(Builder *b, Ref v, const Map *m)
{
    Home home = home_seen(b, v);
    return home_access(b, &home, m);
}

/* A copy that was made before, or NULL; copies are known by their value and a key. */
static const Home *copied(const Builder *b, Ref r, const Dim *key)
{
    for (uint32_t i = 0; i < b->copied.n; i++)
        if (b->copied.at[i].r == r && memcmp(b->copied.at[i].key, key, sizeof b->copied.at[i].key) == 0) return &b->copied.at[i].home;
    return NULL;
}

static void remember_copy(Builder *b, Ref r, const Dim *key, const Home *home)
{
    struct Copied c = {.r = r, .home = *home};
    memcpy(c.key, key, sizeof c.key);
    vec_add(b->arena, &b->copied, c);
}

/* A copy of v with its axes in the order perm; gives its home by v's axes. Rows whose length is a
 * multiple of 1 kB are kept apart by a line. */
static Home packed(Builder *b, Ref v, const int *perm)
{
    const Type *type = graph_type(b->g, v);
    Dim key[10] = {1};
    for (int i = 0; i < type->rank; i++)
        key[1 + i] = 1 + (Dim)perm[i];
    b = build_outside(b, &v);
    const Home *have = copied(b, v, key);
    if (have) return *have;
    Type order = *type;
    for (int i = 0; i < type->rank; i++)
        order.dim[i] = type->dim[perm[i]];
    Home dense = home_spaced(b, &order, "pack"), by_axis = dense;
    for (int i = 0; i < type->rank; i++)
        by_axis.stride[perm[i]] = dense.stride[i];
    for (int i = type->rank; i < MAX_RANK; i++)
        by_axis.stride[i] = 0;
    XBuilder xb = {.b = b, .k = kernel_new(b, K_NEST, "pack", v)};
    Map m = map_domain(b, xb.k, &order, AX_PAR), by = {.rank = type->rank};
    for (int i = 0; i < type->rank; i++)
        by.ax[perm[i]] = m.ax[i];
    vec_add(b->arena, &xb.k->rd, operand(b, v, &by));
    uint32_t x = expr_add(&xb, (XNode){.kind = X_ld, .dtype = type->dtype, .access = 0});
    expr_store(&xb, x, &dense, &m);
    kernel_add(b, xb.k);
    remember_copy(b, v, key, &by_axis);
    return by_axis;
}

static void move_axis(Dim *stride, int last)
{
    Dim first = stride[0];
    memmove(stride, stride + 1, sizeof *stride * (size_t)last);
    stride[last] = first;
}

/* Convolutions whose groups have one output each: a nest with the groups (channels) as its last
 * parallel axis, sums of products inside. */
static void become_nest(Gemm *gm, XBuilder *xb, uint8_t dtype)
{
    Kernel *k = gm->k;
    int last = 0; /* place of the group axis, behind the rows */
    while (last + 1 < k->n_axes && k->cls[last + 1] == AX_M)
        last++;
    move_axis(k->axis, last);
    move_axis(gm->a.stride, last);
    move_axis(gm->bb.stride, last);
    for (int i = 0; i < gm->out.rank; i++)
        move_axis(gm->out.ax[i].stride, last);
    k->kind = K_NEST;
    for (int i = 0; i < k->n_axes; i++) {
        k->cls[i] = i <= last ? AX_PAR : AX_RED;
        k->n_red = (uint8_t)(k->n_red + (i > last));
    }
    vec_add(gm->b->arena, &k->rd, gm->a);
    vec_add(gm->b->arena, &k->rd, gm->bb);
    uint32_t x = expr_add(xb, (XNode){.kind = X_ld, .dtype = dtype, .access = 0});
    uint32_t y = expr_add(xb, (XNode){.kind = X_ld, .dtype = dtype, .access = 1});
    x = expr_add(xb, (XNode){.kind = X_op, .op = OP_mul, .dtype = dtype, .in = {x, y}});
    if (k->n_red) x = expr_add(xb, (XNode){.kind = X_reduce, .op = OP_sum, .dtype = dtype, .fma = true, .in = {x}});
    xb->acc_node = x;
}

static bool without_columns(const Kernel *k)
{
    if (k->n_axes < 2 || k->cls[0] != AX_BATCH) return false;
    for (int i = 1; i < k->n_axes; i++)
        if (k->cls[i] == AX_N || k->cls[i] == AX_BATCH) return false;
    return true;
}

/* The epilogue from the accumulator to the stored value `root`. */
static bool fill_epilogue(Builder *b, Ref contraction, Ref root, XBuilder *xb, const Map *out, const Home *to)
{
    xb->acc = contraction;
    bool kept = b->keep[root];
    b->keep[root] = false;
    uint32_t x = expr_emit(xb, root, out);
    b->keep[root] = kept;
    if (!x) return false;
    expr_store(xb, x, to, out);
    return true;
}

typedef void Shape(Gemm *gm, Ref r); /* axes, accesses and the result's map of one kind of contraction */

static void finish(Builder *b, Ref contraction, Ref root, Shape *shape)
{
    Home to = home_of(b, root);
    for (int tries = 0; tries < 100; tries++) {
        Gemm gm = {.b = b, .k = kernel_new(b, K_GEMM, b->g->node.at[contraction].op == OP_conv ? "conv" : "dot", contraction)};
        shape(&gm, contraction);
        XBuilder xb = {.b = b, .k = gm.k};
        if (without_columns(gm.k)) {
            become_nest(&gm, &xb, graph_type(b->g, contraction)->dtype);
        } else {
            vec_add(b->arena, &gm.k->rd, gm.a);
            vec_add(b->arena, &gm.k->rd, gm.bb);
        }
        if (fill_epilogue(b, contraction, root, &xb, &gm.out, &to)) {
            kernel_add(b, gm.k);
            b->home[root] = to;
            return;
        }
        b->keep[xb.failed] = true;
        build_value(b, xb.failed);
    }
    BUG("kernel: epilogue of a contraction");
}

/* ---- dot ------------------------------------------------------------------------------------- */

typedef struct DotAxes {
    int nb, nc, ab[MAX_RANK], ac[MAX_RANK], bb[MAX_RANK], bc[MAX_RANK];
    int af[MAX_RANK], bf[MAX_RANK], naf, nbf; /* free axes */
} DotAxes;

static bool has(const int *list, int n, int v)
{
    for (int i = 0; i < n; i++)
        if (list[i] == v) return true;
    return false;
}

static DotAxes dot_axes(const Builder *b, Ref r)
{
    DotAxes d = {.nb = (int)graph_attr(b->g, r, 0), .nc = (int)graph_attr(b->g, r, 1)};
    uint32_t at = 2;
    for (int i = 0; i < d.nb; i++)
        d.ab[i] = (int)graph_attr(b->g, r, at++);
    for (int i = 0; i < d.nc; i++)
        d.ac[i] = (int)graph_attr(b->g, r, at++);
    for (int i = 0; i < d.nb; i++)
        d.bb[i] = (int)graph_attr(b->g, r, at++);
    for (int i = 0; i < d.nc; i++)
        d.bc[i] = (int)graph_attr(b->g, r, at++);
    int ra = graph_type(b->g, graph_in(b->g, r, 0))->rank, rb = graph_type(b->g, graph_in(b->g, r, 1))->rank;
    for (int i = 0; i < ra; i++)
        if (!has(d.ab, d.nb, i) && !has(d.ac, d.nc, i)) d.af[d.naf++] = i;
    for (int i = 0; i < rb; i++)
        if (!has(d.bb, d.nb, i) && !has(d.bc, d.nc, i)) d.bf[d.nbf++] = i;
    return d;
}

/* One axis of the domain for an extent, or index 0 for an extent of 1. */
static Ax domain_axis(Builder *b, Kernel *k, Dim extent, AxisClass cls)
{
    return build_dim_is(b, extent, 1) ? ax_zero(b) : ax_axis(b, kernel_axis(k, extent, cls));
}

static void dot_maps(Gemm *gm, Ref r, const DotAxes *d, Map *ma, Map *mb)
{
    Builder *b = gm->b;
    const Type *ta = graph_type(b->g, graph_in(b->g, r, 0)), *tb = graph_type(b->g, graph_in(b->g, r, 1));
    ma->rank = ta->rank, mb->rank = tb->rank;
    gm->out = (Map){.rank = graph_type(b->g, r)->rank};
    int o = 0;
    for (int i = 0; i < d->nb; i++)
        ma->ax[d->ab[i]] = mb->ax[d->bb[i]] = gm->out.ax[o++] = domain_axis(b, gm->k, ta->dim[d->ab[i]], AX_BATCH);
    for (int i = 0; i < d->naf; i++)
        ma->ax[d->af[i]] = gm->out.ax[o++] = domain_axis(b, gm->k, ta->dim[d->af[i]], AX_M);
    for (int i = 0; i < d->nbf; i++)
        mb->ax[d->bf[i]] = gm->out.ax[o++] = domain_axis(b, gm->k, tb->dim[d->bf[i]], AX_N);
    for (int i = 0; i < d->nc; i++)
        ma->ax[d->ac[i]] = mb->ax[d->bc[i]] = domain_axis(b, gm->k, ta->dim[d->ac[i]], AX_K);
}

static void shape_dot(Gemm *gm, Ref r)
{
    Builder *b = gm->b;
    DotAxes d = dot_axes(b, r);
    Map ma = {0}, mb = {0};
    Ref va = graph_in(b->g, r, 0), vb = graph_in(b->g, r, 1);
    dot_maps(gm, r, &d, &ma, &mb);
    gm->a = operand(b, va, &ma);
    gm->bb = operand(b, vb, &mb);
    int last = -1; /* last N axis of the domain */
    for (int i = 0; i < gm->k->n_axes; i++)
        if (gm->k->cls[i] == AX_N) last = i;
    if (last >= 0 && !build_dim_is(b, gm->bb.stride[last], 1)) {
        int perm[MAX_RANK], n = 0;
        for (int i = 0; i < d.nb; i++)
            perm[n++] = d.bb[i];
        for (int i = 0; i < d.nc; i++)
            perm[n++] = d.bc[i];
        for (int i = 0; i < d.nbf; i++)
            perm[n++] = d.bf[i];
        Home home = packed(b, vb, perm);
        gm->bb = home_access(b, &home, &mb);
    }
}

/* No columns, or nothing to sum: products in a nest. */
void build_dot_as_nest(Builder *b, Ref r)
{
    Home to = home_of(b, r);
    Gemm gm = {.b = b, .k = kernel_new(b, K_NEST, "dot", r)};
    DotAxes d = dot_axes(b, r);
    Map ma = {0}, mb = {0};
    dot_maps(&gm, r, &d, &ma, &mb);
    for (int i = 0; i < gm.k->n_axes; i++) {
        gm.k->cls[i] = gm.k->cls[i] == AX_K ? AX_RED : AX_PAR;
        gm.k->n_red = (uint8_t)(gm.k->n_red + (gm.k->cls[i] == AX_RED));
    }
    XBuilder xb = {.b = b, .k = gm.k};
    uint8_t dtype = graph_type(b->g, r)->dtype;
    vec_add(b->arena, &gm.k->rd, operand(b, graph_in(b->g, r, 0), &ma));
    vec_add(b->arena, &gm.k->rd, operand(b, graph_in(b->g, r, 1), &mb));
    uint32_t x = expr_add(&xb, (XNode){.kind = X_ld, .dtype = dtype, .access = 0});
    uint32_t y = expr_add(&xb, (XNode){.kind = X_ld, .dtype = dtype, .access = 1});
    x = expr_add(&xb, (XNode){.kind = X_op, .op = OP_mul, .dtype = dtype, .in = {x, y}});
    if (gm.k->n_red) x = expr_add(&xb, (XNode){.kind = X_reduce, .op = OP_sum, .dtype = dtype, .fma = true, .in = {x}});
    expr_store(&xb, x, &to, &gm.out);
    kernel_add(b, gm.k);
    b->home[r] = to;
}

/* ---- convolution ----------------------------------------------------------------------------- */

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
    const Home *have = copied(b, v, key);
    if (have) return *have;
    Home own = home_seen(b, v), to = home_new(b, &wide, what);
    remember_copy(b, v, key, &to);
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
    Ax g = domain_axis(b, k, s.groups, AX_BATCH), n = domain_axis(b, k, s.n, AX_M);
    Ax oh = domain_axis(b, k, s.o[0], AX_M), ow = domain_axis(b, k, s.o[1], AX_M), o = domain_axis(b, k, s.og, AX_N);
    Ax kh = domain_axis(b, k, s.c.k[0], AX_K), kw = domain_axis(b, k, s.c.k[1], AX_K), c = domain_axis(b, k, s.cg, AX_K);
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
    gm->bb = operand(b, s.w, &mw);
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
    Home w = packed(b, s.w, perm);
    Ax g = domain_axis(b, k, s.groups, AX_BATCH), n = domain_axis(b, k, s.n, AX_M);
    Ax h = domain_axis(b, k, s.c.extent[0], AX_M), v = domain_axis(b, k, s.c.extent[1], AX_M), c = domain_axis(b, k, s.cg, AX_N);
    Ax kh = domain_axis(b, k, s.c.k[0], AX_K), kw = domain_axis(b, k, s.c.k[1], AX_K), o = domain_axis(b, k, s.og, AX_K);
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
    Ax g = domain_axis(b, k, s.groups, AX_BATCH);
    Ax kh = domain_axis(b, k, s.c.k[0], AX_M), kw = domain_axis(b, k, s.c.k[1], AX_M), c = domain_axis(b, k, s.cg, AX_M);
    Ax o = domain_axis(b, k, s.og, AX_N);
    Ax n = domain_axis(b, k, s.n, AX_K), oh = domain_axis(b, k, s.o[0], AX_K), ow = domain_axis(b, k, s.o[1], AX_K);
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
    gm->bb = operand(b, s.y, &my);
    gm->out = (Map){.rank = 4, .ax = {kh, kw, c, channel}};
}

void build_gemm(Builder *b, Ref r, Ref root)
{
    if (b->g->node.at[r].op == OP_dot) {
        finish(b, r, root, shape_dot);
        return;
    }
    switch (conv_get(b->g, r).mode) {
    case 0: finish(b, r, root, shape_conv_forward); break;
    case 1: finish(b, r, root, shape_conv_data); break;
    default: finish(b, r, root, shape_conv_weights);
    }
}
