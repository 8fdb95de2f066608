/* SPDX-License-Identifier: MIT
 * format.c: `nnc fmt`. Line breaks, comments and the alignment of `=` and comments are the
 * author's; indentation and the space between tokens are set here.
 *
 * A first pass gives every token its role (the `=` of an argument is not that of a statement), a
 * second one writes the lines. A line that begins a statement is indented by its braces; a line
 * that continues one keeps its distance from the line where the statement began. */
#include "syntax/format.h"

#include <string.h>

#include "lexer.h"
#include "parser.h"
#include "syntax/parse.h"

typedef enum {
    ROLE_PLAIN,
    ROLE_TIGHT,  /* no space on either side: . .. : in a slice, = of an argument, binary x*y if
                    written so */
    ROLE_PREFIX, /* no space behind: minus sign, pack star */
    ROLE_CALL,   /* no space before: ( of a call, [ of an index */
    ROLE_CLOSE_BOUND,
} Role;

typedef struct Tok {
    int token;
    Span span;
    Role role;
    bool starts; /* a statement, member or declaration */
} Tok;

typedef struct Format {
    Arena *arena;
    const SourceFile *file;
    Text *out;
    VEC(Tok) toks;
    int depth; /* braces open */
    int was[LEXER_MOST_DEPTH + 1], is[LEXER_MOST_DEPTH + 1]; /* indentation of the statement per depth, before and now */
} Format;

/* ---- roles ----------------------------------------------------------------------------------- */

/* Written without space on either side. */
static bool is_written_tight(const Format *f, const Tok *t)
{
    const char *text = f->file->text;
    return t->span.lo > 0 && !strchr(" \t\r\n", text[t->span.lo - 1]) && !strchr(" \t\r\n#", text[t->span.hi]);
}

static Role role_of_bracket(const Tok *t, const Tok *before, const Tok *before2)
{
    if (!before || before->token == SEMI) return ROLE_PLAIN;
    if (t->token == '(' && before2 && before2->token == GRAD && before->token == IDENT) return ROLE_PLAIN; /* grad surrogate (dy) */
    if (t->token == '(' && before->token == PRINT) return ROLE_CALL;
    if (t->token == '(' && before->token == GRAD) return before2 && before2->token == '}' ? ROLE_PLAIN : ROLE_CALL;
    return token_ends_value(before->token) || before->token == DTYPE || before->role == ROLE_CLOSE_BOUND ? ROLE_CALL : ROLE_PLAIN;
}

typedef struct Bracket {
    int token;
    bool typed; /* a : came since the last comma, so = gives a default */
} Bracket;

static Role role_of(const Format *f, const Tok *t, const Tok *before, const Tok *before2, Bracket *in)
{
    switch (t->token) {
    case '(':
    case '[': return role_of_bracket(t, before, before2);
    case '.':
    case DOTDOT: return ROLE_TIGHT;
    case ':': return in->token == '[' ? ROLE_TIGHT : ROLE_PLAIN;
    case '=': return in->token == '(' && !in->typed ? ROLE_TIGHT : ROLE_PLAIN;
    case '<': return before && before->token == DTYPE ? ROLE_TIGHT : ROLE_PLAIN;
    case '-':
        if (!before || !token_ends_value(before->token)) return ROLE_PREFIX;
        break;
    case '*':
        if (before && (before->token == '(' || before->token == '[' || before->token == ',')) return ROLE_PREFIX;
        break;
    case '+':
    case '/':
    case '%':
    case '@':
    case FLOORDIV:
    case POW: break;
    default: return ROLE_PLAIN;
    }
    return is_written_tight(f, t) ? ROLE_TIGHT : ROLE_PLAIN;
}

static void read_tokens(Format *f, Strings *strings, Diags *diags, Sources *sources, uint32_t file)
{
    Lexer *lx = ARENA_NEW(f->arena, Lexer);
    Bracket stack[LEXER_MOST_DEPTH + 1] = {{0, false}};
    int depth = 0, bound = 0;
    bool starts = true;
    diags->muted++;
    lexer_init(lx, f->arena, strings, diags, sources, file);
    for (;;) {
        TokenValue value = {0};
        Tok t = {0};
        t.token = lexer_next(lx, &value, &t.span);
        if (t.token == 0) break;
        bool inserted = t.span.lo == t.span.hi;
        if (inserted) {
            starts = true;
            continue;
        }
        const Tok *before = f->toks.n ? &f->toks.at[f->toks.n - 1] : NULL, *before2 = f->toks.n > 1 ? before - 1 : NULL;
        t.starts = starts;
        t.role = role_of(f, &t, starts ? NULL : before, before2, &stack[depth]);
        if (t.token == '<' && t.role == ROLE_TIGHT) bound = 1;
        if (t.token == '>' && bound) t.role = ROLE_CLOSE_BOUND, bound = 0;
        if (t.token == '(' || t.token == '[' || t.token == '{') stack[++depth] = (Bracket){t.token, false};
        if ((t.token == ')' || t.token == ']' || t.token == '}') && depth > 0) depth--;
        if (t.token == ':') stack[depth].typed = true;
        if (t.token == ',') stack[depth].typed = false;
        starts = t.token == SEMI || t.token == '{';
        vec_add(f->arena, &f->toks, t);
    }
    diags->muted--;
}

/* ---- writing --------------------------------------------------------------------------------- */

static int blanks_between(const Format *f, uint32_t lo, uint32_t hi)
{
    int n = 0;
    for (; lo < hi; lo++)
        n += f->file->text[lo] == '\t' ? 4 : 1;
    return n;
}

/* Spaces between two tokens of one line. Columns that the author aligned behind , and : and before
 * = stay aligned. */
static int space(const Format *f, const Tok *a, const Tok *b)
{
    int written = blanks_between(f, a->span.hi, b->span.lo), aligned = written > 1 ? written : 1;
    if (a->token == ',') return aligned;
    if (a->role == ROLE_TIGHT || a->role == ROLE_PREFIX || a->token == '(' || a->token == '[') return 0;
    if (b->role == ROLE_TIGHT || b->role == ROLE_CALL || b->role == ROLE_CLOSE_BOUND) return 0;
    if (a->token == ':') return aligned;
    switch (b->token) {
    case ')':
    case ']':
    case ',':
    case SEMI:
    case ':': return 0;
    case '=':
    case BECOMES: return aligned;
    default: return 1;
    }
}

static int column_of(const Format *f, uint32_t offset)
{
    int column = 0;
    const char *text = f->file->text;
    uint32_t lo = f->file->line_start[source_line(f->file, offset) - 1];
    for (; lo < offset; lo++)
        if (((unsigned char)text[lo] & 0xC0) != 0x80) column += text[lo] == '\t' ? 4 : 1;
    return column;
}

static void begin_statement(Format *f, int depth, int was, int is)
{
    f->was[depth] = was;
    f->is[depth] = is;
}

static int indentation_of_line(Format *f, const Tok *first, const Tok *end, const char *line, uint32_t lo)
{
    const char *text = line;
    while (*text == ' ' || *text == '\t')
        text++;
    int written = blanks_between(f, lo, lo + (uint32_t)(text - line)), depth = f->depth;
    bool continues = first && !first->starts && first->token != '}';
    if (!continues) {
        for (const Tok *t = first; t && t < end && t->token == '}' && depth > 0; t++)
            depth--;
        if (first && first->starts) begin_statement(f, depth, written, 4 * depth);
        return 4 * depth;
    }
    int further = written - f->was[depth], least = 4;
    if (first->token == ')' || first->token == ']' || first->token == ELSE || first->token == GRAD || first->token == WITH) least = 0;
    return f->is[depth] + (further > least ? further : least);
}

/* Tokens first .. last-1 of one line, which was and is indented so; returns the columns written. */
static int write_tokens(Format *f, uint32_t first, uint32_t last, int written, int indent)
{
    int column = indent;
    for (uint32_t i = first; i < last; i++) {
        const Tok *t = &f->toks.at[i];
        if (i > first) {
            int n = space(f, t - 1, t);
            text_add(f->out, "%*s", n, "");
            column += n;
        }
        if (t->starts && i > first) begin_statement(f, f->depth, written, indent);
        text_bytes(f->out, f->file->text + t->span.lo, t->span.hi - t->span.lo);
        for (uint32_t k = t->span.lo; k < t->span.hi; k++)
            column += ((unsigned char)f->file->text[k] & 0xC0) != 0x80;
        if (t->token == '{') f->depth++;
        if (t->token == '}' && f->depth > 0) f->depth--;
    }
    return column;
}

/* A comment behind code stays in its column if it can. */
static void write_comment(Format *f, const char *line, size_t n, uint32_t at, bool alone, int column)
{
    uint32_t end = (uint32_t)(line - f->file->text) + (uint32_t)n;
    while (end > at && strchr(" \t\r", f->file->text[end - 1]))
        end--;
    if (!alone) {
        int gap = column_of(f, at) - column;
        text_add(f->out, "%*s", gap < 1 ? 1 : gap, "");
    }
    text_bytes(f->out, f->file->text + at, end - at);
}

static void write_line(Format *f, const char *line, size_t n, uint32_t *next, bool *empty)
{
    uint32_t lo = (uint32_t)(line - f->file->text), hi = lo + (uint32_t)n, first = *next, last = first;
    while (last < f->toks.n && f->toks.at[last].span.lo < hi)
        last++;
    uint32_t comment = last > first ? f->toks.at[last - 1].span.hi : lo;
    while (comment < hi && f->file->text[comment] != '#')
        comment++;
    *next = last;
    if (first == last && comment == hi) {
        if (!*empty) text_add(f->out, "\n");
        *empty = true;
        return;
    }
    *empty = false;
    /* A comment alone stands as the code below it, but inside the braces that the code closes. */
    const Tok *code = first < f->toks.n ? &f->toks.at[first] : NULL;
    if (first == last && code && (code->starts || code->token == '}')) code = NULL;
    int written = first < last ? column_of(f, f->toks.at[first].span.lo) : column_of(f, comment);
    int indent = indentation_of_line(f, code, f->toks.at + last, line, lo);
    text_add(f->out, "%*s", indent, "");
    int column = write_tokens(f, first, last, written, indent);
    if (comment < hi) write_comment(f, line, n, comment, first == last, column);
    text_add(f->out, "\n");
}

bool format_source(Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t file, Text *out)
{
    parse_file(arena, strings, diags, sources, file);
    if (diags->n_errors) return false;
    Format *f = ARENA_NEW(arena, Format);
    f->arena = arena;
    f->file = source_get(sources, file);
    f->out = out;
    read_tokens(f, strings, diags, sources, file);
    uint32_t next = 0;
    bool empty = true; /* no empty lines at the start */
    for (uint32_t k = 1; k <= f->file->n_lines; k++) {
        size_t n = 0;
        const char *line = source_line_text(f->file, k, &n);
        write_line(f, line, n, &next, &empty);
    }
    while (out->n > 1 && out->at[out->n - 1] == '\n' && out->at[out->n - 2] == '\n')
        out->at[--out->n] = 0;
    return true;
}
