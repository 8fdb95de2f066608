/* SPDX-License-Identifier: MIT
 * operations.c: how many operations on floats a node is, as a polynomial of the sizes. */
#include "tensor/tensor.h"

bool op_counts(Op op, bool floats)
{
    return floats && (op_properties[op] & ELEMENTWISE) && op != OP_cast;
}

static bool has_floats(const Graph *g, Ref r)
{
    bool floats = dtype_is_float(graph_type(g, r)->dtype);
    for (uint32_t i = 0; i < graph_node(g, r)->n_in; i++)
        floats |= dtype_is_float(graph_type(g, graph_in(g, r, i))->dtype);
    return floats;
}

/* Twice the result for each index that is summed over. */
static Dim dot_operations(const Graph *g, Ref r)
{
    Dims *dims = g->module->dims;
    const Type *a = graph_type(g, graph_in(g, r, 0));
    Dim n = dim_mul(dims, dim_const(dims, 2), type_count(dims, graph_type(g, r)));
    uint32_t n_batch = (uint32_t)graph_attr(g, r, 0), n_contract = (uint32_t)graph_attr(g, r, 1);
    for (uint32_t i = 0; i < n_contract; i++)
        n = dim_mul(dims, n, a->dim[graph_attr(g, r, 2 + n_batch + i)]);
    return n;
}

/* Every element of what is the result of mode 0 is a sum over a window of w, with the zeros around x. */
static Dim conv_operations(const Graph *g, Ref r)
{
    Dims *dims = g->module->dims;
    int mode = conv_get(g, r).mode;
    const Type *y = graph_type(g, mode == 0 ? r : graph_in(g, r, mode == 1 ? 0 : 1));
    const Type *w = graph_type(g, mode == 2 ? r : graph_in(g, r, 1));
    Dim n = dim_mul(dims, dim_const(dims, 2), type_count(dims, y));
    for (int i = 0; i < 3; i++)
        n = dim_mul(dims, n, w->dim[i]);
    return n;
}

Dim graph_operations(const Graph *g, Ref r)
{
    Dims *dims = g->module->dims;
    const Node *node = graph_node(g, r);
    if (!has_floats(g, r)) return dim_const(dims, 0);
    switch (node->op) {
    case OP_dot: return dot_operations(g, r);
    case OP_conv: return conv_operations(g, r);
    case OP_sum:
    case OP_max:
    case OP_argmax:
    case OP_fold: return type_count(dims, graph_type(g, graph_in(g, r, 0)));
    case OP_scatter_add: return type_count(dims, graph_type(g, graph_in(g, r, 1)));
    default: return op_counts(node->op, true) ? type_count(dims, graph_type(g, r)) : dim_const(dims, 0);
    }
}
