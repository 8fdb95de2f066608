/* SPDX-License-Identifier: MIT
 * utf8.h: characters of UTF-8. What is too long, half of a pair or beyond Unicode is none. */
#ifndef NNRT_BASE_UTF8_H
#define NNRT_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_NONE UINT32_MAX /* a byte that is no character */
/* Behind a message about names that a file does not have: */
#define UTF8_NO_FILE " (the file is not UTF-8; iconv -f latin1 -t utf-8 makes it so, if it is Latin-1)"

/* The character at the start of a text of n > 0 bytes, and its length: 1 for UTF8_NONE. */
size_t utf8_take(const char *text, size_t n, uint32_t *c);
size_t utf8_length(const char *text);    /* of the character at the start of a text that ends in 0; 0: it is none */
bool utf8_whole(const char *text);         /* is all of it characters? */
bool utf8_is_control(uint32_t c);        /* C0, DEL, C1, and the marks that reorder text or end a line */
size_t utf8_put(uint32_t c, char *out);  /* up to 4 bytes */
size_t utf8_mark(const char *text, size_t n); /* bytes of the byte order mark in front of a file: 3 or 0 */

#endif
