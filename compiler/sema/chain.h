/* SPDX-License-Identifier: MIT
 * chain.h: chain(...): layers and functions one after the other. */
#ifndef NNC_SEMA_CHAIN_H
#define NNC_SEMA_CHAIN_H

#include "sema/base/state.h"

Value chain_make(Sema *s, PrimArg *args, uint32_t n, Span span);
Value chain_call(Sema *s, Instance *instance, PrimArg *args, uint32_t n, Span span);

#endif
