/* SPDX-License-Identifier: MIT
 * types.c: type expressions -> types, the binding rule (language.md#sizes), and fitting values to
 * types. */
#include "sema/types.h"

#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/frame.h"
#include "sema/base/literal.h"
#include "sema/base/meaning.h"
#include "sema/base/record.h"
#include "sema/base/suggest.h"
#include "sema/expr.h"
#include "sema/prim/argument.h"
#include "sema/scope.h"
#include "syntax/parse.h"

/* ---- sizes ---------------------------------------------------------------------------------- */

static Dim pack_product(Sema *s, const Value *pack)
{
    Dim p = dim_const(s->dims, 1);
    for (int i = 0; i < pack->type.rank; i++) {
        const Axis *a = &pack->type.axis[i];
        p = dim_mul(s->dims, p,
                    a->kind == AXIS_PACK      ? dim_symbol(s->dims, a->pack)
                    : a->kind == AXIS_STRETCH ? dim_const(s->dims, 1)
                                              : a->dim);
    }
    return p;
}

static Dim dim_of_name(Sema *s, const Expr *expr)
{
    Local *local = frame_find(s->frame, expr->name);
    if (local && local->unbound) {
        diag_error(s->diags, "E0318", expr->span, "`%s` is not known yet: no parameter before this one gives it a value", expr->name);
        return 0;
    }
    Value v = scope_lookup(s, expr->name, expr->span);
    meaning_of_name(s, expr->name, expr->span, &v);
    if (v.kind == VAL_INT) return v.dim;
    if (v.kind == VAL_INTS && local && local->pack)
        diag_error(s->diags, "E0318", expr->span, "`%s` is a pack: write *%s, or size(*%s)", expr->name, expr->name, expr->name);
    else if (v.kind == VAL_TENSOR)
        diag_help(diag_error(s->diags, "E0318", expr->span, "`%s` is known only at run time and cannot be a size", expr->name),
                  "declare it as `%s: dim`", expr->name);
    else if (v.kind != VAL_ERROR)
        suggest_whole(s, diag_error(s->diags, "E0318", expr->span, "a size has to be an integer, not %s", value_describe(s, &v)), &v,
                      expr->span);
    return 0;
}

static Dim dim_of_size(Sema *s, const Expr *expr)
{
    const Arg *arg = expr->args;
    if (!expr->a || expr->a->kind != EXPR_NAME || strcmp(expr->a->name, "size") != 0 || !arg || arg->next || !arg->pack) {
        diag_error(s->diags, "E0318", expr->span, "the only call in a size is size(*S)");
        return 0;
    }
    Local *local = frame_find(s->frame, arg->name);
    if (!local || !local->pack || local->value.kind != VAL_INTS) {
        diag_error(s->diags, "E0318", arg->span, "`%s` is not a pack that is known here", arg->name);
        return 0;
    }
    return pack_product(s, &local->value);
}

static bool divisor_known(Sema *s, Dim b, Span at)
{
    const char *why;
    DimAnswer answer = sema_at_least(s, b, dim_const(s->dims, 1), &why);
    if (answer == DIM_PROVED) return true;
    if (answer == DIM_OPEN && !dim_is_const(s->dims, b, NULL) && s->generic) return true;
    const char *text = dim_print(s->dims, s->arena, b);
    if (dim_is_const(s->dims, b, NULL)) {
        diag_error(s->diags, "E0312", at, "a divisor has to be at least 1, this one is %s", text);
        return false;
    }
    Diag *d = diag_error(s->diags, "E0312", at, "a divisor has to be at least 1, and nothing says so of %s", text);
    diag_help(d, "add `requires %s >= 1`", text);
    return false;
}

static Dim dim_of_binary(Sema *s, const Expr *expr)
{
    Dim a = dim_of_expr(s, expr->a), b = dim_of_expr(s, expr->b);
    if (!a || !b) return 0;
    switch (expr->oper) {
    case OPER_ADD: return dim_add(s->dims, a, b);
    case OPER_SUB: return dim_sub(s->dims, a, b);
    case OPER_MUL: return dim_mul(s->dims, a, b);
    case OPER_FLOORDIV: return divisor_known(s, b, expr->b->span) ? dim_floordiv(s->dims, a, b) : 0;
    case OPER_MOD: return divisor_known(s, b, expr->b->span) ? dim_mod(s->dims, a, b) : 0;
    default: diag_error(s->diags, "E0318", expr->span, "a size is made with + - * // %% only"); return 0;
    }
}

/* The size that an expression in [ ] of a type means; 0 after an error. */
Dim dim_of_expr(Sema *s, const Expr *expr)
{
    switch (expr->kind) {
    case EXPR_INT: return dim_const(s->dims, expr->integer);
    case EXPR_NAME: return dim_of_name(s, expr);
    case EXPR_BINARY: return dim_of_binary(s, expr);
    case EXPR_CALL: return dim_of_size(s, expr);
    case EXPR_FIELD:
    case EXPR_INDEX: {
        Value v = expr_eval(s, expr);
        if (v.kind == VAL_INT) return v.dim;
        if (v.kind != VAL_ERROR) diag_error(s->diags, "E0318", expr->span, "a size has to be an integer, not %s", value_describe(s, &v));
        return 0;
    }
    default: diag_error(s->diags, "E0318", expr->span, "this is not a size"); return 0;
    }
}

/* ---- type expressions ----------------------------------------------------------------------- */

static bool add_axis(Sema *s, FullType *out, Axis axis, Span at)
{
    if (out->tensor.rank == CORE_MAX_RANK) {
        diag_error(s->diags, "E0319", at, "a tensor has at most %d axes", CORE_MAX_RANK);
        return false;
    }
    out->tensor.axis[out->tensor.rank++] = axis;
    return true;
}

static bool add_pack(Sema *s, FullType *out, const DimItem *item)
{
    Local *local = frame_find(s->frame, item->name);
    for (const Name *b = !local && s->frame && s->frame->fn ? s->frame->fn->binders : NULL; b; b = b->next)
        if (b->pack && b->text == item->name) return false; /* an export has none: said there */
    if (!local || !local->pack) {
        diag_error(s->diags, "E0318", item->span, "unknown pack `*%s`", item->name);
        return false;
    }
    if (local->unbound || local->value.kind != VAL_INTS) {
        if (local->value.kind != VAL_ERROR)
            diag_error(s->diags, "E0318", item->span, "`*%s` is not known yet: no parameter gives it a value", item->name);
        return false;
    }
    for (int i = 0; i < local->value.type.rank; i++)
        if (!add_axis(s, out, local->value.type.axis[i], item->span)) return false;
    return true;
}

static bool axis_positive(Sema *s, Dim dim, Span at)
{
    const char *why;
    if (sema_at_least(s, dim, dim_const(s->dims, 1), &why) != DIM_REFUTED) return true;
    int64_t n;
    if (!dim_is_const(s->dims, dim, &n)) return true; /* asked again where it is a number, or checked on entry */
    bool called = s->frame && s->frame->up && s->frame->fn; /* with such sizes: the call is to blame */
    Diag *d = diag_error(s->diags, "E0313", called ? s->frame->call : at, "an axis has at least one place, this one would have %lld",
                         (long long)n);
    if (called) diag_trail(d, at, "%s", "");
    return false;
}

static bool eval_axis(Sema *s, const DimItem *item, FullType *out, bool allow_stretch)
{
    switch (item->kind) {
    case DIMITEM_PACK: return add_pack(s, out, item);
    case DIMITEM_STRETCH:
        if (!allow_stretch) {
            Diag *d = diag_error(s->diags, "E0319", item->span, "`_` is not allowed here: %s",
                                 s->data ? "a field does not stretch" : "arguments, parameters and states never stretch");
            if (s->data) diag_help(d, "a size that varies is named: data d[T] { x: float[T] = ... }");
            return false;
        }
        return add_axis(s, out, (Axis){AXIS_STRETCH, dim_const(s->dims, 1), 0}, item->span);
    case DIMITEM_ASK:
        out->ask |= 1u << out->tensor.rank;
        return add_axis(s, out, (Axis){.kind = AXIS_DIM, .dim = dim_const(s->dims, 1)}, item->span);
    case DIMITEM_EXPR: break;
    }
    Dim dim = dim_of_expr(s, item->expr);
    if (!dim || !axis_positive(s, dim, item->span)) return false;
    return add_axis(s, out, (Axis){.kind = AXIS_DIM, .dim = dim}, item->span);
}

static bool eval_tensor(Sema *s, const TypeExpr *type, FullType *out, bool allow_stretch)
{
    out->tensor.elem = type->elem;
    out->brackets = type->brackets;
    bool ok = true;
    if (type->bound) {
        out->tensor.bound = dim_of_expr(s, type->bound);
        ok &= out->tensor.bound != 0;
        int64_t bound;
        if (ok && type->elem == ELEM_int && dim_is_const(s->dims, out->tensor.bound, &bound) && bound > INT32_MAX) {
            diag_error(s->diags, "E0303", type->bound->span, "an int is at most %lld, and its bound too; this one is %lld",
                       (long long)INT32_MAX, (long long)bound);
            ok = false;
        }
        if (ok && type->elem != ELEM_int) {
            diag_help(diag_error(s->diags, "E0319", type->span, "only `int` has a bound"), "sizes stand in square brackets: %s[%s]",
                      elem_name(type->elem), ast_expr_text(s->arena, type->bound));
            ok = false;
        }
    }
    for (const DimItem *item = type->dims; item; item = item->next)
        ok &= eval_axis(s, item, out, allow_stretch);
    return ok;
}

bool type_eval(Sema *s, const TypeExpr *type, FullType *out, bool allow_stretch)
{
    *out = (FullType){.kind = type->kind};
    if (type->kind == TYPE_TENSOR) return eval_tensor(s, type, out, allow_stretch);
    if (type->kind != TYPE_TUPLE) return true;
    for (const TypeExpr *t = type->items; t; t = t->next)
        out->n++;
    out->items = ARENA_ARRAY(s->arena, FullType, out->n + 1);
    bool ok = true;
    uint32_t i = 0;
    for (const TypeExpr *t = type->items; t; t = t->next)
        ok &= type_eval(s, t, &out->items[i++], allow_stretch);
    return ok;
}

/* ---- binding -------------------------------------------------------------------------------- */

static Local *unbound_name(Sema *s, const Expr *expr)
{
    if (!expr || expr->kind != EXPR_NAME) return NULL;
    Local *local = frame_find(s->frame, expr->name);
    return local && local->unbound && !local->pack ? local : NULL;
}

static void bind_local(Local *local, Value v, Span at)
{
    local->unbound = false;
    local->value = v;
    local->span = at;
}

static Value pack_of_axes(Sema *s, const Axis *axes, int n)
{
    Value v = {.kind = VAL_INTS, .n = (uint32_t)n};
    v.items = ARENA_ARRAY(s->arena, Value, n + 1);
    v.type.rank = (uint8_t)n;
    for (int i = 0; i < n; i++) {
        v.type.axis[i] = axes[i];
        if (axes[i].kind == AXIS_STRETCH) v.type.axis[i] = (Axis){.kind = AXIS_DIM, .dim = dim_const(s->dims, 1)};
        if (axes[i].kind == AXIS_PACK) v.n_unknown = true;
        v.items[i] = value_dim(s, axes[i].kind == AXIS_PACK ? dim_symbol(s->dims, axes[i].pack) : v.type.axis[i].dim);
    }
    if (v.n_unknown) v.n = 0;
    return v;
}

static void bind_item(Sema *s, const DimItem *item, const Axis *axis, Span at)
{
    Local *local = item->kind == DIMITEM_EXPR ? unbound_name(s, item->expr) : NULL;
    if (!local || axis->kind == AXIS_PACK) return;
    bind_local(local, value_dim(s, axis_size(s, axis)), at);
}

bool type_names(const TypeExpr *type, const char *name)
{
    if (type->kind != TYPE_TENSOR) return false;
    if (type->bound && type->bound->kind == EXPR_NAME && type->bound->name == name) return true;
    for (const DimItem *item = type->dims; item; item = item->next)
        if (item->kind == DIMITEM_PACK ? item->name == name
                                       : item->kind == DIMITEM_EXPR && item->expr->kind == EXPR_NAME && item->expr->name == name)
            return true;
    return false;
}

/* Does a parameter speak of a size that is named nowhere? Then that is the mistake: fn f[B](x: float[T, 4]) */
static bool has_unknown_size(Sema *s, const FnDecl *fn)
{
    for (const Param *p = fn->params; p; p = p->next)
        for (const DimItem *item = p->type->dims; item; item = item->next) {
            const char *name = item->kind == DIMITEM_EXPR && item->expr->kind == EXPR_NAME ? item->expr->name : NULL;
            bool binder = !name;
            for (const Name *b = fn->binders; b && !binder; b = b->next)
                binder = b->text == name;
            bool member = name && s->frame && s->frame->instance && instance_find(s->frame->instance, name);
            if (!binder && !member && !frame_find(s->frame, name) && !scope_find_global(s, name)) return true;
        }
    return false;
}

bool params_within(Sema *s, const Param *list, const Name *binders)
{
    uint32_t n = 0, n_sizes = 0;
    for (const Param *p = list; p; p = p->next)
        if (!record_within_limit(s, ++n, MAX_PARAMS, "parameters", p->name_span)) return false;
    for (const Name *b = binders; b; b = b->next)
        if (!record_within_limit(s, ++n_sizes, MAX_PARAMS, "sizes of one function", b->span)) return false;
    return true;
}

void params_check(Sema *s, const Param *list, const Name *binders)
{
    for (const Param *p = list; p; p = p->next) {
        for (const Param *q = list; q != p; q = q->next)
            if (q->name == p->name) {
                diag_error(s->diags, "E0120", p->name_span, "`%s` is declared twice", p->name);
                break;
            }
        for (const Name *b = binders; b; b = b->next)
            if (b->text == p->name)
                diag_label(diag_error(s->diags, "E0120", p->name_span, "`%s` is a size of this function already", p->name), b->span,
                           "declared here");
    }
}

void binders_check(Sema *s, const FnDecl *fn)
{
    Text names = {.arena = s->arena};
    Span first = {0};
    uint32_t n = 0;
    for (const Name *b = fn->binders; b; b = b->next) {
        bool given = false;
        for (const Param *p = fn->params; p && !given; p = p->next)
            given = type_names(p->type, b->text);
        if (given) continue;
        if (!n++) first = b->span;
        text_add(&names, "%s`%s`", n > 1 ? ", " : "", b->text);
    }
    if (n && !has_unknown_size(s, fn))
        diag_error(s->diags, "E0318", first,
                   n > 1 ? "%s stand alone in no parameter, so no call gives them values"
                         : "%s stands alone in no parameter, so no call gives it a value",
                   text_c(&names));
}

bool type_takes_rank(const TypeExpr *type, int rank, int *room)
{
    bool pack = false;
    *room = rank;
    for (const DimItem *item = type->dims; item; item = item->next) {
        if (item->kind == DIMITEM_PACK)
            pack = true;
        else
            --*room;
    }
    return pack ? *room >= 0 : *room == 0;
}

void type_bind(Sema *s, const TypeExpr *type, const Value *value)
{
    if (type->kind != TYPE_TENSOR) return;
    SemaType given = value->type;
    int64_t n;
    if (value->kind == VAL_INT && value_is_const_int(s, value, &n) && n >= 0 && n < INT64_MAX)
        given = (SemaType){.elem = ELEM_int, .bound = dim_const(s->dims, n + 1)};
    else if (value->kind != VAL_TENSOR)
        given = (SemaType){.elem = ELEM_float};
    Local *bound = unbound_name(s, type->bound);
    if (bound && given.bound) bind_local(bound, value_dim(s, given.bound), value->span);
    int at = 0, room;
    if (!type_takes_rank(type, given.rank, &room)) return;
    for (const DimItem *item = type->dims; item; item = item->next) {
        if (item->kind != DIMITEM_PACK) {
            bind_item(s, item, &given.axis[at++], value->span);
            continue;
        }
        Local *local = frame_find(s->frame, item->name);
        if (local && local->pack && local->unbound) bind_local(local, pack_of_axes(s, given.axis + at, room), value->span);
        at += room;
    }
}

/* ---- fitting -------------------------------------------------------------------------------- */

static bool bound_fits(Sema *s, Dim given, Dim want, const char **why)
{
    if (!want) return true;
    if (!given) return false;
    DimAnswer answer = sema_at_least(s, want, given, why);
    return answer == DIM_PROVED || (answer == DIM_OPEN && s->generic);
}

static bool number_fits(Sema *s, Value *v, const SemaType *want, const char **why)
{
    int64_t n = 0;
    bool constant = value_is_const_int(s, v, &n);
    switch (want->elem) {
    case ELEM_bool: return false;
    case ELEM_int: {
        if (v->kind == VAL_FLOAT) return false;
        Dim above = dim_add(s->dims, v->dim, dim_const(s->dims, 1));
        if (want->bound && constant && n < 0) return false;
        return bound_fits(s, above, want->bound, why);
    }
    case ELEM_i8:
    case ELEM_i32:
    case ELEM_i64:
    case ELEM_u8:
        if (v->kind == VAL_FLOAT) return false;
        *v = value_as_tensor(s, v, want->elem);
        return true;
    case ELEM_float:
        if (v->kind == VAL_INT && constant)
            *v = value_float((double)n);
        else if (v->kind == VAL_INT)
            *v = value_as_tensor(s, v, ELEM_float);
        return true;
    default: *v = value_as_tensor(s, v, want->elem); return true;
    }
}

static bool scalar_fits(Sema *s, Value *v, const SemaType *want, const char **why)
{
    Span span = v->span;
    bool ok = false;
    if (v->kind == VAL_INT || v->kind == VAL_FLOAT) {
        ok = number_fits(s, v, want, why);
    } else if (v->kind == VAL_BOOL) {
        ok = want->elem == ELEM_bool;
    } else if (v->kind == VAL_TENSOR && v->type.rank == 0) {
        if (want->elem == ELEM_float && v->type.elem == ELEM_int) {
            *v = value_cast(s, v, ELEM_float);
            ok = true;
        } else if (v->type.elem == want->elem) {
            ok = bound_fits(s, v->type.bound, want->bound, why);
            v->type.bound = want->bound;
        }
    }
    v->span = span;
    return ok;
}

static bool tensor_fits(Sema *s, Value *v, const FullType *want, const char **why)
{
    Span span = v->span;
    if (want->tensor.rank == 0 && v->kind != VAL_TENSOR) {
        if (!scalar_fits(s, v, &want->tensor, why)) return false;
        if (want->brackets) *v = value_as_tensor(s, v, want->tensor.elem);
        v->span = span;
        return true;
    }
    if (v->kind != VAL_TENSOR && !literal_tensor(s, v, want->tensor.elem)) return false;
    if (want->tensor.rank == 0 && v->type.rank == 0) return scalar_fits(s, v, &want->tensor, why);
    if (v->type.elem != want->tensor.elem) return false;
    SemaType type = want->tensor;
    for (int i = 0; i < type.rank && i < v->type.rank; i++)
        if (want->ask >> i & 1) type.axis[i] = v->type.axis[i];
    int axis;
    if (!types_equal(s, &v->type, &type, why, &axis)) return false;
    const char *bound_why = "";
    if (!bound_fits(s, v->type.bound, type.bound, &bound_why)) {
        *why = bound_why;
        return false;
    }
    *v = value_reshape_to(s, v, &type);
    v->span = span;
    return true;
}

static bool ints_fit(Sema *s, Value *v)
{
    if (v->kind == VAL_INTS) return true;
    if (v->kind != VAL_LIST) return false;
    for (uint32_t i = 0; i < v->n; i++)
        if (v->items[i].kind != VAL_INT) return false;
    v->kind = VAL_INTS;
    (void)s;
    return true;
}

bool value_fit(Sema *s, Value *v, const FullType *want, const char **why)
{
    *why = "";
    if (is_error(v)) return true;
    switch (want->kind) {
    case TYPE_TENSOR: return tensor_fits(s, v, want, why);
    case TYPE_DIM: return v->kind == VAL_INT;
    case TYPE_STRING: return v->kind == VAL_STRING || v->kind == VAL_OPTION_TEXT;
    case TYPE_INTS: return ints_fit(s, v);
    case TYPE_FN: return v->kind == VAL_FN || v->kind == VAL_LAYER;
    case TYPE_LAYER: return v->kind == VAL_LAYER && !v->text;
    case TYPE_TUPLE: break;
    }
    if (v->kind != VAL_TUPLE || v->n != want->n) return false;
    Value *items = ARENA_ARRAY(s->arena, Value, v->n);
    for (uint32_t i = 0; i < v->n; i++) {
        items[i] = v->items[i];
        if (!value_fit(s, &items[i], &want->items[i], why)) return false;
    }
    v->items = items;
    return true;
}

/* A value of this type about which nothing is known but the type (definition checks). */
Value generic_of_type(Sema *s, const FullType *type, const char *name)
{
    switch (type->kind) {
    case TYPE_TENSOR: return value_leaf(s, CORE_arg, &type->tensor, 0);
    case TYPE_DIM: return value_dim(s, dim_symbol(s->dims, symbol_new(s->dims, name)));
    case TYPE_STRING: return (Value){.kind = VAL_STRING, .text = NULL};
    case TYPE_TUPLE: break;
    default: return value_error();
    }
    Value v = {.kind = VAL_TUPLE, .n = type->n};
    v.items = ARENA_ARRAY(s->arena, Value, type->n + 1);
    for (uint32_t i = 0; i < type->n; i++)
        v.items[i] = generic_of_type(s, &type->items[i], name);
    return v;
}
