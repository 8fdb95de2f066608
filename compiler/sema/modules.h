/* SPDX-License-Identifier: MIT
 * modules.h: what the runtime has to know of the library's layers to take weights from files of other tools. */
#ifndef NNC_SEMA_MODULES_H
#define NNC_SEMA_MODULES_H

#include "sema/base/state.h"

void modules_note(Sema *s, const Instance *instance); /* it has got its path */
/* It is called: were the rows of its first argument pictures that have been flattened? Their order is another one where
 * channels stand first. */
void modules_note_input(Sema *s, const Instance *instance, const PrimArg *args, uint32_t n);

#endif
