/* SPDX-License-Identifier: MIT
 * argument.h: messages about arguments that do not fit. */
#ifndef NNC_SEMA_ARGUMENT_H
#define NNC_SEMA_ARGUMENT_H

#include "sema/call.h"

/* Two arguments that fit the other way round: reported, and true. */
bool report_exchanged(Sema *s, const CallSite *c);
void report_argument(Sema *s, const CallSite *c, const Param *param, int at, const Value *v, const char *why);

#endif
