/* SPDX-License-Identifier: MIT
 * gemm_totals.c: where a contraction has the totals of sums that are cut into segments (segment.h).
 *
 * A tile that has its sums to the end has their totals on the stack. Where K goes in blocks outside of all tiles, a block ends
 * where a segment does, and the totals wait in a buffer of their own, with the axes of the result in the same order. */
#include "loop/gemm.h"

static int64_t element_bytes(const Gemm *g)
{
    return g->type == LT_f64 ? 8 : 4;
}

void gemm_open_totals(Gemm *g)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    int64_t bytes = MOST_TILE * e->width * element_bytes(g);
    if (!g->segments.some || (g->amx.on && !g->plan.k_block)) return;
    g->chains = l_alloca(b, bytes);
    if (!g->plan.k_block) {
        g->totals = l_alloca(b, 2 * bytes);
        return;
    }
    Access start = {.buf = segments_buffer(e->p, e->k)};
    LV stride = l_i64(b, 8);
    g->totals = gen_address(e, &start, 0);
    for (int a = e->k->n_axes - 1; a >= 0; a--) {
        if (e->k->cls[a] == AX_K) continue;
        g->row_of[a] = stride;
        LV extent = gen_dim(e, e->k->axis[a]);
        stride = l_bin(b, L_imul, stride, extent);
    }
}

LV gemm_totals_place(Gemm *g, LV row, LV column)
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

static LV either(Gemm *g, LV when, LV and)
{
    return !when || !and ? (when ? when : and) : l_bin(&g->e.b, L_and, when, and);
}

void gemm_begin_totals(Gemm *g, Tile *t, LV first)
{
    LB *b = &g->e.b;
    const Panel *p = t->panel;
    if (!g->segments.some) return;
    int length = (p->n - 1) * g->e.width + p->lanes[p->n - 1];
    for (int i = 0; i < t->rows * p->n; i++)
        t->place[i] = i / p->n * length + p->off[i % p->n];
    t->totals = (Totals){.type = g->type, .chains = g->chains, .totals = g->totals, .place = t->place};
    t->totals.chain_row = l_i64(b, element_bytes(g) * length);
    if (!g->plan.k_block) { /* without gaps: one row */
        t->totals.total_row = l_i64(b, 0);
        t->totals.rows = l_i64(b, 1);
        t->totals.columns = l_i64(b, t->rows * length);
    } else {
        t->totals.totals = gemm_totals_place(g, first, p->start);
        t->totals.total_row = g->m < 0 ? l_i64(b, 0) : g->row_of[g->m];
        t->totals.rows = l_i64(b, t->rows);
        t->totals.columns = p->columns;
    }
    totals_clear(&g->e, either(g, g->segments.is_long, g->is_first), &t->totals, NULL, 0);
}

void gemm_end_totals(Gemm *g, const Tile *t)
{
    if (g->segments.some) totals_take(&g->e, g->segments.is_long, &t->totals, t->acc, t->rows * t->panel->n);
}
