/* SPDX-License-Identifier: MIT
 * gemm_foresee.c: what tiles ask for some time before it is read, since the processor does not foresee it. */
#include "loop/gemm.h"

/* ---- operands ---- */

/* A line of A, and each vector of B, that tiles will read some iterations later. */
void gemm_foresee_terms(Gemm *g, const Tile *t, LV pa, LV pb)
{
    LB *b = &g->e.b;
    LV ahead = l_i64(b, g->plan.ahead);
    l_prefetch(b, l_ptradd(b, pa, l_bin(b, L_imul, t->a.step[g->n_k - 1], ahead), 0));
    LV at = l_ptradd(b, pb, l_bin(b, L_imul, t->b.step[g->n_k - 1], ahead), 0);
    for (int v = 0; v < t->panel->n; v++)
        l_prefetch(b, l_ptradd(b, at, 0, t->panel->off[v] * dtype_bytes(t->b.mem)));
}

/* An iteration of the one K axis asks for so much that all of them ask for everything: where A is copied for the rows behind those
 * that are copied now, else for the rows of the next tile, which lie one behind the other. */
static void foresee_rows(Gemm *g, Tile *t, LV first)
{
    LB *b = &g->e.b;
    LV row = gemm_stride(g, 0, g->m);
    if (g->first_line) {
        t->next = l_ptradd(b, g->e.at.val[0], l_bin(b, L_imul, l_bin(b, L_iadd, first, l_i64(b, LINE_ROWS)), row), 0);
        t->next_step = gemm_stride(g, 0, g->k[0]);
    } else {
        t->next = l_ptradd(b, t->a.start, l_bin(b, L_imul, row, l_i64(b, t->rows)), 0);
        t->next_step = l_i64(b, t->rows * dtype_bytes(t->a.mem));
    }
}

/* ---- what the epilogue reads ---- */

/* Does the epilogue read it by rows of the tile? */
static bool is_read_by_rows(const Gemm *g, const XNode *x)
{
    const Access *a = &g->e.k->rd.at[x->access];
    int64_t along, across;
    if (x->kind != X_ld || x->access < 2 || a->boxed || a->index) return false;
    return gen_const(&g->e, a->stride[g->e.vec], &along) && along == 1 && gen_const(&g->e, a->stride[g->m], &across) && across != 0;
}

static void foresee_epilogue(Gemm *g, const Tile *t, LV first)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    const Panel *p = t->panel;
    if (e->vec < 0 || g->m < 0 || g->row_pass || e->m->target.compact) return;
    for (uint32_t i = 0; i < e->k->x.n; i++) {
        const XNode *x = &e->k->x.at[i];
        if (!g->want[i] || !is_read_by_rows(g, x)) continue;
        for (int j = 0; j < t->rows * p->n; j++) {
            Point old = gen_save(e);
            int v = j % p->n;
            gen_enter_vector(e, e->vec, l_bin(b, L_iadd, p->start, l_i64(b, p->off[v])), p->lanes[v], p->mask[v]);
            gemm_enter_row(g, first, j / p->n);
            l_prefetch(b, e->at.val[x->access]);
            gen_restore(e, old);
        }
    }
}

void gemm_foresee(Gemm *g, Tile *t, LV first)
{
    if (g->plan.pack_a || g->plan.next_rows) foresee_rows(g, t, first);
    if (!g->turn.on && !g->k_lo && !g->beside) foresee_epilogue(g, t, first);
}
