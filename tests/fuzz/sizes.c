/* SPDX-License-Identifier: MIT
 * sizes.c: the sizes of a call of a random graph. */
#include "fuzz/sizes.h"

#include "fuzz/gen_graph.h"

uint64_t sizes_mix(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

enum { MANY = 1 << 30 };

/* Elements of all values of a graph, in each turn of its scans, or MANY. */
static int64_t elements(const Graph *g, const int64_t *symbols)
{
    int64_t total = 0, n = 0;
    for (Ref r = 1; r < g->node.n && total < MANY; r++) {
        for (uint32_t i = 0; i < graph_node(g, r)->n_out; i++) {
            Dim count = type_count(g->module->dims, graph_out_type(g, r, i));
            if (!dim_eval(g->module->dims, count, symbols, &n) || n > 1 << 20) return MANY;
            total += n;
        }
        if (graph_node(g, r)->op != OP_scan) continue;
        const Graph *body = g->module->graph.at[graph_attr(g, r, 0)];
        if (!dim_eval(g->module->dims, (Dim)graph_attr(g, r, 1), symbols, &n) || n > 1 << 20) return MANY;
        total += n * elements(body, symbols);
    }
    return total < MANY ? total : MANY;
}

/* The least sizes where those drawn take too much memory: what scans emit can be long. */
static void bound_sizes(const Graph *g, int64_t *symbols)
{
    enum { MOST = 1 << 20, LEAST = 4 };
    for (uint32_t s = 1; s <= symbol_count(g->module->dims) && elements(g, symbols) > MOST; s++)
        symbols[s] = LEAST;
}

/* Sizes of the k-th call: small ones, and one that exceeds a vector where the graph stays small
 * enough. */
void sizes_choose(const Graph *g, uint64_t seed, uint64_t k, int64_t *symbols)
{
    uint64_t state = seed * 31 + k;
    gen_sizes(g->module, seed + k, symbols);
    bound_sizes(g, symbols);
    uint32_t n = symbol_count(g->module->dims);
    if (!n || k == 0) return;
    uint32_t s = 1 + (uint32_t)(sizes_mix(&state) % n);
    int64_t small = symbols[s];
    symbols[s] = 10 + (int64_t)(sizes_mix(&state) % 60);
    if (elements(g, symbols) > 60000) symbols[s] = small;
}
