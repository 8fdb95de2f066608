/* SPDX-License-Identifier: MIT
 * diag.c: collecting messages and laying them out beside the source (language.md 9.1). */
#include "support/diag.h"

#include <stdio.h>
#include <string.h>

/* ---- collecting ------------------------------------------------------------------------------------ */

static Diag *new_diag(Diags *diags, const char *code, Span at, bool warning, const char *format, va_list args)
{
    Diag *d = ARENA_NEW(diags->arena, Diag);
    *d = (Diag){ .owner = diags, .code = code, .warning = warning, .span = at };
    d->text = arena_vprint(diags->arena, format, args);
    if (diags->muted) {
        diags->n_muted++;
        return d;
    }
    int *count = warning ? &diags->n_warnings : &diags->n_errors;
    if ((*count)++ < MAX_ERRORS) vec_add(diags->arena, &diags->list, d);
    return d;
}

Diag *diag_error(Diags *diags, const char *code, Span at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Diag *d = new_diag(diags, code, at, false, format, args);
    va_end(args);
    return d;
}

Diag *diag_warning(Diags *diags, const char *code, Span at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Diag *d = new_diag(diags, code, at, true, format, args);
    va_end(args);
    return d;
}

static void add_part(Diag *d, DiagPartKind kind, Span span, const char *format, va_list args)
{
    const char *text = arena_vprint(d->owner->arena, format, args);
    vec_add(d->owner->arena, &d->parts, (DiagPart){ kind, span, text });
}

#define PART(kind, span)                                                                           \
    va_list args;                                                                                  \
    va_start(args, format);                                                                        \
    add_part(d, kind, span, format, args);                                                         \
    va_end(args)

void diag_label(Diag *d, Span at, const char *format, ...)
{
    PART(DIAG_LABEL, at);
}
void diag_note(Diag *d, const char *format, ...)
{
    PART(DIAG_NOTE, ((Span){ 0, 0, 0 }));
}
void diag_trail(Diag *d, Span at, const char *format, ...)
{
    PART(DIAG_TRAIL, at);
}
void diag_help(Diag *d, const char *format, ...)
{
    PART(DIAG_HELP, ((Span){ 0, 0, 0 }));
}

/* ---- layout ----------------------------------------------------------------------------------------- */

typedef struct Mark { /* carets under columns lo .. hi-1 (0-based, in characters), with a text */
    uint32_t line, lo, hi;
    const char *text;
} Mark;

/* Source text with tabs as one space and control characters as dots, so that carets stand right and nothing reaches the terminal. */
static void add_source_text(Text *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        char shown = c == '\t' ? ' ' : c < 32 || c == 127 ? '.' : (char)c;
        text_bytes(out, &shown, 1);
    }
}

static void add_clean(Text *out, const char *text)
{
    add_source_text(out, text, strlen(text));
}

static void spaces(Text *out, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) text_bytes(out, " ", 1);
}

static Mark mark_of(const Diags *diags, Span span, const char *text)
{
    const SourceFile *file = source_get(diags->sources, span.file);
    Mark m = { .line = source_line(file, span.lo), .lo = source_column(file, span.lo) - 1, .text = text };
    size_t n = 0;
    const char *line = source_line_text(file, m.line, &n);
    uint32_t end = (uint32_t)(line - file->text + (ptrdiff_t)n), hi = span.hi < end ? span.hi : end;
    m.hi = hi > span.lo ? source_column(file, hi) - 1 : m.lo + 1;
    if (m.hi <= m.lo) m.hi = m.lo + 1;
    return m;
}

static void sort_marks(Mark *marks, uint32_t n)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t j = i; j > 0 && (marks[j].line < marks[j - 1].line || (marks[j].line == marks[j - 1].line && marks[j].lo < marks[j - 1].lo)); j--) {
            Mark t = marks[j];
            marks[j] = marks[j - 1];
            marks[j - 1] = t;
        }
}

static void gutter(Text *out)
{
    text_add(out, "      | ");
}

/* Carets of the marks of one line; the last one's text on the same line, the others below, right to left. */
static void carets(Text *out, const Mark *marks, uint32_t n)
{
    gutter(out);
    uint32_t column = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (marks[i].lo < column) continue; /* overlaps the one before */
        spaces(out, marks[i].lo - column);
        for (column = marks[i].lo; column < marks[i].hi; column++) text_bytes(out, "^", 1);
    }
    if (*marks[n - 1].text) {
        text_bytes(out, " ", 1);
        add_clean(out, marks[n - 1].text);
    }
    text_bytes(out, "\n", 1);
    for (uint32_t i = n - 1; i-- > 0;) {
        if (!*marks[i].text) continue;
        gutter(out);
        spaces(out, marks[i].lo);
        add_clean(out, marks[i].text);
        text_bytes(out, "\n", 1);
    }
}

static void show_source(const Diags *diags, const Diag *d, Text *out)
{
    Mark marks[16];
    uint32_t n = 0;
    bool labelled = false;
    for (uint32_t i = 0; i < d->parts.n && n < 15; i++) {
        const DiagPart *part = &d->parts.at[i];
        if (part->kind != DIAG_LABEL || part->span.file != d->span.file) continue;
        labelled |= part->span.lo == d->span.lo && part->span.hi == d->span.hi;
        marks[n++] = mark_of(diags, part->span, part->text);
    }
    if (!labelled) marks[n++] = mark_of(diags, d->span, "");
    sort_marks(marks, n);
    const SourceFile *file = source_get(diags->sources, d->span.file);
    for (uint32_t i = 0; i < n;) {
        uint32_t j = i;
        while (j < n && marks[j].line == marks[i].line) j++;
        size_t length = 0;
        const char *line = source_line_text(file, marks[i].line, &length);
        text_add(out, "%5u | ", marks[i].line);
        add_source_text(out, line, length);
        text_bytes(out, "\n", 1);
        carets(out, marks + i, j - i);
        i = j;
    }
}

static void show_part(const Diags *diags, const DiagPart *part, Span first, Text *out)
{
    switch (part->kind) {
    case DIAG_LABEL:
        if (part->span.file && part->span.file != first.file) {
            const SourceFile *file = source_get(diags->sources, part->span.file);
            text_add(out, "   %s:%u: ", file->name, source_line(file, part->span.lo));
            add_clean(out, part->text);
            text_bytes(out, "\n", 1);
        }
        return;
    case DIAG_TRAIL: {
        if (!part->span.file) break;
        const SourceFile *file = source_get(diags->sources, part->span.file);
        uint32_t hi = part->span.hi > part->span.lo ? part->span.hi : part->span.lo;
        size_t n = 0;
        while (part->span.lo + n < hi && file->text[part->span.lo + n] != '\n') n++;
        if (file->library) text_add(out, "   %s:", file->name);
        text_add(out, "%5u |   ", source_line(file, part->span.lo));
        add_source_text(out, file->text + part->span.lo, n);
        if (n < 30) spaces(out, (uint32_t)(30 - n));
        text_add(out, "  ");
        add_clean(out, part->text);
        text_bytes(out, "\n", 1);
        return;
    }
    case DIAG_NOTE:
    case DIAG_HELP: break;
    }
    text_add(out, part->kind == DIAG_HELP ? "   help: " : "   ");
    add_clean(out, part->text);
    text_bytes(out, "\n", 1);
}

static void render(const Diags *diags, const Diag *d, Text *out, bool colour)
{
    const char *paint = !colour ? "" : d->warning ? "\033[35m" : "\033[31m", *plain = colour ? "\033[0m" : "";
    if (d->span.file) {
        const SourceFile *file = source_get(diags->sources, d->span.file);
        text_add(out, "%s:%u:%u: ", file->name, source_line(file, d->span.lo), source_column(file, d->span.lo));
    }
    text_add(out, "%s%s %s%s: ", paint, d->warning ? "warning" : "error", d->code, plain);
    add_clean(out, d->text);
    text_bytes(out, "\n", 1);
    if (d->span.file) show_source(diags, d, out);
    for (uint32_t i = 0; i < d->parts.n; i++) show_part(diags, &d->parts.at[i], d->span, out);
}

static bool before(const Diag *a, const Diag *b)
{
    if (a->span.file != b->span.file) return a->span.file < b->span.file;
    return a->span.lo < b->span.lo;
}

void diag_render(const Diags *diags, Text *out, bool colour)
{
    uint32_t n = diags->list.n;
    Diag **sorted = ARENA_ARRAY(diags->arena, Diag *, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = i;
        for (; j > 0 && before(diags->list.at[i], sorted[j - 1]); j--) sorted[j] = sorted[j - 1];
        sorted[j] = diags->list.at[i];
    }
    for (uint32_t i = 0; i < n; i++) render(diags, sorted[i], out, colour);
    if (diags->n_errors > MAX_ERRORS) text_add(out, "%d more errors\n", diags->n_errors - MAX_ERRORS);
}

/* ---- pages --------------------------------------------------------------------------------------------- */

const char *diag_explain(const char *code)
{
    static const struct {
        const char *code, *page;
    } pages[] = {
#define EXPLAIN(code, title, meaning, wrong, right)                                                \
    { #code, #code ": " title "\n\n" meaning "\n\nWrong:\n\n" wrong "\n\nRight:\n\n" right "\n" },
#include "support/explain.def"
#undef EXPLAIN
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strcmp(pages[i].code, code) == 0) return pages[i].page;
    return NULL;
}
