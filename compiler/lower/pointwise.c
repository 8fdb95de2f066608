/* SPDX-License-Identifier: MIT
 * pointwise.c: what a value of a graph has in common for all its elements. A field that is read from bytes is looked up in a table
 * where its expression is pointwise (runtime/dataset/table.c). */
#include "lower/pointwise.h"

typedef enum {
    OTHER,   /* not known */
    UNIFORM, /* one number for all elements, whatever comes from outside */
    EACH     /* element k is made of element k from outside, in the same way for all k */
} Kind;

static Kind kind_of_param(const Graph *g, Ref r)
{
    const GraphParam *p = &g->param.at[graph_attr(g, r, 0)];
    return p->kind == PARAM_INPUT ? EACH : p->kind == PARAM_OPTION && p->type.rank == 0 ? UNIFORM : OTHER;
}

static Kind kind_of_elementwise(const Graph *g, Ref r, const Kind *kind)
{
    Kind of = UNIFORM;
    for (uint32_t i = 0; i < graph_node(g, r)->n_in; i++) {
        Kind in = kind[graph_in(g, r, i)];
        if (in == OTHER) return OTHER;
        if (in == EACH) of = EACH;
    }
    return of;
}

static Kind kind_of(const Graph *g, Ref r, const Kind *kind)
{
    const Node *n = graph_node(g, r);
    if (n->op == OP_param) return kind_of_param(g, r);
    if (n->op == OP_const) return UNIFORM;
    if (n->op == OP_reshape) return kind[graph_in(g, r, 0)];
    if (n->op == OP_broadcast) return kind[graph_in(g, r, 0)] == UNIFORM ? UNIFORM : OTHER;
    return op_properties[n->op] & ELEMENTWISE ? kind_of_elementwise(g, r, kind) : OTHER;
}

bool is_pointwise(const Graph *g, Arena *arena)
{
    Kind *kind = ARENA_ARRAY(arena, Kind, g->node.n + 1);
    int inputs = 0;
    for (uint32_t i = 0; i < g->param.n; i++)
        inputs += g->param.at[i].kind == PARAM_INPUT;
    for (Ref r = 1; r < g->node.n; r++)
        kind[r] = kind_of(g, r, kind);
    return inputs == 1 && g->result.n == 1 && kind[g->result.at[0].ref] == EACH;
}
