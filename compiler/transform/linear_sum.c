/* SPDX-License-Identifier: MIT
 * linear_sum.c: a sum of products with factors that are the same along the summed axes is a product of sums:
 *
 *   sum(c x) = c sum(x)     sum(x / c) = sum(x) / c     sum(c x + d y) = c sum(x) + d sum(y)     sum(x - m) = sum(x) - n m
 *
 * The last one only where m was made of sum(x). What is left is often there already: the cotangent of a mean that is taken
 * off, as normalisations do, becomes an expression of sums that other gradients need, and one pass over the elements finds all.
 *
 * Ex. y = (x - m) s, m = sum(x) / n, v = sum((x - m)^2) / n: the cotangent of m is -sum(g s + k (x - m)), which is
 * -(s sum(g) + k (sum(x) - n m)). */
#include "transform/linear_sum.h"

#include "tensor/graph.h"

typedef struct Over {
    Graph *g;
    const int *axes;
    int n;
    Type type; /* of the sum */
} Over;

static bool is_summed(const Over *o, int axis)
{
    for (int i = 0; i < o->n; i++)
        if (o->axes[i] == axis) return true;
    return false;
}

/* x with the summed axes left out, if it does not vary along them; else 0. */
static Ref constant_along(const Over *o, Ref x)
{
    Graph *g = o->g;
    Node n = *graph_node(g, x);
    if (n.op == OP_const) return build_const(g, o->type, const_value(g, x));
    if (n.op != OP_broadcast) return 0;
    Type from = *graph_type(g, graph_in(g, x, 0)), to = *graph_type(g, x), kept = {.dtype = from.dtype};
    int at[MAX_RANK];
    for (int k = 0; k < from.rank; k++) {
        int axis = (int)graph_attr(g, x, (uint32_t)k), before = 0;
        if (is_summed(o, axis)) {
            if (from.dim[k] == to.dim[axis] && !dim_is_value(g, to.dim[axis], 1)) return 0;
            continue;
        }
        for (int i = 0; i < o->n; i++)
            before += o->axes[i] < axis;
        at[kept.rank] = axis - before;
        kept.dim[kept.rank++] = from.dim[k];
    }
    Ref source = build_reshape(g, graph_in(g, x, 0), kept.dim, kept.rank);
    return build_broadcast(g, source, o->type, at);
}

/* Is m, constant along the axes, the mean of x over them? */
static bool is_mean_of(const Over *o, Ref m, Ref x)
{
    const Graph *g = o->g;
    Ref sum = graph_node(g, m)->op == OP_broadcast ? graph_in(g, m, 0) : 0;
    while (sum && (graph_node(g, sum)->op == OP_reshape || graph_node(g, sum)->op == OP_div || graph_node(g, sum)->op == OP_mul))
        sum = graph_in(g, sum, 0);
    if (!sum || graph_node(g, sum)->op != OP_sum || graph_in(g, sum, 0) != x || (int)graph_node(g, sum)->n_attr != o->n) return false;
    for (int i = 0; i < o->n; i++)
        if (graph_attr(g, sum, (uint32_t)i) != o->axes[i]) return false;
    return true;
}

static Ref sum_of(const Over *o, Ref x);

/* The sum, if something can be taken out of it; else 0. */
static Ref taken_out(const Over *o, Ref x)
{
    Graph *g = o->g;
    Op op = (Op)graph_node(g, x)->op;
    if (op == OP_neg) {
        Ref inner = taken_out(o, graph_in(g, x, 0));
        return inner ? build_unary(g, OP_neg, inner) : 0;
    }
    if (op != OP_mul && op != OP_div && op != OP_add && op != OP_sub) return 0;
    Ref a = graph_in(g, x, 0), b = graph_in(g, x, 1);
    if (op == OP_sub && is_mean_of(o, b, a)) {
        Ref sum = build_reduce(g, OP_sum, a, o->axes, o->n), means = build_reduce(g, OP_sum, b, o->axes, o->n);
        return build_binary(g, OP_sub, sum, means);
    }
    if (op == OP_add || op == OP_sub) {
        Ref left = taken_out(o, a), right = left ? taken_out(o, b) : 0;
        return right ? build_binary(g, op, left, right) : 0;
    }
    Ref factor = constant_along(o, b);
    if (factor) return build_binary(g, op, sum_of(o, a), factor);
    factor = op == OP_mul ? constant_along(o, a) : 0;
    return factor ? build_binary(g, OP_mul, factor, sum_of(o, b)) : 0;
}

static Ref sum_of(const Over *o, Ref x)
{
    Ref out = taken_out(o, x);
    return out ? out : build_reduce(o->g, OP_sum, x, o->axes, o->n);
}

Ref linear_sum(Graph *g, Ref x, const int *axes, int n)
{
    Over o = {.g = g, .axes = axes, .n = n};
    const Type *type = graph_type(g, x);
    if (g->raw || !dtype_is_float(type->dtype)) return build_reduce(g, OP_sum, x, axes, n);
    o.type.dtype = type->dtype;
    for (int i = 0; i < type->rank; i++)
        if (!is_summed(&o, i)) o.type.dim[o.type.rank++] = type->dim[i];
    return sum_of(&o, x);
}
