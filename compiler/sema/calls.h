/* SPDX-License-Identifier: MIT
 * calls.h: which layers an entry point calls, and what they return: the rows of `summary`, the nodes of `graph`. */
#ifndef NNC_SEMA_CALLS_H
#define NNC_SEMA_CALLS_H

#include "sema/base/state.h"

/* A call runs: returns what its end needs. fn: NULL for a chain. */
uint32_t calls_begin(Sema *s, const Instance *instance, const char *fn);
void calls_end(Sema *s, uint32_t around);
void calls_note(Sema *s, const Instance *instance, const Value *out); /* the layer has returned this */

#endif
