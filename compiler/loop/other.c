/* SPDX-License-Identifier: MIT
 * other.c: calls of C functions, asserts and prints, optimizer statements. */
#include "loop/lowering.h"

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
        LV v = buf->type.rank == 0 ? l_load(&e->b, at, 0, buf->dtype, 1, 0) : at; /* scalars by value */
        args[n++] = l_type(&e->b, v) == LT_mask ? l_cvt(&e->b, v, LT_i32) : v;
    }
    for (uint32_t i = 0; i < k->wr.n; i++)
        args[n++] = e->at.val[e->wr_at + i];
    l_call(&e->b, k->symbol, LT_void, args, n);
    l_ret(&e->b, 0);
}

/* ---- probe: nnrt_assert(ctx, number, line, values, n) or nnrt_print(ctx, number, values, n) ---- */

void lower_probe(LoopModule *m, KProgram *p, const Kernel *k, const char *name)
{
    Gen *e = ARENA_NEW(m->arena, Gen);
    gen_begin(e, m, p, k, name, 0);
    LB *b = &e->b;
    LV args[5] = {e->ctx, l_int(b, LT_i32, 1, k->number)};
    int n = 2;
    bool asserts = k->probe == PROBE_ASSERT;
    if (asserts) args[n++] = l_int(b, LT_i32, 1, k->line);
    args[n++] = e->at.val[0];
    args[n++] = gen_dim(e, k->sizes.at[0]);
    l_call(b, asserts ? "nnrt_assert" : "nnrt_print", LT_void, args, n);
    l_ret(b, 0);
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
