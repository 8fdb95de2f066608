/* SPDX-License-Identifier: MIT
 * reduce.c: sums, maxima and folds. */
#include "kernel/reduce.h"

static bool fill_reduction(Builder *b, Ref r, const Home *to, XBuilder *xb)
{
    const Node *n = graph_node(b->g, r);
    Ref operand = graph_in(b->g, r, 0);
    const Type *from = graph_type(b->g, operand);
    Map m = map_domain(b, xb->k, graph_type(b->g, r), AX_PAR), inner = {.rank = from->rank};
    for (int i = 0, kept = 0; i < from->rank; i++) {
        bool reduced = false;
        for (uint32_t k = 0; k < n->n_attr; k++)
            reduced |= graph_attr(b->g, r, k) == i;
        if (!reduced)
            inner.ax[i] = m.ax[kept++];
        else
            inner.ax[i] = build_dim_is(b, from->dim[i], 1) ? ax_zero(b) : ax_axis(b, kernel_axis(xb->k, from->dim[i], AX_RED));
    }
    uint32_t x = expr_operand(xb, r, 0, &inner);
    if (!x) return false;
    uint8_t dtype = graph_type(b->g, r)->dtype;
    if (xb->k->n_red)
        x = expr_add(xb, (XNode){.kind = X_reduce, .op = n->op, .dtype = dtype, .fma = b->joined[r], .in = {x}});
    else if (n->op == OP_argmax) /* of one element */
        x = expr_add(xb, (XNode){.kind = X_const, .dtype = dtype});
    expr_store(xb, x, to, &m);
    return true;
}

/* A long reduction gives too little to do in parallel where few values are left, and long chains of additions; where rows of
 * these values are short, it also runs through memory once for each vector of them. Its outermost axis is then reduced by a
 * second kernel. The sizes that decide are the compiler's samples, never those of a run. */
bool reduction_splits(const Builder *b, Ref r)
{
    enum { LONG = 32768, FEW_LEFT = 256 };
    const Node *n = graph_node(b->g, r);
    const Type *from = graph_type(b->g, graph_in(b->g, r, 0)), *type = graph_type(b->g, r);
    int64_t all = 1, left = 1, v = 0;
    int wide = 0;
    for (int i = 0; i < from->rank; i++)
        all *= dim_eval(b->dims, from->dim[i], b->sample, &v) ? v : 1;
    for (int i = 0; i < type->rank; i++)
        left *= dim_eval(b->dims, type->dim[i], b->sample, &v) ? v : 1;
    for (uint32_t k = 0; k < n->n_attr; k++)
        wide += !build_dim_is(b, from->dim[graph_attr(b->g, r, k)], 1);
    return n->op != OP_argmax && all >= LONG && left <= FEW_LEFT && wide > 1;
}

Partial reduction_partial(Builder *b, Ref r, const Type *from, const Type *type, Kernel *k)
{
    const Node *n = graph_node(b->g, r);
    int first = (int)graph_attr(b->g, r, 0);
    for (uint32_t i = n->n_attr; i-- > 0;)
        if (!build_dim_is(b, from->dim[graph_attr(b->g, r, i)], 1)) first = (int)graph_attr(b->g, r, i);
    Partial p = {.out = {.rank = type->rank + 1}, .in = {.rank = from->rank}, .type = {.dtype = type->dtype}, .inner = build_dim(b, 1)};
    p.out.ax[0] = p.in.ax[first] = ax_axis(b, kernel_axis(k, from->dim[first], AX_PAR));
    p.type.dim[p.type.rank++] = p.outer = from->dim[first];
    Map m = map_domain(b, k, type, AX_PAR);
    for (int i = 0; i < type->rank; i++) {
        p.out.ax[1 + i] = m.ax[i];
        p.type.dim[p.type.rank++] = type->dim[i];
    }
    for (int i = 0, kept = 0; i < from->rank; i++) {
        bool reduced = false;
        for (uint32_t a = 0; a < n->n_attr; a++)
            reduced |= graph_attr(b->g, r, a) == i;
        if (!reduced) {
            p.in.ax[i] = m.ax[kept++];
        } else if (i != first) {
            p.in.ax[i] = build_dim_is(b, from->dim[i], 1) ? ax_zero(b) : ax_axis(b, kernel_axis(k, from->dim[i], AX_RED));
            p.inner = dim_mul(b->dims, p.inner, from->dim[i]);
        }
    }
    return p;
}

/* [outermost reduced axis, result...] */
static bool fill_partial(Builder *b, Ref r, const Home *to, XBuilder *xb)
{
    Ref operand = graph_in(b->g, r, 0);
    Partial p = reduction_partial(b, r, graph_type(b->g, operand), graph_type(b->g, r), xb->k);
    uint32_t x = expr_operand(xb, r, 0, &p.in);
    if (!x) return false;
    Op op = (Op)b->g->node.at[r].op;
    x = expr_add(xb, (XNode){.kind = X_reduce, .op = (uint8_t)op, .dtype = p.type.dtype, .fma = b->joined[r], .in = {x}});
    expr_store(xb, x, to, &p.out);
    return true;
}

Map reduction_rest(Builder *b, Ref r, Kernel *k, Dim outer, Map *all)
{
    const Type *type = graph_type(b->g, r);
    Map m = map_domain(b, k, type, AX_PAR);
    *all = (Map){.rank = type->rank + 1};
    for (int i = 0; i < type->rank; i++)
        all->ax[1 + i] = m.ax[i];
    all->ax[0] = ax_axis(b, kernel_axis(k, outer, AX_RED));
    return m;
}

static void build_split(Builder *b, Ref r, const Home *to)
{
    Kernel probe = {0};
    Partial p = reduction_partial(b, r, graph_type(b->g, graph_in(b->g, r, 0)), graph_type(b->g, r), &probe);
    Op op = (Op)b->g->node.at[r].op;
    Home partial = home_new(b, &p.type, "partial");
    build_attempt(b, r, &partial, fill_partial, "partial");
    XBuilder xb = {.b = b, .k = kernel_new(b, K_NEST, op_names[op], r)};
    Map all, m = reduction_rest(b, r, xb.k, p.outer, &all);
    uint32_t x = expr_load(&xb, &partial, &all, p.type.dtype);
    x = expr_add(&xb, (XNode){.kind = X_reduce, .op = (uint8_t)op, .dtype = p.type.dtype, .in = {x}});
    expr_store(&xb, x, to, &m);
    kernel_add(b, xb.k);
}

void build_reduction(Builder *b, Ref r, const Home *to)
{
    if (reduction_splits(b, r))
        build_split(b, r, to);
    else
        build_attempt(b, r, to, fill_reduction, op_names[b->g->node.at[r].op]);
}

/* ---- folds ---- */

typedef struct Fold {
    int axis;
    int64_t k, stride, dil, phase;
    Dim o; /* windows */
} Fold;

/* Element stride * q + phase of a fold: the sum, in order, of the windows that hold it. */
static bool fill_fold(Builder *b, Ref r, const Home *to, XBuilder *xb, const Fold *f)
{
    Ref from = graph_in(b->g, r, 0);
    Type type = *graph_type(b->g, r);
    Dim n = type.dim[f->axis];
    type.dim[f->axis] = dim_floordiv(b->dims, dim_add(b->dims, n, build_dim(b, f->stride - 1 - f->phase)), build_dim(b, f->stride));
    Map m = map_domain(b, xb->k, &type, AX_PAR), at = m, inner = m;
    inner.rank = type.rank + 1;
    for (int i = f->axis + 1; i < type.rank; i++)
        inner.ax[i + 1] = m.ax[i];
    uint32_t sum = 0;
    for (int64_t w = 0; w < f->k; w++) {
        int64_t back = f->phase - w * f->dil;
        if (back % f->stride) continue;
        inner.ax[f->axis] = ax_sum(b, &m.ax[f->axis], &(Ax){.off = build_dim(b, back / f->stride)});
        inner.ax[f->axis + 1] = ax_zero(b);
        inner.ax[f->axis + 1].off = build_dim(b, w);
        inner.box[0] = (Box){.at = inner.ax[f->axis], .lo = build_dim(b, 0), .hi = f->o};
        inner.n_box = 1;
        uint32_t x = expr_boxed(xb, from, &inner, 0);
        if (!x) return false;
        sum = sum ? expr_add(xb, (XNode){.kind = X_op, .op = OP_add, .dtype = type.dtype, .in = {sum, x}}) : x;
    }
    if (!sum) sum = expr_add(xb, (XNode){.kind = X_const, .dtype = type.dtype});
    at.ax[f->axis] = ax_scaled(b, &m.ax[f->axis], build_dim(b, f->stride));
    at.ax[f->axis].off = dim_add(b->dims, at.ax[f->axis].off, build_dim(b, f->phase));
    expr_store(xb, sum, to, &at);
    return true;
}

/* fold: one kernel for every residue of the index by the stride, so that each has a fixed set of
 * windows. */
void build_fold_kernels(Builder *b, Ref r, const Home *to)
{
    Ref from = graph_in(b->g, r, 0);
    Fold f = {
        .axis = (int)graph_attr(b->g, r, 0), .k = graph_attr(b->g, r, 2), .stride = graph_attr(b->g, r, 3), .dil = graph_attr(b->g, r, 4)};
    int64_t n = 0;
    f.o = graph_type(b->g, from)->dim[f.axis];
    bool known = dim_is_const(b->dims, graph_type(b->g, r)->dim[f.axis], &n);
    for (f.phase = 0; f.phase < f.stride && !(known && f.phase >= n); f.phase++)
        for (int tries = 0;; tries++) {
            if (tries > 200) BUG("fold cannot be computed");
            XBuilder xb = {.b = b, .k = kernel_new(b, K_NEST, "fold", r)};
            if (fill_fold(b, r, to, &xb, &f)) {
                kernel_add(b, xb.k);
                break;
            }
            build_keep_now(b, xb.failed);
        }
}
