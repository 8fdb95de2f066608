/* SPDX-License-Identifier: MIT
 * allow.h: warnings that a comment of the program silences (messages.md#silencing-a-warning).
 *
 *     minimize loss over net using sgd(lr=schedule(step))    # nnc: allow W0705
 *     # nnc: allow W0705 W0510 the reason, in any words
 *     minimize loss over net using sgd(lr=schedule(step))
 *
 * The comment stands at the end of the line that the warning names, or on lines of its own above it. */
#ifndef NNC_SUPPORT_ALLOW_H
#define NNC_SUPPORT_ALLOW_H

#include "support/diag.h"

/* What has been looked for: with less than everything, a comment that silences nothing may still be right. */
typedef enum { LOOKED_FOR_SOME, LOOKED_FOR_ALL_BUT_GRADIENTS, LOOKED_FOR_ALL } Looked;

/* Takes the warnings out of `diags` that comments allow; W0202 for comments that silence nothing. */
void allow_apply(Diags *diags, Looked looked);

#endif
