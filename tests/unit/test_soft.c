/* links: m */
/* SPDX-License-Identifier: MIT
 * test_soft.c: square roots and fused multiply-add by integers, against those of this machine. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "../../runtime/core/soft.c"

static uint64_t state = 88172645463325252u;

static uint64_t draw(void)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state;
}

/* Numbers of all sizes, near 1, subnormal, infinite, with many bits of one kind at their end. */
static double number(void)
{
    static const uint64_t special[] = {0, 1, 0x7FF0000000000000u, 0x7FF8000000000000u, 0x7FEFFFFFFFFFFFFFu, 0x0010000000000000u};
    Double d = {.i = draw()};
    uint64_t kind = draw() % 16, end = draw() % 52;
    if (draw() % 4 == 0) d.i &= ~(uint64_t)0 << end;
    if (draw() % 4 == 0) d.i |= ((uint64_t)1 << end) - 1;
    if (kind < 2) d.i &= 0x800FFFFFFFFFFFFFu;
    if (kind >= 4) d.i = (d.i & 0x800FFFFFFFFFFFFFu) | (963 + draw() % 120) << 52;
    if (kind == 15 && draw() % 4 == 0) d.i = special[draw() % 6] | draw() << 63;
    return d.d;
}

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || (a == b && !signbit(a) == !signbit(b));
}

Test(soft, roots)
{
    for (int i = 0; i < 300000; i++) {
        Single s = {.i = (uint32_t)draw()};
        double x = number();
        if (i % 2) s.i &= ~(uint32_t)0 << draw() % 24;
        cr_assert(same(nnrt_soft_sqrt(x), sqrt(x)), "sqrt %a: %a, not %a", x, nnrt_soft_sqrt(x), sqrt(x));
        cr_assert(same((double)nnrt_soft_sqrtf(s.f), (double)sqrtf(s.f)), "sqrtf %a", (double)s.f);
    }
}

/* Sums of any sizes, and such as leave little of the product. */
Test(soft, fused_multiply_add)
{
    for (int i = 0; i < 300000; i++) {
        double x = number(), y = number(), z = number();
        Double near = {.d = -(x * y)};
        near.i += draw() % 7 - 3;
        if (i % 3 == 0) z = near.d;
        cr_assert(same(nnrt_soft_fma(x, y, z), fma(x, y, z)), "fma %a %a %a: %a, not %a", x, y, z, nnrt_soft_fma(x, y, z), fma(x, y, z));
    }
}
