/* SPDX-License-Identifier: MIT
 * str.h: interned strings. Equal texts are one pointer, so names compare with ==. */
#ifndef NNC_SUPPORT_STR_H
#define NNC_SUPPORT_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/arena.h"

typedef struct Strings {
    Arena *arena;
    const char **slot; /* open addressing, power of two */
    uint32_t n, mask;
} Strings;

void strings_init(Strings *strings, Arena *arena);
const char *str_intern(Strings *strings, const char *text, size_t n);
const char *str_name(Strings *strings, const char *text); /* of a C string */

uint64_t str_hash(const char *text, size_t n); /* FNV-1a, the same on every machine */
int str_distance(const char *a, const char *b); /* edit distance, for "did you mean" */

/* A text that grows. */
typedef struct Text {
    Arena *arena;
    char *at; /* always ends in 0 once something was added; "" never NULL after text_c */
    size_t n, cap;
} Text;
void text_add(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_bytes(Text *text, const char *bytes, size_t n);
void text_quoted(Text *out, const char *text); /* a text as a program has it, "a\n" */
const char *text_c(Text *text);

#endif
