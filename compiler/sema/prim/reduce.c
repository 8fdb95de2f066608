/* SPDX-License-Identifier: MIT
 * reduce.c: reductions: sum mean max min prod argmax argmin any all, what is made of them (var std norm), and running ones:
 * cumsum cumprod. */
#include <math.h>
#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/place.h"
#include "sema/prim/argument.h"
#include "sema/prim/ops.h"
#include "sema/prim/prim.h"

/* max(x, 0.0), min(x, 6): the second of two numbers, where an axis is asked for. */
static bool help_pair(Sema *s, Diag *d, const PrimCall *call, const PrimArg *second)
{
    bool pair = !second->name && (!strcmp(call->name, "max") || !strcmp(call->name, "min"));
    if (pair)
        diag_help(d, "of two numbers, place by place: %simum(%s, %s)", call->name, source_text(s, call->arg[0].span),
                  source_text(s, second->span));
    return pair;
}

/* Marks the reduced axes. 0: reported or undecided; 1 fine. */
static bool reduced_axes(Sema *s, const PrimCall *call, const PrimArg *axis, const SemaType *type, bool *reduced)
{
    int64_t n = 0;
    for (int i = 0; i < type->rank; i++)
        reduced[i] = axis == NULL;
    if (!axis) return true;
    const Value *v = &axis->value;
    Value one = *v;
    const Value *items = &one;
    uint32_t count = 1;
    if (v->n_unknown) return false; /* decided at each instance */
    if (v->kind == VAL_LIST || v->kind == VAL_INTS || v->kind == VAL_TUPLE) items = v->items, count = v->n;
    for (uint32_t k = 0; k < count; k++) {
        if (!value_is_const_int(s, &items[k], &n)) {
            if (items[k].kind == VAL_INT && s->generic) return false;
            Diag *d =
                diag_error(s->diags, "E0302", axis->span, "axis= of %s is a number or a list of numbers known while compiling", call->name);
            bool number = items[k].kind == VAL_TENSOR || items[k].kind == VAL_FLOAT;
            if (!number || !help_pair(s, d, call, axis)) diag_help(d, "axis=-1, axis=[1, 2]");
            return false;
        }
        uint32_t told = s->diags->list.n;
        int place = axis_place(s, type, n, axis->span);
        if (place < 0 && told < s->diags->list.n) help_pair(s, s->diags->list.at[told], call, axis);
        if (place < 0) return false;
        if (reduced[place]) {
            diag_error(s->diags, "E0308", axis->span, "axis %lld is named twice", (long long)n);
            return false;
        }
        reduced[place] = true;
    }
    return true;
}

/* Are the elements what an operation works on? */
static bool check_reduced_elem(Sema *s, const PrimCall *call, CoreOp op, const SemaType *type)
{
    const char *name = call->name;
    Span at = call->arg[0].span;
    bool logic = op == CORE_any || op == CORE_all, real = op == CORE_mean;
    if (logic ? type->elem == ELEM_bool : real ? is_float_elem(type->elem) : type->elem != ELEM_bool)
        return type_check_computes(s, name, type, at);
    Diag *d = diag_error(s->diags, "E0303", at, "%s works on %s, but this is %s", name,
                         logic  ? "bool"
                         : real ? "floats"
                                : "numbers",
                         type_print(s, type));
    if (!logic) diag_help(d, "write float(...)");
    return false;
}

/* What a call says besides its tensor. */
typedef struct Over {
    const PrimCall *call;
    bool reduced[CORE_MAX_RANK], keep;
} Over;

/* Reads `axis` and `keep` of a call about x. False: reported or undecided. */
static bool read_over(Sema *s, const PrimCall *call, const PrimValue *axis, const PrimValue *keep, Over *over)
{
    over->call = call;
    over->keep = keep->truth;
    if (!reduced_axes(s, call, axis->given, &call->arg[0].value.type, over->reduced)) return false;
    return !keep->given || keep->given->value.kind != VAL_BOOL || keep->given->value.truth >= 0; /* decided at each instance */
}

static Value reduce(Sema *s, CoreOp op, const Value *x, const Over *over, bool keep)
{
    SemaType out = {.elem = x->type.elem};
    int64_t attr[1 + CORE_MAX_RANK] = {keep};
    bool chooses = op == CORE_argmax || op == CORE_argmin;
    bool of_some = chooses || op == CORE_mean || op == CORE_max || op == CORE_min;
    uint32_t n = 1;
    Dim span_of = dim_const(s->dims, 1);
    for (int i = 0; i < x->type.rank; i++) {
        if (!over->reduced[i]) {
            out.axis[out.rank++] = x->type.axis[i];
            continue;
        }
        attr[n++] = i;
        if (of_some) sema_demand_place(s, axis_size(s, &x->type.axis[i]), over->call->span, over->call->name);
        span_of = dim_mul(s->dims, span_of, axis_size(s, &x->type.axis[i]));
        if (keep) out.axis[out.rank++] = (Axis){.kind = AXIS_STRETCH, .dim = dim_const(s->dims, 1)};
    }
    if (chooses) {
        sema_demand_counted(s, span_of, over->call->span, arena_print(s->arena, "%s numbers the places with an int", over->call->name));
        out.elem = ELEM_int, out.bound = span_of;
    }
    if (op == CORE_max || op == CORE_min) out.bound = x->type.bound;
    return prim_emit1(s, op, &out, x, attr, n);
}

Value prim_reduce(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value;
    CoreOp op = call->op;
    Over over;
    if (!check_reduced_elem(s, call, op, &x.type) || !read_over(s, call, &arg[1], &arg[2], &over)) return value_error();
    bool chooses = op == CORE_argmax || op == CORE_argmin, some = false;
    for (int i = 0; i < x.type.rank; i++)
        some |= over.reduced[i];
    if (chooses && !some) {
        diag_error(s->diags, "E0308", call->span, "%s needs an axis to choose from, but this is %s", call->name, type_print(s, &x.type));
        return value_error();
    }
    if (op == CORE_prod && !demand_scan_fits(s, call->span)) return value_error();
    return reduce(s, op, &x, &over, over.keep);
}

/* ---- made of others --------------------------------------------------------------------------- */

static Value operate(Sema *s, Oper oper, Value a, Value b, const Over *over)
{
    Span at = over->call->span;
    return prim_binary(s, oper, a, b, at, at, at);
}

/* A function of one float. */
static Value apply(Sema *s, CoreOp op, Value x)
{
    return prim_emit1(s, op, &x.type, &x, NULL, 0);
}

/* The divisor of a variance: the number of values less the correction, which must be 1 at least. */
static bool divisor(Sema *s, const Over *over, const PrimValue *correction, Dim *out)
{
    const PrimCall *call = over->call;
    const SemaType *type = &call->arg[0].value.type;
    Dim n = dim_const(s->dims, 1);
    for (int i = 0; i < type->rank; i++)
        if (over->reduced[i]) n = dim_mul(s->dims, n, axis_size(s, &type->axis[i]));
    int64_t less = correction->n, known = 0;
    if (less < 0 || less > INT32_MAX) {
        diag_error(s->diags, "E0302", correction->span, "correction= of %s is 0 or more, not %lld", call->name, (long long)less);
        return false;
    }
    *out = dim_sub(s->dims, n, dim_const(s->dims, less));
    if (less && dim_is_const(s->dims, n, &known) && known <= less) {
        Diag *d = diag_error(s->diags, "E0313", call->span, "%s with correction=%lld needs at least %lld values, but there %s %lld",
                             call->name, (long long)less, (long long)less + 1, known == 1 ? "is" : "are", (long long)known);
        if (known) diag_help(d, "correction=0 divides by the number of values itself");
        return false;
    }
    sema_demand_place(s, *out, call->span, call->name);
    return !dim_is_const(s->dims, *out, &known) || known >= 1;
}

/* In two passes: of the mean, and of the squared differences from it. Both see the differences from the first value, so that
 * equal values have the variance 0, and rounding errors are those of numbers as small as the differences. No derivative
 * depends on what is taken off. */
static Value variance(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value;
    Over over;
    Dim n;
    if (!check_reduced_elem(s, call, CORE_mean, &x.type) || !read_over(s, call, &arg[1], &arg[2], &over) || !divisor(s, &over, &arg[3], &n))
        return value_error();
    const Axis one = {.kind = AXIS_STRETCH, .dim = prim_constant(s, 1)};
    Value first = x;
    for (int i = 0; i < x.type.rank; i++)
        if (over.reduced[i]) first = axis_slice(s, &first, i, prim_constant(s, 0), prim_constant(s, 1), 1, &one);
    Value d = operate(s, OPER_SUB, x, apply(s, CORE_stop, first), &over);
    d = operate(s, OPER_SUB, d, reduce(s, CORE_mean, &d, &over, true), &over);
    d = operate(s, OPER_MUL, d, d, &over);
    return operate(s, OPER_DIV, reduce(s, CORE_sum, &d, &over, over.keep), value_dim(s, n), &over);
}

Value prim_var(Sema *s, const PrimCall *call)
{
    return variance(s, call);
}

Value prim_std(Sema *s, const PrimCall *call)
{
    Value v = variance(s, call);
    return is_error(&v) ? v : apply(s, CORE_sqrt, v);
}

static Value reduced_of(Sema *s, CoreOp op, Value x, const Over *over)
{
    return reduce(s, op, &x, over, over->keep);
}

Value prim_norm(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value, p = arg[1].value;
    Over over;
    if (!check_reduced_elem(s, call, CORE_mean, &x.type) || !read_over(s, call, &arg[2], &arg[3], &over)) return value_error();
    int64_t n = 2;
    bool largest = p.kind == VAL_FLOAT && p.number == INFINITY;
    if (arg[1].given && !value_is_const_int(s, &p, &n)) n = p.kind == VAL_FLOAT ? (p.number == 1) + 2 * (p.number == 2) : 0;
    if (p.kind == VAL_INT && n == 0 && s->generic) return value_error(); /* decided at each instance */
    if (n == 2) return apply(s, CORE_sqrt, reduced_of(s, CORE_sum, operate(s, OPER_MUL, x, x, &over), &over));
    if (n == 1) return reduced_of(s, CORE_sum, apply(s, CORE_abs, x), &over);
    if (largest) return reduced_of(s, CORE_max, apply(s, CORE_abs, x), &over);
    Diag *d = diag_error(s->diags, "E0302", arg[1].span, "p= of norm is 1, 2 or inf, known while compiling, but this is %s",
                         value_describe(s, &p));
    if (p.kind == VAL_LIST || p.kind == VAL_TUPLE) diag_help(d, "axes are given by name: axis=");
    return value_error();
}

/* ---- running ---------------------------------------------------------------------------------- */

Value prim_running(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value;
    int64_t place = axis_place(s, &x.type, arg[1].n, arg[1].span);
    if (place < 0 || !check_reduced_elem(s, call, call->op, &x.type)) return value_error();
    if (!demand_scan_fits(s, call->span)) return value_error();
    SemaType out = x.type;
    out.bound = 0;
    return prim_emit1(s, call->op, &out, &x, &place, 1);
}
