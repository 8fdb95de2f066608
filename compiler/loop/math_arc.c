/* SPDX-License-Identifier: MIT
 * math_arc.c: the inverses of sine, cosine and tangent. Polynomials interpolated at Chebyshev points; f32 and f64 differ in their
 * length. Pi/2 is its nearest number and what that lacks. */
#include "loop/math_parts.h"

static const double half_pi = 1.5707963267948966;

static LV half_pi_rest(LB *b, LV like)
{
    return real(b, like, is_double(b, like) ? 6.123233995736766e-17 : -4.3711388e-8);
}

/* x + x^3 P(x^2) up to 1, and pi/2 less that of 1/x beyond. */
LV math_atan(LB *b, LV x)
{
    static const double single[] = {-0.333333331, 0.199999493,  -0.142840038, 0.110882616,    -0.0893182678,
                                    0.0703191425, -0.048960514, 0.0263050011, -0.00914462976, 0.00148869194};
    static const double twice[] = {-0.333333333333333328,    0.199999999999995532,   -0.14285714285648404,     0.11111111107234799,
                                   -0.0909090896955740314,   0.0769230535467865481,  -0.066666364357776927,    0.0588207495637129457,
                                   -0.052612657357094544,    0.0475208677357665614,  -0.0430811965533047127,   0.0387264021404263245,
                                   -0.0337501320016197343,   0.0275679422973446767,  -0.0202387069863935158,   0.0127561729076942975,
                                   -0.00657568334415169863,  0.00262297789190608902, -0.000751847252697382152, 0.0001368724853148122,
                                   -0.0000118325054175556928};
    bool wide = is_double(b, x);
    LV a = l_un(b, L_fabs, x), far = l_cmp(b, LP_gt, a, real(b, a, 1));
    LV t = l_sel(b, far, quotient(b, real(b, a, 1), a), a), z = mul(b, t, t);
    LV y = l_fma(b, mul(b, t, z), wide ? polynomial(b, z, twice, 21) : polynomial(b, z, single, 10), t);
    y = l_sel(b, far, sub(b, real(b, x, half_pi), sub(b, y, half_pi_rest(b, x))), y);
    return with_sign(b, y, x);
}

/* The inverse of the sine at `at`, which is |x| up to 1/2 and beyond sqrt((1 - |x|) / 2), as at + rest; the rest has what the
 * root lacks too. */
typedef struct Arc {
    LV far, at, rest;
} Arc;

static Arc arc(LB *b, LV x)
{
    static const double single[] = {0.166666663, 0.0750009454, 0.0445994015, 0.0311006627, 0.0171492384, 0.0336908472};
    static const double twice[] = {0.166666666666666678,  0.0749999999999843293, 0.0446428571463554298, 0.0303819441385312473,
                                   0.0223721729421498879, 0.0173523927208699729, 0.0139712129735529333, 0.0114791774151849059,
                                   0.0103228143501857793, 0.0054575067186403583, 0.0174008794426940224, -0.0148518870712472032,
                                   0.0287578513674215647};
    LV a = l_un(b, L_fabs, x), half = real(b, x, 0.5), far = l_cmp(b, LP_gt, a, half);
    LV z = l_sel(b, far, mul(b, sub(b, real(b, x, 1), a), half), mul(b, a, a)), root = l_un(b, L_fsqrt, z);
    LV p = is_double(b, x) ? polynomial(b, z, twice, 13) : polynomial(b, z, single, 6), at = l_sel(b, far, root, a);
    LV lost = quotient(b, l_fma(b, l_un(b, L_fneg, root), root, z), add(b, add(b, root, root), real(b, x, 1e-30)));
    LV rest = mul(b, mul(b, at, z), p);
    return (Arc){far, at, l_sel(b, far, add(b, rest, lost), rest)};
}

/* Beyond 1/2: pi/2 less twice that of the root. */
LV math_asin(LB *b, LV x)
{
    Arc a = arc(b, x);
    LV far = sub(b, sub(b, real(b, x, half_pi), add(b, a.at, a.at)), sub(b, add(b, a.rest, a.rest), half_pi_rest(b, x)));
    return with_sign(b, l_sel(b, a.far, far, add(b, a.at, a.rest)), x);
}

/* Up to 1/2: pi/2 less that of x; beyond, twice that of the root, or pi less it. */
LV math_acos(LB *b, LV x)
{
    Arc a = arc(b, x);
    LV pi_2 = real(b, x, half_pi), low = half_pi_rest(b, x), below = l_cmp(b, LP_lt, x, real(b, x, 0));
    LV near = sub(b, pi_2, sub(b, with_sign(b, a.at, x), sub(b, low, with_sign(b, a.rest, x))));
    LV high = add(b, a.at, a.rest), left = sub(b, pi_2, sub(b, a.at, sub(b, low, a.rest)));
    LV far = l_sel(b, below, left, high);
    return l_sel(b, a.far, add(b, far, far), near);
}
