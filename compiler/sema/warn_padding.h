/* SPDX-License-Identifier: MIT
 * warn_padding.h: what takes the padding of texts for something. */
#ifndef NNC_SEMA_WARN_PADDING_H
#define NNC_SEMA_WARN_PADDING_H

#include "sema/base/state.h"

bool warn_padding(Sema *s, const CoreEntry *entry, const CoreBody *body); /* of an entry with data. True: something was said */

#endif
