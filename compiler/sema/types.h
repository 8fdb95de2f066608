/* SPDX-License-Identifier: MIT
 * types.h: type expressions -> types, the binding rule, fitting values to types. */
#ifndef NNC_SEMA_TYPES_H
#define NNC_SEMA_TYPES_H

#include "sema/base/state.h"

Dim dim_of_expr(Sema *s, const Expr *expr);
bool type_eval(Sema *s, const TypeExpr *type, FullType *out, bool allow_stretch);
/* Can a value with so many axes be of this type? *room: how many of them its pack takes. */
/* Every size that a function names is that of a parameter alone, so that a call gives it a value. */
bool params_within(Sema *s, const Param *list, const Name *binders); /* false: there are too many, which is said */
void params_check(Sema *s, const Param *list, const Name *binders); /* no name twice */
void binders_check(Sema *s, const FnDecl *fn);
bool type_names(const TypeExpr *type, const char *name); /* as an axis, a bound or a pack of its own */
bool type_takes_rank(const TypeExpr *type, int rank, int *room);
/* Bind what stands alone in a parameter type. */
void type_bind(Sema *s, const TypeExpr *type, const Value *value);
/* Is v acceptable as `want`? The value in that type, in *v; false: not (nothing reported). */
bool value_fit(Sema *s, Value *v, const FullType *want, const char **why);
Value generic_of_type(Sema *s, const FullType *type, const char *name);

#endif
