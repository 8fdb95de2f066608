/* SPDX-License-Identifier: MIT
 * position.c: places as the language server protocol has them. */
#include "lsp/position.h"

#include "support/diag.h"

/* Bytes of the character at `c`, of which `n` bytes are left; *units of UTF-16. A byte of no character is one by itself, as are control
 * characters. */
static size_t character_at(const char *c, size_t n, uint32_t *units)
{
    size_t length = 1;
    if (((unsigned char)*c & 0xC0) == 0xC0)
        while (length < n && length < 4 && ((unsigned char)c[length] & 0xC0) == 0x80)
            length++;
    *units = length == 4 ? 2 : 1;
    return length;
}

static json_t *position_of(const SourceFile *file, uint32_t offset)
{
    size_t n = 0;
    uint32_t line = source_line(file, offset), character = 0, units;
    const char *text = source_line_text(file, line, &n), *end = file->text + offset;
    for (const char *c = text; c < end && c < text + n; character += units)
        c += character_at(c, (size_t)(text + n - c), &units);
    return json_pack("{s:I,s:I}", "line", (json_int_t)line - 1, "character", (json_int_t)character);
}

json_t *position_range(const SourceFile *file, Span span)
{
    uint32_t end = (uint32_t)file->n, lo = span.lo < end ? span.lo : end, hi = span.hi < end ? span.hi : end;
    return json_pack("{s:o,s:o}", "start", position_of(file, lo), "end", position_of(file, hi < lo ? lo : hi));
}

uint32_t position_offset(const SourceFile *file, int64_t line, int64_t character)
{
    if (line < 0) return 0;
    if (line >= file->n_lines) return (uint32_t)file->n;
    size_t n = 0;
    const char *text = source_line_text(file, (uint32_t)line + 1, &n), *c = text;
    for (int64_t at = 0; at < character && c < text + n;) {
        uint32_t units;
        c += character_at(c, (size_t)(text + n - c), &units);
        at += units;
    }
    return (uint32_t)(c - file->text);
}

uint32_t position_read(const SourceFile *file, const json_t *position)
{
    return position_offset(file, json_integer_value(json_object_get(position, "line")),
                           json_integer_value(json_object_get(position, "character")));
}

json_t *position_text(Arena *arena, const char *text)
{
    json_t *string = json_string(text);
    if (string) return string;
    Text clean = {.arena = arena};
    diag_clean(&clean, text);
    string = json_string(text_c(&clean));
    return string ? string : json_string("");
}
