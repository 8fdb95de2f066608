/* links: nnc_gen nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_tensor.c: the tensor IR: what documents name, the meaning of the operations, random numbers. */
#include "tensor_help.h"

static const char *document(const char *path)
{
    static char text[400000];
    FILE *f = fopen(path, "r");
    cr_assert(f, "%s", path);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    cr_assert_lt(n, sizeof text - 1);
    text[n] = 0;
    return text;
}

/* Is the word, with what is in front of it, in the text up to `end`? */
static bool has_word(const char *text, const char *end, const char *front, const char *word)
{
    char whole[64];
    int n = snprintf(whole, sizeof whole, "%s%s", front, word);
    for (const char *at = text; (at = strstr(at, whole)) && at < end; at += n)
        if (strchr(" `\n", at[n])) return true;
    return false;
}

Test(tensor, every_operation_has_its_heading)
{
    const char *text = document(NNC_SOURCE_DIR "/docs/ir.md");
    for (int op = 0; op < OP_COUNT; op++)
        cr_expect(has_word(text, text + strlen(text), "\n### ", op_names[op]), "docs/ir.md: no heading %s", op_names[op]);
}

Test(tensor, every_function_is_listed)
{
    static const char *const functions[] = {
#define FUNCTION(name, ...) #name,
#include "support/functions.def"
    };
    const char *list = strstr(document(NNC_SOURCE_DIR "/docs/language.md"), "\n**Elementwise**");
    cr_assert(list);
    const char *end = strstr(list, "\n\n");
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        cr_expect(has_word(list, end, " ", functions[i]) || has_word(list, end, "\n", functions[i]), "docs/language.md, elementwise: no %s",
                  functions[i]);
}

/* What the table says of the functions, at numbers of all sizes. */
Test(tensor, properties_of_functions)
{
    static const double at[] = {-1e300, -3e38, -7.5, -1, -0.3, -1e-300, 0, 1e-300, 0.3, 1, 7.5, 3e38, 1e300};
    static const struct {
        Op op;
        int smooth;
    } functions[] = {
#define FUNCTION(name, value, smooth, ...) {OP_##name, smooth},
#define COMPOSED_FUNCTION(name, ...)
#include "support/functions.def"
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        Op op = functions[i].op;
        double last = -INFINITY;
        cr_expect_eq(op_arity[op], 1);
        for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
            Scalar x = {.f = at[k]}, y = eval_scalar(op, DT_f64, op_properties[op] & COMPARES ? DT_bool : DT_f64, &x);
            bool inside = functions[i].smooth == REALS || (functions[i].smooth == UNIT ? fabs(x.f) <= 1 : x.f > 0);
            if (op_properties[op] & FINITE) cr_expect(isfinite(y.f), "%s of %g is %g", op_names[op], x.f, y.f);
            if (inside) cr_expect(y.f == y.f, "%s of %g is %g", op_names[op], x.f, y.f);
            if (inside && op_properties[op] & INCREASING) cr_expect(y.f >= last, "%s falls before %g", op_names[op], x.f);
            if (inside) last = y.f;
        }
    }
}

/* ---- elementwise
 * ------------------------------------------------------------------------------------- */

Test(tensor, float_operations)
{
    Case c = begin();
    Ref x = GIVEN(SHAPE(DT_f32, 4), -1.5, 0, 2, NAN), y = GIVEN(SHAPE(DT_f32, 4), 2, -1, 0.5, 1);
    EXPECT(build_unary(c.g, OP_neg, x), 1.5, -0.0, -2, NAN);
    EXPECT(build_unary(c.g, OP_abs, x), 1.5, 0, 2, NAN);
    EXPECT(build_unary(c.g, OP_floor, x), -2, 0, 2, NAN);
    EXPECT(build_unary(c.g, OP_ceil, x), -1, 0, 2, NAN);
    EXPECT(build_unary(c.g, OP_trunc, x), -1, 0, 2, NAN);
    EXPECT(build_unary(c.g, OP_round, x), -2, 0, 2, NAN);
    EXPECT(build_unary(c.g, OP_round, y), 2, -1, 0, 1);
    EXPECT(build_unary(c.g, OP_isnan, x), 0, 0, 0, 1);
    EXPECT(build_unary(c.g, OP_isfinite, build_binary(c.g, OP_div, y, x)), 1, 0, 1, 0);
    EXPECT(build_unary(c.g, OP_exp, x), exp(-1.5), 1, exp(2), NAN);
    EXPECT(build_unary(c.g, OP_log, x), NAN, -INFINITY, log(2), NAN);
    EXPECT(build_unary(c.g, OP_log1p, x), NAN, 0, log(3), NAN);
    EXPECT(build_unary(c.g, OP_sqrt, x), NAN, 0, sqrt(2), NAN);
    EXPECT(build_unary(c.g, OP_tanh, x), tanh(-1.5), 0, tanh(2), NAN);
    EXPECT(build_unary(c.g, OP_erf, x), erf(-1.5), 0, erf(2), NAN);
    EXPECT(build_unary(c.g, OP_erfc, x), erfc(-1.5), 1, erfc(2), NAN);
    EXPECT(build_unary(c.g, OP_expm1, x), expm1(-1.5), 0, expm1(2), NAN);
    EXPECT(build_unary(c.g, OP_sigmoid, x), 1 / (1 + exp(1.5)), 0.5, 1 / (1 + exp(-2)), NAN);
    EXPECT(build_binary(c.g, OP_mod, x, y), 0.5, -0.0, 0, NAN);
    EXPECT(build_binary(c.g, OP_floordiv, x, y), -1, -0.0, 4, NAN);
    EXPECT(build_unary(c.g, OP_sin, x), sin(-1.5), 0, sin(2), NAN);
    EXPECT(build_unary(c.g, OP_cos, x), cos(-1.5), 1, cos(2), NAN);
    EXPECT(build_binary(c.g, OP_add, x, y), 0.5, -1, 2.5, NAN);
    EXPECT(build_binary(c.g, OP_sub, x, y), -3.5, 1, 1.5, NAN);
    EXPECT(build_binary(c.g, OP_mul, x, y), -3, 0, 1, NAN);
    EXPECT(build_binary(c.g, OP_div, x, y), -0.75, -0.0, 4, NAN);
    EXPECT(build_binary(c.g, OP_div, y, x), 2 / -1.5, -INFINITY, 0.25, NAN);
    EXPECT(build_binary(c.g, OP_pow, x, y), 2.25, INFINITY, sqrt(2), NAN);
    EXPECT(build_binary(c.g, OP_maximum, x, y), 2, 0, 2, NAN);
    EXPECT(build_binary(c.g, OP_maximum, y, x), 2, 0, 2, NAN);
    EXPECT(build_minimum(c.g, x, y), -1.5, -1, 0.5, NAN);
    EXPECT(build_binary(c.g, OP_flush, x, y), 0, 0, 2, NAN);
    EXPECT(build_binary(c.g, OP_less, x, y), 1, 0, 0, 0);
    EXPECT(build_binary(c.g, OP_less_equal, x, y), 1, 0, 0, 0);
    EXPECT(build_binary(c.g, OP_equal, x, x), 1, 1, 1, 0);
    EXPECT(build_where(c.g, build_binary(c.g, OP_less, x, y), x, y), -1.5, -1, 0.5, 1);
}

Test(tensor, int_operations)
{
    Case c = begin();
    double lowest = -2147483648.0, highest = 2147483647.0;
    Ref x = GIVEN(SHAPE(DT_i32, 4), 7, -7, lowest, highest), y = GIVEN(SHAPE(DT_i32, 4), 2, 2, -1, 0);
    EXPECT(build_unary(c.g, OP_neg, x), -7, 7, lowest, -highest);
    EXPECT(build_unary(c.g, OP_abs, x), 7, 7, lowest, highest);
    EXPECT(build_binary(c.g, OP_add, x, y), 9, -5, highest, highest);
    EXPECT(build_binary(c.g, OP_sub, y, x), -5, 9, highest, -highest);
    EXPECT(build_binary(c.g, OP_mul, x, y), 14, -14, lowest, 0);
    EXPECT(build_binary(c.g, OP_floordiv, x, y), 3, -4, lowest, 0);
    EXPECT(build_binary(c.g, OP_maximum, x, y), 7, 2, -1, highest);
    EXPECT(build_minimum(c.g, x, y), 2, -7, lowest, 0);
    EXPECT(build_binary(c.g, OP_less, x, y), 0, 1, 1, 0);
    Ref p = GIVEN(SHAPE(DT_bool, 4), 1, 1, 0, 0), q = GIVEN(SHAPE(DT_bool, 4), 1, 0, 1, 0);
    EXPECT(build_binary(c.g, OP_and, p, q), 1, 0, 0, 0);
    EXPECT(build_binary(c.g, OP_or, p, q), 1, 1, 1, 0);
    EXPECT(build_unary(c.g, OP_not, p), 0, 0, 1, 1);
}

Test(tensor, casts)
{
    Case c = begin();
    Ref x = GIVEN(SHAPE(DT_f32, 5), -1.9, 1e20, -INFINITY, NAN, 300);
    EXPECT(build_cast(c.g, x, DT_i32), -1, 2147483647, -2147483648.0, 0, 300);
    EXPECT(build_cast(c.g, x, DT_u8), 0, 255, 0, 0, 255);
    EXPECT(build_cast(c.g, x, DT_bool), 1, 1, 1, 1, 1);
    Ref i = GIVEN(SHAPE(DT_i64, 2), 4294967297.0, -3);
    EXPECT(build_cast(c.g, i, DT_i32), 1, -3);
    EXPECT(build_cast(c.g, i, DT_f32), 4294967297.0, -3);
    /* exact casts vanish, others stay */
    Ref f = GIVEN(SHAPE(DT_f32, 1), 0.1), k = GIVEN(SHAPE(DT_i32, 1), 300);
    cr_expect_eq(build_cast(c.g, build_cast(c.g, f, DT_f64), DT_f32), f);
    cr_expect_eq(build_cast(c.g, build_cast(c.g, k, DT_i64), DT_i32), k);
    EXPECT(build_cast(c.g, build_cast(c.g, k, DT_f64), DT_u8), 255);
    EXPECT(build_cast(c.g, build_cast(c.g, k, DT_i64), DT_u8), 300 - 256);
}

/* ---- views
 * ------------------------------------------------------------------------------------------- */

Test(tensor, views)
{
    Case c = begin();
    Dims *d = c.m->dims;
    Ref x = counting(&c, SHAPE(DT_f32, 2, 3));
    EXPECT(build_permute(c.g, x, (int[]){1, 0}), 0, 3, 1, 4, 2, 5);
    EXPECT(build_reshape(c.g, x, SHAPE(DT_f32, 3, 2).dim, 2), 0, 1, 2, 3, 4, 5);
    EXPECT(build_broadcast(c.g, GIVEN(SHAPE(DT_f32, 2), 5, 6), SHAPE(DT_f32, 2, 3), (int[]){0}), 5, 5, 5, 6, 6, 6);
    EXPECT(build_broadcast(c.g, GIVEN(SHAPE(DT_f32, 1, 2), 5, 6), SHAPE(DT_f32, 3, 2), (int[]){0, 1}), 5, 6, 5, 6, 5, 6);
    Dim lo[] = {dim_const(d, 0), dim_const(d, 0)}, hi[] = {dim_const(d, 2), dim_const(d, 3)}, one[] = {dim_const(d, 1), dim_const(d, 1)};
    EXPECT(build_slice(c.g, x, lo, hi, (int64_t[]){-1, 2}), 3, 5, 0, 2);
    EXPECT(build_slice(c.g, x, one, hi, (int64_t[]){1, -1}), 5, 4);
    EXPECT(build_pad(c.g, x, one, lo, (int64_t[]){0, 1}, 9), 9, 9, 9, 9, 9, 9, 9, 0, 9, 1, 9, 2, 9, 3, 9, 4, 9, 5);
    EXPECT(build_concat(c.g, (Ref[]){x, GIVEN(SHAPE(DT_f32, 2, 1), 7, 8)}, 2, 1), 0, 1, 2, 7, 3, 4, 5, 8);
    Ref y = counting(&c, SHAPE(DT_f32, 6));
    EXPECT(build_window(c.g, y, 0, 2, 2, 2), 0, 2, 2, 4);
    EXPECT(build_window(c.g, y, 0, 3, 3, 1), 0, 1, 2, 3, 4, 5);
    Ref w = GIVEN(SHAPE(DT_f32, 2, 2), 1, 2, 3, 4);
    EXPECT(build_fold(c.g, w, 0, dim_const(d, 6), 2, 2, 2), 1, 0, 5, 0, 4, 0);
    Ref whole = GIVEN(SHAPE(DT_i32, 3, 2), 1, 2, 3, 4, 5, 2147483647);
    EXPECT(build_fold(c.g, whole, 0, dim_const(d, 4), 2, 1, 1), 1, 5, 9, 2147483647);
    EXPECT(build_fold(c.g, GIVEN(SHAPE(DT_i32, 2, 2), 1, 2147483647, 3, 4), 0, dim_const(d, 3), 2, 1, 1), 1, -2147483646, 4);
    EXPECT(build_window(c.g, GIVEN(SHAPE(DT_i32, 5), 1, 2, 3, 4, 5), 0, 2, 1, 3), 1, 4, 2, 5);
}

Test(tensor, leaves)
{
    Case c = begin();
    Symbol n = symbol_new(c.m->dims, "n");
    c.symbols[n] = 3;
    Dim size = dim_symbol(c.m->dims, n);
    Type t = {.dtype = DT_i32, .rank = 2, .dim = {size, dim_const(c.m->dims, 2)}};
    EXPECT(build_iota(c.g, t, 0), 0, 0, 1, 1, 2, 2);
    EXPECT(build_iota(c.g, t, 1), 0, 1, 0, 1, 0, 1);
    EXPECT(build_size(c.g, dim_mul(c.m->dims, size, size)), 9);
    EXPECT(build_const(c.g, SHAPE(DT_i32, 2), 3e9), 2147483647, 2147483647);
    static const double values[] = {1, 2, 3};
    vec_add(c.arena, &c.m->table, (Table){SHAPE(DT_f32, 3), values, "t", 0, 0});
    EXPECT(build_data(c.g, 0), 1, 2, 3);
}

/* ---- reductions, contractions
 * ------------------------------------------------------------------------ */

Test(tensor, reductions)
{
    Case c = begin();
    Ref x = GIVEN(SHAPE(DT_f32, 2, 3), 1, 5, 5, NAN, 2, NAN);
    EXPECT(build_reduce(c.g, OP_sum, x, (int[]){1}, 1), 11, NAN);
    EXPECT(build_reduce(c.g, OP_max, x, (int[]){1}, 1), 5, NAN);
    EXPECT(build_reduce(c.g, OP_argmax, x, (int[]){1}, 1), 1, 0);
    EXPECT(build_reduce(c.g, OP_argmax, x, (int[]){0, 1}, 2), 3);
    Ref b = GIVEN(SHAPE(DT_bool, 2, 2), 0, 0, 0, 1);
    EXPECT(build_reduce(c.g, OP_max, b, (int[]){1}, 1), 0, 1);
    Ref y = GIVEN(SHAPE(DT_f32, 2, 2), 3, 1, 3, 1);
    EXPECT(build_reduce_max_first(c.g, y, (int[]){0, 1}, 2), 1, 0, 0, 0);
    EXPECT(build_reduce_max_first(c.g, y, (int[]){0}, 1), 1, 1, 0, 0);
    Ref i = GIVEN(SHAPE(DT_i32, 2), 2147483647, 2);
    EXPECT(build_reduce(c.g, OP_sum, i, (int[]){0}, 1), -2147483647);
}

Test(tensor, dots)
{
    Case c = begin();
    Ref a = counting(&c, SHAPE(DT_f32, 2, 3)), b = counting(&c, SHAPE(DT_f32, 3, 2));
    int k0[] = {0}, k1[] = {1}, k01[] = {0, 1}, k10[] = {1, 0};
    EXPECT(build_dot(c.g, a, b, 0, NULL, NULL, 1, k1, k0), 10, 13, 28, 40);
    EXPECT(build_dot(c.g, a, b, 0, NULL, NULL, 2, k01, k10), 0 + 2 + 8 + 3 + 12 + 25);
    EXPECT(build_dot(c.g, a, a, 1, k0, k0, 1, k1, k1), 5, 50);
    EXPECT(build_dot(c.g, a, b, 1, k0, k1, 1, k1, k0), 10, 40);
    Ref v = GIVEN(SHAPE(DT_f32, 2), 2, 3), w = GIVEN(SHAPE(DT_f32, 2), 5, 7), outer = build_dot(c.g, v, w, 0, NULL, NULL, 0, NULL, NULL);
    EXPECT(outer, 10, 14, 15, 21);
    cr_expect(is(&c, outer, OP_mul));
    /* a weight repeated along the batch: no batch axis is left */
    Ref x = counting(&c, SHAPE(DT_f32, 2, 1, 3)), many = build_broadcast(c.g, b, SHAPE(DT_f32, 2, 3, 2), (int[]){1, 2});
    Ref r = build_dot(c.g, build_broadcast(c.g, x, SHAPE(DT_f32, 2, 2, 3), (int[]){0, 1, 2}), many, 1, k0, k0, 1, (int[]){2}, k1);
    EXPECT(r, 10, 13, 10, 13, 28, 40, 28, 40);
}

Test(tensor, convolutions)
{
    Case c = begin();
    Dims *d = c.m->dims;
    Dim zero = dim_const(d, 0), one = dim_const(d, 1);
    Conv v = {.groups = 1,
              .stride = {1, 2},
              .dil = {1, 1},
              .lo = {zero, one},
              .hi = {zero, zero},
              .k = {one, dim_const(d, 2)},
              .extent = {one, dim_const(d, 4)}};
    Ref x = GIVEN(SHAPE(DT_f32, 1, 1, 4, 1), 1, 2, 3, 4), w = GIVEN(SHAPE(DT_f32, 1, 2, 1, 1), 10, 1);
    Ref y = build_conv(c.g, x, w, &v);
    EXPECT(y, 1, 23);
    Ref g = GIVEN(SHAPE(DT_f32, 1, 1, 2, 1), 1, 100);
    v.mode = 1;
    EXPECT(build_conv(c.g, g, w, &v), 1, 1000, 100, 0);
    v.mode = 2;
    EXPECT(build_conv(c.g, x, g, &v), 200, 301);
    Conv p = {.groups = 1,
              .stride = {1, 1},
              .dil = {1, 1},
              .lo = {zero, zero},
              .hi = {zero, zero},
              .k = {one, one},
              .extent = {one, dim_const(d, 4)}};
    Ref k = GIVEN(SHAPE(DT_f32, 1, 1, 1, 2), 2, 3), q = build_conv(c.g, x, k, &p);
    cr_expect(!is(&c, q, OP_conv), "1x1");
    EXPECT(q, 2, 3, 4, 6, 6, 9, 8, 12);
    Ref none = build_slice(c.g, x, (Dim[]){zero, zero, zero, zero}, (Dim[]){one, one, dim_const(d, 4), zero}, (int64_t[]){1, 1, 1, 1});
    v.mode = 0;
    Ref of_none = build_conv(c.g, none, build_const(c.g, SHAPE(DT_f32, 1, 2, 0, 2), 0), &v);
    cr_expect(is(&c, of_none, OP_const), "sums of nothing");
    EXPECT(of_none, 0, 0, 0, 0);
}

Test(tensor, gather_and_scatter)
{
    Case c = begin();
    Ref t = counting(&c, SHAPE(DT_f32, 3, 2)), i = GIVEN(SHAPE(DT_i32, 2), 2, 2), u = counting(&c, SHAPE(DT_f32, 2, 2));
    EXPECT(build_take(c.g, t, i), 4, 5, 4, 5);
    EXPECT(build_scatter_add(c.g, i, u, dim_const(c.m->dims, 3)), 0, 0, 0, 0, 2, 4);
    EXPECT(build_take(c.g, t, build_const(c.g, SHAPE(DT_i32, 2), 1)), 2, 3, 2, 3);
    cr_expect_eq(build_take(c.g, t, build_iota(c.g, SHAPE(DT_i32, 3), 0)), t);
}

Test(tensor, argsort)
{
    Case c = begin();
    Ref x = GIVEN(SHAPE(DT_f32, 2, 4), 2, NAN, -1, 2, 0, 3, 3, -INFINITY), n = GIVEN(SHAPE(DT_i32, 4), 3, -1, 3, 0);
    EXPECT(build_argsort(c.g, x, false), 2, 0, 3, 1, 3, 0, 1, 2);
    EXPECT(build_argsort(c.g, x, true), 1, 0, 3, 2, 1, 2, 0, 3);
    EXPECT(build_argsort(c.g, n, false), 1, 3, 0, 2);
    EXPECT(build_argsort(c.g, n, true), 0, 2, 3, 1);
}

/* ---- structure
 * --------------------------------------------------------------------------------------- */

Test(tensor, scan)
{
    Case c = begin();
    Graph *body = graph_new(c.m, "body");
    Ref h = build_param(body, PARAM_CARRY, "h", SCALAR(DT_f32), 0), x = build_param(body, PARAM_XS, "x", SCALAR(DT_f32), 0);
    Ref k = build_param(body, PARAM_CONST, "k", SCALAR(DT_f32), 0), s = build_binary(body, OP_add, build_binary(body, OP_mul, h, k), x);
    build_result(body, s, "h", -1);
    build_result(body, build_unary(body, OP_neg, h), "y", -1);
    Ref in[] = {GIVEN(SCALAR(DT_f32), 1), GIVEN(SHAPE(DT_f32, 3), 1, 2, 3), GIVEN(SCALAR(DT_f32), 10)};
    Ref r = build_scan(c.g, body->id, dim_const(c.m->dims, 3), 1, 1, in, 3);
    EXPECT(build_proj(c.g, r, 0), 1123);
    EXPECT(build_proj(c.g, r, 1), -1, -11, -112);
}

Test(tensor, calls_and_inlining)
{
    Case c = begin();
    Graph *f = graph_new(c.m, "f");
    Ref a = build_param(f, PARAM_CONST, "a", SCALAR(DT_f32), 0);
    build_result(f, build_binary(f, OP_mul, a, a), "r", -1);
    Ref x = GIVEN(SCALAR(DT_f32), 3), out = 0;
    EXPECT(build_proj(c.g, build_call(c.g, f->id, &x, 1), 0), 9);
    build_inline(c.g, f, &x, &out);
    EXPECT(out, 9);
}

Test(tensor, probes_stay_and_report)
{
    Case c = begin();
    Ref x = GIVEN(SHAPE(DT_i32, 3), -1, 2, 3), low = build_binary(c.g, OP_less, x, build_like(c.g, x, 3));
    EXPECT(x, -1, 2, 3);
    Ref first = build_probe(c.g, low, PROBE_ASSERT, 0, 17), print = build_probe(c.g, x, PROBE_PRINT, 1, 18);
    cr_expect_neq(build_probe(c.g, low, PROBE_ASSERT, 0, 17), first, "two equal ones are two events");
    bool *live = graph_live(c.g, c.arena), *needed = graph_needed(c.g, c.arena, NULL);
    cr_expect(live[first] && live[print] && live[low]);
    cr_expect(!needed[first] && !needed[print] && !needed[low] && needed[x]);
    cr_expect(!graph_needed(c.g, c.arena, (bool[]){true})[low]);
    cr_expect_null(graph_verify(c.g, c.arena));
    InterpretHooks hooks = {0};
    TensorValue out;
    cr_assert_null(graph_interpret(c.g, c.symbols, c.values.at, &out, &hooks, c.arena));
    cr_expect_eq(hooks.fail_line, 17);
    build_probe(c.g, x, PROBE_ASSERT, 2, 19);
    cr_expect_str_eq(graph_verify(c.g, c.arena) ? "wrong" : "", "wrong");
}

Test(tensor, expect_clamps_and_reports)
{
    Case c = begin();
    Dim three = dim_const(c.m->dims, 3);
    Ref i = GIVEN(SHAPE(DT_i32, 3), -1, 2, 3), e = build_expect(c.g, i, three, 17);
    EXPECT(e, 0, 2, 2);
    InterpretHooks hooks = {0};
    TensorValue out;
    cr_assert_null(graph_interpret(c.g, c.symbols, c.values.at, &out, &hooks, c.arena));
    cr_expect_eq(hooks.fail_line, 17);
    cr_expect_eq(build_expect(c.g, e, three, 18), e);
    Ref iota = build_iota(c.g, SHAPE(DT_i32, 3), 0);
    cr_expect_eq(build_expect(c.g, iota, three, 18), iota);
}

Test(tensor, external_and_update_hooks)
{
    Case c = begin();
    vec_add(c.arena, &c.m->symbol, (ExternSymbol){"f"});
    Type t = SHAPE(DT_f32, 2);
    Ref x = GIVEN(t, 1, 2), r = build_proj(c.g, build_extern(c.g, 0, &x, 1, &t, 1), 0);
    build_result(c.g, r, "r", -1);
    TensorValue out;
    const char *error = graph_interpret(c.g, c.symbols, c.values.at, &out, NULL, c.arena);
    cr_assert(error && strstr(error, "`f`"));
}

/* ---- random numbers
 * ---------------------------------------------------------------------------------- */

Test(tensor, philox_known_answers)
{
    static const struct {
        uint64_t key;
        uint32_t counter[4], words[4];
    } known[] = {
        {0, {0, 0, 0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {0xffffffffffffffff, {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {0x299f31d0a4093822, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (int i = 0; i < 3; i++) {
        uint32_t words[4];
        philox(known[i].key, known[i].counter, words);
        for (int k = 0; k < 4; k++)
            cr_expect_eq(words[k], known[i].words[k]);
    }
}

Test(tensor, random_counters)
{
    Case c = begin();
    uint64_t seed = 0x123456789a, hash = 0xfeedfacecafebeef;
    Ref s = GIVEN(SCALAR(DT_i64), (double)seed), step = GIVEN(SCALAR(DT_i64), 7), at = GIVEN(SHAPE(DT_i64, 2), 3, 5);
    Ref u = build_random(c.g, 0, hash, s, step, at, SHAPE(DT_f32, 2, 3), 0);
    TensorValue v = evaluate(&c, u);
    cr_assert_eq(v.count, 12);
    for (int e = 0; e < 12; e++) {
        uint32_t element = (uint32_t)e % 6, words[4], counter[] = {element / 4, e < 6 ? 3 : 5, 7, (uint32_t)(hash ^ hash >> 32)};
        philox(seed, counter, words);
        cr_expect_eq(v.f[e], (words[element % 4] >> 8) * 0x1p-24);
    }
    TensorValue w = evaluate(&c, build_random(c.g, 1, hash, s, step, at, SHAPE(DT_i32, 2, 3), dim_const(c.m->dims, 10)));
    for (int e = 0; e < 12; e++)
        cr_expect(w.i[e] == (int64_t)(v.f[e] * 10) || w.i[e] == (int64_t)(v.f[e] * 10) + 1);
}
