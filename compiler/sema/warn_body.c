/* SPDX-License-Identifier: MIT
 * warn_body.c: what a value comes from. */
#include "sema/warn_body.h"

bool body_is_view(uint16_t op)
{
    return op == CORE_reshape || op == CORE_permute || op == CORE_slice || op == CORE_broadcast || op == CORE_cast || op == CORE_stop;
}

CoreRef body_source(const CoreBody *body, CoreRef ref)
{
    while (body_is_view(body_ins(body, ref)->op))
        ref = body_ins(body, ref)->in[0];
    return ref;
}

bool body_constant(const CoreBody *body, CoreRef ref, double *x)
{
    const CoreIns *ins = body_ins(body, body_source(body, ref));
    if (ins->op == CORE_neg && body_constant(body, ins->in[0], x)) {
        *x = -*x;
        return true;
    }
    *x = ins->number;
    return ins->op == CORE_const;
}

int body_counter(const CoreBody *body, CoreRef ref)
{
    const CoreIns *ins = body_ins(body, body_source(body, ref));
    return ins->op == CORE_counter ? (int)ins->attr[0] : -1;
}

void body_ancestors(const CoreBody *body, CoreRef ref, bool *live)
{
    live[ref] = true;
    for (CoreRef r = ref; r >= 1; r--)
        for (uint32_t i = 0; live[r] && i < body_ins(body, r)->n_in; i++)
            live[body_ins(body, r)->in[i]] = true;
}

bool body_is_noted(const EntryState *e, const CoreBody *body, CoreRef ref, NotedKind kind)
{
    for (;;) {
        for (uint32_t i = 0; i < e->noted.n; i++) {
            const NotedValue *v = &e->noted.at[i];
            if (v->body == body && v->ref == ref && v->kind == kind) return true;
        }
        const CoreIns *ins = body_ins(body, ref);
        if (!body_is_view(ins->op)) return false;
        ref = ins->in[0];
    }
}
