/* SPDX-License-Identifier: MIT
 * reserved.h: names that a generated header leaves alone, since C, C++ or one of their common headers means something by them. */
#ifndef NNC_EMIT_RESERVED_H
#define NNC_EMIT_RESERVED_H

#include <stdbool.h>
#include <stddef.h>

#include "support/arena.h"

/* A keyword, a macro, a type of the header: it can name no parameter and no member. */
bool reserved_word(const char *name);
/* Or something that the headers declare (exp, main, std): it can name no program. */
bool reserved_prefix(const char *name);
/* Is the name a word of one of n texts, which have a blank on both sides of each word? */
bool reserved_listed(const char *const *texts, size_t n, const char *name);
/* The name without the `_` behind it, that tell it from a word: as long as there is something left. */
const char *reserved_base(Arena *arena, const char *name);
/* The name of a header of C or of the runtime, without .h: a file of this name would be read in its place. */
bool reserved_header(const char *name);

#endif
