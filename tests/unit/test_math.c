/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_math.c: the generated elementary functions against the C library in higher precision: error in ulp over many samples and at the
 * corners; 16 lanes, 8 lanes and one lane give the same bits. */
#include "codegen/codegen.h"
#include "rows.h"
#include "support/real.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef LV Unary(LB *b, LV x);
static long double sigmoidl(long double x)
{
    return 1 / (1 + expl(-x));
}

typedef struct Case {
    const char *name;
    Unary *build;
    long double (*exact)(long double);
    double lo, hi, ulp32, ulp64;
} Case;

static const Case cases[] = {
    /* clang-format off */
    { "exp", math_exp, expl, -87.3, 88.7, 1.5, 2 },      { "exp_small", math_exp, expl, -1, 1, 1.5, 2 },
    { "expm1", math_expm1, expm1l, -20, 88.7, 1.5, 2 }, { "expm1_small", math_expm1, expm1l, -0.5, 0.5, 1.5, 2 },
    { "sigmoid", math_sigmoid, sigmoidl, -87, 87, 2.5, 3 }, { "sigmoid_near_0", math_sigmoid, sigmoidl, -1, 1, 2.5, 3 },
    { "log", math_log, logl, 1e-38, 1e38, 1, 1.5 },     { "log_near_1", math_log, logl, 0.5, 2, 1, 1.5 },
    { "log1p", math_log1p, log1pl, -0.99, 10, 2, 2.5 }, { "log1p_small", math_log1p, log1pl, -1e-3, 1e-3, 2, 2.5 },
    { "tanh", math_tanh, tanhl, -10, 10, 2, 3 },        { "erf", math_erf, erfl, -5, 5, 2, 6.5 },
    { "erf_small", math_erf, erfl, -0.9, 0.9, 2, 4 },   { "sin", math_sin, sinl, -100, 100, 1, 2 },
    { "erfc", math_erfc, erfcl, -5, 2, 4.7, 40 },        { "erfc_far", math_erfc, erfcl, 2, 9, 4.7, 12 },
    { "sin_beyond", math_sin, sinl, 1e4, 3e38, 1, 2.5 }, { "cos_beyond", math_cos, cosl, 1e4, 3e38, 1, 2.5 },
    { "cos", math_cos, cosl, -100, 100, 1, 2 },         { "sin_far", math_sin, sinl, -2e6, 2e6, 1, 2.5 },
    { "tan", math_tan, tanl, -100, 100, 1, 3 },         { "tan_beyond", math_tan, tanl, 1e4, 3e38, 1, 4 },
    { "asin", math_asin, asinl, -1, 1, 2, 2 },          { "asin_small", math_asin, asinl, 1e-30, 1e-3, 1, 1 },
    { "acos", math_acos, acosl, -1, 1, 2, 2 },          { "acos_near_1", math_acos, acosl, 0.999, 1, 2, 2 },
    { "atan", math_atan, atanl, -4, 4, 2, 3 },          { "atan_far", math_atan, atanl, 1e-30, 3e38, 2, 3 },
    { "abs", math_abs, fabsl, -10, 10, 0, 0 },          { "floor", math_floor, floorl, -10, 10, 0, 0 },
    { "ceil", math_ceil, ceill, -10, 10, 0, 0 },        { "trunc", math_trunc, truncl, -10, 10, 0, 0 },
    { "round", math_round, rintl, -10, 10, 0, 0 },      { "round_far", math_round, rintl, -2e7, 2e7, 0, 0 },
    { "sqrt", math_sqrt, sqrtl, 0, 3e38, 0.5, 0.5 },
    /* clang-format on */
};
enum { N_CASES = sizeof cases / sizeof *cases };

/* void f(ptr x, ptr y): y[i] = build(x[i]) for `lanes` elements */
static void add_function(LoopModule *m, const char *name, const Case *c, uint8_t dtype, int lanes)
{
    uint8_t params[] = {LT_ptr, LT_ptr};
    LoopFn *f = loop_fn_new(m, name, params, 2, LT_void);
    f->exported = true;
    LB b = {m, f};
    LV x = l_load(&b, l_arg(&b, 0), 0, dtype, lanes, 0);
    l_store(&b, l_arg(&b, 1), 0, dtype, c->build(&b, x), 0);
    l_ret(&b, 0);
}

typedef void Run(const void *x, void *y);

static Cg *compile(Arena *arena, const Case *c, Run *f[4])
{
    static const int lanes[4] = {16, 8, 1, 8};
    CgTarget target = {0};
    cr_assert_null(codegen_target(arena, &target, false));
    LoopModule *m = ARENA_NEW(arena, LoopModule);
    *m = (LoopModule){.arena = arena, .target = target.loop};
    for (int i = 0; i < 4; i++)
        add_function(m, arena_print(arena, "f%d", i), c, i == 3 ? DT_f64 : DT_f32, lanes[i]);
    Cg *cg = codegen_new(arena, &target, "math", 0);
    codegen_loops(cg, m);
    const char *error = codegen_verify(cg);
    cr_assert_null(error, "%s: %s", c->name, error);
    codegen_optimize(cg, 2);
    for (int i = 0; i < 4; i++) {
        void *address = codegen_jit(cg, arena_print(arena, "f%d", i), &error);
        cr_assert(address, "%s: %s", c->name, error);
        memcpy(&f[i], &address, sizeof address);
    }
    return cg;
}

static double ulp32(float y, long double exact)
{
    float r = (float)exact;
    if (isnan(y) || isnan(r)) return isnan(y) && isnan(r) ? 0 : 1e9;
    if (isinf(r) || isinf(y)) return r == y ? 0 : 1e9;
    float next = nextafterf(fabsf(r), INFINITY) - fabsf(r);
    return (double)fabsl((long double)y - exact) / next;
}

static double ulp64(double y, long double exact)
{
    double r = (double)exact, next = nextafter(fabs(r), INFINITY) - fabs(r);
    return (double)fabsl((long double)y - exact) / next;
}

static void check(const Case *c)
{
    Arena arena = {0};
    Run *f[4];
    Cg *cg = compile(&arena, c, f);
    double worst32 = 0, worst64 = 0, at32 = 0, at64 = 0;
    unsigned seed = 1;
    for (int round = 0; round < 20000; round++) {
        _Alignas(64) float x[16], y[16], y8[16], y1[16];
        _Alignas(64) double x64[8], y64[8];
        for (int i = 0; i < 16; i++) {
            seed = seed * 1664525u + 1013904223u;
            double u = seed / 4294967296.0;
            bool wide = c->lo > 0 && c->hi / c->lo > 1e6;
            x[i] = (float)(wide ? c->lo * pow(c->hi / c->lo, u) : c->lo + u * (c->hi - c->lo));
        }
        for (int i = 0; i < 8; i++)
            x64[i] = (double)x[i] * (1 + 1e-9 * i);
        f[0](x, y);
        f[1](x, y8), f[1](x + 8, y8 + 8);
        for (int i = 0; i < 16; i++)
            f[2](x + i, y1 + i);
        f[3](x64, y64);
        cr_assert(memcmp(y, y8, sizeof y) == 0 && memcmp(y, y1, sizeof y) == 0, "%s: lanes disagree", c->name);
        for (int i = 0; i < 16; i++) {
            double e = ulp32(y[i], c->exact(x[i]));
            if (e > worst32) worst32 = e, at32 = x[i];
        }
        for (int i = 0; i < 8; i++) {
            double e = ulp64(y64[i], c->exact(x64[i]));
            if (e > worst64) worst64 = e, at64 = x64[i];
        }
    }
    codegen_free(cg);
    cr_expect(worst32 <= c->ulp32, "%s f32: %.2f ulp at %.9g", c->name, worst32, at32);
    cr_expect(worst64 <= c->ulp64, "%s f64: %.2f ulp at %.17g", c->name, worst64, at64);
}

Test(math, every_function_is_here)
{
    static const struct {
        const char *name;
        Unary *build;
        bool compares; /* no number: tests/unit/test_loop.c */
    } functions[] = {
#define FUNCTION(name, value, smooth, gradient, properties) {#name, math_##name, (properties) & COMPARES},
#define COMPOSED_FUNCTION(name, ...)
#include "support/functions.def"
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        int k = 0;
        while (k < N_CASES && cases[k].build != functions[i].build)
            k++;
        cr_expect(k < N_CASES || functions[i].compares, "no case of %s", functions[i].name);
    }
}

TestRows(math, functions_are_accurate, N_CASES, .timeout = 300)
{
    check(&cases[row]);
}

TestRows(math, corners, N_CASES)
{
    static const float in[16] = {0,       -0.0f, INFINITY, -INFINITY, NAN,  1,     -1,      1e-40f,
                                 -1e-40f, 3e38f, -3e38f,   100,       -100, 88.8f, -103.9f, 1e-45f};
    Arena arena = {0};
    Run *f[4];
    _Alignas(64) float x[16], y[16];
    Cg *cg = compile(&arena, &cases[row], f);
    memcpy(x, in, sizeof x);
    f[0](x, y);
    for (int k = 0; k < 16; k++) {
        long double exact = cases[row].exact(x[k]);
        float r = (float)exact;
        bool right = isnan(r) ? isnan(y[k]) : isinf(r) ? y[k] == r : fabsf(y[k] - r) <= 3e-7f * fabsf(r) + 2e-45f;
        bool ends = cases[row].build == math_exp || cases[row].build == math_sigmoid; /* in 0, where others are subnormal */
        if (ends && fabsf(r) < FLT_MIN) right = y[k] == 0;
        cr_expect(right, "%s(%g) is %g, not %g", cases[row].name, (double)x[k], (double)y[k], (double)r);
    }
    codegen_free(cg);
}

/* The last normal results of exp, and the zeros behind them. */
Test(math, exp_ends_in_zero)
{
    _Alignas(64) float x[16], y[16];
    _Alignas(64) double dx[8], dy[8];
    Arena arena = {0};
    Run *f[4];
    Cg *cg = compile(&arena, &cases[0], f);
    for (int k = 0; k < 16; k++)
        x[k] = -87.3364f - 2e-5f * (float)k, dx[k / 2] = -708.3964 - 2e-6 * k;
    f[0](x, y);
    f[3](dx, dy);
    for (int k = 0; k < 16; k++) {
        double exact = exp((double)x[k]), wide = exp(dx[k / 2]);
        bool near_end = exact < 1.00001 * FLT_MIN, near_wide = wide < 1.00001 * DBL_MIN;
        cr_expect(exact < FLT_MIN ? y[k] == 0 : y[k] >= FLT_MIN || near_end, "exp(%.9g) is %.9g", (double)x[k], (double)y[k]);
        cr_expect(wide < DBL_MIN ? dy[k / 2] == 0 : dy[k / 2] >= DBL_MIN || near_wide, "exp(%.17g) is %.17g", dx[k / 2], dy[k / 2]);
    }
    cr_expect(y[0] > 0 && dy[0] > 0);
    cr_expect(y[15] == 0 && dy[7] == 0);
    codegen_free(cg);
}

/* Halves, the largest with a fraction, and the sign of zero. */
Test(math, whole_numbers)
{
    static const float in[16] = {0.5f,       -0.5f,      1.5f,        -1.5f,   2.5f,  -2.5f,  0.49999997f, -0.49999997f,
                                 8388607.5f, 8388606.5f, -8388607.5f, 8388609, 0.75f, -0.25f, -0.0f,       0};
    static const struct {
        Unary *build;
        float (*exact)(float);
    } functions[] = {{math_floor, floorf}, {math_ceil, ceilf}, {math_trunc, truncf}, {math_round, rintf}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        Arena arena = {0};
        Run *f[4];
        const Case c = {.name = "whole", .build = functions[i].build};
        _Alignas(64) float x[16], y[16];
        Cg *cg = compile(&arena, &c, f);
        memcpy(x, in, sizeof x);
        f[0](x, y);
        for (int k = 0; k < 16; k++) {
            float exact = functions[i].exact(x[k]);
            cr_expect(y[k] == exact && !signbit(y[k]) == !signbit(exact), "function %zu of %.9g is %.9g, not %.9g", i, (double)x[k],
                      (double)y[k], (double)exact);
        }
        codegen_free(cg);
    }
}

typedef LV Binary(LB *b, LV x, LV y);
typedef void Run2(const void *x, const void *y, void *z);

/* z = build(x, y) for one element. */
static Cg *compile_binary(Arena *arena, Binary *build, uint8_t dtype, Run2 **run)
{
    CgTarget target = {0};
    cr_assert_null(codegen_target(arena, &target, false));
    LoopModule *m = ARENA_NEW(arena, LoopModule);
    *m = (LoopModule){.arena = arena, .target = target.loop};
    uint8_t params[] = {LT_ptr, LT_ptr, LT_ptr};
    LoopFn *f = loop_fn_new(m, "p", params, 3, LT_void);
    f->exported = true;
    LB b = {m, f};
    LV x = l_load(&b, l_arg(&b, 0), 0, dtype, 1, 0), y = l_load(&b, l_arg(&b, 1), 0, dtype, 1, 0);
    l_store(&b, l_arg(&b, 2), 0, dtype, build(&b, x, y), 0);
    l_ret(&b, 0);
    Cg *cg = codegen_new(arena, &target, "binary", 0);
    codegen_loops(cg, m);
    codegen_optimize(cg, 2);
    const char *error = NULL;
    void *address = codegen_jit(cg, "p", &error);
    cr_assert(address, "%s", error);
    memcpy(run, &address, sizeof address);
    return cg;
}

Test(math, pow_follows_c)
{
    static const double values[] = {0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 1.5, 10, INFINITY, -INFINITY, NAN, 1e10, -7, 0.25};
    enum { N = sizeof values / sizeof *values };
    Arena arena = {0};
    Run2 *run;
    Cg *cg = compile_binary(&arena, math_pow, DT_f32, &run);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            float a = (float)values[i], e = (float)values[j], got = 0, want = (float)powl(a, e);
            run(&a, &e, &got);
            bool same = isnan(want)                ? isnan(got)
                        : isinf(want) || want == 0 ? got == want && signbit(got) == signbit(want)
                                                   : fabsf(got - want) <= 2e-7f * fabsf(want);
            cr_expect(same, "pow(%g, %g) is %g, not %g", (double)a, (double)e, (double)got, (double)want);
        }
    }
    codegen_free(cg);
}

static bool same_number(double a, double b)
{
    return isnan(a) ? isnan(b) : a == b;
}

/* Every pair of values, and pairs of random bits, which have quotients of all sizes. */
static void check_division(const char *name, Binary *build, double (*exact)(double, double), uint8_t dtype)
{
    static const double values[] = {0,     1,       -1,   3,     -3,    0.1,    -0.1,     5.5,       7,  1e10,
                                    -1e10, -9019.7, 3e38, 1e-40, 3e-42, -7e-10, INFINITY, -INFINITY, NAN};
    enum { N = sizeof values / sizeof *values };
    Arena arena = {0};
    Run2 *run;
    Cg *cg = compile_binary(&arena, build, dtype, &run);
    uint64_t bits[2] = {1, 2};
    for (int i = 0; i < N * N + 20000; i++) {
        double a[2] = {values[i / N % N], values[i % N]}, got;
        float f[2], r;
        for (int k = 0; k < 2; k++) {
            bits[k] = bits[k] * 6364136223846793005u + 1442695040888963407u;
            uint32_t half = (uint32_t)(bits[k] >> 32);
            f[k] = (float)a[k];
            if (i < N * N) continue;
            memcpy(&a[k], &bits[k], sizeof bits[k]);
            memcpy(&f[k], &half, sizeof half);
        }
        if (dtype == DT_f64) {
            run(&a[0], &a[1], &got);
            cr_assert(same_number(got, exact(a[0], a[1])), "%s(%a, %a) is %a, not %a", name, a[0], a[1], got, exact(a[0], a[1]));
        } else {
            run(&f[0], &f[1], &r);
            cr_assert(same_number(r, (float)exact(f[0], f[1])), "%s(%a, %a) is %a, not %a", name, (double)f[0], (double)f[1], (double)r,
                      exact(f[0], f[1]));
        }
    }
    codegen_free(cg);
}

Test(math, floored_division_is_exact)
{
    check_division("mod", math_mod, real_mod, DT_f32);
    check_division("mod", math_mod, real_mod, DT_f64);
    check_division("floordiv", math_floordiv, real_floordiv, DT_f32);
    check_division("floordiv", math_floordiv, real_floordiv, DT_f64);
}
