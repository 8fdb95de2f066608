/* SPDX-License-Identifier: MIT
 * allow.c: comments `# nnc: allow W0705`. They are looked for in the text of the sources, once all messages are there. */
#include "support/allow.h"

#include <string.h>

enum { CODE_LENGTH = 5 }; /* W0705 */

/* ---- the comments ------------------------------------------------------------------------------ */

/* Where a comment begins in a line; `n` if there is none. */
static size_t find_comment(const char *line, size_t n)
{
    bool string = false;
    for (size_t i = 0; i < n; i++) {
        if (string && line[i] == '\\') {
            i++;
            continue;
        }
        if (line[i] == '"') string = !string;
        if (!string && line[i] == '#') return i;
    }
    return n;
}

static size_t skip_blanks(const char *text, size_t i, size_t n)
{
    while (i < n && strchr(" \t\r,", text[i]))
        i++;
    return i;
}

/* Does the word stand here? Then the place behind it, else 0. */
static size_t behind_word(const char *text, size_t i, size_t n, const char *word)
{
    size_t length = strlen(word);
    i = skip_blanks(text, i, n);
    return n - i >= length && memcmp(text + i, word, length) == 0 ? i + length : 0;
}

/* Behind `# nnc:` in a comment that begins at i, or 0. */
static size_t find_directive(const char *line, size_t i, size_t n)
{
    for (; i < n; i++) {
        size_t at = line[i] == '#' ? behind_word(line, i + 1, n, "nnc:") : 0;
        if (at) return at;
    }
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The code of a message at `i`: a letter, then four digits. */
static bool is_code(const char *text, size_t i, size_t n)
{
    if (n - i < CODE_LENGTH || !((text[i] >= 'A' && text[i] <= 'Z') || (text[i] >= 'a' && text[i] <= 'z'))) return false;
    for (size_t k = 1; k < CODE_LENGTH; k++)
        if (!is_digit(text[i + k])) return false;
    return n - i == CODE_LENGTH || !is_digit(text[i + CODE_LENGTH]);
}

/* The line that a comment speaks of: its own, or, where it stands alone, the next one with anything else. */
static uint32_t line_meant(const SourceFile *file, uint32_t line)
{
    for (; line <= file->n_lines; line++) {
        size_t n = 0;
        const char *text = source_line_text(file, line, &n);
        if (skip_blanks(text, 0, n) < find_comment(text, n)) return line;
    }
    return 0;
}

/* ---- what they silence --------------------------------------------------------------------------- */

typedef struct Allowed {
    Diags *diags;
    Looked looked;
    const SourceFile *file;
    uint32_t number;  /* of the file */
    uint32_t n_found; /* messages that were there before */
} Allowed;

/* Takes the warnings with this code on this line out of the list. */
static bool silence(Allowed *a, const char *code, uint32_t line)
{
    Diags *diags = a->diags;
    uint32_t n = 0, n_found = a->n_found;
    for (uint32_t i = 0; i < diags->list.n; i++) {
        Diag *d = diags->list.at[i];
        bool meant = i < n_found && d->warning && strcmp(d->code, code) == 0 && d->span.file == a->number &&
                     source_line(a->file, d->span.lo) == line;
        if (!meant) diags->list.at[n++] = d;
        diags->n_warnings -= meant;
        a->n_found -= meant;
    }
    bool any = n < diags->list.n;
    diags->list.n = n;
    return any;
}

static void apply_code(Allowed *a, const char *code, Span at, uint32_t line)
{
    bool known = diag_can_be_allowed(code), used = known && line && silence(a, code, line);
    if (used || a->looked == LOOKED_FOR_SOME) return;
    if (!known && code[0] == 'W' && diag_explain(code)) {
        Diag *d = diag_warning(a->diags, "W0202", at, "`%s` cannot be silenced", code);
        diag_help(d, strcmp(code, "W0301") == 0 ? "take the `?` out of the type" : "mend the comment that it speaks of");
        return;
    }
    if (!known) {
        diag_note(diag_warning(a->diags, "W0202", at, "`%s` is no warning", code),
                  "`# nnc: allow W0705` silences the warning with that code");
        return;
    }
    if (a->looked == LOOKED_FOR_ALL_BUT_GRADIENTS && strcmp(code, "W0511") == 0) return;
    Diag *d = diag_warning(a->diags, "W0202", at, "this silences nothing");
    if (line)
        diag_note(d, "there is no warning %s on line %u", code, line);
    else
        diag_note(d, "no line follows");
    diag_help(d, "leave it out");
}

static void apply_line(Allowed *a, uint32_t number)
{
    size_t n = 0;
    const char *line = source_line_text(a->file, number, &n);
    uint32_t start = (uint32_t)(line - a->file->text);
    size_t comment = find_comment(line, n), i = find_directive(line, comment, n);
    if (!i) return;
    size_t behind = behind_word(line, i, n, "allow");
    size_t at = skip_blanks(line, behind, n);
    if (!behind || at == n || !is_code(line, at, n)) {
        if (a->looked == LOOKED_FOR_SOME) return;
        diag_note(diag_warning(a->diags, "W0202", (Span){a->number, start + (uint32_t)comment, start + (uint32_t)n},
                               "this comment for nnc is not understood"),
                  "there is `# nnc: allow W0705`, with the codes of the warnings that it silences");
        return;
    }
    uint32_t meant = line_meant(a->file, number);
    while (at < n && is_code(line, at, n)) {
        Span span = {a->number, start + (uint32_t)at, start + (uint32_t)at + CODE_LENGTH};
        apply_code(a, arena_copy(a->diags->arena, line + at, CODE_LENGTH), span, meant);
        at = skip_blanks(line, at + CODE_LENGTH, n);
    }
}

void allow_apply(Diags *diags, Looked looked)
{
    Allowed a = {.diags = diags, .looked = diags->n_errors ? LOOKED_FOR_SOME : looked, .n_found = diags->list.n};
    for (a.number = 1; a.number <= diags->sources->files.n; a.number++) {
        a.file = source_get(diags->sources, a.number);
        if (a.file->library || !strstr(a.file->text, "nnc:")) continue;
        for (uint32_t line = 1; line <= a.file->n_lines; line++)
            apply_line(&a, line);
    }
}
