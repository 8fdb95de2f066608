/* links: nnc_transform nnc_gen nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_transform.c: derivatives of all operations against central differences (to second order),
 * the conventions at corners, minimize with several statements, grad blocks, and the checks E0508,
 * W0511. */
#include "fuzz/gen_graph.h"
#include "grad_help.h"
#include "rows.h"

#define UN(op, a) build_unary(f.g, OP_##op, a)
#define BIN(op, a, b) build_binary(f.g, OP_##op, a, b)
#define D(v) dim_const(f.m->dims, v)

/* ---- elementwise -------------------------------------------------------------------------------
 */

static const struct {
    Op op;
    int smooth;
} functions[] = {
#define FUNCTION(name, value, smooth, gradient, properties) {OP_##name, smooth},
#define COMPOSED_FUNCTION(name, ...)
#include "support/functions.def"
};

TestRows(elementwise, functions, N_ROWS(functions))
{
    if (!(op_properties[functions[row].op] & GRAD)) return;
    Fix f = fix_begin();
    Ref x = functions[row].smooth == POSITIVE ? POSITIVE(5) : X(5);
    if (functions[row].smooth == UNIT) x = BIN(mul, x, build_like(f.g, x, 0.9));
    check(&f, build_unary(f.g, functions[row].op, x));
}

static const Op binary[] = {OP_add, OP_sub, OP_mul, OP_div, OP_pow, OP_maximum};
TestRows(elementwise, operators, N_ROWS(binary))
{
    Fix f = fix_begin();
    Ref a = POSITIVE(2, 3), b = POSITIVE(2, 3);
    check(&f, build_binary(f.g, binary[row], a, b));
}

Test(elementwise, negation)
{
    Fix f = fix_begin();
    check(&f, UN(neg, X(5)));
}

Test(elementwise, where_and_cast)
{
    Fix f = fix_begin();
    Ref a = X(6), b = X(6), c = K(6);
    check(&f, build_where(f.g, BIN(less, c, build_like(f.g, c, 0)), a, b));
    f = fix_begin();
    check(&f, build_cast(f.g, build_cast(f.g, X(4), DT_f32), DT_f64));
}

Test(elementwise, same_operand_twice)
{
    Fix f = fix_begin();
    Ref x = POSITIVE(4);
    check(&f, BIN(mul, BIN(pow, x, x), BIN(div, x, BIN(add, x, x))));
}

static void expect_gradient(Fix *f, Ref y, uint32_t operand, int n, const double *want)
{
    Ref *grads = ARENA_ARRAY(f->arena, Ref, f->wrt.n + 1);
    autodiff_gradients(f->g, sum_all(f->g, y), f->wrt.at, f->wrt.n, grads, f->arena);
    TensorValue v;
    evaluate(f, f->g, &grads[operand], 1, &v);
    for (int e = 0; e < n; e++)
        cr_assert(v.f[e] == want[e], "element %d: %g, not %g", e, v.f[e], want[e]);
}
#define EXPECT(y, operand, ...) \
    expect_gradient(&f, y, operand, (int)(sizeof(double[]){__VA_ARGS__} / sizeof(double)), (double[]){__VA_ARGS__})

Test(corners, conventions)
{
    Fix f = fix_begin();
    Ref x = GIVEN(F64(3), -1, 0, 2);
    EXPECT(UN(abs, x), 0, -1, 0, 1);
    EXPECT(BIN(maximum, x, build_like(f.g, x, 0)), 0, 0, 0, 1); /* relu'(0) = 0 */
    EXPECT(BIN(flush, x, build_like(f.g, x, 2)), 0, 1, 1, 1);
    f = fix_begin();
    x = GIVEN(F64(2), 0, 4);
    EXPECT(UN(sqrt, x), 0, 0, 0.25);
    f = fix_begin();
    Ref a = GIVEN(F64(3), 1, 1, 2), b = GIVEN(F64(3), 1, 2, 1);
    Ref y = BIN(maximum, a, b); /* a tie belongs to the second */
    EXPECT(y, 0, 0, 0, 1);
    EXPECT(y, 1, 1, 1, 0);
    f = fix_begin();
    a = GIVEN(F64(4), 0, 0, -2, 3), b = GIVEN(F64(4), 0, 2, 2, 0);
    y = BIN(pow, a, b);
    EXPECT(y, 0, 0, 0, -4, 0);
    EXPECT(y, 1, 0, 0, 0, log(3));
    f = fix_begin();
    x = GIVEN(F64(2, 3), 1, 5, 5, 2, 2, 2);
    EXPECT(build_reduce(f.g, OP_max, x, (int[]){1}, 1), 0, 0, 1, 0, 1, 0, 0);
    EXPECT(build_reduce(f.g, OP_max, x, (int[]){0, 1}, 2), 0, 0, 1, 0, 0, 0, 0);
}

Test(corners, stop_and_integers_cut)
{
    Fix f = fix_begin();
    Ref x = X(3), g[1];
    Ref y = BIN(mul, build_stop(f.g, x), x);
    EXPECT(y, 0, f.value.at[0].f[0], f.value.at[0].f[1], f.value.at[0].f[2]);
    Ref whole = build_cast(f.g, build_cast(f.g, x, DT_i32), DT_f64);
    autodiff_gradients(f.g, sum_all(f.g, whole), &x, 1, g, f.arena);
    cr_assert_eq(g[0], 0);
    autodiff_gradients(f.g, sum_all(f.g, UN(floor, x)), &x, 1, g, f.arena);
    cr_assert_eq(g[0], 0);
}

/* ---- views and reductions ----------------------------------------------------------------------
 */

Test(views, reshape_permute_broadcast)
{
    Fix f = fix_begin();
    Ref x = X(2, 3, 4);
    check(&f, build_reshape(f.g, x, (Dim[]){D(6), D(4)}, 2));
    f = fix_begin();
    check(&f, build_permute(f.g, X(2, 3, 4), (int[]){2, 0, 1}));
    f = fix_begin();
    check(&f, build_broadcast(f.g, X(3), F64(2, 3, 2), (int[]){1}));
    f = fix_begin();
    check(&f, build_broadcast_to(f.g, X(3, 1), F64(2, 3, 4)));
    f = fix_begin();
    check(&f, build_broadcast(f.g, input(&f, SCALAR_F64, -1, 1, true), F64(2, 2), NULL));
}

static const int64_t slices[][4] = {/* n, lo, hi, step */
                                    {7, 0, 7, 1},  {7, 2, 5, 1},  {7, 1, 7, 2}, {7, 0, 6, 3},  {7, 0, 7, -1},
                                    {7, 1, 6, -2}, {7, 2, 7, -3}, {7, 6, 7, 1}, {7, 0, 1, -1}, {1, 0, 1, 1}};
TestRows(views, slices, N_ROWS(slices))
{
    Fix f = fix_begin();
    const int64_t *c = slices[row];
    Ref x = X(2, c[0]);
    Dim lo[2] = {D(0), D(c[1])}, hi[2] = {D(2), D(c[2])};
    int64_t step[2] = {row % 2 ? -1 : 1, c[3]};
    check(&f, build_slice(f.g, x, lo, hi, step));
}

static const int64_t pads[][4] = {/* n, lo, hi, interior */
                                  {3, 0, 0, 0},
                                  {3, 1, 2, 0},
                                  {3, 0, 0, 2},
                                  {3, 2, 1, 1},
                                  {1, 0, 3, 1}};
TestRows(views, pads, N_ROWS(pads))
{
    Fix f = fix_begin();
    const int64_t *c = pads[row];
    Ref x = X(2, c[0]);
    Dim lo[2] = {D(0), D(c[1])}, hi[2] = {D(1), D(c[2])};
    int64_t interior[2] = {0, c[3]};
    check(&f, build_pad(f.g, x, lo, hi, interior, 0.5));
}

Test(views, symbolic_slice_and_pad)
{
    Fix f = fix_begin();
    Dim n = size_symbol(&f, "N", 7);
    Type type = {.dtype = DT_f64, .rank = 1, .dim = {n}};
    Ref x = input(&f, type, -1, 1, true);
    Dim lo = D(1), zero = D(0);
    int64_t back = -2, two = 2, one = 1;
    Ref y = build_slice(f.g, x, &lo, &n, &back);
    Ref z = build_slice(f.g, x, &zero, &n, &two);
    check(&f, build_concat(f.g, (Ref[]){y, z, build_pad(f.g, x, &lo, &zero, &one, 0)}, 3, 0));
}

Test(views, concat)
{
    Fix f = fix_begin();
    Ref a = X(2, 3), b = X(2, 1);
    check(&f, build_concat(f.g, (Ref[]){a, b, a}, 3, 1));
}

static const int64_t windows[][4] = {/* n, size, step, dilation */
                                     {7, 3, 1, 1},
                                     {7, 3, 2, 1},
                                     {8, 2, 3, 1},
                                     {9, 3, 1, 2},
                                     {3, 3, 1, 1}};
TestRows(views, window_and_fold, N_ROWS(windows))
{
    const int64_t *c = windows[row];
    Fix f = fix_begin();
    Ref w = build_window(f.g, X(2, c[0], 2), 1, c[1], c[2], c[3]);
    int64_t n_out;
    dim_is_const(f.m->dims, graph_type(f.g, w)->dim[1], &n_out);
    check(&f, w);
    f = fix_begin();
    Ref u = X(2, n_out, c[1], 2);
    check(&f, build_fold(f.g, u, 1, D(c[0]), c[1], c[2], c[3]));
}

Test(reductions, sum_max)
{
    static const struct {
        int n, axes[3];
    } cases[] = {{1, {0}}, {1, {2}}, {2, {0, 2}}, {3, {0, 1, 2}}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Fix f = fix_begin();
        check(&f, build_reduce(f.g, OP_sum, X(2, 3, 2), cases[i].axes, cases[i].n));
        f = fix_begin();
        check(&f, build_reduce(f.g, OP_max, X(2, 3, 2), cases[i].axes, cases[i].n));
    }
}

/* ---- contractions, indexed ---------------------------------------------------------------------
 */

Test(contractions, dot)
{
    Fix f = fix_begin();
    Ref a = X(3, 4), b = X(4, 2);
    check(&f, build_dot(f.g, a, b, 0, NULL, NULL, 1, (int[]){1}, (int[]){0}));
    f = fix_begin(); /* batch axes in odd places, two contracted axes in different orders */
    a = X(2, 3, 2, 4), b = X(4, 2, 3, 2);
    check(&f, build_dot(f.g, a, b, 1, (int[]){1}, (int[]){2}, 2, (int[]){3, 0}, (int[]){0, 1}));
    f = fix_begin();
    a = X(2, 3, 2), b = X(3, 2, 2);
    check(&f, build_dot(f.g, a, b, 0, NULL, NULL, 2, (int[]){0, 1}, (int[]){2, 0}));
    f = fix_begin(); /* outer product */
    a = X(2), b = X(3);
    check(&f, build_dot(f.g, a, b, 0, NULL, NULL, 0, NULL, NULL));
    f = fix_begin(); /* the same tensor twice */
    a = X(3, 3);
    check(&f, build_dot(f.g, a, a, 0, NULL, NULL, 1, (int[]){1}, (int[]){1}));
}

static const struct {
    int64_t groups, stride[2], dil[2], lo[2], hi[2], k[2], extent[2];
} convs[] = {
    {1, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {2, 3}, {4, 5}}, {1, {2, 1}, {1, 2}, {1, 2}, {1, 1}, {3, 2}, {5, 4}},
    {2, {1, 2}, {1, 1}, {1, 0}, {0, 1}, {2, 2}, {3, 4}}, {1, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {1, 1}, {2, 3}},
    {1, {3, 3}, {1, 1}, {0, 0}, {0, 0}, {2, 2}, {6, 7}},
};
TestRows(contractions, conv, 3 * N_ROWS(convs)) /* in each of three modes */
{
    size_t i = row / 3;
    Fix f = fix_begin();
    Conv c = {.mode = (int)(row % 3), .groups = convs[i].groups};
    int64_t out[2];
    for (int k = 0; k < 2; k++) {
        c.stride[k] = convs[i].stride[k], c.dil[k] = convs[i].dil[k];
        c.lo[k] = D(convs[i].lo[k]), c.hi[k] = D(convs[i].hi[k]);
        c.k[k] = D(convs[i].k[k]), c.extent[k] = D(convs[i].extent[k]);
        out[k] = (convs[i].extent[k] + convs[i].lo[k] + convs[i].hi[k] - c.dil[k] * (convs[i].k[k] - 1) - 1) / c.stride[k] + 1;
    }
    Type x = F64(2, convs[i].extent[0], convs[i].extent[1], 2), y = F64(2, out[0], out[1], 2);
    Type w = F64(convs[i].k[0], convs[i].k[1], 2 / c.groups, 2);
    Ref a = input(&f, c.mode == 1 ? y : x, -1, 1, true), b = input(&f, c.mode == 2 ? y : w, -1, 1, true);
    check(&f, build_conv(f.g, a, b, &c));
}

Test(indexed, gather_scatter)
{
    Fix f = fix_begin();
    Ref table = X(4, 3), idx = input(&f, I32(2, 3), 0, 3.99, false);
    check(&f, build_take(f.g, table, idx));
    f = fix_begin();
    Ref up = X(5, 2), at = input(&f, I32(5), 0, 2.99, false); /* duplicates */
    check(&f, build_scatter_add(f.g, at, up, D(3)));
}

/* ---- random graphs -----------------------------------------------------------------------------
 */

/* A scalar from all float results. */
static Ref total(Fix *f, const Graph *g)
{
    Ref sum = 0;
    for (uint32_t i = 0; i < g->result.n; i++) {
        Type type = *graph_type(f->g, g->result.at[i].ref);
        if (!dtype_is_float(type.dtype)) continue;
        Ref one = build_cast(f->g, sum_all(f->g, build_unary(f->g, OP_sin, g->result.at[i].ref)), DT_f64);
        sum = sum ? build_binary(f->g, OP_add, sum, one) : one;
    }
    return sum;
}

/* Directional derivatives <grad, v> against central differences: one number per graph. */
static void check_direction(Fix *f, Ref loss, uint64_t seed)
{
    Ref *grads = ARENA_ARRAY(f->arena, Ref, f->wrt.n + 1);
    autodiff_gradients(f->g, loss, f->wrt.at, f->wrt.n, grads, f->arena);
    double have = 0, h = 1e-6, value[2];
    f->seed = seed;
    TensorValue *v = ARENA_ARRAY(f->arena, TensorValue, f->wrt.n + 1);
    for (uint32_t k = 0; k < f->wrt.n; k++) {
        uint32_t p = 0;
        while (f->g->param.at[p].ref != f->wrt.at[k])
            p++;
        TensorValue *x = &f->value.at[p], g;
        v[k] = *x;
        v[k].f = ARENA_ARRAY(f->arena, double, x->count + 1);
        for (int64_t e = 0; e < x->count; e++)
            v[k].f[e] = fix_random(f);
        if (!grads[k]) continue;
        evaluate(f, f->g, &grads[k], 1, &g);
        for (int64_t e = 0; e < x->count; e++)
            have += g.f[e] * v[k].f[e];
    }
    for (int side = 0; side < 2; side++) {
        for (uint32_t k = 0; k < f->wrt.n; k++) {
            uint32_t p = 0;
            while (f->g->param.at[p].ref != f->wrt.at[k])
                p++;
            for (int64_t e = 0; e < v[k].count; e++)
                f->value.at[p].f[e] += (side ? -2 * h : h) * v[k].f[e];
        }
        value[side] = value_of(f, loss);
    }
    double want = (value[0] - value[1]) / (2 * h);
    cr_assert(fabs(have - want) < 1e-5 * (1 + fabs(want) + fabs(value[0])), "seed %u: %.12g, not %.12g", (unsigned)seed, have, want);
}

Test(random_graphs, gradients)
{
    for (uint64_t seed = 1; seed <= 150; seed++) {
        Fix f = fix_begin();
        f.g = gen_graph(f.m, seed, (GenOptions){.smooth = true});
        gen_sizes(f.m, seed, f.symbols);
        TensorValue *values = gen_values(f.arena, f.g, seed, f.symbols);
        for (uint32_t i = 0; i < f.g->param.n; i++) {
            vec_add(f.arena, &f.value, values[i]);
            if (values[i].f) vec_add(f.arena, &f.wrt, f.g->param.at[i].ref);
        }
        Ref loss = total(&f, f.g);
        if (loss) check_direction(&f, loss, seed);
    }
}

/* ---- grad blocks -------------------------------------------------------------------------------
 */

/* fn sq(x) = x*x with a grad block that gives 3*dy instead (a surrogate). */
static Graph *call_graphs(Fix *fix, bool own)
{
    Fix f = *fix;
    Graph *sq = graph_new(f.m, "sq"), *grad = graph_new(f.m, "sq_grad");
    Ref x = build_param(sq, PARAM_CONST, "", F64(3), 0);
    build_result(sq, build_binary(sq, OP_mul, x, x), "", -1);
    build_param(grad, PARAM_CONST, "", F64(3), 0);
    build_param(grad, PARAM_CONST, "", F64(3), 1);
    Ref dy = build_param(grad, PARAM_CONST, "", F64(3), 2);
    build_result(grad, build_binary(grad, OP_mul, dy, build_like(grad, dy, 3)), "", -1);
    if (own) sq->vjp = (int32_t)grad->id;
    return sq;
}

Test(calls, own_gradient)
{
    Fix f = fix_begin();
    Ref x = X(3);
    Ref y = build_proj(f.g, build_call(f.g, call_graphs(&f, true)->id, &x, 1), 0);
    EXPECT(y, 0, 3, 3, 3);
    build_result(f.g, y, "y", -1);
    Graph *same = run_pass(&f, "inline", f.g);
    cr_assert_eq(count_op(&f, same, OP_call, false), 1);
    Graph *opened = run_pass(&f, "open", same);
    cr_assert_eq(count_op(&f, opened, OP_call, false), 0);
    expect_same(&f, f.g, opened, 0);
}

Test(calls, without)
{
    Fix f = fix_begin();
    Ref x = X(3);
    Ref y = build_proj(f.g, build_call(f.g, call_graphs(&f, false)->id, &x, 1), 0);
    check(&f, y);
    build_result(f.g, y, "y", -1);
    cr_assert_eq(count_op(&f, run_pass(&f, "inline", f.g), OP_call, false), 0);
}

/* ---- minimize ----------------------------------------------------------------------------------
 */

static Ref weight(Fix *f, Type type, const char *name)
{
    input(f, type, -1, 1, false);
    GraphParam *p = &f->g->param.at[f->g->param.n - 1];
    p->kind = PARAM_WEIGHT;
    p->name = name;
    return p->ref;
}

static void place(Fix *f, uint32_t line)
{
    Loc loc = {.span = {1, 100 * line, 100 * line + 10}, .path = "", .line = line};
    vec_add(f->arena, &f->m->loc, loc);
    f->g->loc = f->m->loc.n - 1;
}

/* x -> tanh(x w) -> sum of squares */
static Ref energy(Graph *g, Ref x, Ref w)
{
    Ref y = build_unary(g, OP_tanh, build_dot(g, x, w, 0, NULL, NULL, 1, (int[]){1}, (int[]){0}));
    return sum_all(g, build_binary(g, OP_mul, y, y));
}

/* An update that keeps the gradients: new = old - gradient. */
static void descend(void *user, int64_t statement, const TensorValue *in, uint32_t n_in, TensorValue *out, uint32_t n_out, Arena *arena)
{
    (void)user;
    (void)statement;
    (void)arena;
    (void)n_in;
    for (uint32_t i = 0; i < n_out; i++)
        for (int64_t e = 0; e < out[i].count; e++)
            out[i].f[e] = in[1 + n_out + i].f[e] - in[1 + i].f[e];
}

static Graph *differentiate(Fix *f, Diags *diags)
{
    Pass p = {.module = f->m, .scratch = f->arena, .diags = diags};
    return pass_run(&p, "autodiff", f->g);
}

static Diags new_diags(Fix *f)
{
    Sources *s = ARENA_NEW(f->arena, Sources);
    s->arena = f->arena;
    return (Diags){.arena = f->arena, .sources = s};
}

Test(minimize, one_statement)
{
    Fix f = fix_begin();
    Ref x = K(2, 3), w = weight(&f, F64(3, 2), "w"), unused = weight(&f, F64(2), "u");
    Ref loss = energy(f.g, x, w), grads[1];
    place(&f, 1);
    Ref m = build_minimize(f.g, 0, loss, (Ref[]){w, unused}, 2, NULL, 0);
    build_result(f.g, build_proj(f.g, m, 0), "w", 1);
    build_result(f.g, build_proj(f.g, m, 1), "u", 2);
    Diags d = new_diags(&f);
    Graph *out = differentiate(&f, &d);
    cr_assert_eq(d.n_warnings, 1);
    cr_assert_str_eq(d.list.at[0]->code, "W0511");
    cr_assert_eq(count_op(&f, out, OP_minimize, false), 0);
    InterpretHooks hooks = {.update = descend};
    TensorValue v[2], g;
    cr_assert_null(graph_interpret(out, f.symbols, f.value.at, v, &hooks, f.arena));
    autodiff_gradients(f.g, loss, &w, 1, grads, f.arena);
    evaluate(&f, f.g, grads, 1, &g);
    for (int64_t e = 0; e < g.count; e++)
        cr_assert_float_eq(v[0].f[e], f.value.at[1].f[e] - g.f[e], 1e-12);
    for (int64_t e = 0; e < 2; e++)
        cr_assert_eq(v[1].f[e], f.value.at[2].f[e]);
}

/* What is said of a loss over `n` parameters that depends on those of `used`; NULL: nothing. */
static const char *said_of_loss(int n, int used)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    Fix f = fix_begin();
    Ref x = K(2, 3), w[4], loss = build_const(f.g, (Type){.dtype = DT_f64}, 0);
    for (int i = 0; i < n; i++) {
        w[i] = weight(&f, F64(3, 2), names[i]);
        if (used >> i & 1) loss = BIN(add, loss, energy(f.g, x, w[i]));
    }
    place(&f, 3);
    Ref m = build_minimize(f.g, 0, loss, w, (uint32_t)n, NULL, 0);
    for (int i = 0; i < n; i++)
        build_result(f.g, build_proj(f.g, m, (uint32_t)i), names[i], i + 1);
    Diags d = new_diags(&f);
    differentiate(&f, &d);
    cr_assert_leq(d.list.n, 1);
    if (!d.list.n) return NULL;
    const Diag *one = d.list.at[0];
    cr_expect(one->span.lo == 300 && one->span.hi == 310, "at %u .. %u", one->span.lo, one->span.hi);
    cr_expect_eq(d.n_errors, used == 0);
    return arena_print(f.arena, "%s %s", one->code, one->text);
}

Test(minimize, what_the_loss_does_not_depend_on)
{
    cr_expect_null(said_of_loss(1, 1));
    cr_expect_null(said_of_loss(4, 15));
    cr_expect_str_eq(said_of_loss(1, 0), "E0511 this loss depends on no parameter under `over`");
    cr_expect_str_eq(said_of_loss(3, 0), "E0511 this loss depends on no parameter under `over`");
    cr_expect_str_eq(said_of_loss(2, 2), "W0511 the loss does not depend on a");
    cr_expect_str_eq(said_of_loss(3, 3), "W0511 the loss does not depend on c");
    cr_expect_str_eq(said_of_loss(3, 1), "W0511 the loss does not depend on b and another parameter");
    cr_expect_str_eq(said_of_loss(4, 2), "W0511 the loss does not depend on a and 2 other parameters");
}

/* discriminator and generator: the second statement reads the new discriminator and must not build
 * its gradient. */
Test(minimize, two_statements)
{
    Fix f = fix_begin();
    Ref z = K(2, 3), disc = weight(&f, F64(3, 2), "disc"), gen = weight(&f, F64(3, 3), "gen");
    Ref fake = build_unary(f.g, OP_tanh, build_dot(f.g, z, gen, 0, NULL, NULL, 1, (int[]){1}, (int[]){0}));
    place(&f, 1);
    Ref one = build_minimize(f.g, 0, energy(f.g, fake, disc), &disc, 1, NULL, 0);
    Ref disc1 = build_proj(f.g, one, 0);
    place(&f, 2);
    Ref loss = energy(f.g, fake, disc1);
    Ref two = build_minimize(f.g, 1, loss, &gen, 1, NULL, 0);
    build_result(f.g, disc1, "disc", 1);
    build_result(f.g, build_proj(f.g, two, 0), "gen", 2);
    Diags d = new_diags(&f);
    Graph *out = differentiate(&f, &d);
    cr_assert_eq(d.n_errors, 0);
    InterpretHooks hooks = {.update = descend};
    TensorValue v[2], g;
    cr_assert_null(graph_interpret(out, f.symbols, f.value.at, v, &hooks, f.arena));
    /* the same by hand */
    Ref gd[1], both[2];
    autodiff_gradients(f.g, energy(f.g, fake, disc), &disc, 1, gd, f.arena);
    Ref by_hand = build_binary(f.g, OP_sub, disc, gd[0]);
    autodiff_gradients(f.g, energy(f.g, fake, by_hand), (Ref[]){gen, by_hand}, 2, both, f.arena);
    evaluate(&f, f.g, both, 1, &g);
    for (int64_t e = 0; e < g.count; e++)
        cr_assert_float_eq(v[1].f[e], f.value.at[2].f[e] - g.f[e], 1e-12);
    cr_assert_eq(count_op(&f, out, OP_update, false), 2);
}

/* Both versions of a parameter in one loss: contributions are summed. */
Test(minimize, sums_versions)
{
    Fix f = fix_begin();
    Ref x = K(2, 3), w = weight(&f, F64(3, 2), "w");
    place(&f, 1);
    Ref w1 = build_proj(f.g, build_minimize(f.g, 0, energy(f.g, x, w), &w, 1, NULL, 0), 0);
    /* sum(w * c) needs no version in its backward part */
    Ref c = K(3, 2), loss = BIN(add, sum_all(f.g, BIN(mul, w, c)), energy(f.g, x, w1));
    place(&f, 2);
    Ref w2 = build_proj(f.g, build_minimize(f.g, 1, loss, &w1, 1, NULL, 0), 0);
    build_result(f.g, w2, "w", 1);
    build_result(f.g, w1, "old", -1);
    Diags d = new_diags(&f);
    Graph *out = differentiate(&f, &d);
    cr_assert_eq(d.n_errors, 0);
    InterpretHooks hooks = {.update = descend};
    TensorValue v[2], g;
    cr_assert_null(graph_interpret(out, f.symbols, f.value.at, v, &hooks, f.arena));
    f.value.at[1] = v[1];
    Ref grads[1];
    autodiff_gradients(f.g, energy(f.g, x, w), &w, 1, grads, f.arena);
    evaluate(&f, f.g, grads, 1, &g);
    for (int64_t e = 0; e < g.count; e++)
        cr_assert_float_eq(v[0].f[e], v[1].f[e] - g.f[e] - f.value.at[2].f[e], 1e-12);
}

Test(minimize, old_parameters)
{
    Fix f = fix_begin();
    Ref x = K(2, 3), w = weight(&f, F64(3, 2), "disc.w"), gen = weight(&f, F64(3, 3), "gen.w");
    Ref fake = build_dot(f.g, x, gen, 0, NULL, NULL, 1, (int[]){1}, (int[]){0});
    place(&f, 1);
    Ref early = energy(f.g, fake, w);
    place(&f, 2);
    Ref w1 = build_proj(f.g, build_minimize(f.g, 0, early, &w, 1, NULL, 0), 0);
    place(&f, 3); /* needs the old w to reach gen */
    Ref g1 = build_proj(f.g, build_minimize(f.g, 1, early, &gen, 1, NULL, 0), 0);
    build_result(f.g, w1, "disc.w", 1);
    build_result(f.g, g1, "gen.w", 2);
    Diags d = new_diags(&f);
    differentiate(&f, &d);
    cr_assert_eq(d.n_errors, 1);
    cr_assert_str_eq(d.list.at[0]->code, "E0508");
    cr_assert_eq(d.list.at[0]->span.lo, 300);
    cr_assert(strstr(d.list.at[0]->text, "disc.w") && strstr(d.list.at[0]->text, "line 2"), "%s", d.list.at[0]->text);
    differentiate(&f, &d); /* said once */
    cr_assert_eq(d.n_errors, 1);
}
