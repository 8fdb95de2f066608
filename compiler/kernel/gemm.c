/* SPDX-License-Identifier: MIT
 * gemm.c: contractions over any number of batch, M, N and K axes: operands, epilogues, and dots.
 *
 * B has to be contiguous in the last N axis, or in the last K axis if the contraction can pack it; elsewhere a packed copy is made
 * first. */
#include "kernel/gemm.h"

#include <string.h>

/* Access to operand v through views; a value that cannot be read so gets a buffer of its own. */
static Access operand(Builder *b, Ref v, const Map *m)
{
    Home home = home_seen(b, v);
    return home_access(b, &home, m);
}

const Home *gemm_copied(const Builder *b, Ref r, const Dim *key)
{
    for (uint32_t i = 0; i < b->copied.n; i++)
        if (b->copied.at[i].r == r && memcmp(b->copied.at[i].key, key, sizeof b->copied.at[i].key) == 0) return &b->copied.at[i].home;
    return NULL;
}

void gemm_remember_copy(Builder *b, Ref r, const Dim *key, const Home *home)
{
    struct Copied c = {.r = r, .home = *home};
    memcpy(c.key, key, sizeof c.key);
    vec_add(b->arena, &b->copied, c);
}

Home gemm_packed(Builder *b, Ref v, const int *perm)
{
    const Type *type = graph_type(b->g, v);
    Dim key[10] = {1};
    for (int i = 0; i < type->rank; i++)
        key[1 + i] = 1 + (Dim)perm[i];
    b = build_outside(b, &v);
    const Home *have = gemm_copied(b, v, key);
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
    gemm_remember_copy(b, v, key, &by_axis);
    return by_axis;
}

static void move_axis(Dim *stride, int last)
{
    Dim first = stride[0];
    memmove(stride, stride + 1, sizeof *stride * (size_t)last);
    stride[last] = first;
}

/* The K axis before the last one, whose bytes are those behind of A, becomes one with it. */
static void join_last_axes(Gemm *gm)
{
    Builder *b = gm->b;
    int last = --gm->k->n_axes;
    gm->k->axis[last - 1] = dim_mul(b->dims, gm->k->axis[last - 1], gm->k->axis[last]);
    gm->a.stride[last - 1] = gm->a.stride[last];
    gm->a.stride[last] = gm->bb.stride[last] = gm->k->axis[last] = 0;
}

/* Integers: the last K axis, or the last two, along which A is contiguous and B a table of words, counts fours. */
static void count_quads(Gemm *gm)
{
    Builder *b = gm->b;
    const Buf *words = &b->p->buf.at[gm->bb.buf];
    if (gm->adds || b->p->buf.at[gm->a.buf].dtype == words->dtype) return;
    if (words->cls != BUF_CONST) BUG("%s: a product of bytes that are no table", gm->k->name);
    const Table *table = &b->p->module->table.at[words->index];
    int last = gm->k->n_axes - 1, along = table->quads ? table->quads - 1 : 0;
    if (table->joined && last > 0 && gm->k->cls[last - 1] == AX_K && !gm->bb.stride[last - 1] &&
        gm->a.stride[last - 1] == gm->k->axis[last]) {
        join_last_axes(gm);
        last--;
    }
    int64_t n = 0;
    if (!table->quads || gm->k->cls[last] != AX_K || !build_dim_is(b, gm->a.stride[last], 1) ||
        !dim_is_const(b->dims, gm->k->axis[last], &n) || (n + 3) / 4 != table_words(b->dims, table))
        BUG("%s: a product of bytes that do not lie in fours", gm->k->name);
    gm->k->quads = true;
    gm->k->axis[last] = build_dim(b, (n + 3) / 4);
    gm->a.stride[last] = build_dim(b, 4);
    gm->bb.stride[last] = words->stride[along];
}

/* Groups with one output each: their axis, the first, becomes the last one beside the rows. Gives its place. */
static int groups_behind_rows(Gemm *gm)
{
    Kernel *k = gm->k;
    int last = 0;
    while (last + 1 < k->n_axes && k->cls[last + 1] == AX_M)
        last++;
    move_axis(k->axis, last);
    move_axis(gm->a.stride, last);
    move_axis(gm->bb.stride, last);
    for (uint32_t i = 0; i < gm->a.n_box; i++)
        move_axis(gm->a.box[i].stride, last);
    for (int i = 0; i < gm->out.rank; i++)
        move_axis(gm->out.ax[i].stride, last);
    return last;
}

/* Where the groups lie side by side in both operands they are columns, along which A varies, too. The rows of a tile read one row of B,
 * so it must not vary along any of their axes, as along the phases of a gradient. */
static bool become_columns(Gemm *gm, int groups)
{
    Kernel *k = gm->k;
    if (groups == 0 || groups + 1 == k->n_axes) return false; /* no rows, or no sums */
    if (!build_dim_is(gm->b, gm->a.stride[groups], 1) || !build_dim_is(gm->b, gm->bb.stride[groups], 1)) return false;
    for (int i = 0; i < groups; i++)
        if (gm->bb.stride[i] && !build_dim_is(gm->b, gm->bb.stride[i], 0) && !build_dim_is(gm->b, k->axis[i], 1)) return false;
    for (int i = 0; i <= groups; i++)
        k->cls[i] = i < groups ? AX_M : AX_N;
    return true;
}

/* Else a nest with the groups as its last parallel axis, sums of products inside. */
static void become_nest(Gemm *gm, XBuilder *xb, uint8_t dtype, int groups)
{
    Kernel *k = gm->k;
    k->kind = K_NEST;
    for (uint32_t i = 0; i < 2; i++)
        k->rd.at[i].zeros = false, k->rd.at[i].n_box = 0;
    for (int i = 0; i < k->n_axes; i++) {
        k->cls[i] = i <= groups ? AX_PAR : AX_RED;
        k->n_red = (uint8_t)(k->n_red + (i > groups));
    }
    uint32_t x = expr_add(xb, (XNode){.kind = X_ld, .dtype = dtype, .access = 0});
    uint32_t y = expr_add(xb, (XNode){.kind = X_ld, .dtype = dtype, .access = 1});
    x = expr_add(xb, (XNode){.kind = X_op, .op = OP_mul, .dtype = dtype, .in = {x, y}});
    if (k->n_red) x = expr_add(xb, (XNode){.kind = X_reduce, .op = OP_sum, .dtype = dtype, .fma = 1, .in = {x}});
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

static void take_terms(Gemm *gm, XBuilder *xb, uint8_t dtype)
{
    gm->k->kind = K_NEST;
    for (uint32_t i = 0; i < gm->term.n; i++) {
        vec_add(gm->b->arena, &gm->k->rd, gm->term.at[i]);
        uint32_t x = expr_add(xb, (XNode){.kind = X_ld, .dtype = dtype, .access = i}), sum = xb->acc_node;
        xb->acc_node = i ? expr_add(xb, (XNode){.kind = X_op, .op = OP_add, .dtype = dtype, .in = {sum, x}}) : x;
    }
    if (!gm->term.n) xb->acc_node = expr_add(xb, (XNode){.kind = X_const, .dtype = dtype});
}

/* The operands, or what the accumulator is instead. */
static void take_operands(Gemm *gm, XBuilder *xb, uint8_t dtype)
{
    if (gm->adds) {
        take_terms(gm, xb, dtype);
        return;
    }
    if (dtype == DT_i32) count_quads(gm);
    bool bare = without_columns(gm->k);
    int groups = bare ? groups_behind_rows(gm) : 0;
    vec_add(gm->b->arena, &gm->k->rd, gm->a);
    vec_add(gm->b->arena, &gm->k->rd, gm->bb);
    if (bare && !become_columns(gm, groups)) become_nest(gm, xb, dtype, groups);
}

void gemm_kernel(Builder *b, Ref contraction, Ref root, const Home *to, Shape *shape, const void *part)
{
    const char *what = op_names[b->g->node.at[contraction].op];
    for (int tries = 0; tries < 100; tries++) {
        Gemm gm = {.b = b, .k = kernel_new(b, K_GEMM, what, contraction), .part = part};
        shape(&gm, contraction);
        XBuilder xb = {.b = b, .k = gm.k};
        take_operands(&gm, &xb, graph_type(b->g, contraction)->dtype);
        if (fill_epilogue(b, contraction, root, &xb, &gm.out, to)) {
            kernel_add(b, gm.k);
            return;
        }
        build_keep_now(b, xb.failed);
    }
    BUG("kernel: epilogue of a contraction");
}

void gemm_product(Builder *b, Ref contraction, const Home *to, Shape *shape, const void *part)
{
    uint8_t dtype = graph_type(b->g, contraction)->dtype;
    Gemm gm = {.b = b, .k = kernel_new(b, K_GEMM, op_names[b->g->node.at[contraction].op], contraction), .part = part};
    shape(&gm, contraction);
    XBuilder xb = {.b = b, .k = gm.k};
    take_operands(&gm, &xb, dtype);
    expr_store(&xb, expr_add(&xb, (XNode){.kind = X_acc, .dtype = dtype}), to, &gm.out);
    kernel_add(b, gm.k);
}

void gemm_only_kernel(Builder *b, Ref contraction, Ref root, Shape *shape)
{
    Home to = home_of(b, root);
    gemm_kernel(b, contraction, root, &to, shape, NULL);
    b->home[root] = to;
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

Ax gemm_axis(Builder *b, Kernel *k, Dim extent, AxisClass cls)
{
    return build_dim_is(b, extent, 1) ? ax_zero(b) : ax_axis(b, kernel_axis(k, extent, cls));
}

/* va, vb: the operands with these axes; the result's axes are those of the batch, of va, of vb. */
static void dot_maps(Gemm *gm, Ref va, Ref vb, const DotAxes *d, Map *ma, Map *mb)
{
    Builder *b = gm->b;
    const Type *ta = graph_type(b->g, va), *tb = graph_type(b->g, vb);
    ma->rank = ta->rank, mb->rank = tb->rank;
    gm->out = (Map){.rank = d->nb + d->naf + d->nbf};
    int o = 0;
    for (int i = 0; i < d->nb; i++)
        ma->ax[d->ab[i]] = mb->ax[d->bb[i]] = gm->out.ax[o++] = gemm_axis(b, gm->k, ta->dim[d->ab[i]], AX_BATCH);
    for (int i = 0; i < d->naf; i++)
        ma->ax[d->af[i]] = gm->out.ax[o++] = gemm_axis(b, gm->k, ta->dim[d->af[i]], AX_M);
    for (int i = 0; i < d->nbf; i++)
        mb->ax[d->bf[i]] = gm->out.ax[o++] = gemm_axis(b, gm->k, tb->dim[d->bf[i]], AX_N);
    for (int i = 0; i < d->nc; i++)
        ma->ax[d->ac[i]] = mb->ax[d->bc[i]] = gemm_axis(b, gm->k, ta->dim[d->ac[i]], AX_K);
}

/* Does the result lie in memory with the rows of a side by side, and a too? Then these are the columns, so that vectors of sums are
 * stored as they are: the products are the same. */
static bool lies_transposed(Builder *b, Ref va, const DotAxes *d, const Home *to)
{
    enum { LEAST_COLUMNS = 8 };
    int64_t columns = 0;
    if (!dtype_is_float(graph_type(b->g, va)->dtype)) return false; /* the table is the second one */
    int row = d->nb + d->naf - 1, column = row + d->nbf;
    if (!d->naf || !d->nbf || !dim_is_const(b->dims, graph_type(b->g, va)->dim[d->af[d->naf - 1]], &columns)) return false;
    if (columns < LEAST_COLUMNS || !build_dim_is(b, to->stride[row], 1) || build_dim_is(b, to->stride[column], 1)) return false;
    return build_dim_is(b, home_seen(b, va).stride[d->af[d->naf - 1]], 1);
}

static DotAxes exchanged(const DotAxes *d)
{
    DotAxes e = {.nb = d->nb, .nc = d->nc, .naf = d->nbf, .nbf = d->naf};
    memcpy(e.ab, d->bb, sizeof e.ab), memcpy(e.bb, d->ab, sizeof e.bb);
    memcpy(e.ac, d->bc, sizeof e.ac), memcpy(e.bc, d->ac, sizeof e.bc);
    memcpy(e.af, d->bf, sizeof e.af), memcpy(e.bf, d->af, sizeof e.bf);
    return e;
}

/* A contraction can transpose blocks of B on the way (loop/gemm_pack.c), if B is contiguous along K and K is known. A constant of a
 * scan is better copied once, outside. */
static bool packs_itself(const Gemm *gm, Ref vb)
{
    Builder *b = gm->b;
    Ref outside = vb;
    int last = -1;
    for (int i = 0; i < gm->k->n_axes; i++) {
        if (gm->k->cls[i] != AX_K) continue;
        if (!dim_is_const(b->dims, gm->k->axis[i], NULL)) return false;
        last = i;
    }
    uint8_t dtype = graph_type(b->g, vb)->dtype;
    if (last < 0 || !build_dim_is(b, gm->bb.stride[last], 1) || b->p->buf.at[gm->bb.buf].dtype != dtype) return false;
    return (dtype_memory(dtype) == DT_f32 || dtype == DT_f64) && build_outside(b, &outside) == b;
}

/* Bytes of the first operand are read by fours along the last axis of the sum. */
static void pack_bytes(Gemm *gm, Ref va, const DotAxes *d, const Map *ma)
{
    Builder *b = gm->b;
    int perm[MAX_RANK], n = 0;
    if (dtype_is_float(graph_type(b->g, va)->dtype) || build_dim_is(b, gm->a.stride[gm->k->n_axes - 1], 1)) return;
    for (int i = 0; i < d->nb; i++)
        perm[n++] = d->ab[i];
    for (int i = 0; i < d->naf; i++)
        perm[n++] = d->af[i];
    for (int i = 0; i < d->nc; i++)
        perm[n++] = d->ac[i];
    Home home = gemm_packed(b, va, perm);
    gm->a = home_access(b, &home, ma);
}

static void shape_dot(Gemm *gm, Ref r)
{
    Builder *b = gm->b;
    DotAxes d = dot_axes(b, r);
    Map ma = {0}, mb = {0};
    Ref va = graph_in(b->g, r, 0), vb = graph_in(b->g, r, 1);
    if (lies_transposed(b, va, &d, gm->part)) {
        Ref first = va;
        va = vb, vb = first;
        d = exchanged(&d);
        dot_maps(gm, va, vb, &d, &ma, &mb);
        Map out = gm->out; /* the axes of the second operand come first */
        memcpy(gm->out.ax + d.nb, out.ax + d.nb + d.naf, sizeof(Ax) * (size_t)d.nbf);
        memcpy(gm->out.ax + d.nb + d.nbf, out.ax + d.nb, sizeof(Ax) * (size_t)d.naf);
    } else {
        dot_maps(gm, va, vb, &d, &ma, &mb);
    }
    gm->a = operand(b, va, &ma);
    gm->bb = operand(b, vb, &mb);
    pack_bytes(gm, va, &d, &ma);
    int last = -1; /* last N axis of the domain */
    for (int i = 0; i < gm->k->n_axes; i++)
        if (gm->k->cls[i] == AX_N) last = i;
    if (last >= 0 && !build_dim_is(b, gm->bb.stride[last], 1) && !packs_itself(gm, vb)) {
        int perm[MAX_RANK], n = 0;
        for (int i = 0; i < d.nb; i++)
            perm[n++] = d.bb[i];
        for (int i = 0; i < d.nc; i++)
            perm[n++] = d.bc[i];
        for (int i = 0; i < d.nbf; i++)
            perm[n++] = d.bf[i];
        Home home = gemm_packed(b, vb, perm);
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
    dot_maps(&gm, graph_in(b->g, r, 0), graph_in(b->g, r, 1), &d, &ma, &mb);
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
    if (gm.k->n_red) x = expr_add(&xb, (XNode){.kind = X_reduce, .op = OP_sum, .dtype = dtype, .fma = 1, .in = {x}});
    expr_store(&xb, x, &to, &gm.out);
    kernel_add(b, gm.k);
    b->home[r] = to;
}

void build_gemm(Builder *b, Ref dot, Ref root)
{
    Home to = home_of(b, root);
    gemm_kernel(b, dot, root, &to, shape_dot, &to);
    b->home[root] = to;
}
