/* links: nnc_gen nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_tensor_rules.c: rules of the constructors: what is simplified, folded, refused. */
#include "tensor_help.h"

Test(tensor, identities)
{
    Case c = begin();
    Type t = SHAPE(DT_f32, 2);
    Ref x = GIVEN(t, 3, NAN), y = GIVEN(t, 1, 2), zero = build_const(c.g, t, 0), one = build_const(c.g, t, 1);
    Ref i = GIVEN(SHAPE(DT_i32, 2), 3, 4), p = GIVEN(SHAPE(DT_bool, 2), 0, 1);
    cr_expect_eq(build_binary(c.g, OP_add, x, zero), x);
    cr_expect_eq(build_binary(c.g, OP_add, zero, x), x);
    cr_expect_eq(build_binary(c.g, OP_sub, x, zero), x);
    cr_expect_eq(build_binary(c.g, OP_mul, one, x), x);
    cr_expect_eq(build_binary(c.g, OP_div, x, one), x);
    cr_expect_eq(build_binary(c.g, OP_pow, x, one), x);
    cr_expect(is(&c, build_binary(c.g, OP_mul, x, zero), OP_mul), "x * 0 stays: x may be NaN");
    cr_expect(is(&c, build_binary(c.g, OP_mul, build_cast(c.g, i, DT_f32), zero), OP_const));
    cr_expect(is(&c, build_binary(c.g, OP_sub, x, x), OP_sub), "x - x stays: x may be NaN");
    cr_expect(is(&c, build_binary(c.g, OP_sub, i, i), OP_const));
    cr_expect(is(&c, build_binary(c.g, OP_equal, i, i), OP_const));
    cr_expect(is(&c, build_binary(c.g, OP_less, x, x), OP_const));
    cr_expect_eq(build_binary(c.g, OP_pow, x, build_const(c.g, t, 2)), build_binary(c.g, OP_mul, x, x));
    cr_expect_eq(build_unary(c.g, OP_neg, build_unary(c.g, OP_neg, x)), x);
    cr_expect_eq(build_binary(c.g, OP_add, x, build_unary(c.g, OP_neg, y)), build_binary(c.g, OP_sub, x, y));
    cr_expect_eq(build_binary(c.g, OP_sub, x, build_unary(c.g, OP_neg, y)), build_binary(c.g, OP_add, x, y));
    cr_expect(is(&c, build_binary(c.g, OP_div, x, build_const(c.g, t, 4)), OP_mul), "by a power of two");
    cr_expect(is(&c, build_binary(c.g, OP_div, x, build_const(c.g, t, 3)), OP_div), "1/3 is not exact");
    cr_expect_eq(build_binary(c.g, OP_and, p, p), p);
    cr_expect_eq(build_where(c.g, p, x, x), x);
    cr_expect_eq(build_where(c.g, build_unary(c.g, OP_not, p), x, y), build_where(c.g, p, y, x));
    cr_expect_eq(build_binary(c.g, OP_add, build_binary(c.g, OP_add, x, y), zero), build_binary(c.g, OP_add, y, x), "shared");
    cr_expect_eq(build_minimum(c.g, i, i), i);
    Ref rounded = build_unary(c.g, OP_round, x), cast = build_cast(c.g, i, DT_f32);
    cr_expect_eq(build_unary(c.g, OP_ceil, rounded), rounded);
    cr_expect_eq(build_unary(c.g, OP_trunc, cast), cast);
    cr_expect_eq(build_stop(c.g, build_stop(c.g, x)), build_stop(c.g, x));
}

Test(tensor, constants_fold)
{
    Case c = begin();
    Ref a = build_scalar(c.g, DT_f32, 3), b = build_scalar(c.g, DT_f32, 4), i = build_scalar(c.g, DT_i32, -7),
        k = build_scalar(c.g, DT_i32, 2);
    Ref r[] = {build_binary(c.g, OP_mul, a, b), build_unary(c.g, OP_exp, a), build_binary(c.g, OP_less, a, b),
               build_binary(c.g, OP_floordiv, i, k), build_cast(c.g, a, DT_i32)};
    for (int n = 0; n < 5; n++)
        cr_expect(is(&c, r[n], OP_const));
    EXPECT(r[0], 12);
    EXPECT(r[2], 1);
    EXPECT(r[3], -4);
}

Test(tensor, views_of_views)
{
    Case c = begin();
    Dims *d = c.m->dims;
    Ref x = counting(&c, SHAPE(DT_f32, 4, 6)), v = counting(&c, SHAPE(DT_f32, 6));
    int flip[] = {1, 0};
    cr_expect_eq(build_permute(c.g, build_permute(c.g, x, flip), flip), x);
    Type row = SHAPE(DT_f32, 24);
    cr_expect_eq(build_reshape(c.g, build_reshape(c.g, x, row.dim, 1), graph_type(c.g, x)->dim, 2), x);
    /* the operation comes before the broadcast and before the permute */
    Ref wide = build_broadcast(c.g, v, SHAPE(DT_f32, 4, 6), (int[]){1});
    cr_expect(is(&c, build_unary(c.g, OP_exp, wide), OP_broadcast));
    cr_expect(is(&c, build_binary(c.g, OP_add, wide, build_const(c.g, SHAPE(DT_f32, 4, 6), 2)), OP_broadcast));
    cr_expect(is(&c, build_unary(c.g, OP_exp, build_permute(c.g, x, flip)), OP_permute));
    /* a broadcast from a kept axis is a broadcast of what was reduced */
    Ref sum = build_reduce(c.g, OP_sum, x, (int[]){1}, 1), kept = build_reshape(c.g, sum, SHAPE(DT_f32, 4, 1).dim, 2);
    Ref back = build_broadcast(c.g, kept, SHAPE(DT_f32, 4, 6), (int[]){0, 1});
    cr_expect(is(&c, back, OP_broadcast) && graph_in(c.g, back, 0) == sum);
    Dim lo[] = {dim_const(d, 0), dim_const(d, 1)}, hi[] = {dim_const(d, 4), dim_const(d, 5)}, lo2[] = {dim_const(d, 1), dim_const(d, 1)};
    Dim hi2[] = {dim_const(d, 3), dim_const(d, 4)};
    int64_t step[] = {1, 1}, odd[] = {1, -2}, no_gaps[] = {0, 0};
    Ref s = build_slice(c.g, x, lo, hi, step), ss = build_slice(c.g, s, lo2, hi2, odd);
    cr_expect(graph_in(c.g, ss, 0) == x);
    EXPECT(ss, 10, 8, 16, 14);
    Ref padded = build_pad(c.g, x, lo2, lo2, no_gaps, 0),
        hole = build_slice(c.g, padded, lo2, (Dim[]){dim_const(d, 5), dim_const(d, 7)}, step);
    cr_expect_eq(hole, x);
    Ref left = build_slice(c.g, x, (Dim[]){dim_const(d, 0), dim_const(d, 0)}, (Dim[]){dim_const(d, 4), dim_const(d, 2)}, step);
    Ref right = build_slice(c.g, x, (Dim[]){dim_const(d, 0), dim_const(d, 2)}, (Dim[]){dim_const(d, 4), dim_const(d, 6)}, step);
    Ref both[] = {left, right};
    cr_expect_eq(build_concat(c.g, both, 2, 1), x);
    Ref swapped = build_concat(c.g, (Ref[]){right, left}, 2, 1);
    cr_expect_eq(build_slice(c.g, swapped, (Dim[]){dim_const(d, 0), dim_const(d, 4)}, (Dim[]){dim_const(d, 4), dim_const(d, 6)}, step),
                 left);
    /* the gradient of a split */
    Dim none = dim_const(d, 0);
    Ref g1 = build_pad(c.g, left, (Dim[]){none, none}, (Dim[]){none, dim_const(d, 4)}, no_gaps, 0);
    Ref g2 = build_pad(c.g, right, (Dim[]){none, dim_const(d, 2)}, (Dim[]){none, none}, no_gaps, 0);
    cr_expect_eq(build_binary(c.g, OP_add, g2, g1), x);
}

Test(tensor, reductions_of_views)
{
    Case c = begin();
    Ref v = GIVEN(SHAPE(DT_f32, 3), 1, 2, 3), x = counting(&c, SHAPE(DT_f32, 2, 3, 4)), y = counting(&c, SHAPE(DT_f32, 2, 4, 5));
    Ref wide = build_broadcast(c.g, v, SHAPE(DT_f32, 5, 3), (int[]){1});
    Ref s = build_reduce(c.g, OP_sum, wide, (int[]){0}, 1);
    cr_expect(is(&c, s, OP_mul));
    EXPECT(s, 5, 10, 15);
    EXPECT(build_reduce(c.g, OP_sum, wide, (int[]){0, 1}, 2), 30);
    cr_expect_eq(build_reduce(c.g, OP_max, wide, (int[]){0}, 1), v);
    int b[] = {0}, ka[] = {2}, kb[] = {1};
    Ref batched = build_dot(c.g, x, y, 1, b, b, 1, ka, kb), whole = build_reduce(c.g, OP_sum, batched, b, 1);
    cr_expect(is(&c, whole, OP_dot) && graph_attr(c.g, whole, 0) == 0 && graph_attr(c.g, whole, 1) == 2);
    Ref t = build_permute(c.g, x, (int[]){0, 2, 1});
    Ref dot = build_dot(c.g, t, y, 1, b, b, 1, kb, kb);
    cr_expect(is(&c, dot, OP_dot) && graph_in(c.g, dot, 0) == x, "a permute vanishes into the axis lists");
}

Test(tensor, symbolic_sizes)
{
    Case c = begin();
    Dims *d = c.m->dims;
    Dim n = dim_symbol(d, symbol_new(d, "N")), h = dim_symbol(d, symbol_new(d, "H"));
    Type t = {.dtype = DT_f32, .rank = 2, .dim = {n, dim_mul(d, n, h)}}, u = {.dtype = DT_f32, .rank = 3, .dim = {n, h, n}};
    Ref x = build_param(c.g, PARAM_INPUT, "x", t, 0), r = build_reshape(c.g, x, u.dim, 3);
    cr_expect(is(&c, r, OP_reshape));
    c.m->facts = facts_new(c.m->arena, d); /* a program stands behind it */
    /* D // H * H is D where H divides D: not provable, not refuted either */
    Dim parts = dim_mul(d, dim_floordiv(d, n, h), h);
    Type v = {.dtype = DT_f32, .rank = 2, .dim = {parts, dim_mul(d, n, h)}};
    cr_expect(is(&c, build_reshape(c.g, x, v.dim, 2), OP_reshape));
}

Test(tensor, wrong_shapes_are_bugs, .signal = 6)
{
    Case c = begin();
    build_binary(c.g, OP_add, counting(&c, SHAPE(DT_f32, 2)), counting(&c, SHAPE(DT_f32, 3)));
}

Test(tensor, rules_that_must_not_apply)
{
    Case c = begin();
    Dims *d = c.m->dims;
    Dim n[10];
    for (int i = 0; i < 10; i++)
        n[i] = dim_const(d, i);
    int64_t one[] = {1}, two[] = {2}, gap[] = {1}, none[] = {0};
    Ref x = counting(&c, SHAPE(DT_f32, 8));
    Ref s = build_slice(c.g, x, &n[1], &n[7], one);
    EXPECT(build_slice(c.g, s, &n[2], &n[4], one), 3, 4);
    EXPECT(build_slice(c.g, build_slice(c.g, x, &n[1], &n[7], two), &n[1], &n[3], one), 3, 5);
    EXPECT(build_window(c.g, x, 0, 2, 2, 3), 0, 3, 2, 5, 4, 7);
    Ref y = build_slice(c.g, x, &n[0], &n[3], one), spread = build_pad(c.g, y, &n[0], &n[0], gap, 0);
    EXPECT(spread, 0, 0, 1, 0, 2);
    EXPECT(build_slice(c.g, spread, &n[1], &n[4], one), 0, 1, 0);
    EXPECT(build_slice(c.g, spread, &n[0], &n[5], two), 0, 1, 2);
    EXPECT(build_pad(c.g, build_pad(c.g, y, &n[1], &n[0], none, 0), &n[0], &n[2], none, 0), 0, 0, 1, 2, 0, 0);
    EXPECT(build_pad(c.g, build_pad(c.g, y, &n[1], &n[0], none, 7), &n[0], &n[1], none, 0), 7, 0, 1, 2, 0);
    Ref left = build_pad(c.g, y, &n[0], &n[2], none, 0), shifted = build_pad(c.g, y, &n[2], &n[0], none, 0);
    EXPECT(build_binary(c.g, OP_add, left, shifted), 0, 1, 2, 1, 2);
    EXPECT(build_binary(c.g, OP_add, left, spread), 0, 1, 3, 0, 2);
    Ref m = counting(&c, SHAPE(DT_f32, 2, 4));
    Ref a = build_slice(c.g, m, (Dim[]){n[0], n[0]}, (Dim[]){n[2], n[2]}, (int64_t[]){1, 1});
    Ref b = build_slice(c.g, m, (Dim[]){n[0], n[2]}, (Dim[]){n[1], n[4]}, (int64_t[]){1, 1});
    EXPECT(build_concat(c.g, (Ref[]){build_slice(c.g, a, (Dim[]){n[0], n[0]}, (Dim[]){n[1], n[2]}, (int64_t[]){1, 1}), b}, 2, 1), 0, 1, 2,
           3);
    EXPECT(build_concat(c.g, (Ref[]){a, build_slice(c.g, m, (Dim[]){n[0], n[2]}, (Dim[]){n[2], n[4]}, (int64_t[]){1, 1})}, 2, 0), 0, 1, 4,
           5, 2, 3, 6, 7);
    Ref p = GIVEN(SHAPE(DT_bool, 2), 1, 0), u = GIVEN(SHAPE(DT_f32, 2), 1, 2), v = GIVEN(SHAPE(DT_f32, 2), 3, 4),
        w = GIVEN(SHAPE(DT_f32, 2), 5, 6);
    EXPECT(build_where(c.g, p, build_where(c.g, p, u, v), w), 1, 6);
    EXPECT(build_where(c.g, p, u, build_where(c.g, p, v, w)), 1, 6);
    EXPECT(build_binary(c.g, OP_div, u, build_like(c.g, u, 2)), 0.5, 1);
    EXPECT(build_binary(c.g, OP_div, u, build_like(c.g, u, -4)), -0.25, -0.5);
    EXPECT(build_binary(c.g, OP_pow, v, build_like(c.g, v, -1)), 1.0 / 3, 0.25);
    EXPECT(build_binary(c.g, OP_pow, u, build_like(c.g, u, 0)), 1, 1);
    EXPECT(build_binary(c.g, OP_mul, build_unary(c.g, OP_neg, u), build_unary(c.g, OP_neg, v)), 3, 8);
    EXPECT(build_binary(c.g, OP_add, build_unary(c.g, OP_neg, u), v), 2, 2);
    Ref i = GIVEN(SHAPE(DT_i32, 2), 2147483647, 5), k = build_like(c.g, i, 3), minus = build_like(c.g, i, -1);
    EXPECT(build_binary(c.g, OP_add, build_binary(c.g, OP_add, i, k), k), -2147483643, 11);
    EXPECT(build_binary(c.g, OP_sub, build_binary(c.g, OP_sub, i, k), k), 2147483641, -1);
    EXPECT(build_binary(c.g, OP_sub, minus, build_binary(c.g, OP_sub, k, i)), 2147483643, 1);
}
