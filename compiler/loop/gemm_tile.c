/* SPDX-License-Identifier: MIT
 * gemm_tile.c: one tile of a contraction: rows by vectors of columns, whose sums are in registers.
 *
 *   acc[rows][vectors] = 0;  for all K axes in order: acc[r][v] += splat A[r] * B[v] (fused);  epilogue on each acc[r][v]
 *
 * Each element is one chain of fused multiply-adds in the order of K, cut into segments where it is long (segment.h), so
 * its bits depend neither on the tile nor on the threads. An epilogue with expensive operations goes through the stack and
 * a loop over the rows instead of being repeated for every row. */
#include "loop/gemm.h"

enum { UNROLLED_K = 8 };

/* ---- sums ---- */

static uint8_t operand_mem(const Gemm *g, int rd)
{
    return g->e.p->buf.at[g->e.k->rd.at[rd].buf].dtype;
}

static LV stride_bytes(Gemm *g, int rd, int axis)
{
    Gen *e = &g->e;
    LV s = gen_dim(e, e->k->rd.at[rd].stride[axis]);
    return l_bin(&e->b, L_imul, s, l_i64(&e->b, dtype_bytes(operand_mem(g, rd))));
}

static LV multiply_add(Gemm *g, LV x, LV y, LV acc)
{
    LB *b = &g->e.b;
    if (l_is_float(g->type)) return l_fma(b, x, y, acc);
    return l_bin(b, L_iadd, l_bin(b, L_imul, x, y), acc);
}

static LV load_b(Gemm *g, const Panel *p, int v, LV pb)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    uint8_t mem = operand_mem(g, 1);
    int64_t s = 1, bytes = dtype_bytes(mem);
    if (e->vec < 0 || (gen_const(e, e->k->rd.at[1].stride[e->vec], &s) && s == 1)) {
        LV x = l_load(b, pb, p->off[v] * bytes, mem, p->lanes[v], p->mask[v]);
        return l_cvt(b, x, g->type);
    }
    LV stride = stride_bytes(g, 1, e->vec);
    LV at = l_ptradd(b, pb, l_bin(b, L_imul, stride, l_i64(b, p->off[v])), 0);
    LV x = p->lanes[v] == 1 ? l_load(b, at, 0, mem, 1, 0) : l_loadstride(b, at, stride, mem, p->lanes[v], p->mask[v]);
    return l_cvt(b, x, g->type);
}

static void rank_one(Gemm *g, Tile *t, LV pa, LV pb)
{
    LB *b = &g->e.b;
    LV col[MAX_VECTORS];
    uint8_t mem = operand_mem(g, 0);
    for (int v = 0; v < t->panel->n; v++)
        col[v] = load_b(g, t->panel, v, pb);
    for (int r = 0; r < t->rows; r++) {
        LV at = t->row_offset[r] ? l_ptradd(b, pa, t->row_offset[r], 0) : pa;
        LV x = l_cvt(b, l_load(b, at, t->row_imm[r], mem, 1, 0), g->type);
        for (int v = 0; v < t->panel->n; v++) {
            LV *acc = &t->acc[r * t->panel->n + v];
            *acc = multiply_add(g, xnode_spread(&g->e, x, t->panel->lanes[v]), col[v], *acc);
        }
    }
}

static void contract(Gemm *g, Tile *t, int depth, LV pa, LV pb);

/* Iterations lo .. hi-1 of a K axis. */
static void contract_range(Gemm *g, Tile *t, int depth, LV lo, LV hi, LV pa, LV pb)
{
    LB *b = &g->e.b;
    int axis = g->k[depth], n = t->rows * t->panel->n;
    LV sa = stride_bytes(g, 0, axis), sb = stride_bytes(g, 1, axis);
    LV loop = l_loop(b, lo, hi, l_i64(b, 1), t->acc, n);
    if (n >= 4) b->f->tiled = true;
    for (int i = 0; i < n; i++)
        t->acc[i] = l_carried(b, loop, i);
    contract(g, t, depth + 1, l_ptradd(b, pa, l_bin(b, L_imul, loop, sa), 0), l_ptradd(b, pb, l_bin(b, L_imul, loop, sb), 0));
    l_yield(b, loop, t->acc, n);
    for (int i = 0; i < n; i++)
        t->acc[i] = l_result(b, loop, i);
}

static void zero_sums(Gemm *g, const Tile *t)
{
    for (int i = 0; i < t->rows * t->panel->n; i++)
        t->acc[i] = l_float(&g->e.b, g->type, t->panel->lanes[i % t->panel->n], 0);
}

static void contract_segments(Gemm *g, Tile *t, int depth, LV pa, LV pb)
{
    LB *b = &g->e.b;
    bool always = depth == 0 && !g->segments.here[0]; /* each segment starts at 0 */
    int n = always ? 0 : t->rows * t->panel->n;
    LV end = gen_dim(&g->e, g->e.k->axis[g->k[depth]]), step = g->segments.step[depth];
    LV start = l_loop(b, l_i64(b, 0), end, step, t->acc, n), next = l_bin(b, L_iadd, start, step);
    for (int i = 0; i < n; i++)
        t->acc[i] = l_carried(b, start, i);
    if (always) zero_sums(g, t);
    next = l_sel(b, l_cmp(b, LP_lt, next, end), next, end);
    contract_range(g, t, depth, start, next, pa, pb);
    totals_add(&g->e, g->segments.here[depth], &t->totals, t->acc, t->rows * t->panel->n);
    l_yield(b, start, t->acc, n);
    for (int i = 0; i < n; i++)
        t->acc[i] = l_result(b, start, i);
    if (always) zero_sums(g, t);
}

static void contract(Gemm *g, Tile *t, int depth, LV pa, LV pb)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    if (depth == g->n_k) {
        rank_one(g, t, pa, pb);
        return;
    }
    int axis = g->k[depth];
    LV sa = stride_bytes(g, 0, axis), sb = stride_bytes(g, 1, axis);
    int64_t extent;
    bool blocked = depth == 0 && g->block, known = gen_const(e, e->k->axis[axis], &extent);
    if (depth == g->n_k - 1 && !blocked && known && extent >= 0 && extent <= UNROLLED_K) {
        for (int64_t i = 0; i < extent; i++)
            rank_one(g, t, l_ptradd(b, pa, l_bin(b, L_imul, sa, l_i64(b, i)), 0), l_ptradd(b, pb, l_bin(b, L_imul, sb, l_i64(b, i)), 0));
        return;
    }
    if (blocked)
        contract_range(g, t, depth, g->k_lo, g->k_hi, pa, pb);
    else if (g->segments.step[depth])
        contract_segments(g, t, depth, pa, pb);
    else
        contract_range(g, t, depth, l_i64(b, 0), gen_dim(e, e->k->axis[axis]), pa, pb);
}

/* Sums so far: 0 in the first block of a segment, else what the result holds. A load that is off reads nothing
 * and gives 0. */
static void start_sums(Gemm *g, const Panel *p, int rows, LV first, LV *acc)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < p->n; v++) {
            int lanes = p->lanes[v];
            LV *a = &acc[r * p->n + v];
            if (!g->block) {
                *a = l_is_float(g->type) ? l_float(b, g->type, lanes, 0) : l_int(b, g->type, lanes, 0);
                continue;
            }
            Point old = gen_save(e);
            if (e->vec >= 0) gen_enter_vector(e, e->vec, l_bin(b, L_iadd, p->start, l_i64(b, p->off[v])), lanes, p->mask[v]);
            if (g->m >= 0) gen_enter(e, g->m, l_bin(b, L_iadd, first, l_i64(b, r)));
            LV on = xnode_spread(e, l_cmp(b, LP_gt, g->k_lo, g->s_lo), lanes);
            *a = xnode_load_result(e, 0, p->mask[v] ? l_bin(b, L_and, on, p->mask[v]) : on);
            gen_restore(e, old);
        }
}

/* ---- epilogue ---- */

static void epilogue_element(Gemm *g, LV row, LV acc)
{
    Gen *e = &g->e;
    LV value[16];
    Point old = gen_save(e);
    if (g->m >= 0) gen_enter(e, g->m, row);
    for (uint32_t i = g->acc - 1; i < e->k->x.n; i++)
        if (e->k->x.at[i].kind == X_acc) e->at.memo[i] = acc;
    if (g->store.n > 16) BUG("kernel %s: %u stores", e->k->name, g->store.n);
    for (uint32_t i = 0; i < g->store.n; i++)
        value[i] = xnode_store_value(e, g->store.at[i]);
    for (uint32_t i = 0; i < g->store.n; i++)
        xnode_store(e, g->store.at[i], value[i]);
    gen_restore(e, old);
}

static uint8_t stack_mem(const Gemm *g)
{
    static const uint8_t mem[] = {[LT_i32] = DT_i32, [LT_i64] = DT_i64, [LT_f32] = DT_f32, [LT_f64] = DT_f64};
    return mem[g->type];
}

/* Rows of one vector of the panel. In a loop, accumulators come from the stack, 64 lanes of 8 bytes
 * apart at most. */
static void epilogue_column(Gemm *g, const Tile *t, int v, LV first)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    const Panel *p = t->panel;
    if (!g->loop_epilogue || t->rows == 1) {
        for (int r = 0; r < t->rows; r++)
            epilogue_element(g, l_bin(b, L_iadd, first, l_i64(b, r)), t->acc[r * p->n + v]);
        return;
    }
    for (int r = 0; r < t->rows; r++)
        l_store(b, g->stack, 64 * r, stack_mem(g), t->acc[r * p->n + v], 0);
    LV loop = l_loop(b, l_i64(b, 0), l_i64(b, t->rows), l_i64(b, 1), NULL, 0);
    LV at = l_ptradd(b, g->stack, l_bin(b, L_imul, loop, l_i64(b, 64)), 0);
    LV acc = l_load(b, at, 0, stack_mem(g), p->lanes[v], 0);
    epilogue_element(g, l_bin(b, L_iadd, first, loop), acc);
    l_yield(b, loop, NULL, 0);
}

static void epilogue(Gemm *g, const Tile *t, LV first)
{
    Gen *e = &g->e;
    const Panel *p = t->panel;
    for (int v = 0; v < p->n; v++) {
        Point old = gen_save(e);
        if (e->vec >= 0) gen_enter_vector(e, e->vec, l_bin(&e->b, L_iadd, p->start, l_i64(&e->b, p->off[v])), p->lanes[v], p->mask[v]);
        xnode_hoist(e, g->want);
        epilogue_column(g, t, v, first);
        gen_restore(e, old);
    }
}

void gemm_suspect(Gemm *g)
{
    l_store(&g->e.b, g->e.ctx, CTX_SUSPECT, DT_i32, l_int(&g->e.b, LT_i32, 1, 1), 0);
}

/* Infinities and NaN give NaN times 0, which stays in the sum. */
static void look(Gemm *g, const Tile *t)
{
    LB *b = &g->e.b;
    const Panel *p = t->panel;
    LV bad = 0;
    for (int v = 0; v < p->n; v++) {
        LV zero = l_float(b, g->type, p->lanes[v], 0), sum = zero;
        for (int r = 0; r < t->rows; r++)
            sum = l_fma(b, t->acc[r * p->n + v], zero, sum);
        LV here = l_any(b, l_cmp(b, LP_ne, sum, zero));
        bad = bad ? l_bin(b, L_or, bad, here) : here;
    }
    LV if_ = l_if(b, bad);
    gemm_suspect(g);
    l_end(b, if_);
}

void gemm_tile(Gemm *g, const Panel *p, int rows, LV first)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    LV acc[MAX_ROWS * MAX_VECTORS];
    Tile t = {.rows = rows, .panel = p, .acc = acc};
    LV sm = g->m >= 0 ? stride_bytes(g, 0, g->m) : l_i64(b, 0), pa, pb = e->at.val[1];
    int64_t s;
    for (int r = 0; r < rows; r++) {
        if (l_is_int(b, sm, &s))
            t.row_imm[r] = r * s;
        else if (r)
            t.row_offset[r] = l_bin(b, L_imul, sm, l_i64(b, r));
    }
    start_sums(g, p, rows, first, acc);
    gemm_begin_totals(g, &t, first);
    pa = l_ptradd(b, e->at.val[0], l_bin(b, L_imul, first, sm), 0);
    if (e->vec >= 0) pb = l_ptradd(b, pb, l_bin(b, L_imul, p->start, stride_bytes(g, 1, e->vec)), 0);
    contract(g, &t, 0, pa, pb);
    gemm_end_totals(g, &t);
    epilogue(g, &t, first);
    if (e->k->looks) look(g, &t);
}
