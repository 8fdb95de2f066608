/* SPDX-License-Identifier: MIT
 * value.c: the kernels of one kept value, by its operation. */
#include <string.h>

#include "kernel/build.h"
#include "kernel/margin.h"
#include "kernel/moments.h"
#include "kernel/reduce.h"

/* Inline operands of r are emitted although r itself is kept. */
static uint32_t emit_root(XBuilder *xb, Ref r, const Map *m)
{
    bool kept = xb->b->keep[r];
    xb->b->keep[r] = false;
    uint32_t x = expr_emit(xb, r, m);
    xb->b->keep[r] = kept;
    return x;
}

static bool fill_map(Builder *b, Ref r, const Home *to, XBuilder *xb)
{
    const Type *type = graph_type(b->g, r);
    Map m = map_domain(b, xb->k, type, AX_PAR);
    uint32_t x = emit_root(xb, r, &m);
    if (!x) return false;
    expr_store(xb, x, to, &m);
    return true;
}

/* A reshape that merges axes: computed in the shape of its operand; `to` is its place seen in that shape. */
static bool fill_reshape(Builder *b, Ref r, const Home *to, XBuilder *xb)
{
    Ref from = graph_in(b->g, r, 0);
    Map m = map_domain(b, xb->k, graph_type(b->g, from), AX_PAR);
    uint32_t x = expr_emit(xb, from, &m);
    if (!x) return false;
    expr_store(xb, x, to, &m);
    return true;
}

/* Where the place has gaps between the rows of what merges, the operand is stored first and copied. */
static void build_merging_reshape(Builder *b, Ref r, const Home *to)
{
    Ref from = graph_in(b->g, r, 0);
    Home seen;
    if (home_as_operand(b, r, to, &seen)) {
        build_attempt(b, r, &seen, fill_reshape, "reshape");
        return;
    }
    if (!b->home[from].buf) build_keep_now(b, from);
    build_attempt(b, r, to, fill_map, "reshape");
}

/* Value r stored at `to`, which may be a part of something larger. */
static bool fill_part(Builder *b, Ref r, const Home *to, XBuilder *xb)
{
    Map m = map_domain(b, xb->k, graph_type(b->g, r), AX_PAR);
    uint32_t x = b->home[r].buf || !b->keep[r] ? expr_emit(xb, r, &m) : emit_root(xb, r, &m);
    if (!x) return false;
    expr_store(xb, x, to, &m);
    return true;
}

void build_part(Builder *b, Ref r, const Home *to, const char *what)
{
    build_attempt(b, r, to, fill_part, what);
}

static void store_parts(Builder *b, Ref r, const Home *to)
{
    int axis = (int)graph_attr(b->g, r, 0);
    Dim start = build_dim(b, 0);
    for (uint32_t i = 0; i < b->g->node.at[r].n_in; i++) {
        Ref part = graph_in(b->g, r, i);
        Home at = *to;
        if (at.stride[axis]) at.off = dim_add(b->dims, at.off, dim_mul(b->dims, start, at.stride[axis]));
        const Home *have = &b->home[part];
        if (have->buf != at.buf || have->off != at.off) build_attempt(b, part, &at, fill_part, "concat");
        start = dim_add(b->dims, start, graph_type(b->g, part)->dim[axis]);
    }
}

/* pad with interior: fill, then store the operand with strides. */
static void build_dilated(Builder *b, Ref r, const Home *to)
{
    const Type *type = graph_type(b->g, r);
    int64_t bits = graph_attr(b->g, r, b->g->node.at[r].n_attr - 1);
    union {
        int64_t i;
        double d;
    } fill = {.i = bits};
    build_fill(b, type, to, dtype_is_float(type->dtype) ? fill.d : (double)bits, "pad_fill");
    Home at = *to;
    for (int i = 0; i < type->rank; i++) {
        if (!at.stride[i]) continue;
        at.off = dim_add(b->dims, at.off, dim_mul(b->dims, (Dim)graph_attr(b->g, r, (uint32_t)(3 * i)), at.stride[i]));
        at.stride[i] = dim_mul(b->dims, at.stride[i], build_dim(b, 1 + graph_attr(b->g, r, (uint32_t)(3 * i + 2))));
    }
    build_attempt(b, graph_in(b->g, r, 0), &at, fill_part, "pad");
}

/* Where v lies dense: a contiguous copy where needed. */
static Home dense_home(Builder *b, Ref v, const char *what)
{
    const Type *type = graph_type(b->g, v);
    Home own = home_dense(b, buf_new(b, BUF_WORK, type->dtype, what), type), seen = home_seen(b, v);
    if (memcmp(seen.stride, own.stride, sizeof own.stride) == 0) return seen;
    build_copy_home(b, type, type->dtype, &seen, &own, what);
    return own;
}

/* Where a value lies, without the strides of its axes. */
static Access start_access(const Home *h)
{
    Access a = {.buf = h->buf, .off = h->off};
    memcpy(a.iter, h->iter, sizeof a.iter);
    return a;
}

static Access row_access(const Home *h, Dim n, Dim one)
{
    Access a = start_access(h);
    a.stride[0] = n;
    a.stride[1] = one;
    return a;
}

static void build_argsort_kernel(Builder *b, Ref r, const Home *to)
{
    const Type *type = graph_type(b->g, r);
    Dim n = type->dim[type->rank - 1], rows = build_dim(b, 1);
    Home x = dense_home(b, graph_in(b->g, r, 0), "argsort_in"), room = home_new(b, type, "argsort_room"),
         own = home_dense(b, to->buf, type);
    bool dense = memcmp(to->stride, own.stride, sizeof own.stride) == 0;
    own = dense ? *to : home_new(b, type, "argsort_out");
    for (int i = 0; i + 1 < type->rank; i++)
        rows = dim_mul(b->dims, rows, type->dim[i]);
    Kernel *k = kernel_new(b, K_ARGSORT, "argsort", r);
    k->descending = graph_attr(b->g, r, 0) != 0;
    kernel_axis(k, rows, AX_PAR);
    kernel_axis(k, n, AX_RED);
    vec_add(b->arena, &k->rd, row_access(&x, n, build_dim(b, 1)));
    vec_add(b->arena, &k->wr, row_access(&own, n, build_dim(b, 1)));
    vec_add(b->arena, &k->wr, row_access(&room, n, build_dim(b, 1)));
    kernel_add(b, k);
    if (!dense) build_copy_home(b, type, type->dtype, &own, to, "argsort_out");
}

static void build_scatter_kernel(Builder *b, Ref r, const Home *to)
{
    Ref ids = graph_in(b->g, r, 0), upd = graph_in(b->g, r, 1);
    const Type *ti = graph_type(b->g, ids), *tu = graph_type(b->g, upd), *type = graph_type(b->g, r);
    Type flat = {.dtype = tu->dtype, .rank = (uint8_t)(1 + tu->rank - ti->rank)};
    Home rows = dense_home(b, ids, "scatter_in"), added = dense_home(b, upd, "scatter_in");
    build_fill(b, type, to, 0, "scatter_fill");
    Kernel *k = kernel_new(b, K_SCATTER, "scatter", r);
    flat.dim[0] = type_count(b->dims, ti);
    for (int i = ti->rank; i < tu->rank; i++)
        flat.dim[1 + i - ti->rank] = tu->dim[i];
    k->rows = type->dim[0];
    k->accumulate = true;
    Access id = start_access(&rows), value = start_access(&added), out = start_access(to);
    Dim stride = build_dim(b, 1);
    for (int i = flat.rank - 1; i >= 0; i--) {
        k->axis[i] = flat.dim[i];
        k->cls[i] = AX_PAR;
        value.stride[i] = stride;
        out.stride[i] = to->stride[i]; /* axis 0: stride of rows */
        stride = dim_mul(b->dims, stride, flat.dim[i]);
    }
    k->n_axes = flat.rank;
    id.stride[0] = build_dim(b, 1);
    vec_add(b->arena, &k->rd, id);
    vec_add(b->arena, &k->rd, value);
    vec_add(b->arena, &k->wr, out);
    vec_add(b->arena, b->out, k);
}

/* Contraction r and its epilogue up to `root`. */
static void build_contraction(Builder *b, Ref r, Ref root)
{
    if (b->g->node.at[r].op == OP_conv)
        build_convolution(b, r, root);
    else if (decide_is_gemm(b, r))
        build_gemm(b, r, root);
    else
        build_dot_as_nest(b, r);
}

void build_value(Builder *b, Ref r)
{
    const Node *n = graph_node(b->g, r);
    if (b->home[r].buf) return;
    margin_clear(b, b->margin[r]);
    if (b->acc[r] || n->op == OP_dot || n->op == OP_conv) {
        build_contraction(b, b->acc[r] ? b->acc[r] : r, r);
        return;
    }
    Home to = home_of(b, r);
    switch (n->op) {
    case OP_concat: store_parts(b, r, &to); break;
    case OP_fold: build_fold_kernels(b, r, &to); break;
    case OP_scatter_add: build_scatter_kernel(b, r, &to); break;
    case OP_argsort: build_argsort_kernel(b, r, &to); break;
    case OP_sum:
    case OP_max:
    case OP_argmax:
        if (!build_moments(b, r, &to)) build_reduction(b, r, &to);
        break;
    case OP_reshape:
        if (!view_reshape_splits(b, r)) {
            build_merging_reshape(b, r, &to);
            break;
        }
        build_attempt(b, r, &to, fill_map, "copy");
        break;
    case OP_pad: {
        bool interior = false;
        for (int i = 0; i < graph_type(b->g, r)->rank; i++)
            interior |= graph_attr(b->g, r, (uint32_t)(3 * i + 2)) != 0;
        if (interior) {
            build_dilated(b, r, &to);
            break;
        }
        build_attempt(b, r, &to, fill_map, "pad");
        break;
    }
    default: build_attempt(b, r, &to, fill_map, op_names[n->op]);
    }
    b->home[r] = to;
}
