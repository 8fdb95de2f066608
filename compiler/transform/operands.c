/* SPDX-License-Identifier: MIT
 * operands.c: the operands of every dot and convolution of f32 become what Pass.operands says (docs/ir.md, "Operands").
 *
 * Behind the derivatives, whose contractions are rounded like all others, and before the scans: what is rounded and the same in every
 * step, as weights are, leaves their bodies. */
#include "transform/copy.h"
#include "transform/pass.h"

static bool rounds_operands(Copy *c, Ref r)
{
    const Pass *p = c->user;
    const Node *n = graph_node(c->from, r);
    if (!(op_properties[n->op] & CONTRACT) || graph_type(c->from, graph_in(c->from, r, 0))->dtype != DT_f32) return false;
    Ref *in = copy_operands(c, r);
    c->to->loc = n->loc;
    c->to->flags = n->flags;
    for (uint32_t i = 0; i < n->n_in; i++)
        in[i] = build_cast(c->to, in[i], p->operands);
    c->map[r] = copy_plain(c->to, c->from, r, in);
    return true;
}

Graph *pass_operands(Pass *p, const Graph *g)
{
    if (!p->operands) return g->module->graph.at[g->id];
    return copy_graph(p->scratch, g, rounds_operands, p);
}
