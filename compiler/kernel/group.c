/* SPDX-License-Identifier: MIT
 * group.c: the kernels of a group become the body of one kernel, their common values local (group.h). */
#include "kernel/group.h"

#include "kernel/divide.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_ELEMENTS = 1024, MOST_BYTES = 6 << 20 /* values of an item: what a core's own cache holds, or its part of a shared one */ };

/* ---- what a group is worth ------------------------------------------------------------------- */

typedef struct Worth {
    int64_t bytes, largest; /* of an item: all values; elements of the largest result of a contraction */
} Worth;

static bool touches_memory(const Touches *t, uint64_t memory)
{
    for (uint32_t i = 0; i < t->list.n; i++)
        if (t->list.at[i].memory == memory) return true;
    return false;
}

/* Does something outside of both groups touch the buffer? */
static bool used_outside(const Grouper *gr, uint32_t buf, const Group *g, const Group *other)
{
    for (uint32_t i = 0; i < gr->list->n; i++)
        if (!group_member(g, i) && !(other && group_member(other, i)) &&
            touches_memory(&gr->touches[i], kernel_buffer_memory(gr->m->p, buf)))
            return true;
    return false;
}

static void add_worth(const Grouper *gr, const Member *m, const Access *a, Worth *w)
{
    int64_t n = group_span(gr, m, a);
    w->bytes += n * dtype_bytes(gr->m->p->buf.at[a->buf].dtype);
    if (n > w->largest && m->k->kind == K_GEMM) w->largest = n;
}

/* Of the values that only the group has, or only the two groups. */
static Worth worth_of(const Grouper *gr, const Group *g, const Group *other)
{
    Worth w = {0};
    for (uint32_t i = 0; i < g->member.n; i++) {
        const Member *m = &g->member.at[i];
        for (uint32_t a = 0; a < m->k->wr.n; a++) {
            uint32_t buf = m->k->wr.at[a].buf;
            if (gr->m->p->buf.at[buf].cls == BUF_WORK && !used_outside(gr, buf, g, other)) add_worth(gr, m, &m->k->wr.at[a], &w);
        }
    }
    return w;
}

/* The later group has copies of the values of the first one that it reads. */
static Worth worth_with_copies(const Grouper *gr, const Group *g, const Group *far)
{
    Worth w = worth_of(gr, far, NULL);
    for (uint32_t i = 0; i < g->member.n; i++)
        for (uint32_t a = 0; a < g->member.at[i].k->wr.n; a++) {
            bool read = false;
            for (uint32_t f = 0; f < g->far.n; f++)
                read |= g->far.at[f].buf == g->member.at[i].k->wr.at[a].buf;
            if (read) add_worth(gr, &g->member.at[i], &g->member.at[i].k->wr.at[a], &w);
        }
    return w;
}

/* ---- values of an item ----------------------------------------------------------------------- */

static Access *accesses(Kernel *k, uint32_t *n, int which)
{
    *n = which ? k->wr.n : k->rd.n;
    return which ? k->wr.at : k->rd.at;
}

static bool in_body(const MemberList *body, const Kernel *k)
{
    for (uint32_t i = 0; i < body->n; i++)
        if (body->at[i].k == k) return true;
    return false;
}

static bool only_in_body(const Grouper *gr, const MemberList *body, uint32_t buf)
{
    for (uint32_t i = 0; i < gr->list->n; i++)
        if (!in_body(body, gr->list->at[i]) && touches_memory(&gr->touches[i], kernel_buffer_memory(gr->m->p, buf))) return false;
    return true;
}

/* Does everything in the body touch the buffer as its writer does? */
static bool same_in_body(const Group *g, const MemberList *body, const Member *writer, const Access *by)
{
    uint32_t n;
    for (uint32_t i = 0; i < body->n; i++)
        for (int which = 0; which < 2; which++) {
            const Access *a = accesses(body->at[i].k, &n, which);
            for (uint32_t j = 0; j < n; j++) {
                int axis[MOST_ITEM_AXES];
                if (a[j].buf != by->buf) continue;
                if (!group_same_item(g, writer, by, body->at[i].k, &a[j], axis)) return false;
                for (int x = 0; x < g->n; x++)
                    if (axis[x] != body->at[i].axis[x]) return false;
            }
        }
    return true;
}

static bool make_local(const Grouper *gr, const Group *g, const MemberList *body, const Member *writer, const Access *by)
{
    Buf *buf = &gr->m->p->buf.at[by->buf];
    int64_t n = buf->cls == BUF_WORK ? group_span(gr, writer, by) : 0;
    if (!n || !only_in_body(gr, body, by->buf) || !same_in_body(g, body, writer, by)) return false;
    Dim one = dim_const(gr->m->dims, 1);
    buf->cls = BUF_LOCAL;
    buf->elements = dim_const(gr->m->dims, n);
    buf->type = (Type){.dtype = buf->type.dtype, .rank = 1, .dim = {buf->elements}};
    memset(buf->stride, 0, sizeof buf->stride);
    buf->stride[0] = one;
    return true;
}

static bool make_locals(const Grouper *gr, const Group *g, const MemberList *body)
{
    bool some = false;
    for (uint32_t i = 0; i < body->n; i++)
        for (uint32_t w = 0; w < body->at[i].k->wr.n; w++)
            some |= make_local(gr, g, body, &body->at[i], &body->at[i].k->wr.at[w]);
    return some;
}

/* ---- the body -------------------------------------------------------------------------------- */

/* The axes of the items become counters; a local buffer has one item only. */
static void take_axes(const KProgram *p, int n, Member *m)
{
    uint32_t count;
    for (int which = 0; which < 3; which++) {
        Access *a = which < 2 ? accesses(m->k, &count, which) : m->k->idx.at;
        if (which == 2) count = m->k->idx.n;
        for (uint32_t j = 0; j < count; j++)
            for (int i = 0; i < n; i++)
                if (which == 2 || p->buf.at[a[j].buf].cls != BUF_LOCAL) a[j].iter[i] = a[j].stride[m->axis[i]];
    }
    for (int axis = m->k->n_axes - 1; axis >= 0; axis--)
        for (int i = 0; i < n; i++)
            if (m->axis[i] == axis) kernel_remove_axis(m->k, axis);
    m->k->part = -1;
    m->k->serial = false;
    m->k->grouped = true;
}

static Kernel *make_kernel(const Grouper *gr, const Group *g, const MemberList *body)
{
    Merger *m = gr->m;
    Kernel *k = ARENA_NEW(m->arena, Kernel);
    const Kernel *first = g->member.at[0].k;
    double work = 0;
    *k = (Kernel){.kind = K_GROUP, .loc = first->loc, .part = 0, .n_axes = (uint8_t)g->n, .rows = dim_const(m->dims, 1)};
    k->name = arena_print(m->arena, "%s_group", first->name);
    for (int i = 0; i < g->n; i++) {
        k->axis[i] = g->extent[i];
        k->cls[i] = AX_PAR;
        k->rows = dim_mul(m->dims, k->rows, g->extent[i]);
    }
    for (uint32_t i = 0; i < body->n; i++) {
        work += kernel_work(m->dims, m->sample, body->at[i].k);
        take_axes(m->p, g->n, &body->at[i]);
        vec_add(m->arena, &k->body, body->at[i].k);
    }
    k->serial = work < LEAST_PARALLEL_WORK;
    merge_body(m, k);
    return k;
}

/* In the list: what lies between the members and needs none of them, the group, the rest. */
static void place_in_list(Grouper *gr, const MemberList *body, Kernel *group)
{
    KernelList before = {0}, behind = {0};
    Arena *arena = gr->m->scratch;
    uint32_t n = gr->list->n, *kept = ARENA_ARRAY(arena, uint32_t, n + 1), n_kept = 0;
    uint32_t left = 0; /* members to come */
    for (uint32_t i = 0; i < n; i++)
        left += in_body(body, gr->list->at[i]);
    for (uint32_t i = 0; i < n; i++) {
        Kernel *k = gr->list->at[i];
        bool member = in_body(body, k), needs = !left;
        left -= member;
        for (uint32_t j = 0; !member && j < n_kept && !needs; j++)
            needs = !touches_independent(&gr->touches[kept[j]], &gr->touches[i]);
        if (member || needs) kept[n_kept++] = i;
        if (!member) vec_add(arena, needs ? &behind : &before, k);
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < before.n; i++)
        gr->list->at[at++] = before.at[i];
    gr->list->at[at++] = group;
    for (uint32_t i = 0; i < behind.n; i++)
        gr->list->at[at++] = behind.at[i];
    gr->list->n = at;
}

static void find_touches(Grouper *gr)
{
    gr->touches = ARENA_ARRAY(gr->m->scratch, Touches, gr->list->n + 1);
    for (uint32_t i = 0; i < gr->list->n; i++)
        touch_all(gr->m->p, gr->m->scratch, gr->list->at[i], &gr->touches[i]);
}

static int by_place(const void *a, const void *b)
{
    const Member *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* made: kernels that come first. What another group has by now is no member. False: nothing is local, or the members cannot stand
 * at one place any more; all stays as it was. */
static bool form(Grouper *gr, const Group *g, const MemberList *made)
{
    MemberList body = {0};
    Group now = *g;
    memset(&now.member, 0, sizeof now.member);
    for (uint32_t i = 0; i < made->n; i++)
        vec_add(gr->m->scratch, &body, made->at[i]);
    for (uint32_t i = 0; i < g->member.n; i++)
        for (uint32_t at = 0; at < gr->list->n; at++)
            if (gr->list->at[at] == g->member.at[i].k) {
                vec_add(gr->m->scratch, &now.member, g->member.at[i]);
                now.member.at[now.member.n - 1].at = at;
            }
    if (!now.member.n || !group_together(gr, &now, now.member.at[0].at)) return false;
    qsort(now.member.at, now.member.n, sizeof *now.member.at, by_place);
    for (uint32_t i = 0; i < now.member.n; i++)
        vec_add(gr->m->scratch, &body, now.member.at[i]);
    if (!make_locals(gr, g, &body)) return false;
    place_in_list(gr, &body, make_kernel(gr, g, &body));
    find_touches(gr);
    return true;
}

static bool try_group(Grouper *gr, uint32_t seed)
{
    Group g, far;
    MemberList made = {0}, none = {0};
    if (!group_find(gr, seed, &g)) return false;
    bool has_far = g.far.n && group_find_far(gr, &g, &far) && worth_with_copies(gr, &g, &far).bytes <= MOST_BYTES;
    Worth w = worth_of(gr, &g, has_far ? &far : NULL);
    if (w.bytes > MOST_BYTES || w.largest < gr->least) return false;
    if (has_far) group_compute_again(gr, &g, &far, &made);
    find_touches(gr);
    if (made.n && !form(gr, &far, &made)) BUG("kernel %s: what is computed again is not local", g.member.at[0].k->name);
    return form(gr, &g, &none) || made.n;
}

void group_kernels(Merger *m, int64_t least)
{
    Grouper gr = {.m = m, .list = (KernelList *)(void *)&m->p->kernel, .least = least ? least : LEAST_ELEMENTS};
    find_touches(&gr);
    for (uint32_t i = 0; i < gr.list->n; i++) {
        if (gr.list->at[i]->kind != K_GEMM || gr.list->at[i]->cls[0] != AX_BATCH) continue;
        if (try_group(&gr, i)) i--; /* another kernel is at this place */
    }
}
