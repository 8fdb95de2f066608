/* SPDX-License-Identifier: MIT
 * gemm_inside.c: what an operand has zeros around for is not multiplied.
 *
 * A convolution reads a source with zeros around it. Where the row of the result is known, outside of the tile, so are the taps that meet
 * rows of the source: v = at + s j has to be in lo .. hi - 1, with j the index of a K axis. The others would add 0 to each sum. */
#include "loop/gemm.h"

/* The value of the box at index 0 of a K axis; 0: not known outside of tiles. */
static LV start_of(Gemm *g, const struct AccessBox *x, int axis)
{
    Gen *e = &g->e;
    LV at = gen_dim(e, x->off);
    for (int a = 0; a < e->k->n_axes; a++) {
        int64_t s;
        if (a == axis || (gen_const(e, x->stride[a], &s) && s == 0)) continue;
        if (!g->counter[a]) return 0;
        at = l_bin(&e->b, L_iadd, at, l_bin(&e->b, L_imul, g->counter[a], gen_dim(e, x->stride[a])));
    }
    return at;
}

/* The least j with at + s j >= bound, for s > 0. */
static LV first_from(LB *b, LV bound, LV at, int64_t s)
{
    LV way = l_bin(b, L_iadd, l_bin(b, L_isub, bound, at), l_i64(b, s - 1));
    return l_bin(b, L_ifdiv, way, l_i64(b, s));
}

static void narrow(Gemm *g, const struct AccessBox *x, int axis, LV *lo, LV *hi)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    int64_t s;
    if (!gen_const(e, x->stride[axis], &s) || s == 0) return;
    LV at = start_of(g, x, axis), from = gen_dim(e, x->lo), to = gen_dim(e, x->hi);
    if (!at) return;
    if (s < 0) { /* -at + |s| j is in 1 - to .. -from */
        LV one = l_i64(b, 1), least = l_bin(b, L_isub, one, to);
        to = l_bin(b, L_isub, one, from);
        from = least;
        at = l_bin(b, L_isub, l_i64(b, 0), at);
        s = -s;
    }
    LV first = first_from(b, from, at, s), end = first_from(b, to, at, s);
    *lo = l_sel(b, l_cmp(b, LP_gt, first, *lo), first, *lo);
    *hi = gemm_smaller(b, end, *hi);
}

void gemm_inside(Gemm *g, int axis, LV *lo, LV *hi)
{
    for (int i = 0; i < 2; i++) {
        const Access *a = &g->e.k->rd.at[i];
        for (uint32_t j = 0; a->zeros && j < a->n_box; j++)
            narrow(g, &a->box[j], axis, lo, hi);
    }
}
