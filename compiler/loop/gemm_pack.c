/* SPDX-License-Identifier: MIT
 * gemm_pack.c: a block of B, copied into panels as wide as a tile, whose rows lie one behind the other: [panel][k][columns].
 *
 * It is in the scratch memory of the thread. What lies beyond the last column is 0. */
#include "loop/gemm.h"

#include <string.h>

/* ---- functions that all kernels call ---- */

enum { P_TO, P_FROM, P_COUNT, P_COLUMNS, P_STEP, P_ROW, P_N };

typedef struct Copy { /* of a function: `count` rows of `columns` elements, rows of the copy `row` bytes apart */
    LB b;
    LV arg[P_N];
    uint8_t mem;
    int lanes;
} Copy;

static int64_t element_bytes(const Gemm *g)
{
    return dtype_bytes(gemm_memory(g));
}

static LV times(LB *b, LV x, LV y)
{
    return l_bin(b, L_imul, x, y);
}

static LV moved(LB *b, LV p, LV n, int64_t bytes)
{
    return l_ptradd(b, p, times(b, n, l_i64(b, bytes)), 0);
}

/* step: bytes from one row of the original to the next */
static void copy_rows(Copy *c)
{
    LB *b = &c->b;
    int64_t bytes = dtype_bytes(c->mem);
    LV zero = l_i64(b, 0), whole = l_bin(b, L_and, c->arg[P_COLUMNS], l_i64(b, -c->lanes));
    LV rest = l_maskn(b, l_bin(b, L_isub, c->arg[P_COLUMNS], whole), c->lanes);
    LV row = l_loop(b, zero, c->arg[P_COUNT], l_i64(b, 1), NULL, 0);
    LV from = l_ptradd(b, c->arg[P_FROM], times(b, row, c->arg[P_STEP]), 0);
    LV to = l_ptradd(b, c->arg[P_TO], times(b, row, c->arg[P_ROW]), 0);
    LV column = l_loop(b, zero, whole, l_i64(b, c->lanes), NULL, 0);
    LV v = l_load(b, moved(b, from, column, bytes), 0, c->mem, c->lanes, 0);
    l_store(b, moved(b, to, column, bytes), 0, c->mem, v, 0);
    l_yield(b, column, NULL, 0);
    LV some = l_if(b, l_cmp(b, LP_lt, whole, c->arg[P_COLUMNS]));
    v = l_load(b, moved(b, from, whole, bytes), 0, c->mem, c->lanes, rest);
    l_store(b, moved(b, to, whole, bytes), 0, c->mem, v, 0);
    l_end(b, some);
    l_yield(b, row, NULL, 0);
}

void gemm_transpose_square(LB *b, LV *row, int n)
{
    LV next[64] = {0};
    for (int round = 1; round < n; round *= 2) {
        for (int i = 0; i < n / 2; i++) {
            next[2 * i] = l_zip(b, row[i], row[i + n / 2], 0);
            next[2 * i + 1] = l_zip(b, row[i], row[i + n / 2], 1);
        }
        memcpy(row, next, sizeof *row * (size_t)n);
    }
}

/* Columns `column` .. + lanes - 1 (those below `columns`, where that is given), rows i .. i + lanes - 1: the mask tells which of them are
 * there. The columns are rows of the original. */
static void copy_square(Copy *c, LV column, LV i, LV mask, LV columns)
{
    LB *b = &c->b;
    LV row[64];
    int64_t bytes = dtype_bytes(c->mem);
    LV from = l_ptradd(b, c->arg[P_FROM], times(b, column, c->arg[P_STEP]), 0);
    from = moved(b, from, i, bytes);
    for (int r = 0; r < c->lanes; r++) {
        LV on = mask;
        if (columns) {
            LV here = l_splat(b, l_cmp(b, LP_lt, l_bin(b, L_iadd, column, l_i64(b, r)), columns), c->lanes);
            on = on ? l_bin(b, L_and, on, here) : here;
        }
        row[r] = l_load(b, l_ptradd(b, from, times(b, c->arg[P_STEP], l_i64(b, r)), 0), 0, c->mem, c->lanes, on);
    }
    gemm_transpose_square(b, row, c->lanes);
    LV to = l_ptradd(b, c->arg[P_TO], times(b, i, c->arg[P_ROW]), 0);
    to = moved(b, to, column, bytes);
    for (int r = 0; r < c->lanes; r++)
        l_store(b, l_ptradd(b, to, times(b, c->arg[P_ROW], l_i64(b, r)), 0), 0, c->mem, row[r], 0);
}

static void copy_columns(Copy *c, LV column, LV columns)
{
    LB *b = &c->b;
    LV whole = l_bin(b, L_and, c->arg[P_COUNT], l_i64(b, -c->lanes));
    LV i = l_loop(b, l_i64(b, 0), whole, l_i64(b, c->lanes), NULL, 0);
    copy_square(c, column, i, 0, columns);
    l_yield(b, i, NULL, 0);
    LV some = l_if(b, l_cmp(b, LP_lt, whole, c->arg[P_COUNT]));
    copy_square(c, column, whole, l_maskn(b, l_bin(b, L_isub, c->arg[P_COUNT], whole), c->lanes), columns);
    l_end(b, some);
}

/* step: bytes from one column to the next; along a column the original is contiguous. Up to lanes - 1 rows behind the last are
 * written, too. */
static void copy_transposed(Copy *c)
{
    LB *b = &c->b;
    LV whole = l_bin(b, L_and, c->arg[P_COLUMNS], l_i64(b, -c->lanes));
    LV column = l_loop(b, l_i64(b, 0), whole, l_i64(b, c->lanes), NULL, 0);
    copy_columns(c, column, 0);
    l_yield(b, column, NULL, 0);
    LV some = l_if(b, l_cmp(b, LP_lt, whole, c->arg[P_COLUMNS]));
    copy_columns(c, whole, c->arg[P_COLUMNS]);
    l_end(b, some);
}

/* As copy_transposed, an element at a time: for a few columns. */
static void copy_few(Copy *c)
{
    LB *b = &c->b;
    int64_t bytes = dtype_bytes(c->mem);
    LV zero = l_i64(b, 0), one = l_i64(b, 1);
    LV column = l_loop(b, zero, c->arg[P_COLUMNS], one, NULL, 0);
    LV from = l_ptradd(b, c->arg[P_FROM], times(b, column, c->arg[P_STEP]), 0), to = moved(b, c->arg[P_TO], column, bytes);
    LV i = l_loop(b, zero, c->arg[P_COUNT], one, NULL, 0);
    LV x = l_load(b, moved(b, from, i, bytes), 0, c->mem, 1, 0);
    l_store(b, l_ptradd(b, to, times(b, i, c->arg[P_ROW]), 0), 0, c->mem, x, 0);
    l_yield(b, i, NULL, 0);
    l_yield(b, column, NULL, 0);
}

typedef void WriteCopy(Copy *c);

static void call_copy(Gemm *g, WriteCopy *write, const LV *args)
{
    static const char *const names[3][2] = {
        {"pack.rows.f32", "pack.rows.f64"}, {"pack.columns.f32", "pack.columns.f64"}, {"pack.few.f32", "pack.few.f64"}};
    static const char *const label[P_N] = {"to", "from", "count", "columns", "step", "row"};
    static const uint8_t params[P_N] = {LT_ptr, LT_ptr, LT_i64, LT_i64, LT_i64, LT_i64};
    LoopModule *m = g->e.m;
    const char *name = loop_name(m, names[write == copy_rows ? 0 : write == copy_transposed ? 1 : 2][g->type == LT_f64]);
    bool found = false;
    for (uint32_t i = 0; i < m->fn.n; i++)
        found |= strcmp(m->fn.at[i]->name, name) == 0;
    if (!found) {
        Copy c = {.b = {m, loop_fn_new(m, name, params, P_N, LT_void)}, .mem = gemm_memory(g), .lanes = g->e.width};
        for (int i = 0; i < P_N; i++)
            c.arg[i] = l_label(&c.b, l_arg(&c.b, i), label[i]);
        write(&c);
        l_ret(&c.b, 0);
    }
    l_call(&g->e.b, name, LT_void, args, P_N);
}

void gemm_transpose(Gemm *g, LV to, LV from, int64_t count, int64_t columns, int64_t step, int64_t row)
{
    LB *b = &g->e.b;
    enum { FEW = 4 };
    int64_t rest = columns % g->e.width, whole = rest <= FEW ? columns - rest : columns;
    LV args[P_N] = {to, from, l_i64(b, count), l_i64(b, whole), l_i64(b, step), l_i64(b, row)};
    if (whole) call_copy(g, copy_transposed, args);
    if (whole == columns) return;
    args[P_TO] = l_ptradd(b, to, 0, whole * element_bytes(g)), args[P_FROM] = l_ptradd(b, from, 0, whole * step);
    args[P_COLUMNS] = l_i64(b, rest);
    call_copy(g, copy_few, args);
}

/* ---- places ---- */

/* Elements of K in one iteration of K axis i. */
static LV inner_count(Gemm *g, int i)
{
    LV n = l_i64(&g->e.b, 1);
    for (int j = i + 1; j < g->n_k; j++) {
        LV extent = gen_dim(&g->e, g->e.k->axis[g->k[j]]);
        n = times(&g->e.b, n, extent);
    }
    return n;
}

/* Elements of K in the largest block. */
static int64_t most_elements(const Gemm *g)
{
    int64_t count = 1;
    for (int i = 0; i < g->n_k; i++) {
        int64_t n = 0;
        if (i == 0 && g->plan.k_block)
            n = g->plan.k_block;
        else if (!gen_const(&g->e, g->e.k->axis[g->k[i]], &n))
            BUG("kernel %s: a block of unknown size is packed", g->e.k->name);
        count *= n;
    }
    return count;
}

/* Bytes of a block. A square may write rows behind the last. */
static int64_t block_bytes(const Gemm *g)
{
    const GemmPlan *plan = &g->plan;
    int64_t w = g->e.width, columns = plan->columns ? plan->columns : (g->n_extent + w - 1) / w * w;
    return plan->pack_b ? (most_elements(g) * columns + w * plan->vectors * w) * element_bytes(g) : 0;
}

/* Bytes of the rows of A that are copied together. */
static int64_t line_bytes(const Gemm *g)
{
    return g->plan.pack_a ? most_elements(g) * LINE_ROWS * element_bytes(g) : 0;
}

void gemm_open_memory(Gemm *g, int64_t thin)
{
    int64_t block = g->turn.on ? g->turn.bytes : block_bytes(g), kept = gemm_kept_bytes(g), lines = line_bytes(g);
    int64_t all = block + kept + lines;
    if (all + thin == 0) return;
    g->packed = gen_scratch(&g->e, all > thin ? all : thin);
    if (lines) g->lines = l_ptradd(&g->e.b, g->packed, 0, block + kept);
    g->kept = l_ptradd(&g->e.b, g->packed, 0, block);
    g->thin_sums = g->packed;
}

static LV panel_place(Gemm *g, const Panel *p)
{
    LB *b = &g->e.b;
    LV column = l_bin(b, L_isub, p->start, g->c_lo);
    LV elements = times(b, column, g->k_count);
    return moved(b, g->packed, elements, element_bytes(g));
}

static LV panel_row_bytes(Gemm *g, const Panel *p)
{
    return l_i64(&g->e.b, (int64_t)p->n * g->e.width * element_bytes(g));
}

/* Rows of the copy per iteration of axis i are inner_count apart. */
static void fill(Gemm *g, int depth, LV to, LV from, const Panel *p, LV row)
{
    LB *b = &g->e.b;
    LV lo = depth || !g->k_lo ? l_i64(b, 0) : g->k_lo;
    LV hi = depth || !g->k_lo ? gen_dim(&g->e, g->e.k->axis[g->k[depth]]) : g->k_hi;
    LV step = gemm_stride(g, 1, g->k[depth]);
    if (depth == g->n_k - 1) {
        LV start = l_ptradd(b, from, times(b, lo, step), 0), count = l_bin(b, L_isub, hi, lo);
        if (g->plan.transposes) step = gemm_stride(g, 1, g->e.vec);
        call_copy(g, g->plan.transposes ? copy_transposed : copy_rows, (LV[P_N]){to, start, count, p->columns, step, row});
        return;
    }
    LV i = l_loop(b, lo, hi, l_i64(b, 1), NULL, 0);
    LV next = l_ptradd(b, from, times(b, i, step), 0);
    LV inner = inner_count(g, depth);
    LV rows = times(b, l_bin(b, L_isub, i, lo), inner);
    fill(g, depth + 1, l_ptradd(b, to, times(b, rows, row), 0), next, p, row);
    l_yield(b, i, NULL, 0);
}

static LV panel_in_place(Gemm *g, const Panel *p)
{
    LV start = g->e.at.val[1];
    if (g->e.vec < 0) return start;
    return l_ptradd(&g->e.b, start, times(&g->e.b, p->start, gemm_stride(g, 1, g->e.vec)), 0);
}

static void fill_panel(Gemm *g, const Panel *p, const void *user)
{
    (void)user;
    LV to = panel_place(g, p), from = panel_in_place(g, p);
    fill(g, 0, to, from, p, panel_row_bytes(g, p));
}

void gemm_pack_block(Gemm *g)
{
    LB *b = &g->e.b;
    if (!g->plan.pack_b) return;
    LV inner = inner_count(g, 0);
    LV n = g->k_lo ? l_bin(b, L_isub, g->k_hi, g->k_lo) : gen_dim(&g->e, g->e.k->axis[g->k[0]]);
    g->k_count = times(b, n, inner);
    LV some = g->packs ? l_if(b, g->packs) : 0;
    gemm_each_panel(g, fill_panel, NULL);
    if (some) l_end(b, some);
}

void gemm_pack_lines(Gemm *g, LV lo, LV hi)
{
    LB *b = &g->e.b;
    LV step = gemm_stride(g, 0, g->k[0]), count = l_bin(b, L_isub, g->k_hi, g->k_lo);
    LV from = l_ptradd(b, moved(b, g->e.at.val[0], lo, element_bytes(g)), times(b, g->k_lo, step), 0);
    call_copy(g, copy_rows, (LV[P_N]){g->lines, from, count, l_bin(b, L_isub, hi, lo), step, l_i64(b, LINE_ROWS * element_bytes(g))});
    g->first_line = lo;
}

/* ---- what tiles read ---- */

/* The copy begins with the block; tiles count K from the beginning of the axis. */
static Operand packed_operand(Gemm *g, LV at, LV row)
{
    LB *b = &g->e.b;
    Operand o = {.start = at, .mem = gemm_memory(g)};
    for (int i = 0; i < g->n_k; i++)
        o.step[i] = times(b, row, inner_count(g, i));
    if (g->k_lo) {
        LV before = times(b, g->k_lo, o.step[0]);
        o.start = l_ptradd(b, at, l_bin(b, L_isub, l_i64(b, 0), before), 0);
    }
    return o;
}

static Operand operand_in_place(Gemm *g, int rd, LV start)
{
    Operand o = {.start = start, .mem = g->e.p->buf.at[g->e.k->rd.at[rd].buf].dtype};
    for (int i = 0; i < g->n_k; i++)
        o.step[i] = gemm_stride(g, rd, g->k[i]);
    return o;
}

Operand gemm_operand_a(Gemm *g, const Panel *p, LV first)
{
    LB *b = &g->e.b;
    LV start = g->e.at.val[0];
    if (g->first_line) {
        LV line = moved(b, g->lines, l_bin(b, L_isub, first, g->first_line), element_bytes(g));
        return packed_operand(g, line, l_i64(b, LINE_ROWS * element_bytes(g)));
    }
    if (g->beside) start = l_ptradd(b, start, times(b, p->start, gemm_stride(g, 0, g->e.vec)), 0);
    if (g->m >= 0) start = l_ptradd(b, start, times(b, first, gemm_stride(g, 0, g->m)), 0);
    if (g->paired) start = l_ptradd(b, start, times(b, g->counter[g->m - 1], gemm_stride(g, 0, g->m - 1)), 0);
    return operand_in_place(g, 0, start);
}

Operand gemm_operand_b(Gemm *g, const Panel *p)
{
    LB *b = &g->e.b;
    Operand o = operand_in_place(g, 1, panel_in_place(g, p));
    if (!g->plan.pack_b) return o;
    LV at = panel_place(g, p);
    Operand packed = packed_operand(g, at, panel_row_bytes(g, p));
    if (!g->packs) return packed;
    o.start = l_sel(b, g->packs, packed.start, o.start);
    for (int i = 0; i < g->n_k; i++)
        o.step[i] = l_sel(b, g->packs, packed.step[i], o.step[i]);
    return o;
}
