/* SPDX-License-Identifier: MIT
 * variant.h: conditions over step and epoch make variants of the body of a train (language.md#training); each is checked by itself.
 * What is said of the run has to hold in all variants that make the statement, and what is said of some of them tells which. */
#ifndef NNC_SEMA_VARIANT_H
#define NNC_SEMA_VARIANT_H

#include "sema/base/state.h"

/* The number of a condition that was added last to the conditions of the entry: it is `ref` of cond_body, whose instructions from
 * `first` on are its own. One that was written before, or its opposite, keeps its number, and the instructions go. */
uint32_t variant_condition(Sema *s, uint32_t first, CoreRef ref, bool *negated);
/* The variant that is evaluated now has made this statement; messages from `first` on are about it. */
void variant_made(Sema *s, const Stmt *stmt, uint32_t first);
/* Messages from `first` on are about this variant. */
void variant_said(Sema *s, uint32_t mask, uint32_t first);
/* All variants were looked at: what is not so in the run goes, the rest says when it is so. */
void variant_settle(Sema *s);
/* Errors, but for those that were found in other variants. */
bool variant_has_errors(const Sema *s);

#endif
