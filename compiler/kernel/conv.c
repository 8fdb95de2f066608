/* SPDX-License-Identifier: MIT
 * conv.c: convolutions and their gradients as contractions.
 *
 * They read a zero-padded copy of their input (none if there is no padding); the data gradient reads a padded copy of
 * the cotangent, and transposed weights. */
#include "kernel/conv.h"

/* Where v lies with its channels, the last axis, side by side: a copy unless they do. */
static Home by_channels(Builder *b, Ref v)
{
    static const int order[4] = {0, 1, 2, 3};
    Home seen = home_seen(b, v);
    return !seen.stride[3] || build_dim_is(b, seen.stride[3], 1) ? seen : gemm_packed(b, v, order);
}

/* Are bytes multiplied by fours that go on from one tap of a row to the next? */
static bool goes_on(const Builder *b, Ref weights)
{
    return b->g->node.at[weights].op == OP_data && b->g->module->table.at[graph_attr(b->g, weights, 0)].joined;
}

/* The source with its padding; bytes lie side by side in it. */
static Home source_home(Builder *b, const ConvSizes *s, Ref v, Dim *lo, const char *what)
{
    static const int order[4] = {0, 1, 2, 3};
    Dim extent[2];
    for (int i = 0; i < 2; i++)
        conv_padding(b, s, i, &lo[i], &extent[i]);
    Home home = conv_padded(b, v, lo, extent, what);
    if (dtype_is_float(graph_type(b->g, v)->dtype)) return home;
    Dim beside = home.stride[build_dim_is(b, s->cg, 1) ? 2 : 3];
    bool follows = !goes_on(b, s->w) || home.stride[2] == s->cg;
    return build_dim_is(b, beside, 1) && follows ? home : gemm_packed(b, v, order);
}

/* The source read at `at`. Where it has zeros around its rows, taps that meet them need not be multiplied. */
static Access source_access(Builder *b, const ConvSizes *s, const Home *v, const Ax at[4])
{
    Map m = {.rank = 4, .ax = {at[0], at[1], at[2], at[3]}};
    Dim lo, extent, rows = graph_type(b->g, s->c.mode == 1 ? s->y : s->x)->dim[1];
    conv_padding(b, s, 0, &lo, &extent);
    if (!build_dim_is(b, lo, 0) || extent != rows) m.box[m.n_box++] = (Box){.at = at[1], .lo = lo, .hi = conv_plus(b, lo, rows)};
    Access a = home_access(b, v, &m);
    a.zeros = a.boxed;
    a.boxed = false;
    return a;
}

/* ---- convolutions and data gradients: a kernel for every pair of phases ---- */

typedef struct Pair {
    const Phase *phase[2]; /* columns NULL: all of them; there are no taps */
} Pair;

/* Nothing is summed: zeros. */
static void shape_no_taps(Gemm *gm, const ConvSizes *s, const Pair *pair)
{
    Builder *b = gm->b;
    gm->adds = true;
    gm->out = (Map){.rank = 4};
    gm->out.ax[0] = gemm_axis(b, gm->k, s->n, AX_PAR);
    for (int i = 0; i < 2; i++) {
        const Phase *p = pair->phase[i];
        Ax j = gemm_axis(b, gm->k, p ? p->rows : s->c.extent[i], AX_PAR);
        Ax residue = gemm_axis(b, gm->k, build_dim(b, p ? p->n : 1), AX_PAR);
        gm->out.ax[1 + i] = p ? conv_phase_rows(b, p, &j, &residue) : j;
    }
    gm->out.ax[3] = gemm_axis(b, gm->k, s->channels, AX_PAR);
}

/* The weights with the axis of the result's channels side by side; that of the columns beside it, where columns of the
 * result are channels of the product. */
static Home weights_home(Builder *b, const ConvSizes *s, bool columns)
{
    static const int data[2][4] = {{0, 1, 3, 2}, {0, 3, 1, 2}};
    return s->c.mode == 0 ? by_channels(b, s->w) : gemm_packed(b, s->w, data[columns]);
}

static void shape_taps(Gemm *gm, Ref r)
{
    Builder *b = gm->b;
    ConvSizes s = conv_sizes(b, r);
    const Pair *pair = gm->part;
    const Phase *const *phase = pair->phase;
    Kernel *k = gm->k;
    if (!phase[1] || build_dim_is(b, phase[0]->taps, 0) || build_dim_is(b, phase[1]->taps, 0)) {
        shape_no_taps(gm, &s, pair);
        return;
    }
    bool data = s.c.mode == 1;
    Dim from = data ? s.og : s.cg, to = data ? s.cg : s.og, lo[2];
    Home v = source_home(b, &s, conv_source(&s), lo, data ? "conv_grad_pad" : "conv_pad");
    Home w = weights_home(b, &s, phase[1]->n > 1);
    bool columns = !build_dim_is(b, to, 1) || build_dim_is(b, s.groups, 1); /* else there are none: parallel axes of a nest */
    Ax row[2], residue[2], tap[2], kernel[2], out[2], at[2];
    Ax g = gemm_axis(b, k, s.groups, AX_BATCH), n = gemm_axis(b, k, s.n, AX_M);
    for (int i = 0; i < 2; i++)
        row[i] = gemm_axis(b, k, phase[i]->rows, AX_M);
    for (int i = 0; i < 2; i++)
        residue[i] = gemm_axis(b, k, build_dim(b, phase[i]->n), columns ? AX_N : AX_M);
    Ax result = gemm_axis(b, k, to, AX_N);
    for (int i = 0; i < 2; i++)
        tap[i] = gemm_axis(b, k, phase[i]->taps, AX_K);
    Ax source = gemm_axis(b, k, from, AX_K);
    for (int i = 0; i < 2; i++) {
        at[i] = conv_phase_source(b, phase[i], &row[i], &tap[i]);
        at[i].off = conv_plus(b, at[i].off, lo[i]);
        kernel[i] = conv_phase_tap(b, phase[i], &tap[i], &residue[i]);
        out[i] = conv_phase_rows(b, phase[i], &row[i], &residue[i]);
    }
    Ax first = ax_scaled(b, &g, from), channel = ax_sum(b, &first, &source);
    first = ax_scaled(b, &g, to);
    Ax made = ax_sum(b, &first, &result);
    gm->a = source_access(b, &s, &v, (Ax[]){n, at[0], at[1], channel});
    gm->bb = home_access(b, &w, &(Map){.rank = 4, .ax = {kernel[0], kernel[1], data ? result : source, data ? channel : made}});
    gm->out = (Map){.rank = 4, .ax = {n, out[0], out[1], made}};
}

static void build_pairs(Builder *b, Ref conv, Ref root)
{
    ConvSizes s = conv_sizes(b, conv);
    Home to = home_of(b, root);
    int n[2];
    const Phase *phase[2];
    for (int i = 0; i < 2; i++)
        phase[i] = conv_phases(b, &s, i, &n[i]);
    for (int h = 0; h < n[0]; h++) {
        bool empty = build_dim_is(b, phase[0][h].taps, 0);
        for (int w = 0; w < (empty ? 1 : n[1]); w++) {
            Pair pair = {{&phase[0][h], empty ? NULL : &phase[1][w]}};
            gemm_kernel(b, conv, root, &to, shape_taps, &pair);
        }
    }
    b->home[root] = to;
}

/* ---- gradients of weights ---- */

/* Are the channels of y rows, and the taps of a row with the channels of x columns? They are where the channels of y leave vectors
 * empty, or make one vector only, whose multiplications wait for loads. The order of the sums is the same. */
static bool taps_as_columns(Builder *b, const ConvSizes *s)
{
    int64_t k, from, to;
    if (s->c.groups != 1 || s->c.dil[1] != 1) return false;
    if (!dim_is_const(b->dims, s->c.k[1], &k) || !dim_is_const(b->dims, s->cg, &from) || !dim_is_const(b->dims, s->og, &to)) return false;
    int64_t plain = conv_vectors(to), swapped = conv_vectors(k * from);
    int64_t plain_cost = k * from * plain * (plain == 1 ? 5 : 4), swapped_cost = to * swapped * (swapped == 1 ? 5 : 4);
    return 6 * swapped_cost < 5 * plain_cost;
}

/* i * a + j * c */
static Ax plane(Builder *b, const Ax *i, int64_t a, const Ax *j, int64_t c)
{
    Ax x = ax_scaled(b, i, build_dim(b, a)), y = ax_scaled(b, j, build_dim(b, c));
    return ax_sum(b, &x, &y);
}

/* The data gradient with the same cotangent; 0: there is none. */
static Ref data_gradient(const Builder *b, Ref y)
{
    for (uint32_t i = b->uses.off[y]; i < b->uses.off[y + 1]; i++) {
        Ref u = b->uses.use[i];
        if (b->needed[u] && b->g->node.at[u].op == OP_conv && conv_get(b->g, u).mode == 1 && graph_in(b->g, u, 0) == y) return u;
    }
    return 0;
}

/* The cotangent, from -lo on. A part of much wider rows is read from the padded copy that the data gradient needs. */
static Home cotangent_home(Builder *b, const ConvSizes *s, Dim *lo)
{
    Home seen = home_seen(b, s->y);
    Dim extent[2];
    int64_t row, channels, before, behind;
    Ref data = data_gradient(b, s->y);
    lo[0] = lo[1] = build_dim(b, 0);
    if (!data || !seen.stride[2] || !dim_is_const(b->dims, seen.stride[2], &row) || !dim_is_const(b->dims, s->outputs, &channels))
        return seen;
    if (row < 2 * channels) return seen;
    ConvSizes of = conv_sizes(b, data);
    for (int i = 0; i < 2; i++) {
        Dim first;
        conv_padding(b, &of, i, &first, &extent[i]);
        Dim rest = dim_sub(b->dims, dim_sub(b->dims, extent[i], first), s->o[i]);
        if (!dim_is_const(b->dims, first, &before) || !dim_is_const(b->dims, rest, &behind) || before < 0 || behind < 0) return seen;
    }
    for (int i = 0; i < 2; i++)
        conv_padding(b, &of, i, &lo[i], &extent[i]);
    return conv_padded(b, s->y, lo, extent, "conv_grad_pad");
}

static void shape_conv_weights(Gemm *gm, Ref r)
{
    Builder *b = gm->b;
    ConvSizes s = conv_sizes(b, r);
    Dim lo[2], before[2] = {build_dim(b, 0), build_dim(b, 0)};
    Home x = source_home(b, &s, s.x, lo, "conv_pad");
    Kernel *k = gm->k;
    bool swapped = taps_as_columns(b, &s);
    AxisClass taps = swapped ? AX_N : AX_M;
    Ax g = gemm_axis(b, k, s.groups, AX_BATCH), o = swapped ? gemm_axis(b, k, s.og, AX_M) : g;
    Ax kh = gemm_axis(b, k, s.c.k[0], taps), kw = gemm_axis(b, k, s.c.k[1], taps), c = gemm_axis(b, k, s.cg, taps);
    if (!swapped) o = gemm_axis(b, k, s.og, AX_N);
    Ax n = gemm_axis(b, k, s.n, AX_K), oh = gemm_axis(b, k, s.o[0], AX_K), ow = gemm_axis(b, k, s.o[1], AX_K);
    Ax row = plane(b, &oh, s.c.stride[0], &kh, s.c.dil[0]), column = plane(b, &ow, s.c.stride[1], &kw, s.c.dil[1]);
    Ax first = ax_scaled(b, &g, s.cg), source = ax_sum(b, &first, &c);
    first = ax_scaled(b, &g, s.og);
    Ax channel = ax_sum(b, &first, &o);
    Home y = swapped ? cotangent_home(b, &s, before) : by_channels(b, s.y);
    oh.off = conv_plus(b, oh.off, before[0]), ow.off = conv_plus(b, ow.off, before[1]);
    gm->a = source_access(b, &s, &x, (Ax[]){n, row, column, source});
    gm->bb = home_access(b, &y, &(Map){.rank = 4, .ax = {n, oh, ow, channel}});
    if (swapped) {
        Access of_x = gm->a;
        gm->a = gm->bb, gm->bb = of_x;
    }
    gm->out = (Map){.rank = 4, .ax = {kh, kw, c, channel}};
}

/* Sums whose columns are taps lie as [kh][o][kw][c] first. */
static void build_weights(Builder *b, Ref conv, Ref root)
{
    ConvSizes s = conv_sizes(b, conv);
    if (!taps_as_columns(b, &s)) {
        gemm_only_kernel(b, conv, root, shape_conv_weights);
        return;
    }
    const Type *type = graph_type(b->g, conv);
    Type order = {.dtype = type->dtype, .rank = 4, .dim = {type->dim[0], type->dim[3], type->dim[1], type->dim[2]}};
    Home sums = home_new(b, &order, "sums"), by_axis = sums;
    by_axis.stride[1] = sums.stride[2], by_axis.stride[2] = sums.stride[3], by_axis.stride[3] = sums.stride[1];
    gemm_product(b, conv, &by_axis, shape_conv_weights, NULL);
    b->home[conv] = by_axis;
    if (root != conv) {
        b->acc[root] = 0; /* a map of them */
        b->value(b, root);
    } else if (b->dest[conv].buf) {
        build_copy_home(b, type, type->dtype, &by_axis, &b->dest[conv], "conv_grad_copy");
        b->home[conv] = b->dest[conv];
    }
}

void build_convolution(Builder *b, Ref conv, Ref root)
{
    if (conv_get(b->g, conv).mode == 2)
        build_weights(b, conv, root);
    else if (!conv_build_overlap(b, conv, root))
        build_pairs(b, conv, root);
}
