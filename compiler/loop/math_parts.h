/* SPDX-License-Identifier: MIT
 * math_parts.h: what the elementary functions (math*.c) are written with. */
#ifndef NNC_LOOP_MATH_PARTS_H
#define NNC_LOOP_MATH_PARTS_H

#include "loop/loop.h"

static inline LV real(LB *b, LV like, double value)
{
    return l_float(b, l_type(b, like), l_lanes(b, like), value);
}

static inline LV whole(LB *b, LV like, int64_t value)
{
    return l_int(b, l_type(b, like), l_lanes(b, like), value);
}

static inline LV add(LB *b, LV x, LV y)
{
    return l_bin(b, L_fadd, x, y);
}
static inline LV sub(LB *b, LV x, LV y)
{
    return l_bin(b, L_fsub, x, y);
}
static inline LV mul(LB *b, LV x, LV y)
{
    return l_bin(b, L_fmul, x, y);
}
static inline LV quotient(LB *b, LV x, LV y)
{
    return l_bin(b, L_fdiv, x, y);
}
static inline bool is_double(LB *b, LV x)
{
    return l_type(b, x) == LT_f64;
}

/* c[0] + c[1] x + ... + c[n-1] x^(n-1), Horner. */
static inline LV polynomial(LB *b, LV x, const double *c, int n)
{
    LV p = real(b, x, c[n - 1]);
    for (int i = n - 2; i >= 0; i--)
        p = l_fma(b, p, x, real(b, x, c[i]));
    return p;
}

static inline LV nearest(LB *b, LV x) /* floor(x + 1/2) */
{
    return l_un(b, L_ffloor, add(b, x, real(b, x, 0.5)));
}

/* 2^n for a whole n with n + bias > 0: the biased exponent appears in the low bits of n + 2^23 + bias (a vector conversion to
 * integers is slow where it must saturate, and n may be NaN here). */
static inline LV power_of_two(LB *b, LV n)
{
    bool wide = is_double(b, n);
    LV low = l_bitcast(b, add(b, n, real(b, n, wide ? 0x1p52 + 1023 : 0x1p23 + 127)), wide ? LT_i64 : LT_i32);
    return l_bitcast(b, l_bin(b, L_shl, low, whole(b, low, wide ? 52 : 23)), wide ? LT_f64 : LT_f32);
}

/* x * 2^n in two steps, so that results may be subnormal or overflow. */
static inline LV scale(LB *b, LV x, LV n)
{
    LV half = l_un(b, L_ffloor, mul(b, n, real(b, n, 0.5)));
    LV rest = sub(b, n, half);
    return mul(b, mul(b, x, power_of_two(b, half)), power_of_two(b, rest));
}

/* y, which is not negative, with the sign of x. */
static inline LV with_sign(LB *b, LV y, LV x)
{
    LoopType bits = is_double(b, x) ? LT_i64 : LT_i32;
    LV i = l_bitcast(b, x, bits), sign = l_bin(b, L_and, i, whole(b, i, is_double(b, x) ? INT64_MIN : INT32_MIN));
    return l_bitcast(b, l_bin(b, L_or, l_bitcast(b, y, bits), sign), l_type(b, x));
}

static inline LV clamp(LB *b, LV x, double lo, double hi) /* NaN stays */
{
    x = l_sel(b, l_cmp(b, LP_lt, x, real(b, x, lo)), real(b, x, lo), x);
    return l_sel(b, l_cmp(b, LP_gt, x, real(b, x, hi)), real(b, x, hi), x);
}

#endif
