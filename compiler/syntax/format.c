/* SPDX-License-Identifier: MIT
 * format.c: canonical layout, line by line: four spaces per open bracket or brace, no space at line ends, at most one empty line in a row,
 * a space behind commas. What a line says is not changed otherwise: aligned columns of comments and `=` stay. */
#include "syntax/format.h"

#include <string.h>

#include "syntax/parse.h"

typedef struct Line {
    const char *at;
    size_t n;
} Line;

static Line trimmed(const char *text, size_t n)
{
    while (n && (*text == ' ' || *text == '\t')) text++, n--;
    while (n && strchr(" \t\r", text[n - 1])) n--;
    return (Line){ text, n };
}

/* Depth change of a line, and how many closers stand first (they pull their own line back). Strings and comments do not count. */
static int count_brackets(Line l, int *leading)
{
    int depth = 0;
    bool string = false, first = true;
    *leading = 0;
    for (size_t i = 0; i < l.n; i++) {
        char c = l.at[i];
        if (string) {
            if (c == '\\') i++;
            if (c == '"') string = false;
            continue;
        }
        if (c == '#') break;
        if (c == '"') string = true;
        if (strchr("([{", c)) depth++;
        if (strchr(")]}", c)) {
            depth--;
            if (first) ++*leading;
        }
        if (!strchr(")]} ", c)) first = false;
    }
    return depth;
}

/* Copies a line; a comma outside strings and comments is followed by one space at least. */
static void copy_line(Text *out, Line l)
{
    bool string = false;
    for (size_t i = 0; i < l.n; i++) {
        char c = l.at[i];
        if (!string && c == '#') {
            text_bytes(out, l.at + i, l.n - i);
            return;
        }
        text_bytes(out, &c, 1);
        if (string && c == '\\' && i + 1 < l.n) {
            text_bytes(out, l.at + ++i, 1);
            continue;
        }
        if (c == '"') string = !string;
        if (!string && c == ',' && i + 1 < l.n && l.at[i + 1] != ' ') text_bytes(out, " ", 1);
    }
}

bool format_source(Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t file, Text *out)
{
    parse_file(arena, strings, diags, sources, file);
    if (diags->n_errors) return false;
    const SourceFile *source = source_get(sources, file);
    int depth = 0, empty = 1; /* no empty line at the start */
    for (uint32_t k = 1; k <= source->n_lines; k++) {
        size_t n = 0;
        const char *text = source_line_text(source, k, &n);
        Line l = trimmed(text, n);
        if (l.n == 0) {
            if (k < source->n_lines && !empty++) text_add(out, "\n");
            continue;
        }
        int leading = 0, change = count_brackets(l, &leading);
        int own = depth - leading < 0 ? 0 : depth - leading;
        if (text[0] == ' ' && depth > 0 && l.at - text > 4 * own && leading == 0 && change <= 0 && own == depth) {
            text_bytes(out, text, (size_t)(l.at - text)); /* a continuation that the author aligned */
        } else {
            for (int i = 0; i < own; i++) text_add(out, "    ");
        }
        copy_line(out, l);
        text_add(out, "\n");
        depth += change;
        if (depth < 0) depth = 0;
        empty = 0;
    }
    return true;
}
