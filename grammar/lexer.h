/* SPDX-License-Identifier: MIT
 * lexer.h: the token source of the parser. All state is here; there are no globals. */
#ifndef NNC_GRAMMAR_LEXER_H
#define NNC_GRAMMAR_LEXER_H

#include "support/diag.h"
#include "syntax/ast.h"
#include "syntax/build.h"

enum { LEXER_MOST_DEPTH = 200, LEXER_HISTORY = 4, CLOSE_BOUND = 9999 /* the > of int<10> */ };

typedef struct LexerToken {
    int token;
    Span span; /* empty: inserted */
} LexerToken;

typedef struct Lexer {
    Arena *arena;
    Strings *strings;
    Diags *diags;
    uint32_t file;
    const unsigned char *text, *at, *end;
    bool line_start; /* nothing on this line yet */
    int last;        /* token before, as the rule of line ends sees it */
    Span last_span;
    int held; /* token put back behind an inserted one, or 0 */
    TokenValue held_value;
    Span held_span;
    bool in_bound, in_header, too_deep;
    struct {
        char bracket;
        Span span;
    } stack[LEXER_MOST_DEPTH];
    int depth;
    /* Recovery. quiet: depth of the block with a syntax error whose statement is being skipped, or
     * -1; blocks inside that statement are not shown to the parser at all.
     * close_to: brackets above this depth are being closed for the program, or -1. */
    int quiet, close_to;
    bool closing;                      /* the newest token is such a bracket */
    bool told; /* what is wrong with this statement has been said: a syntax error in it is no news */
    /* After a syntax error: the lines that are indented more than `margin`, the line on which the
     * statement begins, belong to it and are not shown to the parser. */
    bool skipping;
    uint32_t margin, error_at, error_statement;
    uint32_t n_damaged;                /* how often tokens were dropped or made up */
    uint32_t statement;                /* where the newest statement begins */
    LexerToken history[LEXER_HISTORY]; /* newest first */
} Lexer;

void lexer_init(Lexer *lexer, Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t file);

/* lexer.re: the next token, *newline is set if a line break came before it, 0 at the end; the declaration word here, or 0. */
int lexer_scan(Lexer *lexer, TokenValue *value, Span *span, bool *newline);
int lexer_declaration(const Lexer *lexer, const unsigned char *at);

/* syntax/lines.c */
bool token_ends_value(int token); /* a name, a number, `)` ... */
int lexer_next(Lexer *lexer, TokenValue *value, Span *span); /* a token of parser.h; 0 at the end */
void lexer_note_error(Lexer *lexer); /* the newest token was a syntax error */
void lexer_pass(Lexer *lexer, uint32_t end); /* the same; of the text up to `end`, where a line ends, nothing is shown to the parser */
/* Brackets that are open around a line that begins with a member, by the indentation of their lines: what is deeper was not closed. */
int lexer_depth_around(const Lexer *lexer, uint32_t at);
uint32_t lexer_depth_before(const Lexer *lexer); /* brackets that were open where the statement begins */

#endif
