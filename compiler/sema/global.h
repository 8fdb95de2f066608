/* SPDX-License-Identifier: MIT
 * global.h: the values of declarations. */
#ifndef NNC_SEMA_GLOBAL_H
#define NNC_SEMA_GLOBAL_H

#include "sema/base/state.h"

Value global_value(Sema *s, Global *g, Span at);
void option_check(Sema *s, Global *g);

#endif
