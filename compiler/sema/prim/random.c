/* SPDX-License-Identifier: MIT
 * random.c: random numbers. */
#include "sema/base/demand.h"
#include "sema/base/record.h"
#include "sema/prim/argument.h"
#include "sema/prim/prim.h"

static bool scalar_argument(Sema *s, const PrimArg *arg, const char *what, Value *out)
{
    const Value *v = &arg->value;
    bool number = v->kind == VAL_INT || v->kind == VAL_FLOAT;
    *out = number ? value_as_tensor(s, v, ELEM_float) : *v;
    if (out->kind == VAL_TENSOR && !out->type.rank && is_float_elem(out->type.elem)) return true;
    if (v->kind != VAL_ERROR) diag_error(s->diags, "E0302", arg->span, "%s is a float, but this is %s", what, value_describe(s, v));
    return false;
}

static Value draw(Sema *s, const PrimCall *call, const SemaType *type, const CoreRef *in, uint32_t n)
{
    int64_t hash = (int64_t)sema_draw_hash(s);
    return prim_emit(s, call->op, type, in, n, &hash, 1);
}

Value prim_rand(Sema *s, const PrimCall *call)
{
    SemaType type = {.elem = ELEM_float};
    return arg_shape(s, call, 0, &type) ? draw(s, call, &type, NULL, 0) : value_error();
}

/* The argument in front of the sizes; NULL: reported. */
static const PrimArg *first_argument(Sema *s, const PrimCall *call, SemaType *type)
{
    if (call->n < 1) {
        diag_error(s->diags, "E0302", call->span, "%s needs an argument", call->name);
        return NULL;
    }
    return arg_shape(s, call, 1, type) ? &call->args[0] : NULL;
}

Value prim_randint(Sema *s, const PrimCall *call)
{
    SemaType type = {.elem = ELEM_int};
    const PrimArg *first = first_argument(s, call, &type);
    Dim bound = 0;
    if (!first || !arg_size(s, call, first, &bound)) return value_error();
    sema_demand(s, bound, OPER_GE, prim_constant(s, 1), first->span, "randint draws from at least one value");
    sema_demand_counted(s, bound, first->span, "randint draws ints");
    type.bound = bound;
    int64_t attr[2] = {(int64_t)sema_draw_hash(s), bound};
    return prim_emit(s, CORE_randint, &type, NULL, 0, attr, 2);
}

Value prim_bernoulli(Sema *s, const PrimCall *call)
{
    SemaType type = {.elem = ELEM_bool};
    const PrimArg *first = first_argument(s, call, &type);
    Value p;
    if (!first || !scalar_argument(s, first, "the probability of bernoulli", &p)) return value_error();
    CoreRef in = value_use(s, &p, ELEM_none);
    return draw(s, call, &type, &in, 1);
}

Value prim_categorical(Sema *s, const PrimCall *call)
{
    const PrimValue *arg = call->arg;
    Value x = arg[0].value, heat;
    if (arg[1].given && !scalar_argument(s, arg[1].given, "the temperature of categorical", &heat)) return value_error();
    if (x.type.rank < 1 || !is_float_elem(x.type.elem) || x.type.axis[x.type.rank - 1].kind != AXIS_DIM) {
        diag_error(s->diags, "E0304", arg[0].span, "categorical takes logits: float[..., C], but this is %s", type_print(s, &x.type));
        return value_error();
    }
    SemaType type = x.type;
    type.bound = x.type.axis[x.type.rank - 1].dim;
    sema_demand_counted(s, type.bound, call->span, "categorical numbers the classes with an int");
    type.elem = ELEM_int;
    type.rank--;
    CoreRef in[2] = {value_use(s, &x, x.type.elem)};
    if (arg[1].given) in[1] = value_use(s, &heat, heat.type.elem);
    return draw(s, call, &type, in, arg[1].given ? 2 : 1);
}
