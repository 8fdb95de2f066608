/* SPDX-License-Identifier: MIT
 * unknown_size.h: sizes that a signature or a data block uses and does not name: T in fn f[B](x: float[B, T]). */
#ifndef NNC_SEMA_UNKNOWN_SIZE_H
#define NNC_SEMA_UNKNOWN_SIZE_H

#include "sema/base/state.h"

bool size_help(Sema *s, Diag *d, const char *name); /* false: the name is none of a size, or stands elsewhere */
bool size_was_told(const Sema *s, const char *name); /* of another one of the same function */
bool size_is_axis(const FnDecl *fn, const char *name); /* of a parameter */

#endif
