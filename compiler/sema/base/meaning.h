/* SPDX-License-Identifier: MIT
 * meaning.h: what the words of a program mean, told to who asks while it is checked (SemaOptions.meant): editors do. The same word may
 * be told several times: with the names of a definition's sizes, then with the numbers of each use. */
#ifndef NNC_SEMA_BASE_MEANING_H
#define NNC_SEMA_BASE_MEANING_H

#include "sema/base/state.h"

void meaning_of_name(Sema *s, const char *name, Span use, const Value *v); /* after it was looked up */
void meaning_of_member(Sema *s, const Expr *field, const Value *base, const Value *v); /* base.name is v */
void meaning_of_binding(Sema *s, const char *name, Span at, const Value *v);
void meaning_of_argument(Sema *s, const PrimArg *arg, const Param *param);
void meaning_of_result(Sema *s, const Expr *callee, const Value *v); /* what a call gives */

#endif
