/* SPDX-License-Identifier: MIT
 * lexer.h: the token source of the parser. All state is here; there are no globals. */
#ifndef NNC_GRAMMAR_LEXER_H
#define NNC_GRAMMAR_LEXER_H

#include "support/diag.h"
#include "syntax/ast.h"
#include "syntax/build.h"

enum { LEXER_MOST_DEPTH = 200, CLOSE_BOUND = 9999 /* the > of int<10> */ };

typedef struct Lexer {
    Arena *arena;
    Strings *strings;
    Diags *diags;
    uint32_t file;
    const unsigned char *text, *at, *end;
    bool line_start;  /* nothing on this line yet */
    int last, held;   /* token before; token put back behind an inserted end of line */
    TokenValue held_value;
    Span last_span, held_span;
    bool in_bound, too_deep;
    char stack[LEXER_MOST_DEPTH];
    int depth;
} Lexer;

void lexer_init(Lexer *lexer, Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t file);
int lexer_next(Lexer *lexer, TokenValue *value, Span *span); /* a token of parser.h; 0 at the end */

#endif
