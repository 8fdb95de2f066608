/* SPDX-License-Identifier: MIT
 * argument_help.h: what was most likely meant by an argument that does not fit (messages.md#a-gallery). */
#ifndef NNC_SEMA_ARGUMENT_HELP_H
#define NNC_SEMA_ARGUMENT_HELP_H

#include "sema/call.h"

/* For the message about an argument of a wrong element type or shape: `span` has its words, v is what it is. */
void argument_help(Sema *s, Diag *d, const CallSite *c, const Param *param, Span span, const Value *v);
/* For one about the bound of an int; false: nothing is said. */
bool help_bound(Sema *s, Diag *d, const CallSite *c, const Param *param, const Value *v);
/* A number where a tensor is wanted; false: v is none. */
bool help_number(Sema *s, Diag *d, const Param *param, Span span, const Value *v);
/* The fields of an example, where one of them is meant; false: v is none. */
bool help_fields(Sema *s, Diag *d, Span span, const Value *v);

#endif
