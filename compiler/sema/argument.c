/* SPDX-License-Identifier: MIT
 * argument.c: messages about arguments that do not fit (messages.md#a-gallery). */
#include "sema/argument.h"

#include <string.h>

#include "sema/base/frame.h"
#include "sema/base/match.h"
#include "sema/base/place.h"
#include "sema/base/unit.h"
#include "sema/call.h"
#include "sema/types.h"
#include "syntax/parse.h"

/* ---- messages about arguments --------------------------------------------------------------- */

static bool is_binder(const FnDecl *fn, const char *name)
{
    for (const Name *b = fn->binders; b; b = b->next)
        if (b->text == name) return true;
    return false;
}

static void print_dim(Sema *s, Text *text, const FnDecl *fn, const Expr *e, bool values)
{
    if (e->kind == EXPR_NAME && is_binder(fn, e->name)) {
        Local *local = frame_find(s->frame, e->name);
        if (values && local && !local->unbound && local->value.kind == VAL_INT)
            text_add(text, "%s", dim_print(s->dims, s->arena, local->value.dim));
        else
            text_add(text, "%s", e->name);
        return;
    }
    s->diags->muted++;
    Dim dim = dim_of_expr(s, e);
    s->diags->muted--;
    if (dim)
        text_add(text, "%s", dim_print(s->dims, s->arena, dim));
    else
        text_add(text, "%s", ast_expr_text(s->arena, e));
}

/* "int<3>" */
static const char *wanted_element(Sema *s, const FnDecl *fn, const TypeExpr *type)
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
static const char *wanted_text(Sema *s, const FnDecl *fn, const TypeExpr *type)
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

/* What a loss and a metric do not take is one mistake; a layer is made for its sizes, so each can have its own. */
static void note_mistake(Diag *d, const CallSite *c, const char *wanted, const char *given)
{
    if (!c->instance || c->instance->metric) diag_mistake(d, "%s, %s", wanted, given);
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
        note_mistake(d, c, type_print(s, a), type_print(s, &v->type));
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
    Local *local = bound->kind == EXPR_NAME && is_binder(c->fn, bound->name) ? frame_find(s->frame, bound->name) : NULL;
    const PrimArg *binder = NULL;
    for (uint32_t i = 0; local && i < c->n; i++)
        if (c->args[i].span.lo == local->span.lo && c->args[i].span.file == local->span.file) binder = &c->args[i];
    if (binder && binder != arg) {
        Diag *d = diag_error(s->diags, "E0307", binder->span, "%s has %s classes but the labels are %s", c->title, classes, given);
        diag_label(d, binder->span, "%s", value_describe(s, &binder->value));
        diag_label(d, at, "%s", type_print(s, &v->type));
        note_mistake(d, c, classes, given);
        if (v->type.bound)
            diag_help(d, "a model has as many outputs as there are classes: %s in its last layer, or int<%s> for the labels",
                      dim_print(s->dims, s->arena, v->type.bound), classes);
        else
            diag_help(d, "say so where they come from: a field of int<%s>, or `expect y: int<%s>[...] = %s`", classes, classes,
                      source_text(s, at));
        return true;
    }
    Diag *d = diag_error(s->diags, "E0307", at, "%s takes int<%s> for `%s` but is given %s", c->title, classes, param->name, given);
    note_mistake(d, c, classes, given);
    diag_label(d, at, "%s", type_print(s, &v->type));
    if (!v->type.bound) diag_help(d, "narrow it with `expect i: int<%s>[...] = %s`", classes, source_text(s, at));
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
        if (!name || !is_binder(c->fn, name)) continue;
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

static bool elem_fits(const Param *p, const Value *v)
{
    return p->type->kind == TYPE_TENSOR && v->kind == VAL_TENSOR && v->type.elem == p->type->elem;
}

/* cross_entropy(classes, logits): two neighbours of different types that fit the other way round. */
bool report_exchanged(Sema *s, const CallSite *c)
{
    int i = 0;
    for (const Param *p = c->fn->params; p && p->next; p = p->next, i++) {
        const PrimArg *a = arg_of(c, i), *b = arg_of(c, i + 1);
        if (!a || !b || a->name || b->name || elem_fits(p, &a->value) || elem_fits(p->next, &b->value)) continue;
        if (!elem_fits(p, &b->value) || !elem_fits(p->next, &a->value)) continue;
        Diag *d = diag_error(s->diags, "E0303", a->span, "`%s` and `%s` of %s are exchanged", p->name, p->next->name, c->title);
        diag_label(d, a->span, "%s", type_print(s, &a->value.type));
        diag_label(d, b->span, "%s", type_print(s, &b->value.type));
        diag_help(d, "write %s(%s, %s)", source_text(s, c->callee_span), source_text(s, b->span), source_text(s, a->span));
        return true;
    }
    return false;
}

static bool is_last_axis(const SemaType *t, Dim size)
{
    return t->rank && t->axis[t->rank - 1].kind == AXIS_DIM && t->axis[t->rank - 1].dim == size;
}

/* Numbers where classes are wanted: one per class, or one per example. */
static bool help_numbers(Sema *s, Diag *d, const CallSite *c, const Param *param, const Value *v)
{
    const char *soft = arena_print(s->arena, "soft_%s", c->fn->name);
    Global *g = unit_find(s->prelude, str_name(s->strings, soft));
    bool each = false;
    for (uint32_t i = 0; i < c->n; i++)
        each |= c->args[i].value.kind == VAL_TENSOR && c->args[i].value.type.rank == v->type.rank + 1;
    if (each)
        diag_help(d, "classes are whole numbers: declare the field as %s", wanted_element(s, c->fn, param->type));
    else if (g)
        diag_help(d, "it takes the numbers of the classes; for one-hot targets and shares there is %s", soft);
    return each || g;
}

/* Classes where numbers are wanted, and the other way round. */
static bool help_classes(Sema *s, Diag *d, const CallSite *c, const Param *param, Span span, const Value *v)
{
    if (v->type.elem == ELEM_float && param->type->elem == ELEM_int && param->type->bound) return help_numbers(s, d, c, param, v);
    if (v->type.elem != ELEM_int || !v->type.bound || param->type->elem != ELEM_float) return false;
    for (uint32_t i = 0; i < c->n; i++) {
        const SemaType *other = &c->args[i].value.type;
        if (c->args[i].value.kind != VAL_TENSOR || other->rank != v->type.rank + 1 || !is_last_axis(other, v->type.bound)) continue;
        diag_help(d, "classes as numbers are one_hot(%s, %s); a loss of classes is cross_entropy(%s, %s)", source_text(s, span),
                  dim_print(s->dims, s->arena, v->type.bound), source_text(s, c->args[i].span), source_text(s, span));
        return true;
    }
    return false;
}

/* Is this the axis of the examples in the function that calls? */
static bool is_batch(Sema *s, const Axis *axis)
{
    const Frame *caller = s->frame->up;
    if (axis->kind != AXIS_DIM) return false;
    if (caller && caller->entry && s->entry) return axis->dim == s->entry->batch;
    const Name *first = caller && caller->fn ? caller->fn->binders : NULL;
    Local *local = first ? frame_find(s->frame->up, first->text) : NULL;
    return local && local->value.kind == VAL_INT && local->value.dim == axis->dim;
}

/* causal(T) for [B, T, T]: the same for all of the B that another argument has */
static void help_repeat(Sema *s, Diag *d, Span span, int rank, Dim batch)
{
    static const char *const axes[] = {"", "i", "i j", "i j k", "i j k l"};
    diag_help(d, "the same for each of them: repeat(%s, \"%s -> b %s\", b=%s)", source_text(s, span), axes[rank], axes[rank],
              dim_print(s->dims, s->arena, batch));
}

/* One axis too few: lm(toks) with toks: [T] for [B, T] */
static bool help_batch(Sema *s, Diag *d, const CallSite *c, const Param *param, Span span, const Value *v)
{
    const DimItem *first = param->type->dims;
    int rank = 0;
    for (const DimItem *item = first; item; item = item->next, rank++)
        if (item->kind == DIMITEM_PACK) return false;
    if (rank != v->type.rank + 1 || !span.file || !v->type.rank) return false;
    const char *name = first->kind == DIMITEM_EXPR && first->expr->kind == EXPR_NAME ? first->expr->name : "";
    Local *local = is_binder(c->fn, name) ? frame_find(s->frame, name) : NULL;
    bool bound = local && !local->unbound && local->value.kind == VAL_INT && local->span.lo != span.lo;
    const DimItem *second = first->next;
    if (is_batch(s, &v->type.axis[0]))
        diag_help(d, "if the axis of %s has one place: %s[:, _]", ast_expr_text(s->arena, second->expr), source_text(s, span));
    else if (bound && rank < 6)
        help_repeat(s, d, span, v->type.rank, local->value.dim);
    else
        diag_help(d, "write %s[_, ...] for a batch of one", source_text(s, span));
    return true;
}

/* float[B, 784] for float[B, 28, 28, 1], and the other way round */
static bool help_reshape(Sema *s, Diag *d, const CallSite *c, const Param *param, Span span, const Value *v)
{
    const DimItem *first = param->type->dims;
    Text sizes = {.arena = s->arena};
    Dim wanted = dim_const(s->dims, 1), given = wanted;
    if (!span.file || v->type.rank < 2 || !first || !first->next || first->kind != DIMITEM_EXPR || !is_batch(s, &v->type.axis[0]))
        return false;
    for (const DimItem *item = first->next; item; item = item->next) {
        if (item->kind != DIMITEM_EXPR || (item->expr->kind == EXPR_NAME && is_binder(c->fn, item->expr->name))) return false;
        Dim dim = dim_of_expr(s, item->expr);
        if (!dim) return false;
        wanted = dim_mul(s->dims, wanted, dim);
        text_add(&sizes, ", %s", dim_print(s->dims, s->arena, dim));
    }
    for (int i = 1; i < v->type.rank; i++)
        given = v->type.axis[i].kind == AXIS_DIM ? dim_mul(s->dims, given, v->type.axis[i].dim) : 0;
    if (given != wanted) return false;
    diag_help(d, "the same numbers in that shape: reshape(%s, %s%s); a field can be declared so", source_text(s, span),
              dim_print(s->dims, s->arena, v->type.axis[0].dim), text_c(&sizes));
    return true;
}

/* int[10] for one of ten classes */
static bool help_one_of(Sema *s, Diag *d, const CallSite *c, const Param *param, const Value *v)
{
    if (v->type.elem != ELEM_int || v->type.bound || !param->type->bound || !v->type.rank) return false;
    const Axis *last = &v->type.axis[v->type.rank - 1];
    if (last->kind != AXIS_DIM || !dim_is_const(s->dims, last->dim, NULL)) return false;
    const char *n = dim_print(s->dims, s->arena, last->dim);
    diag_help(d, "int[%s] are %s numbers for each example; one of the classes is declared as %s", n, n,
              wanted_element(s, c->fn, param->type));
    return true;
}

/* accuracy(argmax(logits), y): a class where scores are wanted */
static bool help_scores(Sema *s, Diag *d, const CallSite *c, const Param *param, const PrimArg *arg)
{
    const Expr *e = arg ? arg->expr : NULL;
    bool chosen = e && e->kind == EXPR_CALL && e->a->kind == EXPR_NAME && !strcmp(e->a->name, "argmax") && e->args && e->args->value;
    if (!chosen || param->type->elem != ELEM_float) return false;
    diag_help(d, "%s takes the scores, and chooses by itself: write %s for %s", c->title, source_text(s, e->args->value->span),
              source_text(s, e->span));
    return true;
}

/* Coordinates of three numbers for a function that takes two. */
static bool help_fewer(Sema *s, Diag *d, const CallSite *c, const Param *param, Span span, const Value *v)
{
    const DimItem *last = param->type->dims;
    int rank = 1;
    int64_t want, have;
    for (; last && last->next; last = last->next)
        rank++;
    if (c->instance || !last || last->kind != DIMITEM_EXPR || last->expr->kind != EXPR_INT || rank != v->type.rank) return false;
    Dim dim = dim_of_expr(s, last->expr);
    const Axis *axis = &v->type.axis[rank - 1];
    if (!dim_is_const(s->dims, dim, &want) || axis->kind != AXIS_DIM || !dim_is_const(s->dims, axis->dim, &have) || have <= want)
        return false;
    diag_help(d, "its last axis has %lld places; the first %lld of the %lld here are %s[..., 0:%lld]", (long long)want, (long long)want,
              (long long)have, source_text(s, span), (long long)want);
    return true;
}

/* int<3>[B, 1] for int<3>[*S], where another argument has bound *S to [B] */
static bool help_one_place(Sema *s, Diag *d, const Param *param, Span span, const Value *v)
{
    const DimItem *item = param->type->dims;
    const Local *pack = item && item->kind == DIMITEM_PACK && !item->next ? frame_find(s->frame, item->name) : NULL;
    if (!pack || pack->unbound || pack->value.type.rank + 1 != v->type.rank || !is_last_axis(&v->type, dim_const(s->dims, 1))) return false;
    diag_help(d, "write %s[..., 0]; a field that is one number for each example has a type without brackets", source_text(s, span));
    return true;
}

/* Which argument of the layer is the axis of this item? NULL: none of its own. */
static const Param *config_of_item(const Instance *instance, const DimItem *item)
{
    if (item->kind != DIMITEM_EXPR || item->expr->kind != EXPR_NAME || !instance->decl) return NULL;
    for (const Param *p = instance->decl->config; p; p = p->next)
        if (p->name == item->expr->name) return p;
    return NULL;
}

/* The call that made a layer, with other words for one of its arguments. */
static const char *made_with(Sema *s, const Instance *instance, Span argument, const char *words)
{
    const char *text = source_get(s->sources, instance->made.file)->text;
    return arena_print(s->arena, "%.*s%s%.*s", (int)(argument.lo - instance->made.lo), text + instance->made.lo, words,
                       (int)(instance->made.hi - argument.hi), text + argument.hi);
}

/* Is it made for all numbers of one example, side by side? */
static bool help_flatten(Sema *s, Diag *d, const CallSite *c, Dim made_for, const SemaType *t)
{
    Dim all = dim_const(s->dims, 1);
    for (int i = 1; i < t->rank; i++) {
        if (t->axis[i].kind != AXIS_DIM) return false;
        all = dim_mul(s->dims, all, t->axis[i].dim);
    }
    const char *title = c->instance->decl->name;
    bool fits = t->rank > 2 && all == made_for;
    if (fits)
        diag_help(d, "%s works on the last axis; Flatten() in front of it makes %s numbers of each example", title,
                  dim_print(s->dims, s->arena, all));
    return fits;
}

/* A layer made for another number of features: how it would fit. */
static void help_features(Sema *s, Diag *d, const CallSite *c, const Param *param, const Value *v)
{
    const DimItem *last = param->type->dims;
    while (last && last->next)
        last = last->next;
    const Param *config = last && c->instance ? config_of_item(c->instance, last) : NULL;
    const Axis *axis = v->type.rank ? &v->type.axis[v->type.rank - 1] : NULL;
    const Mem *mem = config && axis && axis->kind == AXIS_DIM ? instance_find(c->instance, config->name) : NULL;
    Span made = c->instance ? c->instance->made : (Span){0};
    if (!mem || mem->value.kind != VAL_INT || mem->value.dim == axis->dim || mem->span.file != made.file || span_in_library(s, made))
        return;
    if (mem->span.lo <= made.lo || mem->span.hi >= made.hi) return;
    if (param->type->dims->kind == DIMITEM_PACK && help_flatten(s, d, c, mem->value.dim, &v->type)) return;
    const char *size = dim_print(s->dims, s->arena, axis->dim);
    diag_help(d, "write %s, or %s to have it filled in", made_with(s, c->instance, mem->span, size),
              made_with(s, c->instance, mem->span, "_"));
    diag_edit(d, mem->span, "%s", size);
    if (v->type.rank > 3 && param->type->dims->kind == DIMITEM_PACK)
        diag_help(d, "or, for all numbers of an example side by side, Flatten() in front of it");
}

bool report_fields(Sema *s, Diag *d, Span span, const Value *v)
{
    const Global *g = v->kind == VAL_EXAMPLE ? v->def : NULL;
    if (!g || g->index >= s->program->data.n) return false;
    Text text = {.arena = s->arena};
    const CoreData *data = &s->program->data.at[g->index];
    for (uint32_t i = 0; i < data->fields.n; i++)
        text_add(&text, "%s%s.%s", i ? ", " : "", source_text(s, span), data->fields.at[i].name);
    diag_help(d, "its fields are %s", text_c(&text));
    return true;
}

static void help_shape(Sema *s, Diag *d, const CallSite *c, const Param *param, Span span, const Value *v)
{
    if (help_reshape(s, d, c, param, span, v) || help_one_of(s, d, c, param, v) || help_batch(s, d, c, param, span, v)) return;
    if (help_one_place(s, d, param, span, v) || help_fewer(s, d, c, param, span, v)) return;
    help_features(s, d, c, param, v);
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
        if (v->kind == VAL_LAYER || v->kind == VAL_FN)
            diag_help(d, "call it first: %s(...)", source_text(s, span));
        else if (v->kind == VAL_LIST && param->type->kind == TYPE_TENSOR)
            diag_help(d, "tensors are joined by concat(%s, axis=-1), or along a new axis by stack(%s, axis=1)", source_text(s, span),
                      source_text(s, span));
        else
            report_fields(s, d, span, v);
        return;
    }
    if (report_unequal_pair(s, c, param, at, v) || report_bound(s, c, param, arg, v) || report_channels(s, c, param, span, v)) return;
    bool elem = v->type.elem != param->type->elem;
    Diag *d = diag_error(s->diags, elem ? "E0303" : "E0304", c->instance && param_count(c->fn->params) == 1 ? c->callee_span : span,
                         "%s takes %s but is given %s", c->title, wanted, value_describe(s, v));
    if (arg && arg->span.file) diag_label(d, span, "%s", value_describe(s, v));
    note_mistake(d, c, wanted, value_describe(s, v));
    if (elem && !help_scores(s, d, c, param, arg) && !help_classes(s, d, c, param, span, v) && param->type->elem == ELEM_float)
        diag_help(d, "tensors do not convert by themselves: float(%s)", source_text(s, span));
    if (!elem) help_shape(s, d, c, param, span, v);
    note_binders(s, d, c, param);
    if (why[0]) diag_note(d, "not equal for %s", why);
    if (c->instance && has_span(c->instance->hole_solved)) diag_trail(d, c->instance->hole_solved, "`_` was filled in here");
}
