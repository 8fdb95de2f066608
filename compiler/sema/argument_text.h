/* SPDX-License-Identifier: MIT
 * argument_text.h: the type that a parameter wants, as a message says it. */
#ifndef NNC_SEMA_ARGUMENT_TEXT_H
#define NNC_SEMA_ARGUMENT_TEXT_H

#include "sema/base/state.h"

bool param_is_binder(const FnDecl *fn, const char *name);
const char *wanted_element(Sema *s, const FnDecl *fn, const TypeExpr *type); /* "int<3>" */
const char *wanted_text(Sema *s, const FnDecl *fn, const TypeExpr *type);    /* as written, with the sizes of the layer filled in */

#endif
