/* SPDX-License-Identifier: MIT
 * math_random.c: Philox4x32-10 (Salmon et al. 2011) as vector code; counters as docs/ir.md `random` says. */
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

/* The key of a round: the seed's half plus a multiple of a Weyl constant. The seed is one for all lanes, as a rule. */
static LV key(LB *b, LV seed_half, LV round, uint32_t weyl)
{
    LV multiple = l_bin(b, L_imul, round, l_int(b, LT_i32, 1, (int32_t)weyl));
    return l_bin(b, L_iadd, seed_half, l_splat(b, multiple, l_lanes(b, seed_half)));
}

/* A loop: written out ten times, rounds were a third of what LLVM had to compile for a small network with dropout. */
static void rounds(LB *b, LV seed, LV c[4])
{
    int lanes = l_lanes(b, c[0]);
    LV s0 = low(b, seed), s1 = low(b, shifted(b, seed, 32)), m0 = word(b, c[0], 0xD2511F53u), m1 = word(b, c[0], 0xCD9E8D57u);
    LV loop = l_loop(b, l_i64(b, 0), l_i64(b, 10), l_i64(b, 1), c, 4);
    LV round = low(b, loop), x[4], next[4];
    LV k0 = l_splat(b, key(b, s0, round, 0x9E3779B9u), lanes), k1 = l_splat(b, key(b, s1, round, 0xBB67AE85u), lanes);
    for (int i = 0; i < 4; i++)
        x[i] = l_carried(b, loop, i);
    next[0] = l_bin(b, L_xor, l_bin(b, L_xor, l_bin(b, L_umulhi, m1, x[2]), x[1]), k0);
    next[1] = l_bin(b, L_imul, m1, x[2]);
    next[2] = l_bin(b, L_xor, l_bin(b, L_xor, l_bin(b, L_umulhi, m0, x[0]), x[3]), k1);
    next[3] = l_bin(b, L_imul, m0, x[0]);
    l_yield(b, loop, next, 4);
    for (int i = 0; i < 4; i++)
        c[i] = l_result(b, loop, i);
}

/* Scalars in turn: x in even lanes, y in odd ones. */
static LV pairs(LB *b, LV even, LV x, LV y)
{
    int lanes = l_lanes(b, even);
    return l_sel(b, even, l_splat(b, x, lanes), l_splat(b, y, lanes));
}

/* One product of 64 bits has both halves that a round wants of a pair of words, so a round of four elements is one multiplication of two
 * lanes: (lo 0, hi 0, lo 1, hi 1) backwards is what joins the words 1 and 3 and the keys. */
LV math_philox_blocks(LB *b, LV seed, LV step, LV at, LV first, int lanes, uint64_t hash)
{
    LV lane = l_lane(b, LT_i64, lanes / 2), mask = l_int(b, LT_i64, 1, 0xFFFFFFFF), wide = l_splat(b, mask, lanes / 2);
    LV even = l_cmp(b, LP_eq, l_bin(b, L_and, lane, l_int(b, LT_i64, lanes / 2, 1)), l_int(b, LT_i64, lanes / 2, 0));
    LV block = l_bin(b, L_iadd, l_splat(b, shifted(b, first, 2), lanes / 2), shifted(b, lane, 1));
    LV place = l_bin(b, L_shl, at, l_i64(b, 32));
    LV path = l_bin(b, L_or, l_bin(b, L_and, step, mask), l_i64(b, (int64_t)((hash ^ (hash >> 32)) << 32)));
    LV start = l_bin(b, L_or, l_bin(b, L_and, block, wide), l_splat(b, place, lanes / 2));
    LV state[2] = {l_sel(b, even, start, l_splat(b, path, lanes / 2)), pairs(b, even, l_bin(b, L_and, seed, mask), shifted(b, seed, 32))};
    LV factor = pairs(b, even, l_i64(b, 0xD2511F53), l_i64(b, 0xCD9E8D57)),
       weyl = pairs(b, even, l_i64(b, 0x9E3779B9), l_i64(b, 0xBB67AE85));
    LV loop = l_loop(b, l_i64(b, 0), l_i64(b, 10), l_i64(b, 1), state, 2);
    LV x = l_carried(b, loop, 0), key = l_carried(b, loop, 1);
    LV product = l_bin(b, L_imul, l_bin(b, L_and, x, wide), factor);
    LV crossed = l_bitcast(b, l_back(b, l_bitcast(b, product, LT_i32)), LT_i64);
    LV next = l_bin(b, L_xor, l_bin(b, L_xor, crossed, shifted(b, x, 32)), key);
    l_yield(b, loop, (LV[]){next, l_bin(b, L_and, l_bin(b, L_iadd, key, weyl), wide)}, 2);
    return l_bitcast(b, l_result(b, loop, 0), LT_i32);
}

LV math_philox(LB *b, LV seed, LV step, LV at, LV element, uint64_t hash)
{
    int lanes = l_lanes(b, element);
    LV c0 = low(b, shifted(b, element, 2)), c1 = low(b, l_splat(b, at, lanes)), c2 = low(b, l_splat(b, step, lanes));
    LV c3 = word(b, element, (uint32_t)(hash ^ (hash >> 32)));
    LV c[4] = {c0, c1, c2, c3};
    rounds(b, seed, c);
    LV which = l_bin(b, L_and, low(b, element), word(b, element, 3));
    LV first = l_sel(b, l_cmp(b, LP_eq, which, word(b, element, 0)), c[0], c[1]);
    LV second = l_sel(b, l_cmp(b, LP_eq, which, word(b, element, 2)), c[2], c[3]);
    return l_sel(b, l_cmp(b, LP_lt, which, word(b, element, 2)), first, second);
}
