/* SPDX-License-Identifier: MIT
 * build_leaf.c: constructors of leaves: params, constants, sizes, random numbers; and when two sizes are the same. */
#include "tensor/graph.h"

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
bool type_dims_same(const Graph *g, Dim a, Dim b)
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

bool type_is_empty(const Graph *g, const Type *type)
{
    for (int i = 0; i < type->rank; i++)
        if (dim_is_value(g, type->dim[i], 0)) return true;
    return false;
}

Ref build_param(Graph *g, ParamKind kind, const char *name, Type type, uint32_t slot)
{
    int64_t index = g->param.n;
    Ref r = graph_add(g, OP_param, type, NULL, 0, &index, 1);
    vec_add(g->arena, &g->param, (GraphParam){.kind = kind, .name = name, .type = type, .slot = slot, .ref = r});
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
    int64_t bits = dtype_is_float(type.dtype) ? double_bits(value) : eval_scalar(OP_cast, DT_f64, type.dtype, &given).i;
    return graph_add(g, OP_const, type, NULL, 0, &bits, 1);
}

Ref build_const_int(Graph *g, Type type, int64_t value)
{
    if (dtype_is_float(type.dtype)) return build_const(g, type, (double)value);
    value = eval_wrap(type.dtype, value);
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
    if (!g->raw && dim_is_const(g->module->dims, type.dim[axis], &extent) && extent == 1) return build_const(g, type, 0);
    return graph_add(g, OP_iota, type, NULL, 0, &at, 1);
}

Ref build_size(Graph *g, Dim dim)
{
    int64_t value = 0, attr = dim;
    Type type = {.dtype = DT_i64};
    if (!g->raw && dim_is_const(g->module->dims, dim, &value)) return build_const_int(g, type, value);
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
