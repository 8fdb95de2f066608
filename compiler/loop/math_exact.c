/* SPDX-License-Identifier: MIT
 * math_exact.c: functions that machines have, or that need no rounding. */
#include "loop/math_parts.h"

#include <math.h>

LV math_abs(LB *b, LV x)
{
    LoopType t = l_type(b, x);
    if (t == LT_f32 || t == LT_f64) return l_un(b, L_fabs, x);
    LV zero = whole(b, x, 0);
    return l_sel(b, l_cmp(b, LP_lt, x, zero), l_bin(b, L_isub, zero, x), x);
}

LV math_floor(LB *b, LV x)
{
    return l_un(b, L_ffloor, x);
}

LV math_ceil(LB *b, LV x)
{
    return l_un(b, L_fneg, l_un(b, L_ffloor, l_un(b, L_fneg, x)));
}

LV math_trunc(LB *b, LV x)
{
    return with_sign(b, l_un(b, L_ffloor, l_un(b, L_fabs, x)), x);
}

/* Numbers from 2^23 (2^52) on are whole; a smaller one loses its fraction in a sum that is as large, to the nearest, to an even one
 * between two. */
LV math_round(LB *b, LV x)
{
    LV a = l_un(b, L_fabs, x), large = real(b, x, is_double(b, x) ? 0x1p52 : 0x1p23);
    LV rounded = with_sign(b, sub(b, add(b, a, large), large), x);
    return l_sel(b, l_cmp(b, LP_lt, a, large), rounded, x);
}

LV math_isnan(LB *b, LV x)
{
    return l_cmp(b, LP_ne, x, x);
}

LV math_isfinite(LB *b, LV x)
{
    return l_cmp(b, LP_lt, l_un(b, L_fabs, x), real(b, x, INFINITY));
}

LV math_wide16(LB *b, LV x)
{
    LV bits = l_bitcast(b, x, LT_i32), odd = l_bin(b, L_and, l_bin(b, L_lshr, bits, whole(b, bits, 16)), whole(b, bits, 1));
    LV nearest = l_bin(b, L_iadd, bits, l_bin(b, L_iadd, odd, whole(b, bits, 0x7fff)));
    LV rounded = l_bitcast(b, l_bin(b, L_and, nearest, whole(b, bits, -0x10000)), LT_f32);
    LV large = l_cmp(b, LP_ge, l_un(b, L_fabs, x), real(b, x, 0x1p-56));
    return l_sel(b, l_cmp(b, LP_ne, x, x), x, l_sel(b, large, rounded, real(b, x, 0)));
}

LV math_sqrt(LB *b, LV x)
{
    return l_un(b, L_fsqrt, x);
}
