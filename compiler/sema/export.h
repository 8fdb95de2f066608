/* SPDX-License-Identifier: MIT
 * export.h: the arguments, requirements and results of an export fn. */
#ifndef NNC_SEMA_EXPORT_H
#define NNC_SEMA_EXPORT_H

#include "sema/base/state.h"

void export_binders(Sema *s, EntryState *e);
/* False: a size of its own is that of no argument. */
bool export_bind_names(Sema *s, EntryState *e);
void export_requires(Sema *s, EntryState *e);
void export_results(Sema *s, EntryState *e);

#endif
