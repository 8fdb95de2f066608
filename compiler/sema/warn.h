/* SPDX-License-Identifier: MIT
 * warn.h: warnings about the whole program. */
#ifndef NNC_SEMA_WARN_H
#define NNC_SEMA_WARN_H

#include "sema/base/state.h"

void warn_program(Sema *s);
void warn_entry(Sema *s, CoreEntry *entry);

#endif
