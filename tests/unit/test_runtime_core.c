/* links: m */
/* SPDX-License-Identifier: MIT
 * test_runtime_core.c: the core, compiled for the host: what a call checks, counts and tells. */
#include "core/rules.c"
#include "core/unit.c"

#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

static _Alignas(64) unsigned char model[1 << 16];

/* ---- calls: y = x + class, x: float[B], class: int<10>, y: int<5>[B] which holds anything before ---- */

enum { T_B, T_FIVE, T_TEN, T_ONE, T_WORK, T_SCRATCH, T_LENT, T_N };

static int32_t prologue(int64_t *t, const int64_t *sizes)
{
    t[T_B] = sizes[0], t[T_FIVE] = 5, t[T_TEN] = 10, t[T_ONE] = 1, t[T_WORK] = 8 * sizes[0], t[T_SCRATCH] = 100, t[T_LENT] = 0;
    return sizes[0] > 1000000;
}

static int32_t no_prologue(int64_t *t, const int64_t *sizes)
{
    (void)sizes;
    t[T_WORK] = t[T_SCRATCH] = t[T_LENT] = 0;
    return 0;
}

static void driver(nnrt_ctx *ctx, int64_t tid)
{
    const float *x = ctx->base[NNRT_BASE_ARG];
    const int32_t *class = ctx->base[NNRT_BASE_ARG + 1];
    int32_t *y = ctx->base[NNRT_BASE_ARG + 2];
    memset((char *)ctx->base[NNRT_BASE_WORK], 1, (size_t)ctx->table[T_WORK]);
    memset((char *)ctx->base[NNRT_BASE_SCRATCH] + 128 * tid, 2, 100);
    for (int64_t i = tid; i < ctx->table[T_B]; i += ctx->nt)
        y[i] = (int32_t)x[i] + *class;
    if (!tid && x[0] == 100) nnrt_fail(ctx, NNRT_E_NUMERIC, 8), nnrt_fail(ctx, NNRT_E_RANGE, 7), nnrt_fail(ctx, NNRT_E_RANGE, 9);
}

static const nnrt_arg args[] = {{NNRT_F32, 0, T_B, -1, 0, 1}, {NNRT_I32, 0, T_ONE, T_TEN, 1, 2}, {NNRT_I32, 1, T_B, T_FIVE, 0, 3}};
static const nnrt_require
    requires[
] = {{T_B, T_TEN, 3, 5}, {T_B, T_FIVE, 1, 6}}; /* B <= 10, B != 5 */
static const nnrt_code code = {T_N, T_WORK, T_SCRATCH, T_LENT, args, requires, prologue, {driver}};
static const nnrt_code small = {T_N, T_WORK, T_SCRATCH, T_LENT, args, requires, no_prologue, {driver}};
static const nnrt_entry entry = {
    .name = "add", .kind = NNRT_EXPORT_ENTRY, .n_sizes = 1, .n_args = 2, .n_results = 1, .n_requires = 2, .n_partials = 3, .code = {&code}};

typedef struct Try { /* what is wrong with a call, and what is said */
    int64_t b;
    int32_t class;
    float x0;
    int missing; /* argument, from 1 on */
    int work_at; /* bytes from where it should be */
    size_t work_less;
    nnrt_error error;
} Try;

static const Try tries[] = {
    {.b = 1},
    {.b = 4, .class = 9},
    {.b = 10},
    {.b = 0, .error = {NNRT_E_SHAPE, 0, 0, -1, 1, 0}},
    {.b = -3, .error = {NNRT_E_SHAPE, 0, 0, -1, 1, -3}},
    {.b = 11, .error = {NNRT_E_REQUIRES, 5, 0, -1, 10, 11}},
    {.b = 5, .error = {NNRT_E_REQUIRES, 6, 1, -1, 5, 5}},
    {.b = 1000001, .error = {NNRT_E_WORK, 0, -1, -1, 0, 0}},
    {.b = 2, .class = 10, .error = {NNRT_E_RANGE, 2, 1, -1, 10, 10}},
    {.b = 2, .class = -1, .error = {NNRT_E_RANGE, 2, 1, -1, 10, -1}},
    {.b = 2, .missing = 1, .error = {NNRT_E_ALIGN, 1, 0, -1, 1, 0}},
    {.b = 2, .missing = 2, .error = {NNRT_E_ALIGN, 2, 1, -1, 1, 0}},
    {.b = 2, .missing = 3, .error = {NNRT_E_ALIGN, 3, 2, -1, 1, 0}},
    {.b = 2, .work_at = 8, .error = {NNRT_E_ALIGN, 0, -1, -1, 64, 0}},
    {.b = 2, .work_less = 1, .error = {NNRT_E_WORK, 0, -1, -1, 256, 255}},
    {.b = 2, .x0 = 100, .error = {NNRT_E_RANGE, 7, -1, -1, 0, 0}}, /* the failure of the least line */
};

/* ---- which code runs ---- */

#if defined(__x86_64__)
static void other_driver(nnrt_ctx *ctx, int64_t tid)
{
    driver(ctx, tid);
    *(int32_t *)ctx->base[NNRT_BASE_ARG + 2] += 1000;
}

/* Of three levels the best that the processor has; one that it has not is never chosen. */
Test(call, levels)
{
    const uint64_t none = (uint64_t)1 << 62; /* no row of cpu.def */
    nnrt_level level[] = {{"a", nnrt_core_cpu() & 3, 2, 0}, {"b", nnrt_core_cpu(), 3, 0}, {"c", none, 4, 0}};
    nnrt_program program = {.abi = NNRT_ABI, .float_bytes = 4, .hash = 5, .model_bytes = 64, .n_entries = 1, .level = level, .n_levels = 3};
    nnrt_code coded = code;
    nnrt_entry e = entry;
    coded.driver[1] = other_driver, e.code[0] = &coded;
    static _Alignas(64) unsigned char work[1024];
    nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = sizeof work};
    const int64_t sizes[] = {1};
    float x = 7;
    int32_t class = 1, y = 0;
    void *const in[] = {&x, &class, &y};
    nnrt_core_blank(&program, model);
    cr_assert_eq(nnrt_core_level(&program, 0), 3);
    cr_assert(nnrt_core_call(&program, &e, model, NULL, &call, sizes, in) == NNRT_OK && y == 1008);
    cr_assert_eq(nnrt_core_level(&program, 4), 0);
    cr_assert_eq(nnrt_core_level(&program, 1), 0);
    cr_assert_eq(nnrt_core_level(&program, 0), 3);
    cr_assert_eq(nnrt_core_level(&program, 2), 2);
    cr_assert_eq(nnrt_core_level(&program, 0), 2);
    cr_assert(nnrt_core_call(&program, &e, model, NULL, &call, sizes, in) == NNRT_OK && y == 8);
    program.level = &level[2], program.n_levels = 1;
    cr_assert_eq(nnrt_core_level(&program, 0), 0);
    cr_assert_eq(nnrt_core_call(&program, &e, model, NULL, &call, sizes, in), NNRT_E_CPU);
    cr_assert(call.error.code == NNRT_E_CPU && call.error.wanted == (int64_t)none && call.error.given == (int64_t)nnrt_core_cpu());
    cr_assert_eq(y, 8);
}

/* As the compiler's own library reads cpuid. */
Test(call, cpu)
{
#define AS_GCC(NAME, TEXT) cr_expect_eq(nnrt_core_cpu() >> NNRT_CPU_##NAME & 1, __builtin_cpu_supports(TEXT) != 0, TEXT)
    AS_GCC(sse2, "sse2");
    AS_GCC(ssse3, "ssse3");
    AS_GCC(sse42, "sse4.2");
    AS_GCC(popcnt, "popcnt");
    AS_GCC(sse4a, "sse4a");
    AS_GCC(avx, "avx");
    AS_GCC(fma, "fma");
    AS_GCC(avx2, "avx2");
    AS_GCC(bmi, "bmi");
    AS_GCC(bmi2, "bmi2");
    AS_GCC(avx512f, "avx512f");
    AS_GCC(avx512dq, "avx512dq");
    AS_GCC(avx512vl, "avx512vl");
    AS_GCC(avx512vbmi, "avx512vbmi");
    AS_GCC(avx512vbmi2, "avx512vbmi2");
    AS_GCC(avx512vpopcntdq, "avx512vpopcntdq");
    AS_GCC(gfni, "gfni");
}
#endif

Test(call, checks)
{
    static _Alignas(64) unsigned char work[4096];
    nnrt_program program = {.abi = NNRT_ABI, .float_bytes = 4, .hash = 5, .model_bytes = 64, .n_entries = 1};
    cr_assert_eq(nnrt_core_init(&program, model, 0), NNRT_OK);
    for (size_t i = 0; i < N_ROWS(tries); i++) {
        const Try *t = &tries[i];
        float x[16] = {t->x0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        int32_t y[16] = {-7, 99, -7, 99, -7, 99, -7, 99, -7, 99}, class = t->class;
        void *pointer[] = {t->missing == 1 ? NULL : x, t->missing == 2 ? NULL : &class, t->missing == 3 ? NULL : y};
        size_t need = nnrt_core_work(&entry, &t->b, 1);
        nnrt_call call = {.size = sizeof call, .work = work + t->work_at, .work_bytes = (need == SIZE_MAX ? 0 : need) - t->work_less};
        int got = nnrt_core_call(&program, &entry, model, NULL, &call, &t->b, pointer);
        cr_assert_eq(got, t->error.code, "row %zu: %d", i, got);
        const nnrt_error *a = &call.error, *b = &t->error;
        cr_assert(a->line == b->line && a->argument == b->argument && a->axis == b->axis && a->wanted == b->wanted && a->given == b->given,
                  "row %zu: line %d, argument %d, axis %d: %d, %d", i, a->line, a->argument, a->axis, (int)a->wanted, (int)a->given);
        for (int64_t k = 0; k < 10 && t->x0 != 100 && t->missing != 3; k++) /* nothing is written before all is checked */
            cr_assert_eq(y[k], !got && k < t->b ? (int)x[k] + class : k % 2 ? 99 : -7, "row %zu, %d: %d", i, (int)k, y[k]);
    }
}

/* ---- asserts and prints ------------------------------------------------------------------------- */

typedef struct Shown {
    nnrt_watch watch;
    int n;
    int32_t number;
    int64_t count;
    const void *values;
} Shown;

static void show(void *watcher, int32_t number, const void *values, int64_t n)
{
    Shown *s = watcher;
    s->n++;
    s->number = number, s->values = values, s->count = n;
}

/* The first that fails is told, with the first of its elements; behind it nothing is shown. */
static void looking_driver(nnrt_ctx *ctx, int64_t tid)
{
    const float *x = ctx->base[NNRT_BASE_ARG];
    unsigned char holds[19];
    memset(holds, 1, sizeof holds);
    if (!tid) nnrt_assert(ctx, 3, 30, holds, 19), nnrt_print(ctx, 4, x, ctx->table[T_B]);
    holds[(int)x[0]] = holds[18] = 0;
    if (!tid) nnrt_assert(ctx, 5, 50, holds, 18);
    if (!tid) nnrt_assert(ctx, 6, 60, holds, 19), nnrt_print(ctx, 7, x, ctx->table[T_B]), nnrt_fail(ctx, NNRT_E_RANGE, 2);
}

Test(call, asserts_and_prints)
{
    static _Alignas(64) unsigned char work[4096];
    static const nnrt_code looking = {T_N, T_WORK, T_SCRATCH, T_LENT, args, requires, prologue, {looking_driver}};
    nnrt_program program = {.abi = NNRT_ABI, .float_bytes = 4, .hash = 5, .model_bytes = 64, .n_entries = 1};
    nnrt_entry looks = entry;
    looks.code[0] = &looking;
    cr_assert_eq(nnrt_core_init(&program, model, 0), NNRT_OK);
    for (int bad = 0; bad <= 18; bad++) {
        Shown shown = {.watch.host.size = sizeof(nnrt_watch), .watch.show = show};
        shown.watch.watcher = &shown;
        float x[16] = {(float)bad};
        int32_t y[16], class = 0;
        int64_t b = 2;
        void *pointer[] = {x, &class, y};
        nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = sizeof work, .host = bad % 2 ? NULL : &shown.watch.host};
        cr_assert_eq(nnrt_core_call(&program, &looks, model, NULL, &call, &b, pointer), NNRT_E_ASSERT);
        bool last = bad == 18; /* only the 19th element: the assert of 18 holds */
        cr_expect_eq(call.error.line, last ? 60 : 50);
        cr_expect_eq(call.error.argument, last ? 6 : 5);
        cr_expect_eq(call.error.wanted, bad);
        cr_expect_eq(call.error.given, 1);
        cr_expect_eq(shown.n, bad % 2 ? 0 : 1);
        if (shown.n) cr_expect(shown.number == 4 && shown.count == 2 && shown.values == x);
    }
}

/* What a failure tells besides its code: nothing of a line or an argument. */
static void expect_told(nnrt_call *call, int want, int64_t wanted, int64_t given)
{
    const nnrt_error *e = &call->error;
    cr_expect(e->code == want && e->line == 0 && e->argument == -1 && e->axis == -1 && e->wanted == wanted && e->given == given,
              "%d: line %d, argument %d, %lld, %lld", e->code, e->line, e->argument, (long long)e->wanted, (long long)e->given);
    memset(&call->error, 1, sizeof call->error);
}

Test(call, wants_its_own_structs)
{
    static _Alignas(64) unsigned char work[4096], other[64];
    nnrt_program program = {.abi = NNRT_ABI, .float_bytes = 4, .hash = 5, .model_bytes = 64, .n_entries = 1};
    nnrt_entry train = entry;
    train.kind = NNRT_TRAIN_ENTRY;
    float x[4] = {0};
    int32_t y[4], class = 1;
    void *pointer[] = {x, &class, y};
    nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = sizeof work}, old = call;
    const int64_t b = 2;
    cr_assert_eq(nnrt_core_init(&program, model, 0), NNRT_OK);
    cr_assert_eq(nnrt_core_call(&program, &entry, model, NULL, NULL, &b, pointer), NNRT_E_ABI);
    old.size = sizeof call - sizeof call.error - 1;
    cr_assert_eq(nnrt_core_call(&program, &entry, model, NULL, &old, &b, pointer), NNRT_E_ABI);
    old.size = sizeof call - sizeof call.error;
    cr_assert_eq(nnrt_core_call(&program, &entry, model, NULL, &old, &b, pointer), NNRT_OK);
    cr_assert_eq(nnrt_core_call(&program, &entry, NULL, NULL, &call, &b, pointer), NNRT_E_ALIGN);
    expect_told(&call, NNRT_E_ALIGN, 64, 0);
    cr_assert_eq(nnrt_core_call(&program, &entry, model + 4, NULL, &call, &b, pointer), NNRT_E_ALIGN);
    expect_told(&call, NNRT_E_ALIGN, 64, 0);
    cr_assert_eq(nnrt_core_call(&program, &entry, other, NULL, &call, &b, pointer), NNRT_E_ABI);
    expect_told(&call, NNRT_E_ABI, 0, 0);
    cr_assert_eq(nnrt_core_call(&program, &train, model, NULL, &call, &b, pointer), NNRT_E_ALIGN);
    cr_assert_eq(nnrt_core_call(&program, &train, model, other + 8, &call, &b, pointer), NNRT_E_ALIGN);
    expect_told(&call, NNRT_E_ALIGN, 64, 0);
    call.work = work + 4;
    cr_assert_eq(nnrt_core_call(&program, &entry, model, NULL, &call, &b, pointer), NNRT_E_ALIGN);
    expect_told(&call, NNRT_E_ALIGN, 64, 0);
    call.work = NULL;
    cr_assert_eq(nnrt_core_call(&program, &entry, model, NULL, &call, &b, pointer), NNRT_E_WORK);
    expect_told(&call, NNRT_E_WORK, (int64_t)nnrt_core_work(&entry, &b, 1), sizeof work);
}

Test(call, work)
{
    nnrt_entry two = entry, bare = entry;
    two.n_conditions = 1, two.code[0] = &small, two.code[1] = &code;
    bare.code[0] = &small, bare.n_partials = 0;
    static const struct {
        int64_t b;
        int threads;
        size_t bytes; /* B doubles, 3 partial sums, 100 bytes per thread; each in pieces of 64 */
    } rows[] = {{1, 1, 256}, {8, 1, 256}, {9, 1, 320}, {9, 0, 320}, {9, -1, 320}, {100, 4, 1408}, {0, 1, SIZE_MAX}, {1000001, 1, SIZE_MAX}};
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        cr_expect_eq(nnrt_core_work(&entry, &rows[i].b, rows[i].threads), rows[i].bytes, "row %zu", i);
        cr_expect_eq(nnrt_core_work(&two, &rows[i].b, rows[i].threads), rows[i].bytes, "row %zu", i);
    }
    cr_expect_eq(nnrt_core_work(&bare, &rows[0].b, 3), 0);
}

Test(call, requirements)
{
    for (int oper = 0; oper < 6; oper++)
        for (int left = 1; left <= 3; left++) {
            const bool want[] = {left == 2, left != 2, left < 2, left <= 2, left > 2, left >= 2};
            cr_expect_eq(holds(left, oper, 2), want[oper], "%d, operator %d", left, oper);
        }
}

/* ---- gradients that are not finite ---- */

static int32_t none_is_odd(const nnrt_float *gradient, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (gradient[i] - gradient[i] != 0) return 0;
    return 1;
}

/* Four tensors, the second a state; a statement over all that have gradients, and one over the last two. */
Test(call, tensor_whose_gradient_is_not_finite)
{
    enum { FLOATS = 80, GRADIENTS = 128 };
    static const nnrt_tensor_info tensor[] = {{.offset = 64, .padded = 16},
                                              {.offset = 128, .padded = 16, .is_state = 1},
                                              {.offset = 192, .padded = 32},
                                              {.offset = 320, .padded = 16}};
    static const nnrt_range all[] = {{0, 16}, {32, 32}, {64, 16}}, last[] = {{32, 48}};
    static _Alignas(64) unsigned char area[GRADIENTS + FLOATS * sizeof(nnrt_float)];
    const nnrt_program program = {.n_tensors = 4, .tensor = tensor};
    const nnrt_entry train = {.grad_offset = GRADIENTS};
    const nnrt_statement over_all = {.n_ranges = 3, .range = all, .finite = {none_is_odd}},
                         over_last = {.n_ranges = 1, .range = last, .hull = 32, .finite = {none_is_odd}};
    nnrt_float *gradient = (nnrt_float *)(void *)(area + GRADIENTS);
    for (int at = -1; at < FLOATS; at++) {
        const int want = at < 0 || (at >= 16 && at < 32) ? -1 : at < 16 ? 0 : at < 64 ? 2 : 3;
        memset(area, 0, sizeof area);
        if (at >= 0) gradient[at] = (nnrt_float)NAN;
        cr_expect_eq(bad_tensor(&program, &train, &over_all, area), want, "element %d", at);
        if (at < 0 || at >= 48) continue;
        cr_expect_eq(bad_tensor(&program, &train, &over_last, area), at < 32 ? 2 : 3, "element %d of the last", at);
        gradient[40] = (nnrt_float)INFINITY;
        cr_expect_eq(bad_tensor(&program, &train, &over_last, area), at < 32 ? 2 : 3, "element %d and another", at);
    }
}

/* ---- counters and sums ---- */

static int64_t seen[NNRT_N_COUNTERS];

static void look(nnrt_ctx *ctx, int64_t tid)
{
    (void)tid;
    memcpy(seen, ctx->base[NNRT_BASE_COUNTERS], sizeof seen);
    ((double *)ctx->base[NNRT_BASE_SUMS])[0] += 3;
}

static void report_sums(nnrt_ctx *ctx, int64_t tid)
{
    const double *sums = ctx->base[NNRT_BASE_SUMS];
    (void)tid;
    *(double *)ctx->base[NNRT_BASE_ARG] = sums[0] * 10;
    *(double *)ctx->base[NNRT_BASE_ARG + 1] = sums[1];
}

static const nnrt_code looks = {T_N, T_WORK, T_SCRATCH, T_LENT, NULL, NULL, no_prologue, {look}};
static const nnrt_code reports = {T_N, T_WORK, T_SCRATCH, T_LENT, NULL, NULL, no_prologue, {report_sums}};
static const double sums[] = {0, -1.5};
static const int32_t counts[] = {2, 1};
static const nnrt_entry counting = {.code = {&looks},
                                    .report = &reports,
                                    .index = 6,
                                    .train_bytes = 512,
                                    .sum_bytes = 16,
                                    .sum_init = sums,
                                    .sums_area = 256,
                                    .batch_offset = 64,
                                    .report_work_offset = 192,
                                    .n_reports = 2,
                                    .report_count = counts};

static void expect_counters(const nnrt_entry *e, void *area, const int64_t *want)
{
    nnrt_program program = {.abi = NNRT_ABI, .float_bytes = 4, .hash = 5, .model_bytes = 64, .n_entries = 1};
    nnrt_call call = {.size = sizeof call, .seed = 8};
    cr_assert_eq(nnrt_core_init(&program, model, 0), NNRT_OK);
    cr_assert_eq(nnrt_core_call(&program, e, model, area, &call, NULL, NULL), NNRT_OK);
    for (int i = 0; i < NNRT_N_COUNTERS; i++)
        cr_assert_eq(seen[i], want[i], "counter %d: %lld", i, (long long)seen[i]);
}

Test(sums, of_a_train)
{
    static _Alignas(64) unsigned char area[1024];
    nnrt_program program = {.hash = 0x70};
    nnrt_entry e = counting;
    nnrt_train *t = (nnrt_train *)(void *)area;
    double values[4] = {7, 7, 7, 7};
    int64_t examples = 0;
    e.kind = NNRT_TRAIN_ENTRY, e.sum_offset = 128;
    memset(area, 1, sizeof area);
    cr_assert_eq(nnrt_core_train_init(&program, &e, NULL, 1), NNRT_E_ALIGN);
    cr_assert_eq(nnrt_core_train_init(&program, &e, area + 8, 1), NNRT_E_ALIGN);
    cr_assert_eq(nnrt_core_train_init(&program, &e, area, 55), NNRT_OK);
    cr_assert(t->magic == 0x77 && t->seed == 55 && t->step == 0 && t->epoch == 0 && t->steps == 1 && !t->stop_at && !t->group && !t->more);
    cr_assert(area[511] == 0 && area[512] == 1);
    t->epoch = 4, t->steps = 9;
    double *at = (double *)(void *)(area + 128);
    cr_assert(at[0] == 0 && at[1] == -1.5 && at[2] == 0);
    const uint64_t other = 0x9E3779B97F4A7C15u;
    at[0] = -3; /* look() adds to the sums at the beginning of the area */
    memset(area, 0, 8);
    expect_counters(&e, area, (int64_t[]){0, 4, 9, 55, 0, 0, 0});
    t->group = 1;
    expect_counters(&e, area, (int64_t[]){1, 4, 9, 55, 0, 0, 0});
    t->group = 2;
    expect_counters(&e, area, (int64_t[]){1, 4, 9, (int64_t)(55 + other), 0, 0, 0});
    t->group = -3;
    expect_counters(&e, area, (int64_t[]){1, 4, 9, (int64_t)(55 + 2 * other), 0, 0, 0});
    t->group = 0, t->stop_at = 1;
    expect_counters(&e, area, (int64_t[]){2, 4, 9, 55, 0, 0, 0});
    expect_counters(&e, area, (int64_t[]){2, 4, 9, 55, 0, 0, 0});
    at[0] = 12;
    cr_assert_eq(nnrt_core_report(&program, &e, area, values, &examples, 0), NNRT_OK);
    cr_assert(values[0] == 120 && values[1] == 7 && values[2] == -1.5 && values[3] == 7 && examples == 12 && at[0] == 12);
    cr_assert_eq(nnrt_core_report(&program, &e, area, values, NULL, 1), NNRT_OK);
    cr_assert(at[0] == 0 && at[1] == -1.5);
    cr_assert_eq(nnrt_core_report(&program, &e, area + 4, values, NULL, 1), NNRT_E_ALIGN);
    cr_assert_eq(nnrt_core_report(&program, &e, NULL, values, NULL, 1), NNRT_E_ALIGN);
}

Test(sums, of_an_evaluation)
{
    static _Alignas(64) unsigned char area[512];
    nnrt_program program = {.hash = 0x70};
    nnrt_entry e = counting;
    int64_t examples = 0, *place = (int64_t *)(void *)(area + 64);
    double values[3];
    e.kind = NNRT_EVAL_ENTRY;
    memset(area, 1, sizeof area);
    cr_assert_eq(nnrt_core_sum_clear(&program, &e, NULL), NNRT_E_ALIGN);
    cr_assert_eq(nnrt_core_sum_clear(&program, &e, area + 8), NNRT_E_ALIGN);
    cr_assert_eq(nnrt_core_sum_clear(&program, &e, area), NNRT_OK);
    cr_assert(place[0] == 0 && place[1] == 0 && place[2] == 0 && place[3] == 1 && area[255] == 0 && area[256] == 1);
    expect_counters(&e, area, (int64_t[]){0, 0, 0, 8, 0, 0, 1});
    place[1] = 5, place[2] = 6, place[3] = 7;
    expect_counters(&e, area, (int64_t[]){1, 0, 0, 8, 5, 6, 7});
    expect_counters(&e, area, (int64_t[]){2, 0, 0, 8, 5, 6, 7});
    cr_assert_eq(nnrt_core_report(&program, &e, area, values, &examples, 1), NNRT_OK);
    cr_assert(values[0] == 90 && values[2] == -1.5 && examples == 9);
    e.kind = NNRT_EXPORT_ENTRY;
    expect_counters(&e, area, (int64_t[]){0, 0, 0, 8, 0, 0, 0});
}
