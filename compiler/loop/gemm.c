/* SPDX-License-Identifier: MIT
 * gemm.c: contractions by register tiles.
 *
 *   for batch, outer N:  for panels of N (NV vectors):  for outer M:  for tiles of M (MR rows):
 *     acc[MR][NV] = 0;  for all K axes in order: acc[r][v] += splat A[r] * B[v] (fused);  epilogue
 * on each acc[r][v]
 *
 * MR * NV accumulators, NV vectors of B and one of A fit the registers of the target. Each element
 * is one chain of fused multiply-adds in the order of K, so its bits depend neither on the tile nor
 * on the threads. Remainders of M have tiles of their own, remainders of N narrower or masked
 * vectors; nothing past the end is read. An epilogue with expensive operations goes through the
 * stack and a loop over the rows instead of being repeated for every row.
 *
 * Where A is read across its rows (weight gradients) and K is long, the outermost K axis goes in
 * blocks outside of all, so that a block of A and B stays in the cache; between blocks the sums
 * wait in the result, which changes no bit of them. */
#include "loop/lowering.h"

enum {
    MAX_ROWS = 14,
    GOOD_ROWS = 8,
    MAX_VECTORS = 8,
    UNROLLED_K = 8,
    CHEAP_EPILOGUE = 14,
    BLOCK_BYTES = 320 << 10,
    LEAST_BLOCK = 64
};

typedef struct Panel { /* vectors of N that a tile covers */
    int n, off[MAX_VECTORS], lanes[MAX_VECTORS];
    LV mask[MAX_VECTORS];
    LV start; /* first column */
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
} Gemm;

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
    if (g->type == LT_f32 || g->type == LT_f64) return l_fma(b, x, y, acc);
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

static void contract(Gemm *g, Tile *t, int depth, LV pa, LV pb)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    if (depth == g->n_k) {
        rank_one(g, t, pa, pb);
        return;
    }
    int axis = g->k[depth], n = t->rows * t->panel->n;
    LV sa = stride_bytes(g, 0, axis), sb = stride_bytes(g, 1, axis);
    int64_t extent = abs_extent(g, axis);
    bool blocked = depth == 0 && g->block;
    if (depth == g->n_k - 1 && !blocked && extent >= 0 && extent <= UNROLLED_K) {
        for (int64_t i = 0; i < extent; i++)
            rank_one(g, t, l_ptradd(b, pa, l_bin(b, L_imul, sa, l_i64(b, i)), 0),
                     l_ptradd(b, pb, l_bin(b, L_imul, sb, l_i64(b, i)), 0));
        return;
    }
    LV lo = blocked ? g->k_lo : l_i64(b, 0), hi = blocked ? g->k_hi : gen_dim(e, e->k->axis[axis]);
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

/* Sums so far: 0 in the first block, else what the result holds. A load that is off reads nothing
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
                *a = g->type == LT_f32 || g->type == LT_f64 ? l_float(b, g->type, lanes, 0)
                                                            : l_int(b, g->type, lanes, 0);
                continue;
            }
            Point old = gen_save(e);
            if (e->vec >= 0)
                gen_enter_vector(e, e->vec, l_bin(b, L_iadd, p->start, l_i64(b, p->off[v])), lanes,
                                 p->mask[v]);
            if (g->m >= 0) gen_enter(e, g->m, l_bin(b, L_iadd, first, l_i64(b, r)));
            LV on = xnode_spread(e, l_cmp(b, LP_gt, g->k_lo, l_i64(b, 0)), lanes);
            *a = xnode_load_result(e, 0, p->mask[v] ? l_bin(b, L_and, on, p->mask[v]) : on);
            gen_restore(e, old);
        }
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
    pa = l_ptradd(b, e->at.val[0], l_bin(b, L_imul, first, sm), 0);
    if (e->vec >= 0)
        pb = l_ptradd(b, pb, l_bin(b, L_imul, p->start, stride_bytes(g, 1, e->vec)), 0);
    contract(g, &t, 0, pa, pb);
    epilogue(g, &t, first);
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

static Panel panel_of(const Gemm *g, int n, LV start)
{
    Panel p = {.n = n, .start = start};
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
    Panel p = panel_of(g, n, loop);
    row_axes(g, &p, 0);
    l_yield(b, loop, NULL, 0);
}

/* The last panel: `columns` of them from start on; its last vector is narrow or masked. */
static void last_panel(Gemm *g, int64_t columns, int64_t start)
{
    LB *b = &g->e.b;
    int w = g->e.width, n = (int)((columns + w - 1) / w), rest = (int)(columns % w), lanes = 1;
    Panel p = panel_of(g, n, l_i64(b, start));
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
    Panel p = panel_of(g, 1, at);
    p.mask[0] = l_maskn(b, l_bin(b, L_isub, hi, at), g->e.width);
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
        gen_enter(e, axis, loop);
        outer_axes(g, depth + 1);
        l_yield(b, loop, NULL, 0);
        gen_restore(e, old);
    } else if (e->vec < 0) {
        Panel p = {.n = 1, .lanes = {1}, .start = l_i64(b, 0)};
        row_axes(g, &p, 0);
    } else if (e->vec == e->k->part) {
        variable_columns(g, e->lo, e->hi);
    } else if (abs_extent(g, e->vec) >= 0) {
        constant_columns(g, abs_extent(g, e->vec));
    } else {
        variable_columns(g, l_i64(b, 0), gen_dim(e, e->k->axis[e->vec]));
    }
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
    g->block = choose_block(g);
    if (g->block) {
        LB *b = &e->b;
        LV end = gen_dim(e, k->axis[g->k[0]]);
        g->k_lo = l_loop(b, l_i64(b, 0), end, l_i64(b, g->block), NULL, 0);
        LV next = l_bin(b, L_iadd, g->k_lo, l_i64(b, g->block));
        g->k_hi = l_sel(b, l_cmp(b, LP_lt, next, end), next, end);
        outer_axes(g, 0);
        l_yield(b, g->k_lo, NULL, 0);
    } else {
        outer_axes(g, 0);
    }
    l_ret(&e->b, 0);
    if (k->part == g->m && g->m >= 0) return GOOD_ROWS;
    return k->part == e->vec && e->vec >= 0 ? (int64_t)g->vectors * e->width : 1;
}
