/* SPDX-License-Identifier: MIT
 * warn_probability.h: values that softmax or sigmoid made, by whatever way they are written. */
#ifndef NNC_SEMA_WARN_PROBABILITY_H
#define NNC_SEMA_WARN_PROBABILITY_H

#include "sema/base/state.h"

typedef enum { PROBABILITY_NONE, PROBABILITY_SOFTMAX, PROBABILITY_SIGMOID } Probability;

/* What made this value, whole or a part of it; *whole, unless NULL: its result. */
Probability probability_of(const EntryState *e, const CoreBody *body, CoreRef ref, CoreRef *whole);
/* The same of what rounds to 0 for some input: such a part, the one that a one_hot picks, or 1 minus it. */
Probability probability_rounds(const EntryState *e, const CoreBody *body, CoreRef ref, CoreRef *whole);

#endif
