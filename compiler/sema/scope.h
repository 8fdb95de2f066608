/* SPDX-License-Identifier: MIT
 * scope.h: what a name means. */
#ifndef NNC_SEMA_SCOPE_H
#define NNC_SEMA_SCOPE_H

#include "sema/base/state.h"

/* The value of a name here; reports an unknown one. */
Value scope_lookup(Sema *s, const char *name, Span span);
Value instance_member(Sema *s, Instance *instance, const char *name, Span span); /* a.name */
Value family_index(Sema *s, const Value *family, const int64_t *index, uint32_t n, Span span);

#endif
