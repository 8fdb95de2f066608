/* SPDX-License-Identifier: MIT
 * rng.c: counter-based random numbers for initialisers (docs/ir.md `random` fixes the counters). */
#include "core.h"

uint64_t core_hash(const char *text)
{
    uint64_t h = 14695981039346656037u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    return h;
}

uint32_t core_random(uint64_t seed, uint64_t hash, uint64_t at, uint64_t element)
{
    uint32_t c[4] = {(uint32_t)(element / 4), (uint32_t)at, 0, (uint32_t)(hash ^ (hash >> 32))};
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];
        uint32_t n0 = (uint32_t)(p1 >> 32) ^ c[1] ^ k0, n2 = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
        c[0] = n0, c[1] = (uint32_t)p1, c[2] = n2, c[3] = (uint32_t)p0;
        k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
    return c[element % 4];
}

double core_uniform(uint64_t seed, uint64_t hash, uint64_t element)
{
    return (core_random(seed, hash, 0, element) >> 8) * 0x1p-24;
}

/* Natural logarithm of a normal number > 0: x = m 2^e with m in [sqrt(1/2), sqrt(2)), log m = 2 atanh((m - 1) / (m + 1)). */
static double logarithm(double x)
{
    union {
        double d;
        uint64_t u;
    } v = {.d = x};
    int64_t e = (int64_t)(v.u >> 52) - 1023;
    v.u = (v.u & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u;
    if (v.d > 1.4142135623730951) v.d *= 0.5, e++;
    double s = (v.d - 1) / (v.d + 1), z = s * s, sum = 0;
    for (int n = 25; n >= 1; n -= 2)
        sum = sum * z + 1.0 / n;
    return 2 * s * sum + (double)e * 0.6931471805599453;
}

/* cos(2 pi u) for u in [0, 1): folded to an eighth of a turn, then a Taylor polynomial. */
static double cosine_turn(double u)
{
    double turn = u > 0.5 ? 1 - u : u, sign = 1; /* cos is even around 1/2 */
    if (turn > 0.25) turn = 0.5 - turn, sign = -1;
    double x = turn * 6.283185307179586, z = x * x, sum = 1;
    for (int n = 22; n >= 2; n -= 2)
        sum = 1 - sum * z / (n * (n - 1));
    return sign * sum;
}

/* Box and Muller 1958. */
double core_normal(uint64_t seed, uint64_t hash, uint64_t element)
{
    double u1 = core_uniform(seed, hash, element);
    double u2 = core_uniform(seed, hash ^ 0x9E3779B97F4A7C15u, element);
    return __builtin_sqrt(-2 * logarithm(1 - u1)) * cosine_turn(u2);
}
