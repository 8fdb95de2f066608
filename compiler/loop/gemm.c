/* SPDX-License-Identifier: MIT
 * gemm.c: contractions by register tiles.
 *
 *   for batch, outer N:  for panels of N (NV vectors):  for outer M:  for tiles of M (MR rows):
 *     acc[MR][NV] = 0;  for all K axes in order: acc[r][v] += splat A[r] * B[v] (fused);  epilogue
 * on each acc[r][v]
 *
 * MR * NV accumulators, NV vectors of B and one of A fit the registers of the target. Each element
 * is one chain of fused multiply-adds in the order of K, cut into segments where it is long
 * (segment.h), so its bits depend neither on the tile nor on the threads. Remainders of M have tiles
 * of their own, remainders of N narrower or masked vectors; nothing past the end is read. An epilogue
 * with expensive operations goes through the stack and a loop over the rows instead of being repeated
 * for every row.
 *
 * Where A is read across its rows (weight gradients) and K is long, the outermost K axis goes in
 * blocks outside of all, so that a block of A and B stays in the cache; between blocks the sums
 * wait in the result, which changes no bit of them, and the totals of the segments in a buffer of
 * their own. */
#include "loop/segment.h"

enum {
    MAX_ROWS = 14,
    GOOD_ROWS = 8,
    MAX_VECTORS = 8,
    UNROLLED_K = 8,
    CHEAP_EPILOGUE = 14,
    BLOCK_BYTES = 320 << 10,
    LEAST_BLOCK = 64,
    MOST_TILE = 32 /* accumulators: less than registers */
};

typedef struct Panel { /* vectors of N that a tile covers */
    int n, off[MAX_VECTORS], lanes[MAX_VECTORS];
    LV mask[MAX_VECTORS];
    LV start, columns; /* first column, number of them */
} Panel;

typedef struct Gemm {
    Gen e;
    int outer[MAX_AXES], n_outer; /* batch and outer N axes */
    int rows[MAX_AXES], n_rows;   /* outer M axes */
    int k[MAX_AXES], n_k, m;      /* m: last M axis or -1 */
    LoopType type;
    uint32_t acc; /* X_acc node + 1 */
    bool *want, loop_epilogue;
    VEC(uint32_t) store;
    LV stack;
    int64_t m_extent; /* constant or -1 */
    int vectors;      /* NV of a full panel */
    int64_t block;    /* of the first K axis, 0: all at once */
    LV k_lo, k_hi;    /* the block */
    LV s_lo, s_hi;    /* the segment it is in, if that axis is cut, else the axis */
    Segments segments;
    bool in_tiles;     /* segments end inside of tiles; else only between blocks */
    LV chains, totals; /* memory for the sums of a tile and for their totals, with blocks for all totals */
    LV row_of[MAX_AXES], counter[MAX_AXES]; /* strides of the latter, elements; counters of the loops outside of tiles */
} Gemm;

static bool is_float(LoopType t)
{
    return t == LT_f32 || t == LT_f64;
}

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

static int64_t abs_extent(const Gemm *g, int axis)
{
    int64_t v;
    return axis >= 0 && gen_const(&g->e, g->e.k->axis[axis], &v) ? v : -1;
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
    if (gen_const(&g->e, k->rd.at[0].stride[g->k[g->n_k - 1]], &last) && last == 1)
        return 0; /* A by rows */
    if (g->e.vec >= 0 && !(gen_const(&g->e, k->wr.at[0].stride[g->e.vec], &last) && last == 1)) return 0;
    int64_t step = step_elements(g), bytes = g->type == LT_f64 ? 8 : 4;
    int64_t block = step > 0 ? BLOCK_BYTES / (step * bytes) : LEAST_BLOCK;
    int64_t least = g->n_k == 1 ? LEAST_BLOCK : 1;
    block = block < least ? least : block;
    return gen_const(&g->e, k->axis[g->k[0]], &extent) && extent <= block ? 0 : block;
}

/* ---- the inner kernel ---- */

typedef struct Tile {
    int rows;
    const Panel *panel;
    LV row_offset[MAX_ROWS]; /* bytes from the first row, 0: use row_imm */
    int64_t row_imm[MAX_ROWS];
    LV *acc; /* [rows][panel->n] */
    Totals totals; /* if sums can be cut */
    int place[MAX_ROWS * MAX_VECTORS];
} Tile;

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
    if (is_float(g->type)) return l_fma(b, x, y, acc);
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
    LV x = p->lanes[v] == 1 ? l_load(b, at, 0, mem, 1, 0)
                            : l_loadstride(b, at, stride, mem, p->lanes[v], p->mask[v]);
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
    contract(g, t, depth + 1, l_ptradd(b, pa, l_bin(b, L_imul, loop, sa), 0),
             l_ptradd(b, pb, l_bin(b, L_imul, loop, sb), 0));
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
    int64_t extent = abs_extent(g, axis);
    bool blocked = depth == 0 && g->block;
    if (depth == g->n_k - 1 && !blocked && extent >= 0 && extent <= UNROLLED_K) {
        for (int64_t i = 0; i < extent; i++)
            rank_one(g, t, l_ptradd(b, pa, l_bin(b, L_imul, sa, l_i64(b, i)), 0),
                     l_ptradd(b, pb, l_bin(b, L_imul, sb, l_i64(b, i)), 0));
        return;
    }
    if (blocked)
        contract_range(g, t, depth, g->k_lo, g->k_hi, pa, pb);
    else if (g->segments.step[depth])
        contract_segments(g, t, depth, pa, pb);
    else
        contract_range(g, t, depth, l_i64(b, 0), gen_dim(e, e->k->axis[axis]), pa, pb);
}

/* ---- totals of segments ---- */

static int64_t element_bytes(const Gemm *g)
{
    return g->type == LT_f64 ? 8 : 4;
}

/* The buffer of all totals, dense in the order of the axes. */
static void open_buffer(Gemm *g, uint32_t buf)
{
    Gen *e = &g->e;
    Access start = {.buf = buf};
    LV stride = l_i64(&e->b, 8);
    g->totals = gen_address(e, &start, 0);
    for (int a = e->k->n_axes - 1; a >= 0; a--) {
        if (e->k->cls[a] == AX_K) continue;
        g->row_of[a] = stride;
        stride = l_bin(&e->b, L_imul, stride, gen_dim(e, e->k->axis[a]));
    }
}

/* The total at row and column of what the loops outside are at. */
static LV buffer_place(Gemm *g, LV row, LV column)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    LV at = g->totals;
    for (int i = 0; i < g->n_outer; i++)
        at = l_ptradd(b, at, l_bin(b, L_imul, g->counter[g->outer[i]], g->row_of[g->outer[i]]), 0);
    for (int i = 0; i < g->n_rows; i++)
        at = l_ptradd(b, at, l_bin(b, L_imul, g->counter[g->rows[i]], g->row_of[g->rows[i]]), 0);
    if (g->m >= 0) at = l_ptradd(b, at, l_bin(b, L_imul, row, g->row_of[g->m]), 0);
    return e->vec < 0 ? at : l_ptradd(b, at, l_bin(b, L_imul, column, g->row_of[e->vec]), 0);
}

static LV buffer_row(Gemm *g)
{
    return g->m < 0 ? l_i64(&g->e.b, 0) : g->row_of[g->m];
}

static void begin_totals(Gemm *g, Tile *t, LV first)
{
    LB *b = &g->e.b;
    const Panel *p = t->panel;
    if (!g->in_tiles) return;
    int length = (p->n - 1) * g->e.width + p->lanes[p->n - 1];
    for (int i = 0; i < t->rows * p->n; i++)
        t->place[i] = i / p->n * length + p->off[i % p->n];
    t->totals = (Totals){.type = g->type,
                         .chains = g->chains,
                         .totals = g->totals,
                         .chain_row = l_i64(b, element_bytes(g) * length),
                         .total_row = l_i64(b, 0),
                         .rows = l_i64(b, 1),
                         .columns = l_i64(b, t->rows * length),
                         .place = t->place};
    if (!g->block) { /* without gaps: one row */
        totals_clear(&g->e, g->segments.is_long, &t->totals, NULL, 0);
        return;
    }
    t->totals.totals = buffer_place(g, first, p->start);
    t->totals.total_row = buffer_row(g);
    t->totals.rows = l_i64(b, t->rows);
    t->totals.columns = p->columns;
}

static void end_totals(Gemm *g, const Tile *t)
{
    if (g->in_tiles && !g->block)
        totals_take(&g->e, g->segments.is_long, &t->totals, t->acc, t->rows * t->panel->n);
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
    static const uint8_t mem[] = {
        [LT_i32] = DT_i32, [LT_i64] = DT_i64, [LT_f32] = DT_f32, [LT_f64] = DT_f64};
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
        if (e->vec >= 0)
            gen_enter_vector(e, e->vec, l_bin(&e->b, L_iadd, p->start, l_i64(&e->b, p->off[v])),
                             p->lanes[v], p->mask[v]);
        xnode_hoist(e, g->want);
        epilogue_column(g, t, v, first);
        gen_restore(e, old);
    }
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
                *a = is_float(g->type) ? l_float(b, g->type, lanes, 0)
                                                            : l_int(b, g->type, lanes, 0);
                continue;
            }
            Point old = gen_save(e);
            if (e->vec >= 0)
                gen_enter_vector(e, e->vec, l_bin(b, L_iadd, p->start, l_i64(b, p->off[v])), lanes,
                                 p->mask[v]);
            if (g->m >= 0) gen_enter(e, g->m, l_bin(b, L_iadd, first, l_i64(b, r)));
            LV on = xnode_spread(e, l_cmp(b, LP_gt, g->k_lo, g->s_lo), lanes);
            *a = xnode_load_result(e, 0, p->mask[v] ? l_bin(b, L_and, on, p->mask[v]) : on);
            gen_restore(e, old);
        }
}

static void suspect(Gemm *g)
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
    suspect(g);
    l_end(b, if_);
}

static void tile(Gemm *g, const Panel *p, int rows, LV first)
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
    begin_totals(g, &t, first);
    pa = l_ptradd(b, e->at.val[0], l_bin(b, L_imul, first, sm), 0);
    if (e->vec >= 0)
        pb = l_ptradd(b, pb, l_bin(b, L_imul, p->start, stride_bytes(g, 1, e->vec)), 0);
    contract(g, &t, 0, pa, pb);
    end_totals(g, &t);
    epilogue(g, &t, first);
    if (e->k->looks) look(g, &t);
}

/* ---- tiles of rows ---- */

static void tile_loop(Gemm *g, const Panel *p, int rows, LV lo, LV hi)
{
    LB *b = &g->e.b;
    LV loop = l_loop(b, lo, hi, l_i64(b, rows), NULL, 0);
    tile(g, p, rows, loop);
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
        tile(g, p, rows, l_i64(b, 0));
    else
        tile_loop(g, p, rows, l_i64(b, 0), l_i64(b, whole));
    if (extent > whole) tile(g, p, (int)(extent - whole), l_i64(b, whole));
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
        LV loop = l_loop(b, part ? e->lo : l_i64(b, 0), part ? e->hi : gen_dim(e, e->k->axis[axis]),
                         l_i64(b, 1), NULL, 0);
        g->counter[axis] = loop;
        gen_enter(e, axis, loop);
        row_axes(g, p, depth + 1);
        l_yield(b, loop, NULL, 0);
        gen_restore(e, old);
    } else if (g->m < 0) {
        tile(g, p, 1, l_i64(b, 0));
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
    int w = g->e.width, n = (int)((columns + w - 1) / w), rest = (int)(columns % w), lanes = 1;
    Panel p = panel_of(g, n, l_i64(b, start), l_i64(b, columns));
    while (lanes < rest)
        lanes *= 2;
    if (rest) {
        p.lanes[n - 1] = lanes;
        p.mask[n - 1] = rest < lanes ? l_maskn(b, l_i64(b, rest), lanes) : 0;
    }
    row_axes(g, &p, 0);
}

static void constant_columns(Gemm *g, int64_t extent)
{
    LB *b = &g->e.b;
    int64_t wide = (int64_t)g->vectors * g->e.width,
            most = wide + (g->vectors == 2 ? g->e.width : 0);
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
    xnode_hoist(e, g->want);
    if (depth < g->n_outer) {
        int axis = g->outer[depth];
        bool part = axis == e->k->part;
        Point old = gen_save(e);
        LV loop = l_loop(b, part ? e->lo : l_i64(b, 0), part ? e->hi : gen_dim(e, e->k->axis[axis]),
                         l_i64(b, 1), NULL, 0);
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
    } else if (abs_extent(g, e->vec) >= 0) {
        constant_columns(g, abs_extent(g, e->vec));
    } else {
        variable_columns(g, l_i64(b, 0), gen_dim(e, e->k->axis[e->vec]));
    }
}

static void axis_bounds(Gemm *g, int axis, LV *lo, LV *hi)
{
    Gen *e = &g->e;
    bool part = axis >= 0 && axis == e->k->part;
    *lo = part ? e->lo : l_i64(&e->b, 0);
    *hi = part ? e->hi : axis < 0 ? l_i64(&e->b, 1) : gen_dim(e, e->k->axis[axis]);
}

/* Does something with all sums, which wait in the result, and their totals, axis by axis. */
static void all_totals(Gemm *g, WithTotals *act, int depth)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    LV lo, hi, first, end;
    Point old = gen_save(e);
    if (depth < g->n_outer + g->n_rows) {
        int axis = depth < g->n_outer ? g->outer[depth] : g->rows[depth - g->n_outer];
        axis_bounds(g, axis, &lo, &hi);
        LV loop = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
        g->counter[axis] = loop;
        gen_enter(e, axis, loop);
        all_totals(g, act, depth + 1);
        l_yield(b, loop, NULL, 0);
        gen_restore(e, old);
        return;
    }
    axis_bounds(g, g->m, &lo, &hi);
    axis_bounds(g, e->vec, &first, &end);
    LV row = gen_dim(e, g->m < 0 ? 0 : e->k->wr.at[0].stride[g->m]);
    row = l_bin(b, L_imul, row, l_i64(b, element_bytes(g)));
    if (g->m >= 0) gen_enter(e, g->m, lo);
    if (e->vec >= 0) gen_enter_vector(e, e->vec, first, e->width, 0);
    Totals t = {.type = g->type,
                .chains = e->at.val[e->wr_at],
                .totals = buffer_place(g, lo, first),
                .chain_row = row,
                .total_row = buffer_row(g),
                .rows = l_bin(b, L_isub, hi, lo),
                .columns = l_bin(b, L_isub, end, first)};
    act(e, 0, &t, NULL, 0);
    gen_restore(e, old);
}

static void all_totals_if(Gemm *g, LV when, WithTotals *act)
{
    LV if_ = when ? l_if(&g->e.b, when) : 0;
    all_totals(g, act, 0);
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
    all_totals(g, totals_take, 0);
    if (e->k->looks) suspect(g); /* what became of the totals was in no register of a tile */
    if (if_) l_end(b, if_);
}

/* Segments of the K axes, and memory for the sums that are cut. */
static void plan_sums(Gemm *g)
{
    LB *b = &g->e.b;
    int64_t bytes = MOST_TILE * g->e.m->target.vector_bytes;
    g->block = choose_block(g);
    if (!is_float(g->type)) return;
    g->segments = segments_find(&g->e, g->k, g->n_k);
    for (int i = g->block ? 1 : 0; i < g->n_k; i++)
        g->in_tiles |= g->segments.step[i] != 0;
    if (g->in_tiles) g->chains = l_alloca(b, bytes);
    if (g->segments.some && g->block)
        open_buffer(g, segments_buffer(g->e.p, g->e.k));
    else if (g->in_tiles)
        g->totals = l_alloca(b, 2 * bytes);
}

int64_t lower_gemm(LoopModule *m, KProgram *p, const Kernel *k, const char *name)
{
    Gemm *g = ARENA_NEW(m->arena, Gemm);
    Gen *e = &g->e;
    gen_begin(e, m, p, k, name, 0);
    if (k->rd.n < 2 || k->rd.at[0].boxed || k->rd.at[1].boxed || k->rd.at[0].index ||
        k->rd.at[1].index)
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
