/* SPDX-License-Identifier: MIT
 * position.h: places as the language server protocol has them: lines from 0, and in a line units of UTF-16. */
#ifndef NNC_LSP_POSITION_H
#define NNC_LSP_POSITION_H

#include <jansson.h>

#include "support/source.h"

json_t *position_range(const SourceFile *file, Span span); /* {"start": {"line", "character"}, "end": ...} */
/* The byte there. What lies behind the end of a line or of the text is its end. */
uint32_t position_offset(const SourceFile *file, int64_t line, int64_t character);
/* The same of a {"line", "character"} object; anything else is 0. */
uint32_t position_read(const SourceFile *file, const json_t *position);

/* A string whatever its bytes are: what is no text is dots. */
json_t *position_text(Arena *arena, const char *text);

#endif
