/* SPDX-License-Identifier: MIT
 * place.c: what stands around a syntax error. */
#include "syntax/place.h"

Span place_rest_of_line(const Place *x, uint32_t lo)
{
    uint32_t hi = lo;
    bool string = false;
    for (const char *c = x->text + lo; *c && *c != '\n'; c++) {
        if (*c == '"') string = !string;
        if (string && *c == '\\' && c[1] && c[1] != '\n') c++; /* an escaped quote ends no string */
        if (!string && (*c == '#' || *c == ';')) break;
        if (*c != ' ' && *c != '\t' && *c != '\r') hi = (uint32_t)(c - x->text) + 1;
    }
    while (hi > lo && x->text[hi - 1] == '}')
        hi--;
    while (hi > lo && x->text[hi - 1] == ' ')
        hi--;
    return (Span){x->at.file, lo, hi > lo ? hi : lo + 1};
}

Span place_statement(const Place *x)
{
    return place_rest_of_line(x, x->p->lexer->statement);
}

const Span *place_bracket(const Place *x, char *bracket)
{
    const Lexer *lx = x->p->lexer;
    int open = lx->depth - (is(x->word, "(") || is(x->word, "[") || is(x->word, "{"));
    if (open <= 0 || lx->stack[open - 1].bracket == '{') return NULL;
    *bracket = lx->stack[open - 1].bracket;
    return &lx->stack[open - 1].span;
}
