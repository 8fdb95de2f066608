/* SPDX-License-Identifier: MIT
 * unicode.c: characters of UTF-8 texts. */
#include "data/unicode.h"

typedef struct Range {
    uint32_t first, last;
} Range;

typedef struct CaseRange {
    uint32_t first, last;
    int step, add;
} CaseRange;

#include "data/unicode_tables.h"

bool unicode_in_word(uint32_t c)
{
    if (c < 0x80) return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    size_t lo = 0, hi = sizeof word_range / sizeof *word_range;
    while (lo < hi) {
        size_t middle = (lo + hi) / 2;
        if (c > word_range[middle].last)
            lo = middle + 1;
        else
            hi = middle;
    }
    return lo < sizeof word_range / sizeof *word_range && c >= word_range[lo].first;
}

uint32_t unicode_lower(uint32_t c)
{
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    size_t lo = 0, hi = sizeof case_range / sizeof *case_range;
    while (lo < hi) {
        size_t middle = (lo + hi) / 2;
        if (c > case_range[middle].last)
            lo = middle + 1;
        else
            hi = middle;
    }
    if (lo == sizeof case_range / sizeof *case_range || c < case_range[lo].first) return c;
    if ((c - case_range[lo].first) % (uint32_t)case_range[lo].step) return c;
    return (uint32_t)((int64_t)c + case_range[lo].add);
}
