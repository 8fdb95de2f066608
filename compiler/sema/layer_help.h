/* SPDX-License-Identifier: MIT
 * layer_help.h: what is said of layers and members that are not as they should be. */
#ifndef NNC_SEMA_LAYER_HELP_H
#define NNC_SEMA_LAYER_HELP_H

#include "sema/base/state.h"

/* Of a layer that lacks an argument, told of by message `first`: if it is the size of the input. */
void layer_help_input(Sema *s, const Decl *decl, const PrimArg *args, uint32_t n, Span span, uint32_t first);
void layer_redeclared(Sema *s, const char *name, bool layer, Span at, Span first);
void layer_report_member(Sema *s, const Instance *instance, const Member *m, const Value *v); /* `name = value` that is not known */
void layer_no_function(Sema *s, const Instance *instance, const char *name, Span at);

#endif
