/* SPDX-License-Identifier: MIT
 * other.c: scatter, calls of C functions, optimizer statements. */
#include "loop/lowering.h"

/* ---- scatter: out[row] += update for every id that is one of this thread's rows, in order ---- */

typedef struct Scatter {
    Gen e;
    LV id, start; /* of the current update; start: zero instead of add */
    int width;
} Scatter;

/* Address of wr[0] at `row` with the tail axes entered; its stride 0 belongs to the row. */
static LV row_address(Scatter *s, LV row)
{
    Gen *e = &s->e;
    const Access *a = &e->k->wr.at[0];
    LV stride = l_bin(&e->b, L_imul, gen_dim(e, a->stride[0]),
                      l_i64(&e->b, dtype_bytes(e->p->buf.at[a->buf].dtype)));
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

static void scatter_vector(Scatter *s, LV p, LV update, int lanes, LV mask)
{
    Gen *e = &s->e;
    LB *b = &e->b;
    const Access *out = &e->k->wr.at[0], *upd = &e->k->rd.at[1];
    LoopType t = xnode_type(mem_of(e, out));
    bool fp = t == LT_f32 || t == LT_f64;
    LV v;
    if (s->start) {
        v = fp ? l_float(b, t, lanes, 0) : l_int(b, t, lanes, 0);
    } else {
        LV x = l_cvt(b, lanes_load(e, upd, update, lanes, mask), t);
        v = l_bin(b, fp ? L_fadd : L_iadd, lanes_load(e, out, p, lanes, mask), x);
    }
    lanes_store(e, out, p, v, mask);
}

/* The tail axes of one row; the last one in vectors. */
static void scatter_tail(Scatter *s, int axis, LV row)
{
    Gen *e = &s->e;
    LB *b = &e->b;
    Point old = gen_save(e);
    if (axis == e->k->n_axes) {
        scatter_vector(s, row_address(s, row), e->at.val[1], 1, 0);
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
    scatter_vector(s, row_address(s, row), e->at.val[1], w, 0);
    l_yield(b, loop, NULL, 0);
    gen_restore(e, old);
    old = gen_save(e);
    LV some = l_if(b, l_cmp(b, LP_lt, whole, end));
    gen_enter(e, axis, whole);
    scatter_vector(s, row_address(s, row), e->at.val[1], w,
                   l_maskn(b, l_bin(b, L_isub, end, whole), w));
    l_end(b, some);
    gen_restore(e, old);
}

static void clear_rows(Scatter *s)
{
    LB *b = &s->e.b;
    LV row = l_loop(b, s->e.lo, s->e.hi, l_i64(b, 1), NULL, 0);
    s->start = row;
    scatter_tail(s, 1, row);
    l_yield(b, row, NULL, 0);
    s->start = 0;
}

int64_t lower_scatter(LoopModule *m, KProgram *p, const Kernel *k, const char *name)
{
    Scatter *s = ARENA_NEW(m->arena, Scatter);
    Gen *e = &s->e;
    Kernel *own = ARENA_NEW(m->arena, Kernel);
    *own = *k;
    gen_begin(e, m, p, own, name, 0);
    LB *b = &e->b;
    if (k->part < 0) { /* one thread owns all rows */
        e->lo = l_i64(b, 0);
        e->hi = gen_dim(e, k->rows);
    }
    e->vec = k->n_axes > 1 ? k->n_axes - 1 : -1;
    uint8_t mem = mem_of(e, &k->wr.at[0]);
    s->width = m->target.vector_bytes / (mem == DT_f64 || mem == DT_i64 ? 8 : 4);
    if (!k->accumulate) clear_rows(s);
    LV loop = l_loop(b, l_i64(b, 0), gen_dim(e, k->axis[0]), l_i64(b, 1), NULL, 0);
    Point old = gen_save(e), at;
    gen_enter(e, 0, loop);
    at = e->at;
    LV id = l_cvt(b, l_load(b, at.val[0], 0, mem_of(e, &k->rd.at[0]), 1, 0), LT_i64);
    LV mine = l_bin(b, L_and, l_cmp(b, LP_ge, id, e->lo), l_cmp(b, LP_lt, id, e->hi));
    e->at.val[e->wr_at] =
        old.val[e->wr_at]; /* axis 0 of the output is the row, not the number of the id */
    LV if_ = l_if(b, mine);
    scatter_tail(s, 1, id);
    l_end(b, if_);
    gen_restore(e, old);
    l_yield(b, loop, NULL, 0);
    l_ret(b, 0);
    return 1;
}

/* ---- extern: void symbol(sizes..., inputs..., outputs...) ---- */

void lower_extern(LoopModule *m, KProgram *p, const Kernel *k, const char *name)
{
    Gen *e = ARENA_NEW(m->arena, Gen);
    gen_begin(e, m, p, k, name, 0);
    LV *args = ARENA_ARRAY(m->arena, LV, k->sizes.n + k->rd.n + k->wr.n + 1);
    int n = 0;
    for (uint32_t i = 0; i < k->sizes.n; i++)
        args[n++] = gen_dim(e, k->sizes.at[i]);
    for (uint32_t i = 0; i < k->rd.n; i++) {
        const Buf *buf = &p->buf.at[k->rd.at[i].buf];
        LV at = e->at.val[i];
        LV v = buf->type.rank == 0 ? l_load(&e->b, at, 0, buf->dtype, 1, 0)
                                   : at; /* scalars by value */
        args[n++] = l_type(&e->b, v) == LT_mask ? l_cvt(&e->b, v, LT_i32) : v;
    }
    for (uint32_t i = 0; i < k->wr.n; i++)
        args[n++] = e->at.val[e->wr_at + i];
    l_call(&e->b, k->symbol, LT_void, args, n);
    l_ret(&e->b, 0);
}

/* ---- update: i32 name(ctx, tid, -, iter) ---- */

void lower_update(LoopModule *m, KProgram *p, const Kernel *k, const char *name)
{
    Gen *e = ARENA_NEW(m->arena, Gen);
    gen_begin(e, m, p, k, name, 0);
    LB *b = &e->b;
    e->b.f->result = LT_i32;
    LV args[4] = {e->ctx, l_int(b, LT_i32, 1, k->statement), e->at.val[0], l_cvt(b, e->lo, LT_i32)};
    l_ret(b, l_call(b, "nnrt_update", LT_i32, args, 4));
}
