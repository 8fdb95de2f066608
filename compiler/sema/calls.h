/* SPDX-License-Identifier: MIT
 * calls.h: which layers an entry point calls, and what they return: the rows of `summary`. */
#ifndef NNC_SEMA_CALLS_H
#define NNC_SEMA_CALLS_H

#include "sema/base/state.h"

void calls_note(Sema *s, const Instance *instance, const Value *out); /* the layer has returned this */

#endif
