/* SPDX-License-Identifier: MIT
 * group.c: void name(ctx, lo, hi, iter): items lo .. hi-1 of a group.
 *
 *   for item in lo .. hi-1:  counters of the item into iter;  the kernels of the body, one after the other */
#include "loop/lowering.h"

/* An item's number in row-major order -> a counter for each axis. */
static void store_counters(Gen *e, LV item)
{
    LB *b = &e->b;
    for (int i = e->k->n_axes - 1; i >= 0; i--) {
        LV n = gen_dim(e, e->k->axis[i]), above = i ? l_bin(b, L_ifdiv, item, n) : 0;
        LV counter = i ? l_bin(b, L_isub, item, l_bin(b, L_imul, above, n)) : item;
        l_store(b, e->iter, 8 * ((int64_t)e->k->depth + i), DT_i64, counter, 0);
        item = above;
    }
}

void lower_group(LoopModule *m, KProgram *p, const Kernel *k, const char *name, const Lowered *by_order)
{
    Gen *e = ARENA_NEW(m->arena, Gen);
    gen_begin(e, m, p, k, name, 0);
    LB *b = &e->b;
    LV item = l_loop(b, e->lo, e->hi, l_i64(b, 1), NULL, 0);
    store_counters(e, item);
    for (uint32_t i = 0; i < k->body.n; i++) {
        LV args[4] = {e->ctx, l_i64(b, 0), l_i64(b, 0), e->iter};
        l_call(b, by_order[k->body.at[i]->order].name, LT_void, args, 4);
    }
    l_yield(b, item, NULL, 0);
    l_ret(b, 0);
}
