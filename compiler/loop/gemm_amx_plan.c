/* SPDX-License-Identifier: MIT
 * gemm_amx_plan.c: which contractions go by tiles of AMX, and what of their operands is packed together. */
#include "loop/gemm_amx.h"

enum {
    LEAST_PART = 5,    /* of a tile: one of so many products is wanted */
    MOST_BLOCKS = 128, /* of K that are packed together: 32 rows are 256 KB */
    K_BLOCK = 1024,
    COLUMN_BYTES = 1 << 20 /* of a block of B: half of a second cache */
};

static int64_t extent_of(const Gemm *g, int axis)
{
    int64_t n;
    return gen_const(&g->e, g->e.k->axis[axis], &n) ? n : -1;
}

static int64_t blocks_of(int64_t count)
{
    return (count + OPERAND_BLOCK - 1) / OPERAND_BLOCK;
}

int64_t gemm_amx_inner_blocks(const Gemm *g, int depth)
{
    int64_t n = 1;
    for (int i = depth + 1; i < g->n_k; i++)
        n *= i == g->n_k - 1 ? blocks_of(extent_of(g, g->k[i])) : extent_of(g, g->k[i]);
    return n;
}

/* Iterations of the first K axis that are packed together; -1: known at run time only. */
static int64_t most_iterations(const Gemm *g)
{
    return g->plan.k_block ? g->plan.k_block : extent_of(g, g->k[0]);
}

/* Blocks of K in so many iterations of the first K axis. */
static int64_t blocks_in(const Gemm *g, int64_t iterations)
{
    return g->n_k == 1 ? blocks_of(iterations) : iterations * gemm_amx_inner_blocks(g, 0);
}

int64_t gemm_amx_panel_bytes(const Gemm *g)
{
    return blocks_in(g, most_iterations(g)) * AMX_BLOCK_BYTES;
}

static bool is_contiguous(const Gemm *g, int rd, int axis)
{
    int64_t unit;
    return gen_const(&g->e, g->e.k->rd.at[rd].stride[axis], &unit) && unit == 1;
}

static bool operands_fit(const Gemm *g)
{
    int last = g->k[g->n_k - 1];
    for (int rd = 0; rd < 2; rd++) {
        if (g->e.p->buf.at[g->e.k->rd.at[rd].buf].dtype != DT_wide16) return false;
        if (!is_contiguous(g, rd, last) && !is_contiguous(g, rd, rd ? g->e.vec : g->m)) return false;
    }
    return true;
}

/* Blocks of K, if all of it is too much, end where segments do. */
static bool choose_k_block(Gemm *g)
{
    int64_t first = extent_of(g, g->k[0]), inner = 1;
    for (int i = 1; i < g->n_k; i++) {
        int64_t n = extent_of(g, g->k[i]);
        if (n < 1) return false;
        inner *= n;
    }
    g->plan.k_block = 0;
    if (first == 0) return false;
    if (first > 0 && blocks_in(g, first) <= MOST_BLOCKS) return true;
    if (g->e.k->grouped || g->e.k->own_rows) return false; /* totals that wait would be those of all threads */
    g->plan.k_block = inner > SEGMENT ? (K_BLOCK + inner - 1) / inner : K_BLOCK / SEGMENT * (SEGMENT / inner);
    return blocks_in(g, g->plan.k_block) <= MOST_BLOCKS;
}

/* What there is of so many, in tiles; extent: -1: many. */
static double filled(int64_t extent, int64_t side)
{
    int64_t tiles = (extent + side - 1) / side * side;
    return extent < 0 ? 1 : (double)extent / (double)tiles;
}

/* A tile does ten times what vectors do in its time, and packing takes as long again. */
static bool pays(const Gemm *g)
{
    double k = filled(extent_of(g, g->k[g->n_k - 1]), OPERAND_BLOCK);
    return filled(g->m_extent, AMX_SIDE) * filled(g->n_extent, AMX_SIDE) * k * LEAST_PART >= 1;
}

bool gemm_amx_plan(Gemm *g)
{
    const LoopTarget *target = &g->e.m->target;
    if (!target->amx || target->compact || !g->pairs || g->turn.on || g->m < 0 || g->e.vec < 0 || g->e.k->in_place) return false;
    if (g->type != LT_f32 || g->n_extent < 1 || (target->amx == AMX_where_it_pays && !pays(g))) return false;
    if (!operands_fit(g) || !choose_k_block(g)) {
        g->plan.k_block = 0;
        return false;
    }
    g->plan.vectors = AMX_WIDE / g->e.width;
    g->plan.rows = AMX_WIDE;
    int64_t columns = COLUMN_BYTES / gemm_amx_panel_bytes(g) * AMX_WIDE;
    g->plan.columns = columns < AMX_WIDE ? AMX_WIDE : columns;
    if (g->n_extent <= g->plan.columns) g->plan.columns = 0;
    g->row_pass = true;
    return g->amx.on = true;
}
