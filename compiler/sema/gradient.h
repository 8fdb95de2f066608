/* SPDX-License-Identifier: MIT
 * gradient.h: derivatives in the language. */
#ifndef NNC_SEMA_GRADIENT_H
#define NNC_SEMA_GRADIENT_H

#include "sema/call.h"

Value grad_call(Sema *s, const CallSite *c); /* the call of a function with a grad block, in its frame */
Value grad_eval(Sema *s, const Expr *expr);       /* grad(L, wrt=x) */

#endif
