/* SPDX-License-Identifier: MIT
 * head.h: the arguments in the head of train and eval. */
#ifndef NNC_SEMA_HEAD_H
#define NNC_SEMA_HEAD_H

#include "sema/base/state.h"

void head_eval(Sema *s, Global *global, CoreEntry *entry);

#endif
