/* links: nnc_gen nnc_oracle nnc_kernel nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_kernel.c: steps of training and scans through the kernels, and what the kernels of known programs look like. */
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
