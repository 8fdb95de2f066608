/* SPDX-License-Identifier: MIT
 * loop_kernels.h: kernels that several tests of loop/ compile. */
#ifndef NNC_TESTS_LOOP_KERNELS_H
#define NNC_TESTS_LOOP_KERNELS_H

#include "loop_help.h"

/* Every elementwise operation, on every length of a symbolic axis. */
static inline void map_op(Op o, uint8_t dtype, int smooth, double tolerance)
{
    int arity = op_arity[o];
    uint8_t result = op_properties[o] & COMPARES ? DT_bool : dtype;
    start();
    Dim a = S(0);
    axes(0, (Dim[]){a}, 1);
    uint32_t in[3] = {0};
    for (int i = 0; i < arity; i++) {
        uint8_t t = o == OP_where && i == 0 ? DT_bool : dtype;
        in[i] = ld(t, access_of(buffer(t, a), 0, STRIDES(D(1))));
    }
    if (smooth == POSITIVE) in[0] = op(dtype, OP_abs, in[0], 0, 0);
    uint32_t y = op(result, o, in[0], in[1], in[2]);
    st(y, access_of(buffer(result, a), 0, STRIDES(D(1))));
    compile();
    for (int n = 1; n <= 35; n += n < 4 ? 1 : n == 31 || n == 32 ? 1 : 3) {
        sizes(n, 1, 1, 1);
        check(tolerance);
    }
    codegen_free(cg);
}

/* Softmax of rows: max, exp and sum, divide; also the row's log-sum as a row-level result. */
static inline void softmax(Dim rows, Dim cols, bool in_place)
{
    axes(1, (Dim[]){rows, cols}, 2);
    Dim count = dim_mul(dims, rows, cols), one = D(1);
    uint32_t xb = buffer(DT_f32, count);
    uint32_t x = ld(DT_f32, access_of(xb, 0, STRIDES(cols, one)));
    uint32_t m = reduce(DT_f32, OP_max, x);
    uint32_t e = op(DT_f32, OP_exp, op(DT_f32, OP_sub, x, m, 0), 0, 0);
    uint32_t s = reduce(DT_f32, OP_sum, e);
    st(op(DT_f32, OP_div, e, s, 0), access_of(in_place ? xb : buffer(DT_f32, count), 0, STRIDES(cols, one)));
    st(op(DT_f32, OP_add, m, op(DT_f32, OP_log, s, 0, 0), 0), access_of(buffer(DT_f32, rows), 0, STRIDES(one)));
    compile();
}

typedef struct Form {
    bool symbolic, transposed, columns, epilogue, batched, part_n; /* columns: B is contiguous along K */
    bool known_columns;                                            /* though symbolic */
    uint8_t dtype;
    bool operands; /* of f32: A and B are rounded to bf16 */
} Form;

/* For the naive execution: the accumulator as a reduction of a product (nodes behind the ones
 * compiled). */
static inline void add_product(uint32_t acc, uint8_t dtype)
{
    uint32_t a = node((XNode){.kind = X_ld, .dtype = dtype, .access = 0});
    uint32_t b = node((XNode){.kind = X_ld, .dtype = dtype, .access = 1});
    uint32_t product = op(dtype, OP_mul, a, b, 0);
    kern->x.at[acc - 1].in[0] = product;
}

/* c[b,m,n] = sum_k a * b (+ bias, tanh): the naive execution sees a NEST with a sum of products. */
static inline void gemm(Form f, int64_t m, int64_t n, int64_t k)
{
    start();
    sizes(m, n, k, 3);
    Dim M = f.symbolic ? S(0) : D(m), N = f.symbolic && !f.known_columns ? S(1) : D(n), K = f.symbolic ? S(2) : D(k), one = D(1);
    Dim batch = f.batched ? D(3) : D(1);
    int o = f.batched ? 1 : 0;
    kern->kind = K_GEMM;
    Dim extent[4] = {batch, M, N, K};
    axes(1, extent + 1 - o, 3 + o);
    uint8_t cls[4] = {AX_BATCH, AX_M, AX_N, AX_K};
    memcpy(kern->cls, cls + 1 - o, (size_t)(3 + o));
    kern->part = f.part_n ? 1 + o : o;
    Dim mk = dim_mul(dims, M, K), kn = dim_mul(dims, K, N), mn = dim_mul(dims, M, N);
    Dim sa[4] = {mk, f.transposed ? one : K, 0, f.transposed ? M : one}, sb[4] = {kn, 0, f.columns ? K : one, f.columns ? one : N};
    Dim sc[4] = {mn, N, one, 0};
    uint8_t from = f.operands ? DT_wide16 : f.dtype;
    Access a = access_of(buffer(from, dim_mul(dims, batch, mk)), 0, sa + 1 - o, 3 + o);
    Access b = access_of(buffer(from, dim_mul(dims, batch, kn)), 0, sb + 1 - o, 3 + o);
    vec_add(&arena, &kern->rd, a);
    vec_add(&arena, &kern->rd, b);
    uint32_t acc = node((XNode){.kind = X_acc, .dtype = f.dtype, .op = OP_sum});
    uint32_t value = acc;
    if (f.epilogue) {
        Dim sbias[4] = {0, 0, one, 0};
        value = op(f.dtype, OP_add, acc, ld(f.dtype, access_of(buffer(f.dtype, N), 0, sbias + 1 - o, 3 + o)), 0);
        value = f.epilogue && f.transposed ? op(f.dtype, OP_tanh, value, 0, 0) : op(f.dtype, OP_maximum, value, number(f.dtype, 0), 0);
    }
    st(value, access_of(buffer(f.dtype, dim_mul(dims, batch, mn)), 0, sc + 1 - o, 3 + o));
    compile();
    add_product(acc, f.dtype);
}

#endif
