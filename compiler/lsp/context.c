/* SPDX-License-Identifier: MIT
 * context.c: what stands around the place where somebody types. The declaration around it is read from its beginning: brackets, texts,
 * names that are bound. */
#include "lsp/context.h"

#include <ctype.h>
#include <string.h>

enum { MOST_BRACKETS = 200 };

typedef struct Reader {
    Arena *arena;
    const char *text;
    uint32_t at, end;
    struct {
        char bracket;
        uint32_t at;
    } open[MOST_BRACKETS];
    int depth;
    uint32_t string; /* where the text that is open begins, or 0 */
    bool comment;
    Context *context;
} Reader;

static bool is_letter(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* A declaration begins with a letter at the margin. */
static uint32_t declaration_around(const char *text, uint32_t at)
{
    uint32_t begin = 0;
    for (uint32_t i = 0; i < at; i++)
        if ((i == 0 || text[i - 1] == '\n') && isalpha((unsigned char)text[i])) begin = i;
    return begin;
}

/* ---- names that are bound ------------------------------------------------------------------- */

static void bind(Reader *r, uint32_t lo, uint32_t hi)
{
    const char *name = arena_copy(r->arena, r->text + lo, hi - lo);
    for (uint32_t i = 0; i < r->context->bound.n; i++)
        if (!strcmp(r->context->bound.at[i], name)) return;
    vec_add(r->arena, &r->context->bound, name);
}

/* Is there a single `=` further on in the line, outside of brackets: a, b = f(x)? */
static bool assigned_later(const Reader *r, uint32_t at)
{
    for (; r->text[at] && r->text[at] != '\n' && !strchr("([{#\"", r->text[at]); at++)
        if (r->text[at] == '=' && r->text[at + 1] != '=' && !strchr("=<>!", r->text[at - 1])) return true;
    return false;
}

/* The sizes behind the name of a declaration: fn f[B, T]( */
static bool in_binders(const Reader *r)
{
    static const char *const words[] = {"fn ", "train ", "eval ", "data ", "metric "};
    if (r->depth == 0 || r->open[r->depth - 1].bracket != '[') return false;
    uint32_t lo = r->open[r->depth - 1].at;
    while (lo > 0 && is_letter(r->text[lo - 1]))
        lo--;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (lo >= n && strncmp(r->text + lo - n, words[i], n) == 0) return true;
    }
    return false;
}

static void take_name(Reader *r, uint32_t lo, uint32_t hi)
{
    uint32_t next = hi;
    while (r->text[next] == ' ')
        next++;
    char c = r->text[next], bracket = r->depth > 0 ? r->open[r->depth - 1].bracket : '{';
    bool member = lo > 0 && r->text[lo - 1] == '.', single = c == '=' && r->text[next + 1] != '=';
    bool binds = bracket == '{' && (single || c == ':' || (c == ',' && assigned_later(r, next)));
    binds |= bracket == '(' && (c == ':' || (single && r->context->in_head));
    binds |= bracket != '[' && strncmp(r->text + next, "in ", 3) == 0;
    if (!member && (binds || in_binders(r))) bind(r, lo, hi);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void read_character(Reader *r)
{
    char c = r->text[r->at];
    if (r->string) {
        if (c == '\\' && r->at + 1 < r->end) r->at++;
        if (c == '"' || c == '\n') r->string = 0;
    } else if (r->comment) {
        r->comment = c != '\n';
    } else if (c == '"') {
        r->string = r->at + 1;
    } else if (c == '#') {
        r->comment = true;
    } else if (strchr("([{", c) && r->depth < MOST_BRACKETS) {
        r->open[r->depth].bracket = c;
        r->open[r->depth++].at = r->at;
    } else if (strchr(")]}", c) && r->depth > 0) {
        r->depth--;
    }
    r->at++;
}

static void read_to_place(Reader *r)
{
    while (r->at < r->end && r->text[r->at]) {
        bool starts = !r->string && !r->comment && (isalpha((unsigned char)r->text[r->at]) || r->text[r->at] == '_');
        if (!starts) {
            read_character(r);
            continue;
        }
        uint32_t lo = r->at;
        while (r->at < r->end && is_letter(r->text[r->at]))
            r->at++;
        if (r->at < r->end) take_name(r, lo, r->at);
    }
}

/* The dotted name that ends at `hi`: "vision.Block". */
static const char *dotted_before(const Reader *r, uint32_t hi)
{
    uint32_t lo = hi;
    while (lo > 0 && (is_letter(r->text[lo - 1]) || r->text[lo - 1] == '.'))
        lo--;
    return arena_copy(r->arena, r->text + lo, hi - lo);
}

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* csv("data.csv", column="...: the path is the first text of the call. */
static void read_string(Reader *r)
{
    Context *x = r->context;
    const char *line = r->text + r->string;
    while (line > r->text && line[-1] != '\n')
        line--;
    x->kind = begins(line, "import ") ? CONTEXT_IMPORT : CONTEXT_NOTHING;
    int call = r->depth - 1;
    while (call >= 0 && r->open[call].bracket == '[')
        call--;
    if (call < 0 || r->open[call].bracket != '(' || strcmp(dotted_before(r, r->open[call].at), "csv") != 0) return;
    const char *from = r->text + r->open[call].at, *argument = NULL, *here = r->text + r->string;
    for (const char *c = from; c < here; c++)
        if (begins(c, "column=") || begins(c, "columns=")) argument = c;
    const char *path = strchr(from, '"'), *end = path ? strchr(path + 1, '"') : NULL;
    if (!argument || !end || end > argument) return;
    x->kind = CONTEXT_COLUMN;
    x->path = arena_copy(r->arena, path + 1, (size_t)(end - path) - 1);
}

static void read_place(Reader *r)
{
    Context *x = r->context;
    x->word = x->at;
    while (x->word > 0 && is_letter(r->text[x->word - 1]))
        x->word--;
    if (r->string) {
        read_string(r);
        return;
    }
    if (x->word > 0 && r->text[x->word - 1] == '.' && (x->word < 2 || r->text[x->word - 2] != '.')) {
        x->kind = CONTEXT_MEMBER;
        x->base = dotted_before(r, x->word - 1);
        return;
    }
    x->kind = CONTEXT_NAME;
    if (r->depth == 0 || r->open[r->depth - 1].bracket != '(') return;
    x->callee = dotted_before(r, r->open[r->depth - 1].at);
    uint32_t before = r->open[r->depth - 1].at;
    if (r->text[before - (before > 0)] == ']' && x->in_head) { /* train fit[B]( */
        while (before > 0 && r->text[before] != '[')
            before--;
        x->callee = dotted_before(r, before);
    }
    if (*x->callee) x->kind = CONTEXT_ARGUMENT;
}

Context context_read(Arena *arena, const SourceFile *file, uint32_t at)
{
    Context context = {.at = at, .declaration = declaration_around(file->text, at)};
    Reader *r = ARENA_NEW(arena, Reader);
    *r = (Reader){.arena = arena, .text = file->text, .at = context.declaration, .end = at, .context = &context};
    const char *head = file->text + context.declaration;
    bool of_step = begins(head, "train ") || begins(head, "eval ");
    context.in_head = of_step;
    read_to_place(r);
    context.in_head = of_step && r->depth == 1 && r->open[0].bracket == '(';
    if (!r->comment) read_place(r);
    r->context = NULL;
    return context;
}
