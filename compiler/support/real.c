/* SPDX-License-Identifier: MIT
 * real.c: sigmoid and floored division of doubles. */
#include "support/real.h"

#include <math.h>

double real_sigmoid(double x)
{
    double e = exp(-fabs(x));
    return (x < 0 ? e : 1) / (1 + e);
}

double real_mod(double a, double b)
{
    double r = fmod(a, b);
    if (r == 0) return copysign(0, b);
    return (r < 0) != (b < 0) ? r + b : r;
}

double real_floordiv(double a, double b)
{
    if (b == 0) return a / b;
    double r = fmod(a, b), whole = round((a - r) / b);
    if (isfinite(b) && fabs(whole) < 0x1p53) whole += round((fma(-whole, b, a) - r) / b); /* both steps above have rounded */
    return r != 0 && (r < 0) != (b < 0) ? whole - 1 : whole;
}
