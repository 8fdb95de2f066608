/* SPDX-License-Identifier: MIT
 * reduce.c: sums, maxima and folds. */
#include "kernel/build.h"

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
    uint32_t x = expr_emit(xb, operand, &inner);
    if (!x) return false;
    uint8_t dtype = graph_type(b->g, r)->dtype;
    if (xb->k->n_red)
        x = expr_add(xb, (XNode){.kind = X_reduce, .op = n->op, .dtype = dtype, .fma = expr_may_fuse(xb, operand, x), .in = {x}});
    else if (n->op == OP_argmax) /* of one element */
        x = expr_add(xb, (XNode){.kind = X_const, .dtype = dtype});
    expr_store(xb, x, to, &m);
    return true;
}

/* A long reduction to few values gives too little to do in parallel (and long chains of additions):
 * its outermost axis is reduced by a second kernel. The sizes that decide are the compiler's
 * samples, never those of a run. */
static bool splits(const Builder *b, Ref r)
{
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
    return n->op != OP_argmax && all >= 32768 && left < 32 && wide > 1 && !b->o->no_fusion;
}

/* The part of a split reduction: [outermost reduced axis, result...]. */
static bool fill_partial(Builder *b, Ref r, const Home *to, XBuilder *xb)
{
    const Node *n = graph_node(b->g, r);
    Ref operand = graph_in(b->g, r, 0);
    const Type *from = graph_type(b->g, operand), *type = graph_type(b->g, r);
    int first = (int)graph_attr(b->g, r, 0);
    for (uint32_t k = n->n_attr; k-- > 0;)
        if (!build_dim_is(b, from->dim[graph_attr(b->g, r, k)], 1)) first = (int)graph_attr(b->g, r, k);
    Map out = {.rank = type->rank + 1}, inner = {.rank = from->rank};
    out.ax[0] = inner.ax[first] = ax_axis(b, kernel_axis(xb->k, from->dim[first], AX_PAR));
    Map m = map_domain(b, xb->k, type, AX_PAR);
    for (int i = 0; i < type->rank; i++)
        out.ax[1 + i] = m.ax[i];
    for (int i = 0, kept = 0; i < from->rank; i++) {
        bool reduced = false;
        for (uint32_t k = 0; k < n->n_attr; k++)
            reduced |= graph_attr(b->g, r, k) == i;
        if (!reduced)
            inner.ax[i] = m.ax[kept++];
        else if (i != first)
            inner.ax[i] = build_dim_is(b, from->dim[i], 1) ? ax_zero(b) : ax_axis(b, kernel_axis(xb->k, from->dim[i], AX_RED));
    }
    uint32_t x = expr_emit(xb, operand, &inner);
    if (!x) return false;
    x = expr_add(xb, (XNode){.kind = X_reduce, .op = n->op, .dtype = type->dtype, .fma = expr_may_fuse(xb, operand, x), .in = {x}});
    expr_store(xb, x, to, &out);
    return true;
}

static void build_split(Builder *b, Ref r, const Home *to)
{
    const Type *from = graph_type(b->g, graph_in(b->g, r, 0)), *type = graph_type(b->g, r);
    const Node *n = graph_node(b->g, r);
    Type part = {.dtype = type->dtype, .rank = (uint8_t)(type->rank + 1)};
    for (uint32_t k = n->n_attr; k-- > 0;)
        if (!build_dim_is(b, from->dim[graph_attr(b->g, r, k)], 1)) part.dim[0] = from->dim[graph_attr(b->g, r, k)];
    for (int i = 0; i < type->rank; i++)
        part.dim[1 + i] = type->dim[i];
    Home partial = home_new(b, &part, "partial");
    build_attempt(b, r, &partial, fill_partial, "partial");
    XBuilder xb = {.b = b, .k = kernel_new(b, K_NEST, op_names[n->op], r)};
    Map m = map_domain(b, xb.k, type, AX_PAR), all = {.rank = part.rank};
    for (int i = 0; i < type->rank; i++)
        all.ax[1 + i] = m.ax[i];
    all.ax[0] = ax_axis(b, kernel_axis(xb.k, part.dim[0], AX_RED));
    uint32_t x = expr_load(&xb, &partial, &all, type->dtype);
    x = expr_add(&xb, (XNode){.kind = X_reduce, .op = n->op, .dtype = type->dtype, .in = {x}});
    expr_store(&xb, x, to, &m);
    kernel_add(b, xb.k);
}

void build_reduction(Builder *b, Ref r, const Home *to)
{
    if (splits(b, r))
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
