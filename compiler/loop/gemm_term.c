/* SPDX-License-Identifier: MIT
 * gemm_term.c: vectors of the operands of a tile, and what they add to a sum. */
#include "loop/gemm.h"

void gemm_load_a(Gemm *g, const Tile *t, LV pa, int64_t place, LV *x)
{
    LB *b = &g->e.b;
    const Panel *p = t->panel;
    for (int v = 0; v < p->n; v++)
        x[v] = l_cvt(b, l_load(b, pa, place + p->off[v] * dtype_bytes(t->a.mem), t->a.mem, p->lanes[v], p->mask[v]), g->type);
}

LV gemm_load_b(Gemm *g, const Tile *t, int v, LV pb)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    const Panel *p = t->panel;
    uint8_t mem = t->b.mem;
    int64_t s = 1, bytes = dtype_bytes(mem);
    bool packed = g->turn.on || (g->plan.pack_b && !g->packs); /* whole vectors */
    if (packed || e->vec < 0 || (gen_const(e, e->k->rd.at[1].stride[e->vec], &s) && s == 1)) {
        LV x = l_load(b, pb, p->off[v] * bytes, mem, p->lanes[v], packed ? 0 : p->mask[v]);
        return l_cvt(b, x, g->type);
    }
    LV stride = gemm_stride(g, 1, e->vec);
    LV at = l_ptradd(b, pb, l_bin(b, L_imul, stride, l_i64(b, p->off[v])), 0);
    LV x = p->lanes[v] == 1 ? l_load(b, at, 0, mem, 1, 0) : l_loadstride(b, at, stride, mem, p->lanes[v], p->mask[v]);
    return l_cvt(b, x, g->type);
}

LV gemm_multiply_add(Gemm *g, LV x, LV y, LV acc)
{
    LB *b = &g->e.b;
    if (l_is_float(g->type)) return l_fma(b, x, y, acc);
    return l_bin(b, L_iadd, l_bin(b, L_imul, x, y), acc);
}
