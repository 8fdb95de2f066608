/* SPDX-License-Identifier: MIT
 * parse.h: the door to grammar/: bytes to tokens to syntax tree. */
#ifndef NNC_SYNTAX_PARSE_H
#define NNC_SYNTAX_PARSE_H

#include "support/diag.h"
#include "support/str.h"
#include "syntax/ast.h"

/* Parse one file. On syntax errors messages are in `diags` and the tree holds what could be read
 * (declarations after an error are still parsed where possible). Never NULL. */
Ast *parse_file(Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t file);

/* The token list as text, one per line ("3:5 name x"), for --dump=tokens. */
void tokens_print(Arena *arena, Strings *strings, Diags *diags, Sources *sources, uint32_t file, Text *out);

/* The tree as .nn source in canonical layout, for --dump=ast and `nnc fmt` (comments are kept by
 * the formatter: fmt works on the source text with the tree as its guide). */
void ast_print(const Ast *ast, Text *out);

/* One expression or type as source text, for messages. */
const char *ast_expr_text(Arena *arena, const Expr *expr);
const char *ast_type_text(Arena *arena, const TypeExpr *type);

#endif
