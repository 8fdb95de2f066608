/* SPDX-License-Identifier: MIT
 * home.c: buffers, and where in them the elements of a kept value lie. */
#include <string.h>

#include "kernel/build.h"

/* ---- buffers --------------------------------------------------------------------------------- */

uint32_t buf_new(Builder *b, BufClass cls, uint8_t dtype, const char *name)
{
    vec_add(b->arena, &b->p->buf, (Buf){.name = name, .cls = cls, .dtype = dtype});
    return b->p->buf.n - 1;
}

Home home_dense(Builder *b, uint32_t buf, const Type *type)
{
    Home h = {.buf = buf, .off = build_dim(b, 0)};
    Dim stride = build_dim(b, 1);
    for (int i = type->rank - 1; i >= 0; i--) {
        if (!build_dim_is(b, type->dim[i], 1)) h.stride[i] = stride;
        stride = dim_mul(b->dims, stride, type->dim[i]);
    }
    Buf *info = &b->p->buf.at[buf];
    info->type = *type;
    info->elements = stride;
    memcpy(info->stride, h.stride, sizeof h.stride);
    return h;
}

Home home_new(Builder *b, const Type *type, const char *name)
{
    uint32_t buf = buf_new(b, BUF_WORK, type->dtype, name);
    return home_dense(b, buf, type);
}

/* As home_new, but rows of a multiple of 256 elements are 16 further apart: a contraction that runs
 * down a column then does not hit one set of the cache all the time. */
Home home_spaced(Builder *b, const Type *type, const char *name)
{
    int64_t n = 0;
    Home h = home_new(b, type, name);
    if (type->rank < 2 || !dim_is_const(b->dims, type->dim[type->rank - 1], &n) || n % 256 != 0) return h;
    Dim stride = build_dim(b, n + 16);
    for (int i = type->rank - 2; i >= 0; i--) {
        if (!build_dim_is(b, type->dim[i], 1)) h.stride[i] = stride;
        stride = dim_mul(b->dims, stride, type->dim[i]);
    }
    b->p->buf.at[h.buf].elements = stride;
    memcpy(b->p->buf.at[h.buf].stride, h.stride, sizeof h.stride);
    return h;
}

/* ---- places in the blocks of the caller ---- */

Home home_at(Builder *b, BufClass cls, const char *name, const Type *type, int64_t place)
{
    uint32_t buf = buf_new(b, cls, type->dtype, name);
    b->p->buf.at[buf].place = place;
    return home_dense(b, buf, type);
}

Home home_of_tensor(Builder *b, uint32_t tensor, bool gradient)
{
    const LayoutTensor *t = &b->p->layout->tensor.at[tensor];
    int64_t place = gradient ? layout_gradient(b->p->layout, b->p->entry, tensor) : t->offset;
    Home h = home_at(b, gradient ? BUF_TRAIN : BUF_MODEL, t->name, &t->type, place);
    for (int i = 0; i < t->type.rank; i++)
        if (h.stride[i]) h.stride[i] = build_dim(b, t->stride[i]);
    memcpy(b->p->buf.at[h.buf].stride, h.stride, sizeof h.stride);
    b->p->buf.at[h.buf].elements = build_dim(b, t->padded);
    return h;
}

/* ---- the home of a kept value ---- */

static Ref only_use(const Builder *b, Ref r)
{
    Ref use = 0;
    for (uint32_t i = b->uses.off[r]; i < b->uses.off[r + 1]; i++) {
        if (!b->live[b->uses.use[i]]) continue;
        if (use) return 0;
        use = b->uses.use[i];
    }
    return use;
}

/* A value that is only permuted and then reshaped so that axes merge lies as the reshape wants it.
 */
static bool home_permuted(Builder *b, Ref r, Home *h)
{
    Ref permute = only_use(b, r), reshape = permute && b->g->node.at[permute].op == OP_permute ? only_use(b, permute) : 0;
    if (!reshape || b->g->node.at[reshape].op != OP_reshape || view_reshape_splits(b, reshape) || b->keep[permute]) return false;
    Home dense = home_new(b, graph_type(b->g, permute), arena_print(b->arena, "v%u", r));
    *h = dense;
    for (int i = 0; i < graph_type(b->g, r)->rank; i++)
        h->stride[graph_attr(b->g, permute, (uint32_t)i)] = dense.stride[i];
    b->keep[reshape] = false; /* a view now */
    return true;
}

/* Must the rows of r touch, because a view of it merges axes or the value goes to code that wants
 * it dense? */
bool home_must_touch(const Builder *b, Ref r)
{
    for (uint32_t i = b->uses.off[r]; i < b->uses.off[r + 1]; i++) {
        Ref u = b->uses.use[i];
        uint8_t op = b->g->node.at[u].op;
        if (!b->live[u]) continue;
        if ((op == OP_reshape && !view_reshape_splits(b, u)) || op == OP_scatter_add || op == OP_argsort || op == OP_extern) return true;
        if ((op_properties[op] & VIEW) && home_must_touch(b, u)) return true;
    }
    return false;
}

/* Is r, seen through views, an operand of a contraction? */
static bool contracted(const Builder *b, Ref r)
{
    for (uint32_t i = b->uses.off[r]; i < b->uses.off[r + 1]; i++) {
        Ref u = b->uses.use[i];
        int properties = op_properties[b->g->node.at[u].op];
        if (b->live[u] && ((properties & CONTRACT) || ((properties & VIEW) && !b->keep[u] && contracted(b, u)))) return true;
    }
    return false;
}

Home home_of(Builder *b, Ref r)
{
    Home h;
    if (b->dest[r].buf) return b->dest[r];
    if (home_permuted(b, r, &h)) return h;
    if (contracted(b, r) && !home_must_touch(b, r)) return home_spaced(b, graph_type(b->g, r), arena_print(b->arena, "v%u", r));
    return home_new(b, graph_type(b->g, r), arena_print(b->arena, "v%u", r));
}
