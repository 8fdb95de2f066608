/* SPDX-License-Identifier: MIT
 * value.c: values and types: making them, comparing them, saying them in messages. */
#include "sema/base/literal.h"
#include "sema/base/value.h"

#include <string.h>

#include "sema/base/demand.h"

Value value_error(void)
{
    return (Value){.kind = VAL_ERROR};
}

Value value_none(void)
{
    return (Value){.kind = VAL_NONE};
}

Value value_dim(Sema *s, Dim dim)
{
    (void)s;
    return (Value){.kind = VAL_INT, .dim = dim};
}

Value value_int(Sema *s, int64_t n)
{
    return value_dim(s, dim_const(s->dims, n));
}

Value value_float(double x)
{
    return (Value){.kind = VAL_FLOAT, .number = x};
}

Value value_bool(int truth)
{
    return (Value){.kind = VAL_BOOL, .truth = truth};
}

Value value_string(const char *text)
{
    return (Value){.kind = VAL_STRING, .text = text};
}

bool value_is_const_int(const Sema *s, const Value *v, int64_t *n)
{
    return v->kind == VAL_INT && dim_is_const(s->dims, v->dim, n);
}

SemaType type_scalar(Elem elem)
{
    return (SemaType){.elem = elem};
}

Dim axis_size(Sema *s, const Axis *a)
{
    if (a->kind == AXIS_STRETCH) return dim_const(s->dims, 1);
    return a->kind == AXIS_PACK ? dim_symbol(s->dims, a->pack) : a->dim;
}

bool type_has_one_place(Sema *s, const SemaType *t)
{
    int64_t n;
    for (int i = 0; i < t->rank; i++)
        if (t->axis[i].kind == AXIS_DIM && dim_is_const(s->dims, t->axis[i].dim, &n) && n == 1) return true;
    return false;
}

bool type_has_pack(const SemaType *type)
{
    for (int i = 0; i < type->rank; i++)
        if (type->axis[i].kind == AXIS_PACK) return true;
    return false;
}

CoreType core_type(Sema *s, const SemaType *type)
{
    CoreType t = {.elem = (uint8_t)type->elem, .rank = type->rank};
    if (s->in_metric && t.elem == ELEM_float) t.elem = ELEM_f64;
    for (int i = 0; i < type->rank; i++)
        t.dim[i] = axis_size(s, &type->axis[i]);
    return t;
}

/* ---- texts ---------------------------------------------------------------------------------- */

const char *shape_print(Sema *s, const SemaType *type)
{
    Text text = {.arena = s->arena};
    text_add(&text, "[");
    for (int i = 0; i < type->rank; i++) {
        const Axis *a = &type->axis[i];
        if (i) text_add(&text, ", ");
        if (a->kind == AXIS_STRETCH)
            text_add(&text, "_");
        else if (a->kind == AXIS_PACK)
            text_add(&text, "*%s", symbol_name(s->dims, a->pack));
        else
            text_add(&text, "%s", dim_print(s->dims, s->arena, a->dim));
    }
    text_add(&text, "]");
    return text_c(&text);
}

const char *type_print(Sema *s, const SemaType *type)
{
    Text text = {.arena = s->arena};
    text_add(&text, "%s", elem_name(type->elem));
    if (type->bound) text_add(&text, "<%s>", dim_print(s->dims, s->arena, type->bound));
    if (type->rank) text_add(&text, "%s", shape_print(s, type));
    return text_c(&text);
}

const char *full_type_print(Sema *s, const FullType *type)
{
    switch (type->kind) {
    case TYPE_TENSOR: return type_print(s, &type->tensor);
    case TYPE_DIM: return "a size (dim)";
    case TYPE_STRING: return "a string";
    case TYPE_INTS: return "a list of integers (ints)";
    case TYPE_FN: return "a function";
    case TYPE_LAYER: return "a layer";
    case TYPE_TUPLE: break;
    }
    Text text = {.arena = s->arena};
    for (uint32_t i = 0; i < type->n; i++)
        text_add(&text, "%s%s", i ? ", " : "(", full_type_print(s, &type->items[i]));
    text_add(&text, ")");
    return text_c(&text);
}

static const char *describe_many(Sema *s, const Value *v)
{
    Text text = {.arena = s->arena};
    for (uint32_t i = 0; i < v->n; i++)
        text_add(&text, "%s%s", i ? ", " : "(", value_describe(s, &v->items[i]));
    text_add(&text, ")");
    return text_c(&text);
}

const char *value_describe(Sema *s, const Value *v)
{
    SemaType type;
    switch (v->kind) {
    case VAL_ERROR: return "an unknown value";
    case VAL_NONE: return "nothing";
    case VAL_TENSOR: return type_print(s, &v->type);
    case VAL_INT:
        return arena_print(s->arena, "%s %s", dim_is_const(s->dims, v->dim, NULL) ? "the number" : "the size",
                           dim_print(s->dims, s->arena, v->dim));
    case VAL_FLOAT: return arena_print(s->arena, "the number %g", v->number);
    case VAL_BOOL: return v->truth < 0 ? "a bool" : v->truth ? "true" : "false";
    case VAL_STRING: return v->text ? arena_print(s->arena, "the text \"%s\"", v->text) : "a text";
    case VAL_OPTION_TEXT: return "a text";
    case VAL_INTS: return "a list of integers";
    case VAL_FN:
        return v->fn ? arena_print(s->arena, "the function %s", v->fn->name)
                     : arena_print(s->arena, "the function %s", v->prim ? v->prim : "?");
    case VAL_LAYER:
        return v->text ? arena_print(s->arena, "the layers %s[...]", v->text)
                       : arena_print(s->arena, "the layer %s", v->instance ? v->instance->title : "?");
    case VAL_LAYER_DEF: return "a layer declaration";
    case VAL_TUPLE: return describe_many(s, v);
    case VAL_LIST: return literal_type(s, v, &type) ? arena_print(s->arena, "a list, %s", type_print(s, &type)) : "a list";
    case VAL_RANGE: return "a range a..b";
    case VAL_MODULE: return "an imported file";
    case VAL_DATA: return "a data block";
    case VAL_PART: return "a part of a data block";
    case VAL_EXAMPLE: return "an example of a data block";
    case VAL_METRIC: return "a metric";
    case VAL_OPTIMIZER: return "an optimizer";
    case VAL_HOLE: return "`_`";
    }
    return "a value";
}

/* ---- comparing ------------------------------------------------------------------------------ */

/* Shapes only; `_` counts as 1. An undecided axis counts as equal in a definition check (asked
 * again at each use). */
bool types_equal(Sema *s, const SemaType *a, const SemaType *b, const char **why, int *axis)
{
    *why = "";
    *axis = -1;
    if (a->rank != b->rank) return false;
    for (int i = 0; i < a->rank; i++) {
        *axis = i;
        const Axis *x = &a->axis[i], *y = &b->axis[i];
        if (x->kind == AXIS_PACK || y->kind == AXIS_PACK) {
            if (x->kind != y->kind || x->pack != y->pack) return false;
            continue;
        }
        DimAnswer answer = sema_equal(s, axis_size(s, x), axis_size(s, y), why);
        if (answer == DIM_REFUTED || (answer == DIM_OPEN && !s->generic)) return false;
    }
    return true;
}

/* ---- hashes --------------------------------------------------------------------------------- */

uint64_t hash_mix(uint64_t a, uint64_t b)
{
    uint64_t h = a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2));
    h ^= h >> 31;
    h *= 0xbf58476d1ce4e5b9u;
    return h ^ (h >> 29);
}

uint64_t hash_text(const char *text)
{
    return str_hash(text, strlen(text));
}

const char *known_text(const Value *v)
{
    return v->kind == VAL_STRING && v->text ? v->text : "";
}

bool text_of_value(const Value *v, CoreText *out)
{
    if (v->kind == VAL_OPTION_TEXT) {
        *out = *v->parts;
        return true;
    }
    if (v->kind != VAL_STRING || !v->text) return false;
    *out = (CoreText){.n = 1};
    out->piece[0].text = v->text;
    out->piece[0].option = -1;
    return true;
}
