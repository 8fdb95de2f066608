/* SPDX-License-Identifier: MIT
 * hints.h: syntax errors in the user's words; hand-written messages for habits of other languages
 * (messages.md#what-newcomers-type). */
#ifndef NNC_SYNTAX_HINTS_H
#define NNC_SYNTAX_HINTS_H

#include "syntax/build.h"

/* found, expected: token names as in the grammar ("name", "end of line", "'('"). */
void hint_syntax_error(Parser *p, Span at, const char *found, const char *const *expected, int n_expected);

#endif
