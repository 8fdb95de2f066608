/* SPDX-License-Identifier: MIT
 * messages.h: `nnc check --json`. */
#ifndef NNC_LSP_MESSAGES_H
#define NNC_LSP_MESSAGES_H

#include "support/diag.h"

const char *messages_as_json(const Diags *diags); /* one JSON object (docs/tools.md), in their arena */

#endif
