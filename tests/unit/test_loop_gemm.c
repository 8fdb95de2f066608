/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_loop_gemm.c: contractions of all shapes. */
#include "loop_kernels.h"

static const int64_t extents[] = {1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 64, 100};
enum { N_EXTENTS = sizeof extents / sizeof *extents };

static void gemm_all_sizes(Form f)
{
    f.symbolic = true;
    gemm(f, 2, 2, 2);
    for (int i = 0; i < N_EXTENTS; i++)
        for (int j = 0; j < N_EXTENTS; j++)
            for (int k = 0; k < N_EXTENTS; k += (i + j) % 3 + 1) {
                if (extents[i] * extents[j] * extents[k] > 40000) continue;
                sizes(extents[i], extents[j], extents[k], 3);
                check(f.dtype == DT_f32 ? 1e-5 : 1e-13);
            }
    codegen_free(cg);
}

Test(loop, gemm_symbolic)
{
    gemm_all_sizes((Form){.dtype = DT_f32});
}
Test(loop, gemm_symbolic_transposed)
{
    gemm_all_sizes((Form){.dtype = DT_f32, .transposed = true, .epilogue = true});
}
Test(loop, gemm_symbolic_blocked)
{
    gemm_all_sizes((Form){.dtype = DT_f32, .transposed = true, .batched = true});
}
Test(loop, gemm_symbolic_batched)
{
    gemm_all_sizes((Form){.dtype = DT_f32, .batched = true, .epilogue = true});
}
Test(loop, gemm_symbolic_columns)
{
    gemm_all_sizes((Form){.dtype = DT_f32, .part_n = true});
}
Test(loop, gemm_symbolic_f64)
{
    gemm_all_sizes((Form){.dtype = DT_f64, .epilogue = true});
}
Test(loop, gemm_symbolic_int)
{
    gemm_all_sizes((Form){.dtype = DT_i32});
}

/* Longer than a segment, at its border, with sizes known at run time and before: the same bits. */
static void gemm_long(Form f, int64_t m, int64_t n)
{
    static const int64_t length[] = {511, 512, 513, 1024, 1500, 2049};
    double tolerance = f.dtype == DT_f32 ? 2e-5 : 1e-13;
    for (int i = 0; i < 6; i++) {
        f.symbolic = false;
        gemm(f, m, n, length[i]);
        check(tolerance);
        uint64_t known = last_bits;
        noise = last_noise;
        codegen_free(cg);
        f.symbolic = true;
        gemm(f, m, n, length[i]);
        check(tolerance);
        cr_assert_eq(known, last_bits, "length %lld", (long long)length[i]);
        codegen_free(cg);
    }
}

Test(loop, gemm_long_sums)
{
    gemm_long((Form){.dtype = DT_f32}, 9, 35);
    gemm_long((Form){.dtype = DT_f32, .epilogue = true}, 1, 1);
    gemm_long((Form){.dtype = DT_f32, .transposed = true}, 11, 37);
    gemm_long((Form){.dtype = DT_f32, .transposed = true, .batched = true, .part_n = true}, 5, 17);
    gemm_long((Form){.dtype = DT_f64, .transposed = true}, 3, 9);
    gemm_long((Form){.dtype = DT_f32, .columns = true, .batched = true, .epilogue = true}, 9, 35);
}

Test(loop, gemm_constant)
{
    for (int i = 0; i < N_EXTENTS; i++)
        for (int j = 0; j < N_EXTENTS; j++) {
            if ((i + j) % 2) continue;
            Form f = {.dtype = DT_f32, .transposed = i % 4 == 0, .columns = j % 4 == 1, .epilogue = j % 3 == 0, .part_n = i % 3 == 0};
            gemm(f, extents[i], extents[j], extents[(i * 5 + j) % N_EXTENTS]);
            check(1e-5);
            codegen_free(cg);
        }
}

/* What takes wide tiles, blocks of K and of columns, and copies of B, with what is left at every side: the bits are those of the same
 * contraction with sizes known at run time, which has none of these. */
Test(loop, gemm_blocks)
{
    static const int64_t size[][3] = {{200, 37, 80}, {193, 100, 1100}, {97, 261, 530}, {200, 144, 1024}, {30, 1024, 70}, {7, 65, 1200}};
    for (int i = 0; i < 3 * 6; i++) {
        const int64_t *n = size[i % 6];
        Form f = {
            .dtype = i % 5 ? DT_f32 : DT_f64, .columns = i / 6 == 1, .transposed = i / 6 == 2, .part_n = i % 2, .epilogue = i % 4 == 2};
        only_bits = n[0] * n[1] * n[2] > 1 << 20;
        gemm(f, n[0], n[1], n[2]);
        check(f.dtype == DT_f32 ? 3e-5 : 1e-13);
        uint64_t known = last_bits;
        noise = last_noise;
        codegen_free(cg);
        f.symbolic = true;
        gemm(f, n[0], n[1], n[2]);
        check(f.dtype == DT_f32 ? 3e-5 : 1e-13);
        cr_assert_eq(known, last_bits, "%lld x %lld x %lld", (long long)n[0], (long long)n[1], (long long)n[2]);
        codegen_free(cg);
    }
}

/* One row, and a number of rows that may be one: wide panels, a few rows of B at a time; with columns left of every kind and sums that are
 * cut. The bits are those of sizes known at run time. */
static void one_row(Form f, int64_t n, int64_t k)
{
    uint64_t known = 0;
    uint32_t seed = noise;
    for (int i = 0; i < 3; i++) {
        noise = seed;
        f.symbolic = i > 0, f.known_columns = i == 1;
        gemm(f, 1, n, k);
        check(f.dtype == DT_f32 ? 3e-5 : 1e-13);
        if (i == 0) known = last_bits;
        cr_assert_eq(known, last_bits, "%lld columns, %lld products, %d", (long long)n, (long long)k, i);
        codegen_free(cg);
    }
}

Test(loop, gemm_one_row)
{
    static const int64_t columns[] = {65, 100, 129, 256, 383, 385, 400, 784, 1025}, products[] = {0, 1, 7, 8, 9, 40, 511, 513, 1032};
    for (int i = 0; i < 9; i++)
        for (int j = i % 2; j < 9; j += 2) {
            Form f = {.dtype = (i + j) % 4 == 2 ? DT_f64 : DT_f32, .part_n = j % 4 < 2, .batched = (i * j) % 5 == 2};
            f.epilogue = j % 3 == 0, f.transposed = i % 3 == 0;
            if ((i + j) % 7 == 4) f = (Form){.dtype = DT_i32, .part_n = j % 2};
            one_row(f, columns[i], products[j]);
        }
}

/* Sums of more columns than are kept at a time; a number of rows that is one in this call only. */
Test(loop, gemm_one_row_wide)
{
    one_row((Form){.dtype = DT_f32}, 4096 + 17, 20);
    one_row((Form){.dtype = DT_f32}, 5000, 20); /* panels do not divide the columns that could be kept */
    one_row((Form){.dtype = DT_f32, .part_n = true, .epilogue = true, .transposed = true}, 2 * 4096 + 1, 520);
    for (int known = 0; known < 2; known++) {
        gemm((Form){.dtype = DT_f32, .symbolic = true, .known_columns = true, .part_n = known}, 1, 200, 30);
        for (int m = 0; m < 5; m++) {
            sizes(m, 200, 30, 3);
            check(1e-5);
        }
        codegen_free(cg);
    }
}

/* Few rows of one vector: those of two indices of the axis around them make a tile, with one index left or none; long sums, blocks of K, and
 * an epilogue that reads rows, too. */
static void pairs(int64_t rows, int64_t columns, int64_t k, bool across, bool divided)
{
    start();
    Dim m = D(rows), apart = D(rows + 1), n = D(columns), outer = S(0), one = D(1), inner = dim_mul(dims, m, n),
        all = dim_mul(dims, outer, apart);
    kern->kind = K_GEMM;
    axes(1, (Dim[]){outer, m, n, D(k)}, 4);
    memcpy(kern->cls, (uint8_t[]){AX_M, AX_M, AX_N, AX_K}, 4);
    kern->part = divided ? 0 : -1;
    uint32_t a = buffer(DT_f32, dim_mul(dims, all, D(k)));
    Dim lines = dim_mul(dims, apart, D(k));
    vec_add(&arena, &kern->rd, across ? access_of(a, 0, STRIDES(apart, one, 0, all)) : access_of(a, 0, STRIDES(lines, D(k), 0, one)));
    vec_add(&arena, &kern->rd, access_of(buffer(DT_f32, D(k * columns)), 0, STRIDES(0, 0, one, n)));
    uint32_t acc = node((XNode){.kind = X_acc, .dtype = DT_f32, .op = OP_sum});
    uint32_t by = ld(DT_f32, access_of(buffer(DT_f32, dim_mul(dims, outer, inner)), 0, STRIDES(inner, n, one, 0)));
    st(op(DT_f32, OP_mul, acc, by, 0), access_of(buffer(DT_f32, dim_mul(dims, outer, inner)), 0, STRIDES(inner, n, one, 0)));
    compile();
    add_product(acc, DT_f32);
    for (int around = 1; around < 6; around++) {
        sizes(around, 1, 1, 1);
        check(3e-5);
    }
    codegen_free(cg);
}

Test(loop, gemm_pairs)
{
    pairs(5, 6, 784, false, true);
    pairs(5, 6, 1100, true, true);
    pairs(3, 16, 40, true, false);
    pairs(7, 1, 513, false, false);
    pairs(4, 13, 600, true, false);
    pairs(1, 9, 33, false, true);
}

/* Rows of two axes: tiles go along the known one, though a batch is the last. */
Test(loop, gemm_batch_inside)
{
    for (int known = 13; known < 15; known++)
        for (int part = 0; part < 3; part++) {
            start();
            sizes(1, 1, 1, 1);
            kern->kind = K_GEMM;
            int64_t n = 70, k = 20;
            axes(1, (Dim[]){D(known), S(0), D(n), D(k)}, 4);
            memcpy(kern->cls, (uint8_t[]){AX_M, AX_M, AX_N, AX_K}, 4);
            kern->part = part;
            vec_add(&arena, &kern->rd,
                    access_of(buffer(DT_f32, dim_mul(dims, S(0), D(known * k))), 0, STRIDES(D(k), D(known * k), 0, D(1))));
            vec_add(&arena, &kern->rd, access_of(buffer(DT_f32, D(n * k)), 0, STRIDES(0, 0, D(1), D(n))));
            uint32_t acc = node((XNode){.kind = X_acc, .dtype = DT_f32, .op = OP_sum});
            Dim across = dim_mul(dims, S(0), D(n));
            st(acc, access_of(buffer(DT_f32, dim_mul(dims, S(0), D(known * n))), 0, STRIDES(across, D(n), D(1), 0)));
            compile();
            add_product(acc, DT_f32);
            for (int batch = 1; batch < 5; batch++) {
                sizes(batch, 1, 1, 1);
                check(1e-5);
            }
            codegen_free(cg);
        }
}

/* Convolution 3x3 of an already padded image: several M and K axes. */
Test(loop, gemm_convolution)
{
    for (int c = 1; c < 20; c += 6) {
        start();
        int64_t h = 5, w = 6, o = 18, ph = h + 2, pw = w + 2;
        sizes(4, 1, 1, 1);
        kern->kind = K_GEMM;
        axes(3, (Dim[]){S(0), D(h), D(w), D(o), D(3), D(3), D(c)}, 7);
        memcpy(kern->cls, (uint8_t[]){AX_M, AX_M, AX_M, AX_N, AX_K, AX_K, AX_K}, 7);
        Dim image = D(ph * pw * c);
        vec_add(&arena, &kern->rd,
                access_of(buffer(DT_f32, dim_mul(dims, S(0), image)), 0, STRIDES(image, D(pw * c), D(c), 0, D(pw * c), D(c), D(1))));
        vec_add(&arena, &kern->rd, access_of(buffer(DT_f32, D(9 * c * o)), 0, STRIDES(0, 0, 0, D(1), D(3 * c * o), D(c * o), D(o))));
        uint32_t acc = node((XNode){.kind = X_acc, .dtype = DT_f32, .op = OP_sum});
        st(acc, access_of(buffer(DT_f32, dim_mul(dims, S(0), D(h * w * o))), 0, STRIDES(D(h * w * o), D(w * o), D(o), D(1))));
        compile();
        add_product(acc, DT_f32);
        check(1e-5);
        codegen_free(cg);
    }
}

/* ---- where A varies along the vectors, too ---- */

typedef struct Windows { /* of one side: of the image w * stride + dil * (window - 1) wide */
    int64_t h, w, channels, window, stride, dil;
    bool symbolic, backwards, part_n, epilogue; /* backwards: taps from the last to the first, as in a gradient */
    uint8_t dtype;
} Windows;

static void side_by_side(Windows s, bool gradient)
{
    start();
    int64_t n = 3, c = s.channels, reach = s.dil * (s.window - 1) + 1, iw = (s.w - 1) * s.stride + reach, ih = (s.h - 1) * s.stride + reach;
    sizes(n, s.w, c, 1);
    Dim W = s.symbolic ? S(1) : D(s.w), C = s.symbolic ? S(2) : D(c);
    Dim pixels = D(s.window * s.window), sign = D(s.backwards ? -1 : 1);
    Dim column = C, row = dim_mul(dims, D(iw), C), image = dim_mul(dims, D(ih), row), rows = D(s.stride);
    Dim taps = dim_mul(dims, D(s.dil), sign);
    Dim line = dim_mul(dims, W, C), kc = dim_mul(dims, D(s.window), C), all = dim_mul(dims, D(s.h), line), off = D(0);
    if (s.backwards) off = dim_mul(dims, D(s.dil * (s.window - 1)), dim_add(dims, row, column));
    Dim to_w = dim_mul(dims, rows, column), to_h = dim_mul(dims, rows, row);
    Dim tap_w = dim_mul(dims, taps, column), tap_h = dim_mul(dims, taps, row);
    kern->kind = K_GEMM;
    Dim taps_all = dim_mul(dims, pixels, C), results = dim_mul(dims, S(0), all);
    uint32_t x = buffer(s.dtype, dim_mul(dims, S(0), image)), w = buffer(s.dtype, gradient ? results : taps_all);
    Dim one = D(1), k = D(s.window), h = D(s.h);
    uint32_t out = buffer(s.dtype, gradient ? taps_all : results);
    Access to;
    if (gradient) {
        axes(3, (Dim[]){k, k, C, S(0), h, W}, 6);
        memcpy(kern->cls, (uint8_t[]){AX_M, AX_M, AX_N, AX_K, AX_K, AX_K}, 6);
        vec_add(&arena, &kern->rd, access_of(x, off, STRIDES(tap_h, tap_w, one, image, to_h, to_w)));
        vec_add(&arena, &kern->rd, access_of(w, 0, STRIDES(0, 0, one, all, line, C)));
        to = access_of(out, 0, STRIDES(kc, C, one));
    } else {
        axes(2, (Dim[]){S(0), h, W, C, k, k}, 6);
        memcpy(kern->cls, (uint8_t[]){AX_M, AX_M, AX_M, AX_N, AX_K, AX_K}, 6);
        vec_add(&arena, &kern->rd, access_of(x, off, STRIDES(image, to_h, to_w, one, tap_h, tap_w)));
        vec_add(&arena, &kern->rd, access_of(w, 0, STRIDES(0, 0, 0, one, kc, C)));
        to = access_of(out, 0, STRIDES(all, line, C, one));
    }
    kern->part = s.part_n ? gradient ? 2 : 3 : gradient ? 1 : 2;
    uint32_t acc = node((XNode){.kind = X_acc, .dtype = s.dtype, .op = OP_sum}), value = acc;
    if (s.epilogue) value = op(s.dtype, OP_tanh, acc, 0, 0);
    st(value, to);
    compile();
    add_product(acc, s.dtype);
    check(s.dtype == DT_f64 ? 1e-13 : gradient ? 3e-5 : 1e-5);
    codegen_free(cg);
}

/* Every width up to two tiles, channels with and without tails, windows with shared pixels and without; the bits do not depend on
 * what is known before run time. */
static void windows(bool gradient)
{
    static const int64_t width[] = {1, 2, 3, 4, 7, 8, 9, 13, 17}, channels[] = {1, 3, 16, 17, 32, 48, 50, 64};
    for (int i = 0; i < 9 * 8; i++) {
        Windows s = {.h = 1 + i % 3, .w = width[i % 9], .channels = channels[i / 9], .window = 1 + (i * 5 + 2) % 9, .stride = 1 + i % 2};
        s.dil = 1 + i % 5 / 4, s.backwards = i % 4 == 1, s.part_n = i % 3 == 1, s.epilogue = i % 7 == 3;
        if (i % 5) s.window = 3;
        s.dtype = i % 11 == 5 ? DT_f64 : DT_f32;
        if (s.channels == 1 && s.window == 1) s.window = 2;
        noise = 0;
        side_by_side(s, gradient);
        uint64_t known = last_bits;
        noise = last_noise;
        s.symbolic = true;
        side_by_side(s, gradient);
        cr_assert_eq(known, last_bits, "%lld pixels, %lld channels, %lld taps", (long long)s.w, (long long)s.channels, (long long)s.window);
    }
}

Test(loop, gemm_side_by_side)
{
    windows(false);
}
Test(loop, gemm_side_by_side_gradient)
{
    windows(true);
}
/* Sums of more than one segment: blocks of K. */
Test(loop, gemm_side_by_side_long)
{
    for (int i = 0; i < 4; i++) {
        Windows s = {.h = 20, .w = 31 + i, .channels = 17 + 16 * i, .window = 3 + i % 2 * 2, .dil = 1};
        s.stride = 1 + i / 3, s.dtype = DT_f32, s.part_n = i == 1;
        noise = 0;
        side_by_side(s, true);
        uint64_t known = last_bits;
        noise = last_noise;
        s.symbolic = true;
        side_by_side(s, true);
        cr_assert_eq(known, last_bits);
    }
}

typedef struct Narrow { /* a convolution to few channels, of an already padded image */
    int64_t rows, pixels, channels, outputs, kh, kw, step, dil; /* step: lines from row to row; dil < 0: taps go back */
    bool epilogue, part_row;
} Narrow;

static uint64_t narrow(const Narrow *n, bool symbolic)
{
    start();
    int64_t back = n->dil < 0 ? -1 : 1, dil = n->dil * back, c = n->channels, o = n->outputs;
    int64_t lines = (n->rows - 1) * n->step + n->kh, width = n->pixels + dil * (n->kw - 1), pitch = width * c;
    Dim first = D(n->dil < 0 ? ((n->kh - 1) * pitch + dil * (n->kw - 1) * c) : 0), O = symbolic ? S(1) : D(o);
    sizes(3, o, 1, 1);
    kern->kind = K_GEMM;
    axes(3, (Dim[]){S(0), D(n->rows), D(n->pixels), O, D(n->kh), D(n->kw), D(c)}, 7);
    memcpy(kern->cls, (uint8_t[]){AX_M, AX_M, AX_M, AX_N, AX_K, AX_K, AX_K}, 7);
    kern->part = n->part_row;
    Dim image = D(lines * pitch), line = D(n->step * pitch), made = dim_mul(dims, D(n->rows * n->pixels), O);
    Access a = access_of(buffer(DT_f32, dim_mul(dims, S(0), image)), first,
                         STRIDES(image, line, D(c), 0, D(back * pitch), D(back * dil * c), D(1)));
    vec_add(&arena, &kern->rd, a);
    Access b = access_of(buffer(DT_f32, dim_mul(dims, D(n->kh * n->kw * c), O)), 0,
                         STRIDES(0, 0, 0, D(1), dim_mul(dims, D(n->kw * c), O), dim_mul(dims, D(c), O), O));
    vec_add(&arena, &kern->rd, b);
    Dim to[4] = {made, dim_mul(dims, D(n->pixels), O), O, D(1)};
    uint32_t acc = node((XNode){.kind = X_acc, .dtype = DT_f32, .op = OP_sum}), value = acc;
    if (n->epilogue) {
        value = op(DT_f32, OP_add, acc, ld(DT_f32, access_of(buffer(DT_f32, O), 0, STRIDES(0, 0, 0, D(1)))), 0);
        value = op(DT_f32, OP_mul, value, ld(DT_f32, access_of(buffer(DT_f32, dim_mul(dims, S(0), made)), 0, to, 4)), 0);
    }
    st(value, access_of(buffer(DT_f32, dim_mul(dims, S(0), made)), 0, to, 4));
    compile();
    add_product(acc, DT_f32);
    only_bits = n->rows * n->pixels * n->kh * n->kw * n->channels * n->outputs > 1 << 20;
    check(1e-4);
    only_bits = false;
    codegen_free(cg);
    return last_bits;
}

/* Vectors along rows: the bits are those of the contraction whose columns are not known, which has them along columns. */
Test(loop, gemm_turned)
{
    static const Narrow all[] = {
        {5, 16, 7, 12, 3, 3, 1, 1, false, false}, {9, 32, 24, 12, 3, 3, 1, 1, true, false}, {40, 32, 60, 12, 3, 3, 1, 1, false, true},
        {5, 31, 17, 7, 3, 5, 2, 1, true, true},   {6, 64, 3, 6, 2, 3, 1, 2, false, false},  {5, 28, 4, 11, 3, 3, 1, -1, true, false},
        {4, 16, 18, 8, 2, 4, 2, -2, false, true}, {7, 48, 33, 12, 1, 5, 1, 1, true, false}, {1, 32, 16, 10, 3, 3, 1, 1, true, false},
        {6, 95, 40, 9, 5, 2, 1, 1, false, false}, {7, 30, 2, 12, 7, 7, 1, 1, true, true},   {3, 16, 128, 12, 3, 3, 3, 1, false, false},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        uint64_t turned = narrow(&all[i], false);
        noise = last_noise;
        cr_assert_eq(turned, narrow(&all[i], true), "shape %zu", i);
    }
}
