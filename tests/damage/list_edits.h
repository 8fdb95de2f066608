/* SPDX-License-Identifier: MIT
 * list_edits.h: other items between two brackets: arguments, sizes, indices. */
#ifndef NNC_TESTS_LIST_EDITS_H
#define NNC_TESTS_LIST_EDITS_H

#include "damage/draw.h"

Edit edit_list(Draw *d, uint32_t open);

#endif
