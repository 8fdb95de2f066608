/* SPDX-License-Identifier: MIT
 * parse.c: the door to grammar/. */
#include "syntax/parse.h"

#include "lexer.h"
#include "syntax/build.h"
#include "syntax/lost.h"

Ast *parse_file(Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t file)
{
    Lexer *lexer = ARENA_NEW(arena, Lexer);
    Parser p = {.arena = arena, .strings = strings, .diags = diags, .lexer = lexer, .ast = ARENA_NEW(arena, Ast)};
    p.ast->file = file;
    p.n_errors = diags->n_errors;
    lexer_init(lexer, arena, strings, diags, sources, file);
    p.ast->unreadable = diags->n_errors > p.n_errors;
    p.n_errors = diags->n_errors;
    if (parser_run(&p)) {
        p.ast->unreadable = true;
        if (!diags->n_errors && !lexer->too_deep) diag_error(diags, "E0201", (Span){file, 0, 0}, "this file cannot be read as a program");
    }
    p.ast->unreadable |= lexer->too_deep || p.too_deep;
    lost_end(&p);
    return p.ast;
}

void tokens_print(Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t file, Text *out)
{
    Lexer *lexer = ARENA_NEW(arena, Lexer);
    diags->muted++; /* parse_file tells what is wrong */
    lexer_init(lexer, arena, strings, diags, sources, file);
    const SourceFile *source = source_get(sources, file);
    for (;;) {
        TokenValue value = {0};
        Span span = {0};
        int token = lexer_next(lexer, &value, &span);
        text_add(out, "%u:%u ", source_line(source, span.lo), source_column(source, span.lo));
        if (span.hi > span.lo)
            text_add(out, "%.*s\n", (int)(span.hi - span.lo), source->text + span.lo);
        else
            text_add(out, token ? "end of line\n" : "end of file\n");
        if (!token) break;
    }
    diags->muted--;
}
