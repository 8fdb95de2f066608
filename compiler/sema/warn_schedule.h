/* SPDX-License-Identifier: MIT
 * warn_schedule.h: arguments of optimizers that stand still or are out of all proportion. */
#ifndef NNC_SEMA_WARN_SCHEDULE_H
#define NNC_SEMA_WARN_SCHEDULE_H

#include "sema/base/state.h"

void warn_schedules(Sema *s, const CoreEntry *entry);

#endif
