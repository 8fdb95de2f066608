/* SPDX-License-Identifier: MIT
 * math_exact.c: functions that machines have, or that need no rounding. */
#include "loop/math_parts.h"

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

LV math_sqrt(LB *b, LV x)
{
    return l_un(b, L_fsqrt, x);
}
