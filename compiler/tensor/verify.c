/* SPDX-License-Identifier: MIT
 * verify.c: what must hold of every graph between passes: topological order, arity, and the type
 * rules (shape.c); results that exist, and replace a param of their type at most once. */
#include "tensor/graph.h"

static const char *wrong(const Graph *g, Arena *arena, Ref r, const char *what)
{
    return arena_print(arena, "%s: node %u (%s): %s", g->name, r, op_names[g->node.at[r].op], what);
}

static const char *verify_node(const Graph *g, Arena *arena, Ref r)
{
    const Node *n = &g->node.at[r];
    if (n->op >= OP_COUNT) return arena_print(arena, "%s: node %u: no such operation", g->name, r);
    if (op_arity[n->op] >= 0 && n->n_in != (uint32_t)op_arity[n->op]) return wrong(g, arena, r, "number of operands");
    if (n->n_out == 0 || (n->n_out != 1 && !(op_properties[n->op] & STRUCTURAL))) return wrong(g, arena, r, "number of results");
    for (uint32_t i = 0; i < n->n_in; i++) {
        Ref a = graph_in(g, r, i);
        if (a == 0 || a >= r) return wrong(g, arena, r, "an operand does not stand before it");
        if (g->node.at[a].n_out != 1 && n->op != OP_proj) return wrong(g, arena, r, "an operand has several results");
    }
    for (uint32_t i = 0; i < n->n_out; i++) {
        const Type *t = graph_out_type(g, r, i);
        if (t->rank > MAX_RANK || t->dtype >= DT_COUNT) return wrong(g, arena, r, "type");
        for (int a = 0; a < t->rank; a++)
            if (t->dim[a] == 0) return wrong(g, arena, r, "an extent is missing");
    }
    const char *bad = shape_check(g, r);
    return bad ? wrong(g, arena, r, bad) : NULL;
}

static const char *verify_result(const Graph *g, Arena *arena, uint32_t i)
{
    const GraphResult *res = &g->result.at[i];
    if (!res->ref || res->ref >= g->node.n) return arena_print(arena, "%s: result %u is not there", g->name, i);
    if (res->alias < 0) return NULL;
    if (res->alias >= (int32_t)g->param.n) return arena_print(arena, "%s: result %u replaces no param", g->name, i);
    if (!type_equal(graph_type(g, res->ref), &g->param.at[res->alias].type))
        return arena_print(arena, "%s: result %u has another type than what it replaces", g->name, i);
    for (uint32_t k = 0; k < i; k++)
        if (g->result.at[k].alias == res->alias) return arena_print(arena, "%s: param %d is replaced twice", g->name, res->alias);
    return NULL;
}

const char *graph_verify(const Graph *g, Arena *arena)
{
    const char *error = NULL;
    for (Ref r = 1; r < g->node.n && !error; r++)
        error = verify_node(g, arena, r);
    for (uint32_t i = 0; i < g->result.n && !error; i++)
        error = verify_result(g, arena, i);
    for (uint32_t i = 0; i < g->param.n && !error; i++)
        if (g->node.at[g->param.at[i].ref].op != OP_param) error = arena_print(arena, "%s: param %u", g->name, i);
    return error;
}
