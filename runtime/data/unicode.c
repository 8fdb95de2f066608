/* SPDX-License-Identifier: MIT
 * unicode.c: characters of UTF-8 texts. */
#include "data/unicode.h"

#include <string.h>

typedef struct Range {
    uint32_t first, last;
} Range;

typedef struct CaseRange {
    uint32_t first, last;
    int step, add;
} CaseRange;

#include "data/unicode_tables.h"

/* The first of n ranges, `each` bytes apart, that does not end before c; they begin with their first and last character. */
static size_t find_range(const void *list, size_t n, size_t each, uint32_t c)
{
    size_t lo = 0;
    while (lo < n) {
        size_t middle = (lo + n) / 2;
        Range r;
        memcpy(&r, (const char *)list + each * middle, sizeof r);
        if (c > r.last)
            lo = middle + 1;
        else
            n = middle;
    }
    return lo;
}

bool unicode_in_word(uint32_t c)
{
    if (c < 0x80) return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    size_t n = sizeof word_range / sizeof *word_range, at = find_range(word_range, n, sizeof *word_range, c);
    return at < n && c >= word_range[at].first;
}

uint32_t unicode_lower(uint32_t c)
{
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    size_t n = sizeof case_range / sizeof *case_range, at = find_range(case_range, n, sizeof *case_range, c);
    if (at == n || c < case_range[at].first || (c - case_range[at].first) % (uint32_t)case_range[at].step) return c;
    return (uint32_t)((int64_t)c + case_range[at].add);
}
