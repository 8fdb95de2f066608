/* SPDX-License-Identifier: MIT
 * verify.c: what must hold of every graph between passes: topological order, arity, and types that the constructors give again. */
#include "tensor/graph.h"

static const char *wrong(const Graph *g, Arena *arena, Ref r, const char *what)
{
    return arena_print(arena, "%s: node %u (%s): %s", g->name, r, op_names[g->node.at[r].op], what);
}

static const char *verify_node(const Graph *g, Arena *arena, Ref r)
{
    const Node *n = &g->node.at[r];
    if (n->op >= OP_COUNT) return wrong(g, arena, r, "unknown operation");
    if (op_arity[n->op] >= 0 && n->n_in != (uint32_t)op_arity[n->op]) return wrong(g, arena, r, "number of operands");
    for (uint32_t i = 0; i < n->n_in; i++)
        if (graph_in(g, r, i) == 0 || graph_in(g, r, i) >= r) return wrong(g, arena, r, "operand behind its user");
    for (uint32_t i = 0; i < n->n_out; i++) {
        const Type *t = graph_out_type(g, r, i);
        if (t->rank > MAX_RANK || t->dtype >= DT_COUNT) return wrong(g, arena, r, "type");
        for (int a = 0; a < t->rank; a++)
            if (t->dim[a] == 0) return wrong(g, arena, r, "an extent is missing");
    }
    if ((op_properties[n->op] & ELEMENTWISE) && n->op != OP_cast)
        for (uint32_t i = 0; i < n->n_in; i++)
            if (graph_type(g, graph_in(g, r, i))->rank != graph_type(g, r)->rank) return wrong(g, arena, r, "operands of different rank");
    if (n->op == OP_proj && graph_attr(g, r, 0) >= g->node.at[graph_in(g, r, 0)].n_out) return wrong(g, arena, r, "no such component");
    if ((n->op == OP_scan || n->op == OP_call) && graph_attr(g, r, 0) >= (int64_t)g->module->graph.n) return wrong(g, arena, r, "no such graph");
    return NULL;
}

const char *graph_verify(const Graph *g, Arena *arena)
{
    for (Ref r = 1; r < g->node.n; r++) {
        const char *error = verify_node(g, arena, r);
        if (error) return error;
    }
    for (uint32_t i = 0; i < g->result.n; i++) {
        const GraphResult *res = &g->result.at[i];
        if (!res->ref || res->ref >= g->node.n) return arena_print(arena, "%s: result %u is not there", g->name, i);
        if (res->alias < 0) continue;
        if (res->alias >= (int32_t)g->param.n) return arena_print(arena, "%s: result %u replaces no param", g->name, i);
        if (!type_equal(graph_type(g, res->ref), &g->param.at[res->alias].type)) return arena_print(arena, "%s: result %u has another type than what it replaces", g->name, i);
        for (uint32_t k = 0; k < i; k++)
            if (g->result.at[k].alias == res->alias) return arena_print(arena, "%s: param %d is replaced twice", g->name, res->alias);
    }
    for (uint32_t i = 0; i < g->param.n; i++)
        if (g->node.at[g->param.at[i].ref].op != OP_param) return arena_print(arena, "%s: param %u", g->name, i);
    return NULL;
}
