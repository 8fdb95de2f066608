/* SPDX-License-Identifier: MIT
 * gen_graph.h: random graphs of the tensor IR, for differential tests.
 *
 * The same seed gives the same graph. Values stay of moderate size (no infinities, no NaN), and
 * with `smooth` no operation jumps on computed floats, so that results in single and double
 * precision can be compared. */
#ifndef NNC_FUZZ_GEN_GRAPH_H
#define NNC_FUZZ_GEN_GRAPH_H

#include "tensor/tensor.h"

enum { GEN_DOT = 1, GEN_CONV = 2, GEN_INDEXED = 4, GEN_SCAN = 8, GEN_RANDOM = 16, GEN_VIEW = 32, GEN_REDUCE = 64 };
typedef struct GenOptions {
    uint32_t without; /* GEN_ kinds that are left out */
    int n_nodes;      /* operations to make; 0: 12 */
    bool smooth;      /* no floor, argmax, comparison or conversion to int of computed floats */
    bool constant;    /* constant extents only */
    bool f64;         /* floats are f64 */
    bool states;      /* two more results that replace states; with constant extents only */
    bool raw;         /* the constructors do not simplify */
    bool attends;     /* one operation more: rows of a product of batches, weighted and multiplied with a third batch */
    bool gates;       /* and one more: a product times a function of it, then another product */
} GenOptions;

/* A graph with float results (and in mixed graphs some others). Size symbols are made in
 * module->dims; at most 4 per graph. */
Graph *gen_graph(Module *module, uint64_t seed, GenOptions options);
/* A value for every symbol of the module: 4 .. 9. `symbols` has symbol_count + 1 places. */
void gen_sizes(const Module *module, uint64_t seed, int64_t *symbols);
/* Values of the params: distinct floats in (-1, 1) that f32 can hold, indices below their bound. */
TensorValue *gen_values(Arena *arena, const Graph *g, uint64_t seed, const int64_t *symbols);

#endif
