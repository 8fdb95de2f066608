/* links: m */
/* SPDX-License-Identifier: MIT
 * test_runtime_start.c: the core, compiled for the host: start values of every kind, and whose a model is. */
#include "core/rules.c"
#include "core/unit.c"

#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

enum { SEED = 77, MODEL_BYTES = 1 << 16 };
static _Alignas(64) unsigned char model[MODEL_BYTES];

static nnrt_program program_of(const nnrt_tensor_info *t)
{
    return (nnrt_program){.abi = NNRT_ABI, .float_bytes = 4, .hash = 99, .model_bytes = MODEL_BYTES, .n_tensors = 1, .tensor = t};
}

/* Number e of a stream, as rng.c gives it (test_random.c). */
static double drawn(bool normal, uint64_t hash, uint64_t e)
{
    static float block[CORE_DRAWS];
    (normal ? core_normals : core_uniforms)(SEED, hash, e / CORE_DRAWS * CORE_DRAWS, block);
    return (double)block[e % CORE_DRAWS];
}

/* Drawn again, each time from another stream, as long as it is too far from 0. */
static double drawn_within(uint64_t hash, uint64_t e, double most)
{
    for (uint64_t k = 0; k < 1000; k++) {
        double x = drawn(true, hash + k * 0xD1B54A32D192ED03u, e);
        if (fabs(x) <= most) return x;
    }
    return 0;
}

static const double table_data[] = {1, 0, -3, 2.5, 7, 1e9};

static double expected(const nnrt_tensor_info *t, uint64_t e)
{
    uint64_t hash = core_hash(t->name);
    switch (t->init) {
    case NNRT_INIT_CONST: return t->a;
    case NNRT_INIT_NORMAL: return t->a * drawn(true, hash, e);
    case NNRT_INIT_UNIFORM: return t->a + (t->b - t->a) * drawn(false, hash, e);
    case NNRT_INIT_GLOROT: return t->a * (2 * drawn(false, hash, e) - 1);
    case NNRT_INIT_HE: return t->a * drawn(true, hash, e);
    case NNRT_INIT_TRUNCATED: return t->a * drawn_within(hash, e, t->b);
    case NNRT_INIT_DATA: return table_data[e];
    default: return 0;
    }
}

static double number_at(int32_t dtype, const unsigned char *at)
{
    switch (dtype) {
    case NNRT_F32: return (double)*(const float *)(const void *)at;
    case NNRT_F64: return *(const double *)(const void *)at;
    case NNRT_I32: return *(const int32_t *)(const void *)at;
    case NNRT_I64: return (double)*(const int64_t *)(const void *)at;
    default: return *at;
    }
}

static double as_stored(int32_t dtype, double x)
{
    switch (dtype) {
    case NNRT_F32: return (double)(float)x;
    case NNRT_F64: return x;
    case NNRT_BOOL: return x != 0;
    default: return trunc(x);
    }
}

/* Rows are padded to 16 elements; offsets behind a first tensor. */
#define MATRIX .rank = 2, .dim = {20, 19}, .stride = {32, 1}, .offset = 192
#define VECTOR .rank = 1, .dim = {700}, .stride = {1}, .offset = 64
#define COLUMN .rank = 2, .dim = {9, 40}, .stride = {1, 16}, .offset = 128
#define THREE .rank = 3, .dim = {3, 5, 7}, .stride = {160, 32, 2}, .offset = 64
#define TABLE .rank = 2, .dim = {2, 3}, .stride = {16, 1}, .offset = 64, .init = NNRT_INIT_DATA, .data = table_data
static const nnrt_tensor_info tensors[] = {
    {.name = "a", VECTOR, .init = NNRT_INIT_ZERO, .dtype = NNRT_F32, .a = 3},
    {.name = "b", MATRIX, .init = NNRT_INIT_CONST, .dtype = NNRT_F32, .a = 0.3},
    {.name = "c", VECTOR, .init = NNRT_INIT_NORMAL, .dtype = NNRT_F32, .a = 0.02},
    {.name = "c", MATRIX, .init = NNRT_INIT_NORMAL, .dtype = NNRT_F32, .a = 2},
    {.name = "d", THREE, .init = NNRT_INIT_NORMAL, .dtype = NNRT_F64, .a = 0.5},
    {.name = "e", COLUMN, .init = NNRT_INIT_UNIFORM, .dtype = NNRT_F32, .a = -3, .b = 5},
    {.name = "f", MATRIX, .init = NNRT_INIT_UNIFORM, .dtype = NNRT_F64, .a = 1, .b = 1.5},
    {.name = "g", MATRIX, .init = NNRT_INIT_GLOROT, .dtype = NNRT_F32, .a = 0.39},
    {.name = "h", MATRIX, .init = NNRT_INIT_HE, .dtype = NNRT_F32, .a = 0.32},
    {.name = "i", MATRIX, .init = NNRT_INIT_TRUNCATED, .dtype = NNRT_F32, .a = 0.7, .b = 1.5},
    {.name = "j", VECTOR, .init = NNRT_INIT_TRUNCATED, .dtype = NNRT_F64, .a = 1, .b = 0.25},
    {.name = "k", TABLE, .dtype = NNRT_F32},
    {.name = "k", TABLE, .dtype = NNRT_F64},
    {.name = "k", TABLE, .dtype = NNRT_I32},
    {.name = "k", TABLE, .dtype = NNRT_I64},
    {.name = "k", TABLE, .dtype = NNRT_BOOL},
    {.name = "l", .offset = 64, .init = NNRT_INIT_NORMAL, .dtype = NNRT_F32, .a = 4},
    {.name = "m", .offset = 64, .init = NNRT_INIT_CONST, .dtype = NNRT_I32, .a = 4},
};

static uint64_t width_of(int32_t dtype)
{
    return dtype == NNRT_F64 || dtype == NNRT_I64 ? 8 : dtype == NNRT_BOOL ? 1 : 4;
}

/* Takes element e out of the model and leaves 0 there. */
static double take(const nnrt_tensor_info *t, uint64_t e)
{
    uint64_t place = 0, rest = e;
    for (int a = t->rank - 1; a >= 0; a--)
        place += rest % (uint64_t)t->dim[a] * (uint64_t)t->stride[a], rest /= (uint64_t)t->dim[a];
    unsigned char *at = model + t->offset + place * width_of(t->dtype);
    double x = number_at(t->dtype, at);
    memset(at, 0, width_of(t->dtype));
    return x;
}

static uint64_t size_of(const nnrt_tensor_info *t)
{
    uint64_t n = 1;
    for (int a = 0; a < t->rank; a++)
        n *= (uint64_t)t->dim[a];
    return n;
}

static void init(const nnrt_tensor_info *t)
{
    nnrt_program program = program_of(t);
    memset(model, 0xAA, sizeof model);
    cr_assert_eq(nnrt_core_init(&program, model, SEED), NNRT_OK);
    cr_assert_eq(nnrt_core_check(&program, model), NNRT_OK);
}

static void expect_the_rest_zero(const nnrt_tensor_info *t)
{
    for (size_t i = 64; i < sizeof model; i++)
        cr_assert_eq(model[i], 0, "%s: byte %zu is of no element", t->name, i);
}

Test(init, start_values)
{
    for (size_t i = 0; i < N_ROWS(tensors); i++) {
        const nnrt_tensor_info *t = &tensors[i];
        init(t);
        for (uint64_t e = 0; e < size_of(t); e++) {
            double want = as_stored(t->dtype, expected(t, e)), got = take(t, e);
            cr_assert(got == want, "%s[%d] is %.17g, not %.17g", t->name, (int)e, got, want);
        }
        expect_the_rest_zero(t);
    }
}

/* Gram and Schmidt on the normal numbers: vector by vector, in long doubles. */
static const nnrt_tensor_info square_ones[] = {
    {.name = "wide", .rank = 2, .dim = {5, 9}, .stride = {16, 1}, .offset = 64, .init = NNRT_INIT_ORTHOGONAL, .dtype = NNRT_F64, .a = 1},
    {.name = "tall", .rank = 2, .dim = {12, 4}, .stride = {16, 1}, .offset = 64, .init = NNRT_INIT_ORTHOGONAL, .dtype = NNRT_F64, .a = 2.5},
    {.name = "square", .rank = 2, .dim = {6, 6}, .stride = {16, 1}, .offset = 128, .init = NNRT_INIT_ORTHOGONAL, .dtype = NNRT_F32, .a = 1},
    {.name = "kernel",
     .rank = 3,
     .dim = {4, 3, 5},
     .stride = {48, 16, 1},
     .offset = 64,
     .init = NNRT_INIT_ORTHOGONAL,
     .dtype = NNRT_F64,
     .a = 0.5},
    {.name = "vector", .rank = 1, .dim = {7}, .stride = {1}, .offset = 64, .init = NNRT_INIT_ORTHOGONAL, .dtype = NNRT_F64, .a = 1},
    {.name = "number", .offset = 64, .init = NNRT_INIT_ORTHOGONAL, .dtype = NNRT_F32, .a = 3},
};

static void orthogonal_values(const nnrt_tensor_info *t, long double *x)
{
    uint64_t n = size_of(t), rows = t->rank ? (uint64_t)t->dim[0] : 1, columns = n / rows;
    uint64_t vectors = rows <= columns ? rows : columns, length = n / vectors, down = rows <= columns ? columns : 1;
    uint64_t along = rows <= columns ? 1 : columns; /* number k of vector v: x[v * down + k * along] */
    for (uint64_t e = 0; e < n; e++)
        x[e] = (long double)drawn(true, core_hash(t->name), e);
    for (uint64_t v = 0; v < vectors; v++) {
        long double square = 0;
        for (uint64_t u = 0; u < v; u++) {
            long double dot = 0;
            for (uint64_t k = 0; k < length; k++)
                dot += x[v * down + k * along] * x[u * down + k * along];
            for (uint64_t k = 0; k < length; k++)
                x[v * down + k * along] -= dot * x[u * down + k * along];
        }
        for (uint64_t k = 0; k < length; k++)
            square += x[v * down + k * along] * x[v * down + k * along];
        for (uint64_t k = 0; k < length; k++)
            x[v * down + k * along] /= sqrtl(square);
    }
}

Test(init, orthogonal)
{
    for (size_t i = 0; i < N_ROWS(square_ones); i++) {
        const nnrt_tensor_info *t = &square_ones[i];
        long double want[64];
        init(t);
        orthogonal_values(t, want);
        for (uint64_t e = 0; e < size_of(t); e++) {
            double got = take(t, e), exact = t->a * (double)want[e];
            cr_assert(fabs(got - exact) <= (t->dtype == NNRT_F64 ? 1e-12 : 3e-6), "%s[%d] is %.17g, not %.17g", t->name, (int)e, got,
                      exact);
        }
        expect_the_rest_zero(t);
    }
}

Test(init, model_says_whose_it_is)
{
    nnrt_program program = program_of(&tensors[0]);
    cr_assert_eq(nnrt_core_blank(&program, NULL), NNRT_E_ALIGN);
    cr_assert_eq(nnrt_core_blank(&program, model + 32), NNRT_E_ALIGN);
    cr_assert_eq(nnrt_core_init(&program, model + 1, 0), NNRT_E_ALIGN);
    init(&tensors[0]);
    cr_assert_eq(nnrt_core_check(&program, NULL), NNRT_E_ALIGN);
    cr_assert_eq(nnrt_core_check(&program, model + 16), NNRT_E_ALIGN);
    for (int i = 0; i < 32; i++) { /* magic, abi, float_bytes, hash, bytes */
        model[i] ^= 1;
        cr_assert_eq(nnrt_core_check(&program, model), NNRT_E_ABI, "byte %d", i);
        model[i] ^= 1;
    }
    cr_assert_eq(nnrt_core_check(&program, model), NNRT_OK);
}
