/* SPDX-License-Identifier: MIT
 * suggest.c: what a misspelt or foreign name may stand for. */
#include "sema/base/suggest.h"

#include <ctype.h>
#include <string.h>

#include "sema/base/place.h"
#include "support/foreign.h"
#include "support/str.h"

/* Is `part` the first or the last of the words of `name`: steps of total_steps, cosine of cosine_decay? */
static bool is_part(const char *name, const char *part)
{
    size_t n = strlen(name), k = strlen(part);
    if (k < 3 || n < k + 2) return false;
    return (memcmp(name, part, k) == 0 && name[k] == '_') || (strcmp(name + n - k, part) == 0 && name[n - k - 1] == '_');
}

/* Letters in another order: stesp, steps. */
static bool is_anagram(const char *a, const char *b)
{
    int count[256] = {0};
    if (strlen(a) != strlen(b)) return false;
    for (; *a; a++, b++)
        count[(unsigned char)*a]++, count[(unsigned char)*b]--;
    for (int i = 0; i < 256; i++)
        if (count[i]) return false;
    return true;
}

/* How far they are apart, in quarters of a letter: letters that changed places, and one too few or too many, are slips more often
 * than another one. 99: too far for a guess. */
static int apart(const char *name, const char *candidate)
{
    enum { AS_PART = 12, FAR = 99 };
    size_t n = strlen(name);
    if (foreign_same_letters(name, candidate)) return 0;
    int d = str_distance(name, candidate);
    if (n > 1 && d <= (n > 5 ? 2 : 1)) return 4 * d - (is_anagram(name, candidate) ? 2 : strlen(candidate) != n ? 1 : 0);
    return is_part(name, candidate) ? AS_PART : FAR;
}

void suggest_consider(const char *name, const char *candidate, const char **best, int *distance)
{
    int d = candidate ? apart(name, candidate) : 99;
    if (d >= *distance) return;
    *best = candidate;
    *distance = d;
}

const char *suggest_among(const char *name, const char *const *names, uint32_t n)
{
    const char *best = NULL;
    int distance = 99;
    for (uint32_t i = 0; i < n; i++)
        suggest_consider(name, names[i], &best, &distance);
    return best;
}

/* The first of these words, apart by blanks, that is among the names; NULL: none. */
static const char *first_among(const char *words, const char *const *names, uint32_t n)
{
    for (const char *word = words; *word;) {
        size_t length = strcspn(word, " ");
        for (uint32_t i = 0; i < n; i++)
            if (strlen(names[i]) == length && memcmp(names[i], word, length) == 0) return names[i];
        word += length + (word[length] == ' ');
    }
    return NULL;
}

const char *suggest_argument(Sema *s, const char *name, const char *const *names, uint32_t n)
{
    for (const Foreign *f = foreign_find(FOREIGN_ARGUMENT, name); f; f = foreign_next(FOREIGN_ARGUMENT, name, f)) {
        const char *here = first_among(f->here ? f->here : "", names, n);
        if (here) return arena_print(s->arena, "here it is called `%s`%s%s", here, f->help ? ", " : "", f->help ? f->help : "");
        if (!f->here) return f->help;
    }
    const char *close = suggest_among(name, names, n);
    return close ? arena_print(s->arena, "did you mean `%s`?", close) : NULL;
}

void suggest_same(Sema *s, Diag *d, Span at, const Value *given)
{
    const char *text = at.file ? source_text(s, at) : "";
    if (isalpha((unsigned char)*text) && suggest_is_word(text)) diag_mistake(d, "%s is %s", text, value_describe(s, given));
}

void suggest_whole(Sema *s, Diag *d, const Value *given, Span at)
{
    bool tensor = given->kind == VAL_TENSOR && !given->type.rank && given->type.elem == ELEM_float; /* of a size that has a name */
    if ((given->kind != VAL_FLOAT && !tensor) || !at.file) return;
    const char *text = source_text(s, at), *slash = strchr(text, '/');
    bool named = isalpha((unsigned char)*text) && suggest_is_word(text);
    if (named || slash) diag_mistake(d, "%s is no whole number", text);
    bool whole = given->number > -1e15 && given->number < 1e15 && given->number == (double)(int64_t)given->number;
    if (slash)
        diag_help(d, "`/` makes a float; whole numbers are divided by `//`: %.*s/%s", (int)(slash - text), text, slash);
    else if (named && whole && !tensor)
        diag_help(d, "a whole number has no point: where `%s` is made, write %lld, or divide by `//`", text, (long long)given->number);
    else if (named)
        diag_help(d, "where `%s` is made, whole numbers are divided by `//`", text);
    else if (whole && !tensor)
        diag_help(d, "a whole number has no point: %lld", (long long)given->number), diag_edit(d, at, "%lld", (long long)given->number);
}

void suggest_tensor(Diag *d, const char *function)
{
    diag_help(d, "call it with a tensor, %s(x); as an item of a chain it stands without parentheses: %s", function, function);
}

bool suggest_bias(Sema *s, Diag *d, Span at)
{
    const char *text = at.file ? source_text(s, at) : "", *dot = strrchr(text, '.');
    if (!dot || strcmp(dot, ".bias") != 0) return false;
    int n = (int)(dot - text);
    diag_help(d, "`bias` says whether there is one; the parameter is called `b`: write %.*s.b", n, text);
    diag_edit(d, at, "%.*s.b", n, text);
    return true;
}

bool suggest_is_word(const char *text)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '_' && *text != '.') return false;
    return true;
}

void suggest_meant(Diag *d, Span at, const char *name)
{
    diag_help(d, "did you mean `%s`?", name);
    diag_edit(d, at, "%s", name);
}

void suggest_foreign(Diag *d, Span at, const Foreign *foreign)
{
    if (foreign->here) {
        diag_help(d, "here it is called %s", foreign->here);
        if (at.file && suggest_is_word(foreign->here)) diag_edit(d, at, "%s", foreign->here);
    } else if (foreign->help[0])
        diag_help(d, "%s", foreign->help);
}

void suggest_told(Diag *d, Span at, const char *argument, const char *help)
{
    bool named = !strncmp(help, "did you mean `", 14) || !strncmp(help, "here it is called `", 19);
    const char *name = strchr(help, '`');
    if (argument)
        diag_help(d, "`%s`: %s", argument, help);
    else
        diag_help(d, "%s", help);
    size_t length = named ? strcspn(name + 1, "`") : 0;
    bool bare = named && name[1 + length] && (!name[2 + length] || name[2 + length] == '?'); /* else the value changes, too */
    if (bare) diag_edit(d, at, "%.*s", (int)length, name + 1);
}

const char *suggest_list(Sema *s, const char *const *names, uint32_t n)
{
    Text text = {.arena = s->arena};
    for (uint32_t i = 0; i < n; i++)
        text_add(&text, "%s%s", i ? ", " : "", names[i]);
    return n ? text_c(&text) : "none";
}
