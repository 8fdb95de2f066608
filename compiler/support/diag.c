/* SPDX-License-Identifier: MIT
 * diag.c: collecting messages and laying them out beside the source (messages.md#how-to-read-one). */
#include "support/diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/character.h"

/* ---- collecting ------------------------------------------------------------------------------ */

static Diag *new_diag(Diags *diags, const char *code, Span at, bool warning, const char *format, va_list args)
{
    Diag *d = ARENA_NEW(diags->arena, Diag);
    *d = (Diag){.owner = diags, .code = code, .warning = warning, .span = at};
    d->text = arena_vprint(diags->arena, format, args);
    if (diags->muted) {
        diags->n_muted++;
        return d;
    }
    int *count = warning ? &diags->n_warnings : &diags->n_errors;
    if ((*count)++ < MAX_KEPT) vec_add(diags->arena, &diags->list, d);
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
    vec_add(d->owner->arena, &d->parts, (DiagPart){.kind = kind, .span = span, .text = text});
}

#define PART(kind, span) \
    va_list args; \
    va_start(args, format); \
    add_part(d, kind, span, format, args); \
    va_end(args)

void diag_label(Diag *d, Span at, const char *format, ...)
{
    PART(DIAG_LABEL, at);
}
void diag_note(Diag *d, const char *format, ...)
{
    PART(DIAG_NOTE, ((Span){0, 0, 0}));
}
void diag_trail(Diag *d, Span at, const char *format, ...)
{
    PART(DIAG_TRAIL, at);
}
void diag_help(Diag *d, const char *format, ...)
{
    PART(DIAG_HELP, ((Span){0, 0, 0}));
}

void diag_edit(Diag *d, Span at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    DiagPart *help = d->parts.n ? &d->parts.at[d->parts.n - 1] : NULL;
    if (help && help->kind == DIAG_HELP) {
        help->span = at;
        help->edit = arena_vprint(d->owner->arena, format, args);
    }
    va_end(args);
}

void diag_mistake(Diag *d, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    d->mistake = arena_vprint(d->owner->arena, format, args);
    va_end(args);
}

/* ---- text that is safe to show -----------------------------------------------------------------
 */

/* Text for the terminal: a tab is one space, control characters and broken UTF-8 are dots. Every
 * character that source_column counts takes one column, so that carets stand right. */
static void add_clean_bytes(Text *out, const char *text, size_t n)
{
    uint32_t c;
    for (size_t i = 0, length; i < n; i += length) {
        length = character_take(text + i, n - i, &c);
        if (c == '\t')
            text_bytes(out, " ", 1);
        else if (c != CHARACTER_NONE && !character_is_control(c))
            text_bytes(out, text + i, length);
        else if ((text[i] & 0xC0) != 0x80)
            text_bytes(out, ".", 1);
    }
}

void diag_clean(Text *out, const char *text)
{
    add_clean_bytes(out, text, strlen(text));
}

static void repeat(Text *out, char c, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        text_bytes(out, &c, 1);
}

/* ---- layout ------------------------------------------------------------------------------------
 */

enum { MOST_MARKS = 16, WIDTH = 240, MARGIN = 80 };

typedef struct Mark { /* carets under columns lo .. hi-1 (0-based, in characters), with a text */
    uint32_t line, lo, hi;
    const char *text;
} Mark;

typedef struct Excerpt {
    const SourceFile *file;
    Mark mark[MOST_MARKS];
    uint32_t n, line; /* line of the message itself */
} Excerpt;

typedef struct Style {
    const char *paint, *help, *plain;
} Style;

static Mark mark_of(const SourceFile *file, Span span, const char *text)
{
    Mark m = {.line = source_line(file, span.lo), .lo = source_column(file, span.lo) - 1, .text = text};
    size_t n = 0;
    const char *line = source_line_text(file, m.line, &n);
    uint32_t end = (uint32_t)(line - file->text + (ptrdiff_t)n), hi = span.hi < end ? span.hi : end;
    m.hi = hi > span.lo ? source_column(file, hi) - 1 : m.lo + 1;
    if (m.hi <= m.lo) m.hi = m.lo + 1;
    return m;
}

/* The line of the message comes first, then the others in their order. */
static bool mark_before(const Excerpt *x, const Mark *a, const Mark *b)
{
    if (a->line == b->line) return a->lo < b->lo;
    if (a->line == x->line || b->line == x->line) return a->line == x->line;
    return a->line < b->line;
}

static Excerpt excerpt_of(const Diags *diags, const Diag *d)
{
    Excerpt x = {.file = source_get(diags->sources, d->span.file)};
    x.line = source_line(x.file, d->span.lo);
    bool labelled = false;
    for (uint32_t i = 0; i < d->parts.n && x.n < MOST_MARKS - 1; i++) {
        const DiagPart *part = &d->parts.at[i];
        if (part->kind != DIAG_LABEL || part->span.file != d->span.file) continue;
        labelled |= part->span.lo == d->span.lo && part->span.hi == d->span.hi;
        x.mark[x.n++] = mark_of(x.file, part->span, part->text);
    }
    if (!labelled) x.mark[x.n++] = mark_of(x.file, d->span, "");
    for (uint32_t i = 1; i < x.n; i++)
        for (uint32_t j = i; j > 0 && mark_before(&x, &x.mark[j], &x.mark[j - 1]); j--) {
            Mark t = x.mark[j];
            x.mark[j] = x.mark[j - 1];
            x.mark[j - 1] = t;
        }
    return x;
}

/* Carets of the marks of one line; the last one's text behind them, the others below, right to
 * left. */
static void show_carets(Text *out, const Mark *marks, uint32_t n, char caret, const Style *style)
{
    uint32_t column = 0;
    text_add(out, "      | %s", style->paint);
    for (uint32_t i = 0; i < n; i++) {
        if (marks[i].hi <= column) continue; /* inside the one before */
        uint32_t lo = marks[i].lo > column ? marks[i].lo : column;
        repeat(out, ' ', lo - column);
        repeat(out, caret, marks[i].hi - lo);
        column = marks[i].hi;
    }
    if (*marks[n - 1].text) text_add(out, " ");
    diag_clean(out, marks[n - 1].text);
    text_add(out, "%s\n", style->plain);
    for (uint32_t i = n - 1; i-- > 0;) {
        if (!*marks[i].text) continue;
        text_add(out, "      | %s", style->paint);
        repeat(out, ' ', marks[i].lo);
        diag_clean(out, marks[i].text);
        text_add(out, "%s\n", style->plain);
    }
}

/* Columns from .. from+WIDTH of a line. */
static void show_line(Text *out, const char *line, size_t n, uint32_t from)
{
    size_t lo = 0, hi;
    uint32_t column = 0;
    for (; lo < n && column < from; lo++)
        if (lo + 1 >= n || ((unsigned char)line[lo + 1] & 0xC0) != 0x80) column++;
    for (hi = lo; hi < n && column < from + WIDTH; hi++)
        if (hi + 1 >= n || ((unsigned char)line[hi + 1] & 0xC0) != 0x80) column++;
    add_clean_bytes(out, line + lo, hi - lo);
}

static void show_excerpt(Excerpt *x, Text *out, const Style *style)
{
    for (uint32_t i = 0, j; i < x->n; i = j) {
        for (j = i; j < x->n && x->mark[j].line == x->mark[i].line; j++) {
        }
        size_t length = 0;
        const char *line = source_line_text(x->file, x->mark[i].line, &length);
        uint32_t from = length > WIDTH && x->mark[i].lo > MARGIN ? x->mark[i].lo - MARGIN : 0;
        for (uint32_t k = i; k < j; k++) {
            Mark *m = &x->mark[k];
            m->lo = m->lo - from < WIDTH ? m->lo - from : WIDTH;
            m->hi = m->hi - from < WIDTH ? m->hi - from : WIDTH + 1;
        }
        text_add(out, "%5u | ", x->mark[i].line);
        show_line(out, line, length, from);
        text_add(out, "\n");
        show_carets(out, x->mark + i, j - i, x->mark[i].line == x->line ? '^' : '-', style);
    }
}

/* ---- what follows the excerpt ---------------------------------------------------------------- */

/* The first line of a span. */
static const char *span_text(const SourceFile *file, Span span, size_t *n)
{
    *n = 0;
    while (span.lo + *n < span.hi && file->text[span.lo + *n] != '\n')
        ++*n;
    return file->text + span.lo;
}

static uint32_t count_characters(const char *text, size_t n)
{
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

/* All lines of a trail have their texts in one column. */
static uint32_t trail_width(const Diags *diags, const Diag *d)
{
    uint32_t width = 0;
    for (uint32_t i = 0; i < d->parts.n; i++) {
        const DiagPart *part = &d->parts.at[i];
        if (part->kind != DIAG_TRAIL || !part->span.file) continue;
        size_t n = 0;
        const char *text = span_text(source_get(diags->sources, part->span.file), part->span, &n);
        uint32_t here = count_characters(text, n);
        if (here > width && here <= 60) width = here;
    }
    return width;
}

static void show_trail(const Diags *diags, const DiagPart *part, uint32_t width, Text *out)
{
    const SourceFile *file = source_get(diags->sources, part->span.file);
    size_t n = 0;
    const char *text = span_text(file, part->span, &n);
    uint32_t here = count_characters(text, n);
    if (file->library) text_add(out, "   %s:", file->name);
    text_add(out, "%5u |   ", source_line(file, part->span.lo));
    add_clean_bytes(out, text, n);
    if (*part->text) repeat(out, ' ', (here < width ? width - here : 0) + 4);
    diag_clean(out, part->text);
    text_add(out, "\n");
}

static void show_part(const Diags *diags, const Diag *d, const DiagPart *part, Text *out, const Style *style)
{
    if (part->kind == DIAG_TRAIL && part->span.file) {
        show_trail(diags, part, trail_width(diags, d), out);
        return;
    }
    if (part->kind == DIAG_LABEL) {
        if (!part->span.file || part->span.file == d->span.file) return; /* in the excerpt */
        const SourceFile *file = source_get(diags->sources, part->span.file);
        text_add(out, "   "), diag_clean(out, file->name);
        text_add(out, ":%u: ", source_line(file, part->span.lo));
    } else if (part->kind == DIAG_HELP) {
        text_add(out, "   %shelp:%s ", style->help, style->plain);
    } else {
        text_add(out, "   ");
    }
    diag_clean(out, part->text);
    text_add(out, "\n");
}

static void render(const Diags *diags, const Diag *d, Text *out, bool colour)
{
    Style style = {"", "", ""};
    if (colour) style = (Style){d->warning ? "\033[35m" : "\033[31m", "\033[32m", "\033[0m"};
    Excerpt x = {0};
    if (d->span.file) {
        x = excerpt_of(diags, d);
        diag_clean(out, x.file->name);
        text_add(out, ":%u:%u: ", x.line, x.mark[0].lo + 1);
    }
    text_add(out, "%s%s %s%s: ", style.paint, d->warning ? "warning" : "error", d->code, style.plain);
    diag_clean(out, d->text);
    text_add(out, "\n");
    if (d->span.file) show_excerpt(&x, out, &style);
    for (int helps = 0; helps < 2; helps++)
        for (uint32_t i = 0; i < d->parts.n; i++)
            if ((d->parts.at[i].kind == DIAG_HELP) == helps) show_part(diags, d, &d->parts.at[i], out, &style);
    bool own = d->span.file && !x.file->library;
    if (d->warning && own && diag_can_be_allowed(d->code))
        text_add(out, "   to silence it, here or on the line above: # nnc: allow %s\n", d->code);
}

static bool before(const Diag *a, const Diag *b)
{
    if (a->span.file != b->span.file) return a->span.file < b->span.file;
    return a->span.lo < b->span.lo;
}

static void show_rest(Text *out, int n, const char *what)
{
    if (n > 0) text_add(out, "%d more %s%s\n", n, what, n == 1 ? "" : "s");
}

/* ---- the same mistake, met again ------------------------------------------------------------ */

/* Of two tokens that cannot stand where they are (E0201), each is a mistake of its own. */
static bool says_same(const Diag *a, const Diag *b)
{
    if (a->warning || b->warning || !a->span.file || a->span.file != b->span.file) return false;
    if (a->mistake && b->mistake && !strcmp(a->mistake, b->mistake)) return true;
    return !strcmp(a->code, b->code) && strcmp(a->code, "E0201") != 0 && !strcmp(a->text, b->text);
}

/* "on line 7 too", "on the lines 7, 9 and 12 too" */
static void name_lines(Diags *diags, Diag *d, const uint32_t *line, uint32_t n)
{
    Text t = {.arena = diags->arena};
    for (uint32_t i = 0; i < n; i++)
        text_add(&t, "%s%u", i == 0 ? "" : i + 1 < n ? ", " : " and ", line[i]);
    if (n) diag_note(d, n > 1 ? "on the lines %s too" : "on line %s too", text_c(&t));
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Moves to list[i] the first of its like; the lines of the others are noted on it. */
static void merge_like(Diags *diags, uint32_t i)
{
    uint32_t *line = ARENA_ARRAY(diags->arena, uint32_t, diags->list.n + 1), n = 0, n_lines = 0;
    const SourceFile *file = source_get(diags->sources, diags->list.at[i]->span.file);
    for (uint32_t k = 0; k < diags->list.n; k++) {
        Diag *d = diags->list.at[k];
        if (k <= i || !says_same(diags->list.at[i], d)) {
            diags->list.at[n++] = d;
            continue;
        }
        Diag *later = d;
        if (before(d, diags->list.at[i])) later = diags->list.at[i], diags->list.at[i] = d;
        line[n_lines++] = source_line(file, later->span.lo);
        diags->n_errors--;
    }
    diags->list.n = n;
    uint32_t first = source_line(file, diags->list.at[i]->span.lo), n_other = 0;
    qsort(line, n_lines, sizeof *line, by_number);
    for (uint32_t k = 0; k < n_lines; k++)
        if (line[k] != first && (!n_other || line[n_other - 1] != line[k])) line[n_other++] = line[k];
    name_lines(diags, diags->list.at[i], line, n_other);
}

void diag_merge(Diags *diags)
{
    for (uint32_t i = 0; i < diags->list.n; i++)
        if (!diags->list.at[i]->warning && diags->list.at[i]->span.file) merge_like(diags, i);
}

Diag *const *diag_shown(const Diags *diags, uint32_t *n_shown)
{
    uint32_t n = diags->list.n, n_kept = 0;
    Diag **sorted = ARENA_ARRAY(diags->arena, Diag *, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = i;
        for (; j > 0 && before(diags->list.at[i], sorted[j - 1]); j--)
            sorted[j] = sorted[j - 1];
        sorted[j] = diags->list.at[i];
    }
    int n_of[2] = {0, 0};
    for (uint32_t i = 0; i < n; i++)
        if (n_of[sorted[i]->warning]++ < MAX_ERRORS) sorted[n_kept++] = sorted[i];
    *n_shown = n_kept;
    return sorted;
}

void diag_render(const Diags *diags, Text *out, bool colour)
{
    uint32_t n = 0;
    Diag *const *shown = diag_shown(diags, &n);
    for (uint32_t i = 0; i < n; i++)
        render(diags, shown[i], out, colour);
    show_rest(out, diags->n_errors - MAX_ERRORS, "error");
    show_rest(out, diags->n_warnings - MAX_ERRORS, "warning");
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* W0301 is the answer to --shapes, W0202 is about these comments. */
bool diag_can_be_allowed(const char *code)
{
    return code[0] == 'W' && strcmp(code, "W0301") != 0 && strcmp(code, "W0202") != 0 && diag_explain(code);
}

const char *diag_explain(const char *code)
{
    static const struct {
        const char *code, *page;
    } pages[] = {
#define EXPLAIN(code, title, meaning, wrong, right) \
    {#code, #code ": " title "\n\n" meaning "\n\nWrong:\n\n" wrong "\n\nRight:\n\n" right "\n"},
#include "support/explain.def"
#undef EXPLAIN
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strcmp(pages[i].code, code) == 0) return pages[i].page;
    return NULL;
}
