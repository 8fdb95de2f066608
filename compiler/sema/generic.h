/* SPDX-License-Identifier: MIT
 * generic.h: checks of definitions. */
#ifndef NNC_SEMA_GENERIC_H
#define NNC_SEMA_GENERIC_H

#include "sema/base/state.h"

void generic_check(Sema *s, Global *global);

#endif
