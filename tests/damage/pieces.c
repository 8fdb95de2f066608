/* SPDX-License-Identifier: MIT
 * pieces.c: cutting a text into pieces, and finding the ends of brackets. */
#include "damage/pieces.h"

#include <ctype.h>
#include <string.h>

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* 12, 0.5, 1_000, 2e-4; of 0..4 the first number alone. */
static size_t number_length(const char *c)
{
    size_t n = 0;
    while (is_name(c[n]) || (c[n] == '.' && c[n + 1] != '.') || (n && strchr("+-", c[n]) && c[n] && strchr("eE", c[n - 1])))
        n++;
    return n;
}

static size_t sign_length(const char *c)
{
    static const char *const signs[] = {"...", "..", "->", ":=", "==", "!=", "<=", ">=", "//", "**"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(c, signs[i], strlen(signs[i])) == 0) return strlen(signs[i]);
    return 1;
}

static size_t text_length(const char *c)
{
    size_t n = 1;
    while (c[n] && c[n] != '\n' && c[n] != '"')
        n += 1 + (c[n] == '\\' && c[n + 1]);
    return n + (c[n] == '"');
}

static size_t word_length(const char *c)
{
    size_t n = 0;
    while (is_name(c[n]))
        n++;
    return n;
}

static PieceKind kind_at(const char *c)
{
    return isdigit((unsigned char)*c) ? PIECE_NUMBER : is_name(*c) ? PIECE_WORD : *c == '"' ? PIECE_TEXT : PIECE_SIGN;
}

static void find_brackets(Arena *arena, Pieces *p)
{
    VEC(uint32_t) open = {0};
    for (uint32_t i = 0; i < p->list.n; i++) {
        Piece *piece = &p->list.at[i];
        char c = p->text[piece->lo];
        if (piece->kind != PIECE_SIGN || !strchr("([{}])", c)) continue;
        if (strchr("([{", c)) {
            vec_add(arena, &open, i);
        } else if (open.n) {
            uint32_t from = open.at[--open.n];
            piece->other = from, p->list.at[from].other = i;
        }
    }
}

Pieces pieces_of(Arena *arena, const char *text)
{
    Pieces p = {.text = text};
    uint32_t line = 1;
    for (const char *c = text; *c;) {
        if (*c == '#') c += strcspn(c, "\n");
        if (!*c || isspace((unsigned char)*c)) {
            line += *c == '\n';
            c += *c != 0;
            continue;
        }
        static size_t (*const lengths[])(const char *) = {word_length, number_length, text_length, sign_length};
        PieceKind kind = kind_at(c);
        uint32_t lo = (uint32_t)(c - text), n = (uint32_t)lengths[kind](c);
        Piece piece = {.kind = kind, .lo = lo, .hi = lo + n, .line = line, .other = p.list.n};
        vec_add(arena, &p.list, piece);
        c += n;
    }
    find_brackets(arena, &p);
    return p;
}

bool piece_is(const Pieces *p, uint32_t i, const char *what)
{
    if (i >= p->list.n) return false;
    const Piece *piece = &p->list.at[i];
    size_t n = strlen(what);
    return piece->hi - piece->lo == n && memcmp(p->text + piece->lo, what, n) == 0;
}

bool piece_opens(const Pieces *p, uint32_t i)
{
    return i < p->list.n && p->list.at[i].other > i;
}

char *piece_text(Arena *arena, const Pieces *p, uint32_t i)
{
    return arena_copy(arena, p->text + p->list.at[i].lo, p->list.at[i].hi - p->list.at[i].lo);
}

uint32_t pieces_from_line(const Pieces *p, uint32_t line)
{
    uint32_t i = 0;
    while (i < p->list.n && p->list.at[i].line < line)
        i++;
    return i;
}
