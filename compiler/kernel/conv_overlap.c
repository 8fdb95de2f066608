/* SPDX-License-Identifier: MIT
 * conv_overlap.c: convolutions and data gradients to few channels.
 *
 * Where the result has 1 or 6 channels, most lanes of a vector of them are empty. Then the columns of the product are all
 * taps of a row, or of the window, for each pixel of the source; the result adds up those that meet it:
 *
 *   t[n, h, j, kw, c] = sum over kh, o of dy[n, h', j, o] w[kh, kw, c, o]        x[n, h, w, c] = sum over kw of t[n, h, w', kw, c]
 *
 * h' and w' as in conv.h; outside of the source a term is 0. The additions only load: nothing waits for a store. */
#include "kernel/conv.h"

#include <string.h>

typedef enum { PLAIN, COLUMNS, WINDOW } Way; /* taps that are added behind the product: none, those of a row, all */

/* What a way costs for a pixel of the source, in multiplications of vectors. The choice is the same on every machine, since
 * it decides the order of additions. */
enum { STORE_COST = 4, LOAD_COST = 2, MOST_TERMS = 25 };

/* merged: columns of the result that are columns of the plain product. */
static Way cheapest(const int64_t k[2], const int64_t stride[2], int64_t from, int64_t to, int64_t merged)
{
    int64_t row = k[1] * to, window = k[0] * row, terms = (k[0] + stride[0] - 1) / stride[0] * ((k[1] + stride[1] - 1) / stride[1]);
    int64_t plain = k[0] * (k[1] + merged - 1) / merged * from * conv_vectors(merged * to);
    int64_t columns = k[0] * from * conv_vectors(row) + stride[0] * (STORE_COST * conv_vectors(row) + LOAD_COST * k[1] * conv_vectors(to));
    int64_t whole = from * conv_vectors(window) + STORE_COST * conv_vectors(window) + LOAD_COST * k[0] * k[1] * conv_vectors(to);
    Way way = whole < columns && terms <= MOST_TERMS ? WINDOW : COLUMNS;
    bool gains = 4 * (way == WINDOW ? whole : columns) <= 3 * plain;
    return gains && k[1] <= MOST_TERMS ? way : PLAIN;
}

static Way choose_way(Builder *b, const ConvSizes *s)
{
    static const int64_t one[2] = {1, 1};
    int64_t k[2], from, to;
    if (!dtype_is_float(graph_type(b->g, conv_source(s))->dtype)) return PLAIN;
    for (int i = 0; i < 2; i++) {
        if (s->c.mode == 0 && s->c.stride[i] != 1) return PLAIN;
        if (!dim_is_const(b->dims, s->c.k[i], &k[i]) || !dim_is_const(b->dims, s->c.lo[i], NULL)) return PLAIN;
    }
    bool data = s->c.mode == 1;
    if (s->c.groups != 1 || !dim_is_const(b->dims, data ? s->og : s->cg, &from) || !dim_is_const(b->dims, data ? s->cg : s->og, &to))
        return PLAIN;
    int n;
    const Phase *columns = conv_phases(b, s, 1, &n);
    return n ? cheapest(k, data ? s->c.stride : one, from, to, columns[0].n) : PLAIN;
}

typedef struct Overlap {
    ConvSizes s;
    Way way;
    Dim source[2], from, to; /* rows and columns of the source; channels of the source and the result */
    Home products;           /* [n, h, column of the source, [kh,] kw, channel]; h: row of the result, with kh of the source */
    const Phase *phase[2];   /* of one kernel */
} Overlap;

static Home source_home(Builder *b, const Overlap *o, Dim *lo)
{
    Dim first[2] = {build_dim(b, 0), build_dim(b, 0)}, extent[2] = {o->source[0], o->source[1]};
    if (o->way == COLUMNS) conv_padding(b, &o->s, 0, &first[0], &extent[0]);
    *lo = first[0];
    return conv_padded(b, conv_source(&o->s), first, extent, "conv_rows_pad");
}

static void shape_product(Gemm *gm, Ref r)
{
    (void)r;
    Builder *b = gm->b;
    Kernel *k = gm->k;
    const Overlap *o = gm->part;
    const Phase *p = o->phase[0];
    bool data = o->s.c.mode == 1, window = o->way == WINDOW;
    const int f = data ? 3 : 2, rows_first[4] = {0, f, 1, 5 - f}, source_first[4] = {f, 0, 1, 5 - f};
    Dim lo;
    Home v = source_home(b, o, &lo), w = gemm_packed(b, o->s.w, window ? source_first : rows_first);
    Ax n = gemm_axis(b, k, o->s.n, AX_M), row = gemm_axis(b, k, window ? o->source[0] : p->rows, AX_M);
    Ax column = gemm_axis(b, k, o->source[1], AX_M);
    Ax residue = window ? ax_zero(b) : gemm_axis(b, k, build_dim(b, p->n), AX_N);
    Ax kh = window ? gemm_axis(b, k, o->s.c.k[0], AX_N) : ax_zero(b);
    Ax kw = gemm_axis(b, k, o->s.c.k[1], AX_N), to = gemm_axis(b, k, o->to, AX_N);
    Ax tap = window ? ax_zero(b) : gemm_axis(b, k, p->taps, AX_K), from = gemm_axis(b, k, o->from, AX_K), at = row;
    if (!window) {
        at = conv_phase_source(b, p, &row, &tap);
        at.off = conv_plus(b, at.off, lo);
        kh = conv_phase_tap(b, p, &tap, &residue);
        row = conv_phase_rows(b, p, &row, &residue);
    }
    gm->a = home_access(b, &v, &(Map){.rank = 4, .ax = {n, at, column, from}});
    gm->bb = home_access(b, &w, &(Map){.rank = 4, .ax = {kh, kw, data ? to : from, data ? from : to}});
    gm->out = (Map){.rank = 6, .ax = {n, row, column, window ? kh : ax_zero(b), kw, to}};
}

/* A product of the result's pixel, 0 where the source ends. */
static void add_term(Gemm *gm, const Overlap *o, const Ax *n, const Ax row[2], const Ax residue[2], const Ax tap[2], const Ax *to)
{
    Builder *b = gm->b;
    Map m = {.rank = 6, .ax = {[0] = *n, [3] = ax_zero(b), [5] = *to}};
    if (o->way == COLUMNS) m.ax[1] = conv_phase_rows(b, o->phase[0], &row[0], &residue[0]);
    for (int i = o->way == COLUMNS ? 1 : 0; i < 2; i++) {
        m.ax[1 + i] = conv_phase_source(b, o->phase[i], &row[i], &tap[i]);
        m.ax[3 + i] = conv_phase_tap(b, o->phase[i], &tap[i], &residue[i]);
        m.box[m.n_box++] = (Box){.at = m.ax[1 + i], .lo = build_dim(b, 0), .hi = o->source[i]};
    }
    vec_add(b->arena, &gm->term, home_access(b, &o->products, &m));
}

static void shape_sum(Gemm *gm, Ref r)
{
    (void)r;
    Builder *b = gm->b;
    const Overlap *o = gm->part;
    Ax row[2], residue[2], out[2], tap[2];
    int64_t taps[2];
    Ax n = gemm_axis(b, gm->k, o->s.n, AX_PAR);
    for (int i = 0; i < 2; i++) {
        row[i] = gemm_axis(b, gm->k, o->phase[i]->rows, AX_PAR);
        residue[i] = gemm_axis(b, gm->k, build_dim(b, o->phase[i]->n), AX_PAR);
        out[i] = conv_phase_rows(b, o->phase[i], &row[i], &residue[i]);
        if (!dim_is_const(b->dims, o->phase[i]->taps, &taps[i])) BUG("kernel: taps of a phase are not known");
        tap[i] = ax_zero(b);
    }
    Ax to = gemm_axis(b, gm->k, o->to, AX_PAR);
    gm->adds = true;
    gm->out = (Map){.rank = 4, .ax = {n, out[0], out[1], to}};
    if (o->way == COLUMNS && taps[0]) taps[0] = 1; /* they are in the products */
    for (int64_t h = 0; h < taps[0]; h++)
        for (int64_t w = 0; w < taps[1]; w++) {
            tap[0].off = build_dim(b, h), tap[1].off = build_dim(b, w);
            add_term(gm, o, &n, row, residue, tap, &to);
        }
}

bool conv_build_overlap(Builder *b, Ref conv, Ref root)
{
    Overlap o = {.s = conv_sizes(b, conv)};
    const ConvSizes *s = &o.s;
    bool data = s->c.mode == 1;
    o.way = choose_way(b, s);
    if (o.way == PLAIN) return false;
    for (int i = 0; i < 2; i++)
        o.source[i] = data ? s->o[i] : s->c.extent[i];
    o.from = data ? s->og : s->cg, o.to = data ? s->cg : s->og;
    Home to = home_of(b, root);
    Type type = {.dtype = graph_type(b->g, conv)->dtype, .rank = 6};
    Dim rows = o.way == WINDOW ? o.source[0] : data ? s->c.extent[0] : s->o[0], one = build_dim(b, 1);
    Dim dim[6] = {s->n, rows, o.source[1], o.way == WINDOW ? s->c.k[0] : one, s->c.k[1], o.to};
    memcpy(type.dim, dim, sizeof dim);
    o.products = home_new(b, &type, "products");
    int n[2];
    const Phase *phase[2] = {conv_phases(b, s, 0, &n[0]), conv_phases(b, s, 1, &n[1])};
    for (int h = 0; h < (o.way == WINDOW ? 1 : n[0]); h++) {
        o.phase[0] = &phase[0][h];
        if (o.way == WINDOW || !build_dim_is(b, phase[0][h].taps, 0)) gemm_product(b, conv, &o.products, shape_product, &o);
    }
    for (int h = 0; h < n[0]; h++)
        for (int w = 0; w < n[1]; w++) {
            o.phase[0] = &phase[0][h], o.phase[1] = &phase[1][w];
            gemm_kernel(b, conv, root, &to, shape_sum, &o);
        }
    b->home[root] = to;
    return true;
}
