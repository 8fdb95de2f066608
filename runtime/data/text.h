/* SPDX-License-Identifier: MIT
 * text.h: texts as codes. */
#ifndef NNRT_DATA_TEXT_H
#define NNRT_DATA_TEXT_H

#include "data/vocabulary.h"

/* Are the words, characters or classes numbered? An error text says what nothing has made. */
int text_known(const Spec *spec);
int text_encode(nnrt *m, const Spec *spec, const char *text, size_t n, int32_t **codes, int64_t *count);
/* vocab: what words and characters are numbered by; NULL where the numbers need none. */
int text_codes(const Spec *spec, TextMode mode, Vocab *vocab, const char *text, size_t n, int32_t **codes, int64_t *count);
/* One code list as text (generation): words joined by spaces, bytes, characters, labels. */
void text_decode(nnrt *m, int data, int field, const int32_t *code, int64_t n, FILE *out);

#endif
