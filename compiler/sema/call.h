/* SPDX-License-Identifier: MIT
 * call.h: one call of a function, shared by call.c, argument.c and gradient.c. */
#ifndef NNC_SEMA_CALL_H
#define NNC_SEMA_CALL_H

#include "sema/sema_state.h"

typedef struct CallSite {
    const FnDecl *fn;
    Instance *instance;
    const char *title;
    Span span, callee_span;
    PrimArg *args;
    int *slot;
    uint32_t n;
} CallSite;

static inline const PrimArg *arg_of(const CallSite *c, int i)
{
    return c->slot[i] < 0 ? NULL : &c->args[c->slot[i]];
}

/* argument.c: the argument of a parameter does not fit. */
void report_argument(Sema *s, const CallSite *c, const Param *param, int at, const Value *v,
                     const char *why);
/* gradient.c: the call of a function with a grad block, in its frame. */
Value call_with_grad(Sema *s, const CallSite *c);

#endif
