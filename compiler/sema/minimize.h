/* SPDX-License-Identifier: MIT
 * minimize.h: minimize. */
#ifndef NNC_SEMA_MINIMIZE_H
#define NNC_SEMA_MINIMIZE_H

#include "sema/base/frame.h"

void minimize_eval(Sema *s, const Stmt *stmt);

#endif
