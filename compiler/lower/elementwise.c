/* SPDX-License-Identifier: MIT
 * elementwise.c: operators and functions of one element; operands stretch to the result's shape. */
#include "lower/body.h"
#include "support/functions.h"

static Ref zero(Graph *g, Ref a)
{
    return build_like(g, a, 0);
}

/* 1, 0 or -1; no gradient; 0 for NaN. */
static Ref composed_sign(Graph *g, Ref x)
{
    Ref none = zero(g, x), minus = build_like(g, x, -1);
    Ref negative = build_where(g, build_binary(g, OP_less, x, none), minus, none), one = build_like(g, x, 1);
    return build_where(g, build_binary(g, OP_less, none, x), one, negative);
}

static Ref composed_rsqrt(Graph *g, Ref x)
{
    Ref root = build_unary(g, OP_sqrt, x);
    return build_binary(g, OP_div, build_like(g, x, 1), root);
}

/* The operation of the same name in the tensor IR. */
static Op same(uint16_t op)
{
    switch (op) {
#define OPERATION(name, ...) \
    case CORE_##name: return OP_##name;
#define COMPOSED_FUNCTION(name, ...)
#define COMPOSED_OPERATION(name, ...)
#include "support/functions.def"
    default: BUG("%s is composed of others, but not here", core_op_name(op));
    }
}

static Ref unary(Scope *s, const CoreIns *ins, Ref x)
{
    Graph *g = s->g;
    if (!(core_properties(ins->op) & COMPARES)) x = lower_as_dtype(g, x, lower_ins_type(s, ins).dtype);
    switch (ins->op) {
    case CORE_cast: return x;
    case CORE_stop: return build_stop(g, x);
#define FUNCTION(name, ...)
#define COMPOSED_FUNCTION(name, ...) \
    case CORE_##name: return composed_##name(g, x);
#include "support/functions.def"
    default: return build_unary(g, same(ins->op), x);
    }
}

/* x ** n for a constant n >= 0 by squaring. */
static Ref power(Graph *g, Ref x, int64_t n)
{
    if (n == 0) return build_like(g, x, 1);
    if (n == 1) return x;
    Ref half = power(g, x, n / 2);
    Ref square = build_binary(g, OP_mul, half, half);
    return n % 2 ? build_binary(g, OP_mul, square, x) : square;
}

static Ref pow_of(Graph *g, Ref x, Ref y)
{
    bool is_float = dtype_is_float(graph_type(g, x)->dtype);
    if (graph_node(g, y)->op == OP_const) {
        int64_t bits = graph_attr(g, y, 0);
        union {
            int64_t i;
            double d;
        } u = {.i = bits};
        double n = is_float ? u.d : (double)bits;
        if (n >= 0 && n == (double)(int64_t)n && n <= (is_float ? 4 : 1 << 20)) return power(g, x, (int64_t)n);
    }
    if (is_float) return build_binary(g, OP_pow, x, y);
    BUG("integer power with an exponent known at run time only");
}

static Ref mod(Graph *g, Ref a, Ref b)
{
    if (dtype_is_float(graph_type(g, a)->dtype)) return build_binary(g, OP_mod, a, b);
    Ref product = build_binary(g, OP_mul, b, build_binary(g, OP_floordiv, a, b));
    Ref rest = build_binary(g, OP_sub, a, product);
    Ref none = build_binary(g, OP_equal, b, zero(g, b)); /* x % 0 is 0 */
    return build_where(g, none, zero(g, a), rest);
}

/* The dtype in which two operands meet: floats win, the wider wins, bools become i32 beside integers. */
static uint8_t common_dtype(uint8_t a, uint8_t b)
{
    if (a == b) return a;
    static const uint8_t rank[DT_COUNT] = {
        [DT_bool] = 0, [DT_u8] = 1, [DT_i8] = 1, [DT_i32] = 2, [DT_i64] = 3, [DT_f16] = 4, [DT_bf16] = 4, [DT_f32] = 5, [DT_f64] = 6};
    return rank[a] > rank[b] ? a : b;
}

static Ref binary(Scope *s, const CoreIns *ins, Ref a, Ref b)
{
    Graph *g = s->g;
    Type type = lower_ins_type(s, ins);
    bool comparison = core_properties(ins->op) & COMPARES;
    uint8_t dtype = comparison ? common_dtype(graph_type(g, a)->dtype, graph_type(g, b)->dtype) : type.dtype;
    if (comparison && (dtype == DT_u8 || dtype == DT_i8)) dtype = DT_i32;
    a = lower_as_shape(g, lower_as_dtype(g, a, dtype), &type);
    b = lower_as_shape(g, lower_as_dtype(g, b, dtype), &type);
    switch (ins->op) {
    case CORE_mod: return mod(g, a, b);
    case CORE_pow: return pow_of(g, a, b);
    case CORE_minimum: return dtype == DT_bool ? build_binary(g, OP_and, a, b) : build_minimum(g, a, b);
    case CORE_maximum: return build_binary(g, dtype == DT_bool ? OP_or : OP_maximum, a, b);
    case CORE_not_equal: return build_unary(g, OP_not, build_binary(g, OP_equal, a, b));
    case CORE_greater: return build_binary(g, OP_less, b, a);
    case CORE_greater_equal: return build_binary(g, OP_less_equal, b, a);
    default: return build_binary(g, same(ins->op), a, b);
    }
}

Ref lower_elementwise(Scope *s, const CoreIns *ins, const Ref *in)
{
    if (ins->n_in == 1) return unary(s, ins, in[0]);
    if (ins->n_in == 2) return binary(s, ins, in[0], in[1]);
    Graph *g = s->g;
    Type type = lower_ins_type(s, ins);
    Ref no = lower_as_shape(g, lower_as_dtype(g, in[2], type.dtype), &type),
        yes = lower_as_shape(g, lower_as_dtype(g, in[1], type.dtype), &type);
    return build_where(g, lower_as_shape(g, in[0], &type), yes, no);
}
