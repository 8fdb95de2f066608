/* SPDX-License-Identifier: MIT
 * build_contract.c: constructors of reductions, contractions, gathers and structural nodes. */
#include "tensor/graph.h"

#include <string.h>

/* ---- reductions ---------------------------------------------------------------------------------- */

static bool has(const int *axes, int n, int axis)
{
    for (int i = 0; i < n; i++)
        if (axes[i] == axis) return true;
    return false;
}

static Type without(const Type *type, const int *axes, int n)
{
    Type out = { .dtype = type->dtype };
    for (int i = 0; i < type->rank; i++)
        if (!has(axes, n, i)) out.dim[out.rank++] = type->dim[i];
    return out;
}

static Ref sum_of_const(Graph *g, Ref a, Type type, const int *axes, int n)
{
    Dims *dims = g->module->dims;
    Dim count = dim_const(dims, 1);
    int64_t c = 0;
    for (int i = 0; i < n; i++) count = dim_mul(dims, count, graph_type(g, a)->dim[axes[i]]);
    if (!dim_is_const(dims, count, &c)) return 0;
    return build_const(g, type, const_value(g, a) * (double)c);
}

/* sum(broadcast x) over new axes: x times their size. */
static Ref sum_of_broadcast(Graph *g, Ref a, Type type, const int *axes, int n)
{
    Dims *dims = g->module->dims;
    Ref x = graph_in(g, a, 0);
    if (!dtype_is_float(type.dtype)) return 0;
    int rest[MAX_RANK], k = 0;
    Dim count = dim_const(dims, 1);
    for (int i = 0; i < n; i++) {
        for (uint32_t j = 0; j < graph_node(g, a)->n_attr; j++)
            if (graph_attr(g, a, j) == axes[i]) return 0;
        count = dim_mul(dims, count, graph_type(g, a)->dim[axes[i]]);
    }
    for (uint32_t j = 0; j < graph_node(g, a)->n_attr; j++) {
        int at = (int)graph_attr(g, a, j), before = 0;
        for (int i = 0; i < n; i++) before += axes[i] < at;
        rest[k++] = at - before;
    }
    Ref times = build_cast(g, build_size(g, count), type.dtype);
    Ref product = build_binary(g, OP_mul, x, build_broadcast_to(g, times, *graph_type(g, x)));
    return build_broadcast(g, product, type, rest);
}

/* sum over batch axes of a dot: the axes are contracted instead. */
static Ref sum_of_dot(Graph *g, Ref a, const int *axes, int n)
{
    int nb = (int)graph_attr(g, a, 0), nc = (int)graph_attr(g, a, 1);
    int ab[MAX_RANK], bb[MAX_RANK], ac[MAX_RANK], bc[MAX_RANK], m = 0, c = 0;
    for (int i = 0; i < n; i++)
        if (axes[i] >= nb) return 0;
    for (int i = 0; i < nb; i++) {
        int x = (int)graph_attr(g, a, (uint32_t)(2 + i)), y = (int)graph_attr(g, a, (uint32_t)(2 + nb + nc + i));
        if (has(axes, n, i))
            ac[c] = x, bc[c++] = y;
        else
            ab[m] = x, bb[m++] = y;
    }
    for (int i = 0; i < nc; i++)
        ac[c] = (int)graph_attr(g, a, (uint32_t)(2 + nb + i)), bc[c++] = (int)graph_attr(g, a, (uint32_t)(2 + 2 * nb + nc + i));
    return build_dot(g, graph_in(g, a, 0), graph_in(g, a, 1), m, ab, bb, c, ac, bc);
}

Ref build_reduce(Graph *g, Op op, Ref a, const int *axes, int n)
{
    const Type *old = graph_type(g, a);
    int64_t attr[MAX_RANK], extent = 0;
    bool units = true;
    for (int i = 0; i < n; i++) {
        if (axes[i] < 0 || axes[i] >= old->rank || (i && axes[i] <= axes[i - 1])) BUG("%s: `%s`: axes", g->name, op_names[op]);
        attr[i] = axes[i];
        units &= dim_is_const(g->module->dims, old->dim[axes[i]], &extent) && extent == 1;
    }
    Type type = without(old, axes, n);
    if (op == OP_argmax) {
        type.dtype = DT_i32;
        if (units) return build_const(g, type, 0);
        return graph_add(g, op, type, &a, 1, attr, (uint32_t)n);
    }
    if (op == OP_sum && type.dtype == DT_bool) BUG("%s: sum of bool", g->name);
    if (n == 0) return a;
    if (units) return build_reshape(g, a, type.dim, type.rank);
    Ref simple = 0;
    if (is_op(g, a, OP_const)) simple = op == OP_max ? build_const(g, type, const_value(g, a)) : sum_of_const(g, a, type, axes, n);
    if (!simple && op == OP_sum && is_op(g, a, OP_broadcast)) simple = sum_of_broadcast(g, a, type, axes, n);
    if (!simple && op == OP_sum && is_op(g, a, OP_dot)) simple = sum_of_dot(g, a, axes, n);
    if (simple) return simple;
    return graph_add(g, op, type, &a, 1, attr, (uint32_t)n);
}

/* 1 where an element is the first of the largest in row-major order of the axes. */
Ref build_reduce_max_first(Graph *g, Ref a, const int *axes, int n)
{
    Dims *dims = g->module->dims;
    Type type = *graph_type(g, a), index = type;
    index.dtype = DT_i32;
    Ref place = build_const(g, index, 0);
    for (int i = 0; i < n; i++) { /* row-major position within the axes */
        Ref extent = build_broadcast_to(g, build_cast(g, build_size(g, type.dim[axes[i]]), DT_i32), index);
        place = build_binary(g, OP_add, build_binary(g, OP_mul, place, extent), build_iota(g, index, axes[i]));
    }
    int kept[MAX_RANK], k = 0;
    for (int i = 0; i < type.rank; i++)
        if (!has(axes, n, i)) kept[k++] = i;
    Ref first = build_broadcast(g, build_reduce(g, OP_argmax, a, axes, n), index, kept);
    (void)dims;
    return build_binary(g, OP_equal, place, first);
}

/* ---- dot ------------------------------------------------------------------------------------------- */

/* Look through a permute of an operand. */
static Ref unpermuted(Graph *g, Ref a, int *axes1, int n1, int *axes2, int n2)
{
    if (!is_op(g, a, OP_permute)) return a;
    /* free axes must keep their ascending order */
    int rank = graph_type(g, a)->rank, last = -1;
    for (int i = 0; i < rank; i++) {
        if (has(axes1, n1, i) || has(axes2, n2, i)) continue;
        int from = (int)graph_attr(g, a, (uint32_t)i);
        if (from < last) return a;
        last = from;
    }
    for (int i = 0; i < n1; i++) axes1[i] = (int)graph_attr(g, a, (uint32_t)axes1[i]);
    for (int i = 0; i < n2; i++) axes2[i] = (int)graph_attr(g, a, (uint32_t)axes2[i]);
    return graph_in(g, a, 0);
}

Ref build_dot(Graph *g, Ref a, Ref b, int n_batch, const int *a_batch, const int *b_batch, int n_contract, const int *a_contract, const int *b_contract)
{
    int ab[MAX_RANK], bb[MAX_RANK], ac[MAX_RANK], bc[MAX_RANK];
    for (int i = 0; i < n_batch; i++) ab[i] = a_batch[i], bb[i] = b_batch[i];
    for (int i = 0; i < n_contract; i++) ac[i] = a_contract[i], bc[i] = b_contract[i];
    a = unpermuted(g, a, ab, n_batch, ac, n_contract);
    b = unpermuted(g, b, bb, n_batch, bc, n_contract);
    const Type *ta = graph_type(g, a), *tb = graph_type(g, b);
    Type type = { .dtype = ta->dtype };
    if (ta->dtype != tb->dtype || !dtype_is_float(ta->dtype)) BUG("%s: dot of %s and %s", g->name, dtype_name(ta->dtype), dtype_name(tb->dtype));
    int64_t attr[2 + 4 * MAX_RANK];
    uint32_t k = 0;
    attr[k++] = n_batch, attr[k++] = n_contract;
    for (int i = 0; i < n_batch; i++) {
        if (!dims_same(g, ta->dim[ab[i]], tb->dim[bb[i]])) BUG("%s: dot: batch axes differ", g->name);
        type.dim[type.rank++] = ta->dim[ab[i]];
        attr[k++] = ab[i];
    }
    for (int i = 0; i < n_contract; i++) {
        if (!dims_same(g, ta->dim[ac[i]], tb->dim[bc[i]])) BUG("%s: dot of %s and %s: contracted axes differ", g->name, type_text(g->module->dims, g->arena, ta), type_text(g->module->dims, g->arena, tb));
        attr[k++] = ac[i];
    }
    for (int i = 0; i < n_batch; i++) attr[k++] = bb[i];
    for (int i = 0; i < n_contract; i++) attr[k++] = bc[i];
    int free = ta->rank + tb->rank - n_batch - 2 * n_contract;
    if (free > MAX_RANK) BUG("%s: dot: rank above %d", g->name, MAX_RANK);
    for (int i = 0; i < ta->rank; i++)
        if (!has(ab, n_batch, i) && !has(ac, n_contract, i)) type.dim[type.rank++] = ta->dim[i];
    for (int i = 0; i < tb->rank; i++)
        if (!has(bb, n_batch, i) && !has(bc, n_contract, i)) type.dim[type.rank++] = tb->dim[i];
    Ref in[2] = { a, b };
    return graph_add(g, OP_dot, type, in, 2, attr, k);
}

/* ---- conv ------------------------------------------------------------------------------------------- */

static Dim out_extent(Graph *g, const Conv *c, int i)
{
    Dims *dims = g->module->dims;
    Dim reach = dim_mul(dims, dim_const(dims, c->dil[i]), dim_sub(dims, c->k[i], dim_const(dims, 1)));
    Dim n = dim_sub(dims, dim_add(dims, dim_add(dims, c->extent[i], c->lo[i]), c->hi[i]), dim_add(dims, reach, dim_const(dims, 1)));
    return dim_add(dims, dim_floordiv(dims, n, dim_const(dims, c->stride[i])), dim_const(dims, 1));
}

Ref build_conv(Graph *g, Ref a, Ref b, const Conv *c)
{
    Dims *dims = g->module->dims;
    const Type *ta = graph_type(g, a), *tb = graph_type(g, b);
    Type type = { .dtype = ta->dtype, .rank = 4 };
    if (ta->rank != 4 || tb->rank != 4 || ta->dtype != tb->dtype) BUG("%s: conv of %s and %s", g->name, type_text(dims, g->arena, ta), type_text(dims, g->arena, tb));
    Dim groups = dim_const(dims, c->groups);
    switch (c->mode) {
    case 0:
        type.dim[0] = ta->dim[0];
        for (int i = 0; i < 2; i++) type.dim[1 + i] = out_extent(g, c, i);
        type.dim[3] = tb->dim[3];
        if (!dims_same(g, ta->dim[3], dim_mul(dims, tb->dim[2], groups))) BUG("%s: conv: channels", g->name);
        break;
    case 1: /* y, w -> x */
        type.dim[0] = ta->dim[0];
        for (int i = 0; i < 2; i++) type.dim[1 + i] = c->extent[i];
        type.dim[3] = dim_mul(dims, tb->dim[2], groups);
        for (int i = 0; i < 2; i++)
            if (!dims_same(g, ta->dim[1 + i], out_extent(g, c, i))) BUG("%s: conv dx: extents", g->name);
        break;
    case 2: /* x, y -> w */
        for (int i = 0; i < 2; i++) type.dim[i] = c->k[i];
        type.dim[2] = dim_floordiv(dims, ta->dim[3], groups);
        type.dim[3] = tb->dim[3];
        for (int i = 0; i < 2; i++)
            if (!dims_same(g, tb->dim[1 + i], out_extent(g, c, i))) BUG("%s: conv dw: extents", g->name);
        break;
    default: BUG("conv mode %d", c->mode);
    }
    int64_t attr[14] = { c->mode, c->groups, c->stride[0], c->stride[1], c->dil[0], c->dil[1], c->lo[0], c->hi[0],
                         c->lo[1], c->hi[1], c->k[0], c->k[1], c->extent[0], c->extent[1] };
    Ref in[2] = { a, b };
    return graph_add(g, OP_conv, type, in, 2, attr, 14);
}

Conv conv_get(const Graph *g, Ref r)
{
    const int64_t *a = &g->attr.at[g->node.at[r].attr];
    return (Conv){ .mode = (int)a[0], .groups = a[1], .stride = { a[2], a[3] }, .dil = { a[4], a[5] }, .lo = { (Dim)a[6], (Dim)a[8] },
                   .hi = { (Dim)a[7], (Dim)a[9] }, .k = { (Dim)a[10], (Dim)a[11] }, .extent = { (Dim)a[12], (Dim)a[13] } };
}

/* ---- gather, scatter ----------------------------------------------------------------------------------- */

Ref build_gather(Graph *g, Ref table, Ref idx)
{
    const Type *t = graph_type(g, table), *i = graph_type(g, idx);
    Type type = { .dtype = t->dtype };
    if (t->rank < 1 || i->rank + t->rank - 1 > MAX_RANK || i->dtype != DT_i32) BUG("%s: gather of %s by %s", g->name, type_text(g->module->dims, g->arena, t), type_text(g->module->dims, g->arena, i));
    for (int k = 0; k < i->rank; k++) type.dim[type.rank++] = i->dim[k];
    for (int k = 1; k < t->rank; k++) type.dim[type.rank++] = t->dim[k];
    if (is_op(g, table, OP_const)) return build_const(g, type, const_value(g, table));
    Ref in[2] = { table, idx };
    return graph_add(g, OP_gather, type, in, 2, NULL, 0);
}

Ref build_scatter(Graph *g, Ref idx, Ref upd, Dim rows)
{
    const Type *i = graph_type(g, idx), *u = graph_type(g, upd);
    Type type = { .dtype = u->dtype, .rank = (uint8_t)(u->rank - i->rank + 1) };
    int64_t attr = rows;
    if (u->rank < i->rank || i->dtype != DT_i32) BUG("%s: scatter of %s by %s", g->name, type_text(g->module->dims, g->arena, u), type_text(g->module->dims, g->arena, i));
    for (int k = 0; k < i->rank; k++)
        if (!dims_same(g, i->dim[k], u->dim[k])) BUG("%s: scatter: extents", g->name);
    type.dim[0] = rows;
    for (int k = i->rank; k < u->rank; k++) type.dim[k - i->rank + 1] = u->dim[k];
    if (is_const(g, upd, 0)) return build_const(g, type, 0);
    Ref in[2] = { idx, upd };
    return graph_add(g, OP_scatter, type, in, 2, &attr, 1);
}

/* ---- structural ------------------------------------------------------------------------------------------ */

static Ref several(Graph *g, Op op, const Ref *in, uint32_t n_in, const int64_t *attr, uint32_t n_attr, const Type *type, uint32_t n_out)
{
    NewNode n = { .op = (uint8_t)op, .n_in = n_in, .n_attr = n_attr, .n_out = n_out, .in = in, .attr = attr, .type = type };
    if (n_out == 0 || n_out > 255) BUG("%s: `%s` with %u results", g->name, op_names[op], n_out);
    return graph_add_node(g, &n);
}

Ref build_scan(Graph *g, uint32_t body, Dim n, int n_carries, int n_xs, const Ref *in, uint32_t n_in)
{
    const Graph *b = g->module->graph.at[body];
    if (b->param.n != n_in) BUG("%s: scan of `%s`: %u operands, %u params", g->name, b->name, n_in, b->param.n);
    for (uint32_t i = 0; i < n_in; i++) {
        const Type *have = graph_type(g, in[i]), *want = &b->param.at[i].type;
        bool x = (int)i >= n_carries && (int)i < n_carries + n_xs;
        if (have->dtype != want->dtype || have->rank != want->rank + x) BUG("%s: scan: operand %u is %s", g->name, i, type_text(g->module->dims, g->arena, have));
    }
    uint32_t n_out = b->result.n;
    Type *type = ARENA_ARRAY(g->arena, Type, n_out + 1);
    for (uint32_t i = 0; i < n_out; i++) {
        Type t = *graph_type(b, b->result.at[i].ref);
        if ((int)i >= n_carries) {
            for (int k = t.rank; k > 0; k--) t.dim[k] = t.dim[k - 1];
            t.dim[0] = n;
            t.rank++;
        } else if (!type_equal(&t, &b->param.at[i].type)) {
            BUG("%s: scan: carry %u changes its type", g->name, i);
        }
        type[i] = t;
    }
    int64_t attr[4] = { body, n, n_carries, n_xs };
    return several(g, OP_scan, in, n_in, attr, 4, type, n_out);
}

Ref build_call(Graph *g, uint32_t callee, const Ref *in, uint32_t n_in)
{
    const Graph *c = g->module->graph.at[callee];
    if (c->param.n != n_in) BUG("%s: call of `%s`: %u operands", g->name, c->name, n_in);
    Type *type = ARENA_ARRAY(g->arena, Type, c->result.n + 1);
    for (uint32_t i = 0; i < c->result.n; i++) type[i] = *graph_type(c, c->result.at[i].ref);
    int64_t attr = callee;
    return several(g, OP_call, in, n_in, &attr, 1, type, c->result.n);
}

Ref build_extern(Graph *g, uint32_t symbol, const Ref *in, uint32_t n_in, const Type *out, uint32_t n_out)
{
    int64_t attr = symbol;
    return several(g, OP_extern, in, n_in, &attr, 1, out, n_out);
}

Ref build_expect(Graph *g, Ref a, Dim bound, int64_t line)
{
    int64_t attr[2] = { bound, line };
    return graph_add(g, OP_expect, *graph_type(g, a), &a, 1, attr, 2);
}

Ref build_minimize(Graph *g, int64_t statement, Ref loss, const Ref *over, uint32_t n_over, const Ref *scalars, uint32_t n_scalars)
{
    uint32_t n = 1 + n_over + n_scalars;
    Ref *in = ARENA_ARRAY(g->arena, Ref, n);
    Type *type = ARENA_ARRAY(g->arena, Type, n_over + 1);
    in[0] = loss;
    for (uint32_t i = 0; i < n_over; i++) in[1 + i] = over[i], type[i] = *graph_type(g, over[i]);
    for (uint32_t i = 0; i < n_scalars; i++) in[1 + n_over + i] = scalars[i];
    int64_t attr[2] = { statement, n_over };
    return several(g, OP_minimize, in, n, attr, 2, type, n_over);
}

Ref build_update(Graph *g, int64_t statement, Ref loss, const Ref *grads, const Ref *old, uint32_t n_over, const Ref *scalars, uint32_t n_scalars)
{
    uint32_t n = 1 + 2 * n_over + n_scalars;
    Ref *in = ARENA_ARRAY(g->arena, Ref, n);
    Type *type = ARENA_ARRAY(g->arena, Type, n_over + 1);
    in[0] = loss;
    for (uint32_t i = 0; i < n_over; i++) in[1 + i] = grads[i], in[1 + n_over + i] = old[i], type[i] = *graph_type(g, old[i]);
    for (uint32_t i = 0; i < n_scalars; i++) in[1 + 2 * n_over + i] = scalars[i];
    int64_t attr[2] = { statement, n_over };
    return several(g, OP_update, in, n, attr, 2, type, n_over);
}

Ref build_proj(Graph *g, Ref a, uint32_t i)
{
    if (i >= g->node.at[a].n_out) BUG("%s: proj %u of `%s`", g->name, i, op_names[g->node.at[a].op]);
    if (!(op_properties[g->node.at[a].op] & STRUCTURAL)) return a;
    int64_t attr = i;
    return graph_add(g, OP_proj, *graph_out_type(g, a, i), &a, 1, &attr, 1);
}

/* ---- copying ---------------------------------------------------------------------------------------------- */

static void ints(const Graph *from, Ref r, uint32_t at, uint32_t n, int *out)
{
    for (uint32_t i = 0; i < n; i++) out[i] = (int)graph_attr(from, r, at + i);
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
    case OP_window: return build_window(g, in[0], (int)graph_attr(from, r, 0), graph_attr(from, r, 1), graph_attr(from, r, 2), graph_attr(from, r, 3));
    default: return build_fold(g, in[0], (int)graph_attr(from, r, 0), (Dim)graph_attr(from, r, 1), graph_attr(from, r, 2), graph_attr(from, r, 3), graph_attr(from, r, 4));
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
        Type tail = { .dtype = type.dtype, .rank = (uint8_t)(type.rank - lead) };
        for (int i = 0; i < tail.rank; i++) tail.dim[i] = type.dim[lead + i];
        return build_random(g, (int)graph_attr(from, r, 0), (uint64_t)graph_attr(from, r, 1), in[0], in[1], in[2], tail, (Dim)graph_attr(from, r, 2));
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
    } else if (n->op == OP_gather) {
        out = build_gather(g, in[0], in[1]);
    } else if (n->op == OP_scatter) {
        out = build_scatter(g, in[0], in[1], (Dim)graph_attr(from, r, 0));
    } else if (n->op == OP_cast) {
        out = build_cast(g, in[0], graph_type(from, r)->dtype);
    } else if (n->n_in == 1) {
        out = build_unary(g, (Op)n->op, in[0]);
    } else if (n->n_in == 2) {
        out = build_binary(g, (Op)n->op, in[0], in[1]);
    } else {
        out = build_select(g, in[0], in[1], in[2]);
    }
    g->loc = old_loc;
    g->flags = old_flags;
    return out;
}

void build_inline(Graph *g, const Graph *callee, const Ref *in, Ref *out)
{
    Ref *map = ARENA_ARRAY(g->arena, Ref, callee->node.n + 1);
    bool *live = graph_live(callee, g->arena);
    for (uint32_t i = 0; i < callee->param.n; i++) map[callee->param.at[i].ref] = in[i];
    for (Ref r = 1; r < callee->node.n; r++) {
        const Node *n = graph_node(callee, r);
        if (!live[r] || n->op == OP_param) continue;
        Ref *operands = ARENA_ARRAY(g->arena, Ref, n->n_in + 1);
        for (uint32_t i = 0; i < n->n_in; i++) operands[i] = map[graph_in(callee, r, i)];
        map[r] = build_copy(g, callee, r, operands);
    }
    for (uint32_t i = 0; i < callee->result.n; i++) out[i] = map[callee->result.at[i].ref];
}
