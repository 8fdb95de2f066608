/* links: nnc_transform nnc_gen nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_scan.c: derivatives of scans, and the scan pass: values stay, dots leave the loops. */
#include "fuzz/gen_graph.h"
#include "grad_help.h"
#include "rows.h"

enum { T = 4, B = 2, N = 3 };

typedef struct Body {
    Graph *g;
    uint32_t n;
} Body;

static Body body_new(Fix *f)
{
    return (Body){.g = graph_new(f->m, "body")};
}

static Ref arg(Body *b, ParamKind kind, Type type)
{
    return build_param(b->g, kind, "", type, b->n++);
}

static Ref mm(Graph *g, Ref a, Ref b)
{
    return build_dot(g, a, b, 0, NULL, NULL, 1, (int[]){1}, (int[]){0});
}

static Ref op2(Graph *g, Op op, Ref a, Ref b)
{
    return build_binary(g, op, a, b);
}

static Ref sigmoid(Graph *g, Ref x)
{
    Ref half = build_like(g, x, 0.5);
    return op2(g, OP_add, op2(g, OP_mul, build_unary(g, OP_tanh, op2(g, OP_mul, x, half)), half), half);
}

static Ref row_bias(Graph *g, Ref a, Ref b)
{
    return op2(g, OP_add, a, build_broadcast_to(g, b, *graph_type(g, a)));
}

/* Columns k*N .. (k+1)*N of [B, m*N]. */
static Ref gate(Fix *f, Graph *g, Ref a, int64_t k)
{
    Type type = *graph_type(g, a);
    Dims *d = f->m->dims;
    Dim lo[2] = {dim_const(d, 0), dim_const(d, k * N)}, hi[2] = {type.dim[0], dim_const(d, (k + 1) * N)};
    return build_slice(g, a, lo, hi, (int64_t[]){1, 1});
}

static Ref scan_of(Fix *f, Body *b, int64_t n, int n_carries, int n_xs, const Ref *in)
{
    return build_scan(f->g, b->g->id, dim_const(f->m->dims, n), n_carries, n_xs, in, b->n);
}

/* The loss reads the last state and all states. */
static Ref last_and_all(Fix *f, Ref last, Ref all)
{
    return build_binary(f->g, OP_add, loss_of(f, last), loss_of(f, all));
}

/* h' = tanh(x W + h U + b): does not commute over time. */
static Ref rnn(Fix *fix)
{
    Fix f = *fix;
    Body b = body_new(&f);
    Ref h = arg(&b, PARAM_CARRY, F64(B, N)), x = arg(&b, PARAM_XS, F64(B, 2));
    Ref w = arg(&b, PARAM_CONST, F64(2, N)), u = arg(&b, PARAM_CONST, F64(N, N)), c = arg(&b, PARAM_CONST, F64(N));
    Ref sum = op2(b.g, OP_add, mm(b.g, x, w), mm(b.g, h, u));
    Ref next = build_unary(b.g, OP_tanh, row_bias(b.g, sum, c));
    build_result(b.g, next, "", -1);
    build_result(b.g, next, "", -1);
    Ref in[] = {X(B, N), X(T, B, 2), X(2, N), X(N, N), X(N)};
    Ref s = scan_of(&f, &b, T, 1, 1, in);
    Ref loss = last_and_all(&f, build_proj(f.g, s, 0), build_proj(f.g, s, 1));
    *fix = f;
    return loss;
}

static Ref gru(Fix *fix)
{
    Fix f = *fix;
    Body b = body_new(&f);
    Graph *g = b.g;
    Ref h = arg(&b, PARAM_CARRY, F64(B, N)), x = arg(&b, PARAM_XS, F64(B, 2));
    Ref w = arg(&b, PARAM_CONST, F64(2, 3 * N)), u = arg(&b, PARAM_CONST, F64(N, 3 * N)), bias = arg(&b, PARAM_CONST, F64(3 * N));
    Ref px = row_bias(g, mm(g, x, w), bias), ph = mm(g, h, u);
    Ref r = sigmoid(g, op2(g, OP_add, gate(&f, g, px, 0), gate(&f, g, ph, 0)));
    Ref z = sigmoid(g, op2(g, OP_add, gate(&f, g, px, 1), gate(&f, g, ph, 1)));
    Ref n = build_unary(g, OP_tanh, op2(g, OP_add, gate(&f, g, px, 2), op2(g, OP_mul, r, gate(&f, g, ph, 2))));
    Ref next = op2(g, OP_add, op2(g, OP_mul, z, h), op2(g, OP_mul, op2(g, OP_sub, build_like(g, z, 1), z), n));
    build_result(g, next, "", -1);
    build_result(g, next, "", -1);
    Ref in[] = {K(B, N), X(T, B, 2), X(2, 3 * N), X(N, 3 * N), X(3 * N)};
    Ref s = scan_of(&f, &b, T, 1, 1, in);
    Ref loss = last_and_all(&f, build_proj(f.g, s, 0), build_proj(f.g, s, 1));
    *fix = f;
    return loss;
}

static Ref lstm(Fix *fix)
{
    Fix f = *fix;
    Body b = body_new(&f);
    Graph *g = b.g;
    Ref h = arg(&b, PARAM_CARRY, F64(B, N)), c = arg(&b, PARAM_CARRY, F64(B, N)), x = arg(&b, PARAM_XS, F64(B, 2));
    Ref w = arg(&b, PARAM_CONST, F64(2, 4 * N)), u = arg(&b, PARAM_CONST, F64(N, 4 * N)), v = arg(&b, PARAM_CONST, F64(N, 2));
    Ref p = op2(g, OP_add, mm(g, x, w), mm(g, h, u));
    Ref kept = op2(g, OP_mul, sigmoid(g, gate(&f, g, p, 0)), c);
    Ref added = op2(g, OP_mul, sigmoid(g, gate(&f, g, p, 1)), build_unary(g, OP_tanh, gate(&f, g, p, 2)));
    Ref c2 = op2(g, OP_add, kept, added);
    Ref h2 = op2(g, OP_mul, sigmoid(g, gate(&f, g, p, 3)), build_unary(g, OP_tanh, c2));
    build_result(g, h2, "", -1);
    build_result(g, c2, "", -1);
    build_result(g, mm(g, h2, v), "", -1); /* an output layer: leaves the loop */
    Ref in[] = {X(B, N), X(B, N), X(T, B, 2), X(2, 4 * N), X(N, 4 * N), X(N, 2)};
    Ref s = scan_of(&f, &b, T, 2, 1, in);
    Ref loss = last_and_all(&f, build_proj(f.g, s, 1), build_proj(f.g, s, 2));
    *fix = f;
    return loss;
}

/* Running product: derivative right at zeros, no division. */
static Ref product(Fix *fix)
{
    Fix f = *fix;
    Body b = body_new(&f);
    Ref p = arg(&b, PARAM_CARRY, F64(2)), x = arg(&b, PARAM_XS, F64(2));
    Ref next = build_binary(b.g, OP_mul, p, x);
    build_result(b.g, next, "", -1);
    build_result(b.g, next, "", -1);
    Ref in[] = {build_const(f.g, F64(2), 1), X(T, 2)};
    f.value.at[0].f[2] = 0;
    Ref s = scan_of(&f, &b, T, 1, 1, in);
    Ref loss = last_and_all(&f, build_proj(f.g, s, 0), build_proj(f.g, s, 1));
    *fix = f;
    return loss;
}

/* An inner scan in each step: c' = tanh(c * y_s + x_t), S times, then h' = h V + c. */
static Ref nested(Fix *fix)
{
    Fix f = *fix;
    Body in_ = body_new(&f), out = body_new(&f);
    Ref c = arg(&in_, PARAM_CARRY, F64(B, N)), y = arg(&in_, PARAM_XS, F64(N)), x = arg(&in_, PARAM_CONST, F64(B, N));
    Ref m = arg(&in_, PARAM_CONST, F64(N, N));
    Ref scaled = build_binary(in_.g, OP_mul, mm(in_.g, c, m), build_broadcast_to(in_.g, y, F64(B, N)));
    Ref c2 = build_unary(in_.g, OP_tanh, build_binary(in_.g, OP_add, scaled, x));
    build_result(in_.g, c2, "", -1);
    build_result(in_.g, c2, "", -1);
    Graph *g = out.g;
    Ref h = arg(&out, PARAM_CARRY, F64(B, N)), xt = arg(&out, PARAM_XS, F64(B, N));
    Ref ys = arg(&out, PARAM_CONST, F64(3, N)), v = arg(&out, PARAM_CONST, F64(N, N)), m2 = arg(&out, PARAM_CONST, F64(N, N));
    Ref operands[] = {h, ys, xt, m2};
    Ref s = build_scan(g, in_.g->id, dim_const(f.m->dims, 3), 1, 1, operands, 4);
    Ref h2 = build_binary(g, OP_add, mm(g, h, v), build_proj(g, s, 0));
    build_result(g, h2, "", -1);
    build_result(g, build_reduce(g, OP_sum, build_proj(g, s, 1), (int[]){0}, 1), "", -1);
    Ref in[] = {X(B, N), X(T, B, N), X(3, N), X(N, N), X(N, N)};
    Ref o = scan_of(&f, &out, T, 1, 1, in);
    Ref loss = last_and_all(&f, build_proj(f.g, o, 0), build_proj(f.g, o, 1));
    *fix = f;
    return loss;
}

/* No carry at all, an embedding, and a carry that is added to only. */
static Ref embedding(Fix *fix)
{
    Fix f = *fix;
    Body b = body_new(&f);
    Graph *g = b.g;
    Ref h = arg(&b, PARAM_CARRY, F64(B, N)), sum = arg(&b, PARAM_CARRY, F64(B, N)), same = arg(&b, PARAM_CARRY, F64(N));
    Ref id = arg(&b, PARAM_XS, I32(B)), x = arg(&b, PARAM_XS, F64(B, N)), table = arg(&b, PARAM_CONST, F64(5, N));
    Ref e = build_take(g, table, id);
    Ref h2 = build_unary(g, OP_tanh, row_bias(g, op2(g, OP_add, h, e), same));
    build_result(g, h2, "", -1);
    build_result(g, op2(g, OP_sub, op2(g, OP_add, sum, op2(g, OP_mul, h2, x)), e), "", -1);
    build_result(g, same, "", -1);
    build_result(g, op2(g, OP_mul, x, x), "", -1);
    build_result(g, same, "", -1);
    Ref in[] = {X(B, N), X(B, N), X(N), input(&f, I32(T, B), 0, 4.99, false), X(T, B, N), X(5, N)};
    Ref s = scan_of(&f, &b, T, 3, 2, in);
    Ref loss = last_and_all(&f, build_proj(f.g, s, 0), build_proj(f.g, s, 3));
    Ref more = last_and_all(&f, build_proj(f.g, s, 1), build_proj(f.g, s, 4));
    loss = build_binary(f.g, OP_add, loss, build_binary(f.g, OP_add, more, loss_of(&f, build_proj(f.g, s, 2))));
    *fix = f;
    return loss;
}

/* Scores over a fixed memory in each step (attention), then a softmax: batched dots with constants.
 */
static Ref attention(Fix *fix)
{
    Fix f = *fix;
    Body b = body_new(&f);
    Graph *g = b.g;
    Ref h = arg(&b, PARAM_CARRY, F64(B, N)), x = arg(&b, PARAM_XS, F64(B, N));
    Ref memory = arg(&b, PARAM_CONST, F64(B, 4, N)), w = arg(&b, PARAM_CONST, F64(N, N));
    Ref score = build_dot(g, memory, h, 1, (int[]){0}, (int[]){0}, 1, (int[]){2}, (int[]){1});
    Ref e = build_unary(g, OP_exp, score);
    Ref sum = build_broadcast(g, build_reduce(g, OP_sum, e, (int[]){1}, 1), F64(B, 4), (int[]){0});
    Ref a = op2(g, OP_div, e, sum);
    Ref seen = build_dot(g, a, memory, 1, (int[]){0}, (int[]){0}, 1, (int[]){1}, (int[]){1});
    build_result(g, build_unary(g, OP_tanh, op2(g, OP_add, mm(g, seen, w), x)), "", -1);
    build_result(g, a, "", -1);
    Ref in[] = {X(B, N), X(T, B, N), X(B, 4, N), X(N, N)};
    Ref s = scan_of(&f, &b, T, 1, 1, in);
    Ref loss = last_and_all(&f, build_proj(f.g, s, 0), build_proj(f.g, s, 1));
    *fix = f;
    return loss;
}

/* Convolution, pooling by window, pad, concat, max in a step. */
static Ref images(Fix *fix)
{
    Fix f = *fix;
    Dims *d = f.m->dims;
    Body b = body_new(&f);
    Graph *g = b.g;
    Ref h = arg(&b, PARAM_CARRY, F64(1, 3, 3, 2)), x = arg(&b, PARAM_XS, F64(1, 3, 3, 1)), w = arg(&b, PARAM_CONST, F64(2, 2, 3, 2));
    Ref both = build_concat(g, (Ref[]){h, x}, 2, 3);
    Conv c = {.groups = 1, .stride = {1, 1}, .dil = {1, 1}};
    for (int k = 0; k < 2; k++) {
        c.lo[k] = dim_const(d, 1), c.hi[k] = dim_const(d, 0);
        c.k[k] = dim_const(d, 2), c.extent[k] = dim_const(d, 3);
    }
    Ref h2 = build_unary(g, OP_tanh, build_conv(g, both, w, &c));
    Ref wins = build_window(g, h2, 1, 2, 1, 1); /* [1, 2, 2, 3, 2] */
    build_result(g, h2, "", -1);
    build_result(g, build_reduce(g, OP_max, wins, (int[]){2, 3}, 2), "", -1);
    Ref in[] = {X(1, 3, 3, 2), X(T, 1, 3, 3, 1), X(2, 2, 3, 2)};
    Ref s = scan_of(&f, &b, T, 1, 1, in);
    Ref loss = last_and_all(&f, build_proj(f.g, s, 0), build_proj(f.g, s, 1));
    *fix = f;
    return loss;
}

typedef Ref Cell(Fix *f);
static Cell *const cells[] = {rnn, gru, lstm, product, embedding, attention, images, nested};
static const char *const names[] = {"rnn", "gru", "lstm", "product", "embedding", "attention", "images", "nested"};
enum { N_CELLS = sizeof cells / sizeof cells[0] };

/* ---- derivatives -------------------------------------------------------------------------------
 */

TestRows(derivative, first_order, N_CELLS)
{
    Fix f = fix_begin();
    Ref loss = cells[row](&f);
    check_gradients(&f, loss, 1);
    const char *wrong = graph_verify(f.g, f.arena);
    cr_assert(!wrong, "%s: %s", names[row], wrong);
}

TestRows(derivative, second_order, N_CELLS)
{
    Fix f = fix_begin();
    check_gradients(&f, cells[row](&f), 2);
}

/* ---- the pass ----------------------------------------------------------------------------------
 */

/* Loss and gradients as results; order 2: gradients of the gradients too. */
static Graph *with_gradients(Fix *f, Cell *cell, int order)
{
    Ref loss = cell(f), grads[16];
    build_result(f->g, loss, "loss", -1);
    for (; order > 0; order--) {
        autodiff_gradients(f->g, loss, f->wrt.at, f->wrt.n, grads, f->arena);
        loss = 0;
        for (uint32_t k = 0; k < f->wrt.n; k++) {
            if (!grads[k]) continue;
            build_result(f->g, grads[k], "grad", -1);
            Ref part = sum_all(f->g, build_binary(f->g, OP_mul, grads[k], grads[k]));
            loss = loss ? build_binary(f->g, OP_add, loss, part) : part;
        }
    }
    return run_pass(f, "simplify", f->g);
}

TestRows(scan_pass, values_stay, N_CELLS)
{
    for (int order = 0; order <= 2; order++) {
        Fix f = fix_begin();
        Graph *g = with_gradients(&f, cells[row], order);
        Graph *split = run_pass(&f, "scan", g);
        expect_same(&f, g, split, 1e-10);
        expect_same(&f, g, run_pass(&f, "simplify", split), 1e-10);
        expect_same(&f, g, run_pass(&f, "scan", split), 1e-10); /* again */
    }
}

static Graph *split(Fix *f, Cell *cell, int order)
{
    return run_pass(f, "simplify", run_pass(f, "scan", with_gradients(f, cell, order)));
}

Test(scan_pass, rnn_forward)
{
    Fix f = fix_begin();
    Graph *g = split(&f, rnn, 0);
    cr_assert_eq(count_op(&f, g, OP_scan, false), 1);
    cr_assert_eq(count_op(&f, g, OP_dot, false), 1, "x W leaves the loop");
    cr_assert_eq(count_op(&f, g, OP_dot, true), 1, "h U stays");
}

/* A training step: three dots before and after the loops for the input, W and U, one for dx; one
 * dot in each loop. */
Test(scan_pass, gru_gradient)
{
    Fix f = fix_begin();
    Graph *g = split(&f, gru, 1);
    cr_assert_eq(count_op(&f, g, OP_scan, false), 2, "forward is one loop, with what backward needs");
    cr_assert_eq(count_op(&f, g, OP_dot, true), 2);
    cr_assert_eq(count_op(&f, g, OP_dot, false), 4);
    bool *live = graph_live(g, f.arena);
    for (Ref r = 1; r < g->node.n; r++)
        if (live[r] && graph_node(g, r)->op == OP_scan)
            cr_assert_eq(graph_attr(g, r, 2), 1, "the state, or its cotangent, is the only carry");
}

Test(scan_pass, lstm_gradient)
{
    Fix f = fix_begin();
    Graph *g = split(&f, lstm, 1);
    cr_assert_eq(count_op(&f, g, OP_scan, false), 2);
    cr_assert_eq(count_op(&f, g, OP_dot, true), 2, "h U and its transpose");
    cr_assert_eq(count_op(&f, g, OP_dot, false), 7, "x W, h V; dx, dW, dU, dV, dy V'");
}

/* A gradient that vanishes becomes 0 before it is denormal; sums over time, where nothing shrinks, stay as they are. */
Test(scan_pass, gradients_are_flushed)
{
    Fix f = fix_begin();
    cr_assert_eq(count_op(&f, split(&f, gru, 1), OP_flush, true), 1, "the state's");
    f = fix_begin();
    cr_assert_eq(count_op(&f, split(&f, gru, 1), OP_flush, false), 1, "the input's, over all steps");
    Ref grad;
    for (int k = 249; k <= 250; k++) {
        f = fix_begin();
        Body b = body_new(&f);
        Ref p = arg(&b, PARAM_CARRY, F64(2)), x = arg(&b, PARAM_XS, F64(2));
        build_result(b.g, build_binary(b.g, OP_mul, p, x), "", -1);
        Ref in[] = {X(2), build_const(f.g, F64(T, 2), ldexp(1, -k))};
        Ref last = build_proj(f.g, scan_of(&f, &b, T, 1, 1, in), 0);
        autodiff_gradients(f.g, sum_all(f.g, last), in, 1, &grad, f.arena);
        TensorValue v;
        evaluate(&f, f.g, &grad, 1, &v);
        cr_assert_eq(v.f[0], k == 249 ? 0x1p-996 : 0);
    }
    f = fix_begin();
    Body b = body_new(&f);
    Ref p = arg(&b, PARAM_CARRY, F64(2)), x = arg(&b, PARAM_XS, F64(2));
    build_result(b.g, build_binary(b.g, OP_add, p, x), "", -1);
    build_result(b.g, p, "", -1);
    Ref sums[] = {X(2), X(T, 2)};
    Ref all = build_proj(f.g, scan_of(&f, &b, T, 1, 1, sums), 1);
    autodiff_gradients(f.g, sum_all(f.g, all), sums, 1, &grad, f.arena);
    build_result(f.g, grad, "", -1);
    cr_assert_eq(count_op(&f, f.g, OP_scan, false), 1);
    cr_assert_eq(count_op(&f, f.g, OP_flush, true), 0);
}

Test(scan_pass, nothing_left)
{
    Fix f = fix_begin();
    Body b = body_new(&f);
    Ref sum = arg(&b, PARAM_CARRY, F64(N, 2)), x = arg(&b, PARAM_XS, F64(B, N)), y = arg(&b, PARAM_XS, F64(B, 2));
    Ref u = build_dot(b.g, x, y, 0, NULL, NULL, 1, (int[]){0}, (int[]){0});
    build_result(b.g, build_binary(b.g, OP_add, u, sum), "", -1);
    build_result(b.g, build_unary(b.g, OP_exp, x), "", -1);
    Ref in[] = {X(N, 2), X(T, B, N), X(T, B, 2)};
    Ref s = scan_of(&f, &b, T, 1, 2, in);
    build_result(f.g, build_proj(f.g, s, 0), "sum", -1);
    build_result(f.g, build_proj(f.g, s, 1), "exp", -1);
    Graph *g = run_pass(&f, "scan", f.g);
    expect_same(&f, f.g, g, 1e-12);
    cr_assert_eq(count_op(&f, g, OP_scan, false), 0);
    cr_assert_eq(count_op(&f, g, OP_dot, false), 1, "one dot contracts time too");
}

/* Sums of scatters, convolutions for a filter, draws, symbolic T. */
Test(scan_pass, sums_of_other_kinds)
{
    Fix f = fix_begin();
    Dims *d = f.m->dims;
    Dim t = size_symbol(&f, "T", 5);
    Body b = body_new(&f);
    Graph *g = b.g;
    Ref rows = arg(&b, PARAM_CARRY, F64(6, 2)), filter = arg(&b, PARAM_CARRY, F64(2, 2, 1, 1)), total = arg(&b, PARAM_CARRY, F64(2));
    Ref id = arg(&b, PARAM_XS, I32(3)), u = arg(&b, PARAM_XS, F64(3, 2)), img = arg(&b, PARAM_XS, F64(1, 3, 3, 1));
    Ref dy = arg(&b, PARAM_XS, F64(1, 2, 2, 1)), at = arg(&b, PARAM_XS, (Type){.dtype = DT_i32});
    Ref k = arg(&b, PARAM_CONST, F64(2)), seed = arg(&b, PARAM_CONST, (Type){.dtype = DT_i64});
    Conv c = {.mode = 2, .groups = 1, .stride = {1, 1}, .dil = {1, 1}};
    for (int i = 0; i < 2; i++) {
        c.lo[i] = c.hi[i] = dim_const(d, 0);
        c.k[i] = dim_const(d, 2), c.extent[i] = dim_const(d, 3);
    }
    Ref draw = build_random(g, 0, 99, seed, seed, at, F64(2), 0);
    build_result(g, build_binary(g, OP_add, rows, build_scatter_add(g, id, u, dim_const(d, 6))), "", -1);
    build_result(g, build_binary(g, OP_sub, filter, build_conv(g, img, dy, &c)), "", -1);
    build_result(g, build_binary(g, OP_add, build_binary(g, OP_add, total, k), build_binary(g, OP_mul, draw, k)), "", -1);
    build_result(g, draw, "", -1);
    Type types[] = {I32(3), F64(3, 2), F64(1, 3, 3, 1), F64(1, 2, 2, 1)};
    Ref in[10] = {X(6, 2), X(2, 2, 1, 1), X(2)};
    for (int i = 0; i < 4; i++) {
        Type type = types[i];
        for (int a = type.rank; a > 0; a--)
            type.dim[a] = type.dim[a - 1];
        type.dim[0] = t;
        type.rank++;
        in[3 + i] = input(&f, type, 0, 5.99, false);
    }
    in[7] = build_iota(f.g, (Type){.dtype = DT_i32, .rank = 1, .dim = {t}}, 0);
    in[8] = X(2);
    in[9] = build_const_int(f.g, (Type){.dtype = DT_i64}, 3);
    Ref s = build_scan(f.g, g->id, t, 3, 5, in, 10);
    for (uint32_t i = 0; i < 4; i++)
        build_result(f.g, build_proj(f.g, s, i), "", -1);
    Graph *out = run_pass(&f, "scan", f.g);
    expect_same(&f, f.g, out, 1e-12);
    cr_assert_eq(count_op(&f, out, OP_scan, false), 0);
    cr_assert_eq(count_op(&f, out, OP_scatter_add, false), 1);
}

Test(scan_pass, random_graphs)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        Fix f = fix_begin();
        Graph *g = gen_graph(f.m, seed, (GenOptions){.n_nodes = 20});
        gen_sizes(f.m, seed, f.symbols);
        TensorValue *values = gen_values(f.arena, g, seed, f.symbols);
        for (uint32_t i = 0; i < g->param.n; i++)
            vec_add(f.arena, &f.value, values[i]);
        expect_same(&f, g, run_pass(&f, "scan", g), 1e-9);
        expect_same(&f, g, run_pass(&f, "simplify", g), 1e-9);
    }
}

/* The whole pipeline on random graphs with their gradients. */
Test(pipeline, random_gradients)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        Fix f = fix_begin();
        Graph *g = f.g = gen_graph(f.m, seed, (GenOptions){.smooth = true, .n_nodes = 16});
        gen_sizes(f.m, seed, f.symbols);
        TensorValue *values = gen_values(f.arena, g, seed, f.symbols);
        for (uint32_t i = 0; i < g->param.n; i++) {
            vec_add(f.arena, &f.value, values[i]);
            if (values[i].f) vec_add(f.arena, &f.wrt, g->param.at[i].ref);
        }
        Ref loss = 0;
        for (uint32_t i = 0; i < g->result.n; i++) {
            Ref r = g->result.at[i].ref;
            if (!dtype_is_float(graph_type(g, r)->dtype)) continue;
            Ref part = build_cast(g, sum_all(g, build_unary(g, OP_sin, r)), DT_f64);
            loss = loss ? build_binary(g, OP_add, loss, part) : part;
        }
        if (!loss) continue;
        for (int order = 0; order < 2; order++) {
            Ref *grads = ARENA_ARRAY(f.arena, Ref, f.wrt.n + 1), next = 0;
            autodiff_gradients(g, loss, f.wrt.at, f.wrt.n, grads, f.arena);
            for (uint32_t k = 0; k < f.wrt.n; k++) {
                if (!grads[k]) continue;
                build_result(g, grads[k], "grad", -1);
                Ref part = build_cast(g, sum_all(g, build_unary(g, OP_tanh, grads[k])), DT_f64);
                next = next ? build_binary(g, OP_add, next, part) : part;
            }
            if (!(loss = next)) break;
        }
        Pass p = {.module = f.m, .scratch = f.arena};
        expect_same(&f, g, pass_pipeline(&p, g, NULL, NULL), 1e-7);
    }
}

/* ---- old parameter versions in loops -----------------------------------------------------------
 */

static void descend(void *user, int64_t statement, const TensorValue *in, uint32_t n_in, TensorValue *out, uint32_t n_out, Arena *arena)
{
    (void)user, (void)statement, (void)arena, (void)n_in;
    for (uint32_t i = 0; i < n_out; i++)
        for (int64_t e = 0; e < out[i].count; e++)
            out[i].f[e] = in[1 + n_out + i].f[e] - in[1 + i].f[e];
}

/* h' = tanh(2 (h + b) + x_t v): b is updated first, then v, by the same loss. The derivative by v
 * needs h + b at most, which the loop saves; where it needs h * b, it reads b itself. */
static Diags old_bias(Fix *fix, bool multiplied)
{
    Fix f = *fix;
    Body b = body_new(&f);
    Graph *g = b.g;
    Ref h = arg(&b, PARAM_CARRY, F64(N)), x = arg(&b, PARAM_XS, F64(N)), bias = arg(&b, PARAM_CONST, F64(N)),
        v = arg(&b, PARAM_CONST, F64(N));
    Ref moved = op2(g, multiplied ? OP_mul : OP_add, h, bias);
    Ref sum = op2(g, OP_add, op2(g, OP_mul, moved, build_like(g, moved, 2)), op2(g, OP_mul, x, v));
    build_result(g, op2(g, OP_sub, op2(g, OP_mul, sum, sum), sum), "", -1);
    Ref in[] = {K(N), K(T, N), K(N), K(N)};
    for (uint32_t i = 2; i < 4; i++)
        f.g->param.at[i].kind = PARAM_WEIGHT;
    Ref s = scan_of(&f, &b, T, 1, 1, in);
    Ref loss = sum_all(f.g, build_proj(f.g, s, 0));
    Ref b1 = build_proj(f.g, build_minimize(f.g, 0, loss, &in[2], 1, NULL, 0), 0);
    Ref v1 = build_proj(f.g, build_minimize(f.g, 1, loss, &in[3], 1, NULL, 0), 0);
    build_result(f.g, b1, "b", 2);
    build_result(f.g, v1, "v", 3);
    Sources *sources = ARENA_NEW(f.arena, Sources);
    sources->arena = f.arena;
    Diags diags = {.arena = f.arena, .sources = sources};
    Pass p = {.module = f.m, .scratch = f.arena, .diags = &diags};
    Graph *out = pass_pipeline(&p, f.g, NULL, NULL);
    InterpretHooks hooks = {.update = descend};
    TensorValue got[2], want;
    cr_assert_null(graph_interpret(out, f.symbols, f.value.at, got, &hooks, f.arena));
    Ref grad;
    autodiff_gradients(f.g, loss, &in[3], 1, &grad, f.arena);
    evaluate(&f, f.g, &grad, 1, &want);
    for (int64_t e = 0; e < N; e++) {
        double expected = f.value.at[3].f[e] - want.f[e];
        cr_assert(fabs(got[1].f[e] - expected) < 1e-10 * (1 + fabs(expected)), "%.17g, not %.17g", got[1].f[e], expected);
    }
    return diags;
}

Test(minimize, loop_saves_what_old_versions_gave)
{
    Fix f = fix_begin();
    cr_assert_eq(old_bias(&f, false).n_errors, 0);
    f = fix_begin();
    Diags d = old_bias(&f, true);
    cr_assert_eq(d.n_errors, 1);
    cr_assert_str_eq(d.list.at[0]->code, "E0508");
}
