/* SPDX-License-Identifier: MIT
 * look.c: prints in a graph. */
#include "fuzz/look.h"

static bool may_be_seen(const Graph *g, Ref r)
{
    if (graph_node(g, r)->n_out != 1 || graph_type(g, r)->dtype == DT_wide16) return false; /* no type of the language */
    switch (graph_node(g, r)->op) {
    case OP_scan:
    case OP_call:
    case OP_extern:
    case OP_gradient:
    case OP_minimize:
    case OP_update:
    case OP_probe: return false;
    default: return true;
    }
}

void looks_add(Graph *g, uint64_t seed)
{
    uint32_t n = 0, most = 1 + (uint32_t)(seed % 3), n_nodes = g->node.n;
    for (int tries = 0; tries < 20 && n < most; tries++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        Ref r = 1 + (Ref)((seed >> 33) % (n_nodes - 1));
        if (may_be_seen(g, r)) build_probe(g, r, PROBE_PRINT, n++, 1);
    }
}

Graph looks_removed(const Graph *g)
{
    Graph without = *g;
    while (without.node.n > 1 && graph_node(g, without.node.n - 1)->op == OP_probe)
        without.node.n--;
    return without;
}

Looks looks_find(const Graph *g)
{
    Looks looks = {.seen = *g, .number = ARENA_ARRAY(g->arena, uint32_t, g->node.n)};
    GraphResult *results = ARENA_ARRAY(g->arena, GraphResult, g->result.n + g->node.n);
    uint32_t n = g->result.n;
    for (uint32_t i = 0; i < n; i++)
        results[i] = g->result.at[i];
    for (Ref r = 1; r < g->node.n; r++) {
        if (graph_node(g, r)->op != OP_probe || graph_attr(g, r, 0) != PROBE_PRINT) continue;
        uint32_t number = (uint32_t)graph_attr(g, r, 1);
        looks.number[n - g->result.n] = number;
        if (number >= looks.n_numbers) looks.n_numbers = number + 1;
        results[n++] = (GraphResult){.ref = graph_in(g, r, 0), .name = "printed", .alias = -1};
    }
    looks.seen.result.at = results;
    looks.seen.result.n = n;
    return looks;
}
