/* SPDX-License-Identifier: MIT
 * gemm_amx_pack.c: operands of a contraction as AMX's tiles have them.
 *
 *   for 32 rows or columns:  for 32 of K:  two tiles, each of 16 rows of 16 pairs of bf16 that are neighbours in K
 *
 * A row of a tile is a row of A, with 16 pairs, or a pair of each of 16 columns of B. Memory has the numbers of bf16 as those of f32 whose
 * lower halves are 0. Where it is contiguous along K, a shuffle makes the pairs of a row or column; elsewhere a shift makes one pair of 16
 * of them. What is then across the tile is transposed in registers. Behind the end of an axis of K both operands have zeros, to the end
 * of a tile; rows and columns that there are not have any numbers: nobody looks at their sums. */
#include "loop/gemm_amx.h"

#include <string.h>

enum { P_TO, P_FROM, P_COUNT, P_LINES, P_STEP, P_PANEL, P_N };

typedef struct Pack {
    LB b;
    LV arg[P_N];
    bool along_k; /* the original is contiguous along K, else along the lines, which are rows or columns */
    bool is_b;    /* columns */
} Pack;

static LV add(LB *b, LV x, LV y)
{
    return l_bin(b, L_iadd, x, y);
}

static LV times(LB *b, LV x, int64_t n)
{
    return l_bin(b, L_imul, x, l_i64(b, n));
}

static LV both(LB *b, LV x, LV y)
{
    return !x || !y ? (x ? x : y) : l_bin(b, L_and, x, y);
}

/* Some of a line from iteration k on; the mask of the first 16 and that of the second ones. */
static LV pairs_of_line(Pack *p, LV line, LV k, const LV mask[2])
{
    LB *b = &p->b;
    LV at = l_ptradd(b, l_ptradd(b, p->arg[P_FROM], l_bin(b, L_imul, line, p->arg[P_STEP]), 0), times(b, k, 4), 0);
    LV x = l_load(b, at, 0, DT_f32, AMX_SIDE, mask[0]), y = l_load(b, at, AMX_ROW_BYTES, DT_f32, AMX_SIDE, mask[1]);
    return l_pairs(b, x, y);
}

static LV pair_of_lines(Pack *p, LV line, LV k, const LV mask[2])
{
    LB *b = &p->b;
    LV at = l_ptradd(b, l_ptradd(b, p->arg[P_FROM], l_bin(b, L_imul, k, p->arg[P_STEP]), 0), times(b, line, 4), 0);
    LV x = l_bitcast(b, l_load(b, at, 0, DT_f32, AMX_SIDE, mask[0]), LT_i32);
    LV y = l_bitcast(b, l_load(b, l_ptradd(b, at, p->arg[P_STEP], 0), 0, DT_f32, AMX_SIDE, mask[1]), LT_i32);
    return l_bin(b, L_or, l_bin(b, L_lshr, x, l_int(b, LT_i32, AMX_SIDE, 16)), y);
}

/* Is scalar i below n? A mask of all lanes. */
static LV is_below(LB *b, LV i, LV n)
{
    return l_splat(b, l_cmp(b, LP_lt, i, n), AMX_SIDE);
}

/* 16 lines from `line` on, 32 of K from k on; some_lines, some_k: those that there are. */
static void pack_tile(Pack *p, LV to, LV line, LV k, bool some_lines, bool some_k)
{
    LB *b = &p->b;
    LV row[AMX_SIDE], lines = p->arg[P_LINES], count = p->arg[P_COUNT];
    LV along = some_lines && !p->along_k ? l_maskn(b, l_bin(b, L_isub, lines, line), AMX_SIDE) : 0, mask[2] = {0, 0};
    for (int half = 0; half < 2 && some_k && p->along_k; half++)
        mask[half] = l_maskn(b, l_bin(b, L_isub, count, add(b, k, l_i64(b, half * AMX_SIDE))), AMX_SIDE);
    for (int i = 0; i < AMX_SIDE; i++) {
        LV own[2];
        LV at = p->along_k ? add(b, line, l_i64(b, i)) : add(b, k, l_i64(b, 2 * i));
        for (int half = 0; half < 2; half++) {
            if (p->along_k)
                own[half] = both(b, mask[half], some_lines ? is_below(b, at, lines) : 0);
            else
                own[half] = both(b, along, some_k ? is_below(b, add(b, at, l_i64(b, half)), count) : 0);
        }
        row[i] = p->along_k ? pairs_of_line(p, at, k, own) : pair_of_lines(p, line, at, own);
    }
    if (p->along_k == p->is_b) gemm_transpose_square(b, row, AMX_SIDE);
    for (int i = 0; i < AMX_SIDE; i++)
        l_store(b, to, i * AMX_ROW_BYTES, DT_i32, row[i], 0);
}

static void pack_lines(Pack *p, LV line, bool some_lines)
{
    LB *b = &p->b;
    LV count = p->arg[P_COUNT], whole = l_bin(b, L_and, count, l_i64(b, -OPERAND_BLOCK));
    LV panel = l_bin(b, L_imul, l_bin(b, L_lshr, line, l_i64(b, AMX_WIDE_BITS)), p->arg[P_PANEL]);
    LV second = times(b, l_bin(b, L_and, line, l_i64(b, AMX_SIDE)), AMX_ROW_BYTES);
    LV to = l_ptradd(b, l_ptradd(b, p->arg[P_TO], panel, 0), second, 0);
    LV k = l_loop(b, l_i64(b, 0), whole, l_i64(b, OPERAND_BLOCK), NULL, 0);
    pack_tile(p, l_ptradd(b, to, times(b, k, AMX_BLOCK_BYTES / OPERAND_BLOCK), 0), line, k, some_lines, false);
    l_yield(b, k, NULL, 0);
    LV rest = l_if(b, l_cmp(b, LP_lt, whole, count));
    pack_tile(p, l_ptradd(b, to, times(b, whole, AMX_BLOCK_BYTES / OPERAND_BLOCK), 0), line, whole, some_lines, true);
    l_end(b, rest);
}

static void pack_all(Pack *p)
{
    LB *b = &p->b;
    LV whole = l_bin(b, L_and, p->arg[P_LINES], l_i64(b, -AMX_SIDE));
    LV line = l_loop(b, l_i64(b, 0), whole, l_i64(b, AMX_SIDE), NULL, 0);
    pack_lines(p, line, false);
    l_yield(b, line, NULL, 0);
    LV rest = l_if(b, l_cmp(b, LP_lt, whole, p->arg[P_LINES]));
    pack_lines(p, whole, true);
    l_end(b, rest);
}

static void call_pack(Gemm *g, bool is_b, bool along_k, const LV *args)
{
    static const char *const names[2][2] = {{"amx.rows", "amx.rows.k"}, {"amx.columns", "amx.columns.k"}};
    static const char *const label[P_N] = {"to", "from", "count", "lines", "step", "panel"};
    static const uint8_t params[P_N] = {LT_ptr, LT_ptr, LT_i64, LT_i64, LT_i64, LT_i64};
    LoopModule *m = g->e.m;
    const char *name = loop_name(m, names[is_b][along_k]);
    bool found = false;
    for (uint32_t i = 0; i < m->fn.n; i++)
        found |= strcmp(m->fn.at[i]->name, name) == 0;
    if (!found) {
        Pack p = {.b = {m, loop_fn_new(m, name, params, P_N, LT_void)}, .along_k = along_k, .is_b = is_b};
        for (int i = 0; i < P_N; i++)
            p.arg[i] = l_label(&p.b, l_arg(&p.b, i), label[i]);
        pack_all(&p);
        l_ret(&p.b, 0);
    }
    l_call(&g->e.b, name, LT_void, args, P_N);
}

/* ---- the axes of K ---- */

typedef struct Source {
    bool is_b, along_k;
    int axis; /* of rows or columns */
    LV lines;
} Source;

static void pack_axes(Gemm *g, const Source *s, int depth, LV to, LV from)
{
    LB *b = &g->e.b;
    LV lo = depth || !g->k_lo ? l_i64(b, 0) : g->k_lo;
    LV hi = depth || !g->k_lo ? gen_dim(&g->e, g->e.k->axis[g->k[depth]]) : g->k_hi;
    LV step = gemm_stride(g, s->is_b, g->k[depth]);
    if (depth == g->n_k - 1) {
        LV start = l_ptradd(b, from, l_bin(b, L_imul, lo, step), 0), count = l_bin(b, L_isub, hi, lo);
        LV apart = s->along_k ? gemm_stride(g, s->is_b, s->axis) : step;
        call_pack(g, s->is_b, s->along_k, (LV[P_N]){to, start, count, s->lines, apart, l_i64(b, gemm_amx_panel_bytes(g))});
        return;
    }
    LV i = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
    LV at = times(b, l_bin(b, L_isub, i, lo), gemm_amx_inner_blocks(g, depth) * AMX_BLOCK_BYTES);
    pack_axes(g, s, depth + 1, l_ptradd(b, to, at, 0), l_ptradd(b, from, l_bin(b, L_imul, i, step), 0));
    l_yield(b, i, NULL, 0);
}

static void pack(Gemm *g, bool is_b, int axis, LV to, LV first, LV lines)
{
    LB *b = &g->e.b;
    int64_t unit;
    Source s = {.is_b = is_b, .axis = axis, .lines = lines};
    s.along_k = gen_const(&g->e, g->e.k->rd.at[is_b].stride[g->k[g->n_k - 1]], &unit) && unit == 1;
    LV from = l_ptradd(b, g->e.at.val[is_b], l_bin(b, L_imul, first, gemm_stride(g, is_b, axis)), 0);
    pack_axes(g, &s, 0, to, from);
}

void gemm_amx_pack_columns(Gemm *g)
{
    pack(g, true, g->e.vec, g->amx.columns, g->c_lo, l_bin(&g->e.b, L_isub, g->c_hi, g->c_lo));
}

void gemm_amx_pack_rows(Gemm *g, LV lo, LV hi)
{
    pack(g, false, g->m, g->amx.rows, lo, l_bin(&g->e.b, L_isub, hi, lo));
}
