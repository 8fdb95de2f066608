/* SPDX-License-Identifier: MIT
 * build.c: makers of syntax tree nodes. */
#include "syntax/build.h"

#include <string.h>

#include "syntax/lost.h"

void **ast_tail(Parser *p, void *list)
{
    size_t slot = ((uintptr_t)list >> 4) % (sizeof p->tails / sizeof *p->tails); /* only speed depends on it */
    if (p->tails[slot].list != list) {
        p->tails[slot].list = list;
        p->tails[slot].last = list;
    }
    return &p->tails[slot].last;
}

Expr *ast_expr(Parser *p, ExprKind kind, Span span)
{
    Expr *e = ARENA_NEW(p->arena, Expr);
    e->kind = kind;
    e->span = span;
    return e;
}

Expr *ast_name(Parser *p, const char *name, Span span)
{
    Expr *e = ast_expr(p, EXPR_NAME, span);
    e->name = name;
    e->name_span = span;
    return e;
}

Expr *ast_number(Parser *p, NumberToken number, Span span)
{
    Expr *e = ast_expr(p, number.is_real ? EXPR_FLOAT : EXPR_INT, span);
    e->integer = number.integer;
    e->number = number.real;
    return e;
}

Expr *ast_string(Parser *p, const char *text, Span span)
{
    Expr *e = ast_expr(p, EXPR_STRING, span);
    e->name = text;
    return e;
}

Expr *ast_bool(Parser *p, bool value, Span span)
{
    Expr *e = ast_expr(p, EXPR_BOOL, span);
    e->integer = value;
    return e;
}

static uint32_t deeper(uint32_t depth, const Expr *list)
{
    for (; list; list = list->next)
        if (list->depth > depth) depth = list->depth;
    return depth;
}

/* Notes the depth of a node with its parts; a tree that is too deep is cut off here. */
static Expr *finish(Parser *p, Expr *e)
{
    uint32_t depth = deeper(0, e->list);
    if (e->a && e->a->depth > depth) depth = e->a->depth;
    if (e->b && e->b->depth > depth) depth = e->b->depth;
    if (e->c && e->c->depth > depth) depth = e->c->depth;
    for (const Arg *a = e->args; a; a = a->next)
        if (a->value && a->value->depth > depth) depth = a->value->depth;
    for (const Index *i = e->indices; i; i = i->next) {
        const Expr *part[] = {i->lo, i->hi, i->step};
        for (int k = 0; k < 3; k++)
            if (part[k] && part[k]->depth > depth) depth = part[k]->depth;
    }
    e->depth = (uint16_t)(depth + 1);
    if (depth < AST_MOST_DEPTH) return e;
    if (!p->too_deep)
        diag_help(diag_error(p->diags, "E0207", e->span, "this expression is nested more than %d deep", AST_MOST_DEPTH),
                  "give names to parts of it");
    p->too_deep = true;
    return ast_expr(p, EXPR_HOLE, e->span);
}

Expr *ast_unary(Parser *p, Oper oper, Expr *a, Span oper_span, Span span)
{
    Expr *e = ast_expr(p, EXPR_UNARY, span);
    e->oper = oper;
    e->a = a;
    e->name_span = oper_span;
    return finish(p, e);
}

Expr *ast_binary(Parser *p, Oper oper, Expr *a, Expr *b, Span oper_span, Span span)
{
    Expr *e = ast_expr(p, EXPR_BINARY, span);
    e->oper = oper;
    e->a = a;
    e->b = b;
    e->name_span = oper_span;
    return finish(p, e);
}

Expr *ast_if(Parser *p, Expr *value, Expr *cond, Expr *other, Span span)
{
    Expr *e = ast_expr(p, EXPR_IF, span);
    e->a = value;
    e->b = other;
    e->c = cond;
    return finish(p, e);
}

Expr *ast_group(Parser *p, Expr *list, Span span)
{
    if (!list->next) {
        list->parens = true;
        return list;
    }
    Expr *e = ast_expr(p, EXPR_TUPLE, span);
    e->list = list;
    return finish(p, e);
}

Expr *ast_list(Parser *p, Expr *list, Span span)
{
    Expr *e = ast_expr(p, EXPR_LIST, span);
    e->list = list;
    return finish(p, e);
}

Expr *ast_range(Parser *p, Expr *lo, Expr *hi, Span span)
{
    Expr *e = ast_expr(p, EXPR_RANGE, span);
    e->a = lo;
    e->b = hi;
    return finish(p, e);
}

Expr *ast_convert(Parser *p, Elem elem, Expr *a, Span span)
{
    Expr *e = ast_expr(p, EXPR_CONVERT, span);
    e->elem = elem;
    e->a = a;
    return finish(p, e);
}

Expr *ast_grad(Parser *p, Arg *args, Span word_span, Span span)
{
    Expr *e = ast_expr(p, EXPR_GRAD, span);
    e->args = args;
    e->name_span = word_span;
    return finish(p, e);
}

Expr *ast_call(Parser *p, Expr *a, Arg *args, Span span)
{
    Expr *e = ast_expr(p, EXPR_CALL, span);
    e->a = a;
    e->args = args;
    return finish(p, e);
}

Expr *ast_index_of(Parser *p, Expr *a, Index *indices, Span span)
{
    Expr *e = ast_expr(p, EXPR_INDEX, span);
    e->a = a;
    e->indices = indices;
    return finish(p, e);
}

Expr *ast_field_of(Parser *p, Expr *a, const char *name, Span name_span, Span span)
{
    Expr *e = ast_expr(p, EXPR_FIELD, span);
    e->a = a;
    e->name = name;
    e->name_span = name_span;
    return finish(p, e);
}

Expr *ast_number_of(Parser *p, Expr *a, NumberToken number, Span number_span, Span span)
{
    if (a->kind == EXPR_INT || a->kind == EXPR_FLOAT) diag_error(p->diags, "E0203", span, "this is not a number");
    Index *index = ast_index(p, INDEX_EXPR, ast_number(p, number, number_span), NULL, NULL, number_span);
    return ast_index_of(p, a, index, span);
}

Arg *ast_arg(Parser *p, const char *name, Span name_span, bool pack, Expr *value, Span span)
{
    Arg *a = ARENA_NEW(p->arena, Arg);
    *a = (Arg){.name = name, .name_span = name_span, .pack = pack, .value = value, .span = span};
    return a;
}

Index *ast_index(Parser *p, IndexKind kind, Expr *lo, Expr *hi, Expr *step, Span span)
{
    Index *i = ARENA_NEW(p->arena, Index);
    *i = (Index){.kind = kind, .lo = lo, .hi = hi, .step = step, .span = span};
    return i;
}

TypeExpr *ast_type(Parser *p, TypeKind kind, Span span)
{
    TypeExpr *t = ARENA_NEW(p->arena, TypeExpr);
    t->kind = kind;
    t->span = span;
    return t;
}

TypeExpr *ast_type_dims(TypeExpr *type, DimItem *dims, Span span)
{
    type->brackets = true;
    type->dims = dims;
    type->span = span;
    return type;
}

TypeExpr *ast_type_as(TypeExpr *type, const char *data, const char *field, Span span)
{
    type->as_data = data;
    type->as_field = field;
    type->as_span = span;
    type->span = span;
    return type;
}

DimItem *ast_dim(Parser *p, DimItemKind kind, Expr *expr, const char *name, Span span)
{
    DimItem *d = ARENA_NEW(p->arena, DimItem);
    *d = (DimItem){.kind = kind, .expr = expr, .name = name, .span = span};
    return d;
}

Name *ast_binder(Parser *p, const char *name, bool pack, bool hole, Span span)
{
    Name *n = ARENA_NEW(p->arena, Name);
    *n = (Name){.text = name, .span = span, .pack = pack, .hole = hole};
    return n;
}

Param *ast_param(Parser *p, const char *name, Span name_span, TypeExpr *type, Expr *value, Span span)
{
    Param *a = ARENA_NEW(p->arena, Param);
    *a = (Param){.name = name, .name_span = name_span, .span = span, .type = type, .value = value};
    return a;
}

Stmt *ast_stmt(Parser *p, StmtKind kind, Span span)
{
    Stmt *s = ARENA_NEW(p->arena, Stmt);
    s->kind = kind;
    s->span = span;
    return s;
}

Member *ast_member(Parser *p, MemberKind kind, const char *name, Span name_span, Span span)
{
    Member *m = ARENA_NEW(p->arena, Member);
    *m = (Member){.kind = kind, .span = span, .name = name, .name_span = name_span};
    return m;
}

Decl *ast_decl(Parser *p, DeclKind kind, const char *name, Span name_span, Span span)
{
    Decl *d = ARENA_NEW(p->arena, Decl);
    *d = (Decl){.kind = kind, .span = span, .name = name, .name_span = name_span};
    return d;
}

void ast_set_config(Decl *decl, Config config)
{
    decl->config = config.params;
    decl->has_config = config.given;
}

void ast_add_decl(Parser *p, Decl *decl)
{
    lost_mark(p, decl);
    if (p->last_decl)
        p->last_decl->next = decl;
    else
        p->ast->decls = decl;
    p->last_decl = decl;
}

FnDecl *ast_fn(Parser *p, const char *name, Span name_span, Name *binders, Param *params, TypeExpr *result, Expr *requires_, Stmt *body,
               Span span)
{
    FnDecl *f = ARENA_NEW(p->arena, FnDecl);
    *f = (FnDecl){.name = name,
                  .name_span = name_span,
                  .span = span,
                  .binders = binders,
                  .params = params,
                  .result = result,
                  .requires_ = requires_,
                  .body = body};
    return f;
}

void ast_fn_grad(Parser *p, FnDecl *fn, const char *kind, Span kind_span, Name *names, Stmt *body)
{
    if (kind && strcmp(kind, "surrogate") != 0)
        diag_help(diag_error(p->diags, "E0201", kind_span, "`%s` cannot stand here", kind),
                  "grad (dy) { ... }, or grad surrogate (dy) { ... } for a gradient that is meant "
                  "to differ from the true one");
    fn->has_grad = true;
    fn->surrogate = kind != NULL;
    fn->grad_names = names;
    fn->grad_body = body;
}

Head *ast_head(Parser *p, const char *name, Span name_span, bool in, Expr *value, Span span)
{
    Head *h = ARENA_NEW(p->arena, Head);
    *h = (Head){.name = name, .name_span = name_span, .span = span, .in = in, .value = value};
    return h;
}

Field *ast_field(Parser *p, const char *name, Span name_span, TypeExpr *type, Expr *value, Arg *args, Span span)
{
    Field *f = ARENA_NEW(p->arena, Field);
    *f = (Field){.name = name, .name_span = name_span, .span = span, .type = type, .value = value, .args = args};
    return f;
}

Source *ast_source(Parser *p, const char *name, Span span, Expr *value)
{
    Source *s = ARENA_NEW(p->arena, Source);
    *s = (Source){.name = name, .span = span, .value = value};
    return s;
}

TrainGroup *ast_train_group(Parser *p, Expr *over, Expr *except, Expr *optimizer, Span span)
{
    TrainGroup *g = ARENA_NEW(p->arena, TrainGroup);
    *g = (TrainGroup){.over = over, .except = except, .optimizer = optimizer, .span = span};
    return g;
}

Carry *ast_carry(Parser *p, const char *name, Span span, TypeExpr *type, Expr *value)
{
    Carry *c = ARENA_NEW(p->arena, Carry);
    *c = (Carry){.name = name, .span = span, .type = type, .value = value};
    return c;
}
