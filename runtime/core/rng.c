/* SPDX-License-Identifier: MIT
 * rng.c: counter-based random numbers for initial values: Philox4x32-10 (Salmon et al. 2011), with the counters of docs/ir.md
 * `random`, and Box and Muller's normal numbers of it.
 *
 * Every step is a loop over lanes without branches, in single precision and without libm, so that compilers make vectors of it and every
 * target the same bits. A block of four words gives four numbers: words (0, 1) are radius and angle of normal numbers 0 and 1,
 * words (2, 3) of 2 and 3. */
#include "core.h"

enum { BLOCKS = CORE_DRAWS / 4 };

uint64_t core_hash(const char *text)
{
    uint64_t h = 14695981039346656037u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 1099511628211u;
    return h;
}

/* Blocks first, first + 1 ...: word w of each in word[w]. */
static void draw_blocks(uint64_t seed, uint64_t hash, uint64_t first, uint32_t word[4][BLOCKS])
{
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int i = 0; i < BLOCKS; i++) {
        word[0][i] = (uint32_t)first + (uint32_t)i;
        word[1][i] = word[2][i] = 0;
        word[3][i] = (uint32_t)(hash ^ (hash >> 32));
    }
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < BLOCKS; i++) {
            uint64_t p0 = (uint64_t)0xD2511F53u * word[0][i], p1 = (uint64_t)0xCD9E8D57u * word[2][i];
            word[0][i] = (uint32_t)(p1 >> 32) ^ word[1][i] ^ k0;
            word[1][i] = (uint32_t)p1;
            word[2][i] = (uint32_t)(p0 >> 32) ^ word[3][i] ^ k1;
            word[3][i] = (uint32_t)p0;
        }
        k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
}

void core_uniforms(uint64_t seed, uint64_t hash, uint64_t element, float *to)
{
    uint32_t word[4][BLOCKS];
    draw_blocks(seed, hash, element / 4, word);
    for (int i = 0; i < BLOCKS; i++)
        for (int w = 0; w < 4; w++)
            to[4 * i + w] = (float)(int32_t)(word[w][i] >> 8) * 0x1p-24f;
}

typedef union FloatBits {
    float f;
    int32_t i;
} FloatBits;

/* sqrt(-2 log u) of u = (2^24 - k) / 2^24, k < 2^24: u = m 2^e with m in [sqrt(1/2), sqrt(2)), log m = 2 atanh((m - 1) / (m + 1)). */
static void radii(const uint32_t *word, float *to)
{
    for (int i = 0; i < BLOCKS; i++) {
        FloatBits u = {.f = (float)(0x1000000 - (int32_t)(word[i] >> 8)) * 0x1p-24f};
        int32_t above = u.i - 0x3F3504F3, e = above >> 23; /* sqrt(1/2) */
        FloatBits m = {.i = (above & 0x7FFFFF) + 0x3F3504F3};
        float s = (m.f - 1) / (m.f + 1), z = s * s;
        float log_m = s * (2 + z * (2.0f / 3 + z * (2.0f / 5 + z * (2.0f / 7 + z * (2.0f / 9)))));
        to[i] = __builtin_sqrtf(-2 * (log_m + (float)e * 0.69314718f));
    }
}

/* Cosine and sine of k / 2^24 of a turn: the nearest quarter of a turn, and Taylor polynomials of what is left, an eighth at most. */
static void directions(const uint32_t *word, float *cosine, float *sine)
{
    for (int i = 0; i < BLOCKS; i++) {
        int32_t k = (int32_t)(word[i] >> 8), quarter = (k + 0x200000) >> 22;
        float x = (float)(k - (int32_t)((uint32_t)quarter << 22)) * (6.2831853f * 0x1p-24f), z = x * x;
        FloatBits s = {.f = x * (1 + z * (-1.0f / 6 + z * (1.0f / 120 + z * (-1.0f / 5040 + z * (1.0f / 362880)))))};
        FloatBits c = {.f = 1 + z * (-1.0f / 2 + z * (1.0f / 24 + z * (-1.0f / 720 + z * (1.0f / 40320 + z * (-1.0f / 3628800)))))};
        int32_t odd = -(quarter & 1);
        FloatBits x_part = {.i = ((s.i & odd) | (c.i & ~odd)) ^ (int32_t)((uint32_t)((quarter + 1) & 2) << 30)};
        FloatBits y_part = {.i = ((c.i & odd) | (s.i & ~odd)) ^ (int32_t)((uint32_t)(quarter & 2) << 30)};
        cosine[i] = x_part.f;
        sine[i] = y_part.f;
    }
}

void core_normals(uint64_t seed, uint64_t hash, uint64_t element, float *to)
{
    uint32_t word[4][BLOCKS];
    float radius[BLOCKS], cosine[BLOCKS], sine[BLOCKS];
    draw_blocks(seed, hash, element / 4, word);
    for (int pair = 0; pair < 4; pair += 2) {
        radii(word[pair], radius);
        directions(word[pair + 1], cosine, sine);
        for (int i = 0; i < BLOCKS; i++) {
            to[4 * i + pair] = radius[i] * cosine[i];
            to[4 * i + pair + 1] = radius[i] * sine[i];
        }
    }
}
