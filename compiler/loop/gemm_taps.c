/* SPDX-License-Identifier: MIT
 * gemm_taps.c: tiles whose rows share elements of A, which varies along the vectors.
 *
 * Row r reads at iteration i of the last K axis the vector of A that row r - 1 reads at i + 1, if windows overlap: pixel r + i of a
 * convolution. Some iterations are done together, in the order of these places: each vector of A is loaded once, and multiplied for
 * all rows that want it. Terms of a row still come in the order of K. */
#include "loop/gemm.h"

typedef struct Term { /* of row `row` at iteration `tap` */
    int64_t place; /* of its element of A, in bytes */
    int row, tap;
} Term;

bool gemm_has_taps(const Gemm *g, const Tile *t)
{
    int64_t step;
    if (!g->beside || !g->plan.taps || !l_is_int(&g->e.b, t->a.step[g->n_k - 1], &step) || step == 0) return false;
    for (int r = 0; r < t->rows; r++)
        if (t->row_offset[r]) return false;
    return true;
}

/* In the direction in which K goes, so that the terms of a row stay in order. */
static int sort_terms(const Tile *t, int taps, int64_t step, Term *term)
{
    int n = 0;
    for (int i = 0; i < taps; i++)
        for (int r = 0; r < t->rows; r++) {
            int64_t place = t->row_imm[r] + i * step;
            int at = n++;
            for (; at > 0 && (step > 0 ? term[at - 1].place > place : term[at - 1].place < place); at--)
                term[at] = term[at - 1];
            term[at] = (Term){place, r, i};
        }
    return n;
}

void gemm_taps(Gemm *g, Tile *t, int taps, LV pa, LV pb)
{
    LB *b = &g->e.b;
    int64_t step = 0;
    int vectors = t->panel->n;
    Term *term = ARENA_ARRAY(g->e.arena, Term, (size_t)(taps * t->rows));
    LV column[MAX_TAPS][MAX_VECTORS] = {0}, x[MAX_VECTORS] = {0};
    l_is_int(b, t->a.step[g->n_k - 1], &step);
    int n = sort_terms(t, taps, step, term);
    for (int i = 0; i < n; i++) {
        if (i == 0 || term[i].place != term[i - 1].place) gemm_load_a(g, t, pa, term[i].place, x);
        for (int v = 0; v < vectors; v++) {
            LV *y = &column[term[i].tap][v], *acc = &t->acc[term[i].row * vectors + v];
            LV at = l_bin(b, L_imul, t->b.step[g->n_k - 1], l_i64(b, term[i].tap));
            if (!*y) *y = gemm_load_b(g, t, v, l_ptradd(b, pb, at, 0));
            *acc = gemm_multiply_add(g, x[v], *y, *acc);
        }
    }
}
