/* SPDX-License-Identifier: MIT
 * vjp.c: derivatives of the elementwise operations. Rules use the result where possible, so that
 * fewer values stay alive; corner conventions are those of docs/ir.md. */
#include "transform/vjp.h"

/* Short names: every rule is one formula. */
static Ref mul(Vjp *v, Ref a, Ref b)
{
    return build_binary(v->g, OP_mul, a, b);
}

static Ref divide(Vjp *v, Ref a, Ref b)
{
    return build_binary(v->g, OP_div, a, b);
}

static Ref neg(Vjp *v, Ref a)
{
    return build_unary(v->g, OP_neg, a);
}

static Ref like(Vjp *v, Ref a, double value)
{
    return build_like(v->g, a, value);
}

static Ref less(Vjp *v, Ref a, Ref b)
{
    return build_binary(v->g, OP_less, a, b);
}

void vjp_neg(Vjp *v)
{
    v->out[0] = neg(v, v->cot[0]);
}

/* abs'(0) = 0 */
void vjp_abs(Vjp *v)
{
    Ref x = vjp_in(v, 0), g = v->cot[0], zero = like(v, x, 0);
    Ref minus = neg(v, g), negative = build_where(v->g, less(v, x, zero), minus, zero);
    v->out[0] = build_where(v->g, less(v, zero, x), g, negative);
}

void vjp_exp(Vjp *v)
{
    v->out[0] = mul(v, v->cot[0], v->node);
}

/* Not result + 1, which is 0 where exp is small. */
void vjp_expm1(Vjp *v)
{
    v->out[0] = mul(v, v->cot[0], build_unary(v->g, OP_exp, vjp_in(v, 0)));
}

void vjp_log(Vjp *v)
{
    v->out[0] = divide(v, v->cot[0], vjp_in(v, 0));
}

void vjp_log1p(Vjp *v)
{
    Ref x = vjp_in(v, 0);
    v->out[0] = divide(v, v->cot[0], build_binary(v->g, OP_add, x, like(v, x, 1)));
}

/* sqrt'(0) = 0 */
void vjp_sqrt(Vjp *v)
{
    Ref y = v->node, zero = like(v, y, 0), positive = less(v, zero, y);
    Ref divisor = build_where(v->g, positive, y, like(v, y, 1)); /* the slope's own slope must not meet 0 / 0 */
    Ref slope = divide(v, mul(v, v->cot[0], like(v, y, 0.5)), divisor);
    v->out[0] = build_where(v->g, positive, slope, zero);
}

/* Of the result alone, as of tanh: to keep x too would cost a recurrent network a tenth of its time and memory, for a slope
 * below 2^-24 near 1. */
void vjp_sigmoid(Vjp *v)
{
    Ref y = v->node, rest = build_binary(v->g, OP_sub, like(v, y, 1), y);
    v->out[0] = mul(v, v->cot[0], mul(v, y, rest));
}

void vjp_tanh(Vjp *v)
{
    Ref y = v->node;
    Ref square = mul(v, y, y);
    v->out[0] = mul(v, v->cot[0], build_binary(v->g, OP_sub, like(v, y, 1), square));
}

/* g * factor * exp(-x * x) */
static Ref bell(Vjp *v, double factor)
{
    Ref x = vjp_in(v, 0), curve = build_unary(v->g, OP_exp, neg(v, mul(v, x, x)));
    return mul(v, mul(v, v->cot[0], like(v, x, factor)), curve);
}

static const double two_over_sqrt_pi = 1.1283791670955126;

void vjp_erf(Vjp *v)
{
    v->out[0] = bell(v, two_over_sqrt_pi);
}

void vjp_erfc(Vjp *v)
{
    v->out[0] = bell(v, -two_over_sqrt_pi);
}

void vjp_sin(Vjp *v)
{
    v->out[0] = mul(v, v->cot[0], build_unary(v->g, OP_cos, vjp_in(v, 0)));
}

void vjp_cos(Vjp *v)
{
    v->out[0] = neg(v, mul(v, v->cot[0], build_unary(v->g, OP_sin, vjp_in(v, 0))));
}

void vjp_tan(Vjp *v)
{
    Ref y = v->node, one = like(v, y, 1);
    v->out[0] = mul(v, v->cot[0], build_binary(v->g, OP_add, one, mul(v, y, y)));
}

/* sqrt(1 - x^2), of factors that do not cancel near 1 */
static Ref other_side(Vjp *v)
{
    Ref x = vjp_in(v, 0), one = like(v, x, 1), less_x = build_binary(v->g, OP_sub, one, x), more_x = build_binary(v->g, OP_add, one, x);
    return build_unary(v->g, OP_sqrt, mul(v, less_x, more_x));
}

void vjp_asin(Vjp *v)
{
    v->out[0] = divide(v, v->cot[0], other_side(v));
}

void vjp_acos(Vjp *v)
{
    v->out[0] = neg(v, divide(v, v->cot[0], other_side(v)));
}

void vjp_atan(Vjp *v)
{
    Ref x = vjp_in(v, 0), one = like(v, x, 1);
    v->out[0] = divide(v, v->cot[0], build_binary(v->g, OP_add, one, mul(v, x, x)));
}

void vjp_cast(Vjp *v)
{
    Type type = vjp_in_type(v, 0);
    if (dtype_is_float(type.dtype)) v->out[0] = build_cast(v->g, v->cot[0], type.dtype);
}

void vjp_add(Vjp *v)
{
    v->out[0] = v->out[1] = v->cot[0];
}

void vjp_sub(Vjp *v)
{
    v->out[0] = v->cot[0];
    if (v->want[1]) v->out[1] = neg(v, v->cot[0]);
}

/* The two contributions to a square are one: twice the cotangent, which is often a value of fewer axes, times x. */
void vjp_mul(Vjp *v)
{
    if (vjp_in(v, 0) == vjp_in(v, 1)) {
        v->out[0] = mul(v, mul(v, v->cot[0], like(v, v->cot[0], 2)), vjp_in(v, 0));
        return;
    }
    if (v->want[0]) v->out[0] = mul(v, v->cot[0], vjp_in(v, 1));
    if (v->want[1]) v->out[1] = mul(v, v->cot[0], vjp_in(v, 0));
}

void vjp_div(Vjp *v)
{
    Ref slope = divide(v, v->cot[0], vjp_in(v, 1));
    v->out[0] = slope;
    if (v->want[1]) v->out[1] = neg(v, divide(v, mul(v, v->cot[0], v->node), vjp_in(v, 1)));
}

/* a - b * floor(a / b), where the floor stands still */
void vjp_mod(Vjp *v)
{
    v->out[0] = v->cot[0];
    if (!v->want[1]) return;
    Ref turns = build_binary(v->g, OP_floordiv, vjp_in(v, 0), vjp_in(v, 1));
    v->out[1] = neg(v, mul(v, v->cot[0], turns));
}

/* The derivative by the base is 0 where the exponent is 0, that by the exponent where the base is
 * not positive. */
void vjp_pow(Vjp *v)
{
    Ref a = vjp_in(v, 0), b = vjp_in(v, 1), g = v->cot[0], zero = like(v, a, 0);
    if (v->want[0]) {
        Ref lower = build_binary(v->g, OP_pow, a, build_binary(v->g, OP_sub, b, like(v, b, 1)));
        Ref slope = mul(v, mul(v, g, b), lower);
        v->out[0] = build_where(v->g, build_binary(v->g, OP_equal, b, zero), zero, slope);
    }
    if (v->want[1]) {
        Ref log = build_unary(v->g, OP_log, a), slope = mul(v, mul(v, g, v->node), log);
        v->out[1] = build_where(v->g, less(v, zero, a), slope, zero);
    }
}

/* A tie belongs to the second operand: relu(x) = maximum(x, 0) has slope 0 at 0. Where that is a
 * constant c, c < x says the same as c < result, and x need not be kept. */
void vjp_maximum(Vjp *v)
{
    bool constant = graph_node(v->g, vjp_in(v, 1))->op == OP_const;
    Ref first = less(v, vjp_in(v, 1), constant ? v->node : vjp_in(v, 0)), g = v->cot[0], zero = like(v, g, 0);
    if (v->want[0]) v->out[0] = build_where(v->g, first, g, zero);
    if (v->want[1]) v->out[1] = build_where(v->g, first, zero, g);
}

void vjp_where(Vjp *v)
{
    Ref c = vjp_in(v, 0), g = v->cot[0], zero = like(v, g, 0);
    if (v->want[1]) v->out[1] = build_where(v->g, c, g, zero);
    if (v->want[2]) v->out[2] = build_where(v->g, c, zero, g);
}

/* That a small value counts as 0 is no part of the function: its slope is 1 everywhere. */
void vjp_flush(Vjp *v)
{
    v->out[0] = v->cot[0];
}

void vjp_mark(Vjp *v)
{
    v->out[0] = v->cot[0];
}

#define RULE_GRAD(name) [OP_##name] = vjp_##name,
#define RULE_NO_GRAD(name)
#define RULE_BY_SWEEP(name)
const VjpRule vjp_rules[OP_COUNT] = {
#define OP(name, operands, attributes, gradient, properties) RULE_##gradient(name)
#include "tensor/ops.def"
};
