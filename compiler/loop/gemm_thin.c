/* SPDX-License-Identifier: MIT
 * gemm_thin.c: contractions of one row, which wait for the elements of B.
 *
 *   sums[columns] = 0;  for blocks of THIN_K of K:  for panels:  sums[panel] += A[block] * B[block, panel]
 *   then what the kernel makes of the sums, in a pass
 *
 * Each element of B is used once, so all that counts is how fast B arrives. Caches foresee what is read in one stream, and a panel as
 * wide as the registers allow, all of K at a time, is a jump at each row: two thirds of what a second cache gives, measured. Hence few
 * rows of B at a time, all columns of them; the sums wait in the first cache, in single precision as they are: each is still one
 * chain in the order of K, and segments end where they always do. */
#include "loop/gemm.h"

enum {
    THIN_K = 8,
    THIN_COLUMNS = 4096, /* whose sums are kept at a time: 16 KB, or a little less, in whole panels */
    LEAST_COLUMNS = 65
};

static int64_t element_bytes(const Gemm *g)
{
    return dtype_bytes(gemm_memory(g));
}

/* Sums in three of four registers, or so many fewer that least is left behind the whole panels. */
static int thin_vectors(const Gemm *g)
{
    int64_t all = (g->n_extent + g->e.width - 1) / g->e.width;
    int most = g->e.m->target.n_registers * 3 / 4, best = most > MAX_VECTORS ? MAX_VECTORS : most;
    if (all <= best) return (int)all;
    for (int n = best - 1; 2 * n >= most; n--)
        if (all % n < all % best) best = n;
    return best;
}

bool gemm_can_be_thin(const Gemm *g)
{
    const Kernel *k = g->e.k;
    int64_t along_n, rows = 1;
    for (int i = 0; i <= g->n_rows; i++) {
        int axis = i < g->n_rows ? g->rows[i] : g->m;
        int64_t n;
        if (axis >= 0 && gen_const(&g->e, k->axis[axis], &n)) rows *= n;
    }
    if (rows != 1 || g->n_k != 1 || k->quads || g->beside || g->e.vec < 0 || g->n_extent < LEAST_COLUMNS || k->looks || k->rd.at[0].boxed)
        return false;
    return gen_const(&g->e, k->rd.at[1].stride[g->e.vec], &along_n) && along_n == 1;
}

int64_t gemm_thin_bytes(const Gemm *g)
{
    int64_t w = g->e.width, columns = g->n_extent < THIN_COLUMNS ? (g->n_extent + w - 1) / w * w : THIN_COLUMNS;
    return g->thin ? columns * (element_bytes(g) + (g->segments.some ? 8 : 0)) : 0;
}

/* The same contraction with its own panels and without blocks. */
static Gemm thin_of(const Gemm *g)
{
    Gemm thin = *g;
    int64_t w = g->e.width;
    thin.plan = (GemmPlan){.rows = 1, .vectors = thin_vectors(g), .any_end = g->e.vec == g->e.k->part};
    int64_t panel = thin.plan.vectors * w;
    if (g->n_extent > THIN_COLUMNS) thin.plan.columns = THIN_COLUMNS / panel * panel;
    thin.packs = 0;
    thin.kept = g->thin_sums;
    int64_t columns = g->n_extent < THIN_COLUMNS ? (g->n_extent + w - 1) / w * w : THIN_COLUMNS;
    thin.totals = l_ptradd(&thin.e.b, g->thin_sums, 0, columns * element_bytes(g));
    return thin;
}

static LV place_of(Gemm *g, LV column)
{
    LB *b = &g->e.b;
    return l_ptradd(b, g->kept, l_bin(b, L_imul, l_bin(b, L_isub, column, g->c_lo), l_i64(b, element_bytes(g))), 0);
}

/* ---- sums ---- */

static void clear_vector(Gemm *g, const Panel *p, const void *user)
{
    LB *b = &g->e.b;
    (void)user;
    LV at = place_of(g, p->start);
    for (int v = 0; v < p->n; v++) {
        LV zero = l_is_float(g->type) ? l_float(b, g->type, p->lanes[v], 0) : l_int(b, g->type, p->lanes[v], 0);
        l_store(b, at, p->off[v] * element_bytes(g), gemm_memory(g), zero, 0);
    }
}

typedef struct Stretch { /* of K, in a row */
    LV row, lo, hi;
} Stretch;

static void advance(Gemm *g, const Panel *p, const void *user)
{
    LB *b = &g->e.b;
    const Stretch *s = user;
    LV acc[MAX_VECTORS], at = place_of(g, p->start);
    for (int v = 0; v < p->n; v++)
        acc[v] = l_load(b, at, p->off[v] * element_bytes(g), gemm_memory(g), p->lanes[v], 0);
    gemm_stretch(g, p, s->row, s->lo, s->hi, acc);
    for (int v = 0; v < p->n; v++)
        l_store(b, at, p->off[v] * element_bytes(g), gemm_memory(g), acc[v], 0);
}

/* Iterations lo .. hi-1 of K: one chain. A single panel has its sums in registers from the beginning to the end. */
static void add_products(Gemm *g, LV row, LV lo, LV hi)
{
    LB *b = &g->e.b;
    gemm_each_panel(g, clear_vector, NULL);
    if (g->n_extent <= (int64_t)g->plan.vectors * g->e.width) {
        gemm_each_panel(g, advance, &(Stretch){row, lo, hi});
        return;
    }
    LV step = l_i64(b, g->pairs ? OPERAND_BLOCK : THIN_K), block = l_loop(b, lo, hi, step, NULL, 0);
    LV end = gemm_smaller(b, l_bin(b, L_iadd, block, step), hi);
    gemm_each_panel(g, advance, &(Stretch){row, block, end});
    l_yield(b, block, NULL, 0);
}

static void all_products(Gemm *g, LV row)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    LV zero = l_i64(b, 0), end = gen_dim(e, e->k->axis[g->k[0]]), step = g->segments.step[0];
    if (!step) {
        add_products(g, row, zero, end);
        return;
    }
    LV none = l_i64(b, 0), columns = l_bin(b, L_isub, g->c_hi, g->c_lo);
    Totals totals = {.type = g->type, .chains = g->kept, .totals = g->totals, .chain_row = none, .total_row = none};
    totals.rows = l_i64(b, 1);
    totals.columns = columns;
    if (!l_is_int(b, end, NULL)) gemm_each_panel(g, clear_vector, NULL); /* sums of nothing are 0 */
    totals_clear(e, g->segments.is_long, &totals, NULL, 0);
    LV segment = l_loop(b, zero, end, step, NULL, 0);
    add_products(g, row, segment, gemm_smaller(b, l_bin(b, L_iadd, segment, step), end));
    totals_add(e, g->segments.here[0], &totals, NULL, 0);
    l_yield(b, segment, NULL, 0);
    totals_take(e, g->segments.is_long, &totals, NULL, 0);
}

static void row_of_columns(Gemm *g, LV row)
{
    g->first_kept = row;
    gemm_all_panels(g);
    all_products(g, row);
    gemm_finish_rows(g, row, l_bin(&g->e.b, L_iadd, row, l_i64(&g->e.b, 1)));
}

void gemm_thin_rows(Gemm *whole)
{
    Gemm thin = thin_of(whole), *g = &thin;
    LB *b = &g->e.b;
    LV lo, hi, c_lo, c_hi, block = 0;
    Point old = gen_save(&g->e);
    gen_bounds(&g->e, g->m, &lo, &hi);
    gen_bounds(&g->e, g->e.vec, &c_lo, &c_hi);
    g->c_lo = c_lo, g->c_hi = c_hi;
    LV row = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
    if (g->plan.columns) {
        block = l_loop(b, c_lo, c_hi, l_i64(b, g->plan.columns), NULL, 0);
        g->c_lo = block;
        g->c_hi = gemm_smaller(b, l_bin(b, L_iadd, block, l_i64(b, g->plan.columns)), c_hi);
    }
    row_of_columns(g, row);
    if (block) l_yield(b, block, NULL, 0);
    l_yield(b, row, NULL, 0);
    gen_restore(&g->e, old);
}
