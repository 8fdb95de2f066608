/* SPDX-License-Identifier: MIT
 * given.h: what a target gave of an input (target.h), as one line. */
#ifndef NNC_READINGS_GIVEN_H
#define NNC_READINGS_GIVEN_H

#include <stddef.h>
#include <stdint.h>

#include "fuzz/targets/target.h"

void given_clear(bool of_damaged);
const char *given_text(void);
void given_escaped(FILE *f, const void *at, size_t n); /* bytes as a line shows them */

#endif
