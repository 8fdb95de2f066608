/* SPDX-License-Identifier: MIT
 * stmt.h: statements. */
#ifndef NNC_SEMA_STMT_H
#define NNC_SEMA_STMT_H

#include "sema/base/state.h"

void block_eval(Sema *s, const Stmt *stmts);

#endif
