/* SPDX-License-Identifier: MIT
 * suggest.h: what a misspelt or foreign name may stand for. */
#ifndef NNC_SEMA_BASE_SUGGEST_H
#define NNC_SEMA_BASE_SUGGEST_H

#include "sema/base/state.h"
#include "support/foreign.h"

const char *suggest_among(const char *name, const char *const *names, uint32_t n); /* the closest, or NULL */
/* One more candidate: the same letters, a few others, or a part of the name; *best and *distance begin as NULL and 99. */
void suggest_consider(const char *name, const char *candidate, const char **best, int *distance);
/* The help for an argument that is not among `names`: another tool's name for one of them, the closest, or what to do; NULL: none. */
const char *suggest_argument(Sema *s, const char *name, const char *const *names, uint32_t n);
/* Whatever says it: what this name stands for fits nowhere, as `logits` that is the model. */
void suggest_same(Sema *s, Diag *d, Span at, const Value *given);
void suggest_whole(Sema *s, Diag *d, const Value *given, Span at); /* 16.0, n / 2 where a whole number is wanted */
bool suggest_bias(Sema *s, Diag *d, Span at); /* fc.bias, a setting, where the parameter fc.b is meant */
void suggest_tensor(Diag *d, const char *function); /* it is called without an argument: relu() */
/* The helps that say so, with the edit of what stands at `at` (a span of nothing: none). */
void suggest_meant(Diag *d, Span at, const char *name);
void suggest_foreign(Diag *d, Span at, const Foreign *foreign);
void suggest_told(Diag *d, Span at, const char *argument, const char *help); /* of suggest_argument; which argument, or NULL */
bool suggest_is_word(const char *text);                /* and no advice in words */
const char *suggest_list(Sema *s, const char *const *names, uint32_t n); /* "a, b, c" */

#endif
