/* links: nnc_codegen nnc_loop nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_loop_amx.c: contractions of operands in bf16 by the tiles of AMX, bit by bit in the order of docs/ir.md, "Operands". Where the
 * processor has no AMX, its instructions trap and are carried out by amx_traps.h. */
#include "loop_kernels.h"

#include "amx_traps.h"

/* False: nothing can be tested here. */
static bool with_amx(void)
{
    more_features = "+amx-tile,+amx-bf16";
    if (amx_usable()) return true;
    fprintf(stderr, "skipped: the processor has no AVX-512\n");
    return false;
}

/* Compiles, and looks that tiles are used where they should be. */
static void compare(Form f, int64_t m, int64_t n, int64_t k, bool tiles)
{
    long before = trap_products;
    f.dtype = DT_f32, f.operands = true;
    gemm(f, m, n, k);
    check(f.epilogue ? 1e-6 : 0); /* which the naive execution computes in double precision */
    if (!amx_is_native()) cr_assert_eq(trap_products > before, tiles, "%lld x %lld x %lld", (long long)m, (long long)n, (long long)k);
    codegen_free(cg);
}

Test(amx, constant)
{
    static const int64_t size[][3] = {{4, 16, 32},  {16, 16, 32}, {17, 31, 33},  {32, 32, 64},   {33, 33, 31}, {48, 48, 100},
                                      {64, 65, 40}, {70, 96, 96}, {31, 100, 70}, {128, 17, 129}, {9, 35, 510}, {40, 80, 17}};
    if (!with_amx()) return;
    for (int i = 0; i < 4 * 12; i++) {
        const int64_t *n = size[i % 12];
        Form f = {.columns = i / 12 % 2, .transposed = i / 24 % 2, .part_n = i % 2, .batched = i % 5 == 0, .epilogue = i % 3 == 0};
        compare(f, n[0], n[1], n[2], true);
    }
}

/* Segments, blocks of K and of columns, whose totals wait. */
Test(amx, long_sums)
{
    static const int64_t size[][3] = {{37, 40, 511},   {37, 40, 512},  {37, 40, 513}, {20, 50, 1100},
                                      {33, 131, 4096}, {40, 33, 4097}, {7, 400, 2600}};
    if (!with_amx()) return;
    for (int i = 0; i < 2 * 7; i++) {
        const int64_t *n = size[i % 7];
        compare((Form){.columns = i % 3 == 0, .transposed = i / 7, .part_n = i % 2}, n[0], n[1], n[2], true);
    }
}

Test(amx, other_contractions)
{
    if (!with_amx()) return;
    compare((Form){0}, 3, 64, 64, false);
    compare((Form){0}, 64, 3, 64, false);

    compare((Form){0}, 64, 64, 6, false);
    compare((Form){0}, 1, 100, 513, false);
}

static void symbolic(Form f)
{
    static const int64_t extents[] = {1, 2, 4, 15, 16, 17, 31, 32, 33, 64, 100};
    enum { N_EXTENTS = sizeof extents / sizeof *extents };
    if (!with_amx()) return;
    f.dtype = DT_f32, f.operands = f.symbolic = f.known_columns = true;
    gemm(f, 2, 40, 2);
    for (int i = 0; i < N_EXTENTS; i++)
        for (int k = 0; k < N_EXTENTS; k++) {
            sizes(extents[i], 40, extents[k], 3);
            check(0);
        }
    static const int64_t sums[] = {0, 512, 513, 1024, 1025, 2100};
    for (int k = 0; k < 6; k++) {
        sizes(35, 40, sums[k], 3);
        check(0);
    }
    if (!amx_is_native()) cr_assert_gt(trap_products, 0);
    codegen_free(cg);
}

Test(amx, symbolic)
{
    symbolic((Form){0});
}
Test(amx, symbolic_transposed)
{
    symbolic((Form){.transposed = true, .batched = true});
}
Test(amx, symbolic_columns)
{
    symbolic((Form){.columns = true, .part_n = true});
}

/* ---- several axes ---- */

typedef struct Window {
    int64_t h, w, taps, channels, outputs, stride, examples;
} Window;

/* The bits of a convolution, or of the gradient of its weights. */
static uint64_t convolution(const Window *s, bool gradient, const char *features)
{
    start();
    noise = 7, only_bits = true, more_features = features;
    sizes(s->examples, 1, 1, 1);
    kern->kind = K_GEMM;
    int64_t c = s->channels, o = s->outputs, pw = (s->w - 1) * s->stride + s->taps, ph = (s->h - 1) * s->stride + s->taps;
    Dim image = D(ph * pw * c), result = D(s->h * s->w * o), pixel = D(s->stride * c), line = D(s->stride * pw * c), one = D(1);
    Dim taps[3] = {D(s->taps), D(s->taps), D(c)}, places[3] = {S(0), D(s->h), D(s->w)};
    uint32_t x = buffer(DT_wide16, dim_mul(dims, S(0), image));
    if (!gradient) {
        axes(3, (Dim[]){places[0], places[1], places[2], D(o), taps[0], taps[1], taps[2]}, 7);
        memcpy(kern->cls, (uint8_t[]){AX_M, AX_M, AX_M, AX_N, AX_K, AX_K, AX_K}, 7);
        vec_add(&arena, &kern->rd, access_of(x, 0, STRIDES(image, line, pixel, 0, D(pw * c), D(c), one)));
        uint32_t weights = buffer(DT_wide16, D(s->taps * s->taps * c * o));
        vec_add(&arena, &kern->rd, access_of(weights, 0, STRIDES(0, 0, 0, one, D(s->taps * c * o), D(c * o), D(o))));
        uint32_t acc = node((XNode){.kind = X_acc, .dtype = DT_f32, .op = OP_sum});
        st(acc, access_of(buffer(DT_f32, dim_mul(dims, S(0), result)), 0, STRIDES(result, D(s->w * o), D(o), one)));
    } else {
        axes(3, (Dim[]){taps[0], taps[1], taps[2], D(o), places[0], places[1], places[2]}, 7);
        memcpy(kern->cls, (uint8_t[]){AX_M, AX_M, AX_M, AX_N, AX_K, AX_K, AX_K}, 7);
        vec_add(&arena, &kern->rd, access_of(x, 0, STRIDES(D(pw * c), D(c), one, 0, image, line, pixel)));
        uint32_t slopes = buffer(DT_wide16, dim_mul(dims, S(0), result));
        vec_add(&arena, &kern->rd, access_of(slopes, 0, STRIDES(0, 0, 0, one, result, D(s->w * o), D(o))));
        uint32_t acc = node((XNode){.kind = X_acc, .dtype = DT_f32, .op = OP_sum});
        st(acc, access_of(buffer(DT_f32, D(s->taps * s->taps * c * o)), 0, STRIDES(D(s->taps * c * o), D(c * o), D(o), one)));
    }
    compile();
    check(0);
    codegen_free(cg);
    only_bits = false;
    return last_bits;
}

/* Segments of the innermost, a middle and the outermost axis of K; blocks of K whose totals wait. */
Test(amx, convolutions)
{
    static const Window windows[] = {{5, 19, 3, 32, 20, 1, 2},  {4, 33, 3, 17, 40, 2, 2},  {3, 16, 2, 70, 33, 1, 3},
                                     {2, 20, 1, 600, 16, 1, 2}, {16, 16, 3, 28, 24, 1, 9}, {7, 40, 2, 16, 16, 1, 5},
                                     {2, 300, 2, 16, 32, 1, 3}, {9, 12, 3, 30, 50, 2, 40}, {4, 20, 3, 32, 20, 1, 0},
                                     {20, 40, 2, 32, 20, 1, 0}};
    const bool usable = with_amx();
    const char *features = more_features;
    for (size_t i = 0; usable && i < sizeof windows / sizeof *windows; i++)
        for (int gradient = 0; gradient < 2; gradient++) {
            long before = trap_products;
            uint64_t want = convolution(&windows[i], gradient, NULL), got = convolution(&windows[i], gradient, features);
            cr_assert_eq(got, want, "window %zu, %s", i, gradient ? "gradient" : "forward");
            if (!amx_is_native() && windows[i].examples)
                cr_assert_gt(trap_products, before, "window %zu, %s", i, gradient ? "gradient" : "forward");
        }
}

/* ---- sums that are looked at ---- */

static int64_t odd_place; /* of A, whose element is infinite; -1: none */

static double one_infinite(uint32_t buf, uint8_t dtype)
{
    static int64_t next;
    static uint32_t last;
    if (buf != last) next = 0, last = buf;
    return buf == 1 && next++ == odd_place ? INFINITY : random_value(buf, dtype);
}

/* A gradient that is not finite is seen, in whatever row and column: 37 x 50 sums over 40. */
Test(amx, looks)
{
    enum { M = 37, N = 50, K = 40 };
    if (!with_amx()) return;
    for (odd_place = -1; odd_place < M * K; odd_place += odd_place < 0 ? 1 : 131) {
        start();
        sizes(1, 1, 1, 1);
        kern->kind = K_GEMM, kern->looks = true;
        axes(1, (Dim[]){D(M), D(N), D(K)}, 3);
        memcpy(kern->cls, (uint8_t[]){AX_M, AX_N, AX_K}, 3);
        vec_add(&arena, &kern->rd, access_of(buffer(DT_wide16, D(M * K)), 0, STRIDES(D(K), 0, D(1))));
        vec_add(&arena, &kern->rd, access_of(buffer(DT_wide16, D(K * N)), 0, STRIDES(0, D(1), D(N))));
        uint32_t acc = node((XNode){.kind = X_acc, .dtype = DT_f32, .op = OP_sum});
        st(acc, access_of(buffer(DT_f32, D(M * N)), 0, STRIDES(D(N), D(1))));
        compile();
        fill_value = one_infinite, only_bits = true;
        check(0);
        fill_value = NULL, only_bits = false;
        codegen_free(cg);
        cr_assert_eq(last_suspect, odd_place >= 0, "element %lld", (long long)odd_place);
    }
}
