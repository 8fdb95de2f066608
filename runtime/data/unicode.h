/* SPDX-License-Identifier: MIT
 * unicode.h: characters of UTF-8 texts: which of them words are made of, and their small letters (Unicode's simple case
 * mapping: one character for one). */
#ifndef NNRT_DATA_UNICODE_H
#define NNRT_DATA_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool unicode_in_word(uint32_t c);       /* letters, marks and numbers */
uint32_t unicode_lower(uint32_t c);

#endif
