/* SPDX-License-Identifier: MIT
 * warn_bytes.h: pictures in bytes that are fed as they are. */
#ifndef NNC_SEMA_WARN_BYTES_H
#define NNC_SEMA_WARN_BYTES_H

#include "sema/base/state.h"

void warn_bytes(Sema *s, const CoreEntry *entry, const CoreBody *body); /* of an entry with data */

#endif
