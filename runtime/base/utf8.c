/* SPDX-License-Identifier: MIT
 * utf8.c: characters of UTF-8. */
#include "base/utf8.h"

#include <string.h>

size_t utf8_take(const char *text, size_t n, uint32_t *c)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *b = (const unsigned char *)text;
    size_t length = b[0] < 0x80 ? 1 : b[0] < 0xC2 ? 0 : b[0] < 0xE0 ? 2 : b[0] < 0xF0 ? 3 : b[0] < 0xF5 ? 4 : 0;
    *c = UTF8_NONE;
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

size_t utf8_length(const char *text)
{
    uint32_t c;
    size_t n = utf8_take(text, 4, &c); /* the 0 is no further byte of a character */
    return c == UTF8_NONE ? 0 : n;
}

bool utf8_whole(const char *text)
{
    for (size_t n; *text; text += n)
        if (!(n = utf8_length(text))) return false;
    return true;
}

bool utf8_is_control(uint32_t c)
{
    static const uint16_t range[][2] = {{0, 0x1F}, {0x7F, 0x9F}, {0x61C, 0x61C}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};
    for (size_t i = 0; i < sizeof range / sizeof *range; i++)
        if (c >= range[i][0] && c <= range[i][1]) return true;
    return false;
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

size_t utf8_mark(const char *text, size_t n)
{
    return n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}
