/* SPDX-License-Identifier: MIT
 * permute.c: a counter-based permutation. */
#include "base/permute.h"

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

/* Six Feistel rounds on the least even number of bits that holds n; values beyond n are walked on
 * (Black and Rogaway 2002). */
uint64_t rt_permute(uint64_t i, uint64_t n, uint64_t key)
{
    int half = 1;
    while ((uint64_t)1 << (2 * half) < n)
        half++;
    uint64_t mask = ((uint64_t)1 << half) - 1;
    do {
        uint64_t left = i >> half, right = i & mask;
        for (uint64_t round = 0; round < 6; round++) {
            uint64_t next = left ^ (mix(right + key * 0x9E3779B97F4A7C15u + (round << 56)) & mask);
            left = right;
            right = next;
        }
        i = left << half | right;
    } while (i >= n);
    return i;
}
