/* SPDX-License-Identifier: MIT
 * warn_values.h: values of an entry that are almost surely wrong. */
#ifndef NNC_SEMA_WARN_VALUES_H
#define NNC_SEMA_WARN_VALUES_H

#include "sema/base/state.h"

bool warn_values(Sema *s, const CoreEntry *entry, const CoreBody *body);

#endif
