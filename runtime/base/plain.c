/* SPDX-License-Identifier: MIT
 * plain.c: text that is safe to show. */
#include "base/plain.h"

#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

/* The next character of *text as it is shown: at most 16 bytes. Returns their number. */
static size_t plain_character(const char **text, char out[17])
{
    const unsigned char *c = (const unsigned char *)*text;
    uint32_t code;
    size_t n = utf8_take(*text, 4, &code), wrote = 0; /* the 0 is no further byte of a character */
    *text += n;
    if (code != UTF8_NONE && !utf8_is_control(code)) return memcpy(out, c, n), n;
    if (*c == '\n' || *c == '\t') return (size_t)snprintf(out, 17, "\\%c", *c == '\n' ? 'n' : 't');
    for (size_t i = 0; i < n; i++)
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

void rt_put_shown(FILE *f, const char *text)
{
    if (isatty(fileno(f)))
        rt_put_plain(f, text);
    else
        fputs(text, f);
}
