/* SPDX-License-Identifier: MIT
 * argument.c: messages about arguments that do not fit (messages.md#a-gallery). */
#include "sema/argument.h"

#include <string.h>

#include "sema/argument_help.h"
#include "sema/argument_text.h"
#include "sema/base/frame.h"
#include "sema/base/match.h"
#include "sema/base/place.h"
#include "sema/base/suggest.h"
#include "sema/types.h"
#include "syntax/parse.h"

/* ---- messages about arguments --------------------------------------------------------------- */

static bool same_dims(Sema *s, const TypeExpr *a, const TypeExpr *b)
{
    if (a->kind != TYPE_TENSOR || b->kind != TYPE_TENSOR || !a->dims) return false;
    const DimItem *x = a->dims, *y = b->dims;
    for (; x && y; x = x->next, y = y->next) {
        if (x->kind != y->kind) return false;
        if (x->kind == DIMITEM_PACK
                ? x->name != y->name
                : x->kind == DIMITEM_EXPR && strcmp(ast_expr_text(s->arena, x->expr), ast_expr_text(s->arena, y->expr)) != 0)
            return false;
    }
    return !x && !y;
}

/* ex.y in the function that calls */
static bool is_field(const Sema *s, const PrimArg *arg)
{
    const Expr *e = arg ? arg->expr : NULL;
    if (!e || e->kind != EXPR_FIELD || e->a->kind != EXPR_NAME || !s->frame->up) return false;
    const Local *local = frame_find(s->frame->up, e->a->name);
    return local && local->value.kind == VAL_EXAMPLE;
}

/* What a loss and a metric do not take is one mistake, and a field that fits nowhere; a layer is made for its sizes, so each can have
 * its own. */
static void note_mistake(Sema *s, Diag *d, const CallSite *c, const PrimArg *arg, const char *wanted, const char *given)
{
    if (is_field(s, arg))
        diag_mistake(d, "field %s, %s", arg->expr->name, type_print(s, &arg->value.type));
    else if (!c->instance || c->instance->metric)
        diag_mistake(d, "%s, %s", wanted, given);
}

/* mse(a, b) of unequal shapes. */
static bool report_unequal_pair(Sema *s, const CallSite *c, const Param *param, int at, const Value *v)
{
    if ((c->instance && !c->instance->metric) || v->kind != VAL_TENSOR || v->type.elem != param->type->elem) return false;
    int i = 0;
    for (const Param *p = c->fn->params; p != param; p = p->next, i++) {
        const PrimArg *other = arg_of(c, i);
        if (!other || other->value.kind != VAL_TENSOR || !same_dims(s, p->type, param->type)) continue;
        const SemaType *a = &other->value.type;
        Diag *d = diag_error(s->diags, "E0310", other->span, "%s needs two equal shapes: %s and %s", c->title, type_print(s, a),
                             type_print(s, &v->type));
        diag_label(d, other->span, "%s", type_print(s, a));
        diag_label(d, arg_of(c, at)->span, "%s", type_print(s, &v->type));
        note_mistake(s, d, c, is_field(s, other) ? other : arg_of(c, at), type_print(s, a), type_print(s, &v->type));
        if (p->type->dims->kind == DIMITEM_PACK)
            diag_note(d, "*%s was bound to %s by the first argument", p->type->dims->name, shape_print(s, a));
        int64_t n;
        const SemaType *longer = a->rank > v->type.rank ? a : &v->type;
        if (a->rank != v->type.rank && longer->rank && longer->axis[longer->rank - 1].kind == AXIS_DIM &&
            dim_is_const(s->dims, longer->axis[longer->rank - 1].dim, &n) && n == 1) {
            const char *text = source_text(s, longer == a ? other->span : arg_of(c, at)->span);
            diag_help(d, "a size-1 axis is never stretched; write %s[:, 0], or declare the other with [1]", text);
        }
        return true;
    }
    return false;
}

/* Everything fits but the bound of an int. */
static bool report_bound(Sema *s, const CallSite *c, const Param *param, const PrimArg *arg, const Value *v)
{
    if (v->kind != VAL_TENSOR || v->type.elem != ELEM_int || param->type->elem != ELEM_int || !param->type->bound) return false;
    FullType want;
    s->diags->muted++;
    bool known = type_eval(s, param->type, &want, false);
    s->diags->muted--;
    const char *why;
    int axis;
    if (!known || !types_equal(s, &v->type, &want.tensor, &why, &axis)) return false;
    Span at = arg ? arg->span : c->callee_span;
    const Expr *bound = param->type->bound;
    const char *classes = dim_print(s->dims, s->arena, want.tensor.bound),
               *given =
                   v->type.bound ? arena_print(s->arena, "int<%s>", dim_print(s->dims, s->arena, v->type.bound)) : "int, without a bound";
    Local *local = bound->kind == EXPR_NAME && param_is_binder(c->fn, bound->name) ? frame_find(s->frame, bound->name) : NULL;
    const PrimArg *binder = NULL;
    for (uint32_t i = 0; local && i < c->n; i++)
        if (c->args[i].span.lo == local->span.lo && c->args[i].span.file == local->span.file) binder = &c->args[i];
    if (binder && binder != arg) {
        Diag *d = diag_error(s->diags, "E0307", binder->span, "%s has %s classes but the labels are %s", c->title, classes, given);
        diag_label(d, binder->span, "%s", value_describe(s, &binder->value));
        diag_label(d, at, "%s", type_print(s, &v->type));
        note_mistake(s, d, c, arg, classes, given);
        if (v->type.bound)
            diag_help(d, "a model has as many outputs as there are classes: %s in its last layer, or int<%s> for the labels",
                      dim_print(s->dims, s->arena, v->type.bound), classes);
        else
            diag_help(d, "say so where they come from: a field of int<%s>, or `expect y: int<%s>[...] = %s`", classes, classes,
                      source_text(s, at));
        return true;
    }
    Diag *d = diag_error(s->diags, "E0307", at, "%s takes int<%s> for `%s` but is given %s", c->title, classes, param->name, given);
    note_mistake(s, d, c, arg, classes, given);
    diag_label(d, at, "%s", type_print(s, &v->type));
    if (!help_bound(s, d, c, param, v) && !v->type.bound)
        diag_help(d, "narrow it with `expect i: int<%s>[...] = %s`", classes, source_text(s, at));
    return true;
}

static bool report_channels(Sema *s, const CallSite *c, const Param *param, Span at, const Value *v)
{
    const SemaType *t = &v->type;
    if (v->kind != VAL_TENSOR || t->rank < 3 || !param->type->dims) return false;
    const DimItem *last = param->type->dims;
    while (last->next)
        last = last->next;
    if (last->kind != DIMITEM_EXPR) return false;
    s->diags->muted++;
    Dim want = dim_of_expr(s, last->expr);
    s->diags->muted--;
    int first = t->rank - 3;
    int64_t n;
    if (!want || !dim_is_const(s->dims, want, &n) || t->axis[first].kind != AXIS_DIM || t->axis[first].dim != want ||
        t->axis[t->rank - 1].dim == want)
        return false;
    Diag *d = diag_error(s->diags, "E0306", at, "%s takes %s but is given %s", c->title, wanted_text(s, c->fn, param->type),
                         value_describe(s, v));
    diag_label(d, at, "%s", value_describe(s, v));
    diag_note(d, "channels are the last axis");
    if (!c->instance) {
        diag_help(d, "write rearrange(%s, \"%s\")", source_text(s, at), t->rank == 3 ? "c h w -> h w c" : "b c h w -> b h w c");
        return true;
    }
    SemaType moved = {.elem = t->elem, .rank = 3, .axis = {t->axis[first + 1], t->axis[first + 2], t->axis[first]}};
    diag_help(d,
              "declare the data as %s; a file that keeps planes apart needs rearrange(..., \"c h w "
              "-> h w c\")",
              type_print(s, &moved));
    return true;
}

static void note_binders(Sema *s, Diag *d, const CallSite *c, const Param *param)
{
    for (const DimItem *item = param->type->dims; item; item = item->next) {
        const char *name = item->kind == DIMITEM_PACK                                    ? item->name
                           : item->kind == DIMITEM_EXPR && item->expr->kind == EXPR_NAME ? item->expr->name
                                                                                         : NULL;
        if (!name || !param_is_binder(c->fn, name)) continue;
        Local *local = frame_find(s->frame, name);
        if (!local || local->unbound) continue;
        for (uint32_t i = 0; i < c->n; i++) {
            if (c->args[i].span.lo != local->span.lo || c->args[i].span.file != local->span.file) continue;
            if (param == NULL) continue;
            if (local->pack)
                diag_note(d, "*%s was bound to %s by %s", name, shape_print(s, &local->value.type), source_text(s, c->args[i].span));
            else
                diag_note(d, "%s was bound to %s by %s", name, dim_print(s->dims, s->arena, local->value.dim),
                          source_text(s, c->args[i].span));
            break;
        }
    }
}

/* ---- what was most likely meant ------------------------------------------------------------- */

static bool type_fits(const Param *p, const Value *v)
{
    int room;
    if (p->type->kind != TYPE_TENSOR || v->kind != VAL_TENSOR || v->type.elem != p->type->elem) return false;
    return type_has_pack(&v->type) || type_takes_rank(p->type, v->type.rank, &room);
}

/* cross_entropy(classes, logits): two neighbours of different types or numbers of axes that fit the other way round. */
bool report_exchanged(Sema *s, const CallSite *c)
{
    int i = 0;
    for (const Param *p = c->fn->params; p && p->next; p = p->next, i++) {
        const PrimArg *a = arg_of(c, i), *b = arg_of(c, i + 1);
        if (!a || !b || a->name || b->name || type_fits(p, &a->value) || type_fits(p->next, &b->value)) continue;
        if (!type_fits(p, &b->value) || !type_fits(p->next, &a->value)) continue;
        Diag *d = diag_error(s->diags, "E0303", a->span, "`%s` and `%s` of %s are exchanged", p->name, p->next->name, c->title);
        diag_label(d, a->span, "%s", type_print(s, &a->value.type));
        diag_label(d, b->span, "%s", type_print(s, &b->value.type));
        diag_help(d, "write %s(%s, %s)", source_text(s, c->callee_span), source_text(s, b->span), source_text(s, a->span));
        return true;
    }
    return false;
}

void report_argument(Sema *s, const CallSite *c, const Param *param, int at, const Value *v, const char *why)
{
    const PrimArg *arg = arg_of(c, at);
    Span span = arg && arg->span.file ? arg->span : c->callee_span;
    const char *wanted = wanted_text(s, c->fn, param->type);
    if (v->kind == VAL_TENSOR && param->type->kind != TYPE_TENSOR) {
        Diag *d = diag_error(s->diags, "E0315", span, "`%s` of %s has to be known to the compiler, but this is known only at run time",
                             param->name, c->title);
        diag_label(d, span, "%s", value_describe(s, v));
        return;
    }
    if (v->kind != VAL_TENSOR || param->type->kind != TYPE_TENSOR) {
        Diag *d = diag_error(s->diags, "E0302", span, "%s takes %s for `%s`, not %s", c->title,
                             param->type->kind == TYPE_TENSOR ? wanted : full_type_print(s, &(FullType){.kind = param->type->kind}),
                             param->name, value_describe(s, v));
        suggest_same(s, d, span, v);
        if (v->kind == VAL_LAYER || v->kind == VAL_FN)
            diag_help(d, "call it first: %s(...)", source_text(s, span));
        else if (param->type->kind == TYPE_TENSOR && help_number(s, d, param, span, v))
            return;
        else if (v->kind == VAL_LIST && param->type->kind == TYPE_TENSOR)
            diag_help(d, "tensors are joined by concat(%s, axis=-1), or along a new axis by stack(%s, axis=1)", source_text(s, span),
                      source_text(s, span));
        else
            help_fields(s, d, span, v);
        return;
    }
    if (report_unequal_pair(s, c, param, at, v) || report_bound(s, c, param, arg, v) || report_channels(s, c, param, span, v)) return;
    bool elem = v->type.elem != param->type->elem;
    Diag *d = diag_error(s->diags, elem ? "E0303" : "E0304", c->instance && param_count(c->fn->params) == 1 ? c->callee_span : span,
                         "%s takes %s but is given %s", c->title, wanted, value_describe(s, v));
    if (arg && arg->span.file) diag_label(d, span, "%s", value_describe(s, v));
    note_mistake(s, d, c, arg, wanted, value_describe(s, v));
    argument_help(s, d, c, param, span, v);
    note_binders(s, d, c, param);
    if (why[0]) diag_note(d, "not equal for %s", why);
    if (c->instance && has_span(c->instance->hole_solved)) diag_trail(d, c->instance->hole_solved, "`_` was filled in here");
}
