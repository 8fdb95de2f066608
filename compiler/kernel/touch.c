/* SPDX-License-Identifier: MIT
 * touch.c: conflicts between kernels that stay apart. */
#include "kernel/touch.h"

#include "kernel/merge.h"

#include <string.h>

static void touch(Arena *arena, Touches *t, uint64_t memory, bool write)
{
    uint64_t bit = UINT64_C(1) << ((memory * UINT64_C(0x9E3779B97F4A7C15)) >> 58);
    t->any |= bit;
    if (write) t->written |= bit;
    uint32_t at = t->list.n;
    while (at > 0 && t->list.at[at - 1].memory > memory)
        at--;
    if (at > 0 && t->list.at[at - 1].memory == memory) {
        t->list.at[at - 1].write |= write;
        return;
    }
    vec_add(arena, &t->list, (Touch){memory, write});
    memmove(&t->list.at[at + 1], &t->list.at[at], sizeof(Touch) * (t->list.n - 1 - at));
    t->list.at[at] = (Touch){memory, write};
}

void touch_all(const KProgram *p, Arena *arena, const Kernel *k, Touches *t)
{
    t->update |= k->kind == K_UPDATE;
    t->external |= k->kind == K_EXTERN;
    t->probe |= k->kind == K_PROBE;
    for (uint32_t i = 0; i < k->x.n; i++)
        t->expect |= k->x.at[i].kind == X_expect;
    for (uint32_t i = 0; i < k->rd.n; i++)
        touch(arena, t, kernel_buffer_memory(p, k->rd.at[i].buf), false);
    for (uint32_t i = 0; i < k->wr.n; i++)
        touch(arena, t, kernel_buffer_memory(p, k->wr.at[i].buf), true);
    for (uint32_t i = 0; i < k->body.n; i++)
        touch_all(p, arena, k->body.at[i], t);
}

/* An update reads and writes everything of the model and of training, and may end the step. */
static bool touches_update(const Touches *t)
{
    for (uint32_t i = 0; i < t->list.n; i++) {
        BufClass cls = (BufClass)(t->list.at[i].memory >> 56);
        if (cls == BUF_MODEL || cls == BUF_TRAIN || cls == BUF_SUMS) return true;
        if (t->list.at[i].write && cls == BUF_ARG) return true;
    }
    return false;
}

bool touches_independent(const Touches *x, const Touches *k)
{
    if (x->update && (touches_update(k) || k->expect || k->probe)) return false;
    if (k->update || x->external) return false;
    if (!(x->written & k->any) && !(x->any & k->written)) return true;
    const Touch *a = x->list.at, *b = k->list.at, *a_end = a + x->list.n, *b_end = b + k->list.n;
    while (a < a_end && b < b_end) {
        if (a->memory == b->memory && (a->write || b->write)) return false;
        if (a->memory <= b->memory)
            a++;
        else
            b++;
    }
    return true;
}
