/* SPDX-License-Identifier: MIT
 * kernel_help.h: graphs with sizes B and L, and their kernels, for tests of kernel/. */
#ifndef NNC_TESTS_KERNEL_HELP_H
#define NNC_TESTS_KERNEL_HELP_H

#include "kernel/kernel.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Arena arena, scratch;
static Strings strings;
static Module *module;
static Dims *dims;
static Graph *g;
static Symbol symB, symL;
static Dim B, L;
static Layout layout;
static EntryLayout entry;

static inline void start(void)
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
    layout = (Layout){.float_dtype = DT_f32};
    entry = (EntryLayout){0};
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
#define SHAPE(dtype, ...)                                                                          \
    type_of(dtype, (int)(sizeof((Dim[]){__VA_ARGS__}) / sizeof(Dim)), (Dim[]){__VA_ARGS__})
#define F32(...) SHAPE(DT_f32, __VA_ARGS__)
#define I32(...) SHAPE(DT_i32, __VA_ARGS__)
static const Type f32_scalar = {.dtype = DT_f32}, i64_scalar = {.dtype = DT_i64};

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

static inline void result(Ref r)
{
    build_result(g, r, "y", -1);
}

/* ---- running ------------------------------------------------------------------------------ */

static inline KProgram *unchecked(const Graph *graph, bool no_fusion, bool no_reuse)
{
    uint32_t n = symbol_count(dims);
    Symbol *symbols = ARENA_ARRAY(&scratch, Symbol, n + 1);
    for (uint32_t i = 0; i < n; i++)
        symbols[i] = i + 1;
    int64_t *zero = ARENA_ARRAY(&scratch, int64_t, module->table.n + 16);
    KernelOptions options = {.no_fusion = no_fusion,
                             .no_reuse = no_reuse,
                             .n_symbols = n,
                             .symbols = symbols,
                             .const_offset = zero,
                             .option_offset = zero,
                             .sums_in_train = true};
    KProgram *p = kernel_build(&scratch, graph, &layout, &entry, &options);
    if (getenv("NNC_TEST_PRINT")) {
        Text text = {.arena = &scratch};
        graph_print(graph, &text);
        kernel_print(p, &text);
        fprintf(stderr, "%s", text_c(&text));
    }
    return p;
}

#endif
