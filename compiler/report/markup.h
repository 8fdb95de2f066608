/* SPDX-License-Identifier: MIT
 * markup.h: texts and numbers in SVG and HTML. Whatever comes from a file or a program is put by these, so that none of it is markup. */
#ifndef NNC_REPORT_MARKUP_H
#define NNC_REPORT_MARKUP_H

#include "support/str.h"

/* As text, or inside of a quoted attribute. Bytes that are no UTF-8 and control characters become U+FFFD. */
void markup_text(Text *out, const char *text);
/* In the shortest digits that are read back as the same number; "not finite" otherwise. */
const char *markup_number(Arena *arena, double v);
const char *markup_short(Arena *arena, double v, int digits); /* so many significant ones; 1e-5 and 2e6 for what is small or large */
size_t markup_letters(const char *text); /* how many characters it has */

#endif
