/* SPDX-License-Identifier: MIT
 * math.c: elementary functions as straight vector code, for f32 and f64 and any number of lanes.
 *
 * Range reduction after Cody and Waite (1980), then polynomials; every step is one rounded operation, so vectors, tails and all targets with
 * FMA agree bit for bit. f32: at most 2 ulp, sigmoid 3, erfc 4.7 (exp and erfc measured over all floats: 1.01, 4.69). f64 (used for
 * checks): a few ulp (erf 6, erfc 40), pow about 1e-13 relative.
 * Subnormals, infinities and NaN behave as in C, but for exp, which ends in 0. Sine, cosine and tangent: math_turn.c; their inverses: math_arc.c; what needs no
 * rounding: math_exact.c; remainders: math_mod.c. */
#include "loop/math_parts.h"

#include <math.h>

/* e^r - 1 on |r| <= ln(2)/2: r + r^2 q(r), q of least error relative to e^r. */
static LV exp_reduced(LB *b, LV r)
{
    static const double single[] = {0.4999999343, 0.166665204, 0.04166839079, 0.008368745113, 0.001381454003};
    double taylor[13], factorial = 1;
    for (int k = 2; k < 15; k++) {
        factorial *= k;
        taylor[k - 2] = 1 / factorial;
    }
    LV q = is_double(b, r) ? polynomial(b, r, taylor, 13) : polynomial(b, r, single, 5);
    return l_fma(b, q, mul(b, r, r), r);
}

/* x = n ln 2 + r with a whole n. n + bias stands in the low bits of x / ln 2 + bias + 3 2^22, which has no place for a
 * fraction; exponent: these bits where an exponent has its own. */
typedef struct Reduced {
    LV r, n, exponent;
} Reduced;

static Reduced reduce(LB *b, LV x, int bias)
{
    bool wide = is_double(b, x);
    LV shift = real(b, x, (wide ? 0x1.8p52 : 0x1.8p23) + bias);
    LV moved = l_fma(b, x, real(b, x, 1.4426950408889634), shift), bits = l_bitcast(b, moved, wide ? LT_i64 : LT_i32);
    Reduced y = {.n = sub(b, moved, shift), .exponent = l_bin(b, L_shl, bits, whole(b, bits, wide ? 52 : 23))};
    /* ln 2 in two parts; n times the first is exact */
    y.r = l_fma(b, y.n, real(b, x, wide ? -6.93145751953125e-1 : -0.693359375), x);
    y.r = l_fma(b, y.n, real(b, x, wide ? -1.42860682030941723212e-6 : 2.12194440e-4), y.r);
    return y;
}

/* Ends in 0 where the result would be subnormal: many processors are slow with such numbers, and sums of exponentials do not see them.
 * least: the logarithm of the least normal number, rounded up; most: of the largest number, rounded down. Between them n is added to the
 * exponent of e^r, which is below 1 where n is too large for an exponent. */
LV math_exp(LB *b, LV x)
{
    bool wide = is_double(b, x);
    LV least = real(b, x, wide ? -708.39641853226408 : -87.33654), most = real(b, x, wide ? 709.78271289338397 : 88.72283);
    Reduced n = reduce(b, x, 0);
    LV bits = l_bitcast(b, add(b, exp_reduced(b, n.r), real(b, x, 1)), wide ? LT_i64 : LT_i32);
    LV y = l_bitcast(b, l_bin(b, L_iadd, bits, n.exponent), l_type(b, x));
    y = l_sel(b, l_cmp(b, LP_lt, x, least), real(b, x, 0), y);
    return l_sel(b, l_cmp(b, LP_le, x, most), y, mul(b, x, real(b, x, wide ? 0x1p1023 : 0x1p127))); /* infinity, or NaN */
}

/* 2^n e^r - 1 as 2 (2^(n-1) (e^r - 1) + (2^(n-1) - 1/2)): no cancellation, and no overflow before the result's. */
LV math_expm1(LB *b, LV x)
{
    x = is_double(b, x) ? clamp(b, x, -40, 710) : clamp(b, x, -20, 89);
    Reduced reduced = reduce(b, x, 0);
    LV n = reduced.n, p = exp_reduced(b, reduced.r), half = real(b, x, 0.5);
    LV s = power_of_two(b, sub(b, n, real(b, n, 1)));
    LV y = l_fma(b, s, p, sub(b, s, half));
    return l_sel(b, l_cmp(b, LP_eq, n, real(b, n, 0)), p, add(b, y, y));
}

/* e / (1 + e) or 1 / (1 + e) with e = exp(-|x|): right to relative precision at both ends. */
LV math_sigmoid(LB *b, LV x)
{
    LV one = real(b, x, 1), e = math_exp(b, l_un(b, L_fneg, l_un(b, L_fabs, x)));
    LV above = l_sel(b, l_cmp(b, LP_lt, x, real(b, x, 0)), e, one);
    return quotient(b, above, add(b, one, e));
}

/* x = m 2^e with m in [sqrt(1/2), sqrt(2)), for x > 0; gives f = m - 1. */
static LV split(LB *b, LV x, LV *e)
{
    bool wide = is_double(b, x);
    LoopType int_type = wide ? LT_i64 : LT_i32, type = l_type(b, x);
    int64_t shift = wide ? 52 : 23, bias = wide ? 1023 : 127;
    LV tiny = l_cmp(b, LP_lt, x, real(b, x, wide ? 0x1p-1022 : 0x1p-126));
    x = l_sel(b, tiny, mul(b, x, real(b, x, wide ? 0x1p54 : 0x1p25)), x);
    LV bits = l_bitcast(b, x, int_type);
    /* move sqrt(1/2) to a power of two, so that the exponent field splits there */
    LV root = whole(b, bits, wide ? 0x3FE6A09E667F3BCD : 0x3F3504F3), one = whole(b, bits, wide ? 0x3FF0000000000000 : 0x3F800000);
    LV moved = l_bin(b, L_iadd, bits, l_bin(b, L_isub, one, root));
    LV exponent = l_bin(b, L_isub, l_bin(b, L_ashr, moved, whole(b, bits, shift)), whole(b, bits, bias));
    LV fraction = l_bin(b, L_and, moved, whole(b, bits, wide ? 0x000FFFFFFFFFFFFF : 0x007FFFFF));
    LV m = l_bitcast(b, l_bin(b, L_iadd, fraction, root), type);
    LV extra = l_sel(b, tiny, real(b, x, wide ? 54 : 25), real(b, x, 0));
    *e = sub(b, l_cvt(b, exponent, type), extra);
    return sub(b, m, real(b, m, 1));
}

/* log(1 + f) + e ln 2 with s = f / (2 + f): log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)). */
static LV log_reduced(LB *b, LV f, LV e)
{
    static const double r64[] = {6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
                                 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01};
    static const double r32[] = {0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841};
    bool wide = is_double(b, f);
    LV s = quotient(b, f, add(b, f, real(b, f, 2))), z = mul(b, s, s);
    LV r = mul(b, z, wide ? polynomial(b, z, r64, 7) : polynomial(b, z, r32, 4));
    LV h = mul(b, mul(b, f, f), real(b, f, 0.5));
    double hi = wide ? 6.93147180369123816490e-01 : 6.9313812256e-01, lo = wide ? 1.90821492927058770002e-10 : 9.0580006145e-06;
    LV small = l_fma(b, s, add(b, h, r), mul(b, e, real(b, e, lo)));
    LV low = sub(b, sub(b, h, small), f);
    return sub(b, mul(b, e, real(b, e, hi)), low);
}

LV math_log(LB *b, LV x)
{
    LV e, f = split(b, x, &e);
    LV y = log_reduced(b, f, e);
    y = l_sel(b, l_cmp(b, LP_eq, x, real(b, x, INFINITY)), x, y);
    y = l_sel(b, l_cmp(b, LP_eq, x, real(b, x, 0)), real(b, x, -INFINITY), y);
    LV positive = l_cmp(b, LP_ge, x, real(b, x, 0)); /* false for NaN */
    return l_sel(b, positive, y, real(b, x, NAN));
}

/* log(u) with u = 1 + x, corrected by what the addition lost. */
LV math_log1p(LB *b, LV x)
{
    LV one = real(b, x, 1), u = add(b, one, x);
    LV lost = sub(b, x, sub(b, u, one));
    LV inside = l_bin(b, L_and, l_cmp(b, LP_gt, u, real(b, x, 0)), l_cmp(b, LP_lt, u, real(b, x, INFINITY)));
    LV correction = l_sel(b, inside, quotient(b, lost, u), real(b, x, 0));
    LV y = add(b, math_log(b, u), correction);
    LV tiny = l_cmp(b, LP_eq, u, one);
    return l_sel(b, tiny, x, y);
}

/* |x| < 5/8: x + x^3 P(x^2); else 1 - 2 / (exp(2|x|) + 1) with the sign of x. */
LV math_tanh(LB *b, LV x)
{
    static const double single[] = {-3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3};
    static const double num[] = {-1.61468768441708447952e3, -9.92877231001918586564e1, -9.64399179425052238628e-1};
    static const double den[] = {4.84406305325125486048e3, 2.23548839060100448583e3, 1.12811678491632931402e2, 1};
    LV a = l_un(b, L_fabs, x), z = mul(b, x, x), near;
    if (is_double(b, x))
        near = l_fma(b, mul(b, x, z), quotient(b, polynomial(b, z, num, 3), polynomial(b, z, den, 4)), x);
    else
        near = l_fma(b, mul(b, x, z), polynomial(b, z, single, 5), x);
    LV e = math_exp(b, add(b, a, a));
    LV far = sub(b, real(b, x, 1), quotient(b, real(b, x, 2), add(b, e, real(b, x, 1))));
    far = l_sel(b, l_cmp(b, LP_lt, x, real(b, x, 0)), l_un(b, L_fneg, far), far);
    return l_sel(b, l_cmp(b, LP_lt, a, real(b, x, 0.625)), near, far);
}

/* f64: |x| < 2 by the series e^(-x^2) 2x/sqrt(pi) sum (2x^2)^n / (1 3 5 ... (2n+1)) (Abramowitz and Stegun 7.1.6), else by the
 * continued fraction of erfc (7.1.14). */
static LV erf_double(LB *b, LV x)
{
    LV a = l_un(b, L_fabs, x), z = mul(b, a, a), zz = add(b, z, z);
    LV one = real(b, x, 1), s = one, low = l_fma(b, a, a, l_un(b, L_fneg, z)); /* a^2 = z + low */
    LV e = math_exp(b, l_un(b, L_fneg, z));
    e = l_fma(b, l_un(b, L_fneg, e), low, e);
    for (int n = 45; n >= 1; n--)
        s = add(b, quotient(b, mul(b, s, zz), real(b, x, 2 * n + 1)), one);
    LV near = mul(b, mul(b, mul(b, a, real(b, x, 1.1283791670955126)), e), s);
    LV k = a;
    for (int n = 60; n >= 1; n--)
        k = add(b, a, quotient(b, real(b, x, 0.5 * n), k));
    LV far = sub(b, one, quotient(b, mul(b, e, real(b, x, 0.5641895835477563)), k));
    LV y = l_sel(b, l_cmp(b, LP_lt, a, real(b, x, 2)), near, far);
    y = l_sel(b, l_cmp(b, LP_gt, a, real(b, x, 7)), one, y);
    y = l_sel(b, l_cmp(b, LP_lt, x, real(b, x, 0)), l_un(b, L_fneg, y), y);
    return l_sel(b, l_cmp(b, LP_eq, x, x), y, x); /* NaN */
}

/* |x| < 0.93: x + x P(x^2), interpolated at Chebyshev points. */
static LV erf_near(LB *b, LV x)
{
    static const double c[] = {0.128379167, -0.376126333, 0.112836887, -0.0268589974, 0.00519998925, -0.000813044467, 8.31687972e-05};
    return l_fma(b, polynomial(b, mul(b, x, x), c, 7), x, x);
}

/* f32: from 0.93 on 1 - exp(x Q(x)), interpolated at Chebyshev points. */
LV math_erf(LB *b, LV x)
{
    static const double far_c[] = {-1.12874186,    -0.634800112,   -0.106747585,    0.0241058392,  -0.00372357744,
                                   0.000297649531, 7.80754731e-06, -3.86244515e-06, 2.43082406e-07};
    if (is_double(b, x)) return erf_double(b, x);
    LV near = erf_near(b, x);
    LV a = l_un(b, L_fabs, x);
    LV bounded = l_sel(b, l_cmp(b, LP_gt, a, real(b, a, 4)), real(b, a, 4), a);
    LV far = sub(b, real(b, x, 1), math_exp(b, mul(b, bounded, polynomial(b, bounded, far_c, 9))));
    far = l_sel(b, l_cmp(b, LP_ge, a, real(b, a, 4)), real(b, a, 1), far);
    far = l_sel(b, l_cmp(b, LP_lt, x, real(b, x, 0)), l_un(b, L_fneg, far), far);
    LV y = l_sel(b, l_cmp(b, LP_lt, a, real(b, a, 0.93)), near, far);
    return l_sel(b, l_cmp(b, LP_eq, x, x), y, x);
}

/* y e^(-a^2) for 0 <= a, y near 1 or less: a is its upper bits h and a rest, h^2 is exact, and a^2 = h^2 + (a - h)(a + h). The
 * result may be subnormal: the power of two is first one that is not. */
static LV bell(LB *b, LV a, LV y)
{
    bool wide = is_double(b, a);
    int up = wide ? 512 : 64;
    LV i = l_bitcast(b, a, wide ? LT_i64 : LT_i32), mask = whole(b, i, wide ? -(INT64_C(1) << 27) : -(1 << 12));
    LV h = l_bitcast(b, l_bin(b, L_and, i, mask), l_type(b, a));
    Reduced n = reduce(b, l_un(b, L_fneg, mul(b, h, h)), up + (wide ? 1023 : 127));
    LV r = l_fma(b, sub(b, h, a), add(b, a, h), n.r);
    LV power = l_bitcast(b, n.exponent, l_type(b, a));
    y = mul(b, add(b, exp_reduced(b, r), real(b, r, 1)), y);
    return mul(b, mul(b, y, power), real(b, y, wide ? 0x1p-512 : 0x1p-64));
}

/* erfc(a) e^(a^2) for f64 and 0 <= a: the continued fraction (Abramowitz and Stegun 7.1.14), from 1.25 on. */
static LV erfc_fraction(LB *b, LV a)
{
    LV start[2] = {a, real(b, a, 0.5 * 120)};
    LV loop = l_loop(b, l_i64(b, 0), l_i64(b, 120), l_i64(b, 1), start, 2);
    LV k = l_carried(b, loop, 0), n = l_carried(b, loop, 1);
    LV next[2] = {add(b, a, quotient(b, n, k)), sub(b, n, real(b, n, 0.5))};
    l_yield(b, loop, next, 2);
    return quotient(b, real(b, a, 0.5641895835477563), l_result(b, loop, 0));
}

/* f32: erfc(a) e^(a^2) (1 + a) as a polynomial in 1 - 2 / (1 + a), least relative error on 0.93 .. 10.2. */
static LV erfc_single(LB *b, LV a)
{
    static const double c[] = {0.855167152,  -0.237680927,  -0.0955562517, 0.0139175449,  0.025235083,
                               0.0107073011, -0.0056359279, 0.00580202276, -0.0136264255, 0.00586344022};
    LV one = real(b, a, 1), w = quotient(b, one, add(b, a, one));
    return mul(b, polynomial(b, l_fma(b, w, real(b, a, -2), one), c, 10), w);
}

/* Up to 0.93 and, for f64, 1.25: 1 - erf(x). */
LV math_erfc(LB *b, LV x)
{
    bool wide = is_double(b, x);
    LV one = real(b, x, 1), size = l_un(b, L_fabs, x), most = real(b, x, wide ? 28 : 10.5);
    LV a = l_sel(b, l_cmp(b, LP_lt, most, size), most, size); /* NaN stays */
    LV far = bell(b, a, wide ? erfc_fraction(b, a) : erfc_single(b, a));
    far = l_sel(b, l_cmp(b, LP_lt, x, real(b, x, 0)), sub(b, real(b, x, 2), far), far);
    LV near = sub(b, one, wide ? math_erf(b, x) : erf_near(b, x));
    return l_sel(b, l_cmp(b, LP_lt, a, real(b, x, wide ? 1.25 : 0.93)), near, far);
}

/* exp(y log|x|) in double, then C's special cases. */
LV math_pow(LB *b, LV x, LV y)
{
    bool narrow = !is_double(b, x);
    if (narrow) x = l_cvt(b, x, LT_f64), y = l_cvt(b, y, LT_f64);
    LV zero = real(b, x, 0), one = real(b, x, 1), infinity = real(b, x, INFINITY);
    LV a = l_un(b, L_fabs, x);
    LV r = math_exp(b, mul(b, y, math_log(b, a)));
    LV integer = l_cmp(b, LP_eq, l_un(b, L_ffloor, y), y);
    LV half = mul(b, y, real(b, y, 0.5));
    LV odd = l_bin(b, L_and, integer, l_cmp(b, LP_ne, l_un(b, L_ffloor, half), half));
    LV below = l_cmp(b, LP_lt, x, zero);
    LV minus_zero = l_bin(b, L_and, l_cmp(b, LP_eq, x, zero), l_cmp(b, LP_lt, quotient(b, one, x), zero));
    LV negative = l_bin(b, L_and, l_bin(b, L_or, below, minus_zero), odd);
    r = l_sel(b, negative, l_un(b, L_fneg, r), r);
    LV fraction = l_bin(b, L_and, l_un(b, L_not, integer), l_cmp(b, LP_lt, a, infinity));
    r = l_sel(b, l_bin(b, L_and, below, fraction), real(b, x, NAN), r);
    LV unit = l_bin(b, L_and, l_cmp(b, LP_eq, a, one), l_cmp(b, LP_eq, l_un(b, L_fabs, y), infinity));
    unit = l_bin(b, L_or, unit, l_bin(b, L_or, l_cmp(b, LP_eq, y, zero), l_cmp(b, LP_eq, x, one)));
    r = l_sel(b, unit, one, r);
    return narrow ? l_cvt(b, r, LT_f32) : r;
}
