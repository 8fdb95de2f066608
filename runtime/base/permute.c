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
enum { ROUNDS = 6 };

static int half_of_bits(uint64_t n)
{
    int half = 1;
    while ((uint64_t)1 << (2 * half) < n)
        half++;
    return half;
}

static uint64_t round_of(uint64_t right, uint64_t key, uint64_t round)
{
    return mix(right + key * 0x9E3779B97F4A7C15u + (round << 56));
}

uint64_t rt_permute(uint64_t i, uint64_t n, uint64_t key)
{
    int half = half_of_bits(n);
    uint64_t mask = ((uint64_t)1 << half) - 1;
    do {
        uint64_t left = i >> half, right = i & mask;
        for (uint64_t round = 0; round < ROUNDS; round++) {
            uint64_t next = left ^ (round_of(right, key, round) & mask);
            left = right;
            right = next;
        }
        i = left << half | right;
    } while (i >= n);
    return i;
}

/* One round of a value waits for the one before, and where a walk ends is not foreseen: several values go side by side. */
void rt_permute_all(uint64_t n, uint64_t key, int64_t *out)
{
    enum { TOGETHER = 16 };
    uint64_t left[TOGETHER], right[TOGETHER], index[TOGETHER], next = 0, mask;
    int half = half_of_bits(n), count = 0;
    mask = ((uint64_t)1 << half) - 1;
    for (;;) {
        for (; count < TOGETHER && next < n; count++, next++)
            left[count] = next >> half, right[count] = next & mask, index[count] = next;
        if (!count) return;
        for (uint64_t round = 0; round < ROUNDS; round++)
            for (int k = 0; k < count; k++) {
                uint64_t value = left[k] ^ (round_of(right[k], key, round) & mask);
                left[k] = right[k];
                right[k] = value;
            }
        int walking = 0;
        for (int k = 0; k < count; k++) {
            uint64_t value = left[k] << half | right[k];
            out[index[k]] = (int64_t)value; /* of those that walk on the next one stands there in the end */
            left[walking] = left[k], right[walking] = right[k], index[walking] = index[k];
            walking += value >= n;
        }
        count = walking;
    }
}
