/* SPDX-License-Identifier: MIT
 * array.c: numbers of any element type and byte order as doubles. */
#include <stdlib.h>
#include <string.h>

#include "array.h"

int array_width(ArrayType type)
{
    static const int width[] = {1, 1, 2, 4, 8, 2, 4, 8, 1};
    return width[type];
}

static double half(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
    if (exponent == 0) return (sign ? -1.0 : 1.0) * fraction * 0x1p-24;
    uint32_t bits = exponent == 31 ? sign | 0x7F800000u | fraction << 13
                                   : sign | (exponent + 112) << 23 | fraction << 13;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

double array_number(const Array *a, const unsigned char *at)
{
    unsigned char b[8];
    int width = array_width(a->type);
    for (int i = 0; i < width; i++)
        b[i] = at[a->big ? width - 1 - i : i];
    union {
        int16_t i16;
        uint16_t u16;
        int32_t i32;
        int64_t i64;
        float f;
        double d;
    } v;
    memcpy(&v, b, (size_t)width);
    switch (a->type) {
    case ARRAY_I8: return (signed char)b[0];
    case ARRAY_I16: return v.i16;
    case ARRAY_I32: return v.i32;
    case ARRAY_I64: return (double)v.i64;
    case ARRAY_F16: return half(v.u16);
    case ARRAY_F32: return v.f;
    case ARRAY_F64: return v.d;
    default: return b[0];
    }
}

static int64_t array_count(nnrt_source *s, int64_t i)
{
    (void)i;
    return ((Array *)s->state)->each;
}

static int array_get(nnrt_source *s, int64_t i, double *out)
{
    const Array *a = s->state;
    const unsigned char *at = a->at + i * a->step;
    if (a->type == ARRAY_U8) {
        for (int64_t k = 0; k < a->each; k++)
            out[k] = at[k];
        return NNRT_OK;
    }
    int width = array_width(a->type);
    for (int64_t k = 0; k < a->each; k++)
        out[k] = array_number(a, at + k * width);
    return NNRT_OK;
}

static void array_close(nnrt_source *s)
{
    free(((Array *)s->state)->text);
    free(s->state);
}

int array_source(const Array *array, nnrt_source *out)
{
    Array *a = malloc(sizeof *a);
    if (!a) return rt_fail(NNRT_E_MEM, "out of memory");
    *a = *array;
    *out = (nnrt_source){
        .n = a->n, .state = a, .count = array_count, .get = array_get, .close = array_close};
    return NNRT_OK;
}
