/* SPDX-License-Identifier: MIT
 * call.h: calls. */
#ifndef NNC_SEMA_CALL_H
#define NNC_SEMA_CALL_H

#include "sema/base/state.h"

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

Value call_eval(Sema *s, const Expr *expr);
Value call_value(Sema *s, const Value *callee, PrimArg *args, uint32_t n, Span span, Span callee_span);
Value call_fn(Sema *s, const FnDecl *fn, Unit *unit, Instance *instance, Global *global, PrimArg *args, uint32_t n, Span span,
              Span callee_span);
/* What a function of the given kind returned, against its type. */
Value call_check_result(Sema *s, const TypeExpr *type, Value v, Span at, const char *who, Span head); /* head: the name of the function */

#endif
