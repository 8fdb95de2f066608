/* SPDX-License-Identifier: MIT
 * range.h: numbers of a program that single precision does not hold. */
#ifndef NNC_CORE_RANGE_H
#define NNC_CORE_RANGE_H

#include "core/core.h"
#include "support/diag.h"

/* An error for each finite number that a float of 32 bits would take for infinity, as often as it is used. */
void range_check(Diags *diags, const CoreProgram *program);

#endif
