/* SPDX-License-Identifier: MIT
 * words.h: the words of texts in all scripts; only in programs that read such. */
#ifndef NNRT_DATA_WORDS_H
#define NNRT_DATA_WORDS_H

#include "data/reader.h"

extern const nnrt_reader nnrt_reader_words; /* in a list of readers it brings this file along */

/* The next word at *at: letters, marks and digits, in lower case; bytes that are no UTF-8 count as letters. Its length, 0 at
 * the end. */
size_t words_next(const char *text, size_t n, size_t *at, char *piece, size_t most);

#endif
