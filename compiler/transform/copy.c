/* SPDX-License-Identifier: MIT
 * copy.c: copying of graphs, the skeleton of the passes. */
#include "transform/copy.h"

Ref copy_param(Graph *to, const Graph *from, uint32_t i)
{
    const GraphParam *p = &from->param.at[i];
    Ref r = build_param(to, p->kind, p->name, p->type, p->slot);
    to->param.at[to->param.n - 1].bound = p->bound;
    return r;
}

Copy *copy_begin(Arena *scratch, const Graph *from, CopyRule rule, void *user)
{
    Copy *c = ARENA_NEW(scratch, Copy);
    *c = (Copy){.from = from, .scratch = scratch, .rule = rule, .user = user};
    c->to = graph_new(from->module, from->name);
    c->to->vjp = from->vjp;
    c->live = graph_live(from, scratch);
    c->map = ARENA_ARRAY(scratch, Ref, from->node.n + 1);
    c->outs = ARENA_ARRAY(scratch, Ref *, from->node.n + 1);
    c->n_bodies = from->module->graph.n;
    for (uint32_t i = 0; i < from->param.n; i++)
        c->map[from->param.at[i].ref] = copy_param(c->to, from, i);
    return c;
}

Ref *copy_operands(Copy *c, Ref r)
{
    const Node *node = graph_node(c->from, r);
    Ref *in = ARENA_ARRAY(c->scratch, Ref, node->n_in + 1);
    for (uint32_t i = 0; i < node->n_in; i++)
        in[i] = c->map[graph_in(c->from, r, i)];
    return in;
}

/* What a is the flip of, or 0. */
static Ref flipped(const Graph *g, Ref a)
{
    const Node *node = graph_node(g, a);
    if (node->op != OP_slice || graph_attr(g, a, 2) != -1) return 0;
    Ref in = graph_in(g, a, 0);
    if (!type_equal(graph_type(g, in), graph_type(g, a))) return 0;
    for (uint32_t i = 1; i < graph_type(g, a)->rank; i++)
        if (graph_attr(g, a, 3 * i + 2) != 1) return 0;
    return in;
}

Ref copy_plain(Graph *to, const Graph *from, Ref r, const Ref *in)
{
    const Node *node = graph_node(from, r);
    to->loc = node->loc;
    to->flags = node->flags;
    Ref made = flipped(from, r) ? build_flip(to, in[0]) : build_copy(to, from, r, in);
    to->loc = 0;
    to->flags = 0;
    return made;
}

Graph **copy_bodies(Copy *c)
{
    if (!c->body) c->body = ARENA_ARRAY(c->scratch, Graph *, c->n_bodies + 1);
    return c->body;
}

/* The copy of a scan's body by the same rule. */
static Graph *copy_body(Copy *c, uint32_t id)
{
    if (!c->rule) return c->from->module->graph.at[id];
    if (id >= c->n_bodies) BUG("graph %u is newer than the copy", id);
    if (copy_bodies(c)[id]) return c->body[id];
    Copy *inner = copy_begin(c->scratch, c->from->module->graph.at[id], c->rule, c->user);
    inner->body = c->body;
    inner->n_bodies = c->n_bodies;
    return c->body[id] = copy_all(inner);
}

static Ref copy_scan(Copy *c, Ref r)
{
    const Graph *from = c->from;
    const Node *node = graph_node(from, r);
    Graph *body = copy_body(c, (uint32_t)graph_attr(from, r, 0));
    Ref *in = copy_operands(c, r);
    c->to->loc = node->loc;
    c->to->flags = node->flags;
    Ref made =
        build_scan(c->to, body->id, (Dim)graph_attr(from, r, 1), (int)graph_attr(from, r, 2), (int)graph_attr(from, r, 3), in, node->n_in);
    c->to->loc = 0;
    c->to->flags = 0;
    return made;
}

void copy_node(Copy *c, Ref r)
{
    const Node *node = graph_node(c->from, r);
    if (node->op == OP_param) return;
    if (c->rule && c->rule(c, r)) return;
    if (node->op == OP_proj && c->outs[graph_in(c->from, r, 0)]) {
        c->map[r] = c->outs[graph_in(c->from, r, 0)][graph_attr(c->from, r, 0)];
    } else if (node->op == OP_scan) {
        c->map[r] = copy_scan(c, r);
    } else {
        c->map[r] = copy_plain(c->to, c->from, r, copy_operands(c, r));
    }
}

void copy_results(Copy *c)
{
    for (uint32_t i = 0; i < c->from->result.n; i++) {
        const GraphResult *result = &c->from->result.at[i];
        build_result(c->to, c->map[result->ref], result->name, result->alias);
    }
}

Graph *copy_all(Copy *c)
{
    for (Ref r = 1; r < c->from->node.n; r++)
        if (c->live[r]) copy_node(c, r);
    copy_results(c);
    return c->to;
}

Graph *copy_graph(Arena *scratch, const Graph *from, CopyRule rule, void *user)
{
    return copy_all(copy_begin(scratch, from, rule, user));
}

Type type_stacked(Type type, Dim n)
{
    if (type.rank >= MAX_RANK) BUG("more than %d axes", MAX_RANK);
    for (int i = type.rank; i > 0; i--)
        type.dim[i] = type.dim[i - 1];
    type.dim[0] = n;
    type.rank++;
    return type;
}

Type type_unstacked(Type type)
{
    for (int i = 1; i < type.rank; i++)
        type.dim[i - 1] = type.dim[i];
    type.dim[--type.rank] = 0;
    return type;
}

Ref build_flip(Graph *g, Ref a)
{
    if (flipped(g, a)) return flipped(g, a);
    Type type = *graph_type(g, a);
    Dim lo[MAX_RANK], hi[MAX_RANK];
    int64_t step[MAX_RANK];
    for (int i = 0; i < type.rank; i++) {
        lo[i] = dim_const(g->module->dims, 0);
        hi[i] = type.dim[i];
        step[i] = i ? 1 : -1;
    }
    return build_slice(g, a, lo, hi, step);
}
