/* links: nnc_gen nnc_oracle nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel.c: graphs through the kernels, and what the kernels of known programs look like. */
#include "kernel_check.h"

TestSuite(kernel, .init = begin, .fini = compare_listings, .timeout = 300);

/* ---- steps of training -------------------------------------------------------------------- */

static uint32_t tensor(const char *name, bool state, Type type)
{
    vec_add(&arena, &layout.tensor, (LayoutTensor){.name = name, .is_state = state, .type = type});
    return layout.tensor.n - 1;
}

static Ref weight(const char *name, Type type)
{
    return build_param(g, PARAM_WEIGHT, name, type, tensor(name, false, type));
}

static Ref state(const char *name, Type type)
{
    return build_param(g, PARAM_STATE, name, type, tensor(name, true, type));
}

static int32_t param_of(Ref r)
{
    return (int32_t)graph_attr(g, r, 0);
}

static void statement(const uint32_t *over, uint32_t n)
{
    LayoutStatement s = {.slot_set = (int32_t)entry.statement.n};
    for (uint32_t i = 0; i < n; i++)
        vec_add(&arena, &s.over, over[i]);
    vec_add(&arena, &entry.statement, s);
}

static void lay_out(void)
{
    layout_model(&layout, dims);
    layout_entry(&arena, &layout, &entry, dims, true);
}

static Ref reduce_axis(Op op, Ref a, int axis)
{
    return build_reduce(g, op, a, &axis, 1);
}

static Ref sum_all(Ref a)
{
    int axes[MAX_RANK] = {0, 1, 2, 3, 4, 5, 6, 7};
    return build_reduce(g, OP_sum, a, axes, graph_type(g, a)->rank);
}

static Ref scaled(Ref x, double by)
{
    return build_binary(g, OP_mul, x, build_like(g, x, by));
}

static Ref one_hot(Ref ids, Ref like)
{
    Type t = *graph_type(g, like);
    t.dtype = DT_i32;
    Ref i = build_iota(g, t, t.rank - 1);
    return build_cast(g, build_binary(g, OP_equal, i, spread(ids, i)), DT_f32);
}

/* Two layers, cross entropy, gradients by hand, one update over all four, another loss after it. */
Test(kernel, mlp_step)
{
    Ref x = input("x", F32(B, D(12))), y = input("y", I32(B)), lr = input("lr", f32_scalar);
    Ref w1 = weight("w1", F32(D(12), D(8))), b1 = weight("b1", F32(D(8)));
    Ref w2 = weight("w2", F32(D(8), D(5))), b2 = weight("b2", F32(D(5)));
    uint32_t over[4] = {0, 1, 2, 3};
    statement(over, 4);
    lay_out();
    Ref h = relu(plus_bias(dot(x, w1, 1, 0), b1)), z = plus_bias(dot(h, w2, 1, 0), b2);
    Ref p = softmax(z), hot = one_hot(y, z);
    Ref picked = reduce_last(OP_sum, build_binary(g, OP_mul, hot, build_unary(g, OP_log, p)));
    Ref loss = scaled(sum_all(picked), -0.125);
    Ref dz = scaled(build_binary(g, OP_sub, p, hot), 0.125), dh = dot(dz, w2, 1, 1);
    Ref alive = build_binary(g, OP_less, build_like(g, h, 0), h);
    Ref da = build_where(g, alive, dh, build_like(g, dh, 0));
    Ref grads[4] = {dot(x, da, 0, 0), reduce_axis(OP_sum, da, 0), dot(h, dz, 0, 0), reduce_axis(OP_sum, dz, 0)};
    Ref old[4] = {w1, b1, w2, b2};
    Ref u = build_update(g, 0, loss, grads, old, 4, &lr, 1);
    for (uint32_t i = 0; i < 4; i++)
        build_result(g, build_proj(g, u, i), "p", param_of(old[i]));
    result(loss);
    Ref later = relu(plus_bias(dot(x, build_proj(g, u, 0), 1, 0), build_proj(g, u, 1)));
    result(sum_all(later));                                   /* of the new version */
    result(build_binary(g, OP_sub, build_proj(g, u, 1), b1)); /* of both */
    check();
}

/* Two statements with a shared parameter, a state and a report sum between them, no gradient for
 * one parameter. */
Test(kernel, two_statements)
{
    Ref x = input("x", F32(B, D(6))), w = weight("w", F32(D(6), D(6))), v = weight("v", F32(D(6)));
    Ref mean = state("mean", F32(D(6))), count = state("count", I32(D(2)));
    uint32_t over[2] = {0, 1};
    statement(over, 2);
    statement(over, 1);
    vec_add(&arena, &entry.sum, (Type){.dtype = DT_f64});
    lay_out();
    Ref sum = build_param(g, PARAM_SUM, "sum", (Type){.dtype = DT_f64}, 0);
    Ref a = build_unary(g, OP_tanh, plus_bias(dot(x, w, 1, 0), v));
    Ref loss = sum_all(build_binary(g, OP_mul, a, a));
    Ref grads[2] = {dot(x, a, 0, 0), build_like(g, v, 0)}, old[2] = {w, v};
    Ref u = build_update(g, 0, loss, grads, old, 2, NULL, 0);
    Ref w1 = build_proj(g, u, 0), v1 = build_proj(g, u, 1);
    Ref c = plus_bias(dot(x, w1, 1, 0), v1), loss2 = sum_all(build_unary(g, OP_tanh, c));
    Ref grad2 = dot(x, c, 0, 0);
    Ref u2 = build_update(g, 1, loss2, &grad2, &w1, 1, NULL, 0);
    build_result(g, build_proj(g, u2, 0), "w", param_of(w));
    build_result(g, v1, "v", param_of(v));
    Ref seen = build_binary(g, OP_add, scaled(mean, 0.9), scaled(reduce_axis(OP_sum, a, 0), 0.1));
    build_result(g, seen, "mean", param_of(mean));
    build_result(g, build_binary(g, OP_add, count, build_like(g, count, 1)), "count", param_of(count));
    build_result(g, build_binary(g, OP_add, sum, build_cast(g, loss, DT_f64)), "sum", param_of(sum));
    result(loss);
    result(loss2);
    result(mean); /* the old one */
    result(build_binary(g, OP_sub, w1, w));
    check();
}

/* A step; with an assert in front of its update, one behind it, and prints of what would else be kept nowhere. */
static void step_that_looks(bool looks)
{
    start();
    Ref x = input("x", F32(B, D(6))), w = weight("w", F32(D(6), D(4))), v = weight("v", F32(D(4)));
    uint32_t over[2] = {0, 1};
    statement(over, 2);
    lay_out();
    Ref h = dot(x, w, 1, 0), shifted = plus_bias(h, v), a = build_unary(g, OP_tanh, shifted), square = build_binary(g, OP_mul, a, a);
    Ref loss = sum_all(square), grads[2] = {dot(x, a, 0, 0), reduce_axis(OP_sum, build_binary(g, OP_mul, a, shifted), 0)}, old[2] = {w, v};
    if (looks) {
        build_probe(g, build_binary(g, OP_less, build_like(g, h, 100), h), PROBE_ASSERT, 0, 5);
        build_probe(g, shifted, PROBE_PRINT, 1, 6);
        build_probe(g, build_binary(g, OP_sub, square, spread(reduce_last(OP_max, square), square)), PROBE_PRINT, 2, 7);
        build_probe(g, w, PROBE_PRINT, 3, 8);
    }
    Ref u = build_update(g, 0, loss, grads, old, 2, NULL, 0);
    if (looks) build_probe(g, build_binary(g, OP_less, build_proj(g, u, 1), v), PROBE_ASSERT, 4, 9);
    build_result(g, build_proj(g, u, 0), "w", param_of(w));
    build_result(g, build_proj(g, u, 1), "v", param_of(v));
    result(loss);
}

/* Kernels, without those for asserts and prints, in order. */
static const char *kernels_of_step(Arena *to, const KProgram *p)
{
    Text t = {.arena = to};
    for (uint32_t i = 0; i < p->kernel.n; i++) {
        const Kernel *k = p->kernel.at[i];
        if (!k->aside) text_add(&t, "%s %u, ", k->name + 4, k->kind);
    }
    return text_c(&t);
}

static uint32_t place_of_line(const KProgram *p, int64_t line)
{
    for (uint32_t i = 0; i < p->kernel.n; i++)
        if (p->kernel.at[i]->kind == K_PROBE && p->kernel.at[i]->line == line) return i;
    cr_assert(false, "no probe of line %lld", (long long)line);
    return 0;
}

Test(kernel, probes_stay_beside_the_step)
{
    step_that_looks(true);
    check();
    Arena names = {0};
    const KProgram *p = build(g, false, false);
    uint32_t update = 0;
    while (p->kernel.at[update]->kind != K_UPDATE)
        update++;
    cr_expect(place_of_line(p, 5) < place_of_line(p, 6) && place_of_line(p, 7) < place_of_line(p, 8) && place_of_line(p, 8) < update);
    cr_expect(place_of_line(p, 9) > update);
    const char *with = kernels_of_step(&names, p);
    step_that_looks(false);
    const char *without = kernels_of_step(&names, build(g, false, false));
    cr_expect_str_eq(with, without, "%s\nis not\n%s", with, without);
    arena_free(&names);
}

/* States that swap, shift and reverse: no result may be stored while its old value is needed. */
Test(kernel, states_exchanged)
{
    Ref a = state("a", F32(D(7))), b = state("b", F32(D(7))), c = state("c", F32(D(3), D(5)));
    lay_out();
    build_result(g, b, "a", param_of(a));
    build_result(g, scaled(a, 2), "b", param_of(b));
    Dim lo[2] = {D(0), D(0)}, hi[2] = {D(3), D(5)};
    int64_t back[2] = {1, -1};
    build_result(g, build_slice(g, c, lo, hi, back), "c", param_of(c));
    Ref d = state("d", F32(D(4))), e = state("e", F32(D(4))); /* declared behind: plain exchange */
    layout_model(&layout, dims);
    build_result(g, e, "d", param_of(d));
    build_result(g, d, "e", param_of(e));
    result(build_binary(g, OP_add, a, b));
    result(d);
    check();
}

/* ---- kinds of kernels ---------------------------------------------------------------------- */

Test(kernel, normalisation)
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

Test(kernel, several_axes)
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

Test(kernel, convolutions)
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

Test(kernel, borders_are_part_of_a_buffer)
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
Test(kernel, strided_convolutions)
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

Test(kernel, convolutions_to_few_channels)
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

Test(kernel, convolution_of_a_computed_value)
{
    inside(5, 6, 1, 1, 1, 3);
    inside(8, 7, 0, 2, 2, 3);
    inside(0, 4, 1, 1, 1, 3); /* rows are known at run time */
}

/* Gradients of weights whose channels are rows, and taps columns. */
Test(kernel, weights_of_few_channels)
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
Test(kernel, strided_convolution_of_any_size)
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
Test(kernel, split_reductions)
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

Test(kernel, moments)
{
    moments(B, L);
}

Test(kernel, moments_of_known_counts)
{
    moments(D(60), D(100));
}

/* Where the count is a power of two the division is a product. */
Test(kernel, moments_of_a_power_of_two)
{
    moments(D(64), D(128));
}

/* Rows of 256 elements are kept apart where contractions read them. */
Test(kernel, spaced_rows)
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
Test(kernel, merged_rows)
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
Test(kernel, cut_of_a_border)
{
    Ref one = input("x", F32(D(1)));
    Ref joined = build_concat(g, (Ref[]){one, one}, 2, 0);
    Ref padded = build_pad(g, joined, (Dim[]){D(2)}, (Dim[]){D(0)}, (int64_t[]){0}, 3);
    result(build_slice(g, padded, (Dim[]){D(1)}, (Dim[]){D(2)}, (int64_t[]){1}));
    check();
}

/* Rows gathered from a later part of what they are joined with. */
Test(kernel, gather_joined_with_its_table)
{
    id_limit = 4;
    Ref table = build_unary(g, OP_tanh, dot(input("x", F32(D(4), D(3))), input("w", F32(D(3))), 1, 0));
    Ref rows = build_take(g, table, input("ids", I32(D(4))));
    result(build_concat(g, (Ref[]){rows, table}, 2, 0));
    check();
}

/* The same in front of what is written. */
Test(kernel, gather_from_what_it_is_joined_behind)
{
    id_limit = 4;
    Ref table = build_unary(g, OP_tanh, dot(input("x", F32(D(4), D(3))), input("w", F32(D(3))), 1, 0));
    Ref rows = build_take(g, table, input("ids", I32(D(4))));
    result(build_concat(g, (Ref[]){table, rows, table, rows}, 4, 0));
    check();
}

/* Dense blocks: every layer reads what was joined so far. */
Test(kernel, concatenations)
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

Test(kernel, indexed)
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

Test(kernel, external_calls)
{
    Ref x = input("x", F32(B, D(3)));
    vec_add(&arena, &module->symbol, (ExternSymbol){"triple"});
    Ref in[1] = {relu(x)};
    Type out = F32(B, D(3));
    Ref e = build_extern(g, 0, in, 1, &out, 1);
    result(build_binary(g, OP_add, build_proj(g, e, 0), x));
    check();
}

/* ---- scans ---------------------------------------------------------------------------------- */

static Ref body_dot(Graph *body, Ref a, Ref b)
{
    int ca = 1, cb = 0;
    return build_dot(body, a, b, 0, NULL, NULL, 1, &ca, &cb);
}

/* Two carries that exchange, an invariant, a counter, a value that is carried unchanged. */
Test(kernel, scan_carries)
{
    Graph *body = graph_new(module, "body");
    Type row = F32(B, D(5)), weights = F32(D(5), D(5));
    Ref a = build_param(body, PARAM_CARRY, "a", row, 0), b = build_param(body, PARAM_CARRY, "b", row, 0);
    Ref c = build_param(body, PARAM_CARRY, "c", row, 0), x = build_param(body, PARAM_XS, "x", row, 0);
    Ref t = build_param(body, PARAM_XS, "t", (Type){.dtype = DT_i32}, 0);
    Ref w = build_param(body, PARAM_CONST, "w", weights, 0);
    Ref n = build_unary(body, OP_tanh, build_binary(body, OP_add, body_dot(body, a, w), x));
    Ref step = build_broadcast_to(body, build_cast(body, t, DT_f32), row);
    build_result(body, b, "a", -1);
    build_result(body, build_binary(body, OP_mul, n, a), "b", -1);
    build_result(body, c, "c", -1);
    build_result(body, build_binary(body, OP_add, n, step), "y", -1);
    build_result(body, a, "z", -1);
    Ref xs = input("xs", F32(L, B, D(5))), start_ = input("s", row);
    Ref in[6] = {start_, build_like(g, start_, 0), relu(start_), relu(xs), build_iota(g, I32(L), 0), input("w", weights)};
    Ref s = build_scan(g, body->id, L, 3, 2, in, 6);
    for (uint32_t i = 0; i < 5; i++)
        result(build_proj(g, s, i));
    result(build_binary(g, OP_add, build_proj(g, s, 0), build_proj(g, s, 2)));
    check();
}

/* A reversed scan inside a scan. */
Test(kernel, scan_nested)
{
    Type row = F32(B, D(3)), block = F32(L, B, D(3));
    Graph *inner = graph_new(module, "inner"), *outer = graph_new(module, "outer");
    Ref h = build_param(inner, PARAM_CARRY, "h", row, 0), x = build_param(inner, PARAM_XS, "x", row, 0);
    Ref k = build_param(inner, PARAM_CONST, "k", row, 0);
    Ref next = build_unary(inner, OP_tanh, build_binary(inner, OP_add, build_binary(inner, OP_mul, h, k), x));
    build_result(inner, next, "h", -1);
    build_result(inner, build_binary(inner, OP_mul, next, x), "y", -1);
    Ref c = build_param(outer, PARAM_CARRY, "c", row, 0), xs = build_param(outer, PARAM_XS, "xs", block, 0);
    Dim lo[3] = {D(0), D(0), D(0)}, hi[3] = {L, B, D(3)};
    int64_t back[3] = {-1, 1, 1};
    Ref in[3] = {c, build_slice(outer, xs, lo, hi, back), build_unary(outer, OP_neg, c)};
    Ref s = build_scan(outer, inner->id, L, 1, 1, in, 3);
    build_result(outer, build_proj(outer, s, 0), "c", -1);
    build_result(outer, build_proj(outer, s, 1), "ys", -1);
    Ref all[2] = {input("c", row), input("xs", F32(D(4), L, B, D(3)))};
    Ref o = build_scan(g, outer->id, D(4), 1, 1, all, 2);
    result(build_proj(g, o, 0));
    result(build_proj(g, o, 1));
    result(sum_all(build_proj(g, o, 1)));
    check();
}

static Ref flip(Ref x)
{
    Type t = *graph_type(g, x);
    Dim lo[MAX_RANK] = {0};
    int64_t step[MAX_RANK] = {-1, 1, 1};
    for (int i = 0; i < t.rank; i++)
        lo[i] = D(0);
    return build_slice(g, x, lo, t.dim, step);
}

static const Kernel *contraction(const KProgram *p)
{
    const Kernel *found = NULL;
    for (uint32_t i = 0; i < p->kernel.n; i++)
        if (p->kernel.at[i]->kind == K_GEMM) found = p->kernel.at[i];
    cr_assert_not_null(found);
    return found;
}

/* What a loop that runs backwards emits is stacked in time: a contraction over time and rows runs over one axis. */
Test(kernel, scan_backwards)
{
    Graph *body = graph_new(module, "body");
    Type row = F32(B, D(8));
    Ref h = build_param(body, PARAM_CARRY, "h", row, 0), x = build_param(body, PARAM_XS, "x", row, 0);
    build_result(body, build_unary(body, OP_tanh, build_binary(body, OP_add, h, x)), "h", -1);
    build_result(body, build_binary(body, OP_mul, h, x), "y", -1);
    build_result(body, build_binary(body, OP_sub, h, x), "z", -1);
    Ref xs = input("x", F32(L, B, D(8))), in[2] = {input("h", row), flip(xs)};
    Ref s = build_scan(g, body->id, L, 1, 1, in, 2), z = build_proj(g, s, 2);
    int both[2] = {0, 1};
    result(build_dot(g, relu(xs), flip(build_proj(g, s, 1)), 0, NULL, NULL, 2, both, both));
    result(z); /* read both ways: stays as the loop runs */
    result(flip(z));
    arena_free(&scratch);
    const Kernel *k = contraction(build(g, false, false));
    cr_assert_eq(k->cls[3], AX_K);
    for (uint32_t i = 0; i < 2; i++)
        cr_assert_eq(k->rd.at[i].stride[2], dim_mul(dims, B, k->rd.at[i].stride[3]));
    check();
}

enum { PLAIN_ROWS, MIXED_ROWS, TURNED_ROWS };

/* The scan of h' = tanh(h W) + x, n columns; the rows mixed: less their mean; turned: of the row before the last, and so on. */
static const Kernel *scan_over_rows(int64_t n, int how)
{
    start();
    Graph *body = graph_new(module, "body");
    Type row = F32(B, D(n)), weights = F32(D(n), D(n));
    Ref h = build_param(body, PARAM_CARRY, "h", row, 0), x = build_param(body, PARAM_XS, "x", row, 0);
    Ref w = build_param(body, PARAM_CONST, "w", weights, 0), z = build_unary(body, OP_tanh, body_dot(body, h, w));
    Dim lo[2] = {D(0), D(0)}, hi[2] = {B, D(n)};
    int64_t back[2] = {-1, 1};
    int axis = 0, last = 1;
    if (how == MIXED_ROWS) z = build_binary(body, OP_sub, z, build_broadcast(body, build_reduce(body, OP_sum, z, &axis, 1), row, &last));
    if (how == TURNED_ROWS) z = build_binary(body, OP_add, z, build_slice(body, h, lo, hi, back));
    build_result(body, build_binary(body, OP_add, z, x), "h", -1);
    Ref in[3] = {input("h", row), input("x", F32(L, B, D(n))), input("w", weights)};
    result(build_proj(g, build_scan(g, body->id, L, 1, 1, in, 3), 0));
    arena_free(&scratch);
    KProgram *p = build(g, false, false);
    for (uint32_t i = 0; i < p->kernel.n; i++)
        if (p->kernel.at[i]->kind == K_SCAN) return p->kernel.at[i];
    return NULL;
}

/* Threads keep their rows through a scan, unless a step reads others, or the weights are too large for a cache. */
Test(kernel, scan_rows)
{
    const Kernel *scan = scan_over_rows(64, PLAIN_ROWS);
    cr_assert_eq(scan->rows, B);
    for (uint32_t i = 0; i < scan->body.n; i++)
        cr_assert_eq(scan->body.at[i]->axis[scan->body.at[i]->part], B);
    check();
    cr_assert_eq(scan_over_rows(64, MIXED_ROWS)->rows, 0);
    cr_assert_eq(scan_over_rows(64, TURNED_ROWS)->rows, 0);
    cr_assert_eq(scan_over_rows(1024, PLAIN_ROWS)->rows, 0);
}

/* A prefix sum that starts at the value of a random draw per step. */
Test(kernel, scan_random)
{
    Graph *body = graph_new(module, "body");
    Type row = F32(D(6));
    Ref c = build_param(body, PARAM_CARRY, "c", row, 0);
    Ref t = build_param(body, PARAM_XS, "t", i64_scalar, 0);
    Ref seed = build_param(body, PARAM_CONST, "seed", i64_scalar, 0);
    Ref step = build_const_int(body, i64_scalar, 3);
    Ref u = build_random(body, 0, 77, seed, step, t, row, 0);
    build_result(body, build_binary(body, OP_add, c, u), "c", -1);
    build_result(body, u, "u", -1);
    Ref clock = build_cast(g, build_iota(g, I32(L), 0), DT_i64);
    Ref in[3] = {build_like(g, input("c", row), 0.5), clock, build_param(g, PARAM_SEED, "seed", i64_scalar, 0)};
    Ref s = build_scan(g, body->id, L, 1, 1, in, 3);
    result(build_proj(g, s, 0));
    result(build_proj(g, s, 1));
    check();
}

/* ---- what is made of known programs ------------------------------------------------------- */

static uint32_t count_kernels(void)
{
    arena_free(&scratch);
    KProgram *p = build(g, false, false);
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->kernel.n; i++)
        n += 1 + p->kernel.at[i]->body.n;
    return n;
}

Test(kernel, fused_rows)
{
    Ref x = input("x", F32(B, D(10)));
    result(softmax(x));
    cr_assert_eq(count_kernels(), 1u);
    start();
    x = input("x", F32(B, D(48)));
    Ref c = build_binary(g, OP_sub, x, spread(scaled(reduce_last(OP_sum, x), 1.0 / 48), x));
    Ref var = scaled(reduce_last(OP_sum, build_binary(g, OP_mul, c, c)), 1.0 / 48);
    Ref sd = build_unary(g, OP_sqrt, build_binary(g, OP_add, var, build_like(g, var, 1e-5)));
    result(build_binary(g, OP_div, c, spread(sd, c)));
    cr_assert_eq(count_kernels(), 1u);
}

Test(kernel, fused_contractions)
{
    Ref x = input("x", F32(B, D(30))), w = input("w", F32(D(30), D(20)));
    Ref h = relu(plus_bias(dot(x, w, 1, 0), input("b", F32(D(20)))));
    Ref v = build_unary(g, OP_tanh, dot(x, w, 1, 0));
    result(build_concat(g, (Ref[]){h, v}, 2, 1)); /* both where they belong */
    cr_assert_eq(count_kernels(), 1u);            /* one product, stored twice */
    start();
    x = input("x", F32(B, D(30)));
    h = relu(dot(x, input("w", F32(D(30), D(20))), 1, 0));
    v = relu(dot(x, input("v", F32(D(30), D(20))), 1, 0));
    result(build_concat(g, (Ref[]){h, v}, 2, 1));
    cr_assert_eq(count_kernels(), 2u);
}

/* y = f(a) of a product a between two layers, the slope f'(a), which only the gradient reads, and the weights' gradients. How many values of
 * a's size does the kernel of the product store? */
enum { SILU, SQUARE, A_IS_A_RESULT, GRADIENT_READS_A };

static uint32_t stored_with_slope(int which)
{
    start();
    Ref x = input("x", F32(B, D(12))), w = input("w", F32(D(12), D(20))), v = input("v", F32(D(20), D(6))), c = input("c", F32(B, D(6)));
    Ref a = plus_bias(dot(x, w, 1, 0), input("b", F32(D(20))));
    Ref s = which == SQUARE ? a : build_unary(g, OP_sigmoid, a), y = build_binary(g, OP_mul, a, s);
    Ref rest = build_binary(g, OP_sub, build_like(g, s, 1), s), product = build_binary(g, OP_mul, y, rest);
    Ref slope = which == SQUARE ? scaled(a, 2) : build_binary(g, OP_add, s, product);
    result(dot(y, v, 1, 0));
    if (which == A_IS_A_RESULT) result(a);
    g->flags = NODE_GRAD;
    Ref da = build_binary(g, OP_mul, dot(c, v, 1, 1), slope);
    result(dot(x, da, 0, 0));
    result(dot(y, c, 0, 0));
    if (which == GRADIENT_READS_A) result(dot(a, c, 0, 0));
    g->flags = 0;
    check();
    arena_free(&scratch);
    const KProgram *p = build(g, false, false);
    return p->kernel.at[0]->wr.n;
}

Test(kernel, slopes_instead)
{
    cr_assert_eq(stored_with_slope(SILU), 2u); /* y and the slope */
    cr_assert_eq(stored_with_slope(SQUARE), 2u); /* y and a: to double it costs nothing */
    cr_assert_eq(stored_with_slope(A_IS_A_RESULT), 3u); /* with the sigmoid, which is as large as the slope */
    cr_assert_eq(stored_with_slope(GRADIENT_READS_A), 3u);
}

/* The result is stored with the rows of the first operand side by side: they are the columns of the contraction. */
Test(kernel, transposed_product)
{
    static const int batch = 0, second = 1, perm[3] = {0, 2, 1};
    Ref x = input("x", F32(B, D(12), D(16))), y = input("y", F32(B, D(12), D(20)));
    Ref z = build_permute(g, build_dot(g, x, y, 1, &batch, &batch, 1, &second, &second), perm);
    result(dot(build_reshape(g, z, (Dim[]){B, D(320)}, 2), input("w", F32(D(320), D(6))), 1, 0));
    arena_free(&scratch);
    KProgram *p = build(g, false, false);
    const Kernel *k = p->kernel.at[0];
    cr_assert(k->kind == K_GEMM && k->n_axes == 4 && k->cls[2] == AX_N);
    cr_assert_eq(k->axis[2], D(16));
    cr_assert_eq(k->wr.at[0].stride[2], D(1));
    check();
}

Test(kernel, fused_scan)
{
    Graph *body = graph_new(module, "body");
    Type row = F32(B, D(16)), gates = F32(D(16), D(32));
    Ref h = build_param(body, PARAM_CARRY, "h", row, 0);
    Ref x = build_param(body, PARAM_XS, "x", row, 0);
    Ref w = build_param(body, PARAM_CONST, "w", gates, 0);
    Ref z = body_dot(body, h, w);
    Dim lo[2] = {D(0), D(0)}, hi[2] = {B, D(16)}, lo2[2] = {D(0), D(16)}, hi2[2] = {B, D(32)};
    int64_t one[2] = {1, 1};
    Ref a = build_unary(body, OP_tanh, build_slice(body, z, lo, hi, one));
    Ref b = build_unary(body, OP_tanh, build_slice(body, z, lo2, hi2, one));
    Ref next = build_binary(body, OP_add, build_binary(body, OP_mul, a, b), x);
    build_result(body, next, "h", -1);
    build_result(body, next, "y", -1); /* both are the rows of one stack */
    build_result(body, h, "before", -1);
    Ref in[3] = {input("h", row), input("x", F32(L, B, D(16))), input("w", gates)};
    Ref s = build_scan(g, body->id, L, 1, 1, in, 3);
    result(sum_all(build_proj(g, s, 1)));
    result(sum_all(build_proj(g, s, 2)));
    arena_free(&scratch);
    KProgram *p = build(g, false, false);
    for (uint32_t i = 0; i < p->kernel.n; i++)
        if (p->kernel.at[i]->kind == K_SCAN) cr_assert_eq(p->kernel.at[i]->body.n, 2u); /* the contraction and the gates */
    check();
}
