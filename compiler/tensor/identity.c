/* SPDX-License-Identifier: MIT
 * identity.c: algebra of elementwise operations: what is one of the operands, a constant, or a
 * simpler operation.
 *
 * Each rule gives the same numbers as the operation it replaces, for all values including NaN and
 * infinities; only the sign of a zero may differ (x + 0 is x). A gradient of the replacement is a
 * gradient of the original. */
#include "tensor/graph.h"

#include <math.h>

/* Certainly neither infinite nor NaN, seen from the operations alone. */
static bool is_finite(const Graph *g, Ref r, int depth)
{
    const Node *n = graph_node(g, r);
    if (!dtype_is_float(graph_type(g, r)->dtype)) return true;
    if (depth == 0) return false;
    switch (n->op) {
    case OP_const: return isfinite(const_value(g, r));
    case OP_random: return true;
    case OP_reshape:
    case OP_permute:
    case OP_broadcast:
    case OP_slice: return is_finite(g, graph_in(g, r, 0), depth - 1);
    case OP_maximum: return is_finite(g, graph_in(g, r, 0), depth - 1) && is_finite(g, graph_in(g, r, 1), depth - 1);
    case OP_where: return is_finite(g, graph_in(g, r, 1), depth - 1) && is_finite(g, graph_in(g, r, 2), depth - 1);
    default: return (op_properties[n->op] & FINITE) && is_finite(g, graph_in(g, r, 0), depth - 1);
    }
}

/* Certainly a whole number, an infinity or NaN. */
static bool is_whole(const Graph *g, Ref a)
{
    switch (graph_node(g, a)->op) {
    case OP_floor:
    case OP_ceil:
    case OP_trunc:
    case OP_round: return true;
    case OP_cast: return !dtype_is_float(graph_type(g, graph_in(g, a, 0))->dtype);
    default: return false;
    }
}

Ref identity_unary(Graph *g, Op op, Ref a)
{
    Ref x = graph_node(g, a)->n_in ? graph_in(g, a, 0) : 0;
    switch (op) {
    case OP_neg:
    case OP_not: return is_op(g, a, op) ? x : 0;
    case OP_abs: return is_op(g, a, OP_abs) ? a : is_op(g, a, OP_neg) ? build_unary(g, OP_abs, x) : 0;
    case OP_floor:
    case OP_ceil:
    case OP_trunc:
    case OP_round: return is_whole(g, a) ? a : 0;
    default: return 0;
    }
}

/* Every value of `from` is one of `to`. */
static bool is_exact(uint8_t from, uint8_t to)
{
    if (from == to || from == DT_bool) return true;
    switch (from) {
    case DT_u8:
    case DT_i8: return to == DT_i32 || to == DT_i64 || to == DT_f32 || to == DT_f64;
    case DT_i32: return to == DT_i64 || to == DT_f64;
    case DT_f16:
    case DT_bf16:
    case DT_wide16: return to == DT_f32 || to == DT_f64;
    case DT_f32: return to == DT_f64;
    default: return false;
    }
}

/* A cast of an exact cast is one cast; not int -> float -> smaller int, which saturates where int
 * -> int wraps. */
Ref identity_cast(Graph *g, Ref a, uint8_t to)
{
    if (!is_op(g, a, OP_cast)) return 0;
    Ref x = graph_in(g, a, 0);
    uint8_t from = graph_type(g, x)->dtype, between = graph_type(g, a)->dtype;
    if (!is_exact(from, between)) return 0;
    bool saturates = !dtype_is_float(from) && dtype_is_float(between) && !dtype_is_float(to);
    if (saturates && to != DT_bool && !is_exact(from, to)) return 0;
    return build_cast(g, x, to);
}

/* Sums of integers with constants: (x + c) + d, c - (d - x), x - c. Integers wrap, so any order is
 * right. */
static Ref int_sum(Graph *g, Op op, Ref a, Ref b)
{
    uint8_t dtype = graph_type(g, a)->dtype;
    if (dtype_is_float(dtype) || dtype == DT_bool) return 0;
    Type type = *graph_type(g, a);
    if (op == OP_sub && is_op(g, b, OP_const))
        return build_binary(g, OP_add, a, build_const_int(g, type, (int64_t)(0 - (uint64_t)graph_attr(g, b, 0))));
    if (op == OP_sub && is_op(g, a, OP_const) && is_op(g, b, OP_sub) && is_op(g, graph_in(g, b, 0), OP_const)) {
        uint64_t c = (uint64_t)graph_attr(g, a, 0), d = (uint64_t)graph_attr(g, graph_in(g, b, 0), 0);
        return build_binary(g, OP_add, graph_in(g, b, 1), build_const_int(g, type, (int64_t)(c - d)));
    }
    if (op != OP_add) return 0;
    Ref c = is_op(g, a, OP_const) ? a : b, sum = c == a ? b : a;
    if (!is_op(g, c, OP_const) || !is_op(g, sum, OP_add)) return 0;
    for (uint32_t i = 0; i < 2; i++) {
        Ref d = graph_in(g, sum, i);
        if (!is_op(g, d, OP_const)) continue;
        uint64_t both = (uint64_t)graph_attr(g, c, 0) + (uint64_t)graph_attr(g, d, 0);
        return build_binary(g, OP_add, graph_in(g, sum, 1 - i), build_const_int(g, type, (int64_t)both));
    }
    return 0;
}

/* x / c as x * (1/c) where the reciprocal is exact. */
static Ref exact_reciprocal(Graph *g, Ref a, Ref b)
{
    if (!is_op(g, b, OP_const)) return 0;
    int e = 0;
    double c = const_value(g, b), m = frexp(fabs(c), &e);
    if (m != 0.5 || e < -100 || e > 100) return 0;
    return build_binary(g, OP_mul, a, build_like(g, b, 1 / c));
}

static Ref multiply(Graph *g, Ref a, Ref b)
{
    if (is_const(g, b, 1)) return a;
    if (is_const(g, a, 1)) return b;
    if (is_const(g, b, -1)) return build_unary(g, OP_neg, a);
    if (is_const(g, a, -1)) return build_unary(g, OP_neg, b);
    if (is_const(g, b, 0) && is_finite(g, a, 6)) return build_like(g, a, 0);
    if (is_const(g, a, 0) && is_finite(g, b, 6)) return build_like(g, a, 0);
    if (is_op(g, a, OP_neg) && is_op(g, b, OP_neg)) return build_binary(g, OP_mul, graph_in(g, a, 0), graph_in(g, b, 0));
    return 0;
}

static Ref power(Graph *g, Ref a, Ref b)
{
    if (is_const(g, b, 0)) return build_like(g, a, 1);
    if (is_const(g, b, 1)) return a;
    if (is_const(g, b, 2)) return build_binary(g, OP_mul, a, a);
    if (is_const(g, b, -1)) return build_binary(g, OP_div, build_like(g, a, 1), a);
    return 0;
}

static Ref logical(Graph *g, Ref a, Ref b, double neutral)
{
    if (a == b || is_const(g, b, neutral)) return a;
    if (is_const(g, a, neutral)) return b;
    if (is_const(g, a, 1 - neutral) || is_const(g, b, 1 - neutral)) return build_like(g, a, 1 - neutral);
    return 0;
}

/* A uniform random number is at least 0 and below 1. */
static Ref compare_uniform(Graph *g, Ref a, Ref b)
{
    Type type = *graph_type(g, a);
    bool uniform = is_op(g, a, OP_random) && graph_attr(g, a, 0) == 0 && is_op(g, b, OP_const);
    double limit = uniform ? const_value(g, b) : 0.5;
    type.dtype = DT_bool;
    return limit >= 1 || limit <= 0 ? build_const(g, type, limit >= 1) : 0;
}

static Ref compare(Graph *g, Op op, Ref a, Ref b)
{
    Type type = *graph_type(g, a);
    if (op == OP_less) {
        Ref known = compare_uniform(g, a, b);
        if (known) return known;
    }
    if (a != b || (op != OP_less && dtype_is_float(type.dtype))) return 0; /* NaN is not equal to itself */
    type.dtype = DT_bool;
    return build_const(g, type, op != OP_less);
}

Ref identity_binary(Graph *g, Op op, Ref a, Ref b)
{
    bool real = dtype_is_float(graph_type(g, a)->dtype);
    switch (op) {
    case OP_add:
        if (is_const(g, b, 0)) return a;
        if (is_const(g, a, 0)) return b;
        if (is_op(g, b, OP_neg)) return build_binary(g, OP_sub, a, graph_in(g, b, 0));
        if (is_op(g, a, OP_neg)) return build_binary(g, OP_sub, b, graph_in(g, a, 0));
        if (is_op(g, a, OP_pad) && is_op(g, b, OP_pad)) return sum_of_pads(g, a, b);
        return int_sum(g, op, a, b);
    case OP_sub:
        if (is_const(g, b, 0)) return a;
        if (is_op(g, b, OP_neg)) return build_binary(g, OP_add, a, graph_in(g, b, 0));
        if (a == b && !real) return build_like(g, a, 0);
        return int_sum(g, op, a, b);
    case OP_mul: return multiply(g, a, b);
    case OP_div: return is_const(g, b, 1) ? a : exact_reciprocal(g, a, b);
    case OP_floordiv: return !is_const(g, b, 1) ? 0 : real ? build_unary(g, OP_floor, a) : a;
    case OP_pow: return power(g, a, b);
    case OP_and: return logical(g, a, b, 1);
    case OP_or: return logical(g, a, b, 0);
    case OP_maximum: return a == b ? a : 0;
    case OP_less:
    case OP_less_equal:
    case OP_equal: return compare(g, op, a, b);
    default: return 0;
    }
}

Ref identity_where(Graph *g, Ref c, Ref a, Ref b)
{
    if (a == b) return a;
    if (is_op(g, c, OP_const)) return graph_attr(g, c, 0) ? a : b;
    if (is_op(g, c, OP_not)) return build_where(g, graph_in(g, c, 0), b, a);
    if (is_op(g, a, OP_where) && graph_in(g, a, 0) == c) return build_where(g, c, graph_in(g, a, 1), b);
    if (is_op(g, b, OP_where) && graph_in(g, b, 0) == c) return build_where(g, c, a, graph_in(g, b, 2));
    if (graph_type(g, a)->dtype != DT_bool) return 0;
    if (is_const(g, a, 1) && is_const(g, b, 0)) return c;
    if (is_const(g, a, 0) && is_const(g, b, 1)) return build_unary(g, OP_not, c);
    if (is_const(g, b, 0)) return build_binary(g, OP_and, c, a);
    if (is_const(g, a, 1)) return build_binary(g, OP_or, c, b);
    return 0;
}
