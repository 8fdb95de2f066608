/* SPDX-License-Identifier: MIT
 * gemm.c: contractions by register tiles.
 *
 *   for batch, outer N:  for blocks of columns:  for blocks of K:  pack B
 *     for outer M:  for tiles of rows:  for panels of columns:  a tile (gemm_tile.c)
 *
 * (Blocks of K go around outer axes of N: the taps of a gradient of weights then read the same pixels again from a cache.)
 * Where a call has one row only, it goes by gemm_thin.c.
 *
 * A block of B stays in a cache while all rows pass it; a tile's accumulators, a row of its panel and one vector of A fit the
 * registers of the target. What is blocked and packed, if anything, gemm_plan.c says. Remainders of M have tiles of
 * their own, remainders of N narrower or masked vectors; nothing past the end is read. Tiles, blocks and copies change no bit
 * of a sum: each is one chain of fused multiply-adds in the order of K, cut into segments where it is long. */
#include "loop/gemm.h"

enum { CHEAP_EPILOGUE = 14, LONG_ROW = 128 };

/* ---- what is given ---- */

/* -1: known at run time only */
static int64_t extent_of(const Gemm *g, int axis)
{
    int64_t n;
    if (axis < 0) return 1;
    return gen_const(&g->e, g->e.k->axis[axis], &n) ? n : -1;
}

/* The M axis whose rows make tiles: the last one, but one of known length rather than a batch that may be 1. */
static int tile_axis(const Gemm *g)
{
    const Kernel *k = g->e.k;
    int last = -1, known = -1;
    for (int a = 0; a < k->n_axes; a++) {
        if (k->cls[a] != AX_M) continue;
        last = a;
        if (extent_of(g, a) >= MAX_ROWS) known = a;
    }
    return last >= 0 && extent_of(g, last) < 0 && known >= 0 ? known : last;
}

static void sort_axes(Gemm *g)
{
    const Kernel *k = g->e.k;
    int last_n = -1;
    g->m = tile_axis(g);
    for (int a = 0; a < k->n_axes; a++)
        if (k->cls[a] == AX_N) last_n = a;
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
    g->beside = g->e.vec >= 0 && g->n_k && gen_const(&g->e, k->rd.at[0].stride[g->e.vec], &one) && one == 1;
    g->pairs = !g->beside && g->n_k && g->e.p->buf.at[k->rd.at[0].buf].dtype == DT_wide16;
    g->m_extent = extent_of(g, g->m);
    g->n_extent = extent_of(g, g->e.vec);
}

/* Does x read an element for each sum? */
static bool reads_along(const Gemm *g, uint32_t x)
{
    const Kernel *k = g->e.k;
    uint32_t summed = 0;
    for (int i = 0; i < g->n_k; i++)
        summed |= 1u << g->k[i];
    return k->x.at[x].kind == X_ld && (g->e.deps[x] | summed) == (1u << k->n_axes) - 1;
}

/* Two streams beside the sums are faster along rows that are long than by tiles. */
static void find_stores(Gemm *g)
{
    Gen *e = &g->e;
    int cost = 0, streams = 0;
    g->want = ARENA_ARRAY(e->arena, bool, e->k->x.n + 1);
    for (uint32_t i = 0; i < e->k->x.n; i++) {
        const XNode *x = &e->k->x.at[i];
        if (x->kind == X_st) vec_add(e->arena, &g->store, i);
        if (x->kind == X_acc) {
            g->acc = i + 1;
            g->type = xnode_type(x->dtype);
        }
        cost += x->kind == X_op && (op_properties[x->op] & COSTLY) ? CHEAP_EPILOGUE + 1 : 1;
        streams += reads_along(g, i);
    }
    if (!g->acc) BUG("kernel %s: no accumulator", e->k->name);
    for (uint32_t i = 0; i < g->store.n; i++)
        xnode_want(e, g->store.at[i], g->want);
    g->row_pass = !g->turn.on && !g->e.m->target.compact && (cost > CHEAP_EPILOGUE || (streams > 1 && g->n_extent >= LONG_ROW));
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
    LB *b = &g->e.b;
    LV last = l_bin(b, L_iadd, first, l_i64(b, rows - 1));
    if (!g->row_pass) gemm_begin_band(g, first, last);
    gemm_each_panel(g, tile_of_panel, &(Rows){rows, first});
    if (!g->row_pass) gemm_end_band(g, first, last);
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
    if (g->plan.rows == 1) {
        tile_loop(g, 1, lo, hi);
        return;
    }
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

/* Rows whose elements of A are copied first. */
static void lined_rows(Gemm *g)
{
    LB *b = &g->e.b;
    LV lo, hi;
    gen_bounds(&g->e, g->m, &lo, &hi);
    LV loop = l_loop(b, lo, hi, l_i64(b, LINE_ROWS), NULL, 0);
    LV end = gemm_smaller(b, l_bin(b, L_iadd, loop, l_i64(b, LINE_ROWS)), hi);
    gemm_pack_lines(g, loop, end);
    variable_rows(g, loop, end);
    g->first_line = 0;
    l_yield(b, loop, NULL, 0);
}

/* As many rows as a tile has, then the pass over them. */
static void passed_rows(Gemm *g)
{
    LB *b = &g->e.b;
    LV lo, hi;
    gen_bounds(&g->e, g->m, &lo, &hi);
    LV loop = l_loop(b, lo, hi, l_i64(b, g->plan.rows), NULL, 0);
    LV end = gemm_smaller(b, l_bin(b, L_iadd, loop, l_i64(b, g->plan.rows)), hi);
    LV last = l_bin(b, L_isub, end, l_i64(b, 1));
    g->first_kept = loop;
    gemm_begin_band(g, loop, last);
    variable_rows(g, loop, end);
    gemm_finish_rows(g, loop, end);
    gemm_end_band(g, loop, last);
    l_yield(b, loop, NULL, 0);
}

/* Indices lo .. hi - 1 of an axis around `inside`, which the counter is kept for. */
static void range_loop(Gemm *g, int axis, LV lo, LV hi, Inside *inside, int depth)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    Point old = gen_save(e);
    LV loop = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
    g->counter[axis] = loop;
    gen_enter(e, axis, loop);
    inside(g, depth + 1);
    l_yield(b, loop, NULL, 0);
    gen_restore(e, old);
}

static void axis_loop(Gemm *g, int axis, Inside *inside, int depth)
{
    LV lo, hi;
    gen_bounds(&g->e, axis, &lo, &hi);
    range_loop(g, axis, lo, hi, inside, depth);
}

/* Two indices of the last axis around the tiles at a time, then the one that is left. */
static void row_pairs(Gemm *g, int depth, Inside *inside)
{
    LB *b = &g->e.b;
    LV lo, hi, two = l_i64(b, 2);
    int axis = g->rows[depth];
    gen_bounds(&g->e, axis, &lo, &hi);
    LV end = l_bin(b, L_iadd, lo, l_bin(b, L_and, l_bin(b, L_isub, hi, lo), l_i64(b, -2)));
    LV loop = l_loop(b, lo, end, two, NULL, 0);
    g->counter[axis] = loop;
    g->paired = true;
    tile(g, (int)(2 * g->m_extent), l_i64(b, 0));
    g->paired = false;
    l_yield(b, loop, NULL, 0);
    range_loop(g, axis, end, hi, inside, depth);
}

static void row_axes(Gemm *g, int depth)
{
    xnode_hoist(&g->e, g->want);
    if (depth + 1 == g->n_rows && gemm_can_pair(g)) {
        row_pairs(g, depth, row_axes);
    } else if (depth < g->n_rows) {
        axis_loop(g, g->rows[depth], row_axes, depth);
    } else if (g->amx.on) {
        gemm_amx_rows(g);
    } else if (g->row_pass) {
        passed_rows(g);
    } else if (g->plan.pack_a) {
        lined_rows(g);
    } else if (g->m >= 0 && g->m == g->e.spare) {
        tile_loop(g, even_rows(g->m_extent, g->plan.rows), g->e.spare_lo, g->e.spare_hi);
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
static void k_blocks(Gemm *g, Inside *inside, int depth)
{
    LB *b = &g->e.b;
    LV end = gen_dim(&g->e, g->e.k->axis[g->k[0]]), one = l_i64(b, 1), zero = l_i64(b, 0);
    LV most = l_sel(b, l_cmp(b, LP_gt, end, one), end, one);
    LV step = g->plan.k_block == ONE_SEGMENT ? g->segments.step[0] : l_i64(b, g->plan.k_block);
    g->k_lo = l_loop(b, zero, most, step, NULL, 0);
    LV next = l_bin(b, L_iadd, g->k_lo, step);
    g->k_hi = gemm_smaller(b, next, end);
    g->is_first = l_cmp(b, LP_eq, g->k_lo, zero);
    g->is_last = l_cmp(b, LP_ge, next, end);
    inside(g, depth);
    l_yield(b, g->k_lo, NULL, 0);
}

static void packed_rows(Gemm *g, int depth)
{
    gemm_all_panels(g);
    if (g->amx.on)
        gemm_amx_pack_columns(g);
    else
        gemm_pack_block(g);
    row_axes(g, depth);
}

static void column_blocks(Gemm *g, int depth)
{
    (void)depth;
    Gen *e = &g->e;
    LB *b = &e->b;
    LV lo, hi, loop = 0;
    gen_bounds(e, e->vec, &lo, &hi);
    g->c_lo = lo, g->c_hi = hi;
    if (g->plan.columns) {
        loop = l_loop(b, lo, hi, l_i64(b, g->plan.columns), NULL, 0);
        g->c_lo = loop;
        g->c_hi = gemm_smaller(b, l_bin(b, L_iadd, loop, l_i64(b, g->plan.columns)), hi);
    }
    if (g->plan.k_block && !g->k_lo)
        k_blocks(g, packed_rows, 0);
    else
        packed_rows(g, 0);
    if (loop) l_yield(b, loop, NULL, 0);
}

/* ---- one row ---- */

static void thin_axes(Gemm *g, int depth)
{
    xnode_hoist(&g->e, g->want);
    if (depth < g->n_rows)
        axis_loop(g, g->rows[depth], thin_axes, depth);
    else
        gemm_thin_rows(g);
}

static void thin_or_blocks(Gemm *g)
{
    LB *b = &g->e.b;
    LV rows = count_rows(g);
    Point old = gen_save(&g->e);
    if (l_is_int(b, rows, NULL)) {
        thin_axes(g, 0);
        return;
    }
    LV one = l_if(b, l_cmp(b, LP_eq, rows, l_i64(b, 1)));
    thin_axes(g, 0);
    gen_restore(&g->e, old);
    l_else(b, one);
    column_blocks(g, g->n_outer);
    l_end(b, one);
}

/* Blocks of K go around outer axes of columns, which read them from the cache again. */
static void outer_axes(Gemm *g, int depth)
{
    xnode_hoist(&g->e, g->want);
    if (depth < g->n_outer && g->plan.k_block && !g->k_lo && g->e.k->cls[g->outer[depth]] == AX_N)
        k_blocks(g, outer_axes, depth);
    else if (g->turn.on && depth + 1 >= g->n_outer)
        gemm_turned_rows(g, depth, column_blocks);
    else if (depth < g->n_outer)
        axis_loop(g, g->outer[depth], outer_axes, depth);
    else if (g->thin && !g->k_lo)
        thin_or_blocks(g);
    else
        column_blocks(g, depth);
}

/* Are the rows of tiles worth dividing besides a short axis around them? They are equal tiles then, whoever has them. */
static bool divides_tiles(const Gemm *g)
{
    enum { SHORT_AXIS = 8 };
    const Kernel *k = g->e.k;
    int64_t n;
    if (k->part < 0 || k->part == g->e.vec || k->part == g->m || !gen_const(&g->e, k->axis[k->part], &n) || n > SHORT_AXIS) return false;
    if (g->m_extent < 1 || g->joint > 1 || g->turn.on || g->row_pass || g->plan.pack_b) return false;
    int64_t rows = even_rows(g->m_extent, g->plan.rows);
    return g->m_extent > rows && g->m_extent % rows == 0;
}

/* An axis around the tiles, or the rows of them. */
static Spare choose_spare(Gemm *g)
{
    int axis[2 * MAX_AXES], n = 0;
    Gen *e = &g->e;
    if (divides_tiles(g)) {
        gen_open_spare(e, g->m);
        return (Spare){e->k->axis[g->m], even_rows(g->m_extent, g->plan.rows)};
    }
    for (int i = 0; i < g->n_outer; i++)
        axis[n++] = g->outer[i];
    for (int i = 0; i < g->n_rows; i++)
        axis[n++] = g->rows[i];
    gen_choose_spare(e, axis, n);
    return e->spare < 0 ? (Spare){0} : (Spare){e->k->axis[e->spare], 1};
}

int64_t lower_gemm(LoopModule *m, KProgram *p, const Kernel *k, const char *name, Spare *spare)
{
    Gemm *g = ARENA_NEW(m->arena, Gemm);
    Gen *e = &g->e;
    const Kernel *turned = m->target.compact ? NULL : gemm_turned(m, p, k, &g->turn);
    if (turned)
        k = turned;
    else
        g->turn.on = false;
    gen_begin(e, m, p, k, name, 0);
    if (k->rd.n < 2 || k->rd.at[0].boxed || k->rd.at[1].boxed || k->rd.at[0].index || k->rd.at[1].index)
        BUG("kernel %s: operands of a contraction are plain", k->name);
    sort_axes(g);
    find_stores(g);
    e->width = loop_lanes(m, g->type == LT_f64 || g->type == LT_i64 ? 8 : 4);
    gemm_plan(g);
    gemm_join_rows(g);
    if (!m->target.compact) *spare = choose_spare(g);
    if (g->n_extent < 0 && !g->plan.columns) g->row_pass = false; /* rows of any length are not kept */
    if (l_is_float(g->type)) g->segments = segments_find(e, g->k, g->n_k);
    g->thin = !g->turn.on && !m->target.compact && gemm_can_be_thin(g);
    gemm_open_totals(g);
    decide_packing(g);
    gemm_open_memory(g, gemm_thin_bytes(g));
    gemm_amx_open(g);
    outer_axes(g, 0);
    l_ret(&e->b, 0);
    if (k->part == g->m && g->m >= 0) return g->plan.rows;
    return k->part == e->vec && e->vec >= 0 ? (int64_t)g->plan.vectors * e->width : 1;
}
