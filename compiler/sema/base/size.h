/* SPDX-License-Identifier: MIT
 * size.h: no tensor of a program is larger than memory can ever be. */
#ifndef NNC_SEMA_BASE_SIZE_H
#define NNC_SEMA_BASE_SIZE_H

#include "sema/base/state.h"

void size_check(Sema *s, const SemaType *type, Span at); /* a value of this type can be in memory */
void size_check_model(Sema *s);                          /* all parameters and states together */

#endif
