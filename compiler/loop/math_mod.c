/* SPDX-License-Identifier: MIT
 * math_mod.c: floored division of floats, exact: remainder and quotient as real_mod and real_floordiv (support/real.h) have
 * them.
 *
 * Floats are divided in double: a quotient below 2^29 times a float is exact there, and so is what is left. Larger
 * quotients, and doubles, take the long division of their mantissas, ten bits a turn. */
#include "loop/math_parts.h"

#include <math.h>

typedef struct Number { /* mantissa * 2^exponent, 2^52 <= mantissa < 2^53; i64 */
    LV mantissa, exponent;
} Number;

static Number take_apart(LB *b, LV x) /* x > 0, finite */
{
    LV tiny = l_cmp(b, LP_lt, x, real(b, x, 0x1p-1022));
    LV bits = l_bitcast(b, l_sel(b, tiny, mul(b, x, real(b, x, 0x1p54)), x), LT_i64);
    LV field = l_bin(b, L_lshr, bits, whole(b, bits, 52));
    LV bias = l_sel(b, tiny, whole(b, bits, 1075 + 54), whole(b, bits, 1075));
    LV fraction = l_bin(b, L_and, bits, whole(b, bits, 0x000FFFFFFFFFFFFF));
    return (Number){l_bin(b, L_or, fraction, whole(b, bits, 0x0010000000000000)), l_bin(b, L_isub, field, bias)};
}

/* a mod d of doubles, d > 0, 0 <= a, both finite. The quotient has at most 54 + 10 * `turns` bits. */
static LV long_division(LB *b, LV a, LV d, LV turns)
{
    Number x = take_apart(b, a), y = take_apart(b, d);
    LV none = whole(b, x.mantissa, 0), ten = whole(b, x.mantissa, 10);
    LV left = l_bin(b, L_isub, x.exponent, y.exponent);
    LV over = l_cmp(b, LP_ge, x.mantissa, y.mantissa);
    LV start[2] = {l_sel(b, over, l_bin(b, L_isub, x.mantissa, y.mantissa), x.mantissa), left};
    LV loop = l_loop(b, l_i64(b, 0), turns, l_i64(b, 1), start, 2);
    LV rest = l_carried(b, loop, 0), more = l_carried(b, loop, 1);
    LV bits = l_sel(b, l_cmp(b, LP_lt, more, ten), l_sel(b, l_cmp(b, LP_lt, more, none), none, more), ten);
    LV longer = l_bin(b, L_shl, rest, bits), q = l_bin(b, L_ifdiv, longer, y.mantissa);
    LV next[2] = {l_bin(b, L_isub, longer, l_bin(b, L_imul, q, y.mantissa)), l_bin(b, L_isub, more, bits)};
    l_yield(b, loop, next, 2);
    LV r = scale(b, l_cvt(b, l_result(b, loop, 0), LT_f64), l_cvt(b, y.exponent, LT_f64));
    return l_sel(b, l_cmp(b, LP_lt, a, d), a, r);
}

/* |x| mod |y|, in double; `wide`: they have more bits than floats. */
static LV remainder_of(LB *b, LV x, LV y, bool wide)
{
    LV infinity = real(b, x, INFINITY), zero = real(b, x, 0);
    LV a = l_un(b, L_fabs, x), d = l_un(b, L_fabs, y), q = quotient(b, a, d), r;
    LV proper = l_bin(b, L_and, l_cmp(b, LP_lt, a, infinity), l_cmp(b, LP_gt, d, zero));
    LV many = l_bin(b, L_and, proper, l_cmp(b, LP_ge, q, real(b, q, wide ? 0x1p40 : 0x1p29)));
    LV turns = l_bin(b, L_imul, l_cvt(b, l_any(b, many), LT_i64), l_i64(b, wide ? 210 - 5 : 28));
    if (wide) {
        r = long_division(b, a, d, l_bin(b, L_iadd, turns, l_i64(b, 5)));
    } else {
        r = sub(b, a, mul(b, l_un(b, L_ffloor, q), d));
        r = l_sel(b, l_cmp(b, LP_lt, r, zero), add(b, r, d), r);
        r = l_sel(b, many, long_division(b, a, d, turns), r);
    }
    r = l_sel(b, l_cmp(b, LP_eq, d, infinity), a, r);
    LV number = l_bin(b, L_and, proper, l_cmp(b, LP_eq, d, d));
    return l_sel(b, number, r, real(b, r, NAN));
}

static LV opposite(LB *b, LV x, LV y) /* one below 0, the other not */
{
    LV zero = real(b, x, 0);
    return l_bin(b, L_xor, l_cmp(b, LP_lt, x, zero), l_cmp(b, LP_lt, y, zero));
}

static LV mod(LB *b, LV x, LV y, bool wide)
{
    LV r = remainder_of(b, x, y, wide), a = l_un(b, L_fabs, y), zero = real(b, x, 0);
    LV turned = l_bin(b, L_and, opposite(b, x, y), l_cmp(b, LP_ne, r, zero));
    r = l_sel(b, turned, sub(b, a, r), r); /* in the divisor's direction */
    return l_sel(b, l_cmp(b, LP_lt, y, zero), l_un(b, L_fneg, r), r);
}

/* (a - r) / d, where r is what is left of a. Both steps round: near 2^53 the nearest whole number is one of its neighbours,
 * and then more or less than r is left of a. Larger ones are as they are rounded. */
static LV whole_quotient(LB *b, LV a, LV d, LV r, bool wide)
{
    LV ratio = quotient(b, sub(b, a, r), d), whole = l_sel(b, l_cmp(b, LP_lt, ratio, real(b, a, 0x1p52)), nearest(b, ratio), ratio);
    if (!wide) return whole;
    LV over = sub(b, l_fma(b, l_un(b, L_fneg, whole), d, a), r), half = mul(b, d, real(b, d, 0.5)), one = real(b, a, 1);
    LV exact = l_cmp(b, LP_lt, whole, real(b, a, 0x1p53)), more = l_cmp(b, LP_gt, over, half);
    LV less = l_cmp(b, LP_lt, over, l_un(b, L_fneg, half));
    whole = l_sel(b, l_bin(b, L_and, exact, more), add(b, whole, one), whole);
    return l_sel(b, l_bin(b, L_and, exact, less), sub(b, whole, one), whole);
}

static LV floordiv(LB *b, LV x, LV y, bool wide)
{
    LV r = remainder_of(b, x, y, wide), a = l_un(b, L_fabs, x), d = l_un(b, L_fabs, y), zero = real(b, x, 0);
    LV whole_part = whole_quotient(b, a, d, r, wide);
    whole_part = l_sel(b, l_cmp(b, LP_eq, d, real(b, d, INFINITY)), zero, whole_part);
    LV more = l_sel(b, l_cmp(b, LP_ne, r, zero), add(b, whole_part, real(b, x, 1)), whole_part);
    LV q = l_sel(b, opposite(b, x, y), l_un(b, L_fneg, more), whole_part);
    q = l_sel(b, l_cmp(b, LP_eq, r, r), q, real(b, q, NAN));
    return l_sel(b, l_cmp(b, LP_eq, y, zero), quotient(b, x, y), q);
}

typedef LV Division(LB *b, LV x, LV y, bool wide);

static LV in_double(LB *b, Division *divide, LV x, LV y)
{
    if (is_double(b, x)) return divide(b, x, y, true);
    return l_cvt(b, divide(b, l_cvt(b, x, LT_f64), l_cvt(b, y, LT_f64), false), LT_f32);
}

LV math_mod(LB *b, LV x, LV y)
{
    return in_double(b, mod, x, y);
}

LV math_floordiv(LB *b, LV x, LV y)
{
    return in_double(b, floordiv, x, y);
}
