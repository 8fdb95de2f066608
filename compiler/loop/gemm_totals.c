/* SPDX-License-Identifier: MIT
 * gemm_totals.c: where a contraction has the totals of sums that are cut into segments (segment.h).
 *
 * A tile that has its sums to the end has their totals on the stack. Where K goes in blocks outside of all tiles, sums wait
 * in the result and totals in a buffer of their own, with the same axes in the same order. */
#include "loop/gemm.h"

static int64_t element_bytes(const Gemm *g)
{
    return g->type == LT_f64 ? 8 : 4;
}

void gemm_open_totals(Gemm *g, uint32_t buf)
{
    Gen *e = &g->e;
    Access start = {.buf = buf};
    LV stride = l_i64(&e->b, 8);
    g->totals = gen_address(e, &start, 0);
    for (int a = e->k->n_axes - 1; a >= 0; a--) {
        if (e->k->cls[a] == AX_K) continue;
        g->row_of[a] = stride;
        stride = l_bin(&e->b, L_imul, stride, gen_dim(e, e->k->axis[a]));
    }
}

/* The total at row and column of what the loops outside are at. */
static LV buffer_place(Gemm *g, LV row, LV column)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    LV at = g->totals;
    for (int i = 0; i < g->n_outer; i++)
        at = l_ptradd(b, at, l_bin(b, L_imul, g->counter[g->outer[i]], g->row_of[g->outer[i]]), 0);
    for (int i = 0; i < g->n_rows; i++)
        at = l_ptradd(b, at, l_bin(b, L_imul, g->counter[g->rows[i]], g->row_of[g->rows[i]]), 0);
    if (g->m >= 0) at = l_ptradd(b, at, l_bin(b, L_imul, row, g->row_of[g->m]), 0);
    return e->vec < 0 ? at : l_ptradd(b, at, l_bin(b, L_imul, column, g->row_of[e->vec]), 0);
}

static LV buffer_row(Gemm *g)
{
    return g->m < 0 ? l_i64(&g->e.b, 0) : g->row_of[g->m];
}

void gemm_begin_totals(Gemm *g, Tile *t, LV first)
{
    LB *b = &g->e.b;
    const Panel *p = t->panel;
    if (!g->in_tiles) return;
    int length = (p->n - 1) * g->e.width + p->lanes[p->n - 1];
    for (int i = 0; i < t->rows * p->n; i++)
        t->place[i] = i / p->n * length + p->off[i % p->n];
    t->totals = (Totals){.type = g->type,
                         .chains = g->chains,
                         .totals = g->totals,
                         .chain_row = l_i64(b, element_bytes(g) * length),
                         .total_row = l_i64(b, 0),
                         .rows = l_i64(b, 1),
                         .columns = l_i64(b, t->rows * length),
                         .place = t->place};
    if (!g->block) { /* without gaps: one row */
        totals_clear(&g->e, g->segments.is_long, &t->totals, NULL, 0);
        return;
    }
    t->totals.totals = buffer_place(g, first, p->start);
    t->totals.total_row = buffer_row(g);
    t->totals.rows = l_i64(b, t->rows);
    t->totals.columns = p->columns;
}

void gemm_end_totals(Gemm *g, const Tile *t)
{
    if (g->in_tiles && !g->block) totals_take(&g->e, g->segments.is_long, &t->totals, t->acc, t->rows * t->panel->n);
}

/* Axis by axis. */
static void all_totals(Gemm *g, WithTotals *act, int depth)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    LV lo, hi, first, end;
    Point old = gen_save(e);
    if (depth < g->n_outer + g->n_rows) {
        int axis = depth < g->n_outer ? g->outer[depth] : g->rows[depth - g->n_outer];
        gen_bounds(e, axis, &lo, &hi);
        LV loop = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
        g->counter[axis] = loop;
        gen_enter(e, axis, loop);
        all_totals(g, act, depth + 1);
        l_yield(b, loop, NULL, 0);
        gen_restore(e, old);
        return;
    }
    gen_bounds(e, g->m, &lo, &hi);
    gen_bounds(e, e->vec, &first, &end);
    LV row = gen_dim(e, g->m < 0 ? 0 : e->k->wr.at[0].stride[g->m]);
    row = l_bin(b, L_imul, row, l_i64(b, element_bytes(g)));
    if (g->m >= 0) gen_enter(e, g->m, lo);
    if (e->vec >= 0) gen_enter_vector(e, e->vec, first, e->width, 0);
    Totals t = {.type = g->type,
                .chains = e->at.val[e->wr_at],
                .totals = buffer_place(g, lo, first),
                .chain_row = row,
                .total_row = buffer_row(g),
                .rows = l_bin(b, L_isub, hi, lo),
                .columns = l_bin(b, L_isub, end, first)};
    act(e, 0, &t, NULL, 0);
    gen_restore(e, old);
}

void gemm_all_totals(Gemm *g, WithTotals *act)
{
    all_totals(g, act, 0);
}
