/* SPDX-License-Identifier: MIT
 * entry_state.h: what the evaluation of an entry point remembers. */
#ifndef NNC_SEMA_BASE_ENTRY_STATE_H
#define NNC_SEMA_BASE_ENTRY_STATE_H

#include "sema/base/state.h"

/* How often this statement was met in this evaluation: unrolled loops meet it several times. */
uint32_t entry_ordinal(Sema *s, const void *key);
SemaType example_type(Sema *s, const EntryState *e, const CoreField *f); /* with the batch axis */
Value example_field(Sema *s, const Value *example, const char *name, Span span);
void entry_binder(Sema *s, CoreEntry *entry, Symbol symbol, const char *name); /* a new binder */
uint32_t entry_sum(Sema *s, const char *name, const CoreType *type, double init); /* a new sum of the reports */
/* A state of a metric: called by the elaboration of members. */
int32_t metric_state(Sema *s, Instance *instance, const Member *m, const SemaType *type, const CoreInit *init);

#endif
