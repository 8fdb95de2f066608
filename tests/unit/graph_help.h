/* SPDX-License-Identifier: MIT
 * graph_help.h: one graph with sizes B and L, and short names for what is in it, for tests of what comes behind tensor/. */
#ifndef NNC_TESTS_GRAPH_HELP_H
#define NNC_TESTS_GRAPH_HELP_H

#include "tensor/tensor.h"

#include <string.h>

static Arena arena;
static Strings strings;
static Module *module;
static Dims *dims;
static Graph *g;
static Symbol symB, symL;
static Dim B, L;

static inline void start_graph(void)
{
    arena_free(&arena);
    memset(&strings, 0, sizeof strings);
    strings_init(&strings, &arena);
    dims = dims_new(&arena);
    module = module_new(&arena, dims, &strings);
    symB = symbol_new(dims, "B");
    symL = symbol_new(dims, "L");
    B = dim_symbol(dims, symB);
    L = dim_symbol(dims, symL);
    g = graph_new(module, "test");
}

static inline Dim D(int64_t v)
{
    return dim_const(dims, v);
}

static inline Type type_of(uint8_t dtype, int rank, const Dim *d)
{
    Type t = {.dtype = dtype, .rank = (uint8_t)rank};
    for (int i = 0; i < rank; i++)
        t.dim[i] = d[i];
    return t;
}
#define SHAPE(dtype, ...) type_of(dtype, (int)(sizeof((Dim[]){__VA_ARGS__}) / sizeof(Dim)), (Dim[]){__VA_ARGS__})
#define F32(...) SHAPE(DT_f32, __VA_ARGS__)
#define I32(...) SHAPE(DT_i32, __VA_ARGS__)

static inline Ref input(const char *name, Type t)
{
    return build_param(g, PARAM_INPUT, name, t, 0);
}

static inline Ref dot(Ref a, Ref b, int ca, int cb)
{
    return build_dot(g, a, b, 0, NULL, NULL, 1, &ca, &cb);
}

static inline Ref reduce_last(Op op, Ref a)
{
    int axis = graph_type(g, a)->rank - 1;
    return build_reduce(g, op, a, &axis, 1);
}

/* r without its last axis, spread along the last axis of like. */
static inline Ref spread(Ref r, Ref like)
{
    int axes[MAX_RANK] = {0, 1, 2, 3, 4, 5, 6, 7};
    Type t = *graph_type(g, like);
    t.dtype = graph_type(g, r)->dtype;
    return build_broadcast(g, r, t, axes);
}

static inline Ref softmax(Ref x)
{
    Ref shifted = build_binary(g, OP_sub, x, spread(reduce_last(OP_max, x), x));
    Ref e = build_unary(g, OP_exp, shifted);
    return build_binary(g, OP_div, e, spread(reduce_last(OP_sum, e), e));
}

static inline Ref relu(Ref x)
{
    return build_binary(g, OP_maximum, x, build_like(g, x, 0));
}

static inline Ref plus_bias(Ref x, Ref bias)
{
    return build_binary(g, OP_add, x, build_broadcast_to(g, bias, *graph_type(g, x)));
}

static inline void result(Ref r)
{
    build_result(g, r, "y", -1);
}

#endif
