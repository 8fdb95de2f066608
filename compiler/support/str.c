/* SPDX-License-Identifier: MIT
 * str.c: interning, hashing, edit distance and growing texts. */
#include "support/str.h"

#include <stdio.h>
#include <string.h>

void strings_init(Strings *strings, Arena *arena)
{
    *strings = (Strings){.arena = arena, .mask = 1023};
    strings->slot = ARENA_ARRAY(arena, const char *, strings->mask + 1);
}

uint64_t str_hash(const char *text, size_t n)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)text[i]) * 1099511628211u;
    return h;
}

static void rehash(Strings *strings)
{
    const char **old = strings->slot;
    uint32_t old_mask = strings->mask;
    strings->mask = 2 * old_mask + 1;
    strings->slot = ARENA_ARRAY(strings->arena, const char *, strings->mask + 1);
    for (uint32_t i = 0; i <= old_mask; i++) {
        if (!old[i]) continue;
        uint32_t at = (uint32_t)str_hash(old[i], strlen(old[i])) & strings->mask;
        while (strings->slot[at])
            at = (at + 1) & strings->mask;
        strings->slot[at] = old[i];
    }
}

const char *str_intern(Strings *strings, const char *text, size_t n)
{
    uint32_t at = (uint32_t)str_hash(text, n) & strings->mask;
    for (; strings->slot[at]; at = (at + 1) & strings->mask)
        if (strlen(strings->slot[at]) == n && memcmp(strings->slot[at], text, n) == 0) return strings->slot[at];
    const char *copy = arena_copy(strings->arena, text, n);
    strings->slot[at] = copy;
    if (++strings->n > strings->mask / 2) rehash(strings);
    return copy;
}

const char *str_name(Strings *strings, const char *text)
{
    return str_intern(strings, text, strlen(text));
}

int str_distance(const char *a, const char *b)
{
    enum { MAX = 63 };
    int rows[3][MAX + 1];
    int na = (int)strlen(a), nb = (int)strlen(b);
    if (na > MAX || nb > MAX) return MAX;
    for (int j = 0; j <= nb; j++)
        rows[0][j] = j;
    for (int i = 1; i <= na; i++) {
        int *row = rows[i % 3], *up = rows[(i + 2) % 3], *above = rows[(i + 1) % 3];
        row[0] = i;
        for (int j = 1; j <= nb; j++) {
            int change = up[j - 1] + (a[i - 1] != b[j - 1]), add = row[j - 1] + 1, drop = up[j] + 1;
            row[j] = change < add ? change : add;
            if (drop < row[j]) row[j] = drop;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && above[j - 2] + 1 < row[j]) row[j] = above[j - 2] + 1;
        }
    }
    return rows[na % 3][nb];
}

static void reserve(Text *text, size_t more)
{
    if (text->n + more + 1 <= text->cap) return;
    size_t cap = 2 * (text->n + more + 32);
    text->at = arena_grow(text->arena, text->at, text->n, cap);
    text->cap = cap;
}

void text_bytes(Text *text, const char *bytes, size_t n)
{
    reserve(text, n);
    if (n) memcpy(text->at + text->n, bytes, n);
    text->n += n;
    text->at[text->n] = 0;
}

void text_add(Text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    reserve(text, (size_t)n);
    vsnprintf(text->at + text->n, (size_t)n + 1, format, again);
    text->n += (size_t)n;
    va_end(again);
    va_end(args);
}

void text_quoted(Text *out, const char *text)
{
    text_add(out, "\"");
    for (const char *c = text; *c; c++) {
        if (*c == '\n' || *c == '\t')
            text_add(out, *c == '\n' ? "\\n" : "\\t");
        else if (*c == '"' || *c == '\\')
            text_add(out, "\\%c", *c);
        else
            text_bytes(out, c, 1);
    }
    text_add(out, "\"");
}

const char *text_c(Text *text)
{
    reserve(text, 0);
    text->at[text->n] = 0;
    return text->at;
}
