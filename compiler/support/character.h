/* SPDX-License-Identifier: MIT
 * character.h: characters of UTF-8. What is too long, half of a pair or beyond Unicode is none. */
#ifndef NNC_SUPPORT_CHARACTER_H
#define NNC_SUPPORT_CHARACTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHARACTER_NONE UINT32_MAX /* a byte that is no character */

/* The character at the start of a text of n > 0 bytes, and its length: 1 for CHARACTER_NONE. A 0 ends a text, whatever n is. */
size_t character_take(const char *text, size_t n, uint32_t *c);
/* C0, DEL, C1, and the marks that reorder text or end a line: what must not get to a terminal. */
bool character_is_control(uint32_t c);

#endif
