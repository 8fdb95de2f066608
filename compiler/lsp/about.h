/* SPDX-License-Identifier: MIT
 * about.h: what the text of a program, or of the library, says of a name: its declaration and the comment above it. */
#ifndef NNC_LSP_ABOUT_H
#define NNC_LSP_ABOUT_H

#include "support/source.h"

/* The head of what is declared at `at`: from the beginning of its line to the block, or to the end of the line. */
const char *about_head(Arena *arena, const SourceFile *file, uint32_t at);
const char *about_comment(Arena *arena, const SourceFile *file, uint32_t at); /* without its `#`; "" */
const char *about_dotted(Arena *arena, const SourceFile *file, uint32_t at); /* the name there, with what stands in front of its dots */
/* The name around an offset; false: there is none. */
bool about_word(const SourceFile *file, uint32_t at, uint32_t *lo, uint32_t *hi);

#endif
