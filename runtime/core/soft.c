/* SPDX-License-Identifier: MIT
 * soft.c: square roots and fused multiply-add for machines without an instruction for them, by integers, rounded as IEEE 754 says: the
 * bits are those of the machines that have one. compiler/codegen/lacking.c puts calls of these in its place. */
#include <stdint.h>

float nnrt_soft_sqrtf(float x);
double nnrt_soft_sqrt(double x);
double nnrt_soft_fma(double x, double y, double z);

typedef union Single {
    float f;
    uint32_t i;
} Single;
typedef union Double {
    double d;
    uint64_t i;
} Double;

/* floor(sqrt(m 4^zeros)), digit by digit; m has 2 * pairs bits. */
static uint64_t root_of(uint64_t m, int pairs, int zeros)
{
    uint64_t root = 0, rest = 0;
    for (int i = 0; i < pairs + zeros; i++) {
        rest = rest << 2 | (i < pairs ? m >> 2 * (pairs - 1 - i) & 3 : 0);
        uint64_t trial = root << 2 | 1;
        root <<= 1;
        if (rest >= trial) rest -= trial, root |= 1;
    }
    return root;
}

/* A root has one bit more than a number, and is never half way between two: its square would have more bits than x. */
float nnrt_soft_sqrtf(float x)
{
    Single s = {.f = x};
    if (s.i << 1 == 0 || s.i == 0x7F800000 || x != x) return x;
    if (s.i >> 31) return (x - x) / (x - x);
    int32_t e = (int32_t)(s.i >> 23);
    uint64_t m = s.i & 0x7FFFFF;
    if (e)
        m |= 0x800000;
    else
        for (e = 1; m < 0x800000; m <<= 1)
            e--;
    int32_t shift = e & 1 ? 1 : 2; /* x = m 2^(e - 150) */
    uint64_t root = root_of(m << shift, 13, 12);
    s.i = ((uint32_t)((e - 150 - shift) / 2 + 138) << 23) + (uint32_t)((root + 1) >> 1);
    return s.f;
}

double nnrt_soft_sqrt(double x)
{
    Double s = {.d = x};
    if (s.i << 1 == 0 || s.i == 0x7FF0000000000000u || x != x) return x;
    if (s.i >> 63) return (x - x) / (x - x);
    int32_t e = (int32_t)(s.i >> 52);
    uint64_t m = s.i & 0xFFFFFFFFFFFFFu;
    if (e)
        m |= (uint64_t)1 << 52;
    else
        for (e = 1; m < (uint64_t)1 << 52; m <<= 1)
            e--;
    int32_t shift = e & 1 ? 0 : 1; /* x = m 2^(e - 1075) */
    uint64_t root = root_of(m << shift, 27, 27);
    s.i = ((uint64_t)((e - 1075 - shift) / 2 + 1048) << 52) + ((root + 1) >> 1);
    return s.d;
}

/* ---- fused multiply-add: the product and z side by side in 128 bits ---- */

typedef struct Wide {
    uint64_t high, low;
} Wide;

static Wide times(uint64_t x, uint64_t y)
{
    uint64_t x0 = (uint32_t)x, x1 = x >> 32, y0 = (uint32_t)y, y1 = y >> 32;
    uint64_t low = x0 * y0, middle = x0 * y1 + (low >> 32), other = x1 * y0 + (uint32_t)middle;
    return (Wide){x1 * y1 + (middle >> 32) + (other >> 32), other << 32 | (uint32_t)low};
}

static Wide left(Wide a, int32_t n)
{
    if (n >= 64) return (Wide){a.low << (n - 64), 0};
    return n ? (Wide){a.high << n | a.low >> (64 - n), a.low << n} : a;
}

/* What is shifted out is kept in the last bit: not 0. */
static Wide right(Wide a, int32_t n)
{
    if (n == 0) return a;
    if (n >= 128) return (Wide){0, (a.high | a.low) != 0};
    if (n >= 64) {
        uint64_t lost = a.low | (n > 64 ? a.high << (128 - n) : 0);
        return (Wide){0, a.high >> (n - 64) | (lost != 0)};
    }
    return (Wide){a.high >> n, a.high << (64 - n) | a.low >> n | (a.low << (64 - n) != 0)};
}

static int is_less(Wide a, Wide b)
{
    return a.high < b.high || (a.high == b.high && a.low < b.low);
}

static Wide sum(Wide a, Wide b)
{
    uint64_t low = a.low + b.low;
    return (Wide){a.high + b.high + (low < a.low), low};
}

static Wide difference(Wide a, Wide b)
{
    return (Wide){a.high - b.high - (a.low < b.low), a.low - b.low};
}

typedef struct Parts { /* of a finite number: m 2^e, m >= 2^52 unless it is 0 */
    uint64_t m;
    int32_t e;
} Parts;

static Parts parts_of(uint64_t bits)
{
    Parts p = {bits & 0xFFFFFFFFFFFFFu, (int32_t)(bits >> 52 & 0x7FF)};
    if (p.e)
        p.m |= (uint64_t)1 << 52;
    else
        for (p.e = 1; p.m && p.m < (uint64_t)1 << 52; p.m <<= 1)
            p.e--;
    p.e -= 1075;
    return p;
}

/* a 2^e, to the nearest number, to the even one of two; a is not 0. */
static double rounded(Wide a, int32_t e, uint64_t sign)
{
    int32_t top = a.high ? 127 : 63;
    for (uint64_t word = a.high ? a.high : a.low; !(word >> 63); word <<= 1)
        top--;
    int32_t shift = top - 52;
    if (e + shift < -1074) shift = -1074 - e;
    uint64_t m = shift >= 2 ? right(a, shift - 2).low : left(a, 2 - shift).low; /* two bits more: a half, and less */
    Double d = {.i = (uint64_t)0x7FF << 52};
    if (e + shift + 1075 <= 2046) d.i = ((uint64_t)(e + shift + 1074) << 52) + (m >> 2) + ((m & 3) == 3 || (m & 7) == 6);
    d.i |= sign;
    return d.d;
}

double nnrt_soft_fma(double x, double y, double z)
{
    Double dx = {.d = x}, dy = {.d = y}, dz = {.d = z};
    const uint64_t top = (uint64_t)1 << 63, infinite = (uint64_t)0x7FF << 52;
    if ((dx.i & infinite) == infinite || (dy.i & infinite) == infinite || x == 0 || y == 0) return x * y + z; /* one of them is exact */
    if ((dz.i & infinite) == infinite) return z;
    if (z == 0) return x * y;
    Parts px = parts_of(dx.i), py = parts_of(dy.i), pz = parts_of(dz.i);
    /* The product at the top, with 20 bits below; z where it is, or it at the top. */
    int32_t e = px.e + py.e - 20, above = pz.e - e;
    Wide product = left(times(px.m, py.m), 20), other = {0, pz.m};
    if (above > 73) {
        product = right(product, above - 73);
        other = left(other, 73);
        e = pz.e - 73;
    } else {
        other = above >= 0 ? left(other, above) : right(other, -above);
    }
    uint64_t sign = (dx.i ^ dy.i) & top;
    if (sign == (dz.i & top)) return rounded(sum(product, other), e, sign);
    if (is_less(product, other)) return rounded(difference(other, product), e, dz.i & top);
    Wide rest = difference(product, other);
    return rest.high | rest.low ? rounded(rest, e, sign) : 0;
}
