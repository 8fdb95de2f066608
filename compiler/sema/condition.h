/* SPDX-License-Identifier: MIT
 * condition.h: conditions about sizes, taken as facts or demanded. */
#ifndef NNC_SEMA_CONDITION_H
#define NNC_SEMA_CONDITION_H

#include "sema/base/state.h"

void facts_from_condition(Sema *s, const Expr *expr, bool truth);
/* Prove the conditions of a `requires` at a call. */
void demand_condition(Sema *s, const Expr *expr, Span at, const char *who);

#endif
