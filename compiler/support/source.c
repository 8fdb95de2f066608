/* SPDX-License-Identifier: MIT
 * source.c: line tables and look-ups. */
#include "support/source.h"

#include <stdio.h>
#include <string.h>

#include "support/budget.h"
#include "support/bug.h"

uint32_t source_add(Sources *sources, const char *name, const char *text, size_t n, bool library)
{
    Arena *arena = sources->arena;
    SourceFile file = {.name = arena_copy(arena, name, strlen(name)), .n = n, .library = library};
    char *copy = arena_alloc(arena, n + 2);
    if (n) memcpy(copy, text, n);
    file.text = copy;
    VEC(uint32_t) starts = {0};
    vec_add(arena, &starts, 0u);
    for (size_t i = 0; i < n; i++)
        if (copy[i] == '\n') vec_add(arena, &starts, (uint32_t)(i + 1));
    file.line_start = starts.at;
    file.n_lines = starts.n;
    vec_add(arena, &sources->files, file);
    return sources->files.n;
}

const SourceFile *source_get(const Sources *sources, uint32_t file)
{
    if (file == 0 || file > sources->files.n) BUG("no source file %u", file);
    return &sources->files.at[file - 1];
}

uint32_t source_line(const SourceFile *file, uint32_t offset)
{
    uint32_t lo = 0, hi = file->n_lines;
    while (hi - lo > 1) {
        uint32_t mid = (lo + hi) / 2;
        if (file->line_start[mid] <= offset)
            lo = mid;
        else
            hi = mid;
    }
    return lo + 1;
}

uint32_t source_column(const SourceFile *file, uint32_t offset)
{
    uint32_t column = 1;
    for (uint32_t i = file->line_start[source_line(file, offset) - 1]; i < offset; i++)
        if (((unsigned char)file->text[i] & 0xC0) != 0x80) column++;
    return column;
}

const char *source_line_text(const SourceFile *file, uint32_t line, size_t *n)
{
    uint32_t lo = file->line_start[line - 1];
    uint32_t hi = line < file->n_lines ? file->line_start[line] - 1 : (uint32_t)file->n;
    if (hi > lo && file->text[hi - 1] == '\r') hi--;
    *n = hi - lo;
    return file->text + lo;
}

static void print_place(const void *sources, uint32_t file, uint32_t offset, char *to, size_t room)
{
    const SourceFile *at = source_get(sources, file);
    snprintf(to, room, "%s:%u:%u", at->name, source_line(at, offset), source_column(at, offset));
}

void source_treat(const Sources *sources, Span span)
{
    budget_at(sources && span.file ? print_place : NULL, sources, span.file, span.lo);
}

Span span_join(Span a, Span b)
{
    if (!a.file) return b;
    if (!b.file || a.file != b.file) return a;
    return (Span){a.file, a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
}
