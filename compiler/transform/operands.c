/* SPDX-License-Identifier: MIT
 * operands.c: the operands of every dot and convolution of f32 become what Pass.operands says (docs/ir.md, "Operands").
 *
 * Behind the derivatives, whose contractions are rounded like all others, and before the scans: what is rounded and the same in every
 * step, as weights are, leaves their bodies. */
#include "tensor/graph.h"
#include "transform/copy.h"
#include "transform/pass.h"

enum { MOST_PIECES = 4 };

/* A part of an axis, or all of it, of at least a fourth of the elements. */
static bool is_large_part(const Graph *g, Ref r)
{
    const Type *part = graph_type(g, r), *whole = graph_type(g, graph_in(g, r, 0));
    double times = 1;
    for (int i = 0; i < part->rank; i++) {
        int64_t n, all;
        if (part->dim[i] == whole->dim[i]) continue;
        if (!dim_is_const(g->module->dims, part->dim[i], &n) || !dim_is_const(g->module->dims, whole->dim[i], &all) || !n) return false;
        times *= (double)all / (double)n;
    }
    return times <= MOST_PIECES;
}

/* Views whose elements are those of their operand, or zeros. */
static bool is_of_its_operand(const Graph *g, Ref r)
{
    const Node *n = graph_node(g, r);
    switch (n->op) {
    case OP_reshape:
    case OP_permute:
    case OP_broadcast: return true;
    case OP_pad: return bits_double(graph_attr(g, r, n->n_attr - 1)) == 0;
    case OP_slice: return is_large_part(g, r);
    default: return false;
    }
}

/* A view of the rounded tensor rather than a rounded view: all views of it share one, which is made where the tensor itself is. */
static Ref rounded(Copy *c, Ref r)
{
    const Pass *p = c->user;
    if (!is_of_its_operand(c->from, r)) return build_cast(c->to, c->map[r], p->operands);
    Ref in[] = {rounded(c, graph_in(c->from, r, 0))};
    return copy_plain(c->to, c->from, r, in);
}

static bool rounds_operands(Copy *c, Ref r)
{
    const Node *n = graph_node(c->from, r);
    if (!(op_properties[n->op] & CONTRACT) || graph_type(c->from, graph_in(c->from, r, 0))->dtype != DT_f32) return false;
    Ref *in = copy_operands(c, r);
    for (uint32_t i = 0; i < n->n_in; i++) {
        c->to->loc = n->loc;
        c->to->flags = n->flags;
        in[i] = rounded(c, graph_in(c->from, r, i));
    }
    c->map[r] = copy_plain(c->to, c->from, r, in);
    return true;
}

Graph *pass_operands(Pass *p, const Graph *g)
{
    if (!p->operands) return g->module->graph.at[g->id];
    return copy_graph(p->scratch, g, rounds_operands, p);
}
