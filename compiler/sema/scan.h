/* SPDX-License-Identifier: MIT
 * scan.h: scan and emit. */
#ifndef NNC_SEMA_SCAN_H
#define NNC_SEMA_SCAN_H

#include "sema/base/state.h"

void scan_eval(Sema *s, const Stmt *stmt);
void emit_eval(Sema *s, const Stmt *stmt);

#endif
