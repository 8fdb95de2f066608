/* SPDX-License-Identifier: MIT
 * math.c: elementwise functions, minimum maximum where, reductions, random numbers, makers of
 * tensors. */
#include <math.h>
#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/record.h"
#include "sema/prim/argument.h"
#include "sema/prim/ops.h"
#include "sema/prim/prim.h"
#include "support/functions.h"

/* ---- one argument ---------------------------------------------------------------------------- */

static CoreOp function_named(const char *name)
{
    for (uint16_t op = 0; op < CORE_COUNT; op++)
        if (strcmp(core_op_names[op], name) == 0) return (CoreOp)op;
    BUG("no operation `%s`", name);
}

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
    static const char *const names[] = {"x", NULL};
    const PrimArg *arg[1];
    if (!prim_bind(s, call, names, arg)) return value_error();
    CoreOp op = function_named(call->name);
    bool ints = core_properties((uint16_t)op) & INTS;
    Value x = arg[0]->value, t;
    if (x.kind == VAL_FLOAT || value_is_const_int(s, &x, NULL)) return known_value(s, op, &x, ints);
    if (x.kind == VAL_INT) x = value_as_tensor(s, &x, ELEM_float); /* sqrt(d) of a size */
    PrimArg own = *arg[0];
    own.value = x;
    if (!arg_tensor(s, call, &own, &t)) return value_error();
    if (t.type.rank == 0 && is_integer(t.type.elem) && !ints)
        t = prim_convert(s, ELEM_float, t, arg[0]->span);
    if (!is_floating(t.type.elem) && !(ints && is_integer(t.type.elem))) {
        Diag *d = diag_error(s->diags, "E0303", arg[0]->span, "%s works on floats, but this is %s",
                             call->name, type_print(s, &t.type));
        diag_help(d, "write float(...)");
        return value_error();
    }
    if (!check_computes(s, call->name, &t.type, arg[0]->span)) return value_error();
    SemaType type = t.type;
    type.bound = 0;
    if (core_properties((uint16_t)op) & COMPARES) type.elem = ELEM_bool;
    return emit1(s, op, &type, &t, NULL, 0);
}

Value prim_stop_gradient(Sema *s, const PrimCall *call)
{
    static const char *const names[] = {"x", NULL};
    const PrimArg *arg[1];
    Value t;
    if (!prim_bind(s, call, names, arg)) return value_error();
    if (arg[0]->value.kind == VAL_FLOAT || arg[0]->value.kind == VAL_INT) return arg[0]->value;
    if (!arg_tensor(s, call, arg[0], &t)) return value_error();
    return emit1(s, CORE_stop, &t.type, &t, NULL, 0);
}

static bool real_known(Sema *s, const Value *v, double *x)
{
    int64_t n = 0;
    if (v->kind == VAL_FLOAT) return *x = v->number, true;
    return value_is_const_int(s, v, &n) ? (*x = (double)n, true) : false;
}

Value prim_minmax(Sema *s, const PrimCall *call)
{
    static const char *const names[] = {"a", "b", NULL};
    const PrimArg *arg[2];
    if (!prim_bind(s, call, names, arg)) return value_error();
    Value v[2] = {arg[0]->value, arg[1]->value};
    Span span[2] = {arg[0]->span, arg[1]->span};
    CoreOp op = function_named(call->name);
    bool least = op == CORE_minimum;
    int64_t x = 0, y = 0;
    double p = 0, q = 0;
    if (value_is_const_int(s, &v[0], &x) && value_is_const_int(s, &v[1], &y))
        return value_int(s, least == (x < y) ? x : y);
    if (real_known(s, &v[0], &p) && real_known(s, &v[1], &q))
        return value_float(core_value((uint16_t)op, p, q, 0));
    SemaType out = {0};
    CoreRef refs[2];
    for (int i = 0; i < 2; i++)
        if (v[i].kind != VAL_TENSOR && v[i].kind != VAL_INT && v[i].kind != VAL_FLOAT) {
            diag_error(s->diags, "E0302", span[i], "%s needs numbers, but this is %s", call->name,
                       value_describe(s, &v[i]));
            return value_error();
        }
    if (!stretch(s, v, span, 2, &out, refs, call->name_span)) return value_error();
    if (out.elem == ELEM_bool) {
        diag_help(diag_error(s->diags, "E0303", call->name_span,
                             "%s works on numbers, but this is %s", call->name,
                             type_print(s, &out)),
                  "write `and` or `or`");
        return value_error();
    }
    if (!check_computes(s, call->name, &out, call->name_span)) return value_error();
    return emit(s, op, &out, refs, 2, NULL, 0);
}

/* The C of int<C>, also of a number that is known to be at least 0; or 0. */
static Dim value_bound(Sema *s, const Value *v)
{
    if (v->kind == VAL_TENSOR) return v->type.bound;
    return v->kind == VAL_INT && is_natural(s, v->dim)
               ? dim_add(s->dims, v->dim, dim_const(s->dims, 1))
               : 0;
}

Value prim_where(Sema *s, const PrimCall *call)
{
    static const char *const names[] = {"cond", "a", "b", NULL};
    const PrimArg *arg[3];
    if (!prim_bind(s, call, names, arg)) return value_error();
    Value c = arg[0]->value;
    bool tensors = arg[1]->value.kind == VAL_TENSOR || arg[2]->value.kind == VAL_TENSOR;
    if (c.kind == VAL_BOOL && c.truth >= 0 && !tensors && arg[1]->value.kind == arg[2]->value.kind)
        return c.truth ? arg[1]->value : arg[2]->value;
    Value cond;
    if (!arg_tensor(s, call, arg[0], &cond)) return value_error();
    if (cond.type.elem != ELEM_bool) {
        diag_error(s->diags, "E0303", arg[0]->span,
                   "the condition of where is a bool, but this is %s", type_print(s, &cond.type));
        return value_error();
    }
    Value v[3] = {cond, arg[1]->value, arg[2]->value};
    Span span[3] = {arg[0]->span, arg[1]->span, arg[2]->span};
    for (int i = 1; i < 3; i++)
        if (v[i].kind != VAL_TENSOR && v[i].kind != VAL_INT && v[i].kind != VAL_FLOAT &&
            v[i].kind != VAL_BOOL) {
            diag_error(s->diags, "E0302", span[i], "where needs tensors, but this is %s",
                       value_describe(s, &v[i]));
            return value_error();
        }
    Elem elem = ELEM_none;
    SemaType out = {0};
    if (!common_elem(s, v + 1, span + 1, 2, &elem, call->name_span)) return value_error();
    for (int i = 1; i < 3; i++) {
        if (v[i].kind == VAL_TENSOR && v[i].type.elem != elem)
            v[i] = prim_convert(s, elem, v[i], span[i]);
    }
    if (!join_shapes(s, v, span, 3, &out, call->name_span)) return value_error();
    out.elem = elem;
    if (is_integer(elem)) out.bound = larger_bound(s, value_bound(s, &v[1]), value_bound(s, &v[2]));
    CoreRef refs[3] = {value_use(s, &v[0], ELEM_bool), value_use(s, &v[1], elem),
                       value_use(s, &v[2], elem)};
    return emit(s, CORE_where, &out, refs, 3, NULL, 0);
}

/* ---- reductions ------------------------------------------------------------------------------ */

/* Marks the reduced axes. 0: reported or undecided; 1 fine. */
static bool reduced_axes(Sema *s, const PrimCall *call, const PrimArg *axis, const SemaType *type,
                         bool *reduced)
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

static bool check_reduced_elem(Sema *s, const PrimCall *call, const SemaType *type, Span at)
{
    const char *name = call->name;
    bool logic = !strcmp(name, "any") || !strcmp(name, "all"), real = !strcmp(name, "mean");
    if (logic ? type->elem == ELEM_bool : real ? is_floating(type->elem) : type->elem != ELEM_bool)
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
    static const struct {
        const char *name;
        CoreOp op;
    } ops[] = {{"sum", CORE_sum},    {"mean", CORE_mean}, {"max", CORE_max},
               {"min", CORE_min},       {"prod", CORE_prod}, {"argmax", CORE_argmax},
               {"argmin", CORE_argmin}, {"any", CORE_any},   {"all", CORE_all}};
    static const char *const names[] = {"x", "?axis", "?keep", NULL};
    const PrimArg *arg[3];
    Value x;
    if (!prim_bind(s, call, names, arg) || !arg_tensor(s, call, arg[0], &x)) return value_error();
    size_t k = 0;
    while (strcmp(ops[k].name, call->name))
        k++;
    bool reduced[CORE_MAX_RANK], keep = arg_bool(s, arg[2], false);
    if (!check_reduced_elem(s, call, &x.type, arg[0]->span) ||
        !reduced_axes(s, call, arg[1], &x.type, reduced))
        return value_error();
    if (arg[2] && arg[2]->value.kind == VAL_BOOL && arg[2]->value.truth < 0)
        return value_error(); /* decided at each instance */
    bool chooses = ops[k].op == CORE_argmax || ops[k].op == CORE_argmin, some = false;
    for (int i = 0; i < x.type.rank; i++)
        some |= reduced[i];
    if (chooses && !some) {
        diag_error(s->diags, "E0308", call->span, "%s needs an axis to choose from, but this is %s",
                   call->name, type_print(s, &x.type));
        return value_error();
    }
    SemaType out = {.elem = x.type.elem};
    int64_t attr[1 + CORE_MAX_RANK] = {keep};
    if (ops[k].op == CORE_prod && !scan_fits(s, call->span)) return value_error();
    bool of_some = chooses || ops[k].op == CORE_mean || ops[k].op == CORE_max || ops[k].op == CORE_min;
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
    if (ops[k].op == CORE_max || ops[k].op == CORE_min) out.bound = x.type.bound;
    return emit1(s, ops[k].op, &out, &x, attr, n);
}

Value prim_cumsum(Sema *s, const PrimCall *call)
{
    static const char *const names[] = {"x", "axis", NULL};
    const PrimArg *arg[2];
    Value x;
    int64_t axis = 0;
    if (!prim_bind(s, call, names, arg) || !arg_tensor(s, call, arg[0], &x) ||
        !arg_const(s, call, arg[1], &axis))
        return value_error();
    int64_t place = axis_place(s, &x.type, axis, arg[1]->span);
    if (place < 0 || !check_reduced_elem(s, call, &x.type, arg[0]->span)) return value_error();
    if (!scan_fits(s, call->span)) return value_error();
    SemaType out = x.type;
    out.bound = 0;
    return emit1(s, CORE_cumsum, &out, &x, &place, 1);
}

/* ---- makers ---------------------------------------------------------------------------------- */

static Value splat(Sema *s, const SemaType *type, double number, int64_t integer)
{
    Value v = emit(s, CORE_const, type, NULL, 0, NULL, 0);
    core_last(s)->number = number;
    core_last(s)->integer = integer;
    return v;
}

static Value make_full(Sema *s, const PrimCall *call)
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
            diag_error(s->diags, "E0303", call->args[0].span,
                       "%lld does not fit into an int, which has 32 bits", (long long)n);
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
        diag_error(s->diags, "E0302", call->args[0].span, "full repeats a scalar, but this is %s",
                   type_print(s, &t.type));
        return value_error();
    }
    type.elem = t.type.elem;
    type.bound = value_bound(s, v);
    return emit1(s, CORE_broadcast, &type, &t, NULL, 0);
}

static Value make_range(Sema *s, const PrimCall *call)
{
    static const char *const names[] = {"n", NULL};
    const PrimArg *arg[1];
    Dim n = 0;
    if (!prim_bind(s, call, names, arg) || !arg_size(s, call, arg[0], &n)) return value_error();
    bool eye = call->name[0] == 'e';
    sema_demand(s, n, OPER_GE, dim_const(s->dims, eye ? 1 : 0), arg[0]->span, "the size");
    SemaType type = {.elem = eye ? ELEM_float : ELEM_int,
                     .bound = eye ? 0 : n,
                     .rank = eye ? 2 : 1,
                     .axis = {axis_of(n), axis_of(n)}};
    return emit(s, eye ? CORE_eye : CORE_range, &type, NULL, 0, NULL, 0);
}

static Value count_of(Sema *s, const PrimCall *call)
{
    static const char *const names[] = {"x", NULL};
    const PrimArg *arg[1];
    Value x;
    if (!prim_bind(s, call, names, arg) || !arg_tensor(s, call, arg[0], &x)) return value_error();
    Dim n = dim_const(s->dims, 1);
    for (int i = 0; i < x.type.rank; i++)
        n = dim_mul(s->dims, n, axis_size(s, &x.type.axis[i]));
    return value_dim(s, n);
}

static Value size_of(Sema *s, const PrimCall *call)
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

static Value len_of(Sema *s, const PrimCall *call)
{
    static const char *const names[] = {"list", NULL};
    const PrimArg *arg[1];
    if (!prim_bind(s, call, names, arg)) return value_error();
    const Value *v = &arg[0]->value;
    if ((v->kind == VAL_INTS || v->kind == VAL_LIST) && !v->n_unknown) return value_int(s, v->n);
    if (v->kind == VAL_INTS) return value_error();
    Diag *d = diag_error(s->diags, "E0302", arg[0]->span,
                         "len counts a list of integers, but this is %s", value_describe(s, v));
    if (v->kind == VAL_TENSOR)
        diag_help(d, "sizes have names in this language: fn f[B, T](x: float[B, T])");
    return value_error();
}

Value prim_make(Sema *s, const PrimCall *call)
{
    const char *name = call->name;
    if (!strcmp(name, "full")) return make_full(s, call);
    if (!strcmp(name, "range") || !strcmp(name, "eye")) return make_range(s, call);
    if (!strcmp(name, "count")) return count_of(s, call);
    if (!strcmp(name, "size")) return size_of(s, call);
    if (!strcmp(name, "len")) return len_of(s, call);
    SemaType type = {.elem = ELEM_float};
    if (!arg_shape(s, call, 0, &type)) return value_error();
    double v = name[0] == 'o';
    return splat(s, &type, v, (int64_t)v);
}

/* ---- random numbers -------------------------------------------------------------------------- */

static bool scalar_argument(Sema *s, const PrimArg *arg, const char *what, Value *out)
{
    const Value *v = &arg->value;
    bool number = v->kind == VAL_INT || v->kind == VAL_FLOAT;
    *out = number ? value_as_tensor(s, v, ELEM_float) : *v;
    if (out->kind == VAL_TENSOR && !out->type.rank && is_floating(out->type.elem)) return true;
    if (v->kind != VAL_ERROR)
        diag_error(s->diags, "E0302", arg->span, "%s is a float, but this is %s", what,
                   value_describe(s, v));
    return false;
}

Value prim_random(Sema *s, const PrimCall *call)
{
    const char *name = call->name;
    SemaType type = {.elem = ELEM_float};
    int64_t attr[2] = {0, 0};
    if (!strcmp(name, "rand") || !strcmp(name, "randn")) {
        if (!arg_shape(s, call, 0, &type)) return value_error();
        attr[0] = (int64_t)sema_draw_hash(s);
        return emit(s, name[4] ? CORE_randn : CORE_rand, &type, NULL, 0, attr, 1);
    }
    if (call->n < 1) {
        diag_error(s->diags, "E0302", call->span, "%s needs an argument", name);
        return value_error();
    }
    const PrimArg *first = &call->args[0];
    if (!strcmp(name, "randint")) {
        Dim bound = 0;
        if (!arg_size(s, call, first, &bound) || !arg_shape(s, call, 1, &type))
            return value_error();
        sema_demand(s, bound, OPER_GE, dim_const(s->dims, 1), first->span, "the number of values");
        type.elem = ELEM_int;
        type.bound = bound;
        attr[0] = (int64_t)sema_draw_hash(s), attr[1] = bound;
        return emit(s, CORE_randint, &type, NULL, 0, attr, 2);
    }
    if (!strcmp(name, "bernoulli")) {
        if (!arg_shape(s, call, 1, &type)) return value_error();
        Value p;
        if (!scalar_argument(s, first, "the probability of bernoulli", &p)) return value_error();
        type.elem = ELEM_bool;
        attr[0] = (int64_t)sema_draw_hash(s);
        return emit1(s, CORE_bernoulli, &type, &p, attr, 1);
    }
    static const char *const names[] = {"logits", "?temperature", NULL};
    const PrimArg *arg[2];
    Value x, heat;
    if (!prim_bind(s, call, names, arg) || !arg_tensor(s, call, arg[0], &x)) return value_error();
    if (arg[1] && !scalar_argument(s, arg[1], "the temperature of categorical", &heat))
        return value_error();
    if (x.type.rank < 1 || !is_floating(x.type.elem) ||
        x.type.axis[x.type.rank - 1].kind != AXIS_DIM) {
        diag_error(s->diags, "E0304", first->span,
                   "categorical takes logits: float[..., C], but this is %s",
                   type_print(s, &x.type));
        return value_error();
    }
    type = x.type;
    type.bound = x.type.axis[x.type.rank - 1].dim;
    type.elem = ELEM_int;
    type.rank--;
    attr[0] = (int64_t)sema_draw_hash(s);
    if (!arg[1]) return emit1(s, CORE_categorical, &type, &x, attr, 1);
    CoreRef in[2] = {value_use(s, &x, x.type.elem), value_use(s, &heat, heat.type.elem)};
    return emit(s, CORE_categorical, &type, in, 2, attr, 1);
}
