/* SPDX-License-Identifier: MIT
 * library.h: what is known of functions of the prelude by their names. */
#ifndef NNC_SEMA_LIBRARY_H
#define NNC_SEMA_LIBRARY_H

#include "sema/base/state.h"

/* A layer is called with these arguments. */
void library_note_layer(Sema *s, const Instance *instance, const PrimArg *args, uint32_t n);
/* A call of fn, of this file, gave v; its frame is there still. */
void library_note_call(Sema *s, const FnDecl *fn, const Unit *unit, const Value *v);

#endif
