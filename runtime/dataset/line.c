/* SPDX-License-Identifier: MIT
 * line.c: sixteen or eight bytes at a time, in the widest vectors of the processor. Each number is one division and one addition,
 * whatever the vectors. */
#include "dataset/line.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>

#include "model/cpu.h"
#endif

bool line_find(const float *value, float *over, float *add)
{
    float rise = value[255] - value[0];
    *add = value[0];
    *over = rintf(2 * 255 / rise) / 2; /* pictures are divided by 255, 127.5, 1 */
    bool same = isfinite(*over) && *over != 0;
    for (int k = 0; k < 256 && same; k++) {
        float v = (float)k / *over + *add;
        same = memcmp(&v, &value[k], sizeof v) == 0;
    }
    return same;
}

#if defined(__x86_64__)

__attribute__((target("avx512f"))) static int64_t take_avx512(const unsigned char *bytes, int64_t n, float over, float add, float *out)
{
    enum { LANES = 16 };
    __m512 c = _mm512_set1_ps(over), d = _mm512_set1_ps(add);
    int64_t k = 0;
    for (; k + LANES <= n; k += LANES) {
        __m512i whole = _mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)(bytes + k)));
        _mm512_storeu_ps(out + k, _mm512_add_ps(_mm512_div_ps(_mm512_cvtepi32_ps(whole), c), d));
    }
    return k;
}

__attribute__((target("avx2"))) static int64_t take_avx2(const unsigned char *bytes, int64_t n, float over, float add, float *out)
{
    enum { LANES = 8 };
    __m256 c = _mm256_set1_ps(over), d = _mm256_set1_ps(add);
    int64_t k = 0;
    for (; k + LANES <= n; k += LANES) {
        __m256i whole = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)(bytes + k)));
        _mm256_storeu_ps(out + k, _mm256_add_ps(_mm256_div_ps(_mm256_cvtepi32_ps(whole), c), d));
    }
    return k;
}

LineVectors line_vectors(const nnrt_program *program)
{
    return cpu_has(program, NNRT_CPU_avx512f) ? LINE_AVX512 : cpu_has(program, NNRT_CPU_avx2) ? LINE_AVX2 : LINE_SLOW;
}

void line_take(LineVectors vectors, const unsigned char *bytes, int64_t n, float over, float add, float *out)
{
    int64_t k = 0;
    if (vectors == LINE_AVX512) k = take_avx512(bytes, n, over, add, out);
    if (vectors == LINE_AVX2) k = take_avx2(bytes, n, over, add, out);
    for (; k < n; k++)
        out[k] = (float)bytes[k] / over + add;
}

#else

LineVectors line_vectors(const nnrt_program *program)
{
    (void)program;
    return LINE_SLOW;
}

void line_take(LineVectors vectors, const unsigned char *bytes, int64_t n, float over, float add, float *out)
{
    (void)vectors;
    for (int64_t k = 0; k < n; k++)
        out[k] = (float)bytes[k] / over + add;
}

#endif
