/* SPDX-License-Identifier: MIT
 * print.c: the syntax tree as .nn source, for --dump=ast and for messages. parse(print(x)) prints
 * the same. */
#include <stdlib.h>
#include <string.h>

#include "syntax/parse.h"

typedef struct Out {
    Text *t;
    int depth;
} Out;

const char *oper_name(Oper oper)
{
    static const char *const names[] = {
        "+", "-", "*", "/", "//", "%", "@", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or", "not", "-"};
    return names[oper];
}

const char *elem_name(Elem elem)
{
    static const char *const names[] = {"value", "float", "int", "bool", "f16", "bf16", "f32", "f64", "i8", "i32", "i64", "u8"};
    return names[elem];
}

/* Binding strength, as in the grammar. */
static int strength(const Expr *e)
{
    switch (e->kind) {
    case EXPR_IF: return 0;
    case EXPR_RANGE: return 1;
    case EXPR_UNARY: return e->oper == OPER_NOT ? 4 : 8;
    case EXPR_BINARY:
        switch (e->oper) {
        case OPER_OR: return 2;
        case OPER_AND: return 3;
        case OPER_ADD:
        case OPER_SUB: return 6;
        case OPER_MUL:
        case OPER_DIV:
        case OPER_FLOORDIV:
        case OPER_MOD:
        case OPER_MATMUL: return 7;
        case OPER_POW: return 9;
        default: return 5;
        }
    default: return 10;
    }
}

static void expr(Text *t, const Expr *e);

static void at_least(Text *t, const Expr *e, int wanted)
{
    bool parens = strength(e) < wanted;
    if (parens) text_add(t, "(");
    expr(t, e);
    if (parens) text_add(t, ")");
}

static void exprs(Text *t, const Expr *list)
{
    for (const Expr *e = list; e; e = e->next) {
        expr(t, e);
        if (e->next) text_add(t, ", ");
    }
}

static const char *const goal_words[] = {"", "minimize ", "maximize "};

static void args(Text *t, const Arg *list)
{
    for (const Arg *a = list; a; a = a->next) {
        text_add(t, "%s", goal_words[a->goal]);
        if (a->pack)
            text_add(t, "*%s", a->name);
        else if (a->name)
            text_add(t, "%s=", a->name);
        if (a->value) expr(t, a->value);
        if (a->next) text_add(t, ", ");
    }
}

static void indices(Text *t, const Index *list)
{
    for (const Index *i = list; i; i = i->next) {
        if (i->kind == INDEX_ELLIPSIS) text_add(t, "...");
        if (i->lo) expr(t, i->lo);
        if (i->kind == INDEX_SLICE) text_add(t, ":");
        if (i->hi) expr(t, i->hi);
        if (i->step) {
            text_add(t, ":");
            expr(t, i->step);
        }
        if (i->next) text_add(t, ", ");
    }
}

/* A real that reads back as a real. */
static void real(Text *t, double v)
{
    size_t start = t->n;
    for (int digits = 6; digits <= 17; digits++) {
        Text probe = {.arena = t->arena};
        text_add(&probe, "%.*g", digits, v);
        if (strtod(text_c(&probe), NULL) == v || digits == 17) {
            text_add(t, "%s", text_c(&probe));
            break;
        }
    }
    if (!strpbrk(t->at + start, ".eEn")) text_add(t, ".0");
}

static void binary(Text *t, const Expr *e)
{
    int s = strength(e);
    bool comparison = s == 5;
    at_least(t, e->a, e->oper == OPER_POW ? 10 : comparison ? 6 : s);
    text_add(t, " %s ", oper_name(e->oper));
    at_least(t, e->b, e->oper == OPER_POW ? 8 : s + 1);
}

static void within(Text *t, const char *open, const Expr *list, const char *close)
{
    text_add(t, "%s", open);
    exprs(t, list);
    text_add(t, "%s", close);
}

static void expr(Text *t, const Expr *e)
{
    switch (e->kind) {
    case EXPR_NAME: text_add(t, "%s", e->name); break;
    case EXPR_INT: text_add(t, "%lld", (long long)e->integer); break;
    case EXPR_FLOAT: real(t, e->number); break;
    case EXPR_STRING: text_quoted(t, e->name); break;
    case EXPR_BOOL: text_add(t, e->integer ? "true" : "false"); break;
    case EXPR_HOLE: text_add(t, "_"); break;
    case EXPR_TUPLE: within(t, "(", e->list, ")"); break;
    case EXPR_LIST: within(t, "[", e->list, "]"); break;
    case EXPR_CALL:
        at_least(t, e->a, 10);
        text_add(t, "(");
        args(t, e->args);
        text_add(t, ")");
        break;
    case EXPR_INDEX:
        at_least(t, e->a, 10);
        text_add(t, "[");
        indices(t, e->indices);
        text_add(t, "]");
        break;
    case EXPR_FIELD:
        at_least(t, e->a, 10);
        text_add(t, ".%s", e->name);
        break;
    case EXPR_CONVERT:
        text_add(t, "%s(", elem_name(e->elem));
        expr(t, e->a);
        text_add(t, ")");
        break;
    case EXPR_GRAD:
        text_add(t, "grad(");
        args(t, e->args);
        text_add(t, ")");
        break;
    case EXPR_UNARY:
        text_add(t, e->oper == OPER_NOT ? "%s " : "%s", oper_name(e->oper));
        at_least(t, e->a, strength(e));
        break;
    case EXPR_BINARY: binary(t, e); break;
    case EXPR_IF:
        at_least(t, e->a, 1);
        text_add(t, " if ");
        at_least(t, e->c, 1);
        text_add(t, " else ");
        expr(t, e->b);
        break;
    case EXPR_RANGE:
        at_least(t, e->a, 2);
        text_add(t, "..");
        at_least(t, e->b, 2);
        break;
    }
}

static void type(Text *t, const TypeExpr *x)
{
    static const char *const words[] = {
        [TYPE_DIM] = "dim", [TYPE_STRING] = "string", [TYPE_INTS] = "ints", [TYPE_FN] = "fn", [TYPE_LAYER] = "layer"};
    if (x->kind == TYPE_TUPLE) {
        text_add(t, "(");
        for (const TypeExpr *i = x->items; i; i = i->next) {
            type(t, i);
            if (i->next) text_add(t, ", ");
        }
        text_add(t, ")");
        return;
    }
    if (x->kind != TYPE_TENSOR) {
        text_add(t, "%s", words[x->kind]);
        return;
    }
    text_add(t, "%s", x->elem ? elem_name(x->elem) : "");
    if (x->bound) {
        text_add(t, "<");
        expr(t, x->bound);
        text_add(t, ">");
    }
    if (x->brackets) text_add(t, "[");
    for (const DimItem *d = x->dims; d; d = d->next) {
        switch (d->kind) {
        case DIMITEM_EXPR: expr(t, d->expr); break;
        case DIMITEM_PACK: text_add(t, "*%s", d->name); break;
        case DIMITEM_STRETCH: text_add(t, "_"); break;
        case DIMITEM_ASK: text_add(t, "?"); break;
        }
        if (d->next) text_add(t, ", ");
    }
    if (x->brackets) text_add(t, "]");
    if (x->as_data) text_add(t, " as %s.%s", x->as_data, x->as_field);
}

const char *ast_expr_text(Arena *arena, const Expr *e)
{
    Text t = {.arena = arena};
    expr(&t, e);
    return text_c(&t);
}

const char *ast_type_text(Arena *arena, const TypeExpr *x)
{
    Text t = {.arena = arena};
    type(&t, x);
    return text_c(&t);
}

/* ---- statements and declarations ------------------------------------------------------------- */

static void line(Out *o)
{
    text_add(o->t, "\n");
    for (int i = 0; i < o->depth; i++)
        text_add(o->t, "    ");
}

static void names(Text *t, const Name *list)
{
    for (const Name *n = list; n; n = n->next)
        text_add(t, "%s%s%s", n->pack ? "*" : "", n->text, n->next ? ", " : "");
}

static void binders(Text *t, const Name *list)
{
    if (!list) return;
    text_add(t, "[");
    names(t, list);
    text_add(t, "]");
}

static void params(Text *t, const Param *list)
{
    text_add(t, "(");
    for (const Param *p = list; p; p = p->next) {
        text_add(t, "%s: ", p->name);
        type(t, p->type);
        if (p->value) {
            text_add(t, " = ");
            expr(t, p->value);
        }
        if (p->next) text_add(t, ", ");
    }
    text_add(t, ")");
}

static void requires_(Text *t, const Expr *list)
{
    if (!list) return;
    text_add(t, " requires ");
    exprs(t, list);
}

static void block(Out *o, const Stmt *body);

static void scan(Out *o, const Stmt *s)
{
    Text *t = o->t;
    text_add(t, "scan ");
    for (const Source *x = s->sources; x; x = x->next) {
        text_add(t, "%s in ", x->name);
        expr(t, x->value);
        if (x->next) text_add(t, ", ");
    }
    if (s->along) {
        text_add(t, " along ");
        expr(t, s->along);
    }
    text_add(t, " with ");
    for (const Carry *c = s->carries; c; c = c->next) {
        text_add(t, "%s", c->name);
        if (c->type) {
            text_add(t, ": ");
            type(t, c->type);
        }
        text_add(t, " = ");
        expr(t, c->value);
        if (c->next) text_add(t, ", ");
    }
    block(o, s->body);
}

static void train_group(Text *t, const TrainGroup *g)
{
    text_add(t, " over ");
    exprs(t, g->over);
    if (g->except) {
        text_add(t, " except ");
        exprs(t, g->except);
    }
    text_add(t, " using ");
    expr(t, g->optimizer);
}

/* One that is a line without names and blocks of its own. */
static void plain_statement(Text *t, const Stmt *s)
{
    switch (s->kind) {
    case STMT_RETURN:
        text_add(t, "return ");
        exprs(t, s->values);
        break;
    case STMT_EMIT:
        text_add(t, "emit %s = ", s->name);
        expr(t, s->value);
        break;
    case STMT_MINIMIZE:
        text_add(t, "minimize ");
        expr(t, s->value);
        for (const TrainGroup *g = s->groups; g; g = g->next)
            train_group(t, g);
        break;
    case STMT_REPORT:
        text_add(t, "report ");
        args(t, s->args);
        break;
    case STMT_ASSERT:
        text_add(t, "assert ");
        exprs(t, s->values);
        break;
    case STMT_PRINT:
        text_add(t, "print(");
        args(t, s->args);
        text_add(t, ")");
        break;
    default: break;
    }
}

static void statement(Out *o, const Stmt *s)
{
    Text *t = o->t;
    switch (s->kind) {
    case STMT_ASSIGN:
        names(t, s->targets);
        text_add(t, " = ");
        exprs(t, s->values);
        break;
    case STMT_TYPED:
        text_add(t, "%s%s: ", s->expect ? "expect " : "", s->name);
        type(t, s->type);
        text_add(t, " = ");
        expr(t, s->value);
        break;
    case STMT_SET:
        text_add(t, "%s := ", s->name);
        expr(t, s->value);
        break;
    case STMT_IF:
        text_add(t, "if ");
        expr(t, s->cond);
        block(o, s->body);
        if (!s->has_else) break;
        text_add(t, " else");
        if (s->orelse && s->orelse->kind == STMT_IF && !s->orelse->next) {
            text_add(t, " ");
            statement(o, s->orelse);
        } else {
            block(o, s->orelse);
        }
        break;
    case STMT_FOR:
        text_add(t, "for %s in ", s->name);
        expr(t, s->value);
        block(o, s->body);
        break;
    case STMT_SCAN: scan(o, s); break;
    default: plain_statement(t, s);
    }
}

static void block(Out *o, const Stmt *body)
{
    text_add(o->t, " {");
    o->depth++;
    for (const Stmt *s = body; s; s = s->next) {
        line(o);
        statement(o, s);
    }
    o->depth--;
    if (body) line(o);
    text_add(o->t, "}");
}

static void function(Out *o, const FnDecl *f)
{
    Text *t = o->t;
    text_add(t, "%s%sfn %s", goal_words[f->goal], f->is_extern ? "extern " : "", f->name);
    binders(t, f->binders);
    params(t, f->params);
    if (f->result) {
        text_add(t, " -> ");
        type(t, f->result);
    }
    requires_(t, f->requires_);
    if (f->is_extern) return;
    block(o, f->body);
    if (!f->has_grad) return;
    text_add(t, " grad %s(", f->surrogate ? "surrogate " : "");
    names(t, f->grad_names);
    text_add(t, ")");
    block(o, f->grad_body);
}

static void members(Out *o, const Member *list);

static void member(Out *o, const Member *m)
{
    Text *t = o->t;
    switch (m->kind) {
    case MEMBER_PARAM:
    case MEMBER_STATE:
        text_add(t, "%s %s: ", m->kind == MEMBER_PARAM ? "param" : "state", m->name);
        type(t, m->type);
        if (m->value) {
            text_add(t, " = ");
            expr(t, m->value);
        }
        break;
    case MEMBER_LAYER:
        text_add(t, "layer %s", m->name);
        if (m->indices) {
            text_add(t, "[");
            exprs(t, m->indices);
            text_add(t, "]");
        }
        text_add(t, " = ");
        expr(t, m->value);
        break;
    case MEMBER_LOCAL:
        text_add(t, "%s = ", m->name);
        expr(t, m->value);
        break;
    case MEMBER_IF:
        text_add(t, "if ");
        expr(t, m->value);
        members(o, m->body);
        if (m->has_else) {
            text_add(t, " else");
            members(o, m->orelse);
        }
        break;
    case MEMBER_FOR:
        text_add(t, "for %s in ", m->name);
        expr(t, m->value);
        members(o, m->body);
        break;
    case MEMBER_FN: function(o, m->fn); break;
    }
}

static void members(Out *o, const Member *list)
{
    text_add(o->t, " {");
    o->depth++;
    for (const Member *m = list; m; m = m->next) {
        line(o);
        member(o, m);
    }
    o->depth--;
    line(o);
    text_add(o->t, "}");
}

static void fields(Out *o, const Field *list)
{
    text_add(o->t, " {");
    o->depth++;
    for (const Field *f = list; f; f = f->next) {
        line(o);
        text_add(o->t, "%s", f->name);
        if (f->type) {
            text_add(o->t, ": ");
            type(o->t, f->type);
            text_add(o->t, " = ");
            expr(o->t, f->value);
        } else {
            text_add(o->t, "(");
            args(o->t, f->args);
            text_add(o->t, ")");
        }
    }
    o->depth--;
    line(o);
    text_add(o->t, "}");
}

static void heads(Text *t, const Head *list)
{
    text_add(t, "(");
    for (const Head *h = list; h; h = h->next) {
        text_add(t, h->in ? "%s in " : "%s=", h->name);
        expr(t, h->value);
        if (h->next) text_add(t, ", ");
    }
    text_add(t, ")");
}

static void declaration(Out *o, const Decl *d)
{
    static const char *const words[] = {"import", "const",     "option", "data", "layer", "metric",
                                        "model",  "optimizer", "train",  "eval", "fn"};
    Text *t = o->t;
    if (d->kind == DECL_FN) {
        if (d->is_export) text_add(t, "export ");
        function(o, d->fn);
        return;
    }
    text_add(t, "%s ", words[d->kind]);
    if (d->kind == DECL_IMPORT) {
        text_quoted(t, d->path);
        text_add(t, " as ");
    }
    text_add(t, "%s", d->name);
    if (d->kind == DECL_OPTION) {
        text_add(t, ": ");
        type(t, d->type);
    }
    binders(t, d->binders);
    if (d->config) params(t, d->config);
    requires_(t, d->requires_);
    if (d->kind == DECL_TRAIN || d->kind == DECL_EVAL) {
        heads(t, d->heads);
        block(o, d->body);
    }
    if (d->fields) fields(o, d->fields);
    if (d->members) members(o, d->members);
    if (d->value && d->kind != DECL_IMPORT) {
        text_add(t, " = ");
        expr(t, d->value);
    }
    if (d->doc) {
        text_add(t, " ");
        text_quoted(t, d->doc);
    }
}

void ast_print(const Ast *ast, Text *out)
{
    Out o = {.t = out};
    for (const Decl *d = ast->decls; d; d = d->next) {
        declaration(&o, d);
        text_add(out, "\n");
    }
}
