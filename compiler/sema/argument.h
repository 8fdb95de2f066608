/* SPDX-License-Identifier: MIT
 * argument.h: messages about arguments that do not fit. */
#ifndef NNC_SEMA_ARGUMENT_H
#define NNC_SEMA_ARGUMENT_H

#include "sema/call.h"

void report_argument(Sema *s, const CallSite *c, const Param *param, int at, const Value *v, const char *why);

#endif
