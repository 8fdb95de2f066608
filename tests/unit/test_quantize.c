/* links: nnc_transform nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_quantize.c: which contractions become contractions of bytes, and what they compute then: what the contraction does with operands
 * that are rounded here. */
#include "graph_help.h"
#include "transform/quantize.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static uint32_t noise;

static int64_t draw(int64_t lo, int64_t hi)
{
    noise = noise * 1664525u + 1013904223u;
    return lo + (int64_t)((noise >> 8) % (uint32_t)(hi - lo + 1));
}

static void begin(void)
{
    start_graph();
    noise = 7;
}

TestSuite(quantize, .init = begin);

static Ref weight(const char *name, Type t)
{
    return build_param(g, PARAM_WEIGHT, name, t, 0);
}

/* ---- which ---------------------------------------------------------------------------------------------- */

/* "w; v: groups": weights of contractions that are taken; others, and why not. */
static const char *sites(void)
{
    Text out = {.arena = &arena};
    QuantizeRanges ranges = {0};
    QuantizeFloats floats = {0};
    for (int again = 0; again < 2; again++) { /* none is added twice */
        quantize_add_names(&arena, g, &ranges);
        quantize_add_floats(&arena, g, &floats);
    }
    for (uint32_t i = 0; i < ranges.n; i++)
        text_add(&out, "%s%s", i ? " " : "", ranges.at[i].name);
    for (uint32_t i = 0; i < floats.n; i++)
        text_add(&out, "; %s: %s", floats.at[i].name, floats.at[i].why);
    return text_c(&out);
}

static const char *product(int64_t terms, int64_t columns)
{
    start_graph();
    result(dot(input("x", F32(B, D(terms))), weight("w", F32(D(terms), D(columns))), 1, 0));
    return sites();
}

Test(quantize, products_with_terms_and_columns_enough)
{
    cr_expect_str_eq(product(7, 2), "; w: few terms or columns");
    cr_expect_str_eq(product(8, 2), "w");
    cr_expect_str_eq(product(8, 1), "; w: few terms or columns");
    cr_expect_str_eq(product(65536, 2), "w");
    cr_expect_str_eq(product(65537, 2), "; w: few terms or columns");
}

static const char *window(int64_t kh, int64_t kw, int64_t channels, int64_t out, int64_t dil, int64_t groups, int mode)
{
    start_graph();
    enum { SIDE = 20 };
    Conv c = {.mode = mode, .groups = groups, .stride = {1, 1}, .dil = {dil, dil}, .k = {D(kh), D(kw)}, .extent = {D(SIDE), D(SIDE)}};
    for (int i = 0; i < 2; i++)
        c.lo[i] = c.hi[i] = D(0);
    Type kernel = F32(D(kh), D(kw), D(channels / groups), D(out));
    int64_t h = SIDE - dil * (kh - 1), w = SIDE - dil * (kw - 1);
    Ref x = mode ? input("x", F32(D(2), D(h), D(w), D(out))) : input("x", F32(D(2), D(SIDE), D(SIDE), D(channels)));
    result(build_conv(g, x, weight("w", kernel), &c));
    return sites();
}

Test(quantize, windows_that_lie_side_by_side)
{
    cr_expect_str_eq(window(2, 2, 2, 2, 1, 1, 0), "w");
    cr_expect_str_eq(window(1, 1, 8, 2, 1, 1, 0), "w");
    cr_expect_str_eq(window(1, 1, 7, 2, 1, 1, 0), "; w: few terms or columns");
    cr_expect_str_eq(window(3, 3, 2, 1, 1, 1, 0), "; w: few terms or columns");
    cr_expect_str_eq(window(3, 3, 1, 2, 1, 1, 0), "w");
    cr_expect_str_eq(window(9, 1, 1, 2, 1, 1, 0), "; w: few terms or columns"); /* terms are not beside each other */
    cr_expect_str_eq(window(3, 3, 1, 2, 2, 1, 0), "; w: few terms or columns"); /* nor these */
    cr_expect_str_eq(window(3, 3, 2, 2, 2, 1, 0), "w");
    cr_expect_str_eq(window(3, 3, 4, 4, 1, 2, 0), "; w: groups");
    cr_expect_str_eq(window(3, 3, 4, 4, 1, 1, 1), "; w: transposed");
}

Test(quantize, what_depends_on_weights_alone)
{
    Ref x = input("x", F32(B, D(8))), w = weight("w", F32(D(8), D(4))), v = weight("v", F32(D(4), D(8)));
    Ref seen = build_param(g, PARAM_STATE, "seen", F32(D(8), D(4)), 0);
    result(dot(x, build_binary(g, OP_mul, w, seen), 1, 0)); /* with a state: it is w's */
    cr_expect_str_eq(sites(), "w");
    build_result(g, dot(w, v, 1, 0), "fixed", -1); /* nothing to multiply with */
    cr_expect_str_eq(sites(), "w");
    build_result(g, dot(x, seen, 1, 0), "unnamed", -1); /* no weight */
    cr_expect_str_eq(sites(), "w");
    build_result(g, dot(x, build_binary(g, OP_add, w, w), 1, 0), "twice", -1);
    cr_expect_str_eq(sites(), "w");
    build_result(g, dot(v, x, 1, 1), "left", -1);
    cr_expect_str_eq(sites(), "w v");
    dot(x, weight("dead", F32(D(8), D(4))), 1, 0); /* nothing reads it */
    cr_expect_str_eq(sites(), "w v");
}

Test(quantize, axes_of_products)
{
    Ref w = weight("w", F32(D(8), D(4))), b = weight("b", F32(B, D(8), D(4))), s = weight("s", F32(D(8), D(4), L));
    result(dot(input("x", F32(D(8), B)), w, 0, 0)); /* the sum is not over the last axis of x */
    cr_expect_str_eq(sites(), "; w: few terms or columns");
    build_result(g, build_dot(g, input("y", F32(B, D(3), D(8))), b, 1, (int[]){0}, (int[]){0}, 1, (int[]){2}, (int[]){1}), "b", -1);
    cr_expect_str_eq(sites(), "; w: few terms or columns; b: one for each row");
    build_result(g, dot(input("z", F32(B, D(8))), s, 1, 0), "s", -1); /* its extents are not known */
    cr_expect_str_eq(sites(), "; w: few terms or columns; b: one for each row; s: few terms or columns");
    Type f64 = F32(D(8), D(4)), wide = F32(B, D(8));
    f64.dtype = wide.dtype = DT_f64;
    build_result(g, dot(input("d", wide), weight("d", f64), 1, 0), "d", -1);
    cr_expect_str_eq(sites(), "; w: few terms or columns; b: one for each row; s: few terms or columns");
}

Test(quantize, inside_of_a_scan)
{
    Graph *outer = g, *body = graph_new(module, "body");
    g = body;
    Ref h = build_param(g, PARAM_CARRY, "h", F32(B, D(8)), 0), w = build_param(g, PARAM_CONST, "w", F32(D(8), D(8)), 0);
    Ref bias = build_param(g, PARAM_CONST, "bias", F32(D(8)), 0);
    build_result(g, plus_bias(dot(h, w, 1, 0), bias), "h", -1);
    g = outer;
    Ref in[] = {input("x", F32(B, D(8))), weight("w", F32(D(8), D(8))), weight("bias", F32(D(8)))};
    result(build_proj(g, build_scan(g, body->id, D(5), 1, 0, in, 3), 0));
    cr_expect_str_eq(sites(), "; w: inside of a scan");
}

/* ---- numbers -------------------------------------------------------------------------------------------- */

static TensorValue value[4]; /* of the params */

static const double *known(void *user, const GraphParam *param)
{
    (void)user;
    for (uint32_t i = 0; i < g->param.n; i++)
        if (strcmp(g->param.at[i].name, param->name) == 0) return value[i].f;
    return NULL;
}

static void fill(double lo, double hi)
{
    for (uint32_t i = 0; i < g->param.n; i++) {
        value[i] = tensor_value_new(&arena, dims, &g->param.at[i].type, NULL);
        for (int64_t e = 0; e < value[i].count; e++)
            value[i].f[e] = (float)(i ? (double)draw(-1000, 1000) * 0.001 : lo + (hi - lo) * (double)draw(0, 1000) * 0.001);
    }
}

static TensorValue run(const Graph *graph)
{
    TensorValue out = {0};
    InterpretHooks hooks = {0};
    const char *error = graph_interpret(graph, NULL, value, &out, &hooks, &arena);
    cr_assert_null(error, "%s", error);
    return out;
}

/* Element e of a value lies in this column: the number of its place along the axes that are not summed over. */
static int64_t column_of(const Type *t, int64_t e, uint32_t summed)
{
    int64_t at[MAX_RANK], column = 0, n;
    for (int a = t->rank - 1; a >= 0; a--) {
        dim_is_const(dims, t->dim[a], &n);
        at[a] = e % n, e /= n;
    }
    for (int a = 0; a < t->rank; a++)
        if (dim_is_const(dims, t->dim[a], &n) && !(summed >> a & 1)) column = column * n + at[a];
    return column;
}

/* Each column in 255 steps, up to its largest; x in steps of its range. */
static void round_operands(const QuantizeRange *range, uint32_t summed)
{
    static double most[4096];
    double unit = range->lo < 0 ? fmax(-range->lo, range->hi) / 127 : range->hi / 255;
    float factor = (float)(1 / (unit > 0 ? unit : 1));
    memset(most, 0, sizeof most);
    for (int64_t e = 0; e < value[0].count; e++)
        value[0].f[e] = nearbyint((float)(value[0].f[e] * factor)) * (unit > 0 ? unit : 1);
    for (int64_t e = 0; e < value[1].count; e++) {
        double *m = &most[column_of(&value[1].type, e, summed)];
        *m = fmax(*m, fabs(value[1].f[e]));
    }
    for (int64_t e = 0; e < value[1].count; e++) {
        double step = most[column_of(&value[1].type, e, summed)] / 127;
        value[1].f[e] = step > 0 ? nearbyint(value[1].f[e] / step) * step : 0;
    }
}

/* The graph of bytes against this one with operands that are rounded. x is a byte times its unit from lo to hi. summed: axes of w. */
static void check_numbers(double lo, double hi, uint32_t summed, const char *about)
{
    QuantizeRange range = {"w", lo, hi};
    QuantizeRanges ranges = {.n = 1, .at = &range};
    fill(lo, hi);
    const Graph *q = quantize_graph(&arena, g, &ranges, known, NULL);
    cr_assert_null(graph_verify(q, &arena), "%s", about);
    TensorValue got = run(q);
    uint32_t tables = module->table.n;
    quantize_graph(&arena, g, &ranges, known, NULL);
    cr_expect_eq(module->table.n, tables, "%s: the same tables again", about);
    cr_assert_geq(tables, 2, "%s: there are no bytes", about);
    round_operands(&range, summed);
    TensorValue want = run(g);
    cr_assert_eq(got.count, want.count);
    for (int64_t e = 0; e < want.count; e++)
        cr_assert(fabs(got.f[e] - want.f[e]) < 1e-5 * (1 + fabs(want.f[e])), "%s: element %d is %g, not %g", about, (int)e, got.f[e],
                  want.f[e]);
}

static void shuffle(int *list, int n)
{
    for (int i = n - 1; i > 0; i--) {
        int k = (int)draw(0, i), v = list[i];
        list[i] = list[k], list[k] = v;
    }
}

/* Axes in any order on both sides: 0 and 1 are summed over, 2 is a row of x, 3 and 4 are columns. */
Test(quantize, numbers_of_products)
{
    static const int64_t extent[] = {3, 4, 2, 2, 3};
    static const double ranges[][2] = {{0, 3}, {-1, 1}, {-2, 0.5}, {0, 0}, {-0.25, 4}};
    for (int i = 0; i < 60; i++) {
        int x[] = {0, 1, 2}, w[] = {0, 1, 3, 4}, in_x[2], in_w[2], first = (int)draw(0, 1);
        uint32_t summed = 0;
        start_graph();
        do
            shuffle(x, 3);
        while (x[2] == 2);
        shuffle(w, 4);
        Type tx = F32(D(1), D(1), D(1)), tw = F32(D(1), D(1), D(1), D(1));
        for (int a = 0; a < 4; a++) {
            tw.dim[a] = D(extent[w[a]]);
            if (a < 3) tx.dim[a] = D(extent[x[a]]);
            if (a < 3 && x[a] < 2) in_x[x[a] ^ first] = a;
            if (w[a] < 2) in_w[w[a] ^ first] = a, summed |= 1u << a;
        }
        Ref rx = input("x", tx);
        Ref rw = weight("w", tw);
        if (i % 3 == 0) rw = build_unary(g, OP_neg, rw); /* computed of weights */
        if (i % 2)
            result(build_dot(g, rx, rw, 0, NULL, NULL, 2, in_x, in_w));
        else
            result(build_dot(g, rw, rx, 0, NULL, NULL, 2, in_w, in_x));
        const double *r = ranges[i % 5];
        check_numbers(r[0], r[1], summed, arena_print(&arena, "product %d", i));
        cr_expect_eq(module->table.at[0].quads, 2, "two axes are summed over");
    }
}

static void check_window(int64_t kw, int64_t dil, int64_t channels, int joined)
{
    start_graph();
    Conv c = {.groups = 1, .stride = {1, 2}, .dil = {1, dil}, .k = {D(2), D(kw)}, .extent = {D(5), D(8)}};
    for (int i = 0; i < 2; i++)
        c.lo[i] = D(1), c.hi[i] = D(0);
    Ref x = input("x", F32(D(2), D(5), D(8), D(channels)));
    result(build_conv(g, x, weight("w", F32(D(2), D(kw), D(channels), D(3))), &c));
    check_numbers(-1, 2, 7, arena_print(&arena, "%d taps of %d channels", (int)kw, (int)channels));
    cr_expect(module->table.at[0].quads == 3 && module->table.at[0].joined == joined, "%d taps of %d channels, %d apart: joined %d",
              (int)kw, (int)channels, (int)dil, module->table.at[0].joined);
}

/* Channels of a tap follow those of the one before, but where rows are spaced. */
Test(quantize, numbers_of_windows)
{
    check_window(3, 1, 4, 1);
    check_window(2, 1, 3, 1);
    check_window(3, 2, 4, 0);
    check_window(1, 1, 5, 0);
    check_window(2, 1, 256, 0);
    check_window(2, 1, 255, 1);
}

/* A column of zeros is 0, and others are exact where they can be. */
Test(quantize, a_column_of_zeros)
{
    QuantizeRange range = {"w", 0, 255};
    QuantizeRanges ranges = {.n = 1, .at = &range};
    Ref x = input("x", F32(D(1), D(8)));
    result(dot(x, weight("w", F32(D(8), D(2))), 1, 0));
    fill(0, 0);
    for (int64_t t = 0; t < 8; t++)
        value[0].f[t] = (double)t * 30, value[1].f[2 * t] = 0, value[1].f[2 * t + 1] = t ? (double)t : -127;
    TensorValue y = run(quantize_graph(&arena, g, &ranges, known, NULL));
    cr_expect(y.f[0] == 0 && y.f[1] == 30 * 140, "%g %g", y.f[0], y.f[1]);
    for (int64_t j = 0; j < 16; j++)
        cr_expect_eq(module->table.at[0].value[j], value[1].f[j], "%d is the byte %g", (int)j, module->table.at[0].value[j]);
    ranges.n = 0; /* no range: it stays as it is */
    y = run(quantize_graph(&arena, g, &ranges, known, NULL));
    cr_expect(y.f[0] == 0 && y.f[1] == 30 * 140);
}

/* ---- what x is ------------------------------------------------------------------------------------------ */

/* Two sums for each range: the largest x and the largest -x of all contractions with the weight, and of the calls before. */
Test(quantize, observed)
{
    Ref x = input("x", F32(D(2), D(8))), w = weight("w", F32(D(8), D(2)));
    result(dot(x, w, 1, 0));
    build_result(g, dot(build_binary(g, OP_mul, x, build_like(g, x, -3)), w, 1, 0), "z", -1);
    fill(0, 0);
    for (int e = 0; e < 16; e++)
        value[0].f[e] = e - 5;
    QuantizeRange range[] = {{.name = "other"}, {.name = "w"}};
    QuantizeRanges ranges = {.n = 2, .at = range};
    Graph *o = quantize_observe(&arena, g, &ranges, 7);
    cr_assert_null(graph_verify(o, &arena));
    cr_assert_eq(o->param.n, 4);
    cr_assert_eq(o->result.n, 4);
    for (uint32_t i = 2; i < 4; i++) {
        const GraphParam *p = &o->param.at[i];
        cr_expect(p->kind == PARAM_SUM && p->slot == 7 + i && strcmp(p->name, "w") == 0 && o->result.at[i].alias == (int32_t)i, "sum %u",
                  i);
        value[i] = tensor_value_new(&arena, dims, &p->type, NULL);
        value[i].f[0] = -1000;
    }
    TensorValue out[4];
    InterpretHooks hooks = {0};
    cr_assert_null(graph_interpret(o, NULL, value, out, &hooks, &arena));
    cr_expect(out[2].f[0] == 15 && out[3].f[0] == 30, "x is from %g to %g", -out[3].f[0], out[2].f[0]);
    value[2].f[0] = 16, value[3].f[0] = 31;
    cr_assert_null(graph_interpret(o, NULL, value, out, &hooks, &arena));
    cr_expect(out[2].f[0] == 16 && out[3].f[0] == 31, "what was larger before stays");
}
