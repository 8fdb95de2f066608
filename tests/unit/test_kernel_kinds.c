/* links: nnc_gen nnc_oracle nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel_kinds.c: each kind of kernel by itself: rows, convolutions, sums, moments, joined and indexed values. */
#include "kernel_check.h"

TestSuite(kernel_kinds, .init = begin, .fini = compare_listings, .timeout = 300);

Test(kernel_kinds, normalisation)
{
    Ref x = input("x", F32(B, L, D(6))), gamma = input("g", F32(D(6)));
    Ref n = build_like(g, reduce_last(OP_sum, x), 1.0 / 6);
    Ref c = build_binary(g, OP_sub, x, spread(build_binary(g, OP_mul, reduce_last(OP_sum, x), n), x));
    Ref var = build_binary(g, OP_mul, reduce_last(OP_sum, build_binary(g, OP_mul, c, c)), n);
    Ref sd = build_unary(g, OP_sqrt, build_binary(g, OP_add, var, build_like(g, var, 1e-3)));
    result(plus_bias(build_binary(g, OP_div, c, spread(sd, c)), gamma));
    int rows[2] = {0, 1}; /* over the batch */
    Ref m = scaled(build_reduce(g, OP_sum, x, rows, 2), 0.01);
    Ref d = build_binary(g, OP_sub, x, build_broadcast_to(g, m, *graph_type(g, x)));
    Ref v = scaled(build_reduce(g, OP_sum, build_binary(g, OP_mul, d, d), rows, 2), 0.01);
    Ref s = build_unary(g, OP_sqrt, build_binary(g, OP_add, v, build_like(g, v, 1e-3)));
    result(build_binary(g, OP_div, d, build_broadcast_to(g, s, *graph_type(g, d))));
    result(v);
    check();
}

Test(kernel_kinds, several_axes)
{
    Ref x = input("x", F32(B, D(3), L, D(4)));
    int odd[2] = {1, 3}, even[2] = {0, 2}, outer[2] = {0, 1};
    result(build_reduce(g, OP_argmax, x, odd, 2));
    result(build_reduce(g, OP_max, x, even, 2));
    result(build_reduce(g, OP_sum, build_unary(g, OP_tanh, x), outer, 2));
    result(build_reduce(g, OP_argmax, x, even, 2));
    result(build_reduce(g, OP_max, build_binary(g, OP_less, x, build_like(g, x, -0.9)), odd, 2));
    check();
}

static void convolution(int64_t groups, int64_t stride, int64_t dil, int64_t lo, int64_t hi, int64_t k, int64_t height, int64_t width,
                        int64_t channels, int64_t outputs)
{
    start();
    Conv c = {.groups = groups,
              .stride = {stride, stride},
              .dil = {dil, dil},
              .lo = {D(lo), D(lo)},
              .hi = {D(hi), D(hi)},
              .k = {D(k), D(k)},
              .extent = {D(height), D(width)}};
    Ref x = input("x", F32(B, c.extent[0], c.extent[1], D(channels)));
    Ref w = input("w", F32(c.k[0], c.k[1], D(channels / c.groups), D(outputs)));
    Ref y = build_conv(g, x, w, &c);
    result(relu(y));
    c.mode = 1;
    result(build_conv(g, y, w, &c));
    c.mode = 2;
    result(build_conv(g, x, y, &c));
    check();
}

Test(kernel_kinds, convolutions)
{
    convolution(1, 1, 1, 1, 1, 3, 5, 6, 3, 4);
    convolution(1, 2, 1, 1, 0, 3, 7, 6, 2, 3);
    convolution(1, 1, 2, 2, 2, 3, 6, 6, 1, 2);
    convolution(2, 2, 1, 0, 0, 2, 6, 8, 4, 6);
    convolution(4, 1, 1, 1, 1, 3, 5, 4, 4, 4); /* depthwise */
    convolution(3, 1, 1, 0, 0, 3, 5, 4, 3, 6);
    convolution(1, 1, 1, 2, 3, 2, 4, 5, 2, 2); /* more padding than the kernel reaches */
    convolution(1, 3, 1, 2, 2, 2, 4, 7, 2, 2);
    convolution(1, 1, 1, 0, 0, 1, 4, 5, 3, 5);
}

/* A computed value that convolutions with different borders, and others, read: it is stored with room for the widest. */
static void bordered(int64_t height, int64_t width, int64_t channels)
{
    start();
    Ref x = relu(input("x", F32(B, D(height), D(width), D(channels))));
    int64_t reach[3][2][2] = {{{1, 1}, {1, 1}}, {{2, 0}, {1, 3}}, {{0, 0}, {0, 0}}}; /* before, behind: rows, columns */
    for (int i = 0; i < 3; i++) {
        Conv c = {.groups = 1, .stride = {1 + i / 2, 1}, .dil = {1, 1}, .k = {D(3 - i), D(3 - i)}};
        c.extent[0] = D(height), c.extent[1] = D(width);
        for (int a = 0; a < 2; a++)
            c.lo[a] = D(reach[i][a][0]), c.hi[a] = D(reach[i][a][1]);
        Ref w = input("w", F32(c.k[0], c.k[1], D(channels), D(5))), y = relu(build_conv(g, x, w, &c));
        result(y);
        c.mode = 2;
        result(build_conv(g, x, y, &c));
        c.mode = 1;
        result(build_conv(g, y, w, &c));
    }
    result(build_binary(g, OP_mul, x, x));
    result(reduce_last(OP_sum, x));
    check();
}

Test(kernel_kinds, borders_are_part_of_a_buffer)
{
    bordered(5, 6, 3);
    bordered(1, 7, 4);
    bordered(6, 2, 1);
    bordered(7, 7, 5);
    bordered(4, 5, 2);
    bordered(9, 9, 2);
    uint32_t copies = 0, borders = 0;
    KProgram *p = build(g, false, false);
    for (uint32_t i = 0; i < p->kernel.n; i++) {
        borders += strstr(p->kernel.at[i]->name, "margin") != NULL;
        copies += strstr(p->kernel.at[i]->name, "conv_pad") != NULL;
    }
    cr_assert(borders > 0);
    cr_assert(copies == 0);
}

/* Phases of the data gradient: groups, stride, dilation, padding, kernel, image, channels. */
Test(kernel_kinds, strided_convolutions)
{
    convolution(1, 2, 1, 1, 1, 4, 6, 7, 2, 3);
    convolution(1, 2, 1, 0, 0, 1, 5, 6, 2, 2); /* phases without taps */
    convolution(1, 3, 1, 0, 1, 3, 6, 7, 2, 3); /* one phase for all, but for the last column */
    convolution(1, 2, 1, 0, 0, 2, 4, 6, 1, 3);
    convolution(1, 4, 1, 2, 3, 2, 7, 9, 2, 2);
    convolution(1, 2, 2, 1, 2, 3, 7, 6, 2, 2); /* every second row has no taps */
    convolution(1, 3, 2, 2, 1, 3, 8, 9, 2, 2);
    convolution(1, 6, 4, 5, 4, 3, 11, 13, 1, 2);
    convolution(1, 2, 1, 4, 5, 3, 4, 3, 2, 2);  /* more padding than the kernel reaches */
    convolution(1, 5, 1, 0, 0, 1, 1, 2, 2, 2);  /* fewer rows than the stride */
    convolution(4, 2, 1, 1, 1, 3, 5, 6, 4, 4);  /* depthwise */
    convolution(3, 2, 1, 0, 0, 2, 4, 6, 3, 3);  /* depthwise, without overlap */
    convolution(4, 2, 1, 1, 1, 2, 6, 8, 4, 4);
    convolution(2, 3, 1, 1, 0, 4, 9, 8, 4, 6);
}

/* To few channels: products of all taps, of a row or of the window, are added where they overlap. Mode 0 has stride 1. */
static void narrow(int mode, int64_t stride, int64_t dil, int64_t lo, int64_t hi, int64_t kh, int64_t kw, int64_t from, int64_t to)
{
    start();
    Conv c = {.mode = mode, .groups = 1, .stride = {stride, stride}, .dil = {dil, 1}, .lo = {D(lo), D(hi)}, .hi = {D(hi), D(lo)}};
    c.k[0] = D(kh), c.k[1] = D(kw);
    c.extent[0] = D(7), c.extent[1] = D(8);
    Dim rows = conv_out_extent(g, &c, 0), columns = conv_out_extent(g, &c, 1);
    Ref v = input("v", mode ? F32(B, rows, columns, D(from)) : F32(B, c.extent[0], c.extent[1], D(from)));
    Ref w = input("w", mode ? F32(c.k[0], c.k[1], D(to), D(from)) : F32(c.k[0], c.k[1], D(from), D(to)));
    result(relu(build_conv(g, v, w, &c)));
    check();
    KProgram *p = build(g, false, false);
    bool found = false;
    for (uint32_t i = 1; i < p->buf.n; i++)
        found |= strcmp(p->buf.at[i].name, "products") == 0;
    cr_assert(found, "mode %d, %lld to %lld channels", mode, (long long)from, (long long)to);
}

Test(kernel_kinds, convolutions_to_few_channels)
{
    narrow(1, 1, 1, 0, 0, 5, 5, 16, 6);
    narrow(1, 2, 1, 1, 1, 4, 4, 32, 1);
    narrow(1, 2, 1, 1, 0, 3, 3, 32, 2);
    narrow(1, 3, 1, 0, 0, 2, 2, 24, 2); /* rows without taps */
    narrow(1, 3, 2, 2, 2, 2, 4, 40, 3);
    narrow(1, 2, 2, 1, 2, 3, 3, 32, 5); /* every second row has no taps */
    narrow(1, 1, 1, 3, 4, 2, 3, 20, 1); /* more padding than the window reaches */
    narrow(1, 2, 1, 0, 0, 4, 1, 48, 1);
    narrow(0, 1, 1, 1, 1, 3, 3, 16, 1);
    narrow(0, 1, 2, 2, 2, 3, 5, 12, 3);
    narrow(0, 1, 1, 0, 1, 1, 5, 33, 2);
    narrow(0, 1, 1, 4, 3, 5, 5, 9, 2);
}

/* What a convolution reads with padding is made inside of the padding, whoever else reads it. */
static void inside(int64_t h, int64_t w, int64_t lo, int64_t hi, int64_t stride, int64_t k)
{
    start();
    Conv c = {.groups = 1, .stride = {stride, 1}, .dil = {1, 1}, .lo = {D(lo), D(hi)}, .hi = {D(hi), D(lo)}, .k = {D(k), D(k)}};
    c.extent[0] = h ? D(h) : B, c.extent[1] = D(w);
    Ref x = build_unary(g, OP_exp, input("x", F32(h ? dim_add(dims, B, D(1)) : D(2), c.extent[0], c.extent[1], D(9))));
    Ref v = input("w", F32(c.k[0], c.k[1], D(9), D(16))), y = relu(build_conv(g, x, v, &c));
    Conv other = c, back = c;
    other.stride[0] = other.stride[1] = 1;
    other.lo[0] = other.lo[1] = other.hi[0] = other.hi[1] = D(0);
    other.k[0] = other.k[1] = D(1);
    back.mode = 1;
    result(build_reduce(g, OP_sum, build_conv(g, x, input("u", F32(D(1), D(1), D(9), D(2))), &other), (int[]){1, 2}, 2));
    result(build_reduce(g, OP_sum, build_binary(g, OP_mul, x, x), (int[]){0, 1, 2}, 3));
    result(build_conv(g, y, v, &back)); /* y is the root of a contraction */
    back.mode = 2;
    result(build_conv(g, x, y, &back));
    check();
    KProgram *p = build(g, false, false);
    for (uint32_t i = 0; i < p->kernel.n; i++)
        cr_assert(!strstr(p->kernel.at[i]->name, "pad"), "%s", p->kernel.at[i]->name);
}

Test(kernel_kinds, convolution_of_a_computed_value)
{
    inside(5, 6, 1, 1, 1, 3);
    inside(8, 7, 0, 2, 2, 3);
    inside(0, 4, 1, 1, 1, 3); /* rows are known at run time */
}

/* Gradients of weights whose channels are rows, and taps columns. */
Test(kernel_kinds, weights_of_few_channels)
{
    convolution(1, 1, 1, 1, 1, 3, 5, 6, 8, 12);
    convolution(1, 2, 1, 0, 1, 2, 6, 7, 9, 3);
    convolution(1, 1, 1, 0, 0, 1, 4, 4, 20, 2); /* a product, without a window */
    start();
    Conv c = {.mode = 2, .groups = 1, .stride = {1, 2}, .dil = {2, 1}, .lo = {D(1), D(2)}, .hi = {D(2), D(0)}, .k = {D(3), D(2)}};
    c.extent[0] = dim_add(dims, B, D(2)), c.extent[1] = D(9);
    Ref x = input("x", F32(B, c.extent[0], c.extent[1], D(17)));
    Ref y = input("y", F32(B, conv_out_extent(g, &c, 0), conv_out_extent(g, &c, 1), D(2)));
    Ref w = build_conv(g, x, y, &c);
    result(w);
    result(build_binary(g, OP_add, relu(build_conv(g, relu(x), y, &c)), w)); /* a map of it */
    result(build_reshape(g, build_conv(g, x, relu(y), &c), (Dim[]){D(6), D(34)}, 2));
    check();
}

/* Sizes that are known at run time. */
Test(kernel_kinds, strided_convolution_of_any_size)
{
    for (int64_t k = 1; k <= 4; k++)
        for (int64_t stride = 2; stride <= 3; stride++) {
            start();
            Conv c = {.mode = 1, .groups = 1, .stride = {stride, 1}, .dil = {1, 1}, .lo = {D(1), B}, .hi = {D(2), D(0)}, .k = {D(k), D(2)}};
            c.extent[0] = B, c.extent[1] = D(3);
            Dim rows = conv_out_extent(g, &c, 0), columns = conv_out_extent(g, &c, 1);
            Ref y = input("y", F32(D(2), rows, columns, D(3))), w = input("w", F32(c.k[0], c.k[1], D(2), D(3)));
            result(relu(build_conv(g, y, w, &c)));
            check();
        }
}

/* Long sums to few values, in two kernels. */
Test(kernel_kinds, split_reductions)
{
    Ref x = input("x", F32(B, L, D(24)));
    result(sum_all(build_binary(g, OP_mul, x, x)));
    result(build_reduce(g, OP_max, x, (int[]){0, 1}, 2));
    result(build_reduce(g, OP_sum, build_unary(g, OP_tanh, x), (int[]){1, 2}, 2));
    result(build_reduce(g, OP_max, build_binary(g, OP_less, x, build_like(g, x, -0.99)), (int[]){0, 1, 2}, 3));
    check();
}

/* A mean and the squared differences from it: one kernel runs through x. */
static void moments(Dim n_rows, Dim n)
{
    Ref x = input("x", F32(n_rows, n, D(24)));
    int rows[2] = {0, 1};
    Ref sum = build_reduce(g, OP_sum, x, rows, 2), size = build_cast(g, build_size(g, dim_mul(g->module->dims, n_rows, n)), DT_f32);
    Ref count = build_broadcast_to(g, size, *graph_type(g, sum)), m = build_binary(g, OP_div, sum, count);
    Ref d = build_binary(g, OP_sub, x, build_broadcast_to(g, m, *graph_type(g, x)));
    Ref squares = build_reduce(g, OP_sum, build_binary(g, OP_mul, d, d), rows, 2);
    result(build_binary(g, OP_div, squares, count));
    result(build_binary(g, OP_mul, m, m));
    check();
    const KProgram *p = build(g, false, false);
    uint32_t through = 0;
    for (uint32_t k = 0; k < p->kernel.n; k++)
        for (uint32_t i = 0; i < p->kernel.at[k]->rd.n; i++)
            through += p->buf.at[p->kernel.at[k]->rd.at[i].buf].cls == BUF_ARG;
    cr_assert_eq(through, 1);
}

Test(kernel_kinds, moments)
{
    moments(B, L);
}

Test(kernel_kinds, moments_of_known_counts)
{
    moments(D(60), D(100));
}

/* Where the count is a power of two the division is a product. */
Test(kernel_kinds, moments_of_a_power_of_two)
{
    moments(D(64), D(128));
}

/* Rows of 256 elements are kept apart where contractions read them. */
Test(kernel_kinds, spaced_rows)
{
    Ref x = input("x", F32(B, D(2), D(5))), w = input("w", F32(D(5), D(256)));
    Ref h = build_unary(g, OP_tanh, dot(x, w, 2, 0)); /* [B, 2, 256] */
    result(dot(h, w, 2, 1));
    result(build_reshape(g, build_unary(g, OP_exp, h), (Dim[]){B, D(512)}, 2));
    Ref k = relu(dot(x, w, 2, 0)), split = build_reshape(g, k, (Dim[]){B, D(2), D(4), D(64)}, 4);
    int both[2] = {0, 1};
    result(build_dot(g, split, split, 2, both, both, 1, (int[]){3}, (int[]){3}));
    check();
}

/* A reshape that merges axes is computed in the shape of its operand, into rows that may be kept apart
 * or be a part of something larger. */
Test(kernel_kinds, merged_rows)
{
    Ref x = input("x", F32(B, D(2), D(5))), w = input("w", F32(D(5), D(128)));
    Ref flat = build_reshape(g, relu(dot(x, w, 2, 0)), (Dim[]){B, D(256)}, 2);
    result(dot(flat, input("v", F32(D(256), D(3))), 1, 0));
    check();
    start();
    x = input("x", F32(B, D(2), D(5)));
    flat = build_reshape(g, build_unary(g, OP_exp, x), (Dim[]){B, D(10)}, 2);
    result(build_concat(g, (Ref[]){input("z", F32(B, D(3))), flat}, 2, 1));
    check();
    start();
    x = input("x", F32(B, D(6), D(4)));
    Ref other = build_reshape(g, build_unary(g, OP_exp, x), (Dim[]){B, D(4), D(6)}, 3);
    result(build_concat(g, (Ref[]){other, input("z", F32(B, D(4), D(1)))}, 2, 2));
    check();
}

/* A cut out of a border needs nothing of what has the border. */
Test(kernel_kinds, cut_of_a_border)
{
    Ref one = input("x", F32(D(1)));
    Ref joined = build_concat(g, (Ref[]){one, one}, 2, 0);
    Ref padded = build_pad(g, joined, (Dim[]){D(2)}, (Dim[]){D(0)}, (int64_t[]){0}, 3);
    result(build_slice(g, padded, (Dim[]){D(1)}, (Dim[]){D(2)}, (int64_t[]){1}));
    check();
}

/* Rows gathered from a later part of what they are joined with. */
Test(kernel_kinds, gather_joined_with_its_table)
{
    id_limit = 4;
    Ref table = build_unary(g, OP_tanh, dot(input("x", F32(D(4), D(3))), input("w", F32(D(3))), 1, 0));
    Ref rows = build_take(g, table, input("ids", I32(D(4))));
    result(build_concat(g, (Ref[]){rows, table}, 2, 0));
    check();
}

/* The same in front of what is written. */
Test(kernel_kinds, gather_from_what_it_is_joined_behind)
{
    id_limit = 4;
    Ref table = build_unary(g, OP_tanh, dot(input("x", F32(D(4), D(3))), input("w", F32(D(3))), 1, 0));
    Ref rows = build_take(g, table, input("ids", I32(D(4))));
    result(build_concat(g, (Ref[]){table, rows, table, rows}, 4, 0));
    check();
}

/* Dense blocks: every layer reads what was joined so far. */
Test(kernel_kinds, concatenations)
{
    Ref x = input("x", F32(B, D(4), D(3))), w = input("w", F32(D(3), D(2)));
    Ref w2 = input("w2", F32(D(5), D(2)));
    Ref one = relu(dot(x, w, 2, 0));
    Ref joined = build_concat(g, (Ref[]){x, one}, 2, 2);
    Ref two = build_unary(g, OP_tanh, dot(joined, w2, 2, 0));
    Ref all = build_concat(g, (Ref[]){joined, two}, 2, 2);
    result(all);
    result(build_concat(g, (Ref[]){two, two, x}, 3, 2));
    result(reduce_last(OP_sum, all));
    Ref big = build_concat(g, (Ref[]){x, x, softmax(x)}, 3, 1);
    result(build_reduce(g, OP_max, big, (int[]){1}, 1));
    check();
}

Test(kernel_kinds, indexed)
{
    id_limit = 5;
    Ref table = input("t", F32(D(5), D(7))), ids = input("i", I32(B, L));
    Ref u = input("u", F32(B, L, D(7)));
    Ref rows = build_take(g, table, ids);
    result(build_binary(g, OP_mul, rows, u));
    Ref s = build_scatter_add(g, ids, build_binary(g, OP_mul, u, u), D(5));
    result(build_binary(g, OP_add, table, s));
    result(s);
    result(softmax(rows));
    Ref flat = build_reshape(g, ids, (Dim[]){dim_mul(dims, B, L)}, 1);
    result(build_scatter_add(g, flat, build_like(g, build_cast(g, flat, DT_f32), 1), D(5)));
    result(build_take(g, softmax(table), build_expect(g, ids, D(4), 7)));
    check();
}

Test(kernel_kinds, external_calls)
{
    Ref x = input("x", F32(B, D(3)));
    vec_add(&arena, &module->symbol, (ExternSymbol){"triple"});
    Ref in[1] = {relu(x)};
    Type out = F32(B, D(3));
    Ref e = build_extern(g, 0, in, 1, &out, 1);
    result(build_binary(g, OP_add, build_proj(g, e, 0), x));
    check();
}
