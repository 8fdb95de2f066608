/* SPDX-License-Identifier: MIT
 * format.h: `nnc fmt`: a program in canonical layout. Comments and line breaks stay; indentation
 * and the space between tokens and at line ends are normalised. Idempotent. */
#ifndef NNC_SYNTAX_FORMAT_H
#define NNC_SYNTAX_FORMAT_H

#include "support/diag.h"
#include "support/str.h"

/* False if the file has syntax errors (messages are in diags; nothing is written). */
bool format_source(Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t file, Text *out);

#endif
