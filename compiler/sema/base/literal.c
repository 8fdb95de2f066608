/* SPDX-License-Identifier: MIT
 * literal.c: lists of numbers as tensors. What the compiler knows is a table of the program; else the numbers are put together
 * when the program runs. */
#include "sema/base/literal.h"

#include <string.h>

#include "sema/base/record.h"
#include "sema/base/value.h"

static bool is_list(const Value *v)
{
    return (v->kind == VAL_LIST || v->kind == VAL_INTS) && !v->n_unknown && v->n;
}

/* A number that does not fit into an int can only be a float. */
static Elem element(const Sema *s, const Value *v)
{
    int64_t n;
    switch (v->kind) {
    case VAL_INT: return value_is_const_int(s, v, &n) && (n < INT32_MIN || n > INT32_MAX) ? ELEM_float : ELEM_int;
    case VAL_FLOAT: return ELEM_float;
    case VAL_BOOL: return ELEM_bool;
    case VAL_TENSOR: return v->type.rank ? ELEM_none : v->type.elem;
    default: return ELEM_none;
    }
}

/* Of two elements of a list: whole numbers among floats are floats. */
static bool join(Elem *elem, Elem other)
{
    if (*elem == ELEM_none || (*elem == ELEM_int && is_float_elem(other))) *elem = other;
    return *elem == other || (is_float_elem(*elem) && other == ELEM_int);
}

/* The elements of the list, laid end to end, and the sizes at `axis` and behind it. */
static bool read_axis(Sema *s, const Value *v, int axis, SemaType *type, Elem *elem)
{
    if (!is_list(v)) {
        Elem own = element(s, v);
        return axis == type->rank && own != ELEM_none && join(elem, own);
    }
    if (axis == CORE_MAX_RANK) return false;
    Dim n = dim_const(s->dims, v->n);
    if (axis < type->rank && type->axis[axis].dim != n) return false;
    type->axis[axis] = (Axis){.kind = AXIS_DIM, .dim = n};
    if (axis == type->rank) type->rank++;
    for (uint32_t i = 0; i < v->n; i++)
        if (!read_axis(s, &v->items[i], axis + 1, type, elem)) return false;
    return true;
}

/* Ranks are those of the first elements; others have to be the same. */
static int rank_of(const Value *v)
{
    int rank = 0;
    while (is_list(v) && rank <= CORE_MAX_RANK)
        v = &v->items[0], rank++;
    return rank;
}

static void largest(Sema *s, const Value *v, int64_t *most, bool *known)
{
    int64_t n;
    if (is_list(v)) {
        for (uint32_t i = 0; i < v->n; i++)
            largest(s, &v->items[i], most, known);
    } else if (value_is_const_int(s, v, &n) && n >= 0 && n < INT32_MAX) {
        *most = n > *most ? n : *most;
    } else {
        *known = false;
    }
}

bool literal_type(Sema *s, const Value *list, SemaType *type)
{
    Elem elem = ELEM_none;
    SemaType sizes = {0};
    if (!is_list(list) || rank_of(list) > CORE_MAX_RANK) return false;
    if (!read_axis(s, list, 0, &sizes, &elem) || sizes.rank != rank_of(list)) return false;
    sizes.elem = elem;
    int64_t most = 0;
    bool known = elem == ELEM_int;
    largest(s, list, &most, &known);
    if (known) sizes.bound = dim_const(s->dims, most + 1);
    *type = sizes;
    return true;
}

bool literal_is_known(const Sema *s, const Value *list)
{
    int64_t n;
    if (!is_list(list)) return list->kind == VAL_FLOAT || list->kind == VAL_BOOL || value_is_const_int(s, list, &n);
    for (uint32_t i = 0; i < list->n; i++)
        if (!literal_is_known(s, &list->items[i])) return false;
    return true;
}

typedef VEC(int64_t) Numbers;
typedef VEC(CoreRef) Parts;

static void add_number(Sema *s, const Value *v, Numbers *out)
{
    int64_t n = 0, bits;
    if (is_list(v)) {
        for (uint32_t i = 0; i < v->n; i++)
            add_number(s, &v->items[i], out);
        return;
    }
    double x = v->kind == VAL_FLOAT ? v->number : v->kind == VAL_BOOL ? v->truth > 0 : value_is_const_int(s, v, &n) ? (double)n : 0;
    memcpy(&bits, &x, sizeof bits);
    vec_add(s->arena, out, bits);
}

static void add_part(Sema *s, const Value *v, Elem elem, Parts *out)
{
    if (is_list(v)) {
        for (uint32_t i = 0; i < v->n; i++)
            add_part(s, &v->items[i], elem, out);
        return;
    }
    SemaType one = {.elem = elem, .rank = 1, .axis = {{.kind = AXIS_DIM, .dim = dim_const(s->dims, 1)}}};
    Value scalar = v->kind == VAL_TENSOR && v->type.elem != elem ? value_cast(s, v, elem) : *v;
    CoreRef ref = value_use(s, &scalar, elem);
    vec_add(s->arena, out, core_emit(s, CORE_reshape, &one, &ref, 1, NULL, 0));
}

static CoreRef put_together(Sema *s, const Value *list, const SemaType *type)
{
    Parts part = {0};
    add_part(s, list, type->elem, &part);
    int64_t axis = 0;
    SemaType row = {.elem = type->elem, .rank = 1, .axis = {{.kind = AXIS_DIM, .dim = dim_const(s->dims, part.n)}}};
    CoreRef ref = core_emit(s, CORE_concat, &row, part.at, part.n, &axis, 1);
    return type->rank == 1 ? ref : core_emit(s, CORE_reshape, type, &ref, 1, NULL, 0);
}

bool literal_tensor(Sema *s, Value *v, Elem want)
{
    SemaType type;
    if (!literal_type(s, v, &type)) return false;
    if (is_float_elem(want) && (type.elem == ELEM_int || type.elem == ELEM_float)) type.elem = want, type.bound = 0;
    Span span = v->span;
    CoreRef ref;
    if (literal_is_known(s, v)) {
        Numbers number = {0};
        add_number(s, v, &number);
        ref = core_emit(s, CORE_table, &type, NULL, 0, number.at, number.n);
    } else {
        ref = put_together(s, v, &type);
    }
    *v = value_tensor(s, &type, ref);
    v->span = span;
    return true;
}

void literals_join(Sema *s, Value *v, uint32_t n)
{
    Elem want = ELEM_none;
    SemaType type;
    for (uint32_t i = 0; i < n; i++) {
        bool list = literal_type(s, &v[i], &type);
        Elem own = list ? type.elem : v[i].kind == VAL_TENSOR ? v[i].type.elem : v[i].kind == VAL_FLOAT ? ELEM_float : ELEM_none;
        if (is_float_elem(own) && (want == ELEM_none || !list)) want = own;
    }
    for (uint32_t i = 0; i < n; i++)
        literal_tensor(s, &v[i], want);
}
