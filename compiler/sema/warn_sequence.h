/* SPDX-License-Identifier: MIT
 * warn_sequence.h: places of tokens that see what they have to predict. */
#ifndef NNC_SEMA_WARN_SEQUENCE_H
#define NNC_SEMA_WARN_SEQUENCE_H

#include "sema/base/state.h"

/* Of a train. masks: a mask of this body was reported already. */
void warn_sequence(Sema *s, const CoreEntry *entry, const CoreBody *body, bool masks);

#endif
