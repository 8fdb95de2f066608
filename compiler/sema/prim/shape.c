/* SPDX-License-Identifier: MIT
 * shape.c: reshape transpose split pad flip roll concat stack. */
#include <math.h>
#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/prim/argument.h"
#include "sema/prim/prim.h"

/* ---- one tensor ------------------------------------------------------------------------------ */

static Dim product(Sema *s, const SemaType *t)
{
    Dim n = prim_constant(s, 1);
    for (int i = 0; i < t->rank; i++)
        n = dim_mul(s->dims, n, axis_size(s, &t->axis[i]));
    return n;
}

/* W0702: a name alone on both sides with different products before it. */
static void warn_moved_axis(Sema *s, const SemaType *from, const SemaType *to, Span at)
{
    for (int i = 0; i < from->rank; i++)
        for (int j = 0; j < to->rank; j++) {
            Symbol a = 0, b = 0;
            if (from->axis[i].kind != AXIS_DIM || to->axis[j].kind != AXIS_DIM) continue;
            if (!dim_is_symbol(s->dims, from->axis[i].dim, &a) || !dim_is_symbol(s->dims, to->axis[j].dim, &b) || a != b) continue;
            Dim before = prim_constant(s, 1), after = prim_constant(s, 1);
            for (int k = 0; k < i; k++)
                before = dim_mul(s->dims, before, axis_size(s, &from->axis[k]));
            for (int k = 0; k < j; k++)
                after = dim_mul(s->dims, after, axis_size(s, &to->axis[k]));
            if (sema_equal(s, before, after, NULL) == DIM_PROVED || s->generic) continue;
            Diag *d = diag_warning(s->diags, "W0702", at, "axis %s cannot be the same axis after this reshape of %s to %s",
                                   symbol_name(s->dims, a), shape_print(s, from), shape_print(s, to));
            diag_help(d, "reshape keeps the order of elements; to move axes write rearrange(x, \"...\")");
            return;
        }
}

/* "28, 28, 1" */
static const char *sizes_text(Sema *s, const SemaType *type)
{
    const char *shape = shape_print(s, type);
    size_t n = strlen(shape);
    return n > 2 ? arena_copy(s->arena, shape + 1, n - 2) : "";
}

Value prim_reshape(Sema *s, const PrimCall *call)
{
    Value x;
    SemaType type = {0};
    if (call->n < 2) {
        diag_error(s->diags, "E0302", call->span, "reshape needs a tensor and sizes: reshape(x, B, 7, 7, 128)");
        return value_error();
    }
    if (!arg_tensor(s, call, &call->args[0], &x) || !arg_shape(s, call, 1, &type)) return value_error();
    const char *why = NULL;
    Dim have = product(s, &x.type), want = product(s, &type);
    DimAnswer answer = sema_equal(s, have, want, &why);
    if (answer == DIM_REFUTED || (answer == DIM_OPEN && !s->generic)) {
        Diag *d = diag_error(s->diags, "E0311", call->span, "reshape of %s to %s changes the number of elements: %s against %s",
                             shape_print(s, &x.type), shape_print(s, &type), dim_print(s->dims, s->arena, have),
                             dim_print(s->dims, s->arena, want));
        if (why && *why) diag_note(d, "equal only if both are, which fails for %s", why);
        const Axis *first = x.type.rank ? &x.type.axis[0] : NULL;
        if (first && first->kind == AXIS_DIM && dim_mul(s->dims, want, first->dim) == have)
            diag_help(d, "the first axis is missing: reshape(%s, %s, %s)", source_text(s, call->args[0].span),
                      dim_print(s->dims, s->arena, first->dim), sizes_text(s, &type));
        return value_error();
    }
    warn_moved_axis(s, &x.type, &type, call->span);
    type.elem = x.type.elem;
    type.bound = x.type.bound;
    return prim_emit1(s, CORE_reshape, &type, &x, NULL, 0);
}

Value prim_transpose(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value;
    int rank = x.type.rank;
    for (int i = 0; i < rank; i++)
        if (x.type.axis[i].kind == AXIS_PACK && i >= rank - 2) return value_error(); /* decided at each instance */
    if (rank < 2) {
        diag_error(s->diags, "E0308", arg[0].span, "transpose exchanges the last two axes, but this is %s", type_print(s, &x.type));
        return value_error();
    }
    SemaType type = x.type;
    type.axis[rank - 1] = x.type.axis[rank - 2];
    type.axis[rank - 2] = x.type.axis[rank - 1];
    int64_t perm[CORE_MAX_RANK];
    for (int i = 0; i < rank; i++)
        perm[i] = i;
    perm[rank - 1] = rank - 2, perm[rank - 2] = rank - 1;
    return prim_emit1(s, CORE_permute, &type, &x, perm, (uint32_t)rank);
}

Value prim_split(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value;
    int64_t n = arg[1].n, axis = arg[2].n;
    int place = axis_place(s, &x.type, axis, arg[2].span);
    if (place < 0) return value_error();
    Dim size = axis_size(s, &x.type.axis[place]), count = prim_constant(s, n);
    if (n < 1 || n > 64) {
        diag_error(s->diags, "E0302", arg[1].span, "split makes 1 to 64 parts");
        return value_error();
    }
    const char *why = NULL;
    DimAnswer answer = dim_divides(s->facts, size, count, &why);
    if (answer == DIM_REFUTED || (answer == DIM_OPEN && !s->generic)) {
        Diag *d = diag_error(s->diags, "E0312", call->span, "axis %s of size %s cannot be split into %lld equal parts",
                             arg[2].given ? dim_print(s->dims, s->arena, prim_constant(s, axis)) : "-1", dim_print(s->dims, s->arena, size),
                             (long long)n);
        if (why && *why) diag_note(d, "it fails for %s", why);
        return value_error();
    }
    Dim part = dim_floordiv(s->dims, size, count);
    Value out = {.kind = VAL_TUPLE, .n = (uint32_t)n, .items = ARENA_ARRAY(s->arena, Value, n)};
    Axis axis_part = axis_of(part);
    for (int64_t i = 0; i < n; i++) {
        Dim from = dim_mul(s->dims, part, prim_constant(s, i)), to = dim_add(s->dims, from, part);
        out.items[i] = axis_slice(s, &x, place, from, to, 1, &axis_part);
    }
    return n == 1 ? out.items[0] : out;
}

Value prim_pad(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value;
    Dim before = arg[2].size, after = arg[3].size;
    int place = axis_place(s, &x.type, arg[1].n, arg[1].span);
    if (place < 0) return value_error();
    sema_demand(s, before, OPER_GE, prim_constant(s, 0), arg[2].span, "padding cannot be negative");
    sema_demand(s, after, OPER_GE, prim_constant(s, 0), arg[3].span, "padding cannot be negative");
    double value = 0;
    int64_t n = 0;
    if (arg[4].given) {
        if (arg[4].value.kind == VAL_FLOAT)
            value = arg[4].value.number;
        else if (value_is_const_int(s, &arg[4].value, &n))
            value = (double)n;
        else {
            diag_error(s->diags, "E0302", arg[4].span, "value= of pad is a number known while compiling");
            return value_error();
        }
    }
    SemaType type = x.type;
    int64_t bound = 0;
    bool whole = value == floor(value), bit = value == 0 || value == 1;
    if (!is_float_elem(type.elem) && (type.elem == ELEM_bool ? !bit : !whole || fabs(value) > 2147483647.0)) {
        diag_error(s->diags, "E0303", arg[4].span, "value=%g does not suit %s", value, type_print(s, &type));
        return value_error();
    }
    bool inside = value == 0 || (value > 0 && type.bound && dim_is_const(s->dims, type.bound, &bound) && value < (double)bound);
    if (!inside) type.bound = 0;
    type.axis[place] = axis_of(dim_add(s->dims, dim_add(s->dims, axis_size(s, &x.type.axis[place]), before), after));
    int64_t attr[3] = {place, before, after};
    Value out = prim_emit1(s, CORE_pad, &type, &x, attr, 3);
    core_last(s)->number = value;
    return out;
}

Value prim_flip(Sema *s, const PrimCall *call)
{
    const Value *x = &call->arg[0].value;
    int64_t place = axis_place(s, &x->type, call->arg[1].n, call->arg[1].span);
    return place < 0 ? value_error() : prim_emit1(s, CORE_flip, &x->type, x, &place, 1);
}

Value prim_roll(Sema *s, const PrimCall *call)
{
    const Value *x = &call->arg[0].value, *n = &call->arg[1].value;
    int64_t place = axis_place(s, &x->type, call->arg[2].n, call->arg[2].span);
    if (place < 0) return value_error();
    if (n->type.rank || !elem_is_integer(n->type.elem)) {
        diag_error(s->diags, "E0302", call->arg[1].span, "roll moves by an int, but this is %s", value_describe(s, n));
        return value_error();
    }
    CoreRef in[2] = {value_use(s, x, ELEM_none), value_use(s, n, ELEM_int)};
    return prim_emit(s, CORE_roll, &x->type, in, 2, &place, 1);
}

/* ---- concat, stack --------------------------------------------------------------------------- */

/* The first item of a list as it is written, NULL: the list is a value. */
static const Expr *first_item(const PrimArg *list)
{
    return list->expr && list->expr->kind == EXPR_LIST ? list->expr->list : NULL;
}

static Span item_span(const PrimArg *list, uint32_t i)
{
    const Expr *e = first_item(list);
    while (e && i-- > 0)
        e = e->next;
    return e ? e->span : list->span;
}

/* The parts as tensors, *n of them; numbers adopt the element type of the others. NULL after an error. */
static Value *parts_of(Sema *s, const PrimCall *call, uint32_t *n)
{
    const PrimArg *list = call->arg[0].given;
    if (list->value.kind != VAL_LIST && list->value.kind != VAL_TUPLE) {
        diag_error(s->diags, "E0302", list->span, "%s takes a list: %s([a, b], axis=-1)", call->name, call->name);
        return NULL;
    }
    *n = list->value.n; /* a list has items */
    Value *part = ARENA_ARRAY(s->arena, Value, *n);
    Elem elem = ELEM_none;
    for (uint32_t i = 0; i < *n; i++) {
        const Value *v = &list->value.items[i];
        Elem own = v->kind == VAL_TENSOR ? v->type.elem : v->kind == VAL_FLOAT ? ELEM_float : ELEM_none;
        if (elem == ELEM_none || v->kind == VAL_TENSOR) elem = own != ELEM_none ? own : elem;
    }
    const Expr *item = first_item(list);
    for (uint32_t i = 0; i < *n; i++, item = item ? item->next : NULL) {
        PrimArg one = *list;
        one.value = list->value.items[i];
        one.span = item ? item->span : list->span;
        if (is_float_elem(elem) && (one.value.kind == VAL_INT || one.value.kind == VAL_FLOAT))
            part[i] = value_as_tensor(s, &one.value, elem);
        else if (!arg_tensor(s, call, &one, &part[i]))
            return NULL;
    }
    return part;
}

/* The parts do not go together along `place`, if their axes differ elsewhere, `bad` the first that does. */
static void report_parts(Sema *s, const PrimCall *call, const char *what, const SemaType *first, const SemaType *t, uint32_t i, int bad,
                         const char *why, int64_t place)
{
    const PrimArg *list = call->arg[0].given;
    Diag *d = diag_error(s->diags, "E0321", item_span(list, 0), "cannot %s %s and %s along axis %lld", what, shape_print(s, first),
                         shape_print(s, t), (long long)place);
    diag_label(d, item_span(list, i), "%s", "");
    if (bad >= 0 && why && *why)
        diag_note(d, "equal only if %s == %s, which fails for %s", dim_print(s->dims, s->arena, axis_size(s, &first->axis[bad])),
                  dim_print(s->dims, s->arena, axis_size(s, &t->axis[bad])), why);
    if (t->elem != first->elem) diag_note(d, "the element types are %s and %s", elem_name(first->elem), elem_name(t->elem));
}

/* `said`: the axis as messages name it. */
static Value join(Sema *s, const PrimCall *call, const char *what, const Value *part, uint32_t n, int64_t place, int64_t said)
{
    SemaType first = part[0].type, type = first;
    Dim sum = prim_constant(s, 0);
    CoreRef *in = ARENA_ARRAY(s->arena, CoreRef, n);
    for (uint32_t i = 0; i < n; i++) {
        const SemaType *t = &part[i].type;
        const char *why = NULL;
        bool fits = t->rank == first.rank && t->elem == first.elem;
        int bad = -1;
        for (int a = 0; fits && a < t->rank; a++)
            if (a != place && !axis_same(s, &t->axis[a], &first.axis[a], &why)) fits = false, bad = a;
        if (!fits) {
            report_parts(s, call, what, &first, t, i, bad, why, said);
            return value_error();
        }
        sum = dim_add(s->dims, sum, axis_size(s, &t->axis[place]));
        if (t->bound != type.bound) type.bound = value_larger_bound(s, t->bound, type.bound);
        in[i] = value_use(s, &part[i], ELEM_none);
    }
    type.axis[place] = axis_of(sum);
    return prim_emit(s, CORE_concat, &type, in, n, &place, 1);
}

Value prim_concat(Sema *s, const PrimCall *call)
{
    uint32_t n;
    Value *part = parts_of(s, call, &n);
    if (!part) return value_error();
    int64_t place = axis_place(s, &part[0].type, call->arg[1].n, call->arg[1].span);
    return place < 0 ? value_error() : join(s, call, "join", part, n, place, call->arg[1].n);
}

/* A new axis: each part gets one of size 1, and they are joined along it. */
Value prim_stack(Sema *s, const PrimCall *call)
{
    uint32_t n;
    Value *part = parts_of(s, call, &n);
    if (!part) return value_error();
    SemaType first = part[0].type, wide = first;
    if (wide.rank == CORE_MAX_RANK) {
        diag_error(s->diags, "E0308", call->span, "a tensor has at most %d axes", CORE_MAX_RANK);
        return value_error();
    }
    wide.axis[wide.rank++] = axis_of(prim_constant(s, 1));
    int place = axis_place(s, &wide, call->arg[1].n, call->arg[1].span);
    if (place < 0) return value_error();
    for (uint32_t i = 0; i < n; i++) {
        SemaType t = part[i].type;
        if (t.rank + 1 != wide.rank) {
            report_parts(s, call, "stack", &first, &t, i, -1, NULL, call->arg[1].n);
            return value_error();
        }
        memmove(t.axis + place + 1, t.axis + place, sizeof(Axis) * (size_t)(t.rank - place));
        t.axis[place] = axis_of(prim_constant(s, 1));
        t.rank++;
        part[i] = prim_emit1(s, CORE_reshape, &t, &part[i], NULL, 0);
    }
    if (axis_place(s, &part[0].type, place, call->arg[1].span) < 0) return value_error();
    return join(s, call, "stack", part, n, place, place);
}
