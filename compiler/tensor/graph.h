/* SPDX-License-Identifier: MIT
 * graph.h: the raw way to make nodes; only the constructors (build_*.c) use it. */
#ifndef NNC_TENSOR_GRAPH_H
#define NNC_TENSOR_GRAPH_H

#include "tensor/tensor.h"

typedef struct NewNode {
    uint8_t op;
    uint32_t n_in, n_attr, n_out;
    const Ref *in;
    const int64_t *attr;
    const Type *type;
} NewNode;
Ref graph_add_node(Graph *g, const NewNode *node); /* shares an equal node */
Ref graph_find_node(const Graph *g, const NewNode *node); /* one that is equal, or 0 */

/* Is some extent certainly 0? (build_leaf.c) */
bool type_is_empty(const Graph *g, const Type *type);

/* One result. A value without elements is a constant: nothing else has to know what to do with one. */
static inline Ref graph_add(Graph *g, Op op, Type type, const Ref *in, uint32_t n_in, const int64_t *attr, uint32_t n_attr)
{
    bool fixed = op == OP_const || op == OP_param || op == OP_mark;
    if (!g->raw && !fixed && type_is_empty(g, &type)) return build_const(g, type, 0);
    NewNode n = {.op = (uint8_t)op, .n_in = n_in, .n_attr = n_attr, .n_out = 1, .in = in, .attr = attr, .type = &type};
    return graph_add_node(g, &n);
}

static inline bool is_op(const Graph *g, Ref r, Op op)
{
    return g->node.at[r].op == op;
}
static inline double bits_double(int64_t bits)
{
    union {
        int64_t i;
        double d;
    } u = {.i = bits};
    return u.d;
}
static inline int64_t double_bits(double value)
{
    union {
        int64_t i;
        double d;
    } u = {.d = value};
    return u.i;
}
/* Value of a splat constant as a double. */
static inline double const_value(const Graph *g, Ref r)
{
    int64_t bits = graph_attr(g, r, 0);
    return dtype_is_float(graph_type(g, r)->dtype) ? bits_double(bits) : (double)bits;
}
static inline bool is_const(const Graph *g, Ref r, double value)
{
    return is_op(g, r, OP_const) && const_value(g, r) == value;
}
/* Not refuted: one normal form, or equal under the module's facts, or at a sample. For checks;
 * rules compare ids. */
bool type_dims_same(const Graph *g, Dim a, Dim b);
static inline bool dim_is_value(const Graph *g, Dim d, int64_t value)
{
    int64_t c = 0;
    return dim_is_const(g->module->dims, d, &c) && c == value;
}
static inline bool axes_have(const int *axes, int n, int axis)
{
    for (int i = 0; i < n; i++)
        if (axes[i] == axis) return true;
    return false;
}

/* Rules of the constructors; 0: none applies. */
Ref identity_unary(Graph *g, Op op, Ref a); /* identity.c */
Ref identity_cast(Graph *g, Ref a, uint8_t to);
Ref identity_binary(Graph *g, Op op, Ref a, Ref b);
Ref identity_where(Graph *g, Ref c, Ref a, Ref b);
Ref sum_of_pads(Graph *g, Ref a, Ref b);     /* build_view.c */
Ref shape_splat(Graph *g, Ref a, Type type); /* build_shape.c: the constant a in another shape */

Dim window_count(const Graph *g, Dim n, int64_t k, int64_t stride, int64_t dil); /* build_view.c */
/* dtype of a contraction of these operands; DT_COUNT: there is none. */
uint8_t contract_dtype(uint8_t a, uint8_t b);
Dim conv_out_extent(const Graph *g, const Conv *c, int i); /* build_contract.c */

/* NULL, or why node r is not as its operation asks (shape.c). */
const char *shape_check(const Graph *g, Ref r);

/* eval.c: one element; shared by folding and the interpreter. Integers in i, floats in f. */
typedef struct Scalar {
    double f;
    int64_t i;
} Scalar;
Scalar eval_scalar(Op op, uint8_t in_dtype, uint8_t out_dtype, const Scalar *in);
int64_t eval_wrap(uint8_t dtype, int64_t v);
bool op_takes(Op op, uint8_t dtype); /* may an elementwise operation have operands of this dtype? (build.c) */

#endif
