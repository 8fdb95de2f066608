/* SPDX-License-Identifier: MIT
 * instead.h: slopes are kept for the backward part instead of what they are made of. */
#ifndef NNC_KERNEL_INSTEAD_H
#define NNC_KERNEL_INSTEAD_H

#include "kernel/build.h"

/* Adds such values to `needed`, given what is kept so far; false: there are none. pinned: results of the graph. */
bool instead_find(const Builder *b, const bool *pinned, bool *needed);

#endif
