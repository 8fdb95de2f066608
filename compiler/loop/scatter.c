/* SPDX-License-Identifier: MIT
 * scatter.c: out[row] += update for every id that is one of this thread's rows, in order.
 *
 *   for i:  row = id[i];  out[row] += update[i];  every SEGMENT updates of the row: total[row] += out[row], out[row] = 0
 *   for rows with totals:  out[row] += total[row]
 *
 * The totals are in f64, and only as many as there can be rows with so many updates: the slots of a row
 * follow those that rows before this thread's could need. No memory and no counting where there are too
 * few ids. */
#include "loop/segment.h"

typedef enum { TAIL_clear, TAIL_add, TAIL_open, TAIL_close, TAIL_finish } TailAct;

typedef struct Scatter {
    Gen e;
    TailAct act;  /* what is done with a row */
    LV slot;      /* of its total, bytes from the first */
    int width;
    LV is_long;   /* mask: are there enough ids for totals? 0: never (if there is no counter), or always */
    LV counts;    /* by row: i32 number of updates, i32 slot of its total; 0: no totals */
    LV next;      /* address of the next slot that is free */
    LV row_bytes; /* of a total */
} Scatter;

/* Address of wr[0] at `row` with the tail axes entered; its stride 0 belongs to the row. */
static LV row_address(Scatter *s, LV row)
{
    Gen *e = &s->e;
    const Access *a = &e->k->wr.at[0];
    LV stride = l_bin(&e->b, L_imul, gen_dim(e, a->stride[0]), l_i64(&e->b, dtype_bytes(e->p->buf.at[a->buf].dtype)));
    return l_ptradd(&e->b, e->at.val[e->wr_at], l_bin(&e->b, L_imul, row, stride), 0);
}

static uint8_t mem_of(const Gen *e, const Access *a)
{
    return e->p->buf.at[a->buf].dtype;
}

static LV lanes_load(Gen *e, const Access *a, LV p, int lanes, LV mask)
{
    int64_t s = 0;
    LB *b = &e->b;
    Dim stride = e->vec >= 0 ? a->stride[e->vec] : 0;
    bool known = gen_const(e, stride, &s);
    if (lanes == 1 || (known && s == 1)) return l_load(b, p, 0, mem_of(e, a), lanes, mask);
    LV bytes = l_bin(b, L_imul, gen_dim(e, stride), l_i64(b, dtype_bytes(mem_of(e, a))));
    return l_loadstride(b, p, bytes, mem_of(e, a), lanes, mask);
}

static void lanes_store(Gen *e, const Access *a, LV p, LV v, LV mask)
{
    int64_t s = 0;
    LB *b = &e->b;
    Dim stride = e->vec >= 0 ? a->stride[e->vec] : 0;
    bool known = gen_const(e, stride, &s);
    if (l_lanes(b, v) == 1 || (known && s == 1)) {
        l_store(b, p, 0, mem_of(e, a), v, mask);
        return;
    }
    LV bytes = l_bin(b, L_imul, gen_dim(e, stride), l_i64(b, dtype_bytes(mem_of(e, a))));
    l_storestride(b, p, bytes, mem_of(e, a), v, mask);
}

/* Infinities and NaN give NaN times 0: a gradient then may not be finite. */
static void look(Scatter *s, LV v)
{
    Gen *e = &s->e;
    LB *b = &e->b;
    if (!e->k->looks) return;
    LV zero = l_float(b, l_type(b, v), l_lanes(b, v), 0);
    LV if_ = l_if(b, l_any(b, l_cmp(b, LP_ne, l_bin(b, L_fmul, v, zero), zero)));
    l_store(b, e->ctx, CTX_SUSPECT, DT_i32, l_int(b, LT_i32, 1, 1), 0);
    l_end(b, if_);
}

/* TAIL_open: the first total of a row. TAIL_close: the end of a further segment. */
static void scatter_vector(Scatter *s, LV p, int lanes, LV mask)
{
    Gen *e = &s->e;
    LB *b = &e->b;
    const Access *out = &e->k->wr.at[0];
    LoopType t = xnode_type(mem_of(e, out));
    bool fp = t == LT_f32 || t == LT_f64;
    LV zero = fp ? l_float(b, t, lanes, 0) : l_int(b, t, lanes, 0);
    if (s->act == TAIL_clear) {
        lanes_store(e, out, p, zero, mask);
        return;
    }
    LV v = lanes_load(e, out, p, lanes, mask);
    if (s->act == TAIL_add) {
        LV x = l_cvt(b, lanes_load(e, &e->k->rd.at[1], e->at.val[1], lanes, mask), t);
        LV sum = l_bin(b, fp ? L_fadd : L_iadd, v, x);
        lanes_store(e, out, p, sum, mask);
        look(s, sum);
        return;
    }
    LV at = l_ptradd(b, e->at.val[2], s->slot, 0), total = l_cvt(b, v, LT_f64);
    if (s->act != TAIL_open) total = l_bin(b, L_fadd, l_load(b, at, 0, DT_f64, lanes, mask), total);
    if (s->act != TAIL_finish) l_store(b, at, 0, DT_f64, total, mask);
    LV last = s->act == TAIL_finish ? l_cvt(b, total, t) : zero;
    lanes_store(e, out, p, last, mask);
    if (s->act == TAIL_finish) look(s, last);
}

/* The tail axes of one row; the last one in vectors. */
static void scatter_tail(Scatter *s, int axis, LV row)
{
    Gen *e = &s->e;
    LB *b = &e->b;
    Point old = gen_save(e);
    if (axis == e->k->n_axes) {
        scatter_vector(s, row_address(s, row), 1, 0);
        return;
    }
    LV end = gen_dim(e, e->k->axis[axis]);
    if (axis != e->k->n_axes - 1) {
        LV loop = l_loop(b, l_i64(b, 0), end, l_i64(b, 1), NULL, 0);
        gen_enter(e, axis, loop);
        scatter_tail(s, axis + 1, row);
        l_yield(b, loop, NULL, 0);
        gen_restore(e, old);
        return;
    }
    int w = s->width;
    LV whole = l_bin(b, L_and, end, l_i64(b, -w));
    LV loop = l_loop(b, l_i64(b, 0), whole, l_i64(b, w), NULL, 0);
    gen_enter(e, axis, loop);
    scatter_vector(s, row_address(s, row), w, 0);
    l_yield(b, loop, NULL, 0);
    gen_restore(e, old);
    old = gen_save(e);
    LV some = l_if(b, l_cmp(b, LP_lt, whole, end));
    gen_enter(e, axis, whole);
    scatter_vector(s, row_address(s, row), w, l_maskn(b, l_bin(b, L_isub, end, whole), w));
    l_end(b, some);
    gen_restore(e, old);
}

static void clear_rows(Scatter *s)
{
    LB *b = &s->e.b;
    LV row = l_loop(b, s->e.lo, s->e.hi, l_i64(b, 1), NULL, 0);
    s->act = TAIL_clear;
    scatter_tail(s, 1, row);
    l_yield(b, row, NULL, 0);
}

/* ---- totals ---- */

static LV begin_if(Scatter *s)
{
    return s->is_long ? l_if(&s->e.b, s->is_long) : 0;
}

static void end_if(Scatter *s, LV if_)
{
    if (if_) l_end(&s->e.b, if_);
}

static LV count_place(Scatter *s, LV row)
{
    LB *b = &s->e.b;
    return l_ptradd(b, s->counts, l_bin(b, L_imul, row, l_i64(b, 8)), 0);
}

static LV load_id(Gen *e, LV i)
{
    LB *b = &e->b;
    Point old = gen_save(e);
    gen_enter(e, 0, i);
    LV id = l_cvt(b, l_load(b, e->at.val[0], 0, mem_of(e, &e->k->rd.at[0]), 1, 0), LT_i64);
    gen_restore(e, old);
    return id;
}

/* No row of this thread has updates yet. Rows before its own have at most their updates / SEGMENT slots. */
static void begin_counts(Scatter *s)
{
    Gen *e = &s->e;
    LB *b = &e->b;
    LV zero = l_i64(b, 0), one = l_i64(b, 1), if_ = begin_if(s);
    LV row = l_loop(b, e->lo, e->hi, one, NULL, 0);
    l_store(b, count_place(s, row), 0, DT_i64, zero, 0);
    l_yield(b, row, NULL, 0);
    LV others = l_sel(b, l_cmp(b, LP_gt, e->lo, zero), gen_dim(e, e->k->axis[0]), zero);
    LV i = l_loop(b, zero, others, one, &zero, 1);
    LV before = l_cvt(b, l_cmp(b, LP_lt, load_id(e, i), e->lo), LT_i64);
    LV sum = l_bin(b, L_iadd, l_carried(b, i, 0), before);
    l_yield(b, i, &sum, 1);
    l_store(b, s->next, 0, DT_i64, l_bin(b, L_ifdiv, l_result(b, i, 0), l_i64(b, SEGMENT)), 0);
    end_if(s, if_);
}

static LV slot_bytes(Scatter *s, LV row)
{
    LB *b = &s->e.b;
    return l_bin(b, L_imul, l_cvt(b, l_load(b, count_place(s, row), 4, DT_i32, 1, 0), LT_i64), s->row_bytes);
}

/* The SEGMENT-th update of a row since its chain was last 0. */
static void close_segment(Scatter *s, LV row, LV count)
{
    LB *b = &s->e.b;
    LV first = l_if(b, l_cmp(b, LP_eq, count, l_int(b, LT_i32, 1, SEGMENT)));
    LV slot = l_load(b, s->next, 0, DT_i64, 1, 0);
    l_store(b, count_place(s, row), 4, DT_i32, l_cvt(b, slot, LT_i32), 0);
    l_store(b, s->next, 0, DT_i64, l_bin(b, L_iadd, slot, l_i64(b, 1)), 0);
    s->slot = l_bin(b, L_imul, slot, s->row_bytes);
    s->act = TAIL_open;
    scatter_tail(s, 1, row);
    l_else(b, first);
    s->slot = slot_bytes(s, row);
    s->act = TAIL_close;
    scatter_tail(s, 1, row);
    l_end(b, first);
}

/* Counts on from SEGMENT to 2 * SEGMENT - 1, so that a count never overflows and says whether there is a total. */
static void count_update(Scatter *s, LV row)
{
    LB *b = &s->e.b;
    LV if_ = begin_if(s), at = count_place(s, row), segment = l_int(b, LT_i32, 1, SEGMENT);
    LV count = l_bin(b, L_iadd, l_load(b, at, 0, DT_i32, 1, 0), l_int(b, LT_i32, 1, 1));
    LV again = l_cmp(b, LP_eq, count, l_int(b, LT_i32, 1, 2 * SEGMENT));
    l_store(b, at, 0, DT_i32, l_sel(b, again, segment, count), 0);
    LV full = l_if(b, l_bin(b, L_or, again, l_cmp(b, LP_eq, count, segment)));
    close_segment(s, row, count);
    l_end(b, full);
    end_if(s, if_);
}

static void finish_rows(Scatter *s)
{
    Gen *e = &s->e;
    LB *b = &e->b;
    LV if_ = begin_if(s);
    LV row = l_loop(b, e->lo, e->hi, l_i64(b, 1), NULL, 0);
    LV count = l_load(b, count_place(s, row), 0, DT_i32, 1, 0);
    LV has = l_if(b, l_cmp(b, LP_ge, count, l_int(b, LT_i32, 1, SEGMENT)));
    s->slot = slot_bytes(s, row);
    s->act = TAIL_finish;
    scatter_tail(s, 1, row);
    l_end(b, has);
    l_yield(b, row, NULL, 0);
    end_if(s, if_);
}

/* The totals are a third thing that is read, dense in the axes of a row. */
static void add_totals(KProgram *p, Kernel *k)
{
    Dims *dims = p->module->dims;
    Access totals = {0}, *rd = ARENA_ARRAY(p->arena, Access, k->rd.n + 1);
    Dim row = dim_const(dims, 1);
    for (int a = k->n_axes - 1; a > 0; a--) {
        totals.stride[a] = row;
        row = dim_mul(dims, row, k->axis[a]);
    }
    totals.buf = segments_slots(p, k, k->axis[0], k->rows, row);
    totals.off = k->rows;
    if (!totals.buf) return;
    for (uint32_t i = 0; i < k->rd.n; i++)
        rd[i] = k->rd.at[i];
    rd[k->rd.n++] = totals;
    k->rd.at = rd;
    k->rd.cap = k->rd.n;
}

static void plan_totals(Scatter *s)
{
    Gen *e = &s->e;
    LB *b = &e->b;
    int64_t known;
    if (e->k->rd.n < 3) return;
    Access counts = {.buf = e->k->rd.at[2].buf};
    LV n = gen_dim(e, e->k->axis[0]);
    if (!l_is_int(b, n, &known)) s->is_long = l_cmp(b, LP_gt, n, l_i64(b, SEGMENT));
    s->counts = gen_address(e, &counts, 0);
    s->next = l_alloca(b, 8);
    s->row_bytes = l_i64(b, 8);
    for (int a = 1; a < e->k->n_axes; a++)
        s->row_bytes = l_bin(b, L_imul, s->row_bytes, gen_dim(e, e->k->axis[a]));
}

int64_t lower_scatter(LoopModule *m, KProgram *p, const Kernel *k, const char *name)
{
    Scatter *s = ARENA_NEW(m->arena, Scatter);
    Gen *e = &s->e;
    Kernel *own = ARENA_NEW(m->arena, Kernel);
    uint8_t mem = p->buf.at[k->wr.at[0].buf].dtype;
    *own = *k;
    if (mem == DT_f32 || mem == DT_f64) add_totals(p, own);
    gen_begin(e, m, p, own, name, 0);
    LB *b = &e->b;
    if (k->part < 0) { /* one thread owns all rows */
        e->lo = l_i64(b, 0);
        e->hi = gen_dim(e, k->rows);
    }
    e->vec = k->n_axes > 1 ? k->n_axes - 1 : -1;
    s->width = loop_lanes(m, mem == DT_f64 || mem == DT_i64 ? 8 : 4);
    plan_totals(s);
    if (!k->accumulate) clear_rows(s);
    if (s->counts) begin_counts(s);
    LV loop = l_loop(b, l_i64(b, 0), gen_dim(e, k->axis[0]), l_i64(b, 1), NULL, 0);
    Point old = gen_save(e);
    LV id = load_id(e, loop);
    gen_enter(e, 0, loop);
    LV mine = l_bin(b, L_and, l_cmp(b, LP_ge, id, e->lo), l_cmp(b, LP_lt, id, e->hi));
    e->at.val[e->wr_at] = old.val[e->wr_at]; /* axis 0 of the output is the row, not the number of the id */
    LV if_ = l_if(b, mine);
    s->act = TAIL_add;
    scatter_tail(s, 1, id);
    if (s->counts) count_update(s, id);
    l_end(b, if_);
    gen_restore(e, old);
    l_yield(b, loop, NULL, 0);
    if (s->counts) finish_rows(s);
    l_ret(b, 0);
    return 1;
}
