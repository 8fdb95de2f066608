/* SPDX-License-Identifier: MIT
 * build.c: constructors of leaves and elementwise operations, with their simplifications. */
#include "tensor/graph.h"

#include <string.h>

/* Symbols mentioned in a or b get base * 2^k, k by position: ascending, so that a later one is a
 * multiple of an earlier one, or the other way round; requirements such as D % heads == 0 hold in
 * one of the two. */
static void sample(const Dims *dims, Dim a, Dim b, int64_t base, bool descending, int64_t *value)
{
    int at = 0, n = 0;
    uint32_t count = symbol_count(dims);
    for (Symbol s = 1; s <= count; s++)
        n += dim_mentions(dims, a, s) || dim_mentions(dims, b, s);
    for (Symbol s = 1; s <= count; s++) {
        value[s] = base;
        if (!dim_mentions(dims, a, s) && !dim_mentions(dims, b, s)) continue;
        value[s] <<= (descending ? n - 1 - at : at) % 8;
        at++;
    }
}

/* What sema has proved from a program's requirements is not proved again here: only what is wrong for
 * every sample is a mistake. A graph that no program stands behind (one read from text) has no
 * requirements: there only the same size is the same. */
bool dims_same(const Graph *g, Dim a, Dim b)
{
    static const int64_t bases[] = {12, 840, 3};
    if (a == b) return true;
    if (!g->module->facts) return false;
    const Dims *dims = g->module->dims;
    int64_t x = 0, y = 0;
    if (dim_is_const(dims, a, &x) && dim_is_const(dims, b, &y)) return x == y;
    int64_t *value = ARENA_ARRAY(g->arena, int64_t, symbol_count(dims) + 1);
    int tried = 0;
    for (int k = 0; k < 6; k++) {
        sample(dims, a, b, bases[k / 2], k % 2, value);
        if (!dim_eval(dims, a, value, &x) || !dim_eval(dims, b, value, &y)) continue;
        if (x == y) return true;
        tried++;
    }
    return tried == 0 || dim_equal(g->module->facts, a, b, NULL) != DIM_REFUTED;
}

Ref build_param(Graph *g, ParamKind kind, const char *name, Type type, uint32_t slot)
{
    int64_t index = g->param.n;
    Ref r = graph_add(g, OP_param, type, NULL, 0, &index, 1);
    vec_add(g->arena, &g->param,
            (GraphParam){.kind = kind, .name = name, .type = type, .slot = slot, .ref = r});
    return r;
}

void build_result(Graph *g, Ref ref, const char *name, int32_t alias)
{
    if (!ref || ref >= g->node.n) BUG("%s: result `%s` is not there", g->name, name);
    vec_add(g->arena, &g->result, (GraphResult){ref, name, alias});
}

Ref build_const(Graph *g, Type type, double value)
{
    Scalar given = {.f = value};
    int64_t bits = dtype_is_float(type.dtype) ? double_bits(value)
                                              : eval_scalar(OP_cast, DT_f64, type.dtype, &given).i;
    return graph_add(g, OP_const, type, NULL, 0, &bits, 1);
}

bool type_is_empty(const Graph *g, const Type *type)
{
    for (int i = 0; i < type->rank; i++)
        if (dim_is_value(g, type->dim[i], 0)) return true;
    return false;
}

Ref build_nothing(Graph *g, Type type)
{
    return build_const(g, type, 0);
}

Ref build_const_int(Graph *g, Type type, int64_t value)
{
    if (dtype_is_float(type.dtype)) return build_const(g, type, (double)value);
    value = wrap_int(type.dtype, value);
    return graph_add(g, OP_const, type, NULL, 0, &value, 1);
}

Ref build_scalar(Graph *g, uint8_t dtype, double value)
{
    return build_const(g, (Type){.dtype = dtype}, value);
}

Ref build_like(Graph *g, Ref a, double value)
{
    return build_const(g, *graph_type(g, a), value);
}

Ref build_iota(Graph *g, Type type, int axis)
{
    int64_t extent = 0, at = axis;
    if (axis < 0 || axis >= type.rank) BUG("iota: axis %d of rank %d", axis, type.rank);
    type.dtype = DT_i32;
    if (!g->raw && dim_is_const(g->module->dims, type.dim[axis], &extent) && extent == 1)
        return build_const(g, type, 0);
    return graph_add(g, OP_iota, type, NULL, 0, &at, 1);
}

Ref build_size(Graph *g, Dim dim)
{
    int64_t value = 0, attr = dim;
    Type type = {.dtype = DT_i64};
    if (!g->raw && dim_is_const(g->module->dims, dim, &value))
        return build_const_int(g, type, value);
    return graph_add(g, OP_size, type, NULL, 0, &attr, 1);
}

Ref build_data(Graph *g, uint32_t table)
{
    int64_t attr = table;
    return graph_add(g, OP_data, g->module->table.at[table].type, NULL, 0, &attr, 1);
}

Ref build_random(Graph *g, int kind, uint64_t hash, Ref seed, Ref step, Ref at, Type type,
                 Dim bound)
{
    const Type *lead = graph_type(g, at);
    Type full = {.dtype = type.dtype, .rank = (uint8_t)(lead->rank + type.rank)};
    if (full.rank > MAX_RANK) BUG("random: rank above %d", MAX_RANK);
    for (int i = 0; i < lead->rank; i++)
        full.dim[i] = lead->dim[i];
    for (int i = 0; i < type.rank; i++)
        full.dim[lead->rank + i] = type.dim[i];
    Ref in[3] = {seed, step, at};
    int64_t attr[3] = {kind, (int64_t)hash, bound};
    return graph_add(g, OP_random, full, in, 3, attr, 3);
}

/* ---- elementwise
 * ---------------------------------------------------------------------------------- */

static Scalar scalar_of(const Graph *g, Ref r)
{
    int64_t bits = graph_attr(g, r, 0);
    return dtype_is_float(graph_type(g, r)->dtype) ? (Scalar){.f = bits_double(bits)}
                                                   : (Scalar){.i = bits};
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
        const Type *ta = graph_type(g, graph_in(g, first, 0)),
                   *tb = graph_type(g, graph_in(g, in[i], 0));
        if (a->op != b->op || a->n_attr != b->n_attr || ta->rank != tb->rank ||
            memcmp(ta->dim, tb->dim, sizeof(Dim) * ta->rank))
            return 0;
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
        part[i] = is_op(g, in[i], OP_const) ? const_of(g, own, scalar_of(g, in[i]))
                                            : graph_in(g, in[i], 0);
    }
    int axes[MAX_RANK];
    uint32_t n_attr = graph_node(g, view)->n_attr;
    for (uint32_t k = 0; k < n_attr; k++)
        axes[k] = (int)graph_attr(g, view, k);
    uint8_t kind = graph_node(g, view)->op;
    Type shape = *graph_type(g, view);
    Ref r = build_any(g, op, type.dtype, part, n);
    if (kind == OP_broadcast) return build_broadcast(g, r, shape, axes);
    return kind == OP_permute ? build_permute(g, r, axes)
                              : build_reshape(g, r, shape.dim, shape.rank);
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
        text_add(&t, "%s %s", i ? "," : "",
                 type_text(g->module->dims, g->arena, graph_type(g, in[i])));
    BUG("%s: `%s` of%s", g->name, op_names[op], text_c(&t));
}

static bool same_shape(const Graph *g, Ref a, Ref b)
{
    const Type *ta = graph_type(g, a), *tb = graph_type(g, b);
    if (ta->rank != tb->rank) return false;
    for (int i = 0; i < ta->rank; i++)
        if (!dims_same(g, ta->dim[i], tb->dim[i])) return false;
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
    if (type.dtype != graph_type(g, b)->dtype || !op_takes(op, type.dtype) || !same_shape(g, a, b))
        mismatch(g, op, (Ref[]){a, b}, 2);
    if ((op_properties[op] & COMMUTATIVE) && a > b) {
        Ref t = a;
        a = b;
        b = t;
    }
    if (!g->raw &&
        (!is_op(g, a, OP_const) || !is_op(g, b, OP_const))) { /* constants fold instead */
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
    if (graph_type(g, c)->dtype != DT_bool || graph_type(g, b)->dtype != type.dtype ||
        !same_shape(g, c, a) || !same_shape(g, a, b))
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
