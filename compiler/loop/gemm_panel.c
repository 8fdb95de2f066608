/* SPDX-License-Identifier: MIT
 * gemm_panel.c: the panels of a block of columns: whole ones, then narrower or masked ones for what is left. */
#include "loop/gemm.h"

LV gemm_stride(Gemm *g, int rd, int axis)
{
    Gen *e = &g->e;
    const Access *a = &e->k->rd.at[rd];
    LV s = gen_dim(e, a->stride[axis]);
    return l_bin(&e->b, L_imul, s, l_i64(&e->b, dtype_bytes(e->p->buf.at[a->buf].dtype)));
}

uint8_t gemm_memory(const Gemm *g)
{
    static const uint8_t mem[] = {[LT_i32] = DT_i32, [LT_i64] = DT_i64, [LT_f32] = DT_f32, [LT_f64] = DT_f64};
    return mem[g->type];
}

static Panel panel_of(const Gemm *g, int n, LV start, LV columns)
{
    Panel p = {.n = n, .start = start, .columns = columns};
    for (int v = 0; v < n; v++) {
        p.off[v] = v * g->e.width;
        p.lanes[v] = g->e.width;
    }
    return p;
}

static void panel_loop(Gemm *g, int n, LV lo, LV hi, WithPanel *act, const void *user)
{
    LB *b = &g->e.b;
    int64_t wide = n * g->e.width;
    LV loop = l_loop(b, lo, hi, l_i64(b, wide), NULL, 0);
    Panel p = panel_of(g, n, loop, l_i64(b, wide));
    act(g, &p, user);
    l_yield(b, loop, NULL, 0);
}

/* `columns` of them from start on; the last vector is narrow or masked. */
static void one_panel(Gemm *g, int64_t columns, int64_t start, WithPanel *act, const void *user)
{
    LB *b = &g->e.b;
    int w = g->e.width, n = (int)((columns + w - 1) / w), rest = (int)(columns % w), lanes = gen_lanes(rest);
    LV at = l_i64(b, start);
    Panel p = panel_of(g, n, at, l_i64(b, columns));
    if (rest) {
        p.lanes[n - 1] = lanes;
        p.mask[n - 1] = rest < lanes ? l_maskn(b, l_i64(b, rest), lanes) : 0;
    }
    act(g, &p, user);
}

LV gemm_smaller(LB *b, LV x, LV y)
{
    int64_t i, j;
    if (l_is_int(b, x, &i) && l_is_int(b, y, &j)) return i < j ? x : y;
    return l_sel(b, l_cmp(b, LP_lt, x, y), x, y);
}

/* Whole panels, then what is left; a single vector that is left takes one from the last whole panel. */
static void constant_panels(Gemm *g, WithPanel *act, const void *user)
{
    LB *b = &g->e.b;
    int64_t w = g->e.width, wide = g->plan.vectors * w, whole = g->n_extent / wide * wide, rest = g->n_extent - whole, end;
    bool at_once = l_is_int(b, g->c_hi, &end) && end == g->n_extent && l_is_int(b, g->c_lo, NULL), all = at_once && !g->banded;
    int64_t extra = at_once && g->plan.vectors > 2 && whole && rest && rest <= w ? (g->plan.vectors + 2) / 2 * w : 0;
    if (extra) whole -= wide, rest += wide;
    if (all && whole == wide)
        one_panel(g, wide, 0, act, user);
    else if (whole)
        panel_loop(g, g->plan.vectors, g->p_lo, gemm_smaller(b, g->p_hi, l_i64(b, whole)), act, user);
    if (!rest) return;
    LV last = all ? 0 : l_if(b, l_cmp(b, LP_gt, g->p_hi, l_i64(b, whole)));
    if (extra) one_panel(g, extra, whole, act, user);
    one_panel(g, rest - extra, whole + extra, act, user);
    if (last) l_end(b, last);
}

static void variable_panels(Gemm *g, WithPanel *act, const void *user)
{
    LB *b = &g->e.b;
    LV at = g->p_lo, hi = g->p_hi;
    for (int n = g->plan.vectors; n >= 1; n = n > 4 ? 4 : n > 1 ? 1 : 0) {
        LV wide = l_i64(b, n * g->e.width);
        LV whole = l_bin(b, L_imul, l_bin(b, L_ifdiv, l_bin(b, L_isub, hi, at), wide), wide);
        LV end = l_bin(b, L_iadd, at, whole);
        panel_loop(g, n, at, end, act, user);
        at = end;
    }
    if (g->e.width == 1) return;
    LV some = l_if(b, l_cmp(b, LP_lt, at, hi));
    Panel p = panel_of(g, 1, at, l_bin(b, L_isub, hi, at));
    p.mask[0] = l_maskn(b, p.columns, g->e.width);
    act(g, &p, user);
    l_end(b, some);
}

void gemm_each_panel(Gemm *g, WithPanel *act, const void *user)
{
    LB *b = &g->e.b;
    if (g->e.vec < 0) {
        Panel p = {.n = 1, .lanes = {1}};
        p.start = l_i64(b, 0);
        p.columns = l_i64(b, 1);
        act(g, &p, user);
    } else if (g->n_extent >= 0 && !g->plan.any_end) {
        constant_panels(g, act, user);
    } else {
        variable_panels(g, act, user);
    }
}
