/* SPDX-License-Identifier: MIT
 * build.c: constructors of leaves and elementwise operations, with their simplifications. */
#include "tensor/graph.h"

#include <math.h>
#include <string.h>

/* Equal for the program: one normal form, or the same value at samples (what sema has proved under facts is not proved again). */
bool dims_same(const Graph *g, Dim a, Dim b)
{
    if (a == b) return true;
    const Dims *dims = g->module->dims;
    int64_t x = 0, y = 0;
    if (dim_is_const(dims, a, &x) && dim_is_const(dims, b, &y)) return x == y;
    int64_t *value = ARENA_ARRAY(g->arena, int64_t, symbol_count(dims) + 1);
    int agree = 0;
    for (int k = 0; k < 6; k++) { /* multiples of 840 and around: requirements such as H % 4 == 0 hold at some */
        for (uint32_t s = 0; s <= symbol_count(dims); s++) value[s] = 840 * (k + 1 + (int64_t)(s % 3)) + (k % 2 ? 0 : 840);
        if (dim_eval(dims, a, value, &x) && dim_eval(dims, b, value, &y) && x == y) agree++;
    }
    return agree == 6;
}

Ref build_param(Graph *g, ParamKind kind, const char *name, Type type, uint32_t slot)
{
    int64_t index = g->param.n;
    Ref r = graph_add(g, OP_param, type, NULL, 0, &index, 1);
    vec_add(g->arena, &g->param, (GraphParam){ .kind = kind, .name = name, .type = type, .slot = slot, .ref = r });
    return r;
}

void build_result(Graph *g, Ref ref, const char *name, int32_t alias)
{
    if (!ref || ref >= g->node.n) BUG("%s: result `%s` is not there", g->name, name);
    vec_add(g->arena, &g->result, (GraphResult){ ref, name, alias });
}

Ref build_const(Graph *g, Type type, double value)
{
    int64_t bits = dtype_is_float(type.dtype) ? double_bits(value) : (int64_t)value;
    return graph_add(g, OP_const, type, NULL, 0, &bits, 1);
}

Ref build_const_int(Graph *g, Type type, int64_t value)
{
    if (dtype_is_float(type.dtype)) return build_const(g, type, (double)value);
    value = wrap_int(type.dtype, value);
    return graph_add(g, OP_const, type, NULL, 0, &value, 1);
}

Ref build_scalar(Graph *g, uint8_t dtype, double value)
{
    return build_const(g, (Type){ .dtype = dtype }, value);
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
    if (dim_is_const(g->module->dims, type.dim[axis], &extent) && extent == 1) return build_const(g, type, 0);
    return graph_add(g, OP_iota, type, NULL, 0, &at, 1);
}

Ref build_size(Graph *g, Dim dim)
{
    int64_t value = 0, attr = dim;
    Type type = { .dtype = DT_i64 };
    if (dim_is_const(g->module->dims, dim, &value)) return build_const_int(g, type, value);
    return graph_add(g, OP_size, type, NULL, 0, &attr, 1);
}

Ref build_data(Graph *g, uint32_t table)
{
    int64_t attr = table;
    return graph_add(g, OP_data, g->module->table.at[table].type, NULL, 0, &attr, 1);
}

Ref build_random(Graph *g, int kind, uint64_t hash, Ref seed, Ref step, Ref at, Type type, Dim bound)
{
    const Type *lead = graph_type(g, at);
    Type full = { .dtype = type.dtype, .rank = (uint8_t)(lead->rank + type.rank) };
    if (full.rank > MAX_RANK) BUG("random: rank above %d", MAX_RANK);
    for (int i = 0; i < lead->rank; i++) full.dim[i] = lead->dim[i];
    for (int i = 0; i < type.rank; i++) full.dim[lead->rank + i] = type.dim[i];
    Ref in[3] = { seed, step, at };
    int64_t attr[3] = { kind, (int64_t)hash, bound };
    return graph_add(g, OP_random, full, in, 3, attr, 3);
}

/* ---- elementwise ---------------------------------------------------------------------------------- */

static Scalar scalar_of(const Graph *g, Ref r)
{
    int64_t bits = graph_attr(g, r, 0);
    return dtype_is_float(graph_type(g, r)->dtype) ? (Scalar){ .f = bits_double(bits) } : (Scalar){ .i = bits };
}

static Ref const_of(Graph *g, Type type, Scalar v)
{
    return dtype_is_float(type.dtype) ? build_const(g, type, v.f) : build_const_int(g, type, v.i);
}


/* All operands are broadcasts with one map from one shape (or constants): do the operation before the broadcast. */
static Ref before_broadcast(Graph *g, Op op, Type type, const Ref *in, uint32_t n)
{
    Ref first = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (is_op(g, in[i], OP_const)) continue;
        if (!is_op(g, in[i], OP_broadcast)) return 0;
        if (!first) {
            first = in[i];
            continue;
        }
        const Node *a = graph_node(g, first), *b = graph_node(g, in[i]);
        const Type *ta = graph_type(g, graph_in(g, first, 0)), *tb = graph_type(g, graph_in(g, in[i], 0));
        if (a->n_attr != b->n_attr || ta->rank != tb->rank || memcmp(ta->dim, tb->dim, sizeof(Dim) * ta->rank)) return 0;
        for (uint32_t k = 0; k < a->n_attr; k++)
            if (graph_attr(g, first, k) != graph_attr(g, in[i], k)) return 0;
    }
    if (!first) return 0;
    Type small = *graph_type(g, graph_in(g, first, 0));
    Ref part[3];
    for (uint32_t i = 0; i < n; i++) {
        Type own = small;
        own.dtype = graph_type(g, in[i])->dtype;
        part[i] = is_op(g, in[i], OP_const) ? const_of(g, own, scalar_of(g, in[i])) : graph_in(g, in[i], 0);
    }
    int axes[MAX_RANK];
    for (uint32_t k = 0; k < graph_node(g, first)->n_attr; k++) axes[k] = (int)graph_attr(g, first, k);
    Ref r;
    if (op == OP_cast)
        r = build_cast(g, part[0], type.dtype);
    else if (n == 1)
        r = build_unary(g, op, part[0]);
    else if (n == 2)
        r = build_binary(g, op, part[0], part[1]);
    else
        r = build_select(g, part[0], part[1], part[2]);
    return build_broadcast(g, r, type, axes);
}

static Ref elementwise(Graph *g, Op op, Type type, const Ref *in, uint32_t n)
{
    bool constant = true;
    for (uint32_t i = 0; i < n; i++) constant &= is_op(g, in[i], OP_const);
    if (constant) {
        Scalar v[3];
        for (uint32_t i = 0; i < n; i++) v[i] = scalar_of(g, in[i]);
        uint8_t dtype = graph_type(g, in[op == OP_select ? 1 : 0])->dtype;
        return const_of(g, type, eval_scalar(op, dtype, type.dtype, v));
    }
    if (type.rank > 0) {
        Ref r = before_broadcast(g, op, type, in, n);
        if (r) return r;
    }
    return graph_add(g, op, type, in, n, NULL, 0);
}

Ref build_unary(Graph *g, Op op, Ref a)
{
    Type type = *graph_type(g, a);
    if ((op == OP_neg || op == OP_not) && is_op(g, a, op)) return graph_in(g, a, 0);
    if (op == OP_not ? type.dtype != DT_bool : op != OP_neg && op != OP_abs && !dtype_is_float(type.dtype))
        BUG("`%s` of %s", op_names[op], dtype_name(type.dtype));
    if (op == OP_abs && is_op(g, a, OP_abs)) return a;
    return elementwise(g, op, type, &a, 1);
}

Ref build_cast(Graph *g, Ref a, uint8_t dtype)
{
    Type type = *graph_type(g, a);
    if (type.dtype == dtype) return a;
    type.dtype = dtype;
    return elementwise(g, OP_cast, type, &a, 1);
}

static Ref identity(Graph *g, Op op, Ref a, Ref b)
{
    switch (op) {
    case OP_add: return is_const(g, b, 0) ? a : is_const(g, a, 0) ? b : 0;
    case OP_sub: return is_const(g, b, 0) ? a : 0;
    case OP_mul: return is_const(g, b, 1) ? a : is_const(g, a, 1) ? b : 0;
    case OP_div:
    case OP_floordiv: return is_const(g, b, 1) ? a : 0;
    case OP_and: return is_const(g, b, 1) ? a : is_const(g, a, 1) ? b : is_const(g, a, 0) || is_const(g, b, 0) ? build_like(g, a, 0) : a == b ? a : 0;
    case OP_or: return is_const(g, b, 0) ? a : is_const(g, a, 0) ? b : is_const(g, a, 1) || is_const(g, b, 1) ? build_like(g, a, 1) : a == b ? a : 0;
    case OP_maximum: return a == b ? a : 0;
    default: return 0;
    }
}

/* x / c as x * (1/c) where the reciprocal is exact. */
static Ref exact_reciprocal(Graph *g, Ref a, Ref b)
{
    if (!is_op(g, b, OP_const)) return 0;
    int e = 0;
    double c = const_value(g, b), m = frexp(fabs(c), &e);
    if (m != 0.5 || e < -100 || e > 100) return 0;
    return build_binary(g, OP_mul, a, build_like(g, b, 1 / c));
}

Ref build_binary(Graph *g, Op op, Ref a, Ref b)
{
    Type type = *graph_type(g, a);
    const Type *other = graph_type(g, b);
    if (type.dtype != other->dtype || type.rank != other->rank)
        BUG("%s: `%s` of %s and %s", g->name, op_names[op], type_text(g->module->dims, g->arena, &type), type_text(g->module->dims, g->arena, other));
    for (int i = 0; i < type.rank; i++)
        if (!dims_same(g, type.dim[i], other->dim[i]))
            BUG("%s: `%s` of %s and %s", g->name, op_names[op], type_text(g->module->dims, g->arena, &type), type_text(g->module->dims, g->arena, other));
    bool real = dtype_is_float(type.dtype);
    if (op == OP_div && !real) BUG("`div` of integers");
    if (op == OP_floordiv && real) BUG("`floordiv` of floats");
    Ref simple = identity(g, op, a, b);
    if (simple) return simple;
    if (op == OP_div && (simple = exact_reciprocal(g, a, b))) return simple;
    if ((op_properties[op] & COMMUTATIVE) && a > b) {
        Ref t = a;
        a = b;
        b = t;
    }
    if (op == OP_less || op == OP_less_equal || op == OP_equal) type.dtype = DT_bool;
    Ref in[2] = { a, b };
    return elementwise(g, op, type, in, 2);
}

Ref build_select(Graph *g, Ref c, Ref a, Ref b)
{
    Type type = *graph_type(g, a);
    if (graph_type(g, c)->dtype != DT_bool || graph_type(g, b)->dtype != type.dtype || graph_type(g, c)->rank != type.rank || graph_type(g, b)->rank != type.rank)
        BUG("%s: `select` of %s, %s and %s", g->name, type_text(g->module->dims, g->arena, graph_type(g, c)),
            type_text(g->module->dims, g->arena, &type), type_text(g->module->dims, g->arena, graph_type(g, b)));
    if (a == b) return a;
    if (is_op(g, c, OP_const)) return graph_attr(g, c, 0) ? a : b;
    if (is_op(g, c, OP_not)) return build_select(g, graph_in(g, c, 0), b, a);
    if (type.dtype == DT_bool && is_const(g, a, 1) && is_const(g, b, 0)) return c;
    if (type.dtype == DT_bool && is_const(g, b, 0)) return build_binary(g, OP_and, c, a);
    Ref in[3] = { c, a, b };
    return elementwise(g, OP_select, type, in, 3);
}

Ref build_minimum(Graph *g, Ref a, Ref b)
{
    if (dtype_is_float(graph_type(g, a)->dtype))
        return build_unary(g, OP_neg, build_binary(g, OP_maximum, build_unary(g, OP_neg, a), build_unary(g, OP_neg, b)));
    Ref ones = build_like(g, a, -1);
    Ref most = build_binary(g, OP_maximum, build_binary(g, OP_sub, ones, a), build_binary(g, OP_sub, ones, b));
    return build_binary(g, OP_sub, ones, most);
}

Ref build_stop(Graph *g, Ref a)
{
    if (is_op(g, a, OP_stop) || is_op(g, a, OP_const)) return a;
    return graph_add(g, OP_stop, *graph_type(g, a), &a, 1, NULL, 0);
}
