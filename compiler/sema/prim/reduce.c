/* SPDX-License-Identifier: MIT
 * reduce.c: reductions: sum mean max min prod argmax argmin any all, and cumsum. */
#include "sema/base/demand.h"
#include "sema/prim/argument.h"
#include "sema/prim/prim.h"

/* Marks the reduced axes. 0: reported or undecided; 1 fine. */
static bool reduced_axes(Sema *s, const PrimCall *call, const SemaType *type, bool *reduced)
{
    const PrimArg *axis = call->arg[1].given;
    int64_t n = 0;
    for (int i = 0; i < type->rank; i++)
        reduced[i] = axis == NULL;
    if (!axis) return true;
    const Value *v = &axis->value;
    Value one = *v;
    const Value *items = &one;
    uint32_t count = 1;
    if (v->n_unknown) return false; /* decided at each instance */
    if (v->kind == VAL_LIST || v->kind == VAL_INTS || v->kind == VAL_TUPLE)
        items = v->items, count = v->n;
    for (uint32_t k = 0; k < count; k++) {
        if (!value_is_const_int(s, &items[k], &n)) {
            if (items[k].kind == VAL_INT && s->generic) return false;
            diag_error(s->diags, "E0302", axis->span,
                       "axis= of %s is a number or a list of numbers known while compiling",
                       call->name);
            return false;
        }
        int place = axis_place(s, type, n, axis->span);
        if (place < 0) return false;
        if (reduced[place]) {
            diag_error(s->diags, "E0308", axis->span, "axis %lld is named twice", (long long)n);
            return false;
        }
        reduced[place] = true;
    }
    return true;
}

static bool check_reduced_elem(Sema *s, const PrimCall *call, const SemaType *type)
{
    const char *name = call->name;
    Span at = call->arg[0].span;
    bool logic = call->op == CORE_any || call->op == CORE_all, real = call->op == CORE_mean;
    if (logic ? type->elem == ELEM_bool : real ? is_float_elem(type->elem) : type->elem != ELEM_bool)
        return check_computes(s, name, type, at);
    Diag *d = diag_error(s->diags, "E0303", at, "%s works on %s, but this is %s", name,
                         logic  ? "bool"
                         : real ? "floats"
                                : "numbers",
                         type_print(s, type));
    if (!logic) diag_help(d, "write float(...)");
    return false;
}

Value prim_reduce(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value;
    CoreOp op = call->op;
    bool reduced[CORE_MAX_RANK], keep = arg[2].truth;
    if (!check_reduced_elem(s, call, &x.type) || !reduced_axes(s, call, &x.type, reduced)) return value_error();
    if (arg[2].given && arg[2].given->value.kind == VAL_BOOL && arg[2].given->value.truth < 0)
        return value_error(); /* decided at each instance */
    bool chooses = op == CORE_argmax || op == CORE_argmin, some = false;
    for (int i = 0; i < x.type.rank; i++)
        some |= reduced[i];
    if (chooses && !some) {
        diag_error(s->diags, "E0308", call->span, "%s needs an axis to choose from, but this is %s",
                   call->name, type_print(s, &x.type));
        return value_error();
    }
    SemaType out = {.elem = x.type.elem};
    int64_t attr[1 + CORE_MAX_RANK] = {keep};
    if (op == CORE_prod && !scan_fits(s, call->span)) return value_error();
    bool of_some = chooses || op == CORE_mean || op == CORE_max || op == CORE_min;
    uint32_t n = 1;
    Dim span_of = dim_const(s->dims, 1);
    for (int i = 0; i < x.type.rank; i++) {
        if (!reduced[i]) {
            out.axis[out.rank++] = x.type.axis[i];
            continue;
        }
        attr[n++] = i;
        if (of_some) sema_demand_place(s, axis_size(s, &x.type.axis[i]), call->span, call->name);
        span_of = dim_mul(s->dims, span_of, axis_size(s, &x.type.axis[i]));
        if (keep) out.axis[out.rank++] = (Axis){.kind = AXIS_STRETCH, .dim = dim_const(s->dims, 1)};
    }
    if (chooses) out.elem = ELEM_int, out.bound = span_of;
    if (op == CORE_max || op == CORE_min) out.bound = x.type.bound;
    return emit1(s, op, &out, &x, attr, n);
}

Value prim_cumsum(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value;
    int64_t place = axis_place(s, &x.type, arg[1].n, arg[1].span);
    if (place < 0 || !check_reduced_elem(s, call, &x.type)) return value_error();
    if (!scan_fits(s, call->span)) return value_error();
    SemaType out = x.type;
    out.bound = 0;
    return emit1(s, CORE_cumsum, &out, &x, &place, 1);
}
