/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_loop.c: maps: elementwise functions, casts, boxes, strides, gathers, random numbers. */
#include "loop_kernels.h"

Test(loop, functions)
{
#define FUNCTION(name, value, smooth, gradient, properties) map_op(OP_##name, DT_f32, smooth, (properties) & COSTLY ? 4e-7 : 0);
#define COMPOSED_FUNCTION(name, ...)
#include "support/functions.def"
    map_op(OP_exp, DT_f64, REALS, 1e-15);
    map_op(OP_abs, DT_i32, REALS, 0);
}

Test(loop, operators)
{
    static const struct {
        Op op;
        double tolerance;
    } t[] = {{OP_neg, 0},     {OP_add, 1e-7}, {OP_sub, 1e-7},     {OP_mul, 1e-7}, {OP_div, 1e-6},
             {OP_maximum, 0}, {OP_less, 0},   {OP_less_equal, 0}, {OP_equal, 0},  {OP_where, 0}};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        map_op(t[i].op, DT_f32, REALS, t[i].tolerance);
    map_op(OP_pow, DT_f32, POSITIVE, 1e-5);
    map_op(OP_add, DT_f64, REALS, 0);
    map_op(OP_flush, DT_f32, REALS, 0);
    map_op(OP_flush, DT_f64, REALS, 0);
}

Test(loop, operators_of_ints_and_bools)
{
    static const Op whole[] = {OP_neg, OP_add, OP_mul, OP_floordiv, OP_maximum, OP_less, OP_equal, OP_where};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        map_op(whole[i], DT_i32, REALS, 0);
    map_op(OP_floordiv, DT_i64, REALS, 0);
    static const Op logic[] = {OP_and, OP_or, OP_not, OP_equal, OP_less, OP_less_equal, OP_maximum};
    for (size_t i = 0; i < sizeof logic / sizeof *logic; i++)
        map_op(logic[i], DT_bool, REALS, 0);
}

static void map_cast(uint8_t from, uint8_t to)
{
    start();
    axes(0, (Dim[]){S(0)}, 1);
    uint32_t x = ld(from, access_of(buffer(from, S(0)), 0, STRIDES(D(1))));
    st(op(to, OP_cast, x, 0, 0), access_of(buffer(to, S(0)), 0, STRIDES(D(1))));
    compile();
    for (int n = 1; n < 40; n += 13) {
        sizes(n, 1, 1, 1);
        check(1e-7);
    }
    codegen_free(cg);
}

Test(loop, casts)
{
    static const uint8_t t[] = {DT_bool, DT_i32, DT_i64, DT_f32, DT_f64};
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++)
            map_cast(t[i], t[j]);
}

static void transposed(bool symbolic, int64_t m, int64_t n)
{
    start();
    Dim a = symbolic ? S(0) : D(m), b = symbolic ? S(1) : D(n);
    axes(0, (Dim[]){a, b}, 2);
    Dim count = dim_mul(dims, a, b);
    uint32_t x = ld(DT_f32, access_of(buffer(DT_f32, count), 0, STRIDES(D(1), a)));
    uint32_t y = ld(DT_f32, access_of(buffer(DT_f32, b), 0, STRIDES(0, D(1))));
    uint32_t z = ld(DT_f32, access_of(buffer(DT_f32, a), 0, STRIDES(D(1), 0)));
    uint32_t s = op(DT_f32, OP_add, op(DT_f32, OP_mul, x, y, 0), z, 0);
    kern->x.at[s - 1].fma = true;
    st(s, access_of(buffer(DT_f32, count), 0, STRIDES(b, D(1))));
    compile();
    sizes(m, n, 1, 1);
    check(1e-6);
    codegen_free(cg);
}

Test(loop, random_numbers)
{
    start();
    axes(0, (Dim[]){S(0)}, 1);
    uint32_t zero = node((XNode){.kind = X_const, .dtype = DT_i64, .integer = 7});
    vec_add(&arena, &kern->idx, access_of(0, D(3), STRIDES(D(1))));
    uint32_t i = node((XNode){.kind = X_index, .dtype = DT_i64, .access = 0});
    uint32_t u = node((XNode){.kind = X_random, .dtype = DT_f32, .in = {zero, zero, zero, i}, .hash = 99});
    uint32_t k = node((XNode){.kind = X_random, .dtype = DT_i32, .in = {zero, zero, zero, i}, .hash = 99, .dim = D(10)});
    st(u, access_of(buffer(DT_f32, S(0)), 0, STRIDES(D(1))));
    st(k, access_of(buffer(DT_i32, S(0)), 0, STRIDES(D(1))));
    compile();
    static float uniform[1000];
    static int32_t integer[1000];
    int64_t table[8];
    void *base[NNRT_MAX_BASES] = {0};
    base[NNRT_BASE_ARG] = uniform;
    base[NNRT_BASE_ARG + 1] = integer;
    sizes(1000, 1, 1, 1);
    prologue(table, size_value);
    driver(&(nnrt_ctx){.table = table, .base = base, .nt = 1}, 0);
    double sum = 0;
    for (int j = 0; j < 1000; j++) {
        cr_assert(uniform[j] >= 0 && uniform[j] < 1 && integer[j] >= 0 && integer[j] < 10);
        cr_assert_eq(integer[j], (int)floor(uniform[j] * 10)); /* the same word, up to its low 8 bits */
        sum += uniform[j];
    }
    cr_assert_float_eq(sum / 1000, 0.5, 0.03);
    float first = uniform[16];
    sizes(17, 1, 1, 1); /* the vector tail draws the same numbers */
    uniform[16] = 0;
    prologue(table, size_value);
    driver(&(nnrt_ctx){.table = table, .base = base, .nt = 1}, 0);
    cr_assert_eq(uniform[16], first);
    codegen_free(cg);
}

/* Rows of random numbers, or their sums. */
static void draw(bool sums, int64_t n_rows, int64_t n, float *out)
{
    start();
    Dim rows = S(0), columns = D(n);
    axes(sums, (Dim[]){rows, columns}, 2);
    uint32_t zero = node((XNode){.kind = X_const, .dtype = DT_i64});
    vec_add(&arena, &kern->idx, access_of(0, 0, STRIDES(columns, D(1))));
    uint32_t i = node((XNode){.kind = X_index, .dtype = DT_i64, .access = 0});
    uint32_t u = node((XNode){.kind = X_random, .dtype = DT_f32, .in = {zero, zero, zero, i}, .hash = 5});
    if (sums)
        st(reduce(DT_f32, OP_sum, u), access_of(buffer(DT_f32, rows), 0, STRIDES(D(1))));
    else
        st(u, access_of(buffer(DT_f32, dim_mul(dims, rows, columns)), 0, STRIDES(columns, D(1))));
    compile();
    int64_t table[8];
    void *base[NNRT_MAX_BASES] = {[NNRT_BASE_ARG] = out};
    sizes(n_rows, 1, 1, 1);
    prologue(table, size_value);
    driver(&(nnrt_ctx){.table = table, .base = base, .nt = 1}, 0);
    codegen_free(cg);
}

/* The axis along which numbers are neighbours in their draw is a contiguous one: a sum over it has 32 chains, also where there are few rows. */
Test(loop, sums_of_random_numbers)
{
    enum { ROWS = 3, COLUMNS = 404, CHAINS = 32 };
    static float drawn[ROWS * COLUMNS], sums[ROWS];
    draw(false, ROWS, COLUMNS, drawn);
    draw(true, ROWS, COLUMNS, sums);
    for (int row = 0; row < ROWS; row++) {
        float chain[CHAINS] = {0};
        for (int i = 0; i < COLUMNS; i++)
            chain[i % CHAINS] += drawn[row * COLUMNS + i];
        for (int n = CHAINS / 2; n; n /= 2)
            for (int i = 0; i < n; i++)
                chain[i] += chain[i + n];
        cr_assert_eq(sums[row], chain[0], "row %d: %.9g, in chains %.9g", row, (double)sums[row], (double)chain[0]);
    }
}

Test(loop, transposed_and_broadcast)
{
    static const int64_t n[] = {1, 2, 3, 5, 8, 15, 16, 17, 33, 35, 100};
    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        for (size_t j = 0; j < sizeof n / sizeof *n; j += 2) {
            transposed(false, n[i], n[j]);
        }
    transposed(true, 7, 37);
    transposed(true, 37, 7);
    transposed(true, 64, 64);
}

/* y[i] = x reversed; z[2i] = x[i]; a padded copy; a gather by row and by element. */
Test(loop, reversed_and_strided)
{
    axes(0, (Dim[]){S(0)}, 1);
    Dim one = D(1), a = S(0), last = dim_sub(dims, a, one);
    uint32_t x = ld(DT_f32, access_of(buffer(DT_f32, a), last, STRIDES(D(-1))));
    st(x, access_of(buffer(DT_f32, dim_mul(dims, a, D(2))), 0, STRIDES(D(2))));
    st(x, access_of(buffer(DT_f32, a), 0, STRIDES(one)));
    compile();
    for (int n = 1; n < 70; n += 3) {
        sizes(n, 1, 1, 1);
        check(0);
    }
    codegen_free(cg);
}

static void padded(int64_t stride, int64_t step, bool symbolic)
{
    start();
    Dim n = symbolic ? S(0) : D(symbol_of[sym[0]]), out = dim_add(dims, n, D(5));
    axes(0, (Dim[]){D(3), out}, 2);
    Access a = access_of(buffer(DT_f32, dim_mul(dims, D(3), n)), stride < 0 ? dim_add(dims, n, D(1)) : D(-2), STRIDES(n, D(stride)));
    a.boxed = true;
    a.n_box = 1;
    a.box = ARENA_NEW(&arena, struct AccessBox);
    a.box->stride[1] = D(stride);
    a.box->off = stride < 0 ? dim_add(dims, n, D(1)) : D(-2);
    a.box->lo = D(0);
    a.box->hi = n;
    a.fill = (double)step;
    uint32_t x = ld(DT_f32, a);
    st(x, access_of(buffer(DT_f32, dim_mul(dims, D(3), out)), 0, STRIDES(out, D(1))));
    compile();
    for (int i = 1; i < 40; i += 3) {
        if (symbolic) sizes(i, 1, 1, 1);
        check(0);
        if (!symbolic) break;
    }
    codegen_free(cg);
}

Test(loop, boxes)
{
    for (int fill = 0; fill < 2; fill++) {
        sizes(5, 1, 1, 1);
        padded(1, fill, true);
        padded(-1, fill, true);
        padded(2, fill, true);
        for (int n = 1; n < 40; n += 7) {
            sizes(n, 1, 1, 1);
            padded(1, fill, false);
        }
    }
}

Test(loop, gather_rows_and_expect)
{
    axes(0, (Dim[]){S(0), S(1)}, 2);
    uint32_t ids = ld(DT_i32, access_of(buffer(DT_i32, S(0)), 0, STRIDES(D(1), 0)));
    uint32_t id = node((XNode){.kind = X_expect, .dtype = DT_i32, .in = {ids}, .dim = D(6), .integer = 12});
    Access a = access_of(buffer(DT_f32, dim_mul(dims, D(6), S(1))), 0, STRIDES(0, D(1)));
    a.index = id;
    a.index_stride = S(1);
    uint32_t x = ld(DT_f32, a);
    st(x, access_of(buffer(DT_f32, dim_mul(dims, S(0), S(1))), 0, STRIDES(S(1), D(1))));
    compile();
    for (int n = 1; n < 40; n += 5) {
        fail_code = 0;
        sizes(9, n, 1, 1);
        check(0);
        cr_assert(fail_code == NNRT_E_RANGE && fail_line == 12);
    }
    codegen_free(cg);
}

Test(loop, gather_elements)
{
    axes(0, (Dim[]){S(0)}, 1);
    uint32_t ids = ld(DT_i32, access_of(buffer(DT_i32, S(0)), 0, STRIDES(D(1))));
    uint32_t id = node((XNode){.kind = X_expect, .dtype = DT_i32, .in = {ids}, .dim = D(6), .integer = 1});
    Access a = access_of(buffer(DT_f32, D(6)), 0, NULL, 0);
    a.index = id;
    a.index_stride = D(1);
    st(ld(DT_f32, a), access_of(buffer(DT_f32, S(0)), 0, STRIDES(D(1))));
    compile();
    for (int n = 1; n < 40; n++) {
        sizes(n, 1, 1, 1);
        check(0);
    }
    codegen_free(cg);
}

Test(loop, index_values)
{
    axes(0, (Dim[]){S(0), S(1)}, 2);
    vec_add(&arena, &kern->idx, access_of(0, D(3), STRIDES(S(1), D(2))));
    uint32_t i = node((XNode){.kind = X_index, .dtype = DT_i64, .access = 0});
    uint32_t s = node((XNode){.kind = X_size, .dtype = DT_i64, .dim = S(1)});
    uint32_t j = op(DT_i64, OP_add, i, s, 0);
    st(j, access_of(buffer(DT_i64, dim_mul(dims, S(0), S(1))), 0, STRIDES(S(1), D(1))));
    st(op(DT_i32, OP_cast, i, 0, 0), access_of(buffer(DT_i32, dim_mul(dims, S(0), S(1))), 0, STRIDES(S(1), D(1))));
    compile();
    for (int n = 1; n < 40; n += 3) {
        sizes(3, n, 1, 1);
        check(0);
    }
    codegen_free(cg);
}
