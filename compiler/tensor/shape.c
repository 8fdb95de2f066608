/* SPDX-License-Identifier: MIT
 * shape.c: the type rule of every operation, written out a second time, independently of the
 * constructors: it returns what is wrong instead of stopping, so that graphs read from text can be
 * checked, and it checks the constructors between passes. */
#include "tensor/graph.h"

#include <string.h>

typedef struct Check {
    const Graph *g;
    Dims *dims;
    Ref r;
    const Node *n;
    const Type *out;   /* of result 0 */
    const Type *in[3]; /* of the first operands */
} Check;

static int64_t attr(const Check *c, uint32_t i)
{
    return graph_attr(c->g, c->r, i);
}

static bool same_extents(const Check *c, const Type *a, const Type *b)
{
    if (a->rank != b->rank) return false;
    for (int i = 0; i < a->rank; i++)
        if (!type_dims_same(c->g, a->dim[i], b->dim[i])) return false;
    return true;
}

static bool same_type(const Check *c, const Type *a, const Type *b)
{
    return a->dtype == b->dtype && same_extents(c, a, b);
}

static Dim sum3(const Check *c, Dim a, Dim b, Dim d)
{
    return dim_add(c->dims, dim_add(c->dims, a, b), d);
}

static Dim number(const Check *c, int64_t v)
{
    return dim_const(c->dims, v);
}

/* ---- number of attributes -------------------------------------------------------------------- */

static bool attribute_count(const Check *c)
{
    uint32_t n = c->n->n_attr, rank = c->n->n_in ? c->in[0]->rank : 0;
    switch (c->n->op) {
    case OP_param:
    case OP_const:
    case OP_iota:
    case OP_size:
    case OP_data:
    case OP_concat:
    case OP_scatter_add:
    case OP_argsort:
    case OP_call:
    case OP_extern:
    case OP_mark:
    case OP_proj: return n == 1;
    case OP_probe:
    case OP_random: return n == 3;
    case OP_permute:
    case OP_broadcast: return n == rank;
    case OP_slice: return n == 3 * rank;
    case OP_pad: return n == 3 * rank + 1;
    case OP_window:
    case OP_scan: return n == 4;
    case OP_fold: return n == 5;
    case OP_sum:
    case OP_max:
    case OP_argmax: return n <= rank;
    case OP_dot: return n >= 2 && attr(c, 0) >= 0 && attr(c, 1) >= 0 && (int64_t)n == 2 + 2 * (attr(c, 0) + attr(c, 1));
    case OP_conv: return n == 14;
    case OP_expect:
    case OP_minimize:
    case OP_update: return n == 2;
    default: return n == 0;
    }
}

/* ---- rules ----------------------------------------------------------------------------------- */

static const char *check_leaf(const Check *c)
{
    const Graph *g = c->g;
    int64_t a = attr(c, 0);
    switch (c->n->op) {
    case OP_param: return a < 0 || a >= g->param.n || !type_equal(&g->param.at[a].type, c->out) ? "not as the list of params says" : NULL;
    case OP_iota: return c->out->dtype != DT_i32 || a < 0 || a >= c->out->rank ? "i32, counting along one of its axes" : NULL;
    case OP_size: return c->out->dtype != DT_i64 || c->out->rank ? "an i64 scalar" : NULL;
    case OP_data: return a < 0 || a >= g->module->table.n || !type_equal(&g->module->table.at[a].type, c->out) ? "no such table" : NULL;
    case OP_random: {
        const Type *at = c->in[2];
        if (c->n->n_in != 3) return "seed, step and counter are operands";
        if (c->in[0]->dtype != DT_i64 || c->in[0]->rank || c->in[1]->dtype != DT_i64 || c->in[1]->rank)
            return "seed and step are i64 scalars";
        if (dtype_is_float(at->dtype) || at->rank > c->out->rank) return "type of the counter";
        for (int i = 0; i < at->rank; i++)
            if (!type_dims_same(g, at->dim[i], c->out->dim[i])) return "leading extents are not the counter's";
        return (a == 0 && dtype_is_float(c->out->dtype)) || (a == 1 && c->out->dtype == DT_i32 && attr(c, 2))
                   ? NULL
                   : "kind 0 is float, kind 1 is i32 with a bound";
    }
    default: return NULL;
    }
}

static const char *check_elementwise(const Check *c)
{
    const Node *n = c->n;
    for (uint32_t i = 0; i < n->n_in; i++)
        if (!same_extents(c, c->in[i], c->out)) return "operands and result differ in shape";
    if (n->op == OP_cast) return NULL;
    if (n->op == OP_where)
        return c->in[0]->dtype == DT_bool && c->in[1]->dtype == c->out->dtype && c->in[2]->dtype == c->out->dtype ? NULL : "dtypes";
    if (n->n_in == 2 && c->in[0]->dtype != c->in[1]->dtype) return "operands differ in dtype";
    if (!op_takes((Op)n->op, c->in[0]->dtype)) return "not for this dtype";
    bool comparison = op_properties[n->op] & COMPARES;
    return c->out->dtype == (comparison ? DT_bool : c->in[0]->dtype) ? NULL : "dtype of the result";
}

static const char *check_slice(const Check *c)
{
    for (int i = 0; i < c->out->rank; i++) {
        int64_t step = attr(c, 3u * (uint32_t)i + 2), size = step < 0 ? -step : step;
        if (!size) return "step 0";
        Dim n = dim_sub(c->dims, (Dim)attr(c, 3u * (uint32_t)i + 1), (Dim)attr(c, 3u * (uint32_t)i));
        Dim count = dim_floordiv(c->dims, dim_add(c->dims, n, number(c, size - 1)), number(c, size));
        if (!type_dims_same(c->g, count, c->out->dim[i])) return "extent of the result";
    }
    return NULL;
}

static const char *check_pad(const Check *c)
{
    for (int i = 0; i < c->out->rank; i++) {
        Dim n = c->in[0]->dim[i], gaps = dim_mul(c->dims, dim_sub(c->dims, n, number(c, 1)), number(c, attr(c, 3u * (uint32_t)i + 2)));
        if (attr(c, 3u * (uint32_t)i + 2) < 0) return "negative interior";
        if (!type_dims_same(c->g, dim_add(c->dims, sum3(c, (Dim)attr(c, 3u * (uint32_t)i), (Dim)attr(c, 3u * (uint32_t)i + 1), n), gaps),
                            c->out->dim[i]))
            return "extent of the result";
    }
    return NULL;
}

static const char *check_concat(const Check *c)
{
    int64_t axis = attr(c, 0);
    Type all = *c->out;
    if (c->n->n_in == 0 || axis < 0 || axis >= all.rank) return "axis";
    all.dim[axis] = number(c, 0);
    for (uint32_t k = 0; k < c->n->n_in; k++) {
        Type part = *graph_type(c->g, graph_in(c->g, c->r, k));
        if (part.rank != all.rank) return "operands of different rank";
        all.dim[axis] = dim_add(c->dims, all.dim[axis], part.dim[axis]);
        part.dim[axis] = c->out->dim[axis];
        if (!same_type(c, &part, c->out)) return "operands differ beside the axis";
    }
    return type_dims_same(c->g, all.dim[axis], c->out->dim[axis]) ? NULL : "extent of the axis";
}

/* wide: the type with [.., n, ..]; split: with [.., o, k, ..] */
static const char *check_window(const Check *c, const Type *wide, const Type *split, uint32_t first)
{
    int64_t axis = attr(c, 0), k = attr(c, first), stride = attr(c, first + 1), dil = attr(c, first + 2);
    if (axis < 0 || axis >= wide->rank || split->rank != wide->rank + 1 || k < 1 || stride < 1 || dil < 1) return "attributes";
    for (int i = 0; i < wide->rank; i++)
        if (i != axis && !type_dims_same(c->g, wide->dim[i], split->dim[i + (i > axis)])) return "extents beside the axis";
    if (!type_dims_same(c->g, split->dim[axis + 1], number(c, k))) return "extent of a window";
    return type_dims_same(c->g, split->dim[axis], window_count(c->g, wide->dim[axis], k, stride, dil)) ? NULL : "number of windows";
}

static const char *check_view(const Check *c)
{
    const Type *a = c->in[0], *out = c->out;
    bool seen[MAX_RANK] = {0};
    if (c->n->op != OP_concat && a->dtype != out->dtype) return "dtype";
    switch (c->n->op) {
    case OP_reshape: return type_dims_same(c->g, type_count(c->dims, a), type_count(c->dims, out)) ? NULL : "number of elements";
    case OP_permute:
        if (a->rank != out->rank) return "rank";
        for (int i = 0; i < out->rank; i++) {
            int64_t p = attr(c, (uint32_t)i);
            if (p < 0 || p >= a->rank || seen[p] || !type_dims_same(c->g, a->dim[p], out->dim[i]))
                return "no permutation of the operand's axes";
            seen[p] = true;
        }
        return NULL;
    case OP_broadcast:
        for (int i = 0; i < a->rank; i++) {
            int64_t p = attr(c, (uint32_t)i);
            if (p < 0 || p >= out->rank || (i && p <= attr(c, (uint32_t)i - 1))) return "axes are not ascending";
            if (!dim_is_value(c->g, a->dim[i], 1) && !type_dims_same(c->g, a->dim[i], out->dim[p])) return "extents";
        }
        return NULL;
    case OP_slice: return a->rank == out->rank ? check_slice(c) : "rank";
    case OP_pad: return a->rank == out->rank ? check_pad(c) : "rank";
    case OP_concat: return check_concat(c);
    case OP_window: return check_window(c, a, out, 1);
    default:
        return type_dims_same(c->g, (Dim)attr(c, 1), out->rank > attr(c, 0) && attr(c, 0) >= 0 ? out->dim[attr(c, 0)] : 0)
                   ? check_window(c, out, a, 2)
                   : "extent of the axis";
    }
}

static const char *check_reduce(const Check *c)
{
    const Type *a = c->in[0];
    Type left = {.dtype = c->n->op == OP_argmax ? DT_i32 : a->dtype};
    uint32_t k = 0;
    if (c->n->op == OP_sum && a->dtype == DT_bool) return "sum of bool";
    for (int i = 0; i < a->rank; i++) {
        if (k < c->n->n_attr && attr(c, k) == i)
            k++;
        else
            left.dim[left.rank++] = a->dim[i];
    }
    if (k != c->n->n_attr) return "axes are not ascending";
    return same_type(c, &left, c->out) ? NULL : "type of the result";
}

static const char *check_dot(const Check *c)
{
    int64_t nb = attr(c, 0), nc = attr(c, 1);
    Type t = {.dtype = contract_dtype(c->in[0]->dtype, c->in[1]->dtype)}, tail[2] = {{0}, {0}};
    if (t.dtype == DT_COUNT || nb + nc > MAX_RANK) return "dtypes";
    bool used[2][MAX_RANK] = {{0}, {0}};
    for (int s = 0; s < 2; s++)
        for (int64_t i = 0; i < nb + nc; i++) {
            int64_t axis = attr(c, (uint32_t)(2 + s * (nb + nc) + i));
            if (axis < 0 || axis >= c->in[s]->rank || used[s][axis]) return "axes";
            used[s][axis] = true;
            if (!type_dims_same(c->g, c->in[s]->dim[axis], c->in[0]->dim[attr(c, (uint32_t)(2 + i))]))
                return "extents of batch or contracted axes";
        }
    for (int64_t i = 0; i < nb; i++)
        t.dim[t.rank++] = c->in[0]->dim[attr(c, (uint32_t)(2 + i))];
    for (int s = 0; s < 2; s++)
        for (int i = 0; i < c->in[s]->rank; i++)
            if (!used[s][i]) tail[s].dim[tail[s].rank++] = c->in[s]->dim[i];
    if (t.rank + tail[0].rank + tail[1].rank > MAX_RANK) return "rank of the result";
    for (int s = 0; s < 2; s++)
        for (int i = 0; i < tail[s].rank; i++)
            t.dim[t.rank++] = tail[s].dim[i];
    return same_type(c, &t, c->out) ? NULL : "type of the result";
}

static const char *check_conv(const Check *c)
{
    Conv v = conv_get(c->g, c->r);
    const Type *x = v.mode == 1 ? c->out : c->in[0], *w = v.mode == 2 ? c->out : c->in[1];
    const Type *y = v.mode == 0 ? c->out : v.mode == 1 ? c->in[0] : c->in[1];
    if (v.mode < 0 || v.mode > 2 || v.groups < 1) return "attributes";
    uint8_t dtype = contract_dtype(c->in[0]->dtype, c->in[1]->dtype);
    if (x->rank != 4 || w->rank != 4 || y->rank != 4 || dtype == DT_COUNT || dtype != c->out->dtype) return "types";
    if (v.mode != 0 && !dtype_is_float(dtype)) return "types of a gradient";
    if (!type_dims_same(c->g, x->dim[0], y->dim[0]) || !type_dims_same(c->g, w->dim[3], y->dim[3])) return "images or output channels";
    if (!type_dims_same(c->g, x->dim[3], dim_mul(c->dims, w->dim[2], number(c, v.groups)))) return "input channels";
    for (int i = 0; i < 2; i++) {
        if (v.stride[i] < 1 || v.dil[i] < 1) return "attributes";
        if (!type_dims_same(c->g, x->dim[1 + i], v.extent[i]) || !type_dims_same(c->g, w->dim[i], v.k[i])) return "extents";
        if (!type_dims_same(c->g, y->dim[1 + i], conv_out_extent(c->g, &v, i))) return "extents of the output";
    }
    return NULL;
}

static const char *check_argsort(const Check *c)
{
    uint8_t dtype = c->in[0]->dtype;
    if (c->in[0]->rank < 1) return "an axis to sort along";
    if (dtype != DT_f32 && dtype != DT_f64 && dtype != DT_i32 && dtype != DT_i64) return "dtype of the operand";
    if (attr(c, 0) != 0 && attr(c, 0) != 1) return "attribute";
    return c->out->dtype == DT_i32 && same_extents(c, c->in[0], c->out) ? NULL : "i32 of the operand's extents";
}

static const char *check_indexed(const Check *c)
{
    if (c->n->op == OP_argsort) return check_argsort(c);
    bool take = c->n->op == OP_take;
    const Type *idx = c->in[take ? 1 : 0], *table = take ? c->in[0] : c->out, *rows = take ? c->out : c->in[1];
    if (idx->dtype != DT_i32 || table->dtype != rows->dtype || table->rank < 1) return "dtypes";
    if (rows->rank != idx->rank + table->rank - 1) return "ranks";
    for (int i = 0; i < rows->rank; i++)
        if (!type_dims_same(c->g, rows->dim[i], i < idx->rank ? idx->dim[i] : table->dim[i - idx->rank + 1])) return "extents";
    return take || type_dims_same(c->g, table->dim[0], (Dim)attr(c, 0)) ? NULL : "number of rows";
}

/* ---- structure ------------------------------------------------------------------------------- */

static Type stacked(Type t, Dim n)
{
    memmove(&t.dim[1], &t.dim[0], sizeof(Dim) * (MAX_RANK - 1));
    t.dim[0] = n;
    t.rank++;
    return t;
}

/* scan and call: the signature of the graph they name; `xs` operands and stacked results have a
 * leading axis n. */
static const char *check_signature(const Check *c, int64_t carries, int64_t xs, Dim n)
{
    if (attr(c, 0) < 0 || attr(c, 0) >= c->g->module->graph.n) return "no such graph";
    const Graph *body = c->g->module->graph.at[attr(c, 0)];
    if (body->param.n != c->n->n_in || body->result.n != c->n->n_out) return "number of operands or results";
    if (n && (carries < 0 || xs < 0 || carries + xs > c->n->n_in || carries > c->n->n_out)) return "number of carries or inputs";
    for (uint32_t i = 0; i < c->n->n_in; i++) {
        Type want = body->param.at[i].type;
        if (n && i >= carries && i < carries + xs) want = stacked(want, n);
        if (!same_type(c, graph_type(c->g, graph_in(c->g, c->r, i)), &want)) return "type of an operand";
    }
    for (uint32_t i = 0; i < c->n->n_out; i++) {
        Type want = *graph_type(body, body->result.at[i].ref);
        if (n && i < carries && !same_type(c, &want, &body->param.at[i].type)) return "a carry changes its type";
        if (n && i >= carries) want = stacked(want, n);
        if (!same_type(c, graph_out_type(c->g, c->r, i), &want)) return "type of a result";
    }
    return NULL;
}

static const char *check_versions(const Check *c)
{
    bool update = c->n->op == OP_update;
    int64_t n = attr(c, 1), first = update ? 1 + n : 1;
    if (n < 0 || n != c->n->n_out || first + n > c->n->n_in) return "number of parameters";
    if (c->in[0]->rank || !dtype_is_float(c->in[0]->dtype)) return "the loss is a float scalar";
    for (uint32_t i = 0; i < c->n->n_out; i++) {
        const Type *out = graph_out_type(c->g, c->r, i);
        if (!same_type(c, graph_type(c->g, graph_in(c->g, c->r, (uint32_t)first + i)), out)) return "a parameter changes its type";
        if (update && !same_type(c, graph_type(c->g, graph_in(c->g, c->r, 1 + i)), out)) return "type of a gradient";
    }
    return NULL;
}

static const char *check_gradient(const Check *c)
{
    const Node *n = c->n;
    if (n->n_in < 2 || n->n_out != n->n_in - 1) return "one result for each operand but the loss";
    if (c->in[0]->rank || !dtype_is_float(c->in[0]->dtype)) return "the loss is a float scalar";
    for (uint32_t i = 0; i < n->n_out; i++)
        if (!type_equal(graph_out_type(c->g, c->r, i), graph_type(c->g, graph_in(c->g, c->r, i + 1)))) return "types";
    return NULL;
}

static const char *check_structural(const Check *c)
{
    switch (c->n->op) {
    case OP_scan: return attr(c, 1) ? check_signature(c, attr(c, 2), attr(c, 3), (Dim)attr(c, 1)) : "number of steps";
    case OP_call: return check_signature(c, 0, 0, 0);
    case OP_extern: return attr(c, 0) < 0 || attr(c, 0) >= c->g->module->symbol.n ? "no such symbol" : NULL;
    case OP_expect: return dtype_is_float(c->out->dtype) || !same_type(c, c->in[0], c->out) ? "types" : NULL;
    case OP_probe:
        if (attr(c, 0) != PROBE_ASSERT && attr(c, 0) != PROBE_PRINT) return "no such kind";
        if (attr(c, 0) == PROBE_ASSERT && c->out->dtype != DT_bool) return "an assertion is a bool";
        return same_type(c, c->in[0], c->out) ? NULL : "types";
    case OP_minimize:
    case OP_update: return c->n->n_in ? check_versions(c) : "no loss";
    case OP_gradient: return check_gradient(c);
    case OP_proj: {
        Ref a = graph_in(c->g, c->r, 0);
        if (attr(c, 0) < 0 || attr(c, 0) >= graph_node(c->g, a)->n_out) return "no such component";
        return type_equal(graph_out_type(c->g, a, (uint32_t)attr(c, 0)), c->out) ? NULL : "type of the component";
    }
    default: return same_type(c, c->in[0], c->out) ? NULL : "types";
    }
}

const char *shape_check(const Graph *g, Ref r)
{
    const Node *n = graph_node(g, r);
    Check c = {.g = g, .dims = g->module->dims, .r = r, .n = n, .out = graph_type(g, r)};
    for (uint32_t i = 0; i < n->n_in && i < 3; i++)
        c.in[i] = graph_type(g, graph_in(g, r, i));
    int properties = op_properties[n->op];
    if (!attribute_count(&c)) return "number of attributes";
    if (properties & STRUCTURAL) return check_structural(&c);
    if (properties & LEAF) return check_leaf(&c);
    if (properties & ELEMENTWISE) return check_elementwise(&c);
    if (properties & VIEW) return check_view(&c);
    if (properties & REDUCE) return check_reduce(&c);
    if (properties & INDEXED) return check_indexed(&c);
    return n->op == OP_dot ? check_dot(&c) : check_conv(&c);
}
