/* SPDX-License-Identifier: MIT
 * autodiff.c: the reverse sweep.
 *
 * Only values that depend on a leaf get cotangents (activity); contributions are added in the fixed
 * order of the sweep. stop, integers and booleans cut. */
#include "transform/copy.h"
#include "transform/vjp.h"

bool vjp_passes(const Graph *g, Ref v)
{
    const Node *node = graph_node(g, v);
    if (!(op_properties[node->op] & GRAD)) return false;
    return op_is_tuple(node->op) || dtype_is_float(graph_type(g, v)->dtype);
}

void vjp_varied(const Graph *g, bool *varied, uint32_t n)
{
    for (Ref v = 1; v < n; v++) {
        if (varied[v] || !vjp_passes(g, v)) continue;
        uint32_t n_in = graph_node(g, v)->n_in;
        for (uint32_t i = 0; i < n_in; i++)
            varied[v] |= varied[graph_in(g, v, i)];
    }
}

typedef struct Sweep {
    Graph *g;
    Arena *scratch;
    bool *leaf, *varied;
    Ref *cot;    /* of nodes with one result */
    Ref **tuple; /* of nodes with several: per result */
} Sweep;

static void add_to(Graph *g, Ref *sum, Ref c)
{
    *sum = *sum ? build_binary(g, OP_add, *sum, c) : c;
}

static Ref *tuple_of(Sweep *s, Ref v)
{
    if (!s->tuple[v]) s->tuple[v] = ARENA_ARRAY(s->scratch, Ref, graph_node(s->g, v)->n_out + 1);
    return s->tuple[v];
}

static void visit(Autodiff *ad, Sweep *s, Ref r)
{
    Graph *g = s->g;
    Node node = *graph_node(g, r);
    g->loc = node.loc;
    g->flags = NODE_GRAD;
    if (node.op == OP_proj) {
        if (s->cot[r]) add_to(g, &tuple_of(s, graph_in(g, r, 0))[graph_attr(g, r, 0)], s->cot[r]);
        return;
    }
    const Ref *cot = op_is_tuple(node.op) ? s->tuple[r] : s->cot[r] ? &s->cot[r] : NULL;
    if (!cot) return;
    if (!vjp_rules[node.op]) BUG("no derivative of %s", op_names[node.op]);
    bool *want = ARENA_ARRAY(s->scratch, bool, node.n_in + 1);
    Ref *out = ARENA_ARRAY(s->scratch, Ref, node.n_in + 1);
    for (uint32_t i = 0; i < node.n_in; i++)
        want[i] = s->varied[graph_in(g, r, i)];
    Vjp v = {.ad = ad, .g = g, .node = r, .cot = cot, .want = want, .out = out};
    vjp_rules[node.op](&v);
    for (uint32_t i = 0; i < node.n_in; i++)
        if (want[i] && out[i]) add_to(g, &s->cot[graph_in(g, r, i)], out[i]);
}

void vjp_sweep(Autodiff *ad, const Ref *out, const Ref *cot, uint32_t n_out, const Ref *wrt, uint32_t n, Ref *grads)
{
    Graph *g = ad->g;
    uint32_t loc = g->loc, last = 0;
    uint8_t flags = g->flags;
    for (uint32_t k = 0; k < n_out; k++)
        if (cot[k] && out[k] > last) last = out[k];
    uint32_t all = g->node.n + 1;
    Sweep s = {.g = g, .scratch = ad->scratch};
    s.leaf = ARENA_ARRAY(ad->scratch, bool, all);
    s.varied = ARENA_ARRAY(ad->scratch, bool, all);
    s.cot = ARENA_ARRAY(ad->scratch, Ref, all);
    s.tuple = ARENA_ARRAY(ad->scratch, Ref *, all);
    for (uint32_t k = 0; k < n; k++)
        s.leaf[wrt[k]] = s.varied[wrt[k]] = true;
    vjp_varied(g, s.varied, last + 1);
    for (uint32_t k = 0; k < n_out; k++)
        if (cot[k] && s.varied[out[k]]) add_to(g, &s.cot[out[k]], cot[k]);
    for (Ref r = last; r > 0; r--)
        if (s.varied[r] && (!s.leaf[r] || (ad->through && vjp_passes(g, r)))) visit(ad, &s, r);
    for (uint32_t k = 0; k < n; k++)
        grads[k] = s.cot[wrt[k]];
    g->loc = loc;
    g->flags = flags;
}

void autodiff_vjp(Graph *g, const Ref *out, const Ref *cotangent, uint32_t n_out, const Ref *wrt, uint32_t n, Ref *grads, Arena *scratch)
{
    Autodiff ad = {.g = g, .scratch = scratch};
    vjp_sweep(&ad, out, cotangent, n_out, wrt, n, grads);
}

void autodiff_gradients(Graph *g, Ref loss, const Ref *wrt, uint32_t n, Ref *grads, Arena *scratch)
{
    Ref one = build_const(g, *graph_type(g, loss), 1);
    autodiff_vjp(g, &loss, &one, 1, wrt, n, grads, scratch);
}
