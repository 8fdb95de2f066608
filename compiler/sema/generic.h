/* SPDX-License-Identifier: MIT
 * generic.h: checks of definitions. */
#ifndef NNC_SEMA_GENERIC_H
#define NNC_SEMA_GENERIC_H

#include "sema/base/state.h"

void generic_check(Sema *s, Global *global);
/* After all entries: reports what the check of a definition has found that could not be finished and that nothing uses. */
void generic_unused(Sema *s, const Global *global);

#endif
