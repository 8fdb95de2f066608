/* SPDX-License-Identifier: MIT
 * look.c: random prints in a graph. */
#include "fuzz/look.h"

static bool may_be_seen(const Graph *g, Ref r)
{
    switch (graph_node(g, r)->op) {
    case OP_scan:
    case OP_call:
    case OP_extern:
    case OP_gradient:
    case OP_minimize:
    case OP_update:
    case OP_probe: return false;
    default: return graph_node(g, r)->n_out == 1;
    }
}

void looks_add(Looks *looks, Graph *g, uint64_t seed)
{
    looks->plain = looks->seen = *g;
    looks->seen.result.at = ARENA_ARRAY(g->arena, GraphResult, g->result.n + 4);
    for (uint32_t i = 0; i < g->result.n; i++)
        looks->seen.result.at[i] = g->result.at[i];
    looks->seen.result.cap = g->result.n + 4;
    uint32_t n = 0, most = 1 + (uint32_t)(seed % 3);
    for (int tries = 0; tries < 20 && n < most; tries++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        Ref r = 1 + (Ref)((seed >> 33) % (looks->plain.node.n - 1));
        if (!may_be_seen(g, r)) continue;
        build_probe(g, r, PROBE_PRINT, n++, 1);
        looks->seen.result.at[looks->seen.result.n++] = (GraphResult){.ref = r, .name = "printed", .alias = -1};
    }
}
