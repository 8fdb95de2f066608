/* SPDX-License-Identifier: MIT
 * gemm.c: contractions by register tiles.
 *
 *   for batch, outer N:  for blocks of columns:  for blocks of K:  pack B
 *     for outer M:  for tiles of rows:  for panels of columns:  a tile (gemm_tile.c)
 *
 * A block of B stays in a cache while all rows pass it; a tile's accumulators, a row of its panel and one vector of A fit the
 * registers of the target. What is blocked and packed, if anything, gemm_plan.c says. Remainders of M have tiles of
 * their own, remainders of N narrower or masked vectors; nothing past the end is read. Tiles, blocks and copies change no bit
 * of a sum: each is one chain of fused multiply-adds in the order of K, cut into segments where it is long. */
#include "loop/gemm.h"

enum { CHEAP_EPILOGUE = 14 };

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

/* ---- what is given ---- */

/* -1: known at run time only */
static int64_t extent_of(const Gemm *g, int axis)
{
    int64_t n;
    if (axis < 0) return 1;
    return gen_const(&g->e, g->e.k->axis[axis], &n) ? n : -1;
}

static void sort_axes(Gemm *g)
{
    const Kernel *k = g->e.k;
    int last_n = -1;
    g->m = -1;
    for (int a = 0; a < k->n_axes; a++) {
        if (k->cls[a] == AX_N)
            last_n = a;
        else if (k->cls[a] == AX_M)
            g->m = a;
    }
    for (int a = 0; a < k->n_axes; a++) {
        if (k->cls[a] == AX_BATCH || (k->cls[a] == AX_N && a != last_n))
            g->outer[g->n_outer++] = a;
        else if (k->cls[a] == AX_M && a != g->m)
            g->rows[g->n_rows++] = a;
        else if (k->cls[a] == AX_K)
            g->k[g->n_k++] = a;
    }
    int64_t one = 0;
    g->e.vec = last_n;
    if (last_n >= 0 && gen_const(&g->e, k->axis[last_n], &one) && one == 1 && k->part != last_n) {
        g->outer[g->n_outer++] = last_n; /* a column: scalar tiles */
        g->e.vec = -1;
    }
    g->m_extent = extent_of(g, g->m);
    g->n_extent = extent_of(g, g->e.vec);
}

static void find_stores(Gemm *g)
{
    Gen *e = &g->e;
    int cost = 0;
    g->want = ARENA_ARRAY(e->arena, bool, e->k->x.n + 1);
    for (uint32_t i = 0; i < e->k->x.n; i++) {
        const XNode *x = &e->k->x.at[i];
        if (x->kind == X_st) vec_add(e->arena, &g->store, i);
        if (x->kind == X_acc) {
            g->acc = i + 1;
            g->type = xnode_type(x->dtype);
        }
        cost += x->kind == X_op && (op_properties[x->op] & COSTLY) ? CHEAP_EPILOGUE + 1 : 1;
    }
    if (!g->acc) BUG("kernel %s: no accumulator", e->k->name);
    for (uint32_t i = 0; i < g->store.n; i++)
        xnode_want(e, g->store.at[i], g->want);
    g->row_pass = cost > CHEAP_EPILOGUE;
}

/* ---- panels of columns ---- */

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

static LV smaller(LB *b, LV x, LV y)
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
    bool at_once = l_is_int(b, g->c_hi, &end) && end == g->n_extent && l_is_int(b, g->c_lo, NULL);
    int64_t extra = at_once && g->plan.vectors > 2 && whole && rest && rest <= w ? (g->plan.vectors + 2) / 2 * w : 0;
    if (extra) whole -= wide, rest += wide;
    if (at_once && whole == wide)
        one_panel(g, wide, 0, act, user);
    else if (whole)
        panel_loop(g, g->plan.vectors, g->c_lo, smaller(b, g->c_hi, l_i64(b, whole)), act, user);
    if (!rest) return;
    LV last = at_once ? 0 : l_if(b, l_cmp(b, LP_gt, g->c_hi, l_i64(b, whole)));
    if (extra) one_panel(g, extra, whole, act, user);
    one_panel(g, rest - extra, whole + extra, act, user);
    if (last) l_end(b, last);
}

static void variable_panels(Gemm *g, WithPanel *act, const void *user)
{
    LB *b = &g->e.b;
    LV at = g->c_lo, hi = g->c_hi;
    for (int n = g->plan.vectors; n >= 1; n = n > 1 ? 1 : 0) {
        LV wide = l_i64(b, n * g->e.width);
        LV whole = l_bin(b, L_imul, l_bin(b, L_ifdiv, l_bin(b, L_isub, hi, at), wide), wide);
        LV end = l_bin(b, L_iadd, at, whole);
        panel_loop(g, n, at, end, act, user);
        at = end;
    }
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
    } else if (g->n_extent >= 0) {
        constant_panels(g, act, user);
    } else {
        variable_panels(g, act, user);
    }
}

/* ---- tiles of rows ---- */

typedef struct Rows {
    int n;
    LV first;
} Rows;

static void tile_of_panel(Gemm *g, const Panel *p, const void *user)
{
    const Rows *rows = user;
    gemm_tile(g, p, rows->n, rows->first);
}

static void tile(Gemm *g, int rows, LV first)
{
    gemm_each_panel(g, tile_of_panel, &(Rows){rows, first});
}

static void tile_loop(Gemm *g, int rows, LV lo, LV hi)
{
    LB *b = &g->e.b;
    LV loop = l_loop(b, lo, hi, l_i64(b, rows), NULL, 0);
    tile(g, rows, loop);
    l_yield(b, loop, NULL, 0);
}

/* Equal tiles as far as possible: 16 rows are 8 + 8, not 14 + 2. */
static int even_rows(int64_t extent, int most)
{
    int64_t tiles = (extent + most - 1) / most;
    return (int)((extent + tiles - 1) / tiles);
}

static void constant_rows(Gemm *g, int64_t extent)
{
    LB *b = &g->e.b;
    if (extent == 0) return;
    int rows = even_rows(extent, g->plan.rows);
    int64_t whole = extent / rows * rows;
    LV zero = l_i64(b, 0);
    if (whole == rows)
        tile(g, rows, zero);
    else
        tile_loop(g, rows, zero, l_i64(b, whole));
    if (extent > whole) tile(g, (int)(extent - whole), l_i64(b, whole));
}

/* Full tiles, then smaller ones that still have eight chains of additions, then single rows. */
static void variable_rows(Gemm *g, LV lo, LV hi)
{
    LB *b = &g->e.b;
    int few = 8 / g->plan.vectors, size[] = {g->plan.rows, few < 2 ? 2 : few, 1};
    LV at = lo;
    for (int i = 0; i < 3; i++) {
        if (i && size[i] >= size[i - 1]) continue;
        LV rows = l_i64(b, size[i]);
        LV count = l_bin(b, L_imul, l_bin(b, L_ifdiv, l_bin(b, L_isub, hi, at), rows), rows);
        LV end = l_bin(b, L_iadd, at, count);
        tile_loop(g, size[i], at, end);
        at = end;
    }
}

/* As many rows as a tile has, then the pass over them. */
static void passed_rows(Gemm *g)
{
    LB *b = &g->e.b;
    LV lo, hi;
    gen_bounds(&g->e, g->m, &lo, &hi);
    LV loop = l_loop(b, lo, hi, l_i64(b, g->plan.rows), NULL, 0);
    LV end = smaller(b, l_bin(b, L_iadd, loop, l_i64(b, g->plan.rows)), hi);
    g->first_kept = loop;
    variable_rows(g, loop, end);
    gemm_finish_rows(g, loop, end);
    l_yield(b, loop, NULL, 0);
}

/* A loop over an axis around `inside`, which the counter is kept for. */
typedef void Inside(Gemm *g, int depth);

static void axis_loop(Gemm *g, int axis, Inside *inside, int depth)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    LV lo, hi;
    Point old = gen_save(e);
    gen_bounds(e, axis, &lo, &hi);
    LV loop = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
    g->counter[axis] = loop;
    gen_enter(e, axis, loop);
    inside(g, depth + 1);
    l_yield(b, loop, NULL, 0);
    gen_restore(e, old);
}

static void row_axes(Gemm *g, int depth)
{
    xnode_hoist(&g->e, g->want);
    if (depth < g->n_rows) {
        axis_loop(g, g->rows[depth], row_axes, depth);
    } else if (g->row_pass) {
        passed_rows(g);
    } else if (g->m_extent >= 0 && g->m != g->e.k->part) {
        constant_rows(g, g->m_extent);
    } else {
        LV lo, hi;
        gen_bounds(&g->e, g->m, &lo, &hi);
        variable_rows(g, lo, hi);
    }
}

/* ---- blocks ---- */

/* Rows of A that this call reads in each batch. */
static LV count_rows(Gemm *g)
{
    LB *b = &g->e.b;
    LV n = l_i64(b, 1);
    for (int i = 0; i <= g->n_rows; i++) {
        LV lo, hi;
        gen_bounds(&g->e, i < g->n_rows ? g->rows[i] : g->m, &lo, &hi);
        LV extent = l_bin(b, L_isub, hi, lo);
        n = l_bin(b, L_imul, n, extent);
    }
    return n;
}

static void decide_packing(Gemm *g)
{
    LB *b = &g->e.b;
    int64_t rows;
    if (!g->plan.pack_b || !g->plan.least_rows) return;
    LV n = count_rows(g);
    if (!l_is_int(b, n, &rows))
        g->packs = l_cmp(b, LP_ge, n, l_i64(b, g->plan.least_rows));
    else if (rows < g->plan.least_rows)
        g->plan.pack_b = false;
}

/* There is a block of K also where the axis is empty: it writes the sums of nothing. */
static void k_blocks(Gemm *g)
{
    LB *b = &g->e.b;
    LV end = gen_dim(&g->e, g->e.k->axis[g->k[0]]), one = l_i64(b, 1), zero = l_i64(b, 0);
    LV most = l_sel(b, l_cmp(b, LP_gt, end, one), end, one);
    LV step = g->plan.k_block == ONE_SEGMENT ? g->segments.step[0] : l_i64(b, g->plan.k_block);
    g->k_lo = l_loop(b, zero, most, step, NULL, 0);
    LV next = l_bin(b, L_iadd, g->k_lo, step);
    g->k_hi = smaller(b, next, end);
    g->is_first = l_cmp(b, LP_eq, g->k_lo, zero);
    g->is_last = l_cmp(b, LP_ge, next, end);
    gemm_pack_block(g);
    row_axes(g, 0);
    l_yield(b, g->k_lo, NULL, 0);
}

static void column_blocks(Gemm *g)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    LV lo, hi, loop = 0;
    gen_bounds(e, e->vec, &lo, &hi);
    g->c_lo = lo, g->c_hi = hi;
    if (g->plan.columns) {
        loop = l_loop(b, lo, hi, l_i64(b, g->plan.columns), NULL, 0);
        g->c_lo = loop;
        g->c_hi = smaller(b, l_bin(b, L_iadd, loop, l_i64(b, g->plan.columns)), hi);
    }
    if (g->plan.k_block) {
        k_blocks(g);
    } else {
        gemm_pack_block(g);
        row_axes(g, 0);
    }
    if (loop) l_yield(b, loop, NULL, 0);
}

static void outer_axes(Gemm *g, int depth)
{
    xnode_hoist(&g->e, g->want);
    if (depth < g->n_outer)
        axis_loop(g, g->outer[depth], outer_axes, depth);
    else
        column_blocks(g);
}

int64_t lower_gemm(LoopModule *m, KProgram *p, const Kernel *k, const char *name)
{
    Gemm *g = ARENA_NEW(m->arena, Gemm);
    Gen *e = &g->e;
    gen_begin(e, m, p, k, name, 0);
    if (k->rd.n < 2 || k->rd.at[0].boxed || k->rd.at[1].boxed || k->rd.at[0].index || k->rd.at[1].index)
        BUG("kernel %s: operands of a contraction are plain", k->name);
    sort_axes(g);
    find_stores(g);
    e->width = m->target.vector_bytes / (g->type == LT_f64 || g->type == LT_i64 ? 8 : 4);
    gemm_plan(g);
    if (g->n_extent < 0 && !g->plan.columns) g->row_pass = false; /* rows of any length are not kept */
    if (l_is_float(g->type)) g->segments = segments_find(e, g->k, g->n_k);
    gemm_open_totals(g);
    decide_packing(g);
    gemm_open_memory(g);
    outer_axes(g, 0);
    l_ret(&e->b, 0);
    if (k->part == g->m && g->m >= 0) return g->plan.rows;
    return k->part == e->vec && e->vec >= 0 ? (int64_t)g->plan.vectors * e->width : 1;
}
