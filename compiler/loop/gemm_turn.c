/* SPDX-License-Identifier: MIT
 * gemm_turn.c: contractions with few columns, whose vectors run along rows.
 *
 *   y[n, h, w, o] = sum over kh, kw, c of x[n, h + kh, w + kw, c] * f[kh, kw, c, o]
 *
 * With 12 channels o a vector of them is a quarter empty, and each multiplication of a vector needs an element of its own of x. So the
 * operands change places: f has the rows of the tile, and vectors run along w. For that the lines of x, (n, h), are transposed on the way
 * to [line][c][w], each once for all taps: tap kh is another line, kw another place in it. The sums of a tile are transposed back in
 * registers. K stays in its order, so no bit changes. */
#include "loop/gemm.h"

#include "kernel/merge.h"

#include <stdlib.h>
#include <string.h>

enum { FEWEST = 6, MOST = 12, MOST_BYTES = 256 << 10, LEAST_USES = 48, MOST_PIXELS = 256 };

typedef struct Turning {
    const Dims *dims;
    Kernel *k;
    GemmTurn *turn;
    int n, m, row; /* the axis of columns; the last axis of rows and the one before it, or -1 */
} Turning;

static bool known(const Turning *t, Dim d, int64_t *v)
{
    *v = 0;
    return d == 0 || dim_is_const(t->dims, d, v);
}

static int64_t stride_of(const Turning *t, int rd, int axis)
{
    int64_t v;
    return known(t, t->k->rd.at[rd].stride[axis], &v) ? v : 0;
}

static bool is_plain(const KProgram *p, const Kernel *k)
{
    if (k->grouped || k->own_rows || k->looks || k->band) return false;
    for (int i = 0; i < 2; i++)
        if (dtype_memory(p->buf.at[k->rd.at[i].buf].dtype) != DT_f32 || k->rd.at[i].boxed || k->rd.at[i].index) return false;
    for (uint32_t i = 0; i < k->x.n; i++)
        if (k->x.at[i].kind == X_acc && k->x.at[i].dtype != DT_f32) return false;
    return true;
}

static bool find_axes(Turning *t)
{
    const Kernel *k = t->k;
    t->n = t->m = t->row = -1;
    for (int a = 0; a < k->n_axes; a++) {
        if (k->cls[a] == AX_BATCH || (k->cls[a] == AX_N && t->n >= 0)) return false;
        if (k->cls[a] == AX_N) t->n = a;
        if (k->cls[a] == AX_M) t->row = t->m, t->m = a;
    }
    return t->n >= 0 && t->m >= 0 && k->part != t->n && k->part != t->m && k->cls[k->n_axes - 1] == AX_K;
}

static void open_gap(Dim *stride, int a)
{
    memmove(stride + a + 1, stride + a, sizeof(Dim) * (size_t)(MAX_AXES - a - 1));
    stride[a] = 0;
}

/* The last axis of K, which runs over several neighbours in a line, becomes two: the neighbours, and `channels`. */
static bool split_last(Turning *t, Dims *dims, int64_t taps, int64_t channels)
{
    Kernel *k = t->k;
    int a = k->n_axes - 1;
    if (k->n_axes == MAX_AXES) return false;
    for (uint32_t i = 0; i < k->wr.n; i++) {
        open_gap(k->wr.at[i].stride, a);
        for (uint32_t j = 0; j < k->wr.at[i].n_box; j++)
            open_gap(k->wr.at[i].box[j].stride, a);
    }
    for (uint32_t i = 0; i < k->idx.n; i++)
        open_gap(k->idx.at[i].stride, a);
    for (uint32_t i = 0; i < k->rd.n; i++) {
        open_gap(k->rd.at[i].stride, a);
        if (i < 2) k->rd.at[i].stride[a] = dim_mul(dims, k->rd.at[i].stride[a + 1], dim_const(dims, channels));
        for (uint32_t j = 0; j < k->rd.at[i].n_box; j++)
            open_gap(k->rd.at[i].box[j].stride, a);
    }
    k->axis[a] = dim_const(dims, taps), k->axis[a + 1] = dim_const(dims, channels);
    k->cls[a] = k->cls[a + 1] = AX_K;
    k->n_axes++;
    return true;
}

/* Does an axis of K go along the line, by so many pixels? */
static bool goes_along(const Turning *t, int64_t stride, int64_t extent, int64_t along, int64_t *pixels)
{
    int64_t line = t->row < 0 ? INT64_MAX : llabs(stride_of(t, 0, t->row));
    *pixels = stride / along;
    return stride % along == 0 && llabs(*pixels) <= MOST_PIXELS && llabs(stride) * (extent - 1) < line;
}

/* Taps along a line and from line to line, and where in the copy they are. */
static bool place_taps(Turning *t, int64_t along, int64_t *uses)
{
    GemmTurn *turn = t->turn;
    Kernel *k = t->k;
    int64_t extent, lines = 1, apart = t->row < 0 ? 0 : stride_of(t, 0, t->row);
    int last = k->n_axes - 1, n_k = 0;
    turn->unit = apart, turn->step = 1;
    for (int a = 0; a < last; a++) {
        if (k->cls[a] != AX_K) continue;
        if (!known(t, k->axis[a], &extent) || extent < 1) return false;
        int64_t pixels, s = stride_of(t, 0, a);
        *uses *= extent;
        if (goes_along(t, s, extent, along, &pixels)) {
            turn->along[n_k] = pixels;
            turn->pixels += llabs(pixels) * (extent - 1);
            if (pixels < 0) turn->before += -pixels * (extent - 1);
        } else if (lines == 1 && apart && s && apart % s == 0) {
            lines = extent;
            turn->unit = llabs(s);
            turn->step = apart / turn->unit;
            turn->lines[n_k] = s < 0 ? -1 : 1;
            if (s < 0) turn->above = extent - 1;
        } else {
            return false;
        }
        n_k++;
    }
    turn->taps = lines;
    return turn->step >= 1;
}

/* Rows whose lines are packed at a time, in equal blocks as far as possible. */
static bool fits(Turning *t)
{
    enum { BEHIND = 15 }; /* rows that a square writes, too */
    GemmTurn *turn = t->turn;
    int64_t rows = 1;
    turn->pitch = (turn->pixels + 15) / 16 * 16;
    turn->line_bytes = turn->channels * turn->pitch * 4;
    turn->rows = t->row < 0 ? 1 : (MOST_BYTES / turn->line_bytes - turn->taps) / turn->step + 1;
    if (turn->line_bytes > MOST_BYTES || turn->rows < (turn->taps > 1 ? 4 : 1)) return false;
    if (turn->taps == 1) turn->rows = 1;
    if (t->row >= 0 && known(t, t->k->axis[t->row], &rows) && rows > 0) {
        int64_t blocks = (rows + turn->rows - 1) / turn->rows;
        turn->rows = (rows + blocks - 1) / blocks;
    }
    turn->bytes = ((turn->rows - 1) * turn->step + turn->taps) * turn->line_bytes + (BEHIND * turn->pitch + 16) * 4;
    turn->bytes = (turn->bytes + 63) / 64 * 64;
    return true;
}

/* Are vectors of the rows fuller than those of the columns? */
static bool gains(int64_t columns, int64_t rows, int width)
{
    int64_t of_columns = (columns + width - 1) / width * rows, of_rows = (rows + width - 1) / width * columns;
    int rest = (int)(rows % width);
    return 10 * of_rows <= 9 * of_columns && (rest == 0 || gen_lanes(rest) == width);
}

const Kernel *gemm_turned(LoopModule *m, KProgram *p, const Kernel *from, GemmTurn *turn)
{
    Dims *dims = p->module->dims;
    Kernel *k = kernel_merge_axes(m->arena, dims, from, NULL); /* a copy */
    Turning t = {.dims = dims, .k = k, .turn = turn};
    int width = loop_lanes(m, 4);
    int64_t columns, rows, along, channels, uses;
    memset(turn, 0, sizeof *turn);
    if (width < 8 || !is_plain(p, k) || !find_axes(&t)) return NULL;
    int last = k->n_axes - 1;
    if (!known(&t, k->axis[t.n], &columns) || !known(&t, k->axis[t.m], &rows) || !known(&t, k->axis[last], &channels)) return NULL;
    if (columns < FEWEST || columns > MOST || rows < width || rows > MOST_PIXELS || !gains(columns, rows, width)) return NULL;
    along = stride_of(&t, 0, t.m);
    if (!known(&t, k->rd.at[0].stride[t.n], &uses) || uses) return NULL;
    if (along <= 1 || stride_of(&t, 0, last) != 1 || stride_of(&t, 1, t.n) != 1 || channels > SEGMENT) return NULL;
    if (channels > along) {
        if (p->buf.at[k->rd.at[0].buf].dtype == DT_wide16) return NULL; /* blocks of products do not end there */
        if (channels % along || !split_last(&t, dims, channels / along, along)) return NULL;
        channels = along;
    }
    turn->on = true;
    turn->channels = channels;
    turn->pixels = rows;
    uses = columns;
    if (!place_taps(&t, along, &uses) || uses < LEAST_USES || !fits(&t)) return NULL;
    turn->pixel_bytes = along * 4;
    Access first = k->rd.at[0];
    k->rd.at[0] = k->rd.at[1], k->rd.at[1] = first;
    for (int a = 0; a < k->n_axes; a++)
        k->cls[a] = k->cls[a] == AX_M ? AX_N : k->cls[a] == AX_N ? AX_M : k->cls[a];
    return k;
}

/* ---- code ---- */

/* Where a line of the original begins. Lines are counted from the first one that row `from` reads. */
static LV line_start(Gemm *g, LV start, LV from, LV line)
{
    LB *b = &g->e.b;
    const GemmTurn *turn = &g->turn;
    LV lines = l_bin(b, L_iadd, l_bin(b, L_imul, from, l_i64(b, turn->step)), line);
    LV at = l_ptradd(b, start, l_bin(b, L_imul, lines, l_i64(b, turn->unit * 4)), 0);
    return l_ptradd(b, at, 0, -turn->above * turn->unit * 4 - turn->before * turn->pixel_bytes);
}

/* Lines first .. end - 1, counted from the first one that row `from` reads. */
static void pack_lines(Gemm *g, LV start, LV from, LV first, LV end)
{
    LB *b = &g->e.b;
    const GemmTurn *turn = &g->turn;
    LV line = l_loop(b, first, end, l_i64(b, 1), NULL, 0);
    LV to = l_ptradd(b, g->packed, l_bin(b, L_imul, line, l_i64(b, turn->line_bytes)), 0);
    gemm_transpose(g, to, line_start(g, start, from, line), turn->channels, turn->pixels, turn->pixel_bytes, turn->pitch * 4);
    l_yield(b, line, NULL, 0);
}

/* The lines that the next row reads first: they come while this row is computed. */
static void foresee_lines(Gemm *g, LV start, LV from, LV line)
{
    enum { CACHE_LINE = 64 };
    LB *b = &g->e.b;
    const GemmTurn *turn = &g->turn;
    int64_t bytes = (turn->pixels - 1) * turn->pixel_bytes + turn->channels * 4, lines = turn->step < turn->taps ? turn->step : turn->taps;
    LV next = l_loop(b, line, l_bin(b, L_iadd, line, l_i64(b, lines)), l_i64(b, 1), NULL, 0);
    LV place = line_start(g, start, from, next);
    LV byte = l_loop(b, l_i64(b, 0), l_i64(b, bytes), l_i64(b, CACHE_LINE), NULL, 0);
    l_prefetch(b, l_ptradd(b, place, byte, 0));
    l_yield(b, byte, NULL, 0);
    l_yield(b, next, NULL, 0);
}

void gemm_turned_rows(Gemm *g, int depth, Inside *inside)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    const GemmTurn *turn = &g->turn;
    LV lo = l_i64(b, 0), hi, zero = lo, start = e->at.val[1];
    if (depth == g->n_outer) { /* one line */
        pack_lines(g, start, zero, zero, l_i64(b, 1));
        g->turned_row = zero;
        inside(g, depth);
        return;
    }
    int axis = g->outer[depth];
    gen_bounds(e, axis, &lo, &hi);
    LV block = l_loop(b, lo, hi, l_i64(b, turn->rows), NULL, 0);
    LV end = gemm_smaller(b, l_bin(b, L_iadd, block, l_i64(b, turn->rows)), hi);
    int64_t shared = turn->taps > turn->step ? turn->taps - turn->step : 0; /* with the row before */
    pack_lines(g, start, block, zero, l_i64(b, shared));
    LV row = l_loop(b, block, end, l_i64(b, 1), NULL, 0);
    Point old = gen_save(e);
    g->counter[axis] = row;
    g->turned_row = l_bin(b, L_isub, row, block);
    LV first = l_bin(b, L_imul, g->turned_row, l_i64(b, turn->step)), behind = l_bin(b, L_iadd, first, l_i64(b, turn->taps));
    pack_lines(g, start, block, l_bin(b, L_iadd, first, l_i64(b, shared)), behind);
    foresee_lines(g, start, block, l_bin(b, L_iadd, first, l_i64(b, turn->step + shared)));
    gen_enter(e, axis, row);
    xnode_hoist(e, g->want);
    inside(g, depth + 1);
    l_yield(b, row, NULL, 0);
    gen_restore(e, old);
    l_yield(b, block, NULL, 0);
}

Operand gemm_turned_operand(Gemm *g, const Panel *p)
{
    LB *b = &g->e.b;
    const GemmTurn *turn = &g->turn;
    Operand o = {.mem = DT_f32};
    LV line = l_bin(b, L_imul, g->turned_row, l_i64(b, turn->step * turn->line_bytes));
    o.start = l_ptradd(b, l_ptradd(b, g->packed, line, 0), l_bin(b, L_imul, p->start, l_i64(b, 4)),
                       turn->above * turn->line_bytes + turn->before * 4);
    for (int i = 0; i < g->n_k - 1; i++)
        o.step[i] = l_i64(b, turn->lines[i] * turn->line_bytes + turn->along[i] * 4);
    o.step[g->n_k - 1] = l_i64(b, turn->pitch * 4);
    return o;
}

/* Pixels of a vector of sums, from `to` on. */
static void keep_turned(Gemm *g, const Tile *t, int v, int64_t at)
{
    LB *b = &g->e.b;
    LV row[64];
    int w = g->e.width;
    for (int r = 0; r < w; r++)
        row[r] = r < t->rows ? t->acc[r * t->panel->n + v] : l_float(b, LT_f32, w, 0);
    gemm_transpose_square(b, row, w);
    for (int i = 0; i < w; i++)
        l_store(b, g->kept, (at + i) * w * 4, DT_f32, row[i], 0);
}

/* What the kernel makes of the sums, a row of the result at a time. */
void gemm_turned_finish(Gemm *g, const Tile *t, LV first)
{
    Gen *e = &g->e;
    LB *b = &e->b;
    const Panel *p = t->panel;
    int lanes = gen_lanes(t->rows), pixels = e->vec;
    for (int v = 0; v < p->n; v++)
        keep_turned(g, t, v, p->off[v]);
    LV mask = t->rows < lanes ? l_maskn(b, l_i64(b, t->rows), lanes) : 0;
    Point old = gen_save(e);
    e->vec = g->m;
    gen_enter_vector(e, g->m, first, lanes, mask);
    xnode_hoist(e, g->want);
    LV pixel = l_loop(b, l_i64(b, 0), p->columns, l_i64(b, 1), NULL, 0);
    Point column = gen_save(e);
    gen_enter(e, pixels, l_bin(b, L_iadd, p->start, pixel));
    LV acc = l_load(b, l_ptradd(b, g->kept, l_bin(b, L_imul, pixel, l_i64(b, e->width * 4)), 0), 0, DT_f32, lanes, 0);
    gemm_store_values(g, acc);
    gen_restore(e, column);
    l_yield(b, pixel, NULL, 0);
    gen_restore(e, old);
    e->vec = pixels;
}
