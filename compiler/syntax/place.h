/* SPDX-License-Identifier: MIT
 * place.h: where a syntax error is: the token, those before it, what could stand there. */
#ifndef NNC_SYNTAX_PLACE_H
#define NNC_SYNTAX_PLACE_H

#include <string.h>

#include "lexer.h"
#include "support/diag.h"
#include "syntax/build.h"

typedef struct Place {
    Parser *p;
    const char *text;  /* of the file */
    Span at;           /* the token in error */
    const char *found; /* its class */
    const char *word;  /* its text, interned */
    const char *before, *before2; /* the texts of the tokens before it; "" for an inserted line end */
    Span before_at;
    const char *const *expected;
    int n;
    bool starts; /* the token before it is the first of a statement or declaration */
} Place;

static inline bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static inline bool expects(const Place *x, const char *name)
{
    for (int i = 0; i < x->n; i++)
        if (is(x->expected[i], name)) return true;
    return false;
}

static inline uint32_t place_line(const Place *x, Span span)
{
    return source_line(source_get(x->p->diags->sources, x->at.file), span.lo);
}

Span place_rest_of_line(const Place *x, uint32_t lo); /* the rest of the statement: to the end of its line, without a comment */
Span place_statement(const Place *x); /* what of the statement with the error stands on its first line */
/* The innermost open bracket below which the token stands; NULL if it stands in a block or in none. */
const Span *place_bracket(const Place *x, char *bracket);

#endif
