/* SPDX-License-Identifier: MIT
 * demand.h: sizes compared, decided and demanded. */
#ifndef NNC_SEMA_BASE_DEMAND_H
#define NNC_SEMA_BASE_DEMAND_H

#include "sema/base/state.h"

DimAnswer sema_equal(Sema *s, Dim a, Dim b, const char **why); /* under the facts in force */
DimAnswer sema_at_least(Sema *s, Dim a, Dim b, const char **why);
int demand_compare(Sema *s, Oper oper, Dim a, Dim b); /* 1, 0, or -1: depends on the values */
bool oper_compares(Oper oper);
Oper oper_opposite(Oper oper); /* of a comparison */
void demand_add_fact(Sema *s, Oper oper, Dim a, Dim b);
/* A condition that a definition check does not know: the way this run takes. */
bool demand_decide(Sema *s, const char *text, Oper oper, Dim a, Dim b);

/* Prove a condition here, or report/record it as language.md#proofs-about-sizes says (error in layers and fns; run-time check in
 * entry bodies). */
void sema_demand(Sema *s, Dim left, Oper oper, Dim right, Span at, const char *what);
/* Likewise in the words of the program; entry: an open one becomes a requirement of the entry. */
void demand_text(Sema *s, Dim left, Oper oper, Dim right, const char *text, Span at, const char *what, bool entry);
/* Likewise n >= 1, for what says nothing about no values; an open one becomes a requirement of the entry. */
void sema_demand_counted(Sema *s, Dim n, Span at, const char *what); /* the places of an axis are ints: at most 2147483647 */
void sema_demand_place(Sema *s, Dim n, Span at, const char *what);
bool demand_scan_fits(Sema *s, Span at); /* may a scan stand here, inside the others? Reports */

#endif
