/* SPDX-License-Identifier: MIT
 * inline.c: calls are replaced by the callee's nodes; before autodiff those without a gradient of
 * their own, after it all. */
#include "transform/copy.h"
#include "transform/pass.h"

/* The callee, with its own calls opened by the same rule. */
static Graph *opened_callee(Copy *c, uint32_t id)
{
    if (id < c->n_bodies && copy_bodies(c)[id]) return c->body[id];
    Copy *inner = copy_begin(c->scratch, c->from->module->graph.at[id], c->rule, c->user);
    if (id < c->n_bodies) {
        inner->body = c->body;
        inner->n_bodies = c->n_bodies;
    }
    Graph *made = copy_all(inner);
    if (id < c->n_bodies) c->body[id] = made;
    return made;
}

static bool open_call(Copy *c, Ref r)
{
    const bool *keep_own_gradient = c->user;
    if (graph_node(c->from, r)->op != OP_call) return false;
    uint32_t id = (uint32_t)graph_attr(c->from, r, 0);
    if (*keep_own_gradient && c->from->module->graph.at[id]->vjp >= 0) return false;
    const Graph *callee = opened_callee(c, id);
    c->outs[r] = ARENA_ARRAY(c->scratch, Ref, callee->result.n + 1);
    build_inline(c->to, callee, copy_operands(c, r), c->outs[r]);
    return true;
}

Graph *pass_inline(Pass *p, const Graph *g)
{
    bool keep_own_gradient = true;
    return copy_graph(p->scratch, g, open_call, &keep_own_gradient);
}

Graph *pass_open(Pass *p, const Graph *g)
{
    bool keep_own_gradient = false;
    return copy_graph(p->scratch, g, open_call, &keep_own_gradient);
}
