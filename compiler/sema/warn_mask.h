/* SPDX-License-Identifier: MIT
 * warn_mask.h: masks that hide what they should show (W0720). */
#ifndef NNC_SEMA_WARN_MASK_H
#define NNC_SEMA_WARN_MASK_H

#include "sema/base/state.h"

/* true: it was said of this value. plain: of sample_plain. */
bool warn_mask(Sema *s, const CoreEntry *entry, const CoreBody *body, CoreRef ref, const bool *plain);

#endif
