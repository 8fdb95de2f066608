/* SPDX-License-Identifier: MIT
 * pieces.c: which pieces a reader's texts have; characters. */
#include "data/pieces.h"

#include "data/words.h"

bool text_wanted(const Spec *spec)
{
    static const char *const keys[] = {"bytes", "words", "chars", "numbers", "labels"};
    for (int i = 0; i < 5; i++)
        if (spec_arg(spec, keys[i])) return true;
    return false;
}

TextMode text_mode(const Spec *spec)
{
    if (spec_bool(spec, "bytes", false)) return TEXT_BYTES;
    if (spec_bool(spec, "words", false)) return TEXT_WORDS;
    if (spec_bool(spec, "chars", false)) return TEXT_CHARS;
    if (spec_bool(spec, "numbers", false)) return TEXT_NUMBERS;
    return TEXT_LABELS;
}

/* The next character at *at; its length, 0 at the end. */
static size_t next_char(const char *text, size_t n, size_t *at, char *piece, size_t most)
{
    size_t k = 0;
    if (*at >= n) return 0;
    do
        piece[k++] = text[(*at)++];
    while (*at < n && k + 1 < most && ((unsigned char)text[*at] & 0xC0) == 0x80);
    piece[k] = 0;
    return k;
}

/* Only in programs that read words, whose lists of readers say so (emit_readers): the tables of all scripts are large. */
#pragma weak words_next

size_t text_piece(TextMode mode, const char *text, size_t n, size_t *at, char *piece, size_t most)
{
    return mode == TEXT_CHARS ? next_char(text, n, at, piece, most) : words_next(text, n, at, piece, most);
}
