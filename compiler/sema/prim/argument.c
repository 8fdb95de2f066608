/* SPDX-License-Identifier: MIT
 * argument.c: how primitives read their arguments and record what they make. */
#include "sema/prim/argument.h"

#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/literal.h"
#include "sema/base/record.h"
#include "sema/base/suggest.h"

static bool is_many(const Value *v)
{
    return v->kind == VAL_LIST || v->kind == VAL_TUPLE || v->kind == VAL_INTS;
}

static bool has_error(const Value *v)
{
    if (v->kind == VAL_ERROR) return true;
    for (uint32_t i = 0; is_many(v) && i < v->n; i++)
        if (has_error(&v->items[i])) return true;
    return false;
}

bool arg_any_error(const PrimCall *call)
{
    for (uint32_t i = 0; i < call->n; i++)
        if (has_error(&call->args[i].value)) return true;
    return false;
}

Value value_plain(Sema *s, const Value *v)
{
    Value out = *v;
    if (v->kind == VAL_TENSOR) {
        for (int i = 0; i < out.type.rank; i++)
            if (out.type.axis[i].kind == AXIS_STRETCH) out.type.axis[i] = axis_of(dim_const(s->dims, 1));
    } else if ((v->kind == VAL_LIST || v->kind == VAL_TUPLE) && v->n) {
        out.items = ARENA_ARRAY(s->arena, Value, v->n);
        for (uint32_t i = 0; i < v->n; i++)
            out.items[i] = value_plain(s, &v->items[i]);
    }
    return out;
}

static bool wrong_name(Sema *s, const PrimCall *call, const PrimArg *arg, const PrimParam *params)
{
    enum { MOST = 16 };
    const char *names[MOST];
    uint32_t n = 0;
    for (; n < MOST && params[n].name; n++)
        names[n] = params[n].name;
    Diag *d = diag_error(s->diags, "E0302", arg->name_span, "%s has no argument `%s`", call->name, arg->name);
    const char *help = suggest_argument(s, arg->name, names, n);
    if (help) suggest_told(d, arg->name_span, NULL, help);
    if (!help || strncmp(help, "did", 3) != 0) diag_note(d, "its arguments are: %s", suggest_list(s, names, n));
    return false;
}

/* The parameter of a name; -1: none has it. */
static int param_named(const PrimParam *params, const char *name)
{
    for (int i = 0; params[i].name; i++)
        if (strcmp(params[i].name, name) == 0) return i;
    return -1;
}

static void too_many(Sema *s, const PrimCall *call, const PrimArg *arg, const PrimParam *params, uint32_t n)
{
    Diag *d = diag_error(s->diags, "E0302", arg->span, "%s takes %u argument%s", call->name, n, n == 1 ? "" : "s");
    if (!strcmp(call->name, "transpose"))
        diag_help(d, "transpose(x) exchanges the last two axes; other axes: rearrange(x, \"b t h -> t b h\")");
    else if (n)
        diag_help(d, "the first is `%s`; its page in stdlib.md has the others", params[0].name);
}

/* concat(a, b, axis=-1): the parts are no list. */
static void given_twice(Sema *s, const PrimCall *call, const PrimArg *arg, const PrimParam *param, const PrimArg *first)
{
    Diag *d = diag_error(s->diags, "E0302", arg->span, "`%s` of %s is given twice", param->name, call->name);
    if (!strcmp(param->name, "axis") && first->value.kind == VAL_TENSOR)
        diag_help(d, "the parts stand in a list: %s([a, b], axis=-1)", call->name);
}

/* Which argument goes to which parameter: by position or name. */
static bool bind(Sema *s, PrimCall *call, const PrimParam *params)
{
    int n = 0, next = 0;
    while (params[n].name)
        n++;
    for (uint32_t i = 0; i < call->n; i++) {
        const PrimArg *arg = &call->args[i];
        bool named = arg->name && !arg->pack;
        while (!named && next < n && call->arg[next].given)
            next++;
        int at = named ? param_named(params, arg->name) : next;
        if (at < 0) return wrong_name(s, call, arg, params);
        if (at == n) {
            too_many(s, call, arg, params, (uint32_t)n);
            return false;
        }
        if (call->arg[at].given) {
            given_twice(s, call, arg, &params[at], call->arg[at].given);
            return false;
        }
        call->arg[at].given = arg;
    }
    for (int k = 0; k < n; k++)
        if (!call->arg[k].given && !params[k].optional) {
            Diag *d = diag_error(s->diags, "E0302", call->span, "%s needs `%s`", call->name, params[k].name);
            if (!call->n && n == 1 && !strcmp(params[0].name, "x")) suggest_tensor(d, call->name);
            if (!strcmp(params[k].name, "axis")) diag_help(d, "add axis=-1, the last one, or another");
            return false;
        }
    return true;
}

bool arg_tensor(Sema *s, const PrimCall *call, const PrimArg *arg, Value *out)
{
    ValueKind k = arg->value.kind;
    if (k == VAL_TENSOR) {
        *out = arg->value;
        return true;
    }
    if (k == VAL_INT || k == VAL_FLOAT || k == VAL_BOOL) {
        *out = value_as_tensor(s, &arg->value, ELEM_none);
        return true;
    }
    *out = arg->value;
    if (literal_tensor(s, out, ELEM_none)) return true;
    diag_error(s->diags, "E0302", arg->span, "%s needs a tensor here, but this is %s", call->name, value_describe(s, &arg->value));
    return false;
}

bool arg_size(Sema *s, const PrimCall *call, const PrimArg *arg, Dim *out)
{
    if (arg->value.kind == VAL_INT) {
        *out = arg->value.dim;
        return true;
    }
    Diag *d = diag_error(s->diags, "E0302", arg->span, "%s needs a size here, but this is %s", call->name, value_describe(s, &arg->value));
    if (arg->value.kind == VAL_TENSOR) diag_help(d, "sizes are known while compiling: a number, a name of [...], or a `dim` argument");
    suggest_whole(s, d, &arg->value, arg->span);
    return false;
}

static bool read_int(Sema *s, const PrimCall *call, const PrimArg *arg, int64_t *out)
{
    if (value_is_const_int(s, &arg->value, out)) return true;
    if (arg->value.kind == VAL_INT && s->generic) return false; /* decided at each instance */
    Diag *d = diag_error(s->diags, "E0302", arg->span, "%s needs a whole number known while compiling here, but this is %s", call->name,
                         value_describe(s, &arg->value));
    suggest_whole(s, d, &arg->value, arg->span);
    if (arg->value.kind == VAL_TENSOR && (!strcmp(call->name, "concat") || !strcmp(call->name, "stack")))
        diag_help(d, "the parts stand in a list: %s([a, b], axis=-1)", call->name);
    return false;
}

/* A wrong one is reported and counts as absent. */
static bool read_switch(Sema *s, const PrimArg *arg)
{
    if (arg->value.kind == VAL_BOOL) return arg->value.truth != 0;
    diag_error(s->diags, "E0302", arg->span, "true or false is needed here, but this is %s", value_describe(s, &arg->value));
    return false;
}

static bool read_value(Sema *s, const PrimCall *call, const PrimParam *param, PrimValue *v)
{
    v->span = v->given ? v->given->span : call->span;
    v->n = param->otherwise;
    if (!v->given) {
        if (param->kind == TAKES_SIZE) v->size = prim_constant(s, param->otherwise);
        return true;
    }
    switch (param->kind) {
    case TAKES_ANY: return v->value = v->given->value, true;
    case TAKES_TENSOR: return arg_tensor(s, call, v->given, &v->value);
    case TAKES_SIZE: return arg_size(s, call, v->given, &v->size);
    case TAKES_INT: return read_int(s, call, v->given, &v->n);
    default: return v->truth = read_switch(s, v->given), true; /* TAKES_BOOL */
    }
}

bool prim_read(Sema *s, PrimCall *call, const PrimParam *params)
{
    memset(call->arg, 0, sizeof call->arg);
    if (!bind(s, call, params)) return false;
    for (int i = 0; params[i].name; i++)
        if (!read_value(s, call, &params[i], &call->arg[i])) return false;
    return true;
}

static bool add_axis(Sema *s, SemaType *type, Axis a, Span at)
{
    if (type->rank == CORE_MAX_RANK) {
        diag_error(s->diags, "E0308", at, "a tensor has at most %d axes", CORE_MAX_RANK);
        return false;
    }
    type->axis[type->rank++] = a;
    return true;
}

static bool add_size(Sema *s, const PrimCall *call, SemaType *type, const Value *v, Span at)
{
    if (v->kind == VAL_INT) {
        int64_t n = 0;
        if (dim_is_const(s->dims, v->dim, &n) && n < 1) {
            Diag *d = diag_error(s->diags, "E0308", at, "a size must be at least 1, but this is %lld", (long long)n);
            if (n == -1) diag_help(d, "no size is found out: write all of them, %s(x, B, ...)", call->name);
            return false;
        }
        if (!dim_is_const(s->dims, v->dim, NULL)) sema_demand(s, v->dim, OPER_GE, dim_const(s->dims, 0), at, "a size cannot be negative");
        return add_axis(s, type, axis_of(v->dim), at);
    }
    Diag *d = diag_error(s->diags, "E0302", at, "%s needs sizes here, but this is %s", call->name, value_describe(s, v));
    suggest_whole(s, d, v, at);
    return false;
}

bool arg_by_place(Sema *s, const PrimCall *call, uint32_t n)
{
    for (uint32_t i = 0; i < call->n && i < n; i++) {
        const PrimArg *arg = &call->args[i];
        if (!arg->name || arg->pack) continue;
        Diag *d = diag_error(s->diags, "E0302", arg->name_span, "%s has no argument `%s`", call->name, arg->name);
        if (n == ALL_ARGUMENTS)
            diag_help(d, "arguments of %s have no names", call->name);
        else
            diag_help(d, "the first %u arguments of %s have no names", n, call->name);
        return false;
    }
    return true;
}

bool arg_shape(Sema *s, const PrimCall *call, uint32_t from, SemaType *type)
{
    if (!arg_by_place(s, call, ALL_ARGUMENTS)) return false;
    for (uint32_t i = from; i < call->n; i++) {
        const PrimArg *arg = &call->args[i];
        const Value *v = &arg->value;
        if (v->kind == VAL_INTS && v->type.rank > 0) { /* a pack: its axes, of a rigid one any number */
            for (int k = 0; k < v->type.rank; k++)
                if (!add_axis(s, type, v->type.axis[k], arg->span)) return false;
            continue;
        }
        if (v->kind == VAL_INTS || v->kind == VAL_LIST || v->kind == VAL_TUPLE) {
            for (uint32_t k = 0; k < v->n; k++)
                if (!add_size(s, call, type, &v->items[k], arg->span)) return false;
            continue;
        }
        if (!add_size(s, call, type, v, arg->span)) return false;
    }
    return true;
}

int axis_place(Sema *s, const SemaType *type, int64_t axis, Span at)
{
    int pack = -1;
    for (int i = 0; i < type->rank; i++)
        if (type->axis[i].kind == AXIS_PACK) pack = i;
    if (pack >= 0) {
        if (axis >= 0 && axis < pack) return (int)axis;
        if (axis < 0 && type->rank + axis > pack) return (int)(type->rank + axis);
        return -1;
    }
    int64_t place = axis < 0 ? type->rank + axis : axis;
    if (place >= 0 && place < type->rank) return (int)place;
    Diag *d = diag_error(s->diags, "E0308", at, "there is no axis %lld in %s", (long long)axis, type_print(s, type));
    if (type->rank > 1)
        diag_help(d, "its axes are 0 to %d; -1 is the last", type->rank - 1);
    else if (type->rank)
        diag_help(d, "its only axis is 0");
    else
        diag_help(d, "it is one number, without axes");
    return -1;
}

Axis axis_of(Dim d)
{
    return (Axis){.kind = AXIS_DIM, .dim = d};
}

Value prim_emit(Sema *s, CoreOp op, const SemaType *type, const CoreRef *in, uint32_t n_in, const int64_t *attr, uint32_t n_attr)
{
    return value_tensor(s, type, core_emit(s, op, type, in, n_in, attr, n_attr));
}

Value prim_emit1(Sema *s, CoreOp op, const SemaType *type, const Value *a, const int64_t *attr, uint32_t n_attr)
{
    CoreRef in = value_use(s, a, ELEM_none);
    return prim_emit(s, op, type, &in, 1, attr, n_attr);
}

bool type_check_computes(Sema *s, const char *what, const SemaType *type, Span at)
{
    Elem e = type->elem;
    if (e != ELEM_u8 && e != ELEM_i8 && e != ELEM_f16 && e != ELEM_bf16) return true;
    Diag *d = diag_error(s->diags, "E0303", at, "%s does not compute with %s, which is a type for storage", what, type_print(s, type));
    diag_help(d, "write float(...) or int(...)");
    return false;
}

bool size_is_natural(Sema *s, Dim d)
{
    return sema_at_least(s, d, dim_const(s->dims, 0), NULL) == DIM_PROVED;
}

bool elem_is_integer(Elem e)
{
    return e == ELEM_int || e == ELEM_i32 || e == ELEM_i64 || e == ELEM_i8 || e == ELEM_u8;
}

Dim prim_constant(Sema *s, int64_t n)
{
    return dim_const(s->dims, n);
}

bool axis_same(Sema *s, const Axis *a, const Axis *b, const char **why)
{
    if (a->kind == AXIS_PACK || b->kind == AXIS_PACK) return a->kind == b->kind && a->pack == b->pack;
    DimAnswer answer = sema_equal(s, axis_size(s, a), axis_size(s, b), why);
    return answer == DIM_PROVED || (answer == DIM_OPEN && s->generic);
}

/* lo .. hi (step) of one axis, the others whole. */
Value axis_slice(Sema *s, const Value *x, int axis, Dim lo, Dim hi, int64_t step, const Axis *result)
{
    int64_t attr[3 * CORE_MAX_RANK];
    SemaType type = x->type;
    for (int i = 0; i < type.rank; i++) {
        attr[3 * i] = i == axis ? lo : prim_constant(s, 0);
        attr[3 * i + 1] = i == axis ? hi : axis_size(s, &x->type.axis[i]);
        attr[3 * i + 2] = i == axis ? step : 1;
    }
    type.axis[axis] = *result;
    return prim_emit1(s, CORE_slice, &type, x, attr, 3u * type.rank);
}

Dim value_bound(Sema *s, const Value *v)
{
    if (v->kind == VAL_TENSOR) return v->type.bound;
    return v->kind == VAL_INT && size_is_natural(s, v->dim) ? dim_add(s->dims, v->dim, dim_const(s->dims, 1)) : 0;
}

Dim value_larger_bound(Sema *s, Dim a, Dim b)
{
    if (!a || !b) return 0;
    if (sema_at_least(s, a, b, NULL) == DIM_PROVED) return a;
    return sema_at_least(s, b, a, NULL) == DIM_PROVED ? b : 0;
}
