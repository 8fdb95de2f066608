/* SPDX-License-Identifier: MIT
 * math_turn.c: sine, cosine and tangent: x = n pi/2 + r with |r| <= pi/4, in double; n mod 4 chooses the polynomial and the sign.
 *
 * Up to 2^20 pi/2 is taken off in three parts (Cody and Waite 1980). Beyond, in a branch that is seldom taken, x / 2 pi is
 * multiplied out in whole numbers modulo 1, with those bits of 1 / 2 pi that matter (Payne and Hanek 1983). */
#include "loop/math_parts.h"

#include <math.h>

typedef struct Angle {
    LV n, r; /* doubles; n counts modulo 4 */
} Angle;

/* 1 / 2 pi in words of 32 bits, after two that are 0. */
static const uint32_t inverse[] = {0,          0,          0x28be60db, 0x9391054a, 0x7f09d5f4, 0x7d4d3770, 0x36d8a566, 0x4f10e410,
                                   0x7f9458ea, 0xf7aef158, 0x6dc91b8e, 0x909374b8, 0x01924bba, 0x82746487, 0x3f877ac7, 0x2c4a69cf,
                                   0xba208d7d, 0x4baed121, 0x3a671c09, 0xad17df90, 0x4e64758e, 0x60d4ce7d, 0x272117e2, 0xef7e4a0e,
                                   0xc7fe25ff, 0xf7816603, 0xfbcbc462, 0xd6829b47, 0xdb4d9fb3, 0xc9f2c26d, 0xd3d18fd9, 0xa797fa8b,
                                   0x5d49eeb1, 0xfaf97c5e, 0xcf41ce7d, 0xe294a4ba, 0x9afed7ec, 0x47e35742, 0x1580cc11, 0xbf1edaea};
enum { N_INVERSE = sizeof inverse / sizeof *inverse, MOST_WORDS = 6 };

static LV shifted(LB *b, LoopOp op, LV x, int64_t by)
{
    return l_bin(b, op, x, whole(b, x, by));
}

/* word[0 .. n-1]: 32 bits each of the inverse, from bit `at` (i64 lanes) on. Halving choices find them: by 16 words or none,
 * by 8 or none, and so on. */
static void inverse_words(LB *b, LV at, bool wide, LV *word, int n)
{
    LV all[N_INVERSE], first = shifted(b, L_lshr, at, 5);
    for (int i = 0; i < N_INVERSE; i++)
        all[i] = whole(b, at, inverse[i]);
    for (int step = wide ? 32 : 4; step >= 1; step /= 2) {
        LV on = l_cmp(b, LP_ne, l_bin(b, L_and, first, whole(b, at, step)), whole(b, at, 0));
        for (int i = 0; i < n + step && i < N_INVERSE; i++)
            if (i + step < N_INVERSE) all[i] = l_sel(b, on, all[i + step], all[i]);
    }
    LV back = l_bin(b, L_isub, whole(b, at, 32), l_bin(b, L_and, at, whole(b, at, 31)));
    for (int i = 0; i < n; i++) {
        LV pair = l_bin(b, L_or, shifted(b, L_shl, all[i], 32), all[i + 1]);
        word[i] = l_bin(b, L_and, l_bin(b, L_lshr, pair, back), whole(b, at, 0xffffffff));
    }
}

/* fraction[0 .. n-1]: words of m * 0.word[0] word[1] ... modulo 1; m has two words, or one if `wide` is false. */
static void multiply(LB *b, LV m, bool wide, const LV *word, LV *fraction, int n)
{
    LV low = whole(b, m, 0xffffffff), m0 = l_bin(b, L_and, m, low), m1 = shifted(b, L_lshr, m, 32), carry = whole(b, m, 0);
    LV by0[MOST_WORDS], by1[MOST_WORDS];
    for (int i = 0; i < n; i++) {
        by0[i] = l_bin(b, L_imul, m0, word[i]);
        if (wide) by1[i] = l_bin(b, L_imul, m1, word[i]);
    }
    for (int i = n - 1; i >= 0; i--) {
        LV sum = l_bin(b, L_iadd, carry, l_bin(b, L_and, by0[i], low));
        if (i + 1 < n) sum = l_bin(b, L_iadd, sum, shifted(b, L_lshr, by0[i + 1], 32));
        if (wide && i + 1 < n) sum = l_bin(b, L_iadd, sum, l_bin(b, L_and, by1[i + 1], low));
        if (wide && i + 2 < n) sum = l_bin(b, L_iadd, sum, shifted(b, L_lshr, by1[i + 2], 32));
        fraction[i] = l_bin(b, L_and, sum, low);
        carry = shifted(b, L_lshr, sum, 32);
    }
}

/* For 2^20 <= |x|; `wide`: x has more bits than a float. */
static Angle far(LB *b, LV x, bool wide)
{
    LV bits = l_bitcast(b, x, LT_i64), fraction[MOST_WORDS], word[MOST_WORDS];
    LV m = l_bin(b, L_or, l_bin(b, L_and, bits, whole(b, bits, 0x000FFFFFFFFFFFFF)), whole(b, bits, 0x0010000000000000));
    LV at = l_bin(b, L_isub, l_bin(b, L_and, shifted(b, L_lshr, bits, 52), whole(b, bits, 0x7ff)), whole(b, bits, 1075 - 64));
    if (!wide) { /* 24 bits of the 53 */
        m = shifted(b, L_lshr, m, 29);
        at = shifted(b, L_iadd, at, 29);
    }
    int n = wide ? MOST_WORDS : 3;
    inverse_words(b, at, wide, word, n);
    multiply(b, m, wide, word, fraction, n);
    LV high = l_bin(b, L_or, shifted(b, L_shl, fraction[0], 32), fraction[1]);
    LV low = wide ? l_bin(b, L_or, shifted(b, L_shl, fraction[2], 32), fraction[3]) : shifted(b, L_shl, fraction[2], 32);
    /* four times the fraction: the nearest whole number, and the signed rest in 64 bits and 64 more */
    LV n4 = shifted(b, L_lshr, shifted(b, L_iadd, shifted(b, L_lshr, high, 61), 1), 1);
    LV rest = l_bin(b, L_or, shifted(b, L_shl, high, 2), shifted(b, L_lshr, low, 62));
    LV less = l_cvt(b, shifted(b, L_lshr, shifted(b, L_shl, low, 2), 1), LT_f64);
    LV r = l_fma(b, less, real(b, x, 0x1p-127), mul(b, l_cvt(b, rest, LT_f64), real(b, x, 0x1p-64)));
    Angle a = {l_cvt(b, n4, LT_f64), mul(b, r, real(b, x, 1.5707963267948966))};
    LV below = l_cmp(b, LP_lt, x, real(b, x, 0)), infinite = l_cmp(b, LP_eq, l_un(b, L_fabs, x), real(b, x, INFINITY));
    a.n = l_sel(b, below, l_un(b, L_fneg, a.n), a.n);
    a.r = l_sel(b, infinite, real(b, x, NAN), l_sel(b, below, l_un(b, L_fneg, a.r), a.r));
    return a;
}

/* For |x| < 2^20. */
static Angle near(LB *b, LV x)
{
    Angle a;
    a.n = nearest(b, mul(b, x, real(b, x, 0.6366197723675814)));
    a.r = l_fma(b, a.n, real(b, x, -1.57079632673412561417e+00), x);
    a.r = l_fma(b, a.n, real(b, x, -6.07710050630396597660e-11), a.r);
    a.r = l_fma(b, a.n, real(b, x, -2.02226624879595063154e-21), a.r);
    return a;
}

static Angle reduce(LB *b, LV x, bool wide)
{
    Angle a = near(b, x);
    LV is_far = l_cmp(b, LP_ge, l_un(b, L_fabs, x), real(b, x, 0x1p20));
    LV times = l_cvt(b, l_any(b, is_far), LT_i64);
    LV loop = l_loop(b, l_i64(b, 0), times, l_i64(b, 1), (LV[]){a.n, a.r}, 2); /* not once, or once */
    Angle f = far(b, x, wide);
    LV next[2] = {l_sel(b, is_far, f.n, l_carried(b, loop, 0)), l_sel(b, is_far, f.r, l_carried(b, loop, 1))};
    l_yield(b, loop, next, 2);
    return (Angle){l_result(b, loop, 0), l_result(b, loop, 1)};
}

/* Of a.r, by Taylor polynomials; swapped where a turn by `quarter` * pi/2 more ends on the other axis: `odd`. */
typedef struct Sides {
    LV sine, cosine, i, odd; /* i: the quarters of the whole turn, modulo 4 in the low bits */
} Sides;

static Sides sides_of(LB *b, Angle a, int quarter)
{
    double s[9], c[9], factorial = 1;
    for (int k = 0; k < 9; k++) {
        c[k] = (k % 2 ? -1 : 1) / factorial;
        factorial *= 2 * k + 1;
        s[k] = (k % 2 ? -1 : 1) / factorial;
        factorial *= 2 * k + 2;
    }
    Sides y;
    LV z = mul(b, a.r, a.r);
    y.sine = l_fma(b, mul(b, a.r, z), polynomial(b, z, s + 1, 8), a.r);
    y.cosine = polynomial(b, z, c, 9);
    y.i = l_bitcast(b, add(b, a.n, real(b, a.n, 0x1.8p52 + quarter)), LT_i64);
    y.odd = l_cmp(b, LP_ne, l_bin(b, L_and, y.i, whole(b, y.i, 1)), whole(b, y.i, 0));
    return y;
}

/* The sine of a + quarter * pi/2. */
static LV sine_of(LB *b, Angle a, int quarter)
{
    Sides s = sides_of(b, a, quarter);
    LV y = l_sel(b, s.odd, s.cosine, s.sine);
    LV minus = l_cmp(b, LP_ne, l_bin(b, L_and, s.i, whole(b, s.i, 2)), whole(b, s.i, 0));
    return l_sel(b, minus, l_un(b, L_fneg, y), y);
}

static LV tangent_of(LB *b, Angle a, int quarter)
{
    Sides s = sides_of(b, a, quarter);
    LV up = l_sel(b, s.odd, l_un(b, L_fneg, s.cosine), s.sine), along = l_sel(b, s.odd, s.sine, s.cosine);
    return quotient(b, up, along);
}

static LV turn(LB *b, LV x, LV (*of)(LB *, Angle, int), int quarter)
{
    if (is_double(b, x)) return of(b, reduce(b, x, true), quarter);
    return l_cvt(b, of(b, reduce(b, l_cvt(b, x, LT_f64), false), quarter), LT_f32);
}

LV math_sin(LB *b, LV x)
{
    return turn(b, x, sine_of, 0);
}

LV math_cos_near(LB *b, LV x)
{
    LV y = sine_of(b, near(b, l_cvt(b, x, LT_f64)), 1);
    return is_double(b, x) ? y : l_cvt(b, y, LT_f32);
}

LV math_cos(LB *b, LV x)
{
    return turn(b, x, sine_of, 1);
}

LV math_tan(LB *b, LV x)
{
    return turn(b, x, tangent_of, 0);
}
