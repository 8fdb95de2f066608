/* SPDX-License-Identifier: MIT
 * gemm_term.c: vectors of the operands of a tile, and what they add to a sum.
 *
 * Bytes come by fours, a word of A and a word for each column (Kernel.quads). Where the machine's instruction takes the bytes of A
 * without a sign and they have one, each is read as 128 more: sum (a + 128) b. So a tile has the sums of one row more, of a = 0, which
 * are subtracted in the end. The integers are exact. */
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

int gemm_sums(const Tile *t)
{
    return (t->rows + t->offset) * t->panel->n;
}

void gemm_zero_sums(Gemm *g, const Tile *t)
{
    LB *b = &g->e.b;
    for (int i = 0; i < gemm_sums(t); i++) {
        int lanes = t->panel->lanes[i % t->panel->n];
        t->acc[i] = l_is_float(g->type) ? l_float(b, g->type, lanes, 0) : l_int(b, g->type, lanes, 0);
    }
}

static bool is_signed(const Gemm *g)
{
    return g->e.p->buf.at[g->e.k->rd.at[0].buf].dtype == DT_i8;
}

bool gemm_by_words(const Gemm *g)
{
    return g->e.k->quads && g->e.width == 1 && !g->e.m->target.compact;
}

bool gemm_has_offset(const Gemm *g)
{
    return g->e.k->quads && is_signed(g) && g->e.m->target.bytes == BYTES_unsigned;
}

static void multiply_bytes(Gemm *g, const Tile *t, LV pa, const LV *col)
{
    LB *b = &g->e.b;
    LV offset = l_int(b, LT_i32, 1, (int32_t)0x80808080);
    for (int r = 0; r < t->rows + t->offset; r++) {
        LV at = r < t->rows && t->row_offset[r] ? l_ptradd(b, pa, t->row_offset[r], 0) : pa;
        LV x = r < t->rows ? l_load_word(b, at, t->row_imm[r]) : offset;
        if (t->offset && r < t->rows) x = l_bin(b, L_xor, x, offset);
        for (int v = 0; v < t->panel->n; v++) {
            LV *acc = &t->acc[r * t->panel->n + v];
            *acc = l_dot4(b, xnode_spread(&g->e, x, t->panel->lanes[v]), col[v], *acc, is_signed(g) && !t->offset);
        }
    }
}

void gemm_rank_one(Gemm *g, Tile *t, LV pa, LV pb)
{
    LB *b = &g->e.b;
    LV col[MAX_VECTORS], row[MAX_VECTORS];
    if (g->plan.ahead) gemm_foresee_terms(g, t, pa, pb);
    for (int v = 0; v < t->panel->n; v++)
        col[v] = gemm_load_b(g, t, v, pb);
    if (g->e.k->quads) {
        multiply_bytes(g, t, pa, col);
        return;
    }
    for (int r = 0; r < t->rows; r++) {
        LV at = t->row_offset[r] ? l_ptradd(b, pa, t->row_offset[r], 0) : pa;
        LV x = g->beside ? 0 : l_cvt(b, l_load(b, at, t->row_imm[r], t->a.mem, 1, 0), g->type);
        if (g->beside) gemm_load_a(g, t, at, t->row_imm[r], row);
        for (int v = 0; v < t->panel->n; v++) {
            LV *acc = &t->acc[r * t->panel->n + v];
            *acc = gemm_multiply_add(g, g->beside ? row[v] : xnode_spread(&g->e, x, t->panel->lanes[v]), col[v], *acc);
        }
    }
}

LV gemm_at_index(Gemm *g, LV p, LV i, LV step)
{
    return l_ptradd(&g->e.b, p, l_bin(&g->e.b, L_imul, i, step), 0);
}

void gemm_term(Gemm *g, Tile *t, LV i, LV pa, LV pb)
{
    int last = g->n_k - 1;
    LV a = gemm_at_index(g, pa, i, t->a.step[last]), b = gemm_at_index(g, pb, i, t->b.step[last]);
    gemm_rank_one(g, t, a, b);
}

void gemm_subtract_offset(Gemm *g, const Tile *t)
{
    int n = t->panel->n;
    for (int i = 0; t->offset && i < t->rows * n; i++)
        t->acc[i] = l_bin(&g->e.b, L_isub, t->acc[i], t->acc[t->rows * n + i % n]);
}
