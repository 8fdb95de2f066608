/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_loop_reduce.c: kernels with reductions, and rows that use what they reduced. */
#include "loop_kernels.h"

static void reduction_kernel(Op o, uint8_t dtype, bool inner, bool symbolic, int64_t m, int64_t n)
{
    start();
    Dim a = symbolic ? S(0) : D(m), b = symbolic ? S(1) : D(n), one = D(1);
    Dim count = dim_mul(dims, a, b);
    axes(1, (Dim[]){a, b}, 2);
    Access in = inner ? access_of(buffer(dtype, count), 0, STRIDES(b, one)) : access_of(buffer(dtype, count), 0, STRIDES(one, a));
    uint8_t result = o == OP_argmax ? DT_i32 : dtype;
    uint32_t r = reduce(result, o, ld(dtype, in));
    st(r, access_of(buffer(result, a), 0, STRIDES(one)));
    compile();
    sizes(m, n, 1, 1);
}

static void reduction(Op o, uint8_t dtype, bool inner, bool symbolic, int64_t m, int64_t n)
{
    reduction_kernel(o, dtype, inner, symbolic, m, n);
    check(dtype == DT_f32 ? 2e-6 : 1e-14);
    if (symbolic)
        for (int i = 1; i < 100; i += i < 36 ? 5 : 31)
            for (int j = 1; j < 100; j += j < 36 ? 3 : 13) {
                sizes(i, j, 1, 1);
                check(dtype == DT_f32 ? 2e-6 : 1e-14);
            }
    codegen_free(cg);
}

Test(loop, reductions_symbolic)
{
    for (int inner = 0; inner < 2; inner++) {
        reduction(OP_sum, DT_f32, inner, true, 3, 5);
        reduction(OP_sum, DT_f64, inner, true, 3, 5);
        reduction(OP_sum, DT_i32, inner, true, 3, 5);
        reduction(OP_max, DT_f32, inner, true, 3, 5);
        reduction(OP_max, DT_i64, inner, true, 3, 5);
        reduction(OP_max, DT_bool, inner, true, 3, 5);
        reduction(OP_argmax, DT_f32, inner, true, 3, 5);
        reduction(OP_argmax, DT_i32, inner, true, 3, 5);
        reduction(OP_argmax, DT_bool, inner, true, 3, 5);
    }
}

/* Around the ends of segments, with the sizes known at run time and before: the same bits. */
static void long_reduction(uint8_t dtype, bool inner, int64_t m, int64_t n)
{
    reduction_kernel(OP_sum, dtype, inner, false, m, n);
    check(dtype == DT_f32 ? 5e-5 : 1e-13);
    uint64_t known = last_bits;
    noise = last_noise;
    codegen_free(cg);
    reduction_kernel(OP_sum, dtype, inner, true, m, n);
    check(dtype == DT_f32 ? 5e-5 : 1e-13);
    cr_assert_eq(known, last_bits, "%lld of %lld, inner %d", (long long)m, (long long)n, inner);
    codegen_free(cg);
}

Test(loop, reductions_long)
{
    static const int64_t length[] = {512, 513, 1024, 1025, 1567};
    for (int i = 0; i < 5; i++) {
        long_reduction(DT_f32, false, 70, length[i]);
        long_reduction(DT_f64, false, 5, length[i]);
        long_reduction(DT_f32, true, 2, 32 * length[i] - 5 * (i % 2));
    }
}

Test(loop, reductions_constant)
{
    for (int n = 1; n < 140; n += n < 36 ? 1 : n == 64 ? 1 : 7)
        for (int inner = 0; inner < 2; inner++) {
            reduction(OP_sum, DT_f32, inner, false, 5, n);
            if (n % 3 == 0) reduction(OP_argmax, DT_f32, inner, false, 7, n);
        }
}

static double with_nan(uint32_t buf, uint8_t dtype)
{
    double v = random_value(buf, dtype);
    return v > 0.9 ? NAN : v < -0.5 ? -INFINITY : v;
}

Test(loop, nan_and_infinity)
{
    fill_value = with_nan;
    map_op(OP_isnan, DT_f32, REALS, 0);
    map_op(OP_isfinite, DT_f64, REALS, 0);
    reduction(OP_max, DT_f32, true, true, 3, 5);
    reduction(OP_max, DT_f32, false, true, 3, 5);
    reduction(OP_argmax, DT_f32, true, true, 3, 5);
    reduction(OP_argmax, DT_f32, false, true, 3, 5);
    map_op(OP_maximum, DT_f32, REALS, 0);
}

/* Two reduction axes that do not merge, around a parallel one. */
static void two_axes(Op o, bool last_unit)
{
    start();
    Dim a = S(0), b = S(1), c = S(2), one = D(1), count = dim_mul(dims, dim_mul(dims, a, b), dim_add(dims, c, D(3)));
    axes(2, (Dim[]){b, a, c}, 3);
    Dim row = dim_add(dims, c, D(3));
    Access in = last_unit ? access_of(buffer(DT_f32, count), 0, STRIDES(row, dim_mul(dims, b, row), one))
                          : access_of(buffer(DT_f32, count), 0, STRIDES(one, dim_mul(dims, b, row), b));
    uint8_t result = o == OP_argmax ? DT_i32 : DT_f32;
    st(reduce(result, o, ld(DT_f32, in)), access_of(buffer(result, b), 0, STRIDES(one)));
    compile();
    for (int i = 1; i < 5; i += 3)
        for (int j = 1; j < 36; j += 17)
            for (int k = 1; k < 70; k += 3) {
                sizes(i, j, k, 1);
                check(2e-5);
            }
    codegen_free(cg);
}

Test(loop, reductions_over_two_axes)
{
    two_axes(OP_sum, true);
    two_axes(OP_sum, false);
    two_axes(OP_argmax, true);
    two_axes(OP_argmax, false);
}

Test(loop, softmax_symbolic)
{
    softmax(S(0), S(1), false);
    for (int i = 1; i < 8; i += 3)
        for (int j = 1; j < 140; j += j < 36 ? 1 : 9) {
            sizes(i, j, 1, 1);
            check(1e-6);
        }
    codegen_free(cg);
}

/* From 65 elements on exponentials are kept. */
Test(loop, softmax_constant)
{
    for (int j = 1; j < 140; j += j < 36 ? 3 : 11) {
        start();
        softmax(S(0), D(j), false);
        sizes(9, 1, 1, 1);
        check(1e-6);
        codegen_free(cg);
    }
}

Test(loop, softmax_in_place)
{
    /* The naive execution would read its own results, so compare with the run that is not in place.
     */
    for (int j = 3; j < 80; j += 17) {
        float x[2][80 * 5], y[80 * 5], r[5];
        for (int way = 0; way < 2; way++) {
            start();
            softmax(D(5), D(j), way);
            for (int i = 0; i < 5 * j; i++)
                x[way][i] = (float)((i * 37) % 11) * 0.3f;
            void *base[NNRT_MAX_BASES] = {0};
            int64_t table[64];
            _Alignas(64) static char scratch[4096]; /* of a row */
            base[NNRT_BASE_SCRATCH] = scratch;
            base[NNRT_BASE_ARG] = x[way];
            base[NNRT_BASE_ARG + 1] = way ? r : y;
            base[NNRT_BASE_ARG + 2] = r;
            prologue(table, size_value);
            driver(&(nnrt_ctx){.table = table, .base = base, .nt = 1}, 0);
            codegen_free(cg);
        }
        cr_assert_eq(memcmp(x[1], y, sizeof(float) * 5 * (size_t)j), 0);
    }
}
