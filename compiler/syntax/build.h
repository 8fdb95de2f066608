/* SPDX-License-Identifier: MIT
 * build.h: makers of syntax tree nodes, called by the grammar's actions. */
#ifndef NNC_SYNTAX_BUILD_H
#define NNC_SYNTAX_BUILD_H

#include "support/diag.h"
#include "syntax/ast.h"

typedef struct NumberToken {
    int64_t integer;
    double real;
    bool is_real;
} NumberToken;

typedef struct Config { /* ( params ), or nothing */
    Param *params;
    bool given;
} Config;

typedef union TokenValue {
    const char *name;
    NumberToken number;
    Elem elem;
    Oper oper;
    Goal goal;
    bool flag;
    Expr *expr;
    Arg *arg;
    Index *index;
    Stmt *stmt;
    Member *member;
    TypeExpr *type;
    DimItem *dim;
    Param *param;
    Name *names;
    Source *source;
    Carry *carry;
    TrainGroup *group;
    Field *field;
    Head *head;
    Decl *decl;
    FnDecl *fn;
    Config config;
} TokenValue;

/* What the parser carries around. */
typedef struct Parser {
    Arena *arena;
    Strings *strings;
    Diags *diags;
    struct Lexer *lexer;
    Ast *ast;
    Decl *last_decl;
    bool too_deep; /* was reported */
    bool loses;    /* lost.c: the newest span of ast->lost has no end yet; what was counted when it was looked at last */
    int n_errors;
    uint32_t n_damaged;
    struct {       /* last items of lists being built, so that appending does not walk */
        void *list, *last;
    } tails[64];
} Parser;

/* Append `item` (one node) to a list: works for every node type with `next`. */
#define AST_APPEND(p, list, item) \
    do { \
        if (!(list)) { \
            (list) = (item); \
        } else if (item) { \
            void **tail_ = ast_tail((p), (list)); \
            __typeof__(list) last_ = *tail_; \
            while (last_->next) \
                last_ = last_->next; \
            *tail_ = last_->next = (item); \
        } \
    } while (0)
void **ast_tail(Parser *p, void *list); /* where an item of the list near its end is kept */

Expr *ast_expr(Parser *p, ExprKind kind, Span span);
Expr *ast_name(Parser *p, const char *name, Span span);
Expr *ast_number(Parser *p, NumberToken number, Span span);
Expr *ast_string(Parser *p, const char *text, Span span);
Expr *ast_bool(Parser *p, bool value, Span span);
Expr *ast_unary(Parser *p, Oper oper, Expr *a, Span oper_span, Span span);
Expr *ast_binary(Parser *p, Oper oper, Expr *a, Expr *b, Span oper_span, Span span);
Expr *ast_if(Parser *p, Expr *value, Expr *cond, Expr *other, Span span);
Expr *ast_group(Parser *p, Expr *list, Span span); /* ( e ) or a tuple */
Expr *ast_list(Parser *p, Expr *list, Span span);
Expr *ast_range(Parser *p, Expr *lo, Expr *hi, Span span);
Expr *ast_convert(Parser *p, Elem elem, Expr *a, Span span);
Expr *ast_grad(Parser *p, Arg *args, Span word_span, Span span);
Expr *ast_call(Parser *p, Expr *a, Arg *args, Span span);
Expr *ast_index_of(Parser *p, Expr *a, Index *indices, Span span);
Expr *ast_number_of(Parser *p, Expr *a, NumberToken number, Span number_span, Span span); /* a.0, which is a[0] */
Expr *ast_field_of(Parser *p, Expr *a, const char *name, Span name_span, Span span);
Arg *ast_arg(Parser *p, const char *name, Span name_span, bool pack, Expr *value, Span span);
Index *ast_index(Parser *p, IndexKind kind, Expr *lo, Expr *hi, Expr *step, Span span);
TypeExpr *ast_type(Parser *p, TypeKind kind, Span span);
TypeExpr *ast_type_dims(TypeExpr *type, DimItem *dims, Span span);
TypeExpr *ast_type_as(TypeExpr *type, const char *data, const char *field, Span span);
DimItem *ast_dim(Parser *p, DimItemKind kind, Expr *expr, const char *name, Span span);
Name *ast_binder(Parser *p, const char *name, bool pack, bool hole, Span span);
Param *ast_param(Parser *p, const char *name, Span name_span, TypeExpr *type, Expr *value, Span span);
Stmt *ast_stmt(Parser *p, StmtKind kind, Span span);
Member *ast_member(Parser *p, MemberKind kind, const char *name, Span name_span, Span span);
Decl *ast_decl(Parser *p, DeclKind kind, const char *name, Span name_span, Span span);
void ast_set_config(Decl *decl, Config config);
void ast_add_decl(Parser *p, Decl *decl);
FnDecl *ast_fn(Parser *p, const char *name, Span name_span, Name *binders, Param *params, TypeExpr *result, Expr *requires_, Stmt *body,
               Span span);
void ast_fn_grad(Parser *p, FnDecl *fn, const char *kind, Span kind_span, Name *names, Stmt *body); /* kind: NULL or "surrogate" */
Head *ast_head(Parser *p, const char *name, Span name_span, bool in, Expr *value, Span span);
Field *ast_field(Parser *p, const char *name, Span name_span, TypeExpr *type, Expr *value, Arg *args, Span span);
Source *ast_source(Parser *p, const char *name, Span span, Expr *value);
TrainGroup *ast_train_group(Parser *p, Expr *over, Expr *except, Expr *optimizer, Span span);
Carry *ast_carry(Parser *p, const char *name, Span span, TypeExpr *type, Expr *value);
int parser_run(Parser *p); /* grammar/parser.y */

#endif
