/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_loop_operands.c: contractions of operands that are rounded to bf16, bit by bit in the order of docs/ir.md, "Operands". */
#include "loop_kernels.h"

static const int64_t extents[] = {1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 64, 100};
enum { N_EXTENTS = sizeof extents / sizeof *extents };

static void all_sizes(Form f)
{
    f.dtype = DT_f32, f.operands = f.symbolic = true;
    gemm(f, 2, 2, 2);
    for (int i = 0; i < N_EXTENTS; i++)
        for (int j = 0; j < N_EXTENTS; j++)
            for (int k = 0; k < N_EXTENTS; k += (i + j) % 3 + 1) {
                if (extents[i] * extents[j] * extents[k] > 40000) continue;
                sizes(extents[i], extents[j], extents[k], 3);
                check(0);
            }
    codegen_free(cg);
}

Test(loop, operands_symbolic)
{
    all_sizes((Form){0});
}
Test(loop, operands_symbolic_transposed)
{
    all_sizes((Form){.transposed = true, .batched = true});
}
Test(loop, operands_symbolic_columns)
{
    all_sizes((Form){.part_n = true});
}

Test(loop, operands_constant)
{
    for (int i = 0; i < N_EXTENTS; i++)
        for (int j = 0; j < N_EXTENTS; j++) {
            if ((i + j) % 2) continue;
            Form f = {.dtype = DT_f32, .operands = true, .transposed = i % 4 == 0, .columns = j % 4 == 1, .part_n = i % 3 == 0};
            gemm(f, extents[i], extents[j], extents[(i * 5 + j) % N_EXTENTS]);
            check(0);
            codegen_free(cg);
        }
}

/* Segments, blocks of K and of columns, copies of B, tiles of all heights; one row with a stream of B. */
Test(loop, operands_blocks)
{
    static const int64_t size[][3] = {{200, 37, 80}, {193, 50, 1100}, {97, 131, 530}, {30, 256, 70}, {7, 65, 1200}, {9, 35, 511},
                                      {9, 35, 512},  {9, 35, 513},    {11, 37, 1500}, {1, 100, 513}, {1, 385, 96},  {1, 129, 1032}};
    for (int i = 0; i < 3 * 12; i++) {
        const int64_t *n = size[i % 12];
        Form f = {.dtype = DT_f32, .operands = true, .columns = i / 12 == 1, .transposed = i / 12 == 2, .part_n = i % 2};
        gemm(f, n[0], n[1], n[2]);
        check(0);
        codegen_free(cg);
    }
}

static double special(uint32_t buf, uint8_t dtype)
{
    static const double values[] = {0,         -0.0,      1,          -1,         INFINITY,       -INFINITY,     NAN,
                                    0x1p-56,   0x1p-57,   -0x1.8p-57, 0x1p-126,   0x1.01p0,       0x1.03p0,      0x1.018p0,
                                    0x1.008p0, -0x1.03p0, 0x1.fep127, 0x1.ffp127, 0x1.fffffep127, 0x1.fffffep-57};
    static int next;
    (void)buf;
    (void)dtype;
    return values[next++ % (int)(sizeof values / sizeof *values)];
}

/* Numbers as operands: halves to the even one, what is small 0, infinities and NaN themselves. */
Test(loop, operands_rounding)
{
    start();
    axes(0, (Dim[]){S(0)}, 1);
    uint32_t x = ld(DT_f32, access_of(buffer(DT_f32, S(0)), 0, STRIDES(D(1))));
    st(op(DT_wide16, OP_cast, x, 0, 0), access_of(buffer(DT_wide16, S(0)), 0, STRIDES(D(1))));
    compile();
    fill_value = special;
    sizes(60, 1, 1, 1);
    check(0);
    fill_value = NULL;
    cr_assert_eq(round_wide16(0x1.01p0), 0x1p0);
    cr_assert_eq(round_wide16(0x1.03p0), 0x1.04p0);
    cr_assert_eq(round_wide16(-0x1.018p0), -0x1.02p0);
    cr_assert_eq(round_wide16(0x1.fffffep-57), 0);
    cr_assert_eq(round_wide16(0x1p-56), 0x1p-56);
    cr_assert_eq(round_wide16(0x1.ffp127), INFINITY);
    codegen_free(cg);
}
