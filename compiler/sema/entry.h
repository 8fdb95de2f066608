/* SPDX-License-Identifier: MIT
 * entry.h: train, eval and export fn. */
#ifndef NNC_SEMA_ENTRY_H
#define NNC_SEMA_ENTRY_H

#include "sema/base/state.h"

void entry_check(Sema *s, Global *global);
void entry_derive(Sema *s, Global *global); /* the evaluation of a train */

#endif
