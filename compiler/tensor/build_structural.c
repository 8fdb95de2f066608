/* SPDX-License-Identifier: MIT
 * build_structural.c: scan, call, extern, expect, probe, minimize, update, proj; copying and inlining of
 * nodes. */
#include "tensor/graph.h"

#include <string.h>

static Ref several(Graph *g, Op op, const Ref *in, uint32_t n_in, const int64_t *attr, uint32_t n_attr, const Type *type, uint32_t n_out)
{
    NewNode n = {.op = (uint8_t)op, .n_in = n_in, .n_attr = n_attr, .n_out = n_out, .in = in, .attr = attr, .type = type};
    if (n_out == 0 || n_out > UINT16_MAX) BUG("%s: `%s` with %u results", g->name, op_names[op], n_out);
    return graph_add_node(g, &n);
}

static bool agrees(const Graph *g, const Type *a, const Type *b)
{
    if (a->dtype != b->dtype || a->rank != b->rank) return false;
    for (int i = 0; i < a->rank; i++)
        if (!type_dims_same(g, a->dim[i], b->dim[i])) return false;
    return true;
}

static Type stacked(const Graph *g, Type t, Dim n)
{
    if (t.rank == MAX_RANK) BUG("%s: scan: rank above %d", g->name, MAX_RANK);
    memmove(&t.dim[1], &t.dim[0], sizeof(Dim) * t.rank);
    t.dim[0] = n;
    t.rank++;
    return t;
}

Ref build_scan(Graph *g, uint32_t body, Dim n, int n_carries, int n_xs, const Ref *in, uint32_t n_in)
{
    const Graph *b = g->module->graph.at[body];
    uint32_t nc = (uint32_t)n_carries, n_out = b->result.n;
    if (b->param.n != n_in || n_in < nc + (uint32_t)n_xs || n_out < nc)
        BUG("%s: scan of `%s`: %u operands, %u params", g->name, b->name, n_in, b->param.n);
    for (uint32_t i = 0; i < n_in; i++) {
        Type want = b->param.at[i].type;
        if (i >= nc && i < nc + (uint32_t)n_xs) want = stacked(g, want, n);
        if (!agrees(g, graph_type(g, in[i]), &want))
            BUG("%s: scan of `%s`: operand %u is %s, not %s", g->name, b->name, i,
                type_text(g->module->dims, g->arena, graph_type(g, in[i])), type_text(g->module->dims, g->arena, &want));
    }
    Type *type = ARENA_ARRAY(g->arena, Type, n_out + 1);
    for (uint32_t i = 0; i < n_out; i++) {
        type[i] = *graph_type(b, b->result.at[i].ref);
        if (i >= nc)
            type[i] = stacked(g, type[i], n);
        else if (!agrees(g, &type[i], &b->param.at[i].type))
            BUG("%s: scan of `%s`: carry %u becomes %s", g->name, b->name, i, type_text(g->module->dims, g->arena, &type[i]));
        else
            type[i] = b->param.at[i].type;
    }
    int64_t attr[4] = {body, n, n_carries, n_xs};
    return several(g, OP_scan, in, n_in, attr, 4, type, n_out);
}

Ref build_call(Graph *g, uint32_t callee, const Ref *in, uint32_t n_in)
{
    const Graph *c = g->module->graph.at[callee];
    if (c->param.n != n_in) BUG("%s: call of `%s`: %u operands", g->name, c->name, n_in);
    for (uint32_t i = 0; i < n_in; i++)
        if (!agrees(g, graph_type(g, in[i]), &c->param.at[i].type))
            BUG("%s: call of `%s`: operand %u is %s", g->name, c->name, i, type_text(g->module->dims, g->arena, graph_type(g, in[i])));
    Type *type = ARENA_ARRAY(g->arena, Type, c->result.n + 1);
    for (uint32_t i = 0; i < c->result.n; i++)
        type[i] = *graph_type(c, c->result.at[i].ref);
    int64_t attr = callee;
    return several(g, OP_call, in, n_in, &attr, 1, type, c->result.n);
}

Ref build_extern(Graph *g, uint32_t symbol, const Ref *in, uint32_t n_in, const Type *out, uint32_t n_out)
{
    int64_t attr = symbol;
    return several(g, OP_extern, in, n_in, &attr, 1, out, n_out);
}

/* Always in 0 .. bound - 1? */
static bool is_within(const Graph *g, Ref a, Dim bound)
{
    int64_t n = 0, v = 0;
    switch (graph_node(g, a)->op) {
    case OP_const: v = graph_attr(g, a, 0); return dim_is_const(g->module->dims, bound, &n) && v >= 0 && v < n;
    case OP_iota: return graph_type(g, a)->dim[graph_attr(g, a, 0)] == bound;
    case OP_random: return graph_attr(g, a, 0) == 1 && (Dim)graph_attr(g, a, 2) == bound;
    case OP_expect: return (Dim)graph_attr(g, a, 0) == bound;
    case OP_reshape:
    case OP_permute:
    case OP_broadcast:
    case OP_slice: return is_within(g, graph_in(g, a, 0), bound);
    default: return false;
    }
}

Ref build_expect(Graph *g, Ref a, Dim bound, int64_t line)
{
    int64_t attr[2] = {bound, line};
    if (graph_type(g, a)->dtype != DT_i32 && graph_type(g, a)->dtype != DT_i64)
        BUG("%s: expect of %s", g->name, dtype_name(graph_type(g, a)->dtype));
    if (!g->raw && is_within(g, a, bound)) return a;
    return graph_add(g, OP_expect, *graph_type(g, a), &a, 1, attr, 2);
}

Ref build_probe(Graph *g, Ref a, ProbeKind kind, int64_t number, int64_t line)
{
    int64_t attr[3] = {kind, number, line};
    return graph_add(g, OP_probe, *graph_type(g, a), &a, 1, attr, 3);
}

Ref build_gradient(Graph *g, Ref loss, const Ref *wrt, uint32_t n)
{
    Ref *in = ARENA_ARRAY(g->arena, Ref, n + 1);
    Type *type = ARENA_ARRAY(g->arena, Type, n + 1);
    in[0] = loss;
    for (uint32_t i = 0; i < n; i++)
        in[i + 1] = wrt[i], type[i] = *graph_type(g, wrt[i]);
    return several(g, OP_gradient, in, n + 1, NULL, 0, type, n);
}

Ref build_mark(Graph *g, Ref a, int64_t id)
{
    return graph_add(g, OP_mark, *graph_type(g, a), &a, 1, &id, 1);
}

Ref build_minimize(Graph *g, int64_t statement, Ref loss, const Ref *over, uint32_t n_over, const Ref *scalars, uint32_t n_scalars)
{
    uint32_t n = 1 + n_over + n_scalars;
    Ref *in = ARENA_ARRAY(g->arena, Ref, n);
    Type *type = ARENA_ARRAY(g->arena, Type, n_over + 1);
    in[0] = loss;
    for (uint32_t i = 0; i < n_over; i++)
        in[1 + i] = over[i], type[i] = *graph_type(g, over[i]);
    for (uint32_t i = 0; i < n_scalars; i++)
        in[1 + n_over + i] = scalars[i];
    int64_t attr[2] = {statement, n_over};
    return several(g, OP_minimize, in, n, attr, 2, type, n_over);
}

Ref build_update(Graph *g, int64_t statement, Ref loss, const Ref *grads, const Ref *old, uint32_t n_over, const Ref *scalars,
                 uint32_t n_scalars)
{
    uint32_t n = 1 + 2 * n_over + n_scalars;
    Ref *in = ARENA_ARRAY(g->arena, Ref, n);
    Type *type = ARENA_ARRAY(g->arena, Type, n_over + 1);
    in[0] = loss;
    for (uint32_t i = 0; i < n_over; i++)
        in[1 + i] = grads[i], in[1 + n_over + i] = old[i], type[i] = *graph_type(g, old[i]);
    for (uint32_t i = 0; i < n_scalars; i++)
        in[1 + 2 * n_over + i] = scalars[i];
    int64_t attr[2] = {statement, n_over};
    return several(g, OP_update, in, n, attr, 2, type, n_over);
}

Ref build_proj(Graph *g, Ref a, uint32_t i)
{
    if (i >= g->node.at[a].n_out) BUG("%s: proj %u of `%s`", g->name, i, op_names[g->node.at[a].op]);
    uint8_t op = g->node.at[a].op;
    if (!(op_properties[op] & STRUCTURAL) || op == OP_proj || op == OP_stop || op == OP_mark || op == OP_expect) return a;
    int64_t attr = i;
    if (!g->raw && op == OP_scan && dim_is_value(g, (Dim)graph_attr(g, a, 1), 0) && i < graph_attr(g, a, 2))
        return graph_in(g, a, i); /* a carry after no steps */
    return graph_add(g, OP_proj, *graph_out_type(g, a, i), &a, 1, &attr, 1);
}

/* ---- copying --------------------------------------------------------------------------------- */

static void ints(const Graph *from, Ref r, uint32_t at, uint32_t n, int *out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (int)graph_attr(from, r, at + i);
}

static Ref copy_view(Graph *g, const Graph *from, Ref r, const Ref *in)
{
    const Node *n = graph_node(from, r);
    Type type = *graph_type(from, r);
    int v[4 * MAX_RANK];
    int64_t step[MAX_RANK];
    Dim lo[MAX_RANK], hi[MAX_RANK];
    switch (n->op) {
    case OP_reshape: return build_reshape(g, in[0], type.dim, type.rank);
    case OP_permute: ints(from, r, 0, n->n_attr, v); return build_permute(g, in[0], v);
    case OP_broadcast: ints(from, r, 0, n->n_attr, v); return build_broadcast(g, in[0], type, v);
    case OP_slice:
    case OP_pad:
        for (int i = 0; i < graph_type(g, in[0])->rank; i++) {
            lo[i] = (Dim)graph_attr(from, r, (uint32_t)(3 * i)), hi[i] = (Dim)graph_attr(from, r, (uint32_t)(3 * i + 1));
            step[i] = graph_attr(from, r, (uint32_t)(3 * i + 2));
        }
        if (n->op == OP_slice) return build_slice(g, in[0], lo, hi, step);
        int64_t fill = graph_attr(from, r, n->n_attr - 1);
        return build_pad(g, in[0], lo, hi, step, dtype_is_float(type.dtype) ? bits_double(fill) : (double)fill);
    case OP_concat: return build_concat(g, in, n->n_in, (int)graph_attr(from, r, 0));
    case OP_window:
        return build_window(g, in[0], (int)graph_attr(from, r, 0), graph_attr(from, r, 1), graph_attr(from, r, 2), graph_attr(from, r, 3));
    default:
        return build_fold(g, in[0], (int)graph_attr(from, r, 0), (Dim)graph_attr(from, r, 1), graph_attr(from, r, 2),
                          graph_attr(from, r, 3), graph_attr(from, r, 4));
    }
}

static Ref copy_structural(Graph *g, const Graph *from, Ref r, const Ref *in)
{
    const Node *n = graph_node(from, r);
    int64_t a0 = n->n_attr ? graph_attr(from, r, 0) : 0, a1 = n->n_attr > 1 ? graph_attr(from, r, 1) : 0;
    switch (n->op) {
    case OP_scan: return build_scan(g, (uint32_t)a0, (Dim)a1, (int)graph_attr(from, r, 2), (int)graph_attr(from, r, 3), in, n->n_in);
    case OP_call: return build_call(g, (uint32_t)a0, in, n->n_in);
    case OP_extern: return build_extern(g, (uint32_t)a0, in, n->n_in, graph_type(from, r), n->n_out);
    case OP_expect: return build_expect(g, in[0], (Dim)a0, a1);
    case OP_probe: return build_probe(g, in[0], (ProbeKind)a0, a1, graph_attr(from, r, 2));
    case OP_gradient: return build_gradient(g, in[0], in + 1, n->n_in - 1);
    case OP_mark: return build_mark(g, in[0], a0);
    case OP_minimize: return build_minimize(g, a0, in[0], in + 1, (uint32_t)a1, in + 1 + a1, n->n_in - 1 - (uint32_t)a1);
    case OP_update: return build_update(g, a0, in[0], in + 1, in + 1 + a1, (uint32_t)a1, in + 1 + 2 * a1, n->n_in - 1 - 2 * (uint32_t)a1);
    case OP_proj: return build_proj(g, in[0], (uint32_t)a0);
    default: return build_stop(g, in[0]);
    }
}

static Ref copy_leaf(Graph *g, const Graph *from, Ref r, const Ref *in)
{
    Type type = *graph_type(from, r);
    switch (from->node.at[r].op) {
    case OP_const: {
        int64_t bits = graph_attr(from, r, 0);
        return graph_add(g, OP_const, type, NULL, 0, &bits, 1);
    }
    case OP_iota: return build_iota(g, type, (int)graph_attr(from, r, 0));
    case OP_size: return build_size(g, (Dim)graph_attr(from, r, 0));
    case OP_data: return build_data(g, (uint32_t)graph_attr(from, r, 0));
    case OP_random: {
        int lead = graph_type(g, in[2])->rank;
        Type tail = {.dtype = type.dtype, .rank = (uint8_t)(type.rank - lead)};
        for (int i = 0; i < tail.rank; i++)
            tail.dim[i] = type.dim[lead + i];
        return build_random(g, (int)graph_attr(from, r, 0), (uint64_t)graph_attr(from, r, 1), in[0], in[1], in[2], tail,
                            (Dim)graph_attr(from, r, 2));
    }
    default: BUG("params are not copied");
    }
}

Ref build_copy(Graph *g, const Graph *from, Ref r, const Ref *in)
{
    const Node *n = graph_node(from, r);
    uint32_t old_loc = g->loc;
    uint8_t old_flags = g->flags;
    int properties = op_properties[n->op], v[4 * MAX_RANK];
    Ref out;
    g->loc = n->loc;
    g->flags = n->flags;
    if (properties & LEAF) {
        out = copy_leaf(g, from, r, in);
    } else if (properties & VIEW) {
        out = copy_view(g, from, r, in);
    } else if (properties & STRUCTURAL) {
        out = copy_structural(g, from, r, in);
    } else if (properties & REDUCE) {
        ints(from, r, 0, n->n_attr, v);
        out = build_reduce(g, (Op)n->op, in[0], v, (int)n->n_attr);
    } else if (n->op == OP_dot) {
        int nb = (int)graph_attr(from, r, 0), nc = (int)graph_attr(from, r, 1);
        ints(from, r, 2, n->n_attr - 2, v);
        out = build_dot(g, in[0], in[1], nb, v, v + nb + nc, nc, v + nb, v + 2 * nb + nc);
    } else if (n->op == OP_conv) {
        Conv c = conv_get(from, r);
        out = build_conv(g, in[0], in[1], &c);
    } else if (n->op == OP_take) {
        out = build_take(g, in[0], in[1]);
    } else if (n->op == OP_scatter_add) {
        out = build_scatter_add(g, in[0], in[1], (Dim)graph_attr(from, r, 0));
    } else if (n->op == OP_argsort) {
        out = build_argsort(g, in[0], graph_attr(from, r, 0) != 0);
    } else if (n->op == OP_cast) {
        out = build_cast(g, in[0], graph_type(from, r)->dtype);
    } else if (n->n_in == 1) {
        out = build_unary(g, (Op)n->op, in[0]);
    } else if (n->n_in == 2) {
        out = build_binary(g, (Op)n->op, in[0], in[1]);
    } else {
        out = build_where(g, in[0], in[1], in[2]);
    }
    g->loc = old_loc;
    g->flags = old_flags;
    return out;
}

void build_inline(Graph *g, const Graph *callee, const Ref *in, Ref *out)
{
    Ref *map = ARENA_ARRAY(g->arena, Ref, callee->node.n + 1);
    bool *live = graph_live(callee, g->arena);
    for (uint32_t i = 0; i < callee->param.n; i++)
        map[callee->param.at[i].ref] = in[i];
    for (Ref r = 1; r < callee->node.n; r++) {
        const Node *n = graph_node(callee, r);
        if (!live[r] || n->op == OP_param) continue;
        Ref *operands = ARENA_ARRAY(g->arena, Ref, n->n_in + 1);
        for (uint32_t i = 0; i < n->n_in; i++)
            operands[i] = map[graph_in(callee, r, i)];
        map[r] = build_copy(g, callee, r, operands);
    }
    for (uint32_t i = 0; i < callee->result.n; i++)
        out[i] = map[callee->result.at[i].ref];
}
