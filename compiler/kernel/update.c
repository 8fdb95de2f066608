/* SPDX-License-Identifier: MIT
 * update.c: updates by an optimizer, and the places of the gradients that they take. */
#include <string.h>

#include "kernel/build.h"

/* The tensor of which v is a version. */
static uint32_t tensor_of(const Builder *b, Ref v)
{
    for (;;) {
        if (b->g->node.at[v].op == OP_param) return b->g->param.at[graph_attr(b->g, v, 0)].slot;
        if (b->g->node.at[v].op != OP_proj) BUG("update of something that is no parameter");
        Ref u = graph_in(b->g, v, 0);
        int64_t n_over = graph_attr(b->g, u, 1);
        v = graph_in(b->g, u, (uint32_t)(1 + n_over + graph_attr(b->g, v, 0)));
    }
}

static bool used_after(const Builder *b, Ref v, Ref limit)
{
    for (uint32_t i = b->uses.off[v]; i < b->uses.off[v + 1]; i++)
        if (b->live[b->uses.use[i]] && b->uses.use[i] > limit) return true;
    return false;
}

/* Inline values that read an old version and are used after the update are computed before it; the
 * version itself is copied if it is read later. */
static void save_old_version(Builder *b, Ref v, Ref update, bool *seen)
{
    for (uint32_t i = b->uses.off[v]; i < b->uses.off[v + 1]; i++) {
        Ref u = b->uses.use[i];
        if (!b->live[u] || u >= update || b->keep[u] || seen[u]) continue;
        seen[u] = true;
        if (b->home[u].buf && b->p->buf.at[b->home[u].buf].cls == BUF_MODEL)
            b->home[u] = (Home){0}; /* a view of it, seen again when needed */
        if (b->home[u].buf) continue;
        int properties = op_properties[b->g->node.at[u].op];
        if (!(properties & (ELEMENTWISE | VIEW | REDUCE)) && b->g->node.at[u].op != OP_stop) continue;
        if (used_after(b, u, update)) {
            b->keep[u] = true;
            build_value(b, u);
        } else {
            save_old_version(b, u, update, seen);
        }
    }
}

static bool is_in_place(const Builder *b, uint32_t tensor)
{
    return b->p->entry && b->p->entry->in_place && b->p->entry->in_place[tensor];
}

/* Work memory with the strides of the tensor, which in_place.c takes out of use. */
static Home home_like_tensor(Builder *b, uint32_t tensor)
{
    Home h = home_of_tensor(b, tensor, false);
    Buf *buf = &b->p->buf.at[h.buf];
    buf->cls = BUF_WORK, buf->place = 0, buf->name = "gradient";
    return h;
}

void build_update_kernel(Builder *b, Ref r)
{
    const Graph *g = b->g;
    uint32_t n_over = (uint32_t)graph_attr(g, r, 1), n_scalars = g->node.at[r].n_in - 1 - 2 * n_over;
    for (uint32_t i = 0; i < n_over; i++) {
        Ref grad = graph_in(g, r, 1 + i);
        uint32_t tensor = tensor_of(b, graph_in(g, r, 1 + n_over + i));
        if (is_in_place(b, tensor)) continue;
        Home to = home_of_tensor(b, tensor, true);
        const Home *have = &b->home[grad];
        bool there = have->buf && b->p->buf.at[have->buf].cls == BUF_TRAIN && b->p->buf.at[have->buf].place == b->p->buf.at[to.buf].place;
        if (!there) build_part(b, grad, &to, "gradient");
    }
    Type vector = {.dtype = DT_f64, .rank = 1, .dim = {build_dim(b, 1 + (int64_t)n_scalars)}};
    Home args = home_new(b, &vector, "update_args");
    for (uint32_t i = 0; i <= n_scalars; i++) {
        Ref v = i ? graph_in(g, r, 2 * n_over + i) : graph_in(g, r, 0);
        Home at = args;
        at.off = build_dim(b, i);
        at.stride[0] = 0;
        build_part(b, v, &at, "update_arg");
    }
    bool *seen = ARENA_ARRAY(b->arena, bool, g->node.n);
    for (uint32_t i = 0; i < n_over; i++) {
        Ref old = graph_in(g, r, 1 + n_over + i);
        save_old_version(b, old, r, seen);
        if (!used_after(b, old, r)) continue;
        Home copy = home_new(b, graph_type(g, old), "old_version");
        build_copy_home(b, graph_type(g, old), graph_type(g, old)->dtype, &b->home[old], &copy, "old_version");
        b->home[old] = copy;
    }
    Kernel *k = kernel_new(b, K_UPDATE, "update", r);
    Access a = {.buf = args.buf, .off = args.off};
    vec_add(b->arena, &k->rd, a);
    for (uint32_t i = 0; i < b->p->in_place.n; i++) /* so that somebody reads them; in_place.c takes them away */
        if (b->p->in_place.at[i].buf) vec_add(b->arena, &k->rd, ((Access){.buf = b->p->in_place.at[i].buf, .off = build_dim(b, 0)}));
    k->statement = graph_attr(g, r, 0);
    vec_add(b->arena, b->out, k);
    b->homes[r] = ARENA_ARRAY(b->arena, Home, n_over);
    for (uint32_t i = 0; i < n_over; i++)
        b->homes[r][i] = home_of_tensor(b, tensor_of(b, graph_in(g, r, 1 + n_over + i)), false);
}

/* Gradients of the first statement over a tensor are written where the optimizer reads them. */
void build_gradient_places(Builder *b)
{
    bool *taken = ARENA_ARRAY(b->arena, bool, b->p->layout->tensor.n + 1);
    for (Ref r = 1; r < b->g->node.n; r++) {
        if (!b->live[r] || b->g->node.at[r].op != OP_update) continue;
        uint32_t n_over = (uint32_t)graph_attr(b->g, r, 1);
        for (uint32_t i = 0; i < n_over; i++) {
            Ref grad = graph_in(b->g, r, 1 + i);
            uint32_t tensor = tensor_of(b, graph_in(b->g, r, 1 + n_over + i));
            uint8_t op = b->g->node.at[grad].op;
            bool own = op != OP_param && op != OP_proj && op != OP_data && op != OP_const && !used_after(b, grad, r);
            bool free = !taken[tensor] && own && b->keep[grad] && !b->dest[grad].buf, in_place = is_in_place(b, tensor);
            if (free) b->dest[grad] = in_place ? home_like_tensor(b, tensor) : home_of_tensor(b, tensor, true);
            if (in_place) vec_add(b->arena, &b->p->in_place, ((ChangedInPlace){.tensor = tensor, .buf = free ? b->dest[grad].buf : 0}));
            taken[tensor] = true;
        }
    }
}
