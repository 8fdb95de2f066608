/* SPDX-License-Identifier: MIT
 * warn_body.h: questions that the warnings ask of the instructions of a checked entry. */
#ifndef NNC_SEMA_WARN_BODY_H
#define NNC_SEMA_WARN_BODY_H

#include "sema/base/state.h"

static inline const CoreIns *body_ins(const CoreBody *body, CoreRef ref)
{
    return &body->ins.at[ref - 1];
}

bool body_is_view(uint16_t op); /* the same numbers in another shape, order or type */
CoreRef body_source(const CoreBody *body, CoreRef ref); /* what a value is a view of */
bool body_constant(const CoreBody *body, CoreRef ref, double *x); /* one number, perhaps repeated */
int body_counter(const CoreBody *body, CoreRef ref); /* 0 step, 1 epoch, 2 steps; -1: something else */
void body_ancestors(const CoreBody *body, CoreRef ref, bool *live); /* live[r]: `ref` is computed from r, or is it; room for all */
/* Is this value, or what it is a view of, the result of a library function of this kind? */
bool body_is_noted(const EntryState *e, const CoreBody *body, CoreRef ref, NotedKind kind);

#endif
