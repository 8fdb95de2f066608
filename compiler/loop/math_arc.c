/* SPDX-License-Identifier: MIT
 * math_arc.c: the inverse of the tangent. Polynomials interpolated at Chebyshev points; f32 and f64 differ in their length. */
#include "loop/math_parts.h"

/* x + x^3 P(x^2) up to 1, and pi/2 less that of 1/x beyond. */
LV math_atan(LB *b, LV x)
{
    static const double single[] = { -0.333333331,  0.199999493,  -0.142840038, 0.110882616,    -0.0893182678,
                                     0.0703191425, -0.048960514, 0.0263050011, -0.00914462976, 0.00148869194 };
    static const double twice[] = { -0.333333333333333328,  0.199999999999995532,  -0.14285714285648404,    0.11111111107234799,
                                    -0.0909090896955740314, 0.0769230535467865481, -0.066666364357776927,   0.0588207495637129457,
                                    -0.052612657357094544,  0.0475208677357665614, -0.0430811965533047127,  0.0387264021404263245,
                                    -0.0337501320016197343, 0.0275679422973446767, -0.0202387069863935158,  0.0127561729076942975,
                                    -0.00657568334415169863, 0.00262297789190608902, -0.000751847252697382152, 0.0001368724853148122,
                                    -0.0000118325054175556928 };
    bool wide = is_double(b, x);
    LV a = l_un(b, L_fabs, x), far = l_cmp(b, LP_gt, a, real(b, a, 1));
    LV t = l_sel(b, far, quotient(b, real(b, a, 1), a), a), z = mul(b, t, t);
    LV y = l_fma(b, mul(b, t, z), wide ? polynomial(b, z, twice, 21) : polynomial(b, z, single, 10), t);
    LV low = real(b, x, wide ? 6.123233995736766e-17 : -4.3711388e-8); /* pi/2 less its nearest number */
    y = l_sel(b, far, sub(b, real(b, x, 1.5707963267948966), sub(b, y, low)), y);
    return with_sign(b, y, x);
}
