/* SPDX-License-Identifier: MIT
 * expr.c: the scalar expression of a kernel: inline values, loads of kept ones. */
#include <string.h>

#include "kernel/build.h"

uint32_t expr_add(XBuilder *xb, XNode node)
{
    vec_add(xb->b->arena, &xb->k->x, node);
    return xb->k->x.n;
}

static uint32_t fail(XBuilder *xb, Ref r)
{
    if (!xb->failed) xb->failed = r;
    return 0;
}

uint32_t expr_load(XBuilder *xb, const Home *home, const Map *m, uint8_t dtype)
{
    vec_add(xb->b->arena, &xb->k->rd, home_access(xb->b, home, m));
    return expr_add(xb, (XNode){.kind = X_ld, .dtype = dtype, .access = xb->k->rd.n - 1});
}

void expr_store(XBuilder *xb, uint32_t value, const Home *to, const Map *m)
{
    Map plain = *m;
    plain.n_box = 0;
    vec_add(xb->b->arena, &xb->k->wr, home_access(xb->b, to, &plain));
    expr_add(xb, (XNode){.kind = X_st, .dtype = xb->k->x.at[value - 1].dtype, .in = {value}, .access = xb->k->wr.n - 1});
}

static uint32_t constant(XBuilder *xb, uint8_t dtype, double number, int64_t integer)
{
    return expr_add(xb, (XNode){.kind = X_const, .dtype = dtype, .number = number, .integer = integer});
}

static uint32_t index_value(XBuilder *xb, const Ax *ax, uint8_t dtype)
{
    Access a = {.off = ax->off};
    memcpy(a.stride, ax->stride, sizeof a.stride);
    vec_add(xb->b->arena, &xb->k->idx, a);
    return expr_add(xb, (XNode){.kind = X_index, .dtype = dtype, .access = xb->k->idx.n - 1});
}

static uint32_t operation(XBuilder *xb, Op op, uint8_t dtype, uint32_t a, uint32_t c)
{
    return expr_add(xb, (XNode){.kind = X_op, .op = (uint8_t)op, .dtype = dtype, .in = {a, c}});
}

static uint32_t random_value(XBuilder *xb, Ref r, const Map *m)
{
    Builder *b = xb->b;
    const Type *type = graph_type(b->g, r);
    Ref at = graph_in(b->g, r, 2);
    int lead = graph_type(b->g, at)->rank;
    Map head = *m;
    head.rank = lead;
    Map none = {.rank = 0};
    uint32_t seed = expr_emit(xb, graph_in(b->g, r, 0), &none), step = expr_emit(xb, graph_in(b->g, r, 1), &none);
    uint32_t where = expr_emit(xb, at, &head);
    if (!seed || !step || !where) return 0;
    if (graph_type(b->g, at)->dtype != DT_i64) where = operation(xb, OP_cast, DT_i64, where, 0);
    Ax element = ax_zero(b);
    Dim stride = build_dim(b, 1);
    for (int i = type->rank - 1; i >= lead; i--) {
        Ax part = ax_scaled(b, &m->ax[i], stride);
        element = ax_sum(b, &element, &part);
        stride = dim_mul(b->dims, stride, type->dim[i]);
    }
    uint32_t e = index_value(xb, &element, DT_i64);
    return expr_add(xb, (XNode){.kind = X_random,
                                .op = (uint8_t)graph_attr(b->g, r, 0),
                                .dtype = type->dtype,
                                .in = {seed, step, where, e},
                                .hash = (uint64_t)graph_attr(b->g, r, 1),
                                .dim = (Dim)graph_attr(b->g, r, 2)});
}

/* r where the boxes of the map from number `first` on hold, else fill. A load has the box itself;
 * anything else is computed (its loads in the boxes) and chosen by comparisons. */
static uint32_t chosen(XBuilder *xb, Ref r, const Map *m, uint32_t first, double fill, int64_t bits)
{
    const Type *type = graph_type(xb->b->g, r);
    Map inner = *m;
    inner.any = true;
    uint32_t value = expr_emit(xb, r, &inner), inside = 0;
    if (!value || m->n_box == first) return value;
    for (uint32_t i = first; i < m->n_box; i++) {
        uint32_t at = index_value(xb, &m->box[i].at, DT_i64);
        uint32_t lo = expr_add(xb, (XNode){.kind = X_size, .dtype = DT_i64, .dim = m->box[i].lo});
        uint32_t hi = expr_add(xb, (XNode){.kind = X_size, .dtype = DT_i64, .dim = m->box[i].hi});
        uint32_t before = operation(xb, OP_less, DT_bool, at, hi);
        uint32_t both = operation(xb, OP_and, DT_bool, operation(xb, OP_less_equal, DT_bool, lo, at), before);
        inside = inside ? operation(xb, OP_and, DT_bool, inside, both) : both;
    }
    uint32_t other = constant(xb, type->dtype, fill, bits);
    return expr_add(xb, (XNode){.kind = X_op, .op = OP_where, .dtype = type->dtype, .in = {inside, value, other}});
}

uint32_t expr_boxed(XBuilder *xb, Ref r, const Map *m, double fill)
{
    Map probe = *m;
    probe.fill = fill;
    probe.any = false;
    Ref base = view_base(xb->b, r, &probe);
    if (base) return expr_load(xb, &xb->b->home[base], &probe, graph_type(xb->b->g, r)->dtype);
    return chosen(xb, r, m, 0, fill, (int64_t)fill);
}

static uint32_t padded_value(XBuilder *xb, Ref r, const Map *m)
{
    Builder *b = xb->b;
    Map probe = *m, inner;
    Ref base = view_base(b, r, &probe);
    if (base) return expr_load(xb, &b->home[base], &probe, graph_type(b->g, r)->dtype);
    if (!map_view(b, r, m, &inner)) return fail(xb, r);
    union {
        int64_t i;
        double d;
    } fill = {.i = graph_attr(b->g, r, b->g->node.at[r].n_attr - 1)};
    return chosen(xb, graph_in(b->g, r, 0), &inner, m->n_box, fill.d, fill.i);
}

static uint32_t gathered(XBuilder *xb, Ref r, const Map *m)
{
    Builder *b = xb->b;
    Ref table = graph_in(b->g, r, 0), ids = graph_in(b->g, r, 1);
    int n_ids = graph_type(b->g, ids)->rank;
    if (!b->home[table].buf) return fail(xb, table);
    Map head = *m, tail = *m;
    head.rank = n_ids;
    uint32_t id = expr_emit(xb, ids, &head);
    if (!id) return 0;
    tail.rank = graph_type(b->g, table)->rank;
    tail.ax[0] = ax_zero(b);
    for (int i = 1; i < tail.rank; i++)
        tail.ax[i] = m->ax[n_ids + i - 1];
    Access a = home_access(b, &b->home[table], &tail);
    a.index = id;
    a.index_stride = b->home[table].stride[0] ? b->home[table].stride[0] : build_dim(b, 0);
    a.index_rows = graph_type(b->g, table)->dim[0];
    vec_add(b->arena, &xb->k->rd, a);
    return expr_add(xb, (XNode){.kind = X_ld, .dtype = graph_type(b->g, r)->dtype, .access = xb->k->rd.n - 1});
}

uint32_t expr_operand(XBuilder *xb, Ref r, uint32_t i, const Map *m)
{
    const Graph *g = xb->b->g;
    Ref in = graph_in(g, r, i);
    if (xb->b->joined[r] != i + 1) return expr_emit(xb, in, m);
    uint32_t a = expr_emit(xb, graph_in(g, in, 0), m), c = a ? expr_emit(xb, graph_in(g, in, 1), m) : 0;
    return c ? operation(xb, OP_mul, graph_type(g, in)->dtype, a, c) : 0;
}

static uint32_t emit(XBuilder *xb, Ref r, const Map *m)
{
    Builder *b = xb->b;
    const Node *n = graph_node(b->g, r);
    const Type *type = graph_type(b->g, r);
    int properties = op_properties[n->op];
    if (r == xb->acc && xb->acc_node) return xb->acc_node;
    if (r == xb->acc) return expr_add(xb, (XNode){.kind = X_acc, .dtype = type->dtype});
    if (b->home[r].buf) return expr_load(xb, &b->home[r], m, type->dtype);
    if (b->keep[r]) BUG("kernel: `%s` %u is kept but has no home", op_names[n->op], r);
    if (n->op == OP_const) {
        union {
            int64_t i;
            double d;
        } u = {.i = graph_attr(b->g, r, 0)};
        return constant(xb, type->dtype, dtype_is_float(type->dtype) ? u.d : (double)u.i, u.i);
    }
    if (n->op == OP_iota) return index_value(xb, &m->ax[graph_attr(b->g, r, 0)], DT_i32);
    if (n->op == OP_size) return expr_add(xb, (XNode){.kind = X_size, .dtype = DT_i64, .dim = (Dim)graph_attr(b->g, r, 0)});
    if (n->op == OP_random) return random_value(xb, r, m);
    if (n->op == OP_pad) return padded_value(xb, r, m);
    if (n->op == OP_take) return gathered(xb, r, m);
    if ((properties & VIEW) || n->op == OP_stop) {
        Map inner = *m, probe = *m;
        Ref base = view_base(b, r, &probe); /* also finds merged homes */
        if (base) return expr_load(xb, &b->home[base], &probe, type->dtype);
        if (!map_view(b, r, m, &inner)) return fail(xb, r);
        return expr_emit(xb, graph_in(b->g, r, 0), &inner);
    }
    XNode x = {.kind = X_op, .op = n->op, .dtype = type->dtype};
    if (n->op == OP_expect) {
        x.kind = X_expect;
        x.dim = (Dim)graph_attr(b->g, r, 0);
        x.integer = graph_attr(b->g, r, 1);
    } else if (!(properties & ELEMENTWISE)) {
        return fail(xb, r);
    }
    for (uint32_t i = 0; i < n->n_in; i++)
        if (!(x.in[i] = expr_operand(xb, r, i, m))) return 0;
    x.fma = b->joined[r];
    return expr_add(xb, x);
}

uint32_t expr_emit(XBuilder *xb, Ref r, const Map *m)
{
    Map key;
    memset(&key, 0, sizeof key); /* compared as bytes */
    key.rank = m->rank;
    memcpy(key.ax, m->ax, sizeof(Ax) * (size_t)m->rank);
    key.n_box = m->n_box;
    memcpy(key.box, m->box, sizeof(Box) * m->n_box);
    key.fill = m->fill;
    key.any = m->any;
    for (uint32_t i = 0; i < xb->memo.n; i++)
        if (xb->memo.at[i].r == r && memcmp(&xb->memo.at[i].m, &key, sizeof key) == 0) return xb->memo.at[i].x;
    if (xb->k->x.n > 400 && !xb->b->home[r].buf) return fail(xb, r); /* long enough: from here on loads */
    uint32_t x = emit(xb, r, m);
    if (x) {
        vec_reserve(xb->b->arena, &xb->memo);
        struct Memo *memo = &xb->memo.at[xb->memo.n++];
        memo->r = r;
        memcpy(&memo->m, &key, sizeof key);
        memo->x = x;
    }
    return x;
}
