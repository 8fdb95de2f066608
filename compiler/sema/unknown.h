/* SPDX-License-Identifier: MIT
 * unknown.h: what is said of a name that nothing has here (messages.md#what-newcomers-type). */
#ifndef NNC_SEMA_UNKNOWN_H
#define NNC_SEMA_UNKNOWN_H

#include "sema/base/state.h"

const char *unknown_suggest(Sema *s, const char *name); /* the known name that is closest, or NULL */
/* Reports it; the value is an error. */
Value unknown_name(Sema *s, const char *name, Span span);
/* torch.nn.relu, self.fc: a path whose first name is nothing. Reports it and is true if that is so. */
bool unknown_prefix(Sema *s, const Expr *path);
Value unknown_of_tensor(Sema *s, const Expr *field, const Value *base); /* x.name */
Value unknown_member(Sema *s, const Instance *instance, const char *name, Span span);
const char *unknown_member_of_model(Sema *s, const char *name); /* "vae.encode" for encode, or NULL */
const char *unknown_field_of_example(Sema *s, const char *name); /* "ex.y" for y, or NULL */
const char *unknown_model_of(Sema *s, const char *layer); /* the model that is the only one of a layer of these letters, or NULL */

#endif
