/* SPDX-License-Identifier: MIT
 * expr.h: expressions. */
#ifndef NNC_SEMA_EXPR_H
#define NNC_SEMA_EXPR_H

#include "sema/base/state.h"

Value expr_eval(Sema *s, const Expr *expr);
/* Compile-time truth: 0, 1; -1 after an error, or where a bool is known only at run time and `tensor` is there to take it. */
int expr_truth(Sema *s, const Expr *expr, Value *tensor);
PrimArg *args_eval(Sema *s, const Arg *args, uint32_t *n, bool *bad);
bool value_of_config(const Value *v); /* in the check of a definition: a scalar computed from nothing but its arguments */
bool expr_const_int(Sema *s, const Expr *expr, int64_t *n);

#endif
