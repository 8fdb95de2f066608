/* SPDX-License-Identifier: MIT
 * argument_text.c: the type that a parameter wants, as a message says it. */
#include "sema/argument_text.h"

#include "sema/base/frame.h"
#include "syntax/parse.h"

bool param_is_binder(const FnDecl *fn, const char *name)
{
    for (const Name *b = fn->binders; b; b = b->next)
        if (b->text == name) return true;
    return false;
}

static void print_dim(Sema *s, Text *text, const FnDecl *fn, const Expr *e, bool values)
{
    if (e->kind == EXPR_NAME && param_is_binder(fn, e->name)) {
        Local *local = frame_find(s->frame, e->name);
        if (values && local && !local->unbound && local->value.kind == VAL_INT)
            text_add(text, "%s", dim_print(s->dims, s->arena, local->value.dim));
        else
            text_add(text, "%s", e->name);
        return;
    }
    s->diags->muted++;
    Dim dim = s->size_of(s, e);
    s->diags->muted--;
    if (dim)
        text_add(text, "%s", dim_print(s->dims, s->arena, dim));
    else
        text_add(text, "%s", ast_expr_text(s->arena, e));
}

/* "int<3>" */
const char *wanted_element(Sema *s, const FnDecl *fn, const TypeExpr *type)
{
    Text text = {.arena = s->arena};
    text_add(&text, "%s", elem_name(type->elem));
    if (type->bound) {
        text_add(&text, "<");
        print_dim(s, &text, fn, type->bound, true);
        text_add(&text, ">");
    }
    return text_c(&text);
}

/* A parameter's type as written, with the sizes of the layer filled in. */
const char *wanted_text(Sema *s, const FnDecl *fn, const TypeExpr *type)
{
    if (type->kind != TYPE_TENSOR) return ast_type_text(s->arena, type);
    Text text = {.arena = s->arena};
    text_add(&text, "%s", wanted_element(s, fn, type));
    if (type->dims) text_add(&text, "[");
    for (const DimItem *item = type->dims; item; item = item->next) {
        if (item->kind == DIMITEM_PACK)
            text_add(&text, "*%s", item->name);
        else if (item->kind == DIMITEM_EXPR)
            print_dim(s, &text, fn, item->expr, false);
        else
            text_add(&text, "_");
        text_add(&text, item->next ? ", " : "]");
    }
    return text_c(&text);
}
