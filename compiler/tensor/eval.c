/* SPDX-License-Identifier: MIT
 * eval.c: the meaning of elementwise operations on one element (language.md#corners). */
#include <math.h>
#include <string.h>

#include "support/real.h"
#include "tensor/graph.h"

int64_t eval_wrap(uint8_t dtype, int64_t v)
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
    double hi = dtype == DT_i64 ? 0x1p63 : dtype == DT_i32 ? 0x1p31 - 1 : dtype == DT_i8 ? 127 : 255;
    if (dtype == DT_bool) return x != 0;
    x = trunc(x);
    if (dtype == DT_i64) return x >= hi ? INT64_MAX : x <= lo ? INT64_MIN : (int64_t)x;
    return (int64_t)(x < lo ? lo : x > hi ? hi : x);
}

/* The nearest number with eight bits, halves to the even one, of x in single precision; below 2^-56 it is 0 (docs/ir.md, "Operands"). */
double round_wide16(double x)
{
    float f = (float)x;
    uint32_t bits;
    if (isnan(f)) return f;
    if (fabsf(f) < 0x1p-56F) return 0;
    memcpy(&bits, &f, sizeof bits);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static Scalar cast(uint8_t from, uint8_t to, Scalar a)
{
    if (to == DT_wide16) return (Scalar){.f = round_wide16(dtype_is_float(from) ? a.f : (double)a.i)};
    bool real_from = dtype_is_float(from), real_to = dtype_is_float(to);
    if (real_from && real_to) return (Scalar){.f = a.f};
    if (real_from) return (Scalar){.i = to == DT_bool ? (a.f != 0) : saturate(to, a.f)};
    if (real_to) return (Scalar){.f = (double)a.i};
    return (Scalar){.i = eval_wrap(to, a.i)};
}

static double real_op(Op op, double a, double b)
{
    const double c = 0; /* `where` chooses among scalars */
    switch (op) {
#define OPERATION(name, operands, value, gradient, properties) \
    case OP_##name: return value;
#define COMPOSED_FUNCTION(name, ...)
#define COMPOSED_OPERATION(name, ...)
#include "support/functions.def"
    case OP_flush: return fabs(a) < b ? 0 : a;
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
    case OP_less: return a < b;
    case OP_less_equal: return a <= b;
    case OP_equal: return a == b;
    default: BUG("`%s` on integers", op_names[op]);
    }
}

Scalar eval_scalar(Op op, uint8_t in_dtype, uint8_t out_dtype, const Scalar *in)
{
    bool real = dtype_is_float(in_dtype);
    switch (op) {
    case OP_cast: return cast(in_dtype, out_dtype, in[0]);
    case OP_where: return in[0].i ? in[1] : in[2];
    default: break;
    }
    bool two = op_arity[op] == 2;
    if (real) {
        double y = real_op(op, in[0].f, two ? in[1].f : 0);
        return dtype_is_float(out_dtype) ? (Scalar){.f = y} : (Scalar){.i = y != 0};
    }
    return (Scalar){.i = eval_wrap(out_dtype, int_op(op, in[0].i, two ? in[1].i : 0))};
}
