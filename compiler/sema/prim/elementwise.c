/* SPDX-License-Identifier: MIT
 * elementwise.c: functions of one argument, minimum maximum where (support/functions.def). */
#include "sema/base/literal.h"
#include "sema/base/record.h"
#include "sema/prim/argument.h"
#include "sema/prim/ops.h"
#include "sema/prim/prim.h"
#include "support/functions.h"

/* Of a number that is known while compiling. */
static Value known_value(Sema *s, CoreOp op, const Value *x, bool ints)
{
    int64_t n = 0;
    bool whole = value_is_const_int(s, x, &n);
    if (whole && ints) return value_int(s, op == CORE_sign ? (n > 0) - (n < 0) : n < 0 ? -n : n);
    double y = core_value((uint16_t)op, whole ? (double)n : x->number, 0, 0);
    return core_properties((uint16_t)op) & COMPARES ? value_bool(y != 0) : value_float(y);
}

Value prim_elementwise(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    CoreOp op = call->op;
    bool ints = core_properties((uint16_t)op) & INTS;
    Value x = arg[0].value, t;
    if (x.kind == VAL_FLOAT || value_is_const_int(s, &x, NULL)) return known_value(s, op, &x, ints);
    if (x.kind == VAL_INT) x = value_as_tensor(s, &x, ELEM_float); /* sqrt(d) of a size */
    PrimArg own = *arg[0].given;
    own.value = x;
    if (!arg_tensor(s, call, &own, &t)) return value_error();
    if (t.type.rank == 0 && elem_is_integer(t.type.elem) && !ints) t = prim_convert(s, ELEM_float, t, arg[0].span);
    if (!is_float_elem(t.type.elem) && !(ints && elem_is_integer(t.type.elem))) {
        Diag *d = diag_error(s->diags, "E0303", arg[0].span, "%s works on floats, but this is %s", call->name, type_print(s, &t.type));
        diag_help(d, "write float(...)");
        return value_error();
    }
    if (!type_check_computes(s, call->name, &t.type, arg[0].span)) return value_error();
    SemaType type = t.type;
    type.bound = 0;
    if (core_properties((uint16_t)op) & COMPARES) type.elem = ELEM_bool;
    return prim_emit1(s, op, &type, &t, NULL, 0);
}

Value prim_stop_gradient(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value t;
    if (arg[0].value.kind == VAL_FLOAT || arg[0].value.kind == VAL_INT) return arg[0].value;
    if (!arg_tensor(s, call, arg[0].given, &t)) return value_error();
    return prim_emit1(s, CORE_stop, &t.type, &t, NULL, 0);
}

static bool real_known(Sema *s, const Value *v, double *x)
{
    int64_t n = 0;
    if (v->kind == VAL_FLOAT) return *x = v->number, true;
    return value_is_const_int(s, v, &n) ? (*x = (double)n, true) : false;
}

Value prim_minmax(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value v[2] = {arg[0].value, arg[1].value};
    Span span[2] = {arg[0].span, arg[1].span};
    CoreOp op = call->op;
    bool least = op == CORE_minimum;
    int64_t x = 0, y = 0;
    double p = 0, q = 0;
    if (value_is_const_int(s, &v[0], &x) && value_is_const_int(s, &v[1], &y)) return value_int(s, least == (x < y) ? x : y);
    if (real_known(s, &v[0], &p) && real_known(s, &v[1], &q)) return value_float(core_value((uint16_t)op, p, q, 0));
    SemaType out = {0};
    CoreRef refs[2];
    literals_join(s, v, 2);
    for (int i = 0; i < 2; i++)
        if (v[i].kind != VAL_TENSOR && v[i].kind != VAL_INT && v[i].kind != VAL_FLOAT) {
            diag_error(s->diags, "E0302", span[i], "%s needs numbers, but this is %s", call->name, value_describe(s, &v[i]));
            return value_error();
        }
    if (!shape_stretch(s, v, span, 2, &out, refs, call->name_span)) return value_error();
    if (out.elem == ELEM_bool) {
        diag_help(diag_error(s->diags, "E0303", call->name_span, "%s works on numbers, but this is %s", call->name, type_print(s, &out)),
                  "write `and` or `or`");
        return value_error();
    }
    if (!type_check_computes(s, call->name, &out, call->name_span)) return value_error();
    return prim_emit(s, op, &out, refs, 2, NULL, 0);
}

Value prim_where(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value c = arg[0].value;
    bool tensors = arg[1].value.kind == VAL_TENSOR || arg[2].value.kind == VAL_TENSOR;
    if (c.kind == VAL_BOOL && c.truth >= 0 && !tensors && arg[1].value.kind == arg[2].value.kind)
        return c.truth ? arg[1].value : arg[2].value;
    Value cond;
    if (!arg_tensor(s, call, arg[0].given, &cond)) return value_error();
    if (cond.type.elem != ELEM_bool) {
        diag_error(s->diags, "E0303", arg[0].span, "the condition of where is a bool, but this is %s", type_print(s, &cond.type));
        return value_error();
    }
    Value v[3] = {cond, arg[1].value, arg[2].value};
    literals_join(s, v + 1, 2);
    Span span[3] = {arg[0].span, arg[1].span, arg[2].span};
    for (int i = 1; i < 3; i++)
        if (v[i].kind != VAL_TENSOR && v[i].kind != VAL_INT && v[i].kind != VAL_FLOAT && v[i].kind != VAL_BOOL) {
            diag_error(s->diags, "E0302", span[i], "where needs tensors, but this is %s", value_describe(s, &v[i]));
            return value_error();
        }
    Elem elem = ELEM_none;
    SemaType out = {0};
    if (!elem_common(s, v + 1, span + 1, 2, &elem, call->name_span)) return value_error();
    for (int i = 1; i < 3; i++) {
        if (v[i].kind == VAL_TENSOR && v[i].type.elem != elem) v[i] = prim_convert(s, elem, v[i], span[i]);
    }
    if (!shape_join(s, v, span, 3, &out, call->name_span)) return value_error();
    out.elem = elem;
    if (elem_is_integer(elem)) out.bound = value_larger_bound(s, value_bound(s, &v[1]), value_bound(s, &v[2]));
    CoreRef refs[3] = {value_use(s, &v[0], ELEM_bool), value_use(s, &v[1], elem), value_use(s, &v[2], elem)};
    return prim_emit(s, CORE_where, &out, refs, 3, NULL, 0);
}
