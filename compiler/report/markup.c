/* SPDX-License-Identifier: MIT
 * markup.c: texts and numbers in SVG and HTML. */
#include "report/markup.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/character.h"

/* What is written in place of a character, or NULL. */
static const char *instead_of(uint32_t c)
{
    switch (c) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\t':
    case '\n': return NULL;
    default: return c == CHARACTER_NONE || character_is_control(c) ? "\xef\xbf\xbd" : NULL;
    }
}

void markup_text(Text *out, const char *text)
{
    uint32_t c;
    for (size_t n, left = strlen(text); left; text += n, left -= n) {
        n = character_take(text, left, &c);
        const char *as = instead_of(c);
        if (as)
            text_add(out, "%s", as);
        else
            text_bytes(out, text, n);
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
