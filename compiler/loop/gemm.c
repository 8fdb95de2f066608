/* SPDX-License-Identifier: MIT
 * gemm.c: contractions by register tiles.
 *
 *   for batch, outer N:  for panels of N (NV vectors):  for outer M:  for tiles of M (MR rows):  a tile (gemm_tile.c)
 *
 * MR * NV accumulators, NV vectors of B and one of A fit the registers of the target. Remainders of M have tiles of their
 * own, remainders of N narrower or masked vectors; nothing past the end is read.
 *
 * Where A is read across its rows (weight gradients) and K is long, the outermost K axis goes in
 * blocks outside of all, so that a block of A and B stays in the cache; between blocks the sums
 * wait in the result, which changes no bit of them, and the totals of the segments in a buffer of
 * their own. */
#include "loop/gemm.h"

enum {
    GOOD_ROWS = 8,
    CHEAP_EPILOGUE = 14,
    BLOCK_BYTES = 320 << 10,
    LEAST_BLOCK = 64,
    MOST_TILE = 32 /* accumulators: less than registers */
};

/* ---- choices ---- */

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
    if (g->m < 0 || !gen_const(&g->e, k->axis[g->m], &g->m_extent)) g->m_extent = g->m < 0 ? 1 : -1;
}

/* Rows of a tile with n vectors. 8 by 2 is as fast as 14 by 2 within 2 %, at little more than half
 * the code. */
static int tile_rows(const Gemm *g, int n)
{
    int rows = (g->e.m->target.n_registers - 2 - n) / n, most = n == 1 ? MAX_ROWS : GOOD_ROWS;
    return rows > most ? most : rows < 1 ? 1 : rows;
}

static int full_vectors(const Gemm *g)
{
    int n = 2, registers = g->e.m->target.n_registers;
    if (g->m_extent > 0 && g->m_extent < 6) /* few rows: more columns hide the latency */
        while (n < MAX_VECTORS && g->m_extent * (n + 1) + n + 1 <= registers - 2)
            n++;
    return n;
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
    g->loop_epilogue = cost > CHEAP_EPILOGUE;
    if (g->loop_epilogue) g->stack = l_alloca(&e->b, MAX_ROWS * 64);
}

/* Elements of A and B that one step of the first K axis moves on by, or -1. */
static int64_t step_elements(const Gemm *g)
{
    int64_t sum = 0, s;
    for (int rd = 0; rd < 2; rd++) {
        if (!gen_const(&g->e, g->e.k->rd.at[rd].stride[g->k[0]], &s)) return -1;
        sum += s < 0 ? -s : s;
    }
    return sum;
}

/* Blocks need a plain result to wait in: one store of the sum itself. */
static int64_t choose_block(const Gemm *g)
{
    const Kernel *k = g->e.k;
    int64_t extent, last = 0;
    if (g->n_k == 0 || k->x.n != 2 || g->store.n != 1 || k->wr.at[0].boxed || k->wr.at[0].index ||
        k->x.at[g->acc - 1].dtype != g->e.p->buf.at[k->wr.at[0].buf].dtype)
        return 0;
    if (gen_const(&g->e, k->rd.at[0].stride[g->k[g->n_k - 1]], &last) && last == 1) return 0; /* A by rows */
    if (g->e.vec >= 0 && !(gen_const(&g->e, k->wr.at[0].stride[g->e.vec], &last) && last == 1)) return 0;
    int64_t step = step_elements(g), bytes = g->type == LT_f64 ? 8 : 4;
    int64_t block = step > 0 ? BLOCK_BYTES / (step * bytes) : LEAST_BLOCK;
    int64_t least = g->n_k == 1 ? LEAST_BLOCK : 1;
    block = block < least ? least : block;
    return gen_const(&g->e, k->axis[g->k[0]], &extent) && extent <= block ? 0 : block;
}

/* Segments of the K axes, and memory for the sums that are cut. */
static void plan_sums(Gemm *g)
{
    LB *b = &g->e.b;
    int64_t bytes = MOST_TILE * g->e.m->target.vector_bytes;
    g->block = choose_block(g);
    if (!l_is_float(g->type)) return;
    g->segments = segments_find(&g->e, g->k, g->n_k);
    for (int i = g->block ? 1 : 0; i < g->n_k; i++)
        g->in_tiles |= g->segments.step[i] != 0;
    if (g->in_tiles) g->chains = l_alloca(b, bytes);
    if (g->segments.some && g->block)
        gemm_open_totals(g, segments_buffer(g->e.p, g->e.k));
    else if (g->in_tiles)
        g->totals = l_alloca(b, 2 * bytes);
}

/* ---- tiles of rows ---- */

static void tile_loop(Gemm *g, const Panel *p, int rows, LV lo, LV hi)
{
    LB *b = &g->e.b;
    LV loop = l_loop(b, lo, hi, l_i64(b, rows), NULL, 0);
    gemm_tile(g, p, rows, loop);
    l_yield(b, loop, NULL, 0);
}

/* Equal tiles as far as possible: 16 rows are 8 + 8, not 14 + 2. */
static int even_rows(int64_t extent, int most)
{
    int64_t tiles = (extent + most - 1) / most;
    return (int)((extent + tiles - 1) / tiles);
}

static void constant_rows(Gemm *g, const Panel *p, int64_t extent)
{
    LB *b = &g->e.b;
    int rows = even_rows(extent, tile_rows(g, p->n));
    int64_t whole = extent / rows * rows;
    if (whole == rows)
        gemm_tile(g, p, rows, l_i64(b, 0));
    else
        tile_loop(g, p, rows, l_i64(b, 0), l_i64(b, whole));
    if (extent > whole) gemm_tile(g, p, (int)(extent - whole), l_i64(b, whole));
}

/* Full tiles, then tiles of 4 rows, then single rows. */
static void variable_rows(Gemm *g, const Panel *p, LV lo, LV hi)
{
    LB *b = &g->e.b;
    int size[] = {tile_rows(g, p->n), 4, 1};
    LV at = lo;
    for (int i = 0; i < 3; i++) {
        if (i && size[i] >= size[0]) continue;
        LV rows = l_i64(b, size[i]);
        LV count = l_bin(b, L_imul, l_bin(b, L_ifdiv, l_bin(b, L_isub, hi, at), rows), rows);
        LV end = l_bin(b, L_iadd, at, count);
        tile_loop(g, p, size[i], at, end);
        at = end;
    }
}

static void row_axes(Gemm *g, const Panel *p, int depth)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    xnode_hoist(e, g->want);
    if (depth < g->n_rows) {
        int axis = g->rows[depth];
        bool part = axis == e->k->part;
        Point old = gen_save(e);
        LV loop = l_loop(b, part ? e->lo : l_i64(b, 0), part ? e->hi : gen_dim(e, e->k->axis[axis]), l_i64(b, 1), NULL, 0);
        g->counter[axis] = loop;
        gen_enter(e, axis, loop);
        row_axes(g, p, depth + 1);
        l_yield(b, loop, NULL, 0);
        gen_restore(e, old);
    } else if (g->m < 0) {
        gemm_tile(g, p, 1, l_i64(b, 0));
    } else if (g->m == e->k->part) {
        variable_rows(g, p, e->lo, e->hi);
    } else if (g->m_extent >= 0) {
        constant_rows(g, p, g->m_extent);
    } else {
        variable_rows(g, p, l_i64(b, 0), gen_dim(e, e->k->axis[g->m]));
    }
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

static void panel_loop(Gemm *g, int n, LV lo, LV hi)
{
    LB *b = &g->e.b;
    LV loop = l_loop(b, lo, hi, l_i64(b, n * g->e.width), NULL, 0);
    Panel p = panel_of(g, n, loop, l_i64(b, n * g->e.width));
    row_axes(g, &p, 0);
    l_yield(b, loop, NULL, 0);
}

/* The last panel: `columns` of them from start on; its last vector is narrow or masked. */
static void last_panel(Gemm *g, int64_t columns, int64_t start)
{
    LB *b = &g->e.b;
    int w = g->e.width, n = (int)((columns + w - 1) / w), rest = (int)(columns % w), lanes = gen_lanes(rest);
    Panel p = panel_of(g, n, l_i64(b, start), l_i64(b, columns));
    if (rest) {
        p.lanes[n - 1] = lanes;
        p.mask[n - 1] = rest < lanes ? l_maskn(b, l_i64(b, rest), lanes) : 0;
    }
    row_axes(g, &p, 0);
}

static void constant_columns(Gemm *g, int64_t extent)
{
    LB *b = &g->e.b;
    int64_t wide = (int64_t)g->vectors * g->e.width, most = wide + (g->vectors == 2 ? g->e.width : 0);
    int64_t loops = extent <= most ? 0 : (extent - most + wide - 1) / wide;
    if (loops == 1)
        last_panel(g, wide, 0);
    else if (loops)
        panel_loop(g, g->vectors, l_i64(b, 0), l_i64(b, loops * wide));
    last_panel(g, extent - loops * wide, loops * wide);
}

static void variable_columns(Gemm *g, LV lo, LV hi)
{
    LB *b = &g->e.b;
    LV at = lo;
    for (int n = g->vectors; n >= 1; n = n > 1 ? 1 : 0) {
        LV wide = l_i64(b, n * g->e.width);
        LV whole = l_bin(b, L_imul, l_bin(b, L_ifdiv, l_bin(b, L_isub, hi, at), wide), wide);
        LV end = l_bin(b, L_iadd, at, whole);
        panel_loop(g, n, at, end);
        at = end;
    }
    LV some = l_if(b, l_cmp(b, LP_lt, at, hi));
    Panel p = panel_of(g, 1, at, l_bin(b, L_isub, hi, at));
    p.mask[0] = l_maskn(b, p.columns, g->e.width);
    row_axes(g, &p, 0);
    l_end(b, some);
}

static void outer_axes(Gemm *g, int depth)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    int64_t extent;
    xnode_hoist(e, g->want);
    if (depth < g->n_outer) {
        int axis = g->outer[depth];
        bool part = axis == e->k->part;
        Point old = gen_save(e);
        LV loop = l_loop(b, part ? e->lo : l_i64(b, 0), part ? e->hi : gen_dim(e, e->k->axis[axis]), l_i64(b, 1), NULL, 0);
        g->counter[axis] = loop;
        gen_enter(e, axis, loop);
        outer_axes(g, depth + 1);
        l_yield(b, loop, NULL, 0);
        gen_restore(e, old);
    } else if (e->vec < 0) {
        Panel p = {.n = 1, .lanes = {1}, .start = l_i64(b, 0), .columns = l_i64(b, 1)};
        row_axes(g, &p, 0);
    } else if (e->vec == e->k->part) {
        variable_columns(g, e->lo, e->hi);
    } else if (gen_const(e, e->k->axis[e->vec], &extent) && extent >= 0) {
        constant_columns(g, extent);
    } else {
        variable_columns(g, l_i64(b, 0), gen_dim(e, e->k->axis[e->vec]));
    }
}

/* ---- blocks of K ---- */

static void all_totals_if(Gemm *g, LV when, WithTotals *act)
{
    LV if_ = when ? l_if(&g->e.b, when) : 0;
    gemm_all_totals(g, act);
    if (if_) l_end(&g->e.b, if_);
}

static LV at_least_one(LB *b, LV n)
{
    LV one = l_i64(b, 1);
    return l_sel(b, l_cmp(b, LP_gt, n, one), n, one);
}

/* Blocks of the first K axis, inside its segments. There is one of each also where the axis is empty: it writes the sums of
 * nothing. */
static void block_loop(Gemm *g)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    LV end = gen_dim(e, e->k->axis[g->k[0]]), step = g->segments.step[0];
    g->s_lo = l_i64(b, 0);
    g->s_hi = end;
    if (g->segments.some) all_totals_if(g, g->segments.is_long, totals_clear);
    if (step) {
        g->s_lo = l_loop(b, g->s_lo, at_least_one(b, end), at_least_one(b, step), NULL, 0);
        LV next = l_bin(b, L_iadd, g->s_lo, step);
        g->s_hi = l_sel(b, l_cmp(b, LP_lt, next, end), next, end);
    }
    g->k_lo = l_loop(b, g->s_lo, at_least_one(b, g->s_hi), l_i64(b, g->block), NULL, 0);
    LV next = l_bin(b, L_iadd, g->k_lo, l_i64(b, g->block));
    g->k_hi = l_sel(b, l_cmp(b, LP_lt, next, g->s_hi), next, g->s_hi);
    outer_axes(g, 0);
    l_yield(b, g->k_lo, NULL, 0);
    if (step) {
        all_totals_if(g, g->segments.here[0], totals_add);
        l_yield(b, g->s_lo, NULL, 0);
    }
    if (!g->segments.some) return;
    LV when = g->segments.is_long, if_ = when ? l_if(b, when) : 0;
    gemm_all_totals(g, totals_take);
    if (e->k->looks) gemm_suspect(g); /* what became of the totals was in no register of a tile */
    if (if_) l_end(b, if_);
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
    g->vectors = full_vectors(g);
    plan_sums(g);
    if (g->block)
        block_loop(g);
    else
        outer_axes(g, 0);
    l_ret(&e->b, 0);
    if (k->part == g->m && g->m >= 0) return GOOD_ROWS;
    return k->part == e->vec && e->vec >= 0 ? (int64_t)g->vectors * e->width : 1;
}
