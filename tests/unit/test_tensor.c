/* links: nnc_gen nnc_tensor nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_tensor.c: the tensor IR: meaning of the operations, rules of the constructors, text form,
 * verifier, random numbers. */
#include "fuzz/gen_graph.h"
#include "tensor/graph.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- helpers
 * ----------------------------------------------------------------------------------------- */

typedef struct Case {
    Arena *arena;
    Module *m;
    Graph *g;
    int64_t symbols[64];
    VEC(TensorValue) values; /* of the params */
} Case;

static Arena case_arena;

static Case begin(void)
{
    arena_free(&case_arena);
    Case c = {.arena = &case_arena};
    Strings *strings = ARENA_NEW(c.arena, Strings);
    strings_init(strings, c.arena);
    c.m = module_new(c.arena, dims_new(c.arena), strings);
    c.g = graph_new(c.m, "t");
    return c;
}

static Type type_of(Case *c, uint8_t dtype, int rank, const int64_t *extents)
{
    Type t = {.dtype = dtype, .rank = (uint8_t)rank};
    for (int i = 0; i < rank; i++)
        t.dim[i] = dim_const(c->m->dims, extents[i]);
    return t;
}
#define SHAPE(dtype, ...) type_of(&c, dtype, (int)(sizeof(int64_t[]){__VA_ARGS__} / sizeof(int64_t)), (int64_t[]){__VA_ARGS__})
#define SCALAR(dtype_) ((Type){.dtype = dtype_})

/* A param with these values. */
static Ref given(Case *c, Type type, const double *values)
{
    TensorValue v = tensor_value_new(c->arena, c->m->dims, &type, c->symbols);
    for (int64_t e = 0; e < v.count; e++)
        if (v.f)
            v.f[e] = values[e];
        else
            v.i[e] = (int64_t)values[e];
    vec_add(c->arena, &c->values, v);
    return build_param(c->g, PARAM_INPUT, arena_print(c->arena, "x%u", c->g->param.n), type, c->g->param.n);
}
#define GIVEN(type, ...) given(&c, type, (double[]){__VA_ARGS__})

static Ref counting(Case *c, Type type)
{
    TensorValue v = tensor_value_new(c->arena, c->m->dims, &type, c->symbols);
    double *values = ARENA_ARRAY(c->arena, double, v.count + 1);
    for (int64_t e = 0; e < v.count; e++)
        values[e] = (double)e;
    return given(c, type, values);
}

static TensorValue evaluate(Case *c, Ref r)
{
    TensorValue out;
    c->g->result.n = 0;
    build_result(c->g, r, "r", -1);
    const char *bad = graph_verify(c->g, c->arena);
    cr_assert_null(bad, "%s", bad);
    const char *error = graph_interpret(c->g, c->symbols, c->values.at, &out, NULL, c->arena);
    cr_assert_null(error, "%s", error);
    return out;
}

static double element(const TensorValue *v, int64_t e)
{
    return v->f ? v->f[e] : (double)v->i[e];
}

static void expect_values(Case *c, Ref r, int n, const double *want, int line)
{
    TensorValue v = evaluate(c, r);
    cr_assert_eq(v.count, n, "line %d: %lld elements", line, (long long)v.count);
    for (int e = 0; e < n; e++) {
        double x = element(&v, e);
        bool right = want[e] != want[e] ? x != x : x == want[e] || fabs(x - want[e]) < 1e-12;
        cr_expect(right, "line %d: element %d is %.17g, not %.17g", line, e, x, want[e]);
    }
}
#define EXPECT(r, ...) expect_values(&c, r, (int)(sizeof(double[]){__VA_ARGS__} / sizeof(double)), (double[]){__VA_ARGS__}, __LINE__)

static bool is(const Case *c, Ref r, Op op)
{
    return graph_node(c->g, r)->op == op;
}

/* ---- documents ---- */

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
    const char *row = strstr(document(NNC_SOURCE_DIR "/docs/language.md"), "\n| elementwise |");
    cr_assert(row);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        cr_expect(has_word(row, strchr(row + 1, '\n'), " ", functions[i]), "docs/language.md, elementwise: no %s", functions[i]);
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
    vec_add(c.arena, &c.m->table, (Table){SHAPE(DT_f32, 3), values, "t"});
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

/* ---- rules of the constructors
 * ----------------------------------------------------------------------- */

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

/* ---- text
 * -------------------------------------------------------------------------------------------- */

static const char *printed(Module *m, const Graph *g, Arena *arena)
{
    Text t = {.arena = arena};
    module_print(m, &g, 1, &t);
    return text_c(&t);
}

static Module *read_again(Case *c, const char *text)
{
    const char *error = NULL;
    Module *m = module_read(c->arena, c->m->strings, text, &error);
    cr_assert(m, "%s\n%s", error, text);
    return m;
}

Test(tensor, text_is_read_back)
{
    const char *text = "table @0 \"t\" : f32[2] {1, 2.5}\n"
                       "symbol @0 \"f\"\n"
                       "graph @0 train.data(%1: f32[B,2] weight \"w\" 3, %2: i32[B] input \"ids\" 1 "
                       "bound <B + 1>) -> (%5 \"w\" = 0, %3 \"t\") {\n"
                       "  %3 = data {0} : f32[2]\n"
                       "  %4 = broadcast %3 {1} : f32[B,2]\n"
                       "  %5 = add %1, %4 : f32[B,2]\n"
                       "}\n";
    Case c = begin();
    Module *m = read_again(&c, text);
    cr_expect_str_eq(printed(m, m->graph.at[0], c.arena), text);
}

Test(tensor, bad_text_is_refused)
{
    static const char *const bad[] = {
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = add %1, %3 : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = add %1 : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = neg %1 : f32[3] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = frob %1 : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = reshape %1 : f32[4] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = sum %1 {1} : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = dot %1, %1 {0, 1, 0} : f32[] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = scan %1 {3, <2>, 0, 0} : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = slice %1 {0, 2, 1} : f32[2] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%9 \"r\") { }",
        "graph @0 f(%1: q32[2] input \"x\" 0) -> () { }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = sum %1 {9223372036854775807} : f32[] }",
        "graph @0 f(%1: f32[2] input \"x\" 0) -> (%2 \"r\") { %2 = dot %1, %1 {0, 4611686018427387904} : f32[] }",
        "graph @0 f(%1: f32[99999999999999999999] input \"x\" 0) -> (%1 \"r\") { }",
        "graph @4294967296 f(%1: f32[2] input \"x\" 0) -> (%1 \"r\") { }",
        "",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Case c = begin();
        const char *error = NULL;
        cr_expect_null(module_read(c.arena, c.m->strings, bad[i], &error), "%s", bad[i]);
        cr_expect(error && *error);
    }
}

/* ---- random graphs
 * ----------------------------------------------------------------------------------- */

static Graph *copied(const Graph *from, Arena *arena);

static Ref copied_node(Graph *to, const Graph *from, Ref r, const Ref *map, Arena *arena)
{
    const Node *n = graph_node(from, r);
    Ref *in = ARENA_ARRAY(arena, Ref, n->n_in + 1);
    for (uint32_t i = 0; i < n->n_in; i++)
        in[i] = map[graph_in(from, r, i)];
    if (n->op != OP_scan) return build_copy(to, from, r, in);
    Graph *body = copied(from->module->graph.at[graph_attr(from, r, 0)], arena);
    return build_scan(to, body->id, (Dim)graph_attr(from, r, 1), (int)graph_attr(from, r, 2), (int)graph_attr(from, r, 3), in, n->n_in);
}

/* Through the constructors. */
static Graph *copied(const Graph *from, Arena *arena)
{
    Graph *to = graph_new(from->module, from->name);
    Ref *map = ARENA_ARRAY(arena, Ref, from->node.n + 1);
    bool *live = graph_live(from, arena);
    for (uint32_t i = 0; i < from->param.n; i++) {
        const GraphParam *p = &from->param.at[i];
        map[p->ref] = build_param(to, p->kind, p->name, p->type, p->slot);
        to->param.at[i].bound = p->bound;
    }
    for (Ref r = 1; r < from->node.n; r++)
        if (live[r] && graph_node(from, r)->op != OP_param) map[r] = copied_node(to, from, r, map, arena);
    for (uint32_t i = 0; i < from->result.n; i++)
        build_result(to, map[from->result.at[i].ref], from->result.at[i].name, from->result.at[i].alias);
    return to;
}

static TensorValue *results(const Graph *g, const int64_t *symbols, const TensorValue *values, Arena *arena)
{
    TensorValue *out = ARENA_ARRAY(arena, TensorValue, g->result.n + 1);
    const char *error = graph_interpret(g, symbols, values, out, NULL, arena);
    cr_assert_null(error, "%s", error);
    return out;
}

static void expect_equal(const Graph *g, const TensorValue *a, const TensorValue *b, uint64_t seed, const char *what)
{
    for (uint32_t i = 0; i < g->result.n; i++) {
        cr_assert_eq(a[i].count, b[i].count, "seed %llu, result %u: %s", (unsigned long long)seed, i, what);
        for (int64_t e = 0; e < a[i].count; e++) {
            double x = element(&a[i], e), y = element(&b[i], e);
            cr_assert(fabs(x - y) <= 1e-9 * (1 + fabs(x)), "seed %llu, result %u[%lld]: %.17g and %.17g (%s)", (unsigned long long)seed, i,
                      (long long)e, x, y, what);
        }
    }
}

static void check_seed(uint64_t seed, GenOptions options)
{
    Case c = begin();
    Graph *g = gen_graph(c.m, seed, options);
    const char *bad = graph_verify(g, c.arena);
    cr_assert_null(bad, "seed %llu: %s", (unsigned long long)seed, bad);
    int64_t *symbols = ARENA_ARRAY(c.arena, int64_t, symbol_count(c.m->dims) + 1);
    gen_sizes(c.m, seed, symbols);
    TensorValue *values = gen_values(c.arena, g, seed, symbols), *want = results(g, symbols, values, c.arena);
    for (uint32_t i = 0; i < g->result.n; i++)
        for (int64_t e = 0; e < want[i].count; e++)
            cr_assert(isfinite(element(&want[i], e)), "seed %llu", (unsigned long long)seed);
    Graph *simple = copied(g, c.arena);
    bad = graph_verify(simple, c.arena);
    cr_assert_null(bad, "seed %llu, copied: %s", (unsigned long long)seed, bad);
    expect_equal(g, want, results(simple, symbols, values, c.arena), seed, "simplified");
    const char *text = printed(c.m, g, c.arena);
    Module *m = read_again(&c, text);
    Graph *back = m->graph.at[m->graph.n - 1];
    int64_t *moved = ARENA_ARRAY(c.arena, int64_t, symbol_count(m->dims) + 1);
    for (Symbol s = 1; s <= symbol_count(m->dims); s++)
        for (Symbol k = 1; k <= symbol_count(c.m->dims); k++)
            if (strcmp(symbol_name(m->dims, s), symbol_name(c.m->dims, k)) == 0) moved[s] = symbols[k];
    expect_equal(g, want, results(back, moved, values, c.arena), seed, "read back");
    const char *again = printed(m, back, c.arena);
    Module *m2 = read_again(&c, again);
    cr_expect_str_eq(printed(m2, m2->graph.at[m2->graph.n - 1], c.arena), again, "seed %llu", (unsigned long long)seed);
}

Test(tensor, raw_random_graphs, .timeout = 300)
{
    for (uint64_t seed = 0; seed < 400; seed++)
        check_seed(seed, (GenOptions){.raw = true, .n_nodes = 14});
}

Test(tensor, random_graphs, .timeout = 300)
{
    for (uint64_t seed = 0; seed < 200; seed++)
        check_seed(seed, (GenOptions){.n_nodes = 20, .constant = seed % 3 == 0, .smooth = seed % 2});
}
