/* SPDX-License-Identifier: MIT
 * stmt.h: statements. */
#ifndef NNC_SEMA_STMT_H
#define NNC_SEMA_STMT_H

#include "sema/base/state.h"

void block_eval(Sema *s, const Stmt *stmts);
void stmt_bind(Sema *s, const char *name, const TypeExpr *type, Value v, Span at, Span name_span);

#endif
