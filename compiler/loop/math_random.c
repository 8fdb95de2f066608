/* SPDX-License-Identifier: MIT
 * math_random.c: Philox4x32-10 (Salmon et al. 2011) as straight vector code; counters as docs/ir.md `random` says. */
#include "loop/loop.h"

static LV word(LB *b, LV like, uint32_t value)
{
    return l_int(b, LT_i32, l_lanes(b, like), (int32_t)value);
}

/* Low 32 bits of lanes of i64. */
static LV low(LB *b, LV x)
{
    return l_cvt(b, x, LT_i32);
}

static LV shifted(LB *b, LV x, int bits)
{
    return l_bin(b, L_lshr, x, l_int(b, LT_i64, l_lanes(b, x), bits));
}

LV math_philox(LB *b, LV seed, LV step, LV at, LV element, uint64_t hash)
{
    int lanes = l_lanes(b, element);
    LV c0 = low(b, shifted(b, element, 2)), c1 = low(b, l_splat(b, at, lanes)), c2 = low(b, l_splat(b, step, lanes));
    LV c3 = word(b, element, (uint32_t)(hash ^ (hash >> 32)));
    seed = l_splat(b, seed, lanes);
    LV k0 = low(b, seed), k1 = low(b, shifted(b, seed, 32));
    for (int round = 0; round < 10; round++) {
        LV m0 = word(b, element, 0xD2511F53u), m1 = word(b, element, 0xCD9E8D57u);
        LV h0 = l_bin(b, L_umulhi, m0, c0), l0 = l_bin(b, L_imul, m0, c0);
        LV h1 = l_bin(b, L_umulhi, m1, c2), l1 = l_bin(b, L_imul, m1, c2);
        c0 = l_bin(b, L_xor, l_bin(b, L_xor, h1, c1), k0);
        c2 = l_bin(b, L_xor, l_bin(b, L_xor, h0, c3), k1);
        c1 = l1, c3 = l0;
        k0 = l_bin(b, L_iadd, k0, word(b, element, 0x9E3779B9u));
        k1 = l_bin(b, L_iadd, k1, word(b, element, 0xBB67AE85u));
    }
    LV which = l_bin(b, L_and, low(b, element), word(b, element, 3));
    LV first = l_sel(b, l_cmp(b, LP_eq, which, word(b, element, 0)), c0, c1);
    LV second = l_sel(b, l_cmp(b, LP_eq, which, word(b, element, 2)), c2, c3);
    return l_sel(b, l_cmp(b, LP_lt, which, word(b, element, 2)), first, second);
}
