/* SPDX-License-Identifier: MIT
 * gemm_amx.c: contractions of operands in bf16 by the tile registers of AMX.
 *
 *   for blocks of columns:  for blocks of K:  pack B
 *     for outer M:  for 32 rows:  pack A;  for 32 columns:  sums = 0;  for 32 of K:  sums += A B;  keep the sums
 *       then what the kernel makes of them, row by row (gemm_epilogue.c)
 *
 * Eight registers of 16 by 16 words: four of sums, two of A, two of B. One multiplication adds what docs/ir.md ("Operands") calls a block,
 * so the bits are those of gemm_pairs.c; segments of K end where they do there. Rows, columns and iterations of K that a tile has too many
 * are 0 or nobody's (gemm_amx_pack.c). Zeros of an operand are multiplied like other numbers, where they are not whole blocks. */
#include "loop/gemm_amx.h"

enum { FIRST_A = 4, FIRST_B = 6 }; /* registers of operands; sums are those before */

/* ---- memory ---- */

static int64_t block_columns(const Gemm *g)
{
    int64_t n = g->plan.columns ? g->plan.columns : g->n_extent;
    return (n + AMX_WIDE - 1) / AMX_WIDE * AMX_WIDE;
}

void gemm_amx_open(Gemm *g)
{
    if (!g->amx.on) return;
    int64_t panel = gemm_amx_panel_bytes(g), totals = g->segments.some && !g->plan.k_block ? AMX_WIDE * block_columns(g) * 8 : 0;
    g->amx.rows = gen_scratch(&g->e, panel * (1 + block_columns(g) / AMX_WIDE) + totals);
    g->amx.columns = l_ptradd(&g->e.b, g->amx.rows, 0, panel);
    if (totals) g->totals = l_ptradd(&g->e.b, g->amx.columns, 0, panel * (block_columns(g) / AMX_WIDE));
}

/* ---- sums ---- */

typedef struct Sums { /* of a panel of columns */
    int rows, columns; /* tiles */
    LV kept, a, b;
    Totals totals;
} Sums;

static LV row_bytes(Gemm *g)
{
    return l_i64(&g->e.b, gemm_kept_row_bytes(g));
}

static void each_sum(Gemm *g, const Sums *s, bool store)
{
    LB *b = &g->e.b;
    for (int r = 0; r < s->rows; r++)
        for (int c = 0; c < s->columns; c++) {
            int64_t at = r * AMX_SIDE * gemm_kept_row_bytes(g) + c * AMX_ROW_BYTES;
            if (store)
                l_amx_store(b, 2 * r + c, l_ptradd(b, s->kept, 0, at), row_bytes(g));
            else
                l_amx_zero(b, 2 * r + c);
        }
}

/* Adds the products of blocks lo .. hi - 1 of what is packed. */
static void add_blocks(Gemm *g, const Sums *s, LV lo, LV hi)
{
    LB *b = &g->e.b;
    LV row = l_i64(b, AMX_ROW_BYTES), at = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
    LV bytes = l_bin(b, L_imul, at, l_i64(b, AMX_BLOCK_BYTES)), a = l_ptradd(b, s->a, bytes, 0), c = l_ptradd(b, s->b, bytes, 0);
    for (int i = 0; i < s->columns; i++)
        l_amx_load(b, FIRST_B + i, l_ptradd(b, c, 0, i * AMX_SIDE * AMX_ROW_BYTES), row);
    for (int r = 0; r < s->rows; r++) {
        l_amx_load(b, FIRST_A + r, l_ptradd(b, a, 0, r * AMX_SIDE * AMX_ROW_BYTES), row);
        for (int i = 0; i < s->columns; i++)
            l_amx_add(b, 2 * r + i, FIRST_A + r, FIRST_B + i);
    }
    l_yield(b, at, NULL, 0);
}

/* The K axis whose iterations go in segments; -1: none. */
static int cut_axis(const Gemm *g)
{
    int at = -1;
    for (int i = 0; i < g->n_k; i++) {
        if (!g->segments.step[i]) continue;
        if (at >= 0) BUG("kernel %s: segments of two axes", g->e.k->name);
        at = i;
    }
    return at;
}

/* Blocks of K in `count` iterations of axis i. */
static LV blocks_of_axis(Gemm *g, int i, LV count)
{
    LB *b = &g->e.b;
    if (i < g->n_k - 1) return l_bin(b, L_imul, count, l_i64(b, gemm_amx_inner_blocks(g, i)));
    return l_bin(b, L_ifdiv, l_bin(b, L_iadd, count, l_i64(b, OPERAND_BLOCK - 1)), l_i64(b, OPERAND_BLOCK));
}

static LV iterations(Gemm *g, int i)
{
    if (i == 0 && g->k_lo) return l_bin(&g->e.b, L_isub, g->k_hi, g->k_lo);
    return gen_dim(&g->e, g->e.k->axis[g->k[i]]);
}

static void add_segments(Gemm *g, Sums *s, int cut)
{
    LB *b = &g->e.b;
    LV all = l_i64(b, 1), blocks = blocks_of_axis(g, cut, iterations(g, cut)), step = blocks_of_axis(g, cut, g->segments.step[cut]);
    for (int i = 0; i < cut; i++)
        all = l_bin(b, L_imul, all, iterations(g, i));
    if (!l_is_int(b, iterations(g, 0), NULL)) { /* sums of nothing are 0 */
        each_sum(g, s, false);
        each_sum(g, s, true);
    }
    LV outer = l_loop(b, l_i64(b, 0), all, l_i64(b, 1), NULL, 0), from = l_bin(b, L_imul, outer, blocks);
    LV start = l_loop(b, l_i64(b, 0), blocks, step, NULL, 0), end = gemm_smaller(b, l_bin(b, L_iadd, start, step), blocks);
    each_sum(g, s, false);
    add_blocks(g, s, l_bin(b, L_iadd, from, start), l_bin(b, L_iadd, from, end));
    each_sum(g, s, true);
    totals_add(&g->e, g->segments.here[cut], &s->totals, NULL, 0);
    l_yield(b, start, NULL, 0);
    l_yield(b, outer, NULL, 0);
}

/* One chain. Where an operand has zeros for these rows or columns, as causal attention has behind its last row, no block is multiplied. */
static void add_all(Gemm *g, const Sums *s, LV first, const Panel *p)
{
    LB *b = &g->e.b;
    LV lo = l_i64(b, 0), hi = iterations(g, 0);
    Tile t = {.rows = AMX_WIDE, .first = first, .panel = p};
    if (g->n_k == 1) gemm_inside(g, &t, g->k[0], &lo, &hi);
    if (g->n_k == 1) lo = l_bin(b, L_ifdiv, lo, l_i64(b, OPERAND_BLOCK));
    each_sum(g, s, false);
    add_blocks(g, s, lo, blocks_of_axis(g, 0, hi));
    each_sum(g, s, true);
}

static void begin_totals(Gemm *g, Sums *s, LV first, LV rows, LV column, LV columns)
{
    LB *b = &g->e.b;
    LV always = g->segments.is_long, begins = g->is_first;
    s->totals = (Totals){.type = g->type, .chains = s->kept, .rows = rows, .columns = columns, .chain_row = row_bytes(g)};
    if (g->plan.k_block) {
        s->totals.totals = gemm_totals_place(g, first, column);
        s->totals.total_row = g->row_of[g->m];
    } else {
        s->totals.totals = l_ptradd(b, g->totals, l_bin(b, L_imul, l_bin(b, L_isub, column, g->c_lo), l_i64(b, 8)), 0);
        s->totals.total_row = l_i64(b, 8 * block_columns(g));
    }
    totals_clear(&g->e, !always || !begins ? (always ? always : begins) : l_bin(b, L_and, always, begins), &s->totals, NULL, 0);
}

/* Rows first .. end - 1 of the columns of a panel that begins at `column`, into the memory for sums. */
static void panel(Gemm *g, int tiles, LV first, LV end, LV column)
{
    LB *b = &g->e.b;
    int cut = g->segments.some ? cut_axis(g) : -1;
    LV place = l_bin(b, L_isub, column, g->c_lo), index = l_bin(b, L_lshr, place, l_i64(b, AMX_WIDE_BITS));
    LV columns = gemm_smaller(b, l_bin(b, L_isub, g->p_hi, column), l_i64(b, AMX_WIDE));
    Sums s = {.rows = tiles, .columns = g->n_extent > AMX_SIDE ? 2 : 1, .a = g->amx.rows};
    s.kept = gemm_kept_place(g, l_i64(b, 0), place);
    s.b = l_ptradd(b, g->amx.columns, l_bin(b, L_imul, index, l_i64(b, gemm_amx_panel_bytes(g))), 0);
    if (cut < 0) {
        add_all(g, &s, first, &(Panel){.start = column, .columns = columns});
        return;
    }
    begin_totals(g, &s, first, l_bin(b, L_isub, end, first), column, columns);
    add_segments(g, &s, cut);
    LV done = g->is_last ? l_if(b, g->is_last) : 0;
    totals_take(&g->e, g->segments.is_long, &s.totals, NULL, 0);
    if (done) l_end(b, done);
}

static void panels(Gemm *g, int tiles, LV first, LV end)
{
    LB *b = &g->e.b;
    LV column = l_loop(b, g->p_lo, g->p_hi, l_i64(b, AMX_WIDE), NULL, 0);
    panel(g, tiles, first, end, column);
    l_yield(b, column, NULL, 0);
}

/* Of few rows one tile is enough: of all, or of those that are left. */
static void all_panels(Gemm *g, LV first, LV end)
{
    LB *b = &g->e.b;
    int64_t rest = g->m_extent >= 0 ? g->m_extent % AMX_WIDE : 1;
    if (g->m_extent >= 0 && g->m_extent <= AMX_SIDE) {
        panels(g, 1, first, end);
    } else if (rest == 0 || rest > AMX_SIDE) {
        panels(g, 2, first, end);
    } else {
        LV few = l_if(b, l_cmp(b, LP_le, l_bin(b, L_isub, end, first), l_i64(b, AMX_SIDE)));
        panels(g, 1, first, end);
        l_else(b, few);
        panels(g, 2, first, end);
        l_end(b, few);
    }
}

void gemm_amx_rows(Gemm *g)
{
    LB *b = &g->e.b;
    LV lo, hi;
    gen_bounds(&g->e, g->m, &lo, &hi);
    LV first = l_loop(b, lo, hi, l_i64(b, AMX_WIDE), NULL, 0), end = gemm_smaller(b, l_bin(b, L_iadd, first, l_i64(b, AMX_WIDE)), hi);
    LV last = l_bin(b, L_isub, end, l_i64(b, 1));
    g->first_kept = first;
    gemm_begin_band(g, first, last);
    gemm_amx_pack_rows(g, first, end);
    l_amx_open(b);
    all_panels(g, first, end);
    l_amx_close(b);
    gemm_finish_rows(g, first, end);
    gemm_end_band(g, first, last);
    l_yield(b, first, NULL, 0);
}
