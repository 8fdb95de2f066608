/* SPDX-License-Identifier: MIT
 * hints.c: what a syntax error says. Habits are recognised by the words around the place. */
#include "syntax/hints.h"

#include <ctype.h>
#include <string.h>

/* The source line of `at`, and the offset of `at` in it. */
typedef struct Line {
    const char *text, *start; /* of the file; of the line */
    size_t n, at;
} Line;

static Line line_of(Parser *p, Span at)
{
    const SourceFile *file = source_get(p->diags->sources, at.file);
    Line l = { .text = file->text };
    l.start = source_line_text(file, source_line(file, at.lo), &l.n);
    l.at = (size_t)(at.lo - (uint32_t)(l.start - file->text));
    return l;
}

static bool begins_with(const Line *l, const char *word)
{
    size_t i = 0, n = strlen(word);
    while (i < l->n && isspace((unsigned char)l->start[i])) i++;
    return i + n <= l->n && strncmp(l->start + i, word, n) == 0 && !isalnum((unsigned char)l->start[i + n]) && l->start[i + n] != '_';
}

static bool contains(const Line *l, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= l->n; i++)
        if (strncmp(l->start + i, text, n) == 0) return true;
    return false;
}

typedef struct Habit {
    const char *word; /* the line begins with it */
    const char *text, *help;
} Habit;

static const Habit first_words[] = {
    { "let", "there is no `let`", "write `y = x`" },
    { "var", "there is no `var`", "write `y = x`" },
    { "const", "there is no `const` in a body", "write `y = x`; a name that is not rebound does not change" },
    { "def", "functions begin with `fn`", "fn f(x: float[...]) -> float[...] { }" },
    { "class", "there are no classes", "layer M(...) { }" },
    { "while", "there is no `while`", "loops of the program run with `scan`, loops of the compiler with `for i in 0..n`" },
    { "elif", "there is no `elif`", "write `else if`" },
    { "print", "there is no `print`", "`report name = value` shows a value while the program runs; `nnc --shapes` shows types" },
    { "import", "`import` takes a text and a name", "import \"std/vision.nn\" as vision" },
    { "from", "there is no `from`", "import \"file.nn\" as name" },
};

static bool habit_of_line(Parser *p, Span at, const Line *l)
{
    for (size_t i = 0; i < sizeof first_words / sizeof *first_words; i++) {
        if (!begins_with(l, first_words[i].word)) continue;
        diag_help(diag_error(p->diags, "E0206", at, "%s", first_words[i].text), "%s", first_words[i].help);
        return true;
    }
    static const struct { const char *part, *text, *help; } parts[] = {
        { ".backward()", "gradients are not computed by a call", "minimize loss over net using adam()" },
        { ".step()", "parameters are not updated by a call", "minimize loss over net using adam()" },
        { ".zero_grad()", "there is no zero_grad: gradients do not accumulate", "leave the line out" },
        { ".detach()", "there is no detach", "stop_gradient(x); not needed under `minimize ... over`" },
        { "+=", "there is no `+=`", "write `x = x + ...`" }, { "-=", "there is no `-=`", "write `x = x - ...`" },
        { "*=", "there is no `*=`", "write `x = x * ...`" }, { "/=", "there is no `/=`", "write `x = x / ...`" },
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!contains(l, parts[i].part)) continue;
        diag_help(diag_error(p->diags, "E0206", at, "%s", parts[i].text), "%s", parts[i].help);
        return true;
    }
    return false;
}

static bool is_word(const Parser *p, Span at)
{
    unsigned char c = (unsigned char)source_get(p->diags->sources, at.file)->text[at.lo];
    return isalpha(c) || c == '_';
}

static bool habit_of_place(Parser *p, Span at, const char *found, const Line *l, const char *const *expected, int n)
{
    bool wants_name = false, wants_equals = false, wants_end = false;
    for (int i = 0; i < n; i++) {
        wants_name |= strcmp(expected[i], "name") == 0;
        wants_equals |= strcmp(expected[i], "'='") == 0;
        wants_end |= strcmp(expected[i], "end of line") == 0 || strcmp(expected[i], "'}'") == 0;
    }
    if (wants_name && n <= 3 && is_word(p, at) && strcmp(found, "name") != 0) {
        Diag *d = diag_error(p->diags, "E0201", at, "`%s` is a reserved word and cannot be a name", found);
        if (strcmp(found, "in") == 0) diag_help(d, "the library says n_in");
        return true;
    }
    if (contains(l, "<") && (strcmp(found, "'<'") == 0 || strcmp(found, "<=") == 0 || strcmp(found, "'>'") == 0)) {
        diag_help(diag_error(p->diags, "E0206", at, "comparisons do not chain"), "write `0 < x and x < 1`");
        return true;
    }
    if (contains(l, "float[") && contains(l, ";")) {
        diag_help(diag_error(p->diags, "E0206", at, "sizes are separated by commas"), "shapes are written float[B, 4]");
        return true;
    }
    if (strcmp(found, "'('") == 0 && l->at >= 3 && (contains(l, "float(") || contains(l, "int("))) {
        diag_help(diag_error(p->diags, "E0206", at, "a type has its sizes in square brackets"), "shapes are written float[B, 4]");
        return true;
    }
    if (strcmp(found, "':'") == 0 && contains(l, "columns=")) {
        diag_help(diag_error(p->diags, "E0206", at, "a range of columns is written with two dots"), "columns=0..4");
        return true;
    }
    if (wants_equals && (wants_end || strcmp(found, "end of line") == 0 || strcmp(found, "'}'") == 0 || found[0] == '\'')) {
        Diag *d = diag_error(p->diags, "E0208", at, "this value is not used");
        diag_help(d, "every line binds, returns, updates or reports something: `y = ...`, or `return ...`?");
        return true;
    }
    return false;
}

void hint_syntax_error(Parser *p, Span at, const char *found, const char *const *expected, int n)
{
    Line l = line_of(p, at);
    if (habit_of_line(p, at, &l) || habit_of_place(p, at, found, &l, expected, n)) return;
    Text t = { .arena = p->arena };
    for (int i = 0; i < n; i++) text_add(&t, "%s%s", i == 0 ? "" : i == n - 1 ? " or " : ", ", expected[i]);
    Diag *d = diag_error(p->diags, "E0201", at, "unexpected %s", found);
    if (n > 0 && n < 6) diag_note(d, "expected %s", text_c(&t));
}
