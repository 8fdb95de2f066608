/* SPDX-License-Identifier: MIT
 * warn_sequence.h: padded places, and places that see what they have to predict. */
#ifndef NNC_SEMA_WARN_SEQUENCE_H
#define NNC_SEMA_WARN_SEQUENCE_H

#include "sema/base/state.h"

void warn_sequence(Sema *s, const CoreEntry *entry, const CoreBody *body);

#endif
