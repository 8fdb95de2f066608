/* links: nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_random.c: the numbers of initial values: Philox as in the compiler, Box and Muller as in double precision, and on every
 * machine and by every compiler the same bits. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "../../runtime/core/rng.c"
#include "tensor/tensor.h"

static const uint64_t seed = 0x0123456789ABCDEFu;

/* Word of element e, as docs/ir.md says. */
static uint32_t word_of(uint64_t hash, uint64_t e)
{
    uint32_t counter[4] = {(uint32_t)(e / 4), 0, 0, (uint32_t)(hash ^ (hash >> 32))}, out[4];
    philox(seed, counter, out);
    return out[e % 4];
}

static double uniform_of(uint64_t hash, uint64_t e)
{
    return (word_of(hash, e) >> 8) * 0x1p-24;
}

Test(random, uniforms)
{
    uint64_t hash = core_hash("net.fc.w");
    float got[CORE_DRAWS];
    for (uint64_t e = 0; e < 16 * CORE_DRAWS; e += CORE_DRAWS) {
        core_uniforms(seed, hash, e, got);
        for (uint64_t k = 0; k < CORE_DRAWS; k++)
            cr_assert_eq((double)got[k], uniform_of(hash, e + k));
    }
}

Test(random, normals)
{
    uint64_t hash = core_hash("net.fc.w"), bits = 0;
    double sum = 0, squares = 0, fourth = 0, products = 0, n = 512 * CORE_DRAWS;
    float got[CORE_DRAWS];
    for (uint64_t e = 0; e < 512 * CORE_DRAWS; e += CORE_DRAWS) {
        core_normals(seed, hash, e, got);
        for (uint64_t k = 0; k < CORE_DRAWS; k++) {
            uint64_t pair = (e + k) & ~(uint64_t)1;
            double radius = sqrt(-2 * log(1 - uniform_of(hash, pair))), angle = 2 * acos(-1) * uniform_of(hash, pair + 1);
            double want = radius * (k % 2 ? sin(angle) : cos(angle)), x = (double)got[k];
            cr_assert(fabs(x - want) <= 4e-7 * (1 + radius), "number %d: %.9g, not %.9g", (int)(e + k), x, want);
            uint32_t b;
            memcpy(&b, &got[k], 4);
            bits = (bits ^ b) * 1099511628211u;
            sum += x, squares += x * x, fourth += x * x * x * x;
            products += k % 2 ? x * (double)got[k - 1] : 0;
        }
    }
    cr_assert_float_eq(sum / n, 0, 0.01); /* 3.6 deviations */
    cr_assert_float_eq(squares / n, 1, 0.02);
    cr_assert_float_eq(fourth / n, 3, 0.12);
    cr_assert_float_eq(2 * products / n, 0, 0.02);
    cr_assert_eq(bits, 0x6AE0BA1F80C07237u, "%llx", (unsigned long long)bits);
}
