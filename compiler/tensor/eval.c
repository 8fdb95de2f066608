/* SPDX-License-Identifier: MIT
 * eval.c: the meaning of elementwise operations on one element (language.md 5.8). */
#include <math.h>

#include "support/real.h"
#include "tensor/graph.h"

int64_t wrap_int(uint8_t dtype, int64_t v)
{
    switch (dtype) {
    case DT_bool: return v != 0;
    case DT_i32: return (int32_t)(uint32_t)(uint64_t)v;
    case DT_u8: return (uint8_t)v;
    case DT_i8: return (int8_t)(uint8_t)(uint64_t)v;
    default: return v;
    }
}

static int64_t saturate(uint8_t dtype, double x)
{
    if (x != x) return 0;
    double lo = dtype == DT_i64 ? -0x1p63 : dtype == DT_i32 ? -0x1p31 : dtype == DT_i8 ? -128 : 0;
    double hi = dtype == DT_i64   ? 0x1p63
                : dtype == DT_i32 ? 0x1p31 - 1
                : dtype == DT_i8  ? 127
                                  : 255;
    if (dtype == DT_bool) return x != 0;
    x = trunc(x);
    if (dtype == DT_i64) return x >= hi ? INT64_MAX : x <= lo ? INT64_MIN : (int64_t)x;
    return (int64_t)(x < lo ? lo : x > hi ? hi : x);
}

static Scalar cast(uint8_t from, uint8_t to, Scalar a)
{
    bool real_from = dtype_is_float(from), real_to = dtype_is_float(to);
    if (real_from && real_to) return (Scalar){.f = a.f};
    if (real_from) return (Scalar){.i = to == DT_bool ? (a.f != 0) : saturate(to, a.f)};
    if (real_to) return (Scalar){.f = (double)a.i};
    return (Scalar){.i = wrap_int(to, a.i)};
}

static double real_op(Op op, double a, double b)
{
    switch (op) {
    case OP_neg: return -a;
    case OP_abs: return fabs(a);
    case OP_floor: return floor(a);
    case OP_exp: return exp(a);
    case OP_expm1: return expm1(a);
    case OP_log: return log(a);
    case OP_log1p: return log1p(a);
    case OP_sqrt: return sqrt(a);
    case OP_sigmoid: return real_sigmoid(a);
    case OP_tanh: return tanh(a);
    case OP_erf: return erf(a);
    case OP_erfc: return erfc(a);
    case OP_sin: return sin(a);
    case OP_cos: return cos(a);
    case OP_add: return a + b;
    case OP_sub: return a - b;
    case OP_mul: return a * b;
    case OP_div: return a / b;
    case OP_floordiv: return real_floordiv(a, b);
    case OP_mod: return real_mod(a, b);
    case OP_pow: return pow(a, b);
    case OP_maximum: return a < b || b != b ? b : a;
    default: BUG("`%s` on floats", op_names[op]);
    }
}

static int64_t floor_division(int64_t a, int64_t b)
{
    if (b == 0) return 0;
    if (b == -1) return (int64_t)(0 - (uint64_t)a);
    int64_t q = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

static int64_t int_op(Op op, int64_t a, int64_t b)
{
    switch (op) {
    case OP_neg: return (int64_t)(0 - (uint64_t)a);
    case OP_abs: return a < 0 ? (int64_t)(0 - (uint64_t)a) : a;
    case OP_add: return (int64_t)((uint64_t)a + (uint64_t)b);
    case OP_sub: return (int64_t)((uint64_t)a - (uint64_t)b);
    case OP_mul: return (int64_t)((uint64_t)a * (uint64_t)b);
    case OP_floordiv: return floor_division(a, b);
    case OP_maximum: return a < b ? b : a;
    case OP_and: return a && b;
    case OP_or: return a || b;
    case OP_not: return !a;
    default: BUG("`%s` on integers", op_names[op]);
    }
}

Scalar eval_scalar(Op op, uint8_t in_dtype, uint8_t out_dtype, const Scalar *in)
{
    bool real = dtype_is_float(in_dtype);
    switch (op) {
    case OP_cast: return cast(in_dtype, out_dtype, in[0]);
    case OP_where: return in[0].i ? in[1] : in[2];
    case OP_less: return (Scalar){.i = real ? in[0].f < in[1].f : in[0].i < in[1].i};
    case OP_less_equal: return (Scalar){.i = real ? in[0].f <= in[1].f : in[0].i <= in[1].i};
    case OP_equal: return (Scalar){.i = real ? in[0].f == in[1].f : in[0].i == in[1].i};
    default: break;
    }
    bool two = op_arity[op] == 2;
    if (real) return (Scalar){.f = real_op(op, in[0].f, two ? in[1].f : 0)};
    return (Scalar){.i = wrap_int(out_dtype, int_op(op, in[0].i, two ? in[1].i : 0))};
}
