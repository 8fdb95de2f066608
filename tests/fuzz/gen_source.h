/* SPDX-License-Identifier: MIT
 * gen_source.h: random programs in the language: one layer with members, one export that calls it.
 *
 * The same seed gives the same text. The function takes a table, a sequence, a picture, token ids
 * and classes, and is made of calls of the standard library, primitives and scans. */
#ifndef NNC_FUZZ_GEN_SOURCE_H
#define NNC_FUZZ_GEN_SOURCE_H

#include <stdint.h>

#include "support/str.h"

/* Of n_lines random statements; those that do not fit are left out. */
void gen_source(Text *out, uint64_t seed, int n_lines);

#endif
