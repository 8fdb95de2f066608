/* SPDX-License-Identifier: MIT
 * tensor_help.h: one graph, its inputs and what the interpreter makes of it, for tests of tensor/. */
#ifndef NNC_TESTS_TENSOR_HELP_H
#define NNC_TESTS_TENSOR_HELP_H

#include "fuzz/gen_graph.h"
#include "tensor/graph.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct Case {
    Arena *arena;
    Module *m;
    Graph *g;
    int64_t symbols[64];
    VEC(TensorValue) values; /* of the params */
} Case;

static Arena case_arena;

static inline Case begin(void)
{
    arena_free(&case_arena);
    Case c = {.arena = &case_arena};
    Strings *strings = ARENA_NEW(c.arena, Strings);
    strings_init(strings, c.arena);
    c.m = module_new(c.arena, dims_new(c.arena), strings);
    c.g = graph_new(c.m, "t");
    return c;
}

static inline Type type_of(Case *c, uint8_t dtype, int rank, const int64_t *extents)
{
    Type t = {.dtype = dtype, .rank = (uint8_t)rank};
    for (int i = 0; i < rank; i++)
        t.dim[i] = dim_const(c->m->dims, extents[i]);
    return t;
}
#define SHAPE(dtype, ...) type_of(&c, dtype, (int)(sizeof(int64_t[]){__VA_ARGS__} / sizeof(int64_t)), (int64_t[]){__VA_ARGS__})
#define SCALAR(dtype_) ((Type){.dtype = dtype_})

/* A param with these values. */
static inline Ref given(Case *c, Type type, const double *values)
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

static inline Ref counting(Case *c, Type type)
{
    TensorValue v = tensor_value_new(c->arena, c->m->dims, &type, c->symbols);
    double *values = ARENA_ARRAY(c->arena, double, v.count + 1);
    for (int64_t e = 0; e < v.count; e++)
        values[e] = (double)e;
    return given(c, type, values);
}

static inline TensorValue evaluate(Case *c, Ref r)
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

static inline double element(const TensorValue *v, int64_t e)
{
    return v->f ? v->f[e] : (double)v->i[e];
}

static inline void expect_values(Case *c, Ref r, int n, const double *want, int line)
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

static inline bool is(const Case *c, Ref r, Op op)
{
    return graph_node(c->g, r)->op == op;
}

#endif
