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

size_t utf8_take(const char *text, size_t n, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *b = (const unsigned char *)text;
    size_t length = b[0] < 0x80 ? 1 : b[0] < 0xC2 ? 0 : b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : b[0] < 0xF5 ? 4 : 0;
    *c = UNICODE_NONE;
    if (length == 0 || length > n) return 1;
    uint32_t v = length == 1 ? b[0] : b[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((b[i] & 0xC0) != 0x80) return 1;
        v = v << 6 | (b[i] & 0x3F);
    }
    if (v < least[length] || v > 0x10FFFF || (v >= 0xD800 && v < 0xE000)) return 1;
    *c = v;
    return length;
}

size_t utf8_put(uint32_t c, char *out)
{
    size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char mark[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = length; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(mark[length] | c);
    return length;
}

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
