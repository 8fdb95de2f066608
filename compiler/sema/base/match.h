/* SPDX-License-Identifier: MIT
 * match.h: which argument goes to which parameter. */
#ifndef NNC_SEMA_BASE_MATCH_H
#define NNC_SEMA_BASE_MATCH_H

#include "sema/base/state.h"

uint32_t param_count(const Param *params);
/* slot[i] = argument of parameter i, or -1. False after an error. */
bool match_args(Sema *s, const Param *params, const PrimArg *args, uint32_t n, int *slot, const char *title, Span span);
/* An argument of a name that neither list has. All of a call are one message: d is that of the first, or NULL. */
Diag *match_unknown(Sema *s, Diag *d, const Param *params, const Param *more, const PrimArg *arg, const char *title);

#endif
