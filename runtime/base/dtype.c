/* SPDX-License-Identifier: MIT
 * dtype.c: one row per element type; loads and stores of single numbers. */
#include "base/dtype.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

typedef enum { FLOATS, SIGNED, UNSIGNED, TRUTH } Family;
typedef struct Row {
    char name[5], npy[4], precision[17]; /* in place: an address in a program costs 24 bytes more */
    Family family;
    size_t bytes;
    int fraction, bias; /* of floats of 16 bits */
} Row;

static const Row rows[N_DTYPES] = {
    [NNRT_F32] = {"f32", "<f4", "single precision", FLOATS, 4, 0, 0},
    [NNRT_F64] = {"f64", "<f8", "double precision", FLOATS, 8, 0, 0},
    [NNRT_F16] = {"f16", "<f2", "half precision", FLOATS, 2, 10, 15},
    [NNRT_BF16] = {"bf16", "", "bf16", FLOATS, 2, 7, 127},
    [NNRT_I8] = {"i8", "|i1", "", SIGNED, 1, 0, 0},
    [DTYPE_I16] = {"i16", "<i2", "", SIGNED, 2, 0, 0},
    [NNRT_I32] = {"i32", "<i4", "", SIGNED, 4, 0, 0},
    [NNRT_I64] = {"i64", "<i8", "", SIGNED, 8, 0, 0},
    [NNRT_U8] = {"u8", "|u1", "", UNSIGNED, 1, 0, 0},
    [DTYPE_U16] = {"u16", "<u2", "", UNSIGNED, 2, 0, 0},
    [DTYPE_U32] = {"u32", "<u4", "", UNSIGNED, 4, 0, 0},
    [DTYPE_U64] = {"u64", "<u8", "", UNSIGNED, 8, 0, 0},
    [NNRT_BOOL] = {"bool", "|b1", "", TRUTH, 1, 0, 0},
};

int dtype_find(const char *name)
{
    for (int i = 0; i < N_DTYPES; i++)
        if (strcmp(rows[i].name, name) == 0) return i;
    return -1;
}

int dtype_find_npy(const char *code)
{
    for (int i = 0; i < N_DTYPES; i++)
        if (*rows[i].npy && strcmp(rows[i].npy + 1, code + 1) == 0) return i;
    return -1;
}

const char *dtype_npy(int dtype)
{
    return *rows[dtype].npy ? rows[dtype].npy : rows[NNRT_F32].npy;
}

size_t dtype_bytes(int dtype)
{
    return rows[dtype].bytes;
}

bool dtype_is_float(int dtype)
{
    return rows[dtype].family == FLOATS;
}

/* ---- floats of 16 bits: sign, exponent, fraction */

static double unpack(uint16_t bits, int fraction, int bias)
{
    int exponent = bits >> fraction & (2 * bias + 1), part = bits & ((1 << fraction) - 1);
    double v = exponent == 0              ? ldexp(part, 1 - bias - fraction)
               : exponent == 2 * bias + 1 ? (part ? (double)NAN : HUGE_VAL)
                                          : ldexp(part + (1 << fraction), exponent - bias - fraction);
    return bits >> 15 ? -v : v;
}

/* Rounded to nearest, ties to even; a fraction that is rounded up to the next power of two carries
 * into the exponent. */
static uint16_t pack(double v, int fraction, int bias)
{
    int exponent = 0, sign = signbit(v) ? 1 << 15 : 0, infinite = (2 * bias + 1) << fraction;
    double a = fabs(v);
    if (a != a) return (uint16_t)(sign | infinite | 1 << (fraction - 1));
    if (a > ldexp(1, bias + 1)) return (uint16_t)(sign | infinite);
    if (a == 0) return (uint16_t)sign; /* the exponent of 0 says nothing */
    double part = frexp(a, &exponent);
    int bits = exponent < 2 - bias ? (int)rint(ldexp(a, bias - 1 + fraction))
                                   : ((exponent - 1 + bias) << fraction) + (int)rint(ldexp(part, fraction + 1)) - (1 << fraction);
    return (uint16_t)(sign | (bits > infinite ? infinite : bits));
}

/* ---- any type */

double dtype_load(int dtype, const void *data, int64_t i)
{
    switch (dtype) {
    case NNRT_F32: return (double)((const float *)data)[i];
    case NNRT_F64: return ((const double *)data)[i];
    case NNRT_F16:
    case NNRT_BF16: return unpack(((const uint16_t *)data)[i], rows[dtype].fraction, rows[dtype].bias);
    case NNRT_I8: return ((const int8_t *)data)[i];
    case DTYPE_I16: return ((const int16_t *)data)[i];
    case NNRT_I32: return ((const int32_t *)data)[i];
    case NNRT_I64: return (double)((const int64_t *)data)[i];
    case DTYPE_U16: return ((const uint16_t *)data)[i];
    case DTYPE_U32: return ((const uint32_t *)data)[i];
    case DTYPE_U64: return (double)((const uint64_t *)data)[i];
    default: return ((const uint8_t *)data)[i];
    }
}

static const double exact = 9007199254740992.0; /* 2^53: from here on a double stands for several integers */

/* Least and largest integer of a type, or what a double holds exactly of it. */
static void range_of(int dtype, double *low, double *high)
{
    int bits = 8 * (int)rows[dtype].bytes - (rows[dtype].family == SIGNED);
    *high = bits > 53 ? exact - 1 : ldexp(1, bits) - 1;
    *low = rows[dtype].family == UNSIGNED ? 0 : bits > 53 ? 1 - exact : -*high - 1;
}

static bool holds_integer(int dtype, double v)
{
    double low, high;
    range_of(dtype, &low, &high);
    return v >= low && v <= high && v == floor(v);
}

static bool store_half(int dtype, void *data, int64_t i, double v)
{
    uint16_t bits = pack(v, rows[dtype].fraction, rows[dtype].bias);
    double back = unpack(bits, rows[dtype].fraction, rows[dtype].bias);
    if (isfinite(v) && !isfinite(back)) return false;
    ((uint16_t *)data)[i] = bits;
    return true;
}

static void store_integer(int dtype, void *data, int64_t i, double v)
{
    int64_t n = (int64_t)v;
    switch (rows[dtype].bytes) {
    case 1: ((uint8_t *)data)[i] = (uint8_t)n; break;
    case 2: ((uint16_t *)data)[i] = (uint16_t)n; break;
    case 4: ((uint32_t *)data)[i] = (uint32_t)n; break;
    default: ((uint64_t *)data)[i] = (uint64_t)n;
    }
}

bool dtype_store(int dtype, void *data, int64_t i, double v)
{
    switch (dtype) {
    case NNRT_F32:
        if (isfinite(v) && !isfinite((float)v)) return false;
        ((float *)data)[i] = (float)v;
        return true;
    case NNRT_F64: ((double *)data)[i] = v; return true;
    case NNRT_F16:
    case NNRT_BF16: return store_half(dtype, data, i, v);
    case NNRT_BOOL:
        if (v != v) return false;
        ((uint8_t *)data)[i] = v != 0;
        return true;
    default:
        if (!holds_integer(dtype, v)) return false;
        store_integer(dtype, data, i, v);
        return true;
    }
}

const char *dtype_text(int dtype, double v, int digits, char *out, size_t n)
{
    _Alignas(8) unsigned char again[8];
    for (; digits <= 17; digits++) {
        number_text(out, n, "%.*g", digits, v);
        double read = dtype == NNRT_F32 ? (double)number_read_float(out) : number_read(out, NULL);
        if (dtype_store(dtype, again, 0, read) && dtype_load(dtype, again, 0) == v) break;
    }
    return out;
}

const char *dtype_wrong(int dtype, double v, char *out, size_t n)
{
    double low, high;
    range_of(dtype, &low, &high);
    if (rows[dtype].family == FLOATS)
        snprintf(out, n, "too large for %s", rows[dtype].precision);
    else if (rows[dtype].family == TRUTH)
        snprintf(out, n, "neither true nor false");
    else if (rows[dtype].bytes == 8 && isfinite(v) && v == floor(v))
        snprintf(out, n, "too large: integers are read below 2^53, where they are exact");
    else
        snprintf(out, n, "no integer of %s in %.0f..%.0f", rows[dtype].name, low, high);
    return out;
}
