/* SPDX-License-Identifier: MIT
 * gemm_inside.c: what an operand has zeros around for is not multiplied, and what lies outside of a kernel's band has no sums.
 *
 * A convolution reads a source with zeros around it. Where the row of the result is known, outside of the tile, so are the taps that meet
 * rows of the source: v = at + s j has to be in lo .. hi - 1, with j the index of a K axis. The others would add 0 to each sum. A long K
 * axis runs over what some row and column of the tile needs: in P V of causal attention up to the last row.
 *
 * The panels that rows of a tile have are those that meet the band (kernel/band.h); the others get the constants of the stores. */
#include "loop/gemm.h"

enum { SHORT_K = MAX_TAPS };

typedef struct Place { /* indices of the last M axis and of the vector axis, where they are known to lie in a range */
    Range rows, columns;
} Place;

static LV times(LB *b, LV x, LV y)
{
    return l_bin(b, L_imul, x, y);
}

/* Adds what an axis gives to the value of a box. */
static bool add_axis(Gemm *g, const struct AccessBox *x, int axis, const Place *p, Range *at)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    int64_t s;
    if (gen_const(e, x->stride[axis], &s) && s == 0) return true;
    if (g->paired && axis == g->m - 1) return false;
    Range r = {g->counter[axis], g->counter[axis]};
    if (!r.first && p && axis == g->m && g->joint == 1) r = p->rows;
    if (!r.first && p && axis == e->vec) r = p->columns;
    if (!r.first || (r.first != r.last && !gen_const(e, x->stride[axis], &s))) return false;
    LV by = gen_dim(e, x->stride[axis]), first = times(b, r.first, by), last = r.first == r.last ? first : times(b, r.last, by);
    bool same = r.first == r.last && at->first == at->last, falls = first != last && s < 0;
    at->first = l_bin(b, L_iadd, at->first, falls ? last : first);
    at->last = same ? at->first : l_bin(b, L_iadd, at->last, falls ? first : last);
    return true;
}

/* The values of the box at index 0 of an axis; false: not known. place: of a tile, NULL: of none. */
static bool values_at(Gemm *g, const struct AccessBox *x, int axis, const Place *place, Range *at)
{
    LV off = gen_dim(&g->e, x->off);
    *at = (Range){off, off};
    for (int a = 0; a < g->e.k->n_axes; a++)
        if (a != axis && !add_axis(g, x, a, place, at)) return false;
    return true;
}

void gemm_inside(Gemm *g, const Tile *t, int axis, LV *lo, LV *hi)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    int64_t extent, s;
    bool is_short = gen_const(e, e->k->axis[axis], &extent) && extent <= SHORT_K;
    for (int i = 0; i < 2; i++) {
        const Access *a = &e->k->rd.at[i];
        for (uint32_t j = 0; a->zeros && j < a->n_box; j++) {
            Range at;
            const Panel *p = t->panel;
            if (!gen_const(e, a->box[j].stride[axis], &s) || s == 0) continue;
            Place place = {{t->first, l_bin(b, L_iadd, t->first, l_i64(b, t->rows - 1))},
                           {p->start, l_bin(b, L_iadd, p->start, l_bin(b, L_isub, p->columns, l_i64(b, 1)))}};
            if (values_at(g, &a->box[j], axis, is_short || g->turn.on ? NULL : &place, &at)) gen_narrow(e, &a->box[j], axis, at, lo, hi);
        }
    }
}

/* ---- bands --------------------------------------------------------------------------------------- */

void gemm_all_panels(Gemm *g)
{
    g->p_lo = g->c_lo, g->p_hi = g->c_hi;
}

static bool has_band(const Gemm *g)
{
    return g->e.k->band && g->e.vec >= 0 && g->n_extent >= 0 && !g->plan.any_end && !g->turn.on && g->joint == 1;
}

static LV whole_panels(Gemm *g, LV columns)
{
    LV wide = l_i64(&g->e.b, (int64_t)g->plan.vectors * g->e.width);
    return times(&g->e.b, l_bin(&g->e.b, L_ifdiv, columns, wide), wide);
}

void gemm_begin_band(Gemm *g, LV first, LV last)
{
    LB *b = &g->e.b;
    Place place = {.rows = {first, last}};
    Range at;
    LV lo = g->c_lo, hi = g->c_hi;
    if (!has_band(g) || !values_at(g, g->e.k->band, g->e.vec, &place, &at)) return;
    gen_narrow(&g->e, g->e.k->band, g->e.vec, at, &lo, &hi);
    lo = gemm_smaller(b, lo, g->c_hi);
    g->p_lo = l_bin(b, L_iadd, g->c_lo, whole_panels(g, l_bin(b, L_isub, lo, g->c_lo)));
    g->p_hi = l_sel(b, l_cmp(b, LP_lt, hi, g->p_lo), g->p_lo, hi);
    g->banded = true;
}

void gemm_end_band(Gemm *g, LV first, LV last)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    if (!g->banded) return;
    LV done = g->is_last ? l_if(b, g->is_last) : 0;
    LV row = l_loop(b, first, l_bin(b, L_iadd, last, l_i64(b, 1)), l_i64(b, 1), NULL, 0);
    Point old = gen_save(e);
    if (g->m >= 0) gen_enter(e, g->m, row);
    gen_fill(e, g->store.at, g->store.n, g->c_lo, g->p_lo);
    gen_fill(e, g->store.at, g->store.n, g->p_hi, g->c_hi);
    gen_restore(e, old);
    l_yield(b, row, NULL, 0);
    if (done) l_end(b, done);
    g->banded = false;
    gemm_all_panels(g);
}
