/* SPDX-License-Identifier: MIT
 * markup.c: texts and numbers in SVG and HTML. */
#include "report/markup.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the character that begins here, 0: this is no UTF-8. */
static size_t character(const unsigned char *c)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = *c < 0x80 ? 1 : *c < 0xc2 ? 0 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : *c < 0xf5 ? 4 : 0;
    if (n < 2) return n;
    unsigned code = *c & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((c[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (c[i] & 0x3f);
    }
    return code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : n;
}

void markup_text(Text *out, const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    for (size_t n; *c; c += n ? n : 1) {
        n = character(c);
        const char *as = *c == '<' ? "&lt;" : *c == '>' ? "&gt;" : *c == '&' ? "&amp;" : *c == '"' ? "&quot;" : *c == '\'' ? "&#39;" : NULL;
        if (n == 0 || (*c < 32 && !strchr("\t\n", *c)) || *c == 127) as = "\xef\xbf\xbd";
        if (as)
            text_add(out, "%s", as);
        else
            text_bytes(out, (const char *)c, n);
    }
}

const char *markup_number(Arena *arena, double v)
{
    if (!isfinite(v)) return "not finite";
    for (int digits = 15; digits < 17; digits++) {
        const char *text = arena_print(arena, "%.*g", digits, v);
        if (strtod(text, NULL) == v) return text;
    }
    return arena_print(arena, "%.17g", v);
}

const char *markup_short(Arena *arena, double v, int digits)
{
    char *text = arena_print(arena, "%.*g", digits, v == 0 ? 0 : v), *e = strchr(text, 'e');
    if (!isfinite(v) || !e) return isfinite(v) ? text : "not finite";
    return arena_print(arena, "%.*se%d", (int)(e - text), text, atoi(e + 1));
}

size_t markup_letters(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += (*text & 0xc0) != 0x80;
    return n;
}
