/* SPDX-License-Identifier: MIT
 * describe.h: tokens of the grammar in the user's words. */
#ifndef NNC_SYNTAX_DESCRIBE_H
#define NNC_SYNTAX_DESCRIBE_H

#include "support/arena.h"

/* class: as in the grammar ("name", "'('", "layer"); word: its text in the source. */
const char *describe_token(Arena *arena, const char *class, const char *word);

/* "an expression or `)`"; NULL if the list would be too long to help. */
const char *describe_expected(Arena *arena, const char *const *expected, int n);

#endif
