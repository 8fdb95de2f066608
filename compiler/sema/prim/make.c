/* SPDX-License-Identifier: MIT
 * make.c: makers of tensors, and what tells sizes: zeros ones full range eye count size len. */
#include "sema/base/demand.h"
#include "sema/base/record.h"
#include "sema/prim/argument.h"
#include "sema/prim/prim.h"

static Value splat(Sema *s, const SemaType *type, double number, int64_t integer)
{
    Value v = prim_emit(s, CORE_const, type, NULL, 0, NULL, 0);
    core_last(s)->number = number;
    core_last(s)->integer = integer;
    return v;
}

Value prim_full(Sema *s, const PrimCall *call)
{
    SemaType type = {0};
    if (call->n < 1) {
        diag_error(s->diags, "E0302", call->span, "full needs a value and sizes: full(0, B)");
        return value_error();
    }
    const Value *v = &call->args[0].value;
    if (!arg_shape(s, call, 1, &type)) return value_error();
    int64_t n = 0;
    if (value_is_const_int(s, v, &n)) {
        if (n < INT32_MIN || n > INT32_MAX) {
            diag_error(s->diags, "E0303", call->args[0].span, "%lld does not fit into an int, which has 32 bits", (long long)n);
            return value_error();
        }
        type.elem = ELEM_int;
        if (n >= 0) type.bound = dim_const(s->dims, n + 1);
        return splat(s, &type, (double)n, n);
    }
    if (v->kind == VAL_FLOAT) {
        type.elem = ELEM_float;
        return splat(s, &type, v->number, (int64_t)v->number);
    }
    if (v->kind == VAL_BOOL && v->truth >= 0) {
        type.elem = ELEM_bool;
        return splat(s, &type, v->truth, v->truth);
    }
    Value t; /* a run-time scalar: repeated */
    if (!arg_tensor(s, call, &call->args[0], &t)) return value_error();
    if (t.type.rank) {
        diag_error(s->diags, "E0302", call->args[0].span, "full repeats a scalar, but this is %s", type_print(s, &t.type));
        return value_error();
    }
    type.elem = t.type.elem;
    type.bound = value_bound(s, v);
    return prim_emit1(s, CORE_broadcast, &type, &t, NULL, 0);
}

Value prim_range(Sema *s, const PrimCall *call)
{
    Dim n = call->arg[0].size;
    sema_demand(s, n, OPER_GE, prim_constant(s, 0), call->arg[0].span, "a size cannot be negative");
    sema_demand_counted(s, n, call->arg[0].span, "the numbers of a range are ints");
    SemaType type = {.elem = ELEM_int, .bound = n, .rank = 1, .axis = {axis_of(n)}};
    return prim_emit(s, CORE_range, &type, NULL, 0, NULL, 0);
}

Value prim_eye(Sema *s, const PrimCall *call)
{
    Dim n = call->arg[0].size;
    sema_demand(s, n, OPER_GE, prim_constant(s, 1), call->arg[0].span, "a size is at least 1");
    SemaType type = {.elem = ELEM_float, .rank = 2, .axis = {axis_of(n), axis_of(n)}};
    return prim_emit(s, CORE_eye, &type, NULL, 0, NULL, 0);
}

Value prim_count(Sema *s, const PrimCall *call)
{
    Value x = call->arg[0].value;
    Dim n = dim_const(s->dims, 1);
    for (int i = 0; i < x.type.rank; i++)
        n = dim_mul(s->dims, n, axis_size(s, &x.type.axis[i]));
    return value_dim(s, n);
}

Value prim_size(Sema *s, const PrimCall *call)
{
    SemaType type = {0};
    if (call->n != 1 || !call->args[0].pack) {
        Diag *d = diag_error(s->diags, "E0302", call->span, "size takes one pack: size(*S)");
        diag_help(d, "the number of elements of a tensor is count(x); sizes have names: [B, T]");
        return value_error();
    }
    if (!arg_shape(s, call, 0, &type)) return value_error();
    Dim n = dim_const(s->dims, 1);
    for (int i = 0; i < type.rank; i++)
        n = dim_mul(s->dims, n, axis_size(s, &type.axis[i]));
    return value_dim(s, n);
}

Value prim_len(Sema *s, const PrimCall *call)
{
    const Value *v = &call->arg[0].value;
    if ((v->kind == VAL_INTS || v->kind == VAL_LIST) && !v->n_unknown) return value_int(s, v->n);
    if (v->kind == VAL_INTS) return value_error();
    Diag *d = diag_error(s->diags, "E0302", call->arg[0].span, "len counts a list of integers, but this is %s", value_describe(s, v));
    if (v->kind == VAL_TENSOR) diag_help(d, "sizes have names in this language: fn f[B, T](x: float[B, T])");
    return value_error();
}

static Value filled(Sema *s, const PrimCall *call, int value)
{
    SemaType type = {.elem = ELEM_float};
    if (!arg_shape(s, call, 0, &type)) return value_error();
    return splat(s, &type, value, value);
}

Value prim_zeros(Sema *s, const PrimCall *call)
{
    return filled(s, call, 0);
}

Value prim_ones(Sema *s, const PrimCall *call)
{
    return filled(s, call, 1);
}
