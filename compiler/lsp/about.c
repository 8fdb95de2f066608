/* SPDX-License-Identifier: MIT
 * about.c: what the text says of a name. */
#include "lsp/about.h"

#include <ctype.h>
#include <string.h>

#include "support/str.h"

enum { MOST_LINES = 8 };

static const char *skip_blanks(const char *c)
{
    return c + strspn(c, " \t");
}

static void trim(Text *text)
{
    while (text->n > 0 && isspace((unsigned char)text->at[text->n - 1]))
        text->at[--text->n] = 0;
}

/* Up to a `{`, or the end of a line that leaves no bracket open. */
const char *about_head(Arena *arena, const SourceFile *file, uint32_t at)
{
    size_t n = 0;
    const char *line = skip_blanks(source_line_text(file, source_line(file, at), &n)), *end = file->text + file->n;
    Text head = {.arena = arena};
    int depth = 0, lines = 0;
    bool string = false;
    const char *c = line;
    for (; c < end; text_bytes(&head, c++, 1)) {
        if (*c == '"') string = !string;
        if (!string && *c == '{') break;
        if (!string && *c == '#') c += strcspn(c, "\n");
        if (!string && strchr("([", *c)) depth++;
        if (!string && strchr(")]", *c)) depth--;
        const char *next = *c == '\n' ? skip_blanks(c + 1) : "";
        bool goes_on = depth > 0 || strncmp(next, "requires", 8) == 0 || strncmp(next, "->", 2) == 0;
        if (*c == '\n' && (!goes_on || ++lines == MOST_LINES)) break;
        if (*c == '\n') string = false;
        if (*c == '\n') trim(&head);
    }
    trim(&head);
    return text_c(&head);
}

/* A line of a comment; a heading, `# ---- layers ----`, is none. */
static const char *comment_in(const SourceFile *file, uint32_t line, size_t *n)
{
    const char *text = source_line_text(file, line, n), *c = skip_blanks(text);
    if (*c != '#' || c >= text + *n) return NULL;
    const char *words = skip_blanks(c + 1);
    if (strncmp(words, "----", 4) == 0) return NULL;
    *n -= (size_t)(words - text);
    return words;
}

const char *about_comment(Arena *arena, const SourceFile *file, uint32_t at)
{
    uint32_t line = source_line(file, at), first = line;
    size_t n = 0;
    Text text = {.arena = arena};
    while (first > 1 && comment_in(file, first - 1, &n))
        first--;
    for (; first < line; first++) {
        const char *words = comment_in(file, first, &n);
        while (n > 0 && isspace((unsigned char)words[n - 1]))
            n--;
        text_add(&text, text.n ? "\n" : "");
        text_bytes(&text, words, n);
    }
    return text_c(&text);
}

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

bool about_word(const SourceFile *file, uint32_t at, uint32_t *lo, uint32_t *hi)
{
    *lo = *hi = at < file->n ? at : (uint32_t)file->n;
    while (*lo > 0 && is_letter(file->text[*lo - 1]))
        --*lo;
    while (*hi < file->n && is_letter(file->text[*hi]))
        ++*hi;
    return *hi > *lo;
}

const char *about_dotted(Arena *arena, const SourceFile *file, uint32_t at)
{
    uint32_t lo, hi;
    about_word(file, at, &lo, &hi);
    while (lo > 1 && file->text[lo - 1] == '.' && is_letter(file->text[lo - 2]))
        for (lo--; lo > 0 && is_letter(file->text[lo - 1]);)
            lo--;
    return arena_copy(arena, file->text + lo, hi - lo);
}
