/* SPDX-License-Identifier: MIT
 * gradient.c: the pass gradient. Every `gradient` becomes the nodes that compute it; marks go.
 *
 * This happens before `minimize` is treated and in the order of the graph, so a derivative is
 * differentiated again like anything else. Bodies of scans and functions with their own gradient
 * come first, each by itself: their gradients are with respect to values of their own. */
#include "transform/copy.h"
#include "transform/pass.h"
#include "transform/versions.h"

/* The param behind a version of a parameter. */
static uint32_t param_behind(const Graph *g, Ref version)
{
    while (graph_node(g, version)->op == OP_proj) {
        Ref minimize = graph_in(g, version, 0);
        version = graph_in(g, minimize, 1 + (uint32_t)graph_attr(g, version, 0));
    }
    if (graph_node(g, version)->op != OP_param) BUG("minimize over a value that is no version");
    return (uint32_t)graph_attr(g, version, 0);
}

static OldVersions old_versions(Arena *arena, const Graph *g)
{
    OldVersions old = versions_begin(arena, g);
    for (Ref r = 1; r < g->node.n; r++) {
        if (graph_node(g, r)->op != OP_minimize) continue;
        for (uint32_t i = 0; i < (uint32_t)graph_attr(g, r, 1); i++) {
            Ref version = graph_in(g, r, 1 + i);
            versions_add(&old, version, param_behind(g, version), graph_node(g, r)->loc);
        }
    }
    versions_spread(&old, g);
    return old;
}

static Ref *open_gradient(Pass *p, Copy *c, Ref r)
{
    Graph *g = c->to;
    Ref *in = copy_operands(c, r), first = g->node.n;
    uint32_t n = graph_node(c->from, r)->n_in - 1, loc = graph_node(c->from, r)->loc;
    Ref *grads = ARENA_ARRAY(c->scratch, Ref, n + 1);
    OldVersions old = old_versions(c->scratch, g);
    Autodiff ad = {.g = g, .scratch = c->scratch, .stale = old.stale, .n_stale = first, .through = true};
    Ref one = build_const(g, *graph_type(g, in[0]), 1);
    vjp_sweep(&ad, in, &one, 1, in + 1, n, grads);
    versions_check(p, &old, &ad, first, grads, n, loc, "this gradient needs");
    for (uint32_t i = 0; i < n; i++)
        if (!grads[i]) grads[i] = build_const(g, *graph_type(g, in[1 + i]), 0);
    return grads;
}

static bool drop_mark(Copy *c, Ref r)
{
    if (graph_node(c->from, r)->op != OP_mark) return false;
    c->map[r] = c->map[graph_in(c->from, r, 0)];
    return true;
}

static bool open_node(Copy *c, Ref r);

/* A body without its gradients. */
static Graph *open_body(Copy *c, uint32_t id)
{
    if (copy_bodies(c)[id]) return c->body[id];
    Copy *inner = copy_begin(c->scratch, c->from->module->graph.at[id], open_node, c->user);
    inner->body = c->body;
    inner->n_bodies = c->n_bodies;
    Graph *made = copy_graph(c->scratch, copy_all(inner), drop_mark, NULL);
    if (made->vjp >= 0) made->vjp = (int32_t)open_body(c, (uint32_t)made->vjp)->id;
    return c->body[id] = made;
}

static Ref open_structure(Copy *c, Ref r)
{
    const Graph *from = c->from;
    const Node *node = graph_node(from, r);
    uint32_t id = open_body(c, (uint32_t)graph_attr(from, r, 0))->id;
    c->to->loc = node->loc;
    c->to->flags = node->flags;
    Ref *in = copy_operands(c, r), made;
    if (node->op == OP_call)
        made = build_call(c->to, id, in, node->n_in);
    else
        made = build_scan(c->to, id, (Dim)graph_attr(from, r, 1), (int)graph_attr(from, r, 2), (int)graph_attr(from, r, 3), in, node->n_in);
    c->to->loc = 0;
    c->to->flags = 0;
    return made;
}

static bool open_node(Copy *c, Ref r)
{
    const Node *node = graph_node(c->from, r);
    if (node->op == OP_gradient) {
        c->to->loc = node->loc;
        c->outs[r] = open_gradient(c->user, c, r);
        c->to->loc = 0;
    } else if (node->op == OP_scan || node->op == OP_call) {
        c->map[r] = open_structure(c, r);
    } else {
        return false;
    }
    return true;
}

/* Does the graph or a body in it hold a gradient? */
static bool has_gradient(const Graph *g)
{
    for (Ref r = 1; r < g->node.n; r++) {
        int op = graph_node(g, r)->op;
        if (op == OP_gradient || op == OP_mark) return true;
        if (op != OP_scan && op != OP_call) continue;
        const Graph *body = g->module->graph.at[graph_attr(g, r, 0)];
        if (has_gradient(body)) return true;
        if (body->vjp >= 0 && has_gradient(g->module->graph.at[body->vjp])) return true;
    }
    return false;
}

Graph *pass_gradient(Pass *p, const Graph *g)
{
    if (!has_gradient(g)) return copy_graph(p->scratch, g, NULL, NULL);
    return copy_graph(p->scratch, copy_graph(p->scratch, g, open_node, p), drop_mark, NULL);
}
