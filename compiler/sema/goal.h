/* SPDX-License-Identifier: MIT
 * goal.h: which way a value is better (language.md#which-value-is-best).
 *
 * `minimize fn` and `maximize fn` say it of their results, `minimize L` of L. Other values follow where arithmetic leaves no doubt:
 * the mean of losses is a loss, minus a score is one too. */
#ifndef NNC_SEMA_GOAL_H
#define NNC_SEMA_GOAL_H

#include "sema/base/state.h"

/* A call of a function with a goal gave v. */
void goal_note_result(Sema *s, const Value *v, Goal goal);
/* v is minimized: and so are its terms. */
void goal_note_loss(Sema *s, const Value *v);
/* GOAL_NONE: nothing tells, or it is contradicted. */
Goal goal_of(Sema *s, const CoreBody *body, CoreRef ref);
/* E0520: a validation keeps the best by a value that has no goal. */
void goal_check(Sema *s);

#endif
