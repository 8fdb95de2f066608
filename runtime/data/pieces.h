/* SPDX-License-Identifier: MIT
 * pieces.h: what texts are made of, as the arguments of a reader say (bytes words chars numbers labels). */
#ifndef NNRT_DATA_PIECES_H
#define NNRT_DATA_PIECES_H

#include "data/spec.h"

typedef enum { TEXT_BYTES, TEXT_WORDS, TEXT_CHARS, TEXT_NUMBERS, TEXT_LABELS } TextMode;

TextMode text_mode(const Spec *spec);
bool text_wanted(const Spec *spec);
/* The next word or character at *at, with a 0 behind. Its length, 0 at the end. */
size_t text_piece(TextMode mode, const char *text, size_t n, size_t *at, char *piece, size_t most);

#endif
