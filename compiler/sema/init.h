/* SPDX-License-Identifier: MIT
 * init.h: start values of parameters and states. */
#ifndef NNC_SEMA_INIT_H
#define NNC_SEMA_INIT_H

#include "sema/base/state.h"

CoreInit init_eval(Sema *s, const Expr *value, const SemaType *type, bool is_state, Span at, const char *name);

#endif
