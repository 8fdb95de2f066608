/* SPDX-License-Identifier: MIT
 * condition.h: conditions about sizes, taken as facts or demanded. */
#ifndef NNC_SEMA_CONDITION_H
#define NNC_SEMA_CONDITION_H

#include "sema/base/state.h"

void facts_from_condition(Sema *s, const Expr *expr, bool truth);
/* The conditions of a `requires` at a call: those about sizes are proved or demanded of the entry; what the compiler knows must be as it
 * is wanted; values of run time are looked at where the call stands. */
typedef enum Demanded { DEMAND_KNOWN = 1, DEMAND_VALUES = 2, DEMAND_ALL = 3 } Demanded;
void demand_condition(Sema *s, const Expr *expr, Span at, const char *who, Demanded parts);

#endif
