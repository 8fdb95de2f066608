/* SPDX-License-Identifier: MIT
 * peak.c: a loop of fused multiplications and additions that nothing limits but the units for them. */
#include "command/peak.h"

#include "base/clock.h"
#include "model/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { CHAINS = 12, ROUNDS = 20000 }; /* sums that do not wait for each other: more than a unit has in flight */

/* s = s / 2 + y stays finite; every sum begins with another number, so that none is another one's copy. */
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define BEGIN(k) s##k = y + (float)(k)
#define STEP(k) s##k = FUSED(s##k, x, y);
#define ADD(k) y += s##k;
#define LOOP(NAME, VECTOR, ATTRIBUTE) \
    ATTRIBUTE static double NAME(void) \
    { \
        enum { LANES = sizeof(VECTOR) / sizeof(float) }; \
        VECTOR x = {0}, y = {0}; \
        for (int i = 0; i < LANES; i++) \
            x[i] = 0.5f, y[i] = (float)(i + 1); \
        VECTOR BEGIN(0), BEGIN(1), BEGIN(2), BEGIN(3), BEGIN(4), BEGIN(5); \
        VECTOR BEGIN(6), BEGIN(7), BEGIN(8), BEGIN(9), BEGIN(10), BEGIN(11); \
        for (int i = 0; i < ROUNDS; i++) { \
            EACH(STEP) \
        } \
        EACH(ADD) \
        volatile float sink = y[0]; /* of this thread: all of them run it */ \
        (void)sink; \
        return 2.0 * LANES * CHAINS * ROUNDS; \
    }

typedef float Four __attribute__((vector_size(16)));
#define FUSED(s, x, y) ((s) * (x) + (y))
LOOP(plain, Four, )
#undef FUSED

#if defined(__x86_64__)
#define FUSED(s, x, y) _mm512_fmadd_ps(s, x, y)
LOOP(with_avx512, __m512, __attribute__((target("avx512f"))))
#undef FUSED
#define FUSED(s, x, y) _mm256_fmadd_ps(s, x, y)
LOOP(with_fma, __m256, __attribute__((target("avx2,fma"))))
#undef FUSED
#endif

double peak_operations(const nnrt_program *program, double seconds)
{
    double (*loop)(void) = plain;
#if defined(__x86_64__)
    if (cpu_has(program, NNRT_CPU_fma) && cpu_has(program, NNRT_CPU_avx2)) loop = with_fma;
    if (cpu_has(program, NNRT_CPU_avx512f)) loop = with_avx512;
#else
    (void)program;
#endif
    double best = 0, now = rt_now(), end = now + seconds;
    while (now < end) { /* pieces of a millisecond: one of them has the processor for itself */
        double done = 0, begin = now;
        do {
            done += loop();
            now = rt_now();
        } while (now - begin < 1e-3);
        if (done / (now - begin) > best) best = done / (now - begin);
    }
    return best;
}
