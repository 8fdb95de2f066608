/* SPDX-License-Identifier: MIT
 * words.c: the words of texts (words.h). */
#include "data/words.h"

#include "base/utf8.h"
#include "data/unicode.h"

size_t words_next(const char *text, size_t n, size_t *at, char *piece, size_t most)
{
    size_t k = 0;
    bool inside = false;
    while (*at < n) {
        uint32_t c;
        size_t length = utf8_take(text + *at, n - *at, &c);
        bool letter = c == UTF8_NONE || unicode_in_word(c);
        if (!letter && inside) break;
        inside |= letter;
        if (letter && k + 4 < most) {
            if (c == UTF8_NONE)
                piece[k++] = text[*at];
            else
                k += utf8_put(unicode_lower(c), piece + k);
        }
        *at += length;
    }
    piece[k] = 0;
    return k;
}

const nnrt_reader nnrt_reader_words = {"words", NULL};
