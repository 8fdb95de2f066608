/* SPDX-License-Identifier: MIT
 * words.h: which words may stand for one another (words.def). */
#ifndef NNC_TESTS_WORDS_H
#define NNC_TESTS_WORDS_H

#include "support/arena.h"

#include <stdbool.h>
#include <stdint.h>

bool word_of_language(const char *word);
/* The words that may take its place: *n of them, in the order of words.def. */
const char **words_like(Arena *arena, const char *word, uint32_t *n);

#endif
