/* SPDX-License-Identifier: MIT
 * build.c: constructors of elementwise operations, with their simplifications. */
#include "tensor/graph.h"

#include <string.h>

static Scalar scalar_of(const Graph *g, Ref r)
{
    int64_t bits = graph_attr(g, r, 0);
    return dtype_is_float(graph_type(g, r)->dtype) ? (Scalar){.f = bits_double(bits)} : (Scalar){.i = bits};
}

static Ref const_of(Graph *g, Type type, Scalar v)
{
    return dtype_is_float(type.dtype) ? build_const(g, type, v.f) : build_const_int(g, type, v.i);
}

/* The first operand that is no constant, if all of those are views of one kind, with equal
 * attributes, of one shape. */
static Ref common_view(const Graph *g, const Ref *in, uint32_t n)
{
    Ref first = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t op = graph_node(g, in[i])->op;
        if (op == OP_const) continue;
        if (op != OP_broadcast && op != OP_reshape && op != OP_permute) return 0;
        if (!first) {
            first = in[i];
            continue;
        }
        const Node *a = graph_node(g, first), *b = graph_node(g, in[i]);
        const Type *ta = graph_type(g, graph_in(g, first, 0)), *tb = graph_type(g, graph_in(g, in[i], 0));
        if (a->op != b->op || a->n_attr != b->n_attr || ta->rank != tb->rank || memcmp(ta->dim, tb->dim, sizeof(Dim) * ta->rank)) return 0;
        for (uint32_t k = 0; k < a->n_attr; k++)
            if (graph_attr(g, first, k) != graph_attr(g, in[i], k)) return 0;
    }
    return first;
}

static Ref build_any(Graph *g, Op op, uint8_t dtype, const Ref *in, uint32_t n)
{
    if (op == OP_cast) return build_cast(g, in[0], dtype);
    if (n == 1) return build_unary(g, op, in[0]);
    return n == 2 ? build_binary(g, op, in[0], in[1]) : build_where(g, in[0], in[1], in[2]);
}

/* Do the operation before the view: on fewer elements, and nearer to what makes the operands. */
static Ref before_view(Graph *g, Op op, Type type, const Ref *in, uint32_t n)
{
    Ref view = common_view(g, in, n), part[3];
    if (!view) return 0;
    Type small = *graph_type(g, graph_in(g, view, 0));
    for (uint32_t i = 0; i < n; i++) {
        Type own = small;
        own.dtype = graph_type(g, in[i])->dtype;
        part[i] = is_op(g, in[i], OP_const) ? const_of(g, own, scalar_of(g, in[i])) : graph_in(g, in[i], 0);
    }
    int axes[MAX_RANK];
    uint32_t n_attr = graph_node(g, view)->n_attr;
    for (uint32_t k = 0; k < n_attr; k++)
        axes[k] = (int)graph_attr(g, view, k);
    uint8_t kind = graph_node(g, view)->op;
    Type shape = *graph_type(g, view);
    Ref r = build_any(g, op, type.dtype, part, n);
    if (kind == OP_broadcast) return build_broadcast(g, r, shape, axes);
    return kind == OP_permute ? build_permute(g, r, axes) : build_reshape(g, r, shape.dim, shape.rank);
}

static Ref elementwise(Graph *g, Op op, Type type, const Ref *in, uint32_t n)
{
    bool constant = !g->raw;
    for (uint32_t i = 0; i < n; i++)
        constant &= is_op(g, in[i], OP_const);
    if (constant) {
        Scalar v[3];
        for (uint32_t i = 0; i < n; i++)
            v[i] = scalar_of(g, in[i]);
        uint8_t dtype = graph_type(g, in[op == OP_where ? 1 : 0])->dtype;
        return const_of(g, type, eval_scalar(op, dtype, type.dtype, v));
    }
    if (type.rank > 0 && !g->raw) {
        Ref r = before_view(g, op, type, in, n);
        if (r) return r;
    }
    return graph_add(g, op, type, in, n, NULL, 0);
}

static _Noreturn void mismatch(const Graph *g, Op op, const Ref *in, uint32_t n)
{
    Text t = {.arena = g->arena};
    for (uint32_t i = 0; i < n; i++)
        text_add(&t, "%s %s", i ? "," : "", type_text(g->module->dims, g->arena, graph_type(g, in[i])));
    BUG("%s: `%s` of%s", g->name, op_names[op], text_c(&t));
}

static bool same_shape(const Graph *g, Ref a, Ref b)
{
    const Type *ta = graph_type(g, a), *tb = graph_type(g, b);
    if (ta->rank != tb->rank) return false;
    for (int i = 0; i < ta->rank; i++)
        if (!type_dims_same(g, ta->dim[i], tb->dim[i])) return false;
    return true;
}

bool op_takes(Op op, uint8_t dtype)
{
    int properties = op_properties[op];
    if (dtype == DT_bool) return properties & (BOOLS | LOGIC);
    return !(properties & LOGIC) && (dtype_is_float(dtype) || (properties & INTS));
}

Ref build_unary(Graph *g, Op op, Ref a)
{
    Type type = *graph_type(g, a);
    if (!op_takes(op, type.dtype)) mismatch(g, op, &a, 1);
    if (op_properties[op] & COMPARES) type.dtype = DT_bool;
    Ref simple = g->raw ? 0 : identity_unary(g, op, a);
    return simple ? simple : elementwise(g, op, type, &a, 1);
}

Ref build_cast(Graph *g, Ref a, uint8_t dtype)
{
    Type type = *graph_type(g, a);
    if (type.dtype == dtype) return a;
    Ref simple = g->raw ? 0 : identity_cast(g, a, dtype);
    type.dtype = dtype;
    return simple ? simple : elementwise(g, OP_cast, type, &a, 1);
}

Ref build_binary(Graph *g, Op op, Ref a, Ref b)
{
    Type type = *graph_type(g, a);
    if (type.dtype != graph_type(g, b)->dtype || !op_takes(op, type.dtype) || !same_shape(g, a, b)) mismatch(g, op, (Ref[]){a, b}, 2);
    if ((op_properties[op] & COMMUTATIVE) && a > b) {
        Ref t = a;
        a = b;
        b = t;
    }
    if (!g->raw && (!is_op(g, a, OP_const) || !is_op(g, b, OP_const))) { /* constants fold instead */
        Ref simple = identity_binary(g, op, a, b);
        if (simple) return simple;
    }
    if (op_properties[op] & COMPARES) type.dtype = DT_bool;
    Ref in[2] = {a, b};
    return elementwise(g, op, type, in, 2);
}

Ref build_where(Graph *g, Ref c, Ref a, Ref b)
{
    Type type = *graph_type(g, a);
    Ref in[3] = {c, a, b};
    if (graph_type(g, c)->dtype != DT_bool || graph_type(g, b)->dtype != type.dtype || !same_shape(g, c, a) || !same_shape(g, a, b))
        mismatch(g, OP_where, in, 3);
    Ref simple = g->raw ? 0 : identity_where(g, c, a, b);
    return simple ? simple : elementwise(g, OP_where, type, in, 3);
}

Ref build_minimum(Graph *g, Ref a, Ref b)
{
    if (dtype_is_float(graph_type(g, a)->dtype)) {
        Ref y = build_unary(g, OP_neg, b), x = build_unary(g, OP_neg, a);
        return build_unary(g, OP_neg, build_binary(g, OP_maximum, x, y));
    }
    Ref ones = build_like(g, a, -1);
    Ref y = build_binary(g, OP_sub, ones, b), x = build_binary(g, OP_sub, ones, a);
    return build_binary(g, OP_sub, ones, build_binary(g, OP_maximum, x, y));
}

Ref build_stop(Graph *g, Ref a)
{
    if (!g->raw && (is_op(g, a, OP_stop) || is_op(g, a, OP_const))) return a;
    return graph_add(g, OP_stop, *graph_type(g, a), &a, 1, NULL, 0);
}
