/* SPDX-License-Identifier: MIT
 * tidy.c: equal nodes of a kernel become one; what nothing uses goes. An axis goes. */
#include <string.h>

#include "kernel/merge.h"

typedef struct Tidy {
    Arena *arena;
    const Kernel *from;
    Kernel to;
    uint32_t *node; /* by old node: new number + 1 */
} Tidy;

static bool access_same(const Access *a, const Access *c)
{
    if (a->buf != c->buf || a->off != c->off || a->boxed != c->boxed || a->zeros != c->zeros || a->n_box != c->n_box) return false;
    if (memcmp(a->stride, c->stride, sizeof a->stride) || memcmp(a->iter, c->iter, sizeof a->iter)) return false;
    if (a->index != c->index || a->index_stride != c->index_stride) return false;
    if (a->boxed && memcmp(&a->fill, &c->fill, sizeof a->fill)) return false;
    return a->n_box == 0 || memcmp(a->box, c->box, sizeof *a->box * a->n_box) == 0;
}

/* Number of an access in the new list, shared with an equal one that is not before `first`. */
static uint32_t share_read(Tidy *t, const Access *a, uint32_t first)
{
    for (uint32_t i = first; i < t->to.rd.n; i++)
        if (access_same(&t->to.rd.at[i], a)) return i;
    vec_add(t->arena, &t->to.rd, *a);
    return t->to.rd.n - 1;
}

static uint32_t share_index(Tidy *t, const Access *a)
{
    for (uint32_t i = 0; i < t->to.idx.n; i++)
        if (access_same(&t->to.idx.at[i], a)) return i;
    vec_add(t->arena, &t->to.idx, *a);
    return t->to.idx.n - 1;
}

static bool node_same(const XNode *a, const XNode *c)
{
    return a->kind == c->kind && a->op == c->op && a->dtype == c->dtype && a->fma == c->fma && memcmp(a->in, c->in, sizeof a->in) == 0 &&
           a->access == c->access && memcmp(&a->number, &c->number, sizeof a->number) == 0 && a->integer == c->integer &&
           a->hash == c->hash && a->dim == c->dim;
}

static void copy_node(Tidy *t, uint32_t i)
{
    XNode x = t->from->x.at[i];
    for (int j = 0; j < 4; j++)
        if (x.in[j]) x.in[j] = t->node[x.in[j] - 1];
    if (x.kind == X_ld) {
        Access a = t->from->rd.at[x.access];
        if (a.index) a.index = t->node[a.index - 1];
        x.access = share_read(t, &a, t->from->kind == K_GEMM ? 2 : 0);
    } else if (x.kind == X_index) {
        x.access = share_index(t, &t->from->idx.at[x.access]);
    } else if (x.kind == X_st) {
        Access a = t->from->wr.at[x.access];
        if (a.index) a.index = t->node[a.index - 1];
        vec_add(t->arena, &t->to.wr, a);
        x.access = t->to.wr.n - 1;
    }
    for (uint32_t k = 0; x.kind != X_st && k < t->to.x.n; k++)
        if (node_same(&t->to.x.at[k], &x)) {
            t->node[i] = k + 1;
            return;
        }
    vec_add(t->arena, &t->to.x, x);
    t->node[i] = t->to.x.n;
}

bool kernel_tidy(Arena *arena, Kernel *k)
{
    if (k->kind != K_NEST && k->kind != K_GEMM) return true;
    bool *want = ARENA_ARRAY(arena, bool, k->x.n + 1), any = false;
    for (uint32_t i = k->x.n; i-- > 0;) {
        const XNode *x = &k->x.at[i];
        want[i] |= x->kind == X_st;
        any |= x->kind == X_st;
        if (!want[i]) continue;
        for (int j = 0; j < 4; j++)
            if (x->in[j]) want[x->in[j] - 1] = true;
        if (x->kind == X_ld && k->rd.at[x->access].index) want[k->rd.at[x->access].index - 1] = true;
        if (x->kind == X_st && k->wr.at[x->access].index) want[k->wr.at[x->access].index - 1] = true;
    }
    if (!any) return false;
    Tidy t = {.arena = arena, .from = k, .to = *k};
    memset(&t.to.rd, 0, sizeof t.to.rd);
    memset(&t.to.wr, 0, sizeof t.to.wr);
    memset(&t.to.idx, 0, sizeof t.to.idx);
    memset(&t.to.x, 0, sizeof t.to.x);
    t.node = ARENA_ARRAY(arena, uint32_t, k->x.n + 1);
    for (uint32_t i = 0; k->kind == K_GEMM && i < 2; i++)
        vec_add(arena, &t.to.rd, k->rd.at[i]);
    for (uint32_t i = 0; i < k->x.n; i++)
        if (want[i]) copy_node(&t, i);
    *k = t.to;
    return true;
}

/* ---- axes ------------------------------------------------------------------------------------- */

static void drop_stride(Dim *stride, int a)
{
    memmove(stride + a, stride + a + 1, sizeof(Dim) * (size_t)(MAX_AXES - a - 1));
    stride[MAX_AXES - 1] = 0;
}

static void drop_axis(Access *x, uint32_t n, int a)
{
    for (uint32_t i = 0; i < n; i++) {
        drop_stride(x[i].stride, a);
        for (uint32_t j = 0; j < x[i].n_box; j++)
            drop_stride(x[i].box[j].stride, a);
    }
}

static void remove_from_order(SumOrder *sum, int a)
{
    if (!sum->fixed || a > sum->chains) return;
    if (a > sum->chains - sum->run) sum->run--;
    sum->chains--;
}

void kernel_remove_axis(Kernel *k, int a)
{
    if (k->kind == K_NEST && a >= k->n_axes - k->n_red) k->n_red--;
    remove_from_order(&k->sum, a);
    drop_axis(k->rd.at, k->rd.n, a);
    drop_axis(k->wr.at, k->wr.n, a);
    drop_axis(k->idx.at, k->idx.n, a);
    drop_stride(k->axis, a);
    if (k->band) drop_stride(k->band->stride, a);
    memmove(k->cls + a, k->cls + a + 1, (size_t)(MAX_AXES - a - 1));
    k->n_axes--;
    if (k->part > a) k->part--;
}
