/* SPDX-License-Identifier: MIT
 * plain.c: text that is safe to show. */
#include "base/plain.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

/* C0, DEL, C1, and the marks that reorder text (bidirectional controls, line and paragraph
 * separators). */
static bool is_control(const unsigned char *c, size_t n)
{
    if (n == 1) return *c < 32 || *c == 127;
    if (n == 2) return (c[0] == 0xC2 && c[1] < 0xA0) || (c[0] == 0xD8 && c[1] == 0x9C);
    if (n != 3 || c[0] != 0xE2) return false;
    return (c[1] == 0x80 && (c[2] == 0x8E || c[2] == 0x8F || (c[2] >= 0xA8 && c[2] <= 0xAE))) ||
           (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9);
}

/* The next character of *text as it is shown: at most 16 bytes. Returns their number. */
static size_t plain_character(const char **text, char out[17])
{
    const unsigned char *c = (const unsigned char *)*text;
    size_t n = utf8_length(*text), wrote = 0;
    *text += n ? n : 1;
    if (n && !is_control(c, n)) return memcpy(out, c, n), n;
    if (*c == '\n' || *c == '\t') return (size_t)snprintf(out, 17, "\\%c", *c == '\n' ? 'n' : 't');
    for (size_t i = 0; i < (n ? n : 1); i++)
        wrote += (size_t)snprintf(out + wrote, 17 - wrote, "\\x%02x", c[i]);
    return wrote;
}

const char *rt_plain(char *out, size_t n, const char *text)
{
    size_t at = 0;
    while (*text) {
        char shown[17];
        size_t k = plain_character(&text, shown);
        if (at + k >= n) break;
        memcpy(out + at, shown, k);
        at += k;
    }
    out[at] = 0;
    return out;
}

void rt_put_plain(FILE *f, const char *text)
{
    while (*text) {
        char shown[17];
        fwrite(shown, 1, plain_character(&text, shown), f);
    }
}
