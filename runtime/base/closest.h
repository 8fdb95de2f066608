/* SPDX-License-Identifier: MIT
 * closest.h: what a misspelt name may stand for. */
#ifndef NNRT_BASE_CLOSEST_H
#define NNRT_BASE_CLOSEST_H

#include <stddef.h>

const char *closest_name(const char *word, const char *const *names, int n); /* NULL: none is close; `-` and `_` are the same */
/* What to say of a name that is none of `names`: "; did you mean b?", or "; there are a, b, c". */
const char *closest_text(char *out, size_t room, const char *word, const char *const *names, int n);

#endif
