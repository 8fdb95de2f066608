/* SPDX-License-Identifier: MIT
 * unicode.h: characters of UTF-8 texts: which of them words are made of, and their small letters (Unicode's simple case
 * mapping: one character for one). */
#ifndef NNRT_DATA_UNICODE_H
#define NNRT_DATA_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNICODE_NONE UINT32_MAX /* a byte that is no character of UTF-8 */

/* The character at the start of a text of n > 0 bytes, and its length: 1 for UNICODE_NONE. */
size_t utf8_take(const char *text, size_t n, uint32_t *c);
size_t utf8_put(uint32_t c, char *out); /* up to 4 bytes */
bool unicode_in_word(uint32_t c);       /* letters, marks and numbers */
uint32_t unicode_lower(uint32_t c);

#endif
