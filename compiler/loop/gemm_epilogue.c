/* SPDX-License-Identifier: MIT
 * gemm_epilogue.c: what a contraction makes of its sums.
 *
 * A cheap epilogue takes them from the registers of the tile. A costly one is a pass of its own over a few rows: their tiles leave the
 * sums in scratch memory, and when all columns of the block are there, the pass reads them from the first cache, row by row. Its code
 * is there once instead of in each tile, and what it reads and writes beside the sums goes along rows, which the cache foresees. */
#include "loop/gemm.h"

void gemm_store_values(Gemm *g, LV acc)
{
    Gen *e = &g->e;
    LV *value = ARENA_ARRAY(e->arena, LV, g->store.n);
    for (uint32_t i = g->acc - 1; i < e->k->x.n; i++)
        if (e->k->x.at[i].kind == X_acc) e->at.memo[i] = acc;
    for (uint32_t i = 0; i < g->store.n; i++)
        value[i] = xnode_store_value(e, g->store.at[i]);
    for (uint32_t i = 0; i < g->store.n; i++)
        xnode_store(e, g->store.at[i], value[i]);
}

/* ---- from the registers ---- */

static void epilogue(Gemm *g, const Tile *t, LV first)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    const Panel *p = t->panel;
    for (int v = 0; v < p->n; v++) {
        Point old = gen_save(e);
        if (e->vec >= 0) gen_enter_vector(e, e->vec, l_bin(b, L_iadd, p->start, l_i64(b, p->off[v])), p->lanes[v], p->mask[v]);
        xnode_hoist(e, g->want);
        for (int r = 0; r < t->rows; r++) {
            Point column = gen_save(e);
            gemm_enter_row(g, first, r);
            gemm_store_values(g, t->acc[r * p->n + v]);
            gen_restore(e, column);
        }
        gen_restore(e, old);
    }
}

static void suspect(Gemm *g, LV bad)
{
    LB *b = &g->e.b;
    LV if_ = l_if(b, bad);
    l_store(b, g->e.ctx, CTX_SUSPECT, DT_i32, l_int(b, LT_i32, 1, g->e.k->in_place ? SUSPECT_SURELY : 1), 0);
    l_end(b, if_);
}

/* Infinities and NaN give NaN times 0, which stays in the sum. */
static void look(Gemm *g, const Tile *t)
{
    LB *b = &g->e.b;
    const Panel *p = t->panel;
    bool small = g->e.m->target.compact; /* all are single numbers: one sum */
    LV bad = 0, sum = 0;
    for (int v = 0; v < p->n; v++) {
        LV zero = l_float(b, g->type, p->lanes[v], 0);
        if (!small || !sum) sum = zero;
        for (int r = 0; r < t->rows; r++)
            sum = l_fma(b, t->acc[r * p->n + v], zero, sum);
        if (small && v + 1 < p->n) continue;
        LV here = l_any(b, l_cmp(b, LP_ne, sum, zero));
        bad = bad ? l_bin(b, L_or, bad, here) : here;
    }
    suspect(g, bad);
}

/* The first parameter says which of both (driver.c). */
static void look_or_change(Gemm *g, const Tile *t, LV first)
{
    LB *b = &g->e.b;
    LV only_look = l_if(b, l_cmp(b, LP_eq, g->e.lo, l_i64(b, 0)));
    Point old = gen_save(&g->e);
    look(g, t);
    l_else(b, only_look);
    gen_restore(&g->e, old);
    epilogue(g, t, first);
    l_end(b, only_look);
    gen_restore(&g->e, old);
}

/* ---- by rows ---- */

static int64_t element_bytes(const Gemm *g)
{
    return dtype_bytes(gemm_memory(g));
}

/* Elements of a row of the sums that are kept. */
static int64_t row_length(const Gemm *g)
{
    int64_t w = g->amx.on && g->n_extent > AMX_SIDE ? 2 * AMX_SIDE : g->e.width;
    if (g->e.vec < 0) return 1;
    return g->plan.columns ? g->plan.columns : g->n_extent < w ? w : (g->n_extent + w - 1) / w * w;
}

int64_t gemm_kept_bytes(const Gemm *g)
{
    if (g->turn.on) return (int64_t)g->plan.vectors * g->e.width * g->e.width * element_bytes(g);
    return g->row_pass ? g->plan.rows * row_length(g) * element_bytes(g) : 0;
}

int64_t gemm_kept_row_bytes(const Gemm *g)
{
    return row_length(g) * element_bytes(g);
}

LV gemm_kept_place(Gemm *g, LV row, LV column)
{
    LB *b = &g->e.b;
    LV from = l_ptradd(b, g->kept, l_bin(b, L_imul, row, l_i64(b, gemm_kept_row_bytes(g))), 0);
    return l_ptradd(b, from, l_bin(b, L_imul, column, l_i64(b, element_bytes(g))), 0);
}

static void keep(Gemm *g, const Tile *t, LV first)
{
    LB *b = &g->e.b;
    const Panel *p = t->panel;
    LV row = l_bin(b, L_isub, first, g->first_kept), column = l_bin(b, L_isub, p->start, g->c_lo);
    LV at = gemm_kept_place(g, row, column);
    for (int r = 0; r < t->rows; r++)
        for (int v = 0; v < p->n; v++)
            l_store(b, at, (r * row_length(g) + p->off[v]) * element_bytes(g), gemm_memory(g), t->acc[r * p->n + v], 0);
}

static void pass_vector(Gemm *g, LV row, LV column, int lanes, LV mask)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    Point old = gen_save(e);
    LV from = gemm_kept_place(g, l_bin(b, L_isub, row, g->first_kept), l_bin(b, L_isub, column, g->c_lo));
    LV acc = l_load(b, from, 0, gemm_memory(g), lanes, mask);
    if (e->vec >= 0) gen_enter_vector(e, e->vec, column, lanes, mask);
    gemm_store_values(g, acc);
    gen_restore(e, old);
}

/* Several vectors together, then one by one under masks. */
static void pass_row(Gemm *g, LV row)
{
    LB *b = &g->e.b;
    int lanes = g->e.width * gen_vectors_together(&g->e);
    if (g->e.vec < 0) {
        pass_vector(g, row, l_i64(b, 0), 1, 0);
        return;
    }
    LV count = l_bin(b, L_isub, g->p_hi, g->p_lo), end = l_bin(b, L_iadd, g->p_lo, l_bin(b, L_and, count, l_i64(b, -lanes)));
    LV column = l_loop(b, g->p_lo, end, l_i64(b, lanes), NULL, 0);
    pass_vector(g, row, column, lanes, 0);
    l_yield(b, column, NULL, 0);
    bool divided = g->e.k->part == g->e.vec; /* a thread has whole panels, of any number of vectors */
    if (!divided && !g->banded && g->n_extent >= 0 && g->n_extent % lanes == 0 && g->plan.columns % lanes == 0) return;
    column = l_loop(b, end, g->p_hi, l_i64(b, g->e.width), NULL, 0);
    pass_vector(g, row, column, g->e.width, l_maskn(b, l_bin(b, L_isub, g->p_hi, column), g->e.width));
    l_yield(b, column, NULL, 0);
}

/* Tiles of AMX are not in registers that could be looked at. */
static void look_at_row(Gemm *g, LV row)
{
    LB *b = &g->e.b;
    LV zero = l_float(b, g->type, g->e.width, 0), column = l_loop(b, g->p_lo, g->p_hi, l_i64(b, g->e.width), &zero, 1);
    LV from = gemm_kept_place(g, l_bin(b, L_isub, row, g->first_kept), l_bin(b, L_isub, column, g->c_lo));
    LV sums = l_load(b, from, 0, gemm_memory(g), g->e.width, l_maskn(b, l_bin(b, L_isub, g->p_hi, column), g->e.width));
    LV sum = l_fma(b, sums, zero, l_carried(b, column, 0));
    l_yield(b, column, &sum, 1);
    suspect(g, l_any(b, l_cmp(b, LP_ne, l_result(b, column, 0), zero)));
}

void gemm_finish_rows(Gemm *g, LV lo, LV hi)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    LV done = g->is_last ? l_if(b, g->is_last) : 0;
    LV row = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
    Point old = gen_save(e);
    if (g->m >= 0) gen_enter(e, g->m, row);
    if (g->amx.on && e->k->looks) look_at_row(g, row);
    xnode_hoist(e, g->want);
    pass_row(g, row);
    l_yield(b, row, NULL, 0);
    gen_restore(e, old);
    if (done) l_end(b, done);
}

void gemm_finish_tile(Gemm *g, const Tile *t, LV first)
{
    if (g->e.k->in_place)
        look_or_change(g, t, first);
    else if (g->row_pass)
        keep(g, t, first);
    else
        epilogue(g, t, first);
    if (g->e.k->looks) look(g, t);
}
