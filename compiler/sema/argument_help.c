/* SPDX-License-Identifier: MIT
 * argument_help.c: what was most likely meant by an argument that does not fit. */
#include "sema/argument_help.h"

#include <string.h>

#include "sema/argument_text.h"
#include "sema/base/frame.h"
#include "sema/base/place.h"
#include "sema/base/unit.h"
#include "syntax/parse.h"

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
    else
        diag_help(d, "numbers of words and classes are declared as %s[...], whole numbers from 0", wanted_element(s, c->fn, param->type));
    return true;
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

static const char *dim_text(Sema *s, const Expr *e)
{
    s->diags->muted++;
    Dim dim = s->size_of(s, e);
    s->diags->muted--;
    return dim ? dim_print(s->dims, s->arena, dim) : ast_expr_text(s->arena, e);
}

/* GRU(d, h) for one step, where the layer GRUCell is meant */
static bool help_cell(Sema *s, Diag *d, const CallSite *c)
{
    const char *layer = c->instance && c->instance->decl ? c->instance->decl->name : NULL;
    const char *cell = layer ? arena_print(s->arena, "%sCell", layer) : NULL;
    Span made = c->instance ? c->instance->made : (Span){0};
    if (!cell || c->n < 2 || !made.file || !unit_find(s->prelude, str_name(s->strings, cell))) return false;
    diag_help(d, "%s goes through all steps; for one, in a scan, write %s%s", layer, cell,
              source_text(s, made) + strcspn(source_text(s, made), "("));
    return true;
}

/* A start value that all examples share: with h = zeros(n) */
static bool help_start(Sema *s, Diag *d, Span span, const Value *v, Dim batch)
{
    const Local *local = s->frame->up ? frame_find(s->frame->up, str_name(s->strings, source_text(s, span))) : NULL;
    const char *text = local && local->span.file ? source_get(s->sources, local->span.file)->text + local->span.hi : "";
    if (strncmp(text, " = zeros(", 9) != 0) return false;
    const char *shape = shape_print(s, &v->type);
    diag_help(d, "each example has its own: with %s = zeros(%s, %.*s)", local->name, dim_print(s->dims, s->arena, batch),
              (int)strlen(shape) - 2, shape + 1);
    return true;
}

static const char *axis_text(Sema *s, const Axis *axis)
{
    return axis->kind == AXIS_DIM ? dim_print(s->dims, s->arena, axis->dim) : "_";
}

/* An image without an axis of channels. */
static bool is_image(Sema *s, const CallSite *c, const Param *param, int rank)
{
    const DimItem *last = param->type->dims;
    while (last->next)
        last = last->next;
    if (rank != 4 || last->kind != DIMITEM_EXPR) return false;
    if (last->expr->kind == EXPR_NAME && param_is_binder(c->fn, last->expr->name)) return !strcmp(last->expr->name, "C");
    s->diags->muted++;
    Dim dim = s->size_of(s, last->expr);
    s->diags->muted--;
    return dim && dim == dim_const(s->dims, 1);
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
    Local *local = param_is_binder(c->fn, name) ? frame_find(s->frame, name) : NULL;
    bool bound = local && !local->unbound && local->value.kind == VAL_INT && local->span.lo != span.lo;
    const DimItem *second = first->next;
    bool named = second->kind == DIMITEM_EXPR && second->expr->kind == EXPR_NAME && param_is_binder(c->fn, second->expr->name);
    const char *axis = second->kind == DIMITEM_EXPR ? dim_text(s, second->expr) : "";
    if (help_cell(s, d, c)) return true;
    if (is_batch(s, &v->type.axis[0]) && is_image(s, c, param, rank))
        diag_help(d, "if the axis that is missing is that of the channels: %s[..., _]; a field is declared with it: %s[%s, %s, 1]",
                  source_text(s, span), elem_name(v->type.elem), axis_text(s, &v->type.axis[1]), axis_text(s, &v->type.axis[2]));
    else if (is_batch(s, &v->type.axis[0]) && !named)
        diag_help(d, "it has no axis of %s; a field of so many is declared with it: %s[%s]", axis, elem_name(v->type.elem), axis);
    else if (is_batch(s, &v->type.axis[0]))
        diag_help(d, "if the axis of %s has one place: %s[:, _]", ast_expr_text(s->arena, second->expr), source_text(s, span));
    else if (bound && help_start(s, d, span, v, local->value.dim))
        return true;
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
    bool stretches = false;
    if (!span.file || v->type.rank < 2 || !first || !first->next || first->kind != DIMITEM_EXPR || !is_batch(s, &v->type.axis[0]))
        return false;
    Local *batch =
        first->expr->kind == EXPR_NAME && param_is_binder(c->fn, first->expr->name) ? frame_find(s->frame, first->expr->name) : NULL;
    if (batch && !batch->unbound && (batch->value.kind != VAL_INT || batch->value.dim != v->type.axis[0].dim)) return false;
    for (const DimItem *item = first->next; item; item = item->next) {
        if (item->kind != DIMITEM_EXPR || (item->expr->kind == EXPR_NAME && param_is_binder(c->fn, item->expr->name))) return false;
        Dim dim = s->size_of(s, item->expr);
        if (!dim) return false;
        wanted = dim_mul(s->dims, wanted, dim);
        text_add(&sizes, ", %s", dim_print(s->dims, s->arena, dim));
    }
    for (int i = 1; i < v->type.rank; i++) {
        given = dim_mul(s->dims, given, axis_size(s, &v->type.axis[i]));
        stretches |= v->type.axis[i].kind == AXIS_STRETCH;
    }
    if (type_has_pack(&v->type) || given != wanted) return false;
    diag_help(d, "the same numbers in that shape: reshape(%s, %s%s)%s", source_text(s, span),
              dim_print(s->dims, s->arena, v->type.axis[0].dim), text_c(&sizes), stretches ? "" : "; a field can be declared so");
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
static bool help_scores(Sema *s, Diag *d, const CallSite *c, const Param *param, Span span)
{
    const Expr *e = NULL;
    for (uint32_t i = 0; i < c->n; i++)
        if (c->args[i].span.file == span.file && c->args[i].span.lo == span.lo) e = c->args[i].expr;
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
    Dim dim = s->size_of(s, last->expr);
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

/* Is this config an argument of the call that made the layer? A default has the place of the call. */
static bool is_given(const Mem *mem, Span made)
{
    return mem->span.file == made.file && mem->span.lo > made.lo;
}

/* The call that made a layer, with other words for one of its arguments. */
static const char *made_with(Sema *s, const Instance *instance, Span argument, const char *words)
{
    const char *text = source_get(s->sources, instance->made.file)->text;
    return arena_print(s->arena, "%.*s%s%.*s", (int)(argument.lo - instance->made.lo), text + instance->made.lo, words,
                       (int)(instance->made.hi - argument.hi), text + argument.hi);
}

/* The call that made a layer with this argument and the one that is `size` exchanged: GRUCell(n_hid, d); NULL: none is. */
static const char *made_exchanged(Sema *s, const Instance *instance, const Mem *mem, Dim size)
{
    Span made = instance->made, a = mem->span, b = {0};
    const char *text = source_get(s->sources, made.file)->text;
    for (uint32_t i = 0; i < instance->members.n; i++) {
        const Mem *other = &instance->members.at[i];
        bool here = other->kind == MEM_CONFIG && is_given(other, made);
        if (here && other->value.kind == VAL_INT && other->value.dim == size) b = other->span;
    }
    if (!b.file || b.lo <= a.hi) return NULL; /* the size of the input stands in front */
    return arena_print(s->arena, "%.*s%.*s%.*s%.*s%.*s", (int)(a.lo - made.lo), text + made.lo, (int)(b.hi - b.lo), text + b.lo,
                       (int)(b.lo - a.hi), text + a.hi, (int)(a.hi - a.lo), text + a.lo, (int)(made.hi - b.hi), text + b.hi);
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

/* Embedding(128, d) of int<256>: the bound is an argument of the layer. */
bool help_bound(Sema *s, Diag *d, const CallSite *c, const Param *param, const Value *v)
{
    const Expr *bound = param->type->bound;
    Span made = c->instance ? c->instance->made : (Span){0};
    Mem *mem = bound && bound->kind == EXPR_NAME && c->instance && c->instance->decl ? instance_find(c->instance, bound->name) : NULL;
    if (!mem || mem->kind != MEM_CONFIG || !v->type.bound || !is_given(mem, made) || span_in_library(s, made)) return false;
    const char *exchanged = made_exchanged(s, c->instance, mem, v->type.bound);
    if (exchanged)
        diag_help(d, "the two are exchanged: write %s", exchanged);
    else
        diag_help(d, "write %s", made_with(s, c->instance, mem->span, dim_print(s->dims, s->arena, v->type.bound)));
    return true;
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
    if (!mem || mem->value.kind != VAL_INT || mem->value.dim == axis->dim || !is_given(mem, made) || span_in_library(s, made)) return;
    if (!strcmp(source_text(s, mem->span), "_")) return; /* another call has filled it in */
    if (param->type->dims->kind == DIMITEM_PACK && help_flatten(s, d, c, mem->value.dim, &v->type)) return;
    const char *exchanged = dim_is_const(s->dims, axis->dim, NULL) ? NULL : made_exchanged(s, c->instance, mem, axis->dim);
    if (exchanged) {
        diag_help(d, "if the two are exchanged, write %s, else %s", exchanged, made_with(s, c->instance, mem->span, "_"));
        return;
    }
    const char *size = dim_print(s->dims, s->arena, axis->dim);
    const FnDecl *caller = s->frame->up ? s->frame->up->fn : NULL;
    if (!strcmp(size, source_text(s, mem->span)) && caller) { /* another size of this name */
        diag_help(d, "the `%s` of %s[...] hides that of the layer: leave it out of the brackets behind %s", size, caller->name,
                  caller->name);
        return;
    }
    diag_help(d, "write %s, or %s to have it filled in", made_with(s, c->instance, mem->span, size),
              made_with(s, c->instance, mem->span, "_"));
    diag_edit(d, mem->span, "%s", size);
    if (v->type.rank > 3 && param->type->dims->kind == DIMITEM_PACK)
        diag_help(d, "or, for all numbers of an example side by side, Flatten() in front of it");
}

bool help_fields(Sema *s, Diag *d, Span span, const Value *v)
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

/* "B, 3": the sizes of a parameter that other arguments have given their values; NULL: not all are known. */
static const char *known_sizes(Sema *s, const Param *param)
{
    Text sizes = {.arena = s->arena};
    for (const DimItem *item = param->type->dims; item; item = item->next) {
        const char *name = item->kind == DIMITEM_PACK ? item->name : item->expr && item->expr->kind == EXPR_NAME ? item->expr->name : NULL;
        Local *local = name ? frame_find(s->frame, name) : NULL;
        if (item->kind == DIMITEM_STRETCH || (local && local->unbound)) return NULL;
        if (item->kind == DIMITEM_PACK) {
            const char *shape = local ? shape_print(s, &local->value.type) : "[]";
            text_add(&sizes, "%s%.*s", sizes.n ? ", " : "", (int)strlen(shape) - 2, shape + 1);
            continue;
        }
        Dim dim = s->size_of(s, item->expr);
        if (!dim) return NULL;
        text_add(&sizes, "%s%s", sizes.n ? ", " : "", dim_print(s->dims, s->arena, dim));
    }
    return sizes.n ? text_c(&sizes) : NULL;
}

bool help_number(Sema *s, Diag *d, const Param *param, Span span, const Value *v)
{
    const char *sizes = v->kind == VAL_INT || v->kind == VAL_FLOAT ? known_sizes(s, param) : NULL, *number = source_text(s, span);
    if (v->kind == VAL_INT && param->type->elem == ELEM_float) {
        bool digits = strspn(number, "0123456789") == strlen(number);
        number = arena_print(s->arena, digits ? "%s.0" : "float(%s)", number);
    }
    if (sizes) diag_help(d, "a tensor of this number is full(%s, %s)", number, sizes);
    return sizes != NULL;
}

/* 0 where a tensor of zeros is meant: a start value */
static bool help_scalar(Sema *s, Diag *d, const Param *param, const Value *v)
{
    const char *sizes = v->type.rank ? NULL : known_sizes(s, param);
    if (sizes) diag_help(d, "it is a tensor, not one number: zeros(%s), or full(x, %s)", sizes, sizes);
    return sizes != NULL;
}

/* LSTM(words): numbers of words where their features are wanted */
static bool help_tokens(Sema *s, Diag *d, const CallSite *c, const Param *param, Span span, const Value *v)
{
    int rank = 0;
    for (const DimItem *item = param->type->dims; item; item = item->next, rank++)
        if (item->kind != DIMITEM_EXPR) return false;
    if (!c->instance || v->type.elem != ELEM_int || !v->type.bound || param->type->elem != ELEM_float || rank != v->type.rank + 1)
        return false;
    diag_help(d, "numbers of words become features in a layer Embedding(%s, d): embed(%s)", dim_print(s->dims, s->arena, v->type.bound),
              source_text(s, span));
    return true;
}

/* cross_entropy(z[:, 1], y): the axis of the examples is taken for that of the classes. */
static bool help_class_axis(Sema *s, Diag *d, const CallSite *c, const Param *param)
{
    const Expr *bound = param->type->bound;
    Local *local = bound && bound->kind == EXPR_NAME && param_is_binder(c->fn, bound->name) ? frame_find(s->frame, bound->name) : NULL;
    if (!local || local->unbound || local->value.kind != VAL_INT) return false;
    Axis axis = {.kind = AXIS_DIM, .dim = local->value.dim};
    if (!is_batch(s, &axis)) return false;
    for (uint32_t i = 0; i < c->n; i++)
        if (c->args[i].span.lo == local->span.lo && c->args[i].span.file == local->span.file)
            diag_help(d, "the last axis of %s is taken for the classes, but has the examples: it needs one number for each class",
                      source_text(s, c->args[i].span));
    return true;
}

static void help_shape(Sema *s, Diag *d, const CallSite *c, const Param *param, Span span, const Value *v)
{
    if (help_class_axis(s, d, c, param) || help_scalar(s, d, param, v) || help_reshape(s, d, c, param, span, v) ||
        help_one_of(s, d, c, param, v) || help_batch(s, d, c, param, span, v))
        return;
    if (help_one_place(s, d, param, span, v) || help_fewer(s, d, c, param, span, v)) return;
    help_features(s, d, c, param, v);
}

void argument_help(Sema *s, Diag *d, const CallSite *c, const Param *param, Span span, const Value *v)
{
    if (v->type.elem == param->type->elem)
        help_shape(s, d, c, param, span, v);
    else if (!help_scores(s, d, c, param, span) && !help_scalar(s, d, param, v) && !help_tokens(s, d, c, param, span, v) &&
             !help_classes(s, d, c, param, span, v) && param->type->elem == ELEM_float)
        diag_help(d, "tensors do not convert by themselves: float(%s)", source_text(s, span));
}
