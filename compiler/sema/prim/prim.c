/* SPDX-License-Identifier: MIT
 * prim.c: the table of primitives, and how they read their arguments. */
#include "sema/prim/prim.h"

#include <string.h>

#include "sema/prim/argument.h"

/* X(name, the function that checks and records it), besides the functions of support/functions.def */
#define PRIMS(X)                                                                                   \
    X(stop_gradient, prim_stop_gradient)                                                           \
            X(minimum, prim_minmax) X(maximum, prim_minmax) X(where, prim_where) X(                \
                sum, prim_reduce) X(mean, prim_reduce) X(max, prim_reduce) X(min, prim_reduce)     \
                X(prod, prim_reduce) X(argmax, prim_reduce) X(argmin, prim_reduce)                 \
                    X(any, prim_reduce) X(all, prim_reduce) X(cumsum, prim_cumsum) X(einsum,       \
                                                                                     prim_einsum)  \
                        X(conv1d, prim_conv_fn) X(conv1d_transpose, prim_conv_fn) X(               \
                            conv2d, prim_conv_fn) X(conv2d_transpose, prim_conv_fn)                \
                            X(max_pool1d, prim_pool_fn) X(avg_pool1d, prim_pool_fn) X(             \
                                max_pool2d,                                                        \
                                prim_pool_fn) X(avg_pool2d, prim_pool_fn)                          \
                                X(rearrange, prim_pattern) X(reduce,                               \
                                                             prim_pattern) X(repeat, prim_pattern) \
                                    X(reshape, prim_shape_fn) X(transpose, prim_shape_fn)          \
                                        X(concat, prim_concat) X(stack, prim_concat) X(            \
                                            split, prim_shape_fn) X(pad, prim_shape_fn)            \
                                            X(flip, prim_shape_fn) X(roll, prim_shape_fn)          \
                                                X(take, prim_gather) X(pick, prim_gather) X(       \
                                                    one_hot,                                       \
                                                    prim_gather) X(scatter_add, prim_gather)       \
                                                    X(top_k, prim_gather) X(                       \
                                                        zeros, prim_make) X(ones, prim_make)       \
                                                        X(full, prim_make) X(range, prim_make) X(  \
                                                            eye, prim_make) X(count, prim_make)    \
                                                            X(size, prim_make) X(len, prim_make)   \
                                                                X(rand, prim_random)               \
                                                                    X(randn, prim_random) X(       \
                                                                        randint, prim_random)      \
                                                                        X(bernoulli, prim_random)  \
                                                                            X(categorical,         \
                                                                              prim_random)

typedef struct Row {
    const char *name;
    PrimFn *fn;
} Row;

static const Row rows[] = {
#define FUNCTION(name, ...) {#name, prim_elementwise},
#include "support/functions.def"
#define ROW(name, fn) {#name, fn},
    PRIMS(ROW)
#undef ROW
};
static const char *const row_names[] = {
#define FUNCTION(name, ...) #name,
#include "support/functions.def"
#define NAME(name, fn) #name,
    PRIMS(NAME)
#undef NAME
};
enum { N_ROWS = sizeof rows / sizeof *rows };

static const Row *find_row(const char *name)
{
    for (int i = 0; i < N_ROWS; i++)
        if (strcmp(rows[i].name, name) == 0) return &rows[i];
    return NULL;
}

bool prim_find(const char *name)
{
    return find_row(name) != NULL;
}

const char *const *prim_names(uint32_t *n)
{
    *n = N_ROWS;
    return row_names;
}

static bool keeps_stretch(PrimFn *fn)
{
    return fn == prim_elementwise || fn == prim_stop_gradient || fn == prim_minmax || fn == prim_where;
}

Value prim_call(Sema *s, const PrimCall *call)
{
    const Row *row = find_row(call->name);
    if (!row) BUG("no primitive `%s`", call->name);
    if (any_error(call)) return value_error();
    if (keeps_stretch(row->fn)) return row->fn(s, call);
    PrimCall plain = *call;
    plain.args = ARENA_ARRAY(s->arena, PrimArg, call->n + 1);
    for (uint32_t i = 0; i < call->n; i++) {
        plain.args[i] = call->args[i];
        plain.args[i].value = plain_value(s, &call->args[i].value);
    }
    return row->fn(s, &plain);
}
