/* SPDX-License-Identifier: MIT
 * build_contract.c: dot, conv, take, scatter_add.
 *
 * A canonical dot contracts at least one axis that is not of extent 1, has no batch axis of extent
 * 1, no batch axis along which an operand is repeated, and no permuted operand whose permutation
 * its axis lists can say. */
#include "tensor/graph.h"

#include <string.h>

/* ---- dot ------------------------------------------------------------------------------------- */

typedef struct Side {
    Ref ref;
    int batch[MAX_RANK], contract[MAX_RANK];
} Side;
typedef struct Dot {
    Side side[2];
    int n_batch, n_contract;
} Dot;

static Ref dot_build(Graph *g, const Dot *d)
{
    const Side *a = &d->side[0], *b = &d->side[1];
    return build_dot(g, a->ref, b->ref, d->n_batch, a->batch, b->batch, d->n_contract, a->contract, b->contract);
}

static bool is_free(const Dot *d, const Side *s, int axis)
{
    return !axes_have(s->batch, d->n_batch, axis) && !axes_have(s->contract, d->n_contract, axis);
}

static int n_free(const Graph *g, const Dot *d, const Side *s)
{
    return graph_type(g, s->ref)->rank - d->n_batch - d->n_contract;
}

uint8_t contract_dtype(uint8_t a, uint8_t b)
{
    if (b == DT_i8 && (a == DT_i8 || a == DT_u8)) return DT_i32;
    return a == b && dtype_is_float(a) ? dtype_of_sums(a) : DT_COUNT;
}

/* Checks the axes; the type: batch, free axes of a, free axes of b. */
static Type dot_type(const Graph *g, const Dot *d)
{
    const Type *ta = graph_type(g, d->side[0].ref), *tb = graph_type(g, d->side[1].ref);
    Type type = {.dtype = contract_dtype(ta->dtype, tb->dtype)};
    bool good = type.dtype != DT_COUNT;
    for (int s = 0; s < 2; s++) {
        bool seen[MAX_RANK] = {0};
        for (int i = 0; i < d->n_batch + d->n_contract; i++) {
            int axis = i < d->n_batch ? d->side[s].batch[i] : d->side[s].contract[i - d->n_batch];
            if (axis < 0 || axis >= graph_type(g, d->side[s].ref)->rank || seen[axis]) BUG("%s: dot: axes", g->name);
            seen[axis] = true;
        }
    }
    for (int i = 0; i < d->n_batch; i++) {
        good &= type_dims_same(g, ta->dim[d->side[0].batch[i]], tb->dim[d->side[1].batch[i]]);
        type.dim[type.rank++] = ta->dim[d->side[0].batch[i]];
    }
    for (int i = 0; i < d->n_contract; i++)
        good &= type_dims_same(g, ta->dim[d->side[0].contract[i]], tb->dim[d->side[1].contract[i]]);
    if (!good) BUG("%s: dot of %s and %s", g->name, type_text(g->module->dims, g->arena, ta), type_text(g->module->dims, g->arena, tb));
    if (d->n_batch + n_free(g, d, &d->side[0]) + n_free(g, d, &d->side[1]) > MAX_RANK) BUG("%s: dot: rank above %d", g->name, MAX_RANK);
    for (int s = 0; s < 2; s++) {
        const Type *t = s ? tb : ta;
        for (int i = 0; i < t->rank; i++)
            if (is_free(d, &d->side[s], i)) type.dim[type.rank++] = t->dim[i];
    }
    return type;
}

/* Look through a permute of an operand whose free axes keep their order. */
static bool skip_permute(const Graph *g, const Dot *d, Side *s)
{
    if (!is_op(g, s->ref, OP_permute)) return false;
    int rank = graph_type(g, s->ref)->rank, last = -1;
    for (int i = 0; i < rank; i++) {
        if (!is_free(d, s, i)) continue;
        int from = (int)graph_attr(g, s->ref, (uint32_t)i);
        if (from < last) return false;
        last = from;
    }
    for (int i = 0; i < d->n_batch; i++)
        s->batch[i] = (int)graph_attr(g, s->ref, (uint32_t)s->batch[i]);
    for (int i = 0; i < d->n_contract; i++)
        s->contract[i] = (int)graph_attr(g, s->ref, (uint32_t)s->contract[i]);
    s->ref = graph_in(g, s->ref, 0);
    return true;
}

static void remove_at(int *axes, int n, int i)
{
    memmove(&axes[i], &axes[i + 1], sizeof(int) * (size_t)(n - i - 1));
}

/* Axes above `axis` move down by one. */
static void close_gap(Side *s, int n_batch, int n_contract, int axis)
{
    for (int i = 0; i < n_batch; i++)
        s->batch[i] -= s->batch[i] > axis;
    for (int i = 0; i < n_contract; i++)
        s->contract[i] -= s->contract[i] > axis;
}

static void drop_axis(Graph *g, Side *s, int axis)
{
    Type t = *graph_type(g, s->ref);
    for (int i = axis; i + 1 < t.rank; i++)
        t.dim[i] = t.dim[i + 1];
    s->ref = build_reshape(g, s->ref, t.dim, t.rank - 1);
}

/* Batch and contracted axes of extent 1 go; the caller reshapes the result. */
static bool drop_units(Graph *g, Dot *d)
{
    bool changed = false;
    for (int k = 0; k < 2; k++) {
        int *n = k ? &d->n_contract : &d->n_batch;
        for (int i = 0; i < *n;) {
            int axis[2] = {k ? d->side[0].contract[i] : d->side[0].batch[i], k ? d->side[1].contract[i] : d->side[1].batch[i]};
            if (!dim_is_value(g, graph_type(g, d->side[0].ref)->dim[axis[0]], 1) ||
                !dim_is_value(g, graph_type(g, d->side[1].ref)->dim[axis[1]], 1)) {
                i++;
                continue;
            }
            for (int s = 0; s < 2; s++) {
                remove_at(k ? d->side[s].contract : d->side[s].batch, *n, i);
                drop_axis(g, &d->side[s], axis[s]);
                close_gap(&d->side[s], d->n_batch - !k, d->n_contract - k, axis[s]);
            }
            --*n;
            changed = true;
        }
    }
    return changed;
}

/* Nothing is contracted: the product of the operands, broadcast to batch, free axes of a, free axes
 * of b. */
static Ref outer_product(Graph *g, const Dot *d, Type type)
{
    Ref part[2];
    Type shape = type;
    int first_free = d->n_batch;
    for (int s = 0; s < 2; s++) {
        const Side *side = &d->side[s];
        int rank = graph_type(g, side->ref)->rank, perm[MAX_RANK], axes[MAX_RANK], k = 0;
        shape.dtype = graph_type(g, side->ref)->dtype;
        for (int i = 0; i < d->n_batch; i++)
            axes[k] = i, perm[k++] = side->batch[i];
        for (int i = 0; i < rank; i++)
            if (is_free(d, side, i)) axes[k] = first_free++, perm[k++] = i;
        part[s] = build_cast(g, build_broadcast(g, build_permute(g, side->ref, perm), shape, axes), type.dtype);
    }
    return build_binary(g, OP_mul, part[0], part[1]);
}

/* Side s repeats along batch axis i: the axis becomes a free axis of the other side, and a permute
 * puts it back in front. */
static Ref unbatch(Graph *g, const Dot *d, int s, int i, Type type)
{
    Dot e = *d;
    Side *self = &e.side[s], *other = &e.side[1 - s];
    int axis = self->batch[i], moved = other->batch[i], axes[MAX_RANK], k = 0;
    Type small = *graph_type(g, self->ref);
    uint32_t n_map = graph_node(g, self->ref)->n_attr;
    for (uint32_t j = 0; j < n_map; j++) {
        int at = (int)graph_attr(g, self->ref, j);
        axes[k++] = at - (at > axis);
    }
    for (int j = axis; j + 1 < small.rank; j++)
        small.dim[j] = small.dim[j + 1];
    small.rank--;
    self->ref = build_broadcast(g, graph_in(g, self->ref, 0), small, axes);
    for (int side = 0; side < 2; side++)
        remove_at(e.side[side].batch, e.n_batch, i);
    e.n_batch--;
    close_gap(self, e.n_batch, e.n_contract, axis);
    Ref r = dot_build(g, &e);
    int place = e.n_batch + (s == 0 ? n_free(g, &e, self) : 0); /* of the axis in r */
    for (int j = 0; j < moved; j++)
        place += is_free(&e, other, j);
    int perm[MAX_RANK];
    for (int j = 0, from = 0; j < type.rank; j++) {
        if (j == i) {
            perm[j] = place;
            continue;
        }
        from += from == place;
        perm[j] = from++;
    }
    return build_permute(g, r, perm);
}

static Ref unbatch_repeated(Graph *g, const Dot *d, Type type)
{
    for (int s = 0; s < 2; s++) {
        const Side *side = &d->side[s];
        if (!is_op(g, side->ref, OP_broadcast)) continue;
        for (int i = 0; i < d->n_batch; i++) {
            bool repeated = true;
            uint32_t n_map = graph_node(g, side->ref)->n_attr;
            for (uint32_t k = 0; k < n_map; k++)
                repeated &= graph_attr(g, side->ref, k) != side->batch[i];
            if (repeated) return unbatch(g, d, s, i, type);
        }
    }
    return 0;
}

Ref build_dot(Graph *g, Ref a, Ref b, int n_batch, const int *a_batch, const int *b_batch, int n_contract, const int *a_contract,
              const int *b_contract)
{
    Dot d = {.n_batch = n_batch, .n_contract = n_contract};
    d.side[0].ref = a, d.side[1].ref = b;
    for (int i = 0; i < n_batch; i++)
        d.side[0].batch[i] = a_batch[i], d.side[1].batch[i] = b_batch[i];
    for (int i = 0; i < n_contract; i++)
        d.side[0].contract[i] = a_contract[i], d.side[1].contract[i] = b_contract[i];
    Type type = dot_type(g, &d);
    if (!g->raw) {
        if (type_is_empty(g, graph_type(g, a)) || type_is_empty(g, graph_type(g, b))) return build_const(g, type, 0);
        for (int s = 0; s < 2; s++)
            while (skip_permute(g, &d, &d.side[s]))
                continue;
        if (drop_units(g, &d)) return build_reshape(g, dot_build(g, &d), type.dim, type.rank);
        if (d.n_contract == 0) return outer_product(g, &d, type);
        Ref simple = unbatch_repeated(g, &d, type);
        if (simple) return simple;
    }
    int64_t attr[2 + 4 * MAX_RANK] = {d.n_batch, d.n_contract};
    uint32_t k = 2;
    for (int s = 0; s < 2; s++) {
        for (int i = 0; i < d.n_batch; i++)
            attr[k++] = d.side[s].batch[i];
        for (int i = 0; i < d.n_contract; i++)
            attr[k++] = d.side[s].contract[i];
    }
    return graph_add(g, OP_dot, type, (Ref[]){d.side[0].ref, d.side[1].ref}, 2, attr, k);
}

/* ---- conv ------------------------------------------------------------------------------------ */

/* Extent of y along axis i (0: height, 1: width). */
Dim conv_out_extent(const Graph *g, const Conv *c, int i)
{
    Dims *dims = g->module->dims;
    Dim one = dim_const(dims, 1), reach = dim_mul(dims, dim_const(dims, c->dil[i]), dim_sub(dims, c->k[i], one));
    Dim n = dim_sub(dims, dim_add(dims, dim_add(dims, c->extent[i], c->lo[i]), c->hi[i]), dim_add(dims, reach, one));
    return dim_add(dims, dim_floordiv(dims, n, dim_const(dims, c->stride[i])), one);
}

/* Types of x, w, y from the operands; false where they disagree. The result's entry is made. */
static bool conv_types(const Graph *g, const Conv *c, Type a, Type b, Type *out)
{
    Dims *dims = g->module->dims;
    Dim groups = dim_const(dims, c->groups);
    Type x = c->mode == 1 ? (Type){0} : a, w = c->mode == 2 ? (Type){0} : b, y = c->mode == 0 ? (Type){0} : c->mode == 1 ? a : b;
    uint8_t sums = contract_dtype(a.dtype, b.dtype);
    if (a.rank != 4 || b.rank != 4 || sums == DT_COUNT || (c->mode != 0 && !dtype_is_float(sums)) || c->groups < 1) return false;
    if (c->mode == 0) y = (Type){sums, 4, {a.dim[0], conv_out_extent(g, c, 0), conv_out_extent(g, c, 1), b.dim[3]}};
    if (c->mode == 1) x = (Type){sums, 4, {a.dim[0], c->extent[0], c->extent[1], dim_mul(dims, b.dim[2], groups)}};
    if (c->mode == 2) w = (Type){sums, 4, {c->k[0], c->k[1], dim_floordiv(dims, a.dim[3], groups), b.dim[3]}};
    bool good = type_dims_same(g, x.dim[0], y.dim[0]) && type_dims_same(g, w.dim[3], y.dim[3]) &&
                type_dims_same(g, x.dim[3], dim_mul(dims, w.dim[2], groups));
    for (int i = 0; i < 2; i++) {
        good = good && c->stride[i] > 0 && c->dil[i] > 0 && type_dims_same(g, x.dim[1 + i], c->extent[i]);
        good = good && type_dims_same(g, w.dim[i], c->k[i]) && type_dims_same(g, y.dim[1 + i], conv_out_extent(g, c, i));
    }
    *out = c->mode == 0 ? y : c->mode == 1 ? x : w;
    return good;
}

/* A 1x1 window with step 1 on whole images: a matrix product over the channels. */
static Ref conv_as_dot(Graph *g, Ref a, Ref b, const Conv *c, Type type)
{
    static const int image[] = {0, 1, 2}, channels[] = {3}, first[] = {0}, second[] = {1};
    if (c->groups != 1) return 0;
    for (int i = 0; i < 2; i++)
        if (c->stride[i] != 1 || !dim_is_value(g, c->k[i], 1) || !dim_is_value(g, c->lo[i], 0) || !dim_is_value(g, c->hi[i], 0)) return 0;
    Ref r;
    if (c->mode == 2) {
        r = build_dot(g, a, b, 0, NULL, NULL, 3, image, image);
    } else {
        Ref w = build_reshape(g, b, graph_type(g, b)->dim + 2, 2);
        r = build_dot(g, a, w, 0, NULL, NULL, 1, channels, c->mode == 0 ? first : second);
    }
    return build_reshape(g, r, type.dim, type.rank);
}

Ref build_conv(Graph *g, Ref a, Ref b, const Conv *c)
{
    Type type;
    if (c->mode < 0 || c->mode > 2) BUG("conv mode %d", c->mode);
    if (!conv_types(g, c, *graph_type(g, a), *graph_type(g, b), &type))
        BUG("%s: conv mode %d of %s and %s", g->name, c->mode, type_text(g->module->dims, g->arena, graph_type(g, a)),
            type_text(g->module->dims, g->arena, graph_type(g, b)));
    if (!g->raw && (type_is_empty(g, graph_type(g, a)) || type_is_empty(g, graph_type(g, b)))) return build_const(g, type, 0);
    Ref simple = g->raw ? 0 : conv_as_dot(g, a, b, c, type);
    if (simple) return simple;
    int64_t attr[14] = {c->mode,  c->groups, c->stride[0], c->stride[1], c->dil[0], c->dil[1],    c->lo[0],
                        c->hi[0], c->lo[1],  c->hi[1],     c->k[0],      c->k[1],   c->extent[0], c->extent[1]};
    return graph_add(g, OP_conv, type, (Ref[]){a, b}, 2, attr, 14);
}

Conv conv_get(const Graph *g, Ref r)
{
    const int64_t *a = &g->attr.at[g->node.at[r].attr];
    return (Conv){.mode = (int)a[0],
                  .groups = a[1],
                  .stride = {a[2], a[3]},
                  .dil = {a[4], a[5]},
                  .lo = {(Dim)a[6], (Dim)a[8]},
                  .hi = {(Dim)a[7], (Dim)a[9]},
                  .k = {(Dim)a[10], (Dim)a[11]},
                  .extent = {(Dim)a[12], (Dim)a[13]}};
}

/* ---- take, scatter_add ----------------------------------------------------------------------- */

/* One row for all: a slice. */
static Ref take_row(Graph *g, Ref table, int64_t row, Type type, int lead)
{
    Dims *dims = g->module->dims;
    Type t = *graph_type(g, table);
    int64_t rows = 0, step[MAX_RANK];
    Dim lo[MAX_RANK], hi[MAX_RANK];
    int axes[MAX_RANK];
    if (row < 0 || !dim_is_const(dims, t.dim[0], &rows) || row >= rows) return 0;
    for (int i = 0; i < t.rank; i++)
        lo[i] = dim_const(dims, 0), hi[i] = t.dim[i], step[i] = 1;
    lo[0] = dim_const(dims, row);
    hi[0] = dim_const(dims, row + 1);
    Ref slice = build_slice(g, table, lo, hi, step);
    Ref one = build_reshape(g, slice, t.dim + 1, t.rank - 1);
    for (int i = 0; i + 1 < t.rank; i++)
        axes[i] = lead + i;
    return build_broadcast(g, one, type, axes);
}

static Ref simplify_take(Graph *g, Ref table, Ref idx, Type type)
{
    const Type *t = graph_type(g, table), *i = graph_type(g, idx);
    if (is_op(g, table, OP_const)) return shape_splat(g, table, type);
    if (is_op(g, idx, OP_iota) && i->rank == 1 && i->dim[0] == t->dim[0]) return table;
    if (is_op(g, table, OP_iota) && t->rank == 1) return idx;
    return is_op(g, idx, OP_const) ? take_row(g, table, graph_attr(g, idx, 0), type, i->rank) : 0;
}

Ref build_take(Graph *g, Ref table, Ref idx)
{
    Type t = *graph_type(g, table), i = *graph_type(g, idx), type = {.dtype = t.dtype};
    if (t.rank < 1 || i.rank + t.rank - 1 > MAX_RANK || i.dtype != DT_i32)
        BUG("%s: take of %s by %s", g->name, type_text(g->module->dims, g->arena, &t), type_text(g->module->dims, g->arena, &i));
    for (int k = 0; k < i.rank; k++)
        type.dim[type.rank++] = i.dim[k];
    for (int k = 1; k < t.rank; k++)
        type.dim[type.rank++] = t.dim[k];
    Ref simple = g->raw ? 0 : simplify_take(g, table, idx, type);
    if (simple) return simple;
    return graph_add(g, OP_take, type, (Ref[]){table, idx}, 2, NULL, 0);
}

Ref build_scatter_add(Graph *g, Ref idx, Ref upd, Dim rows)
{
    Type i = *graph_type(g, idx), u = *graph_type(g, upd), type = {.dtype = u.dtype};
    int64_t attr = rows;
    bool good = u.rank >= i.rank && u.rank - i.rank < MAX_RANK && i.dtype == DT_i32 && u.dtype != DT_bool;
    for (int k = 0; good && k < i.rank; k++)
        good = type_dims_same(g, i.dim[k], u.dim[k]);
    if (!good)
        BUG("%s: scatter_add of %s by %s", g->name, type_text(g->module->dims, g->arena, &u), type_text(g->module->dims, g->arena, &i));
    type.dim[type.rank++] = rows;
    for (int k = i.rank; k < u.rank; k++)
        type.dim[type.rank++] = u.dim[k];
    if (!g->raw && is_const(g, upd, 0)) return shape_splat(g, upd, type);
    if (!g->raw && is_op(g, idx, OP_iota) && i.rank == 1 && i.dim[0] == rows) return upd;
    return graph_add(g, OP_scatter_add, type, (Ref[]){idx, upd}, 2, &attr, 1);
}

Ref build_argsort(Graph *g, Ref x, bool descending)
{
    Type type = *graph_type(g, x);
    int64_t attr = descending;
    if (type.rank < 1 || !dtype_sorts(type.dtype)) BUG("%s: argsort of %s", g->name, type_text(g->module->dims, g->arena, &type));
    type.dtype = DT_i32;
    return graph_add(g, OP_argsort, type, &x, 1, &attr, 1);
}
