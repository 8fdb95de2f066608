/* SPDX-License-Identifier: MIT
 * group_again.c: values that a later group computes again (group.h).
 *
 *   before:  GROUP:  S = Q K^T; m = max S; E = exp(S - m); n = sum E; P = E / n; O = P V     .. S and P are read far behind, m and n too
 *   after:   GROUP:  as before; m and n stay in memory     far behind: GROUP:  S' = Q K^T; P' = exp(S' - m) / n; .. */
#include "kernel/group.h"

#include <string.h>

enum { CHEAP_SUM = 256 /* products of an element that is computed again */ };

typedef struct Made {
    uint32_t buf, copy; /* copy 0: it stays in memory */
} Made;

typedef struct Again {
    Grouper *gr;
    const Group *from;
    Group *far;
    MemberList *made;
    VEC(Made) known;
    uint32_t last; /* place of the last reader */
} Again;

/* The only kernel of a group that writes to a buffer; NULL if there is none, or several. */
static const Member *writer_of(const Group *g, uint32_t buf)
{
    const Member *found = NULL;
    for (uint32_t i = 0; i < g->member.n; i++)
        for (uint32_t w = 0; w < g->member.at[i].k->wr.n; w++) {
            if (g->member.at[i].k->wr.at[w].buf != buf) continue;
            if (found) return NULL;
            found = &g->member.at[i];
        }
    return found;
}

static const Access *write_to(const Kernel *k, uint32_t buf)
{
    for (uint32_t w = 0; w < k->wr.n; w++)
        if (k->wr.at[w].buf == buf) return &k->wr.at[w];
    return NULL;
}

static void remove_node(XNode *x)
{
    x->kind = X_const; /* goes */
    memset(x->in, 0, sizeof x->in);
}

/* The store of node x to another buffer than `buf`, in the type of the node. */
static const Access *stored_at(const KProgram *p, const Kernel *k, uint32_t x, uint32_t buf)
{
    for (uint32_t i = 0; i < k->x.n; i++) {
        if (k->x.at[i].kind != X_st || k->x.at[i].in[0] != x + 1) continue;
        const Access *a = &k->wr.at[k->x.at[i].access];
        if (a->buf != buf && p->buf.at[a->buf].cls == BUF_WORK && p->buf.at[a->buf].dtype == k->x.at[x].dtype) return a;
    }
    return NULL;
}

/* A reduction that is not stored gets a store, to a buffer over the parallel axes. */
static const Access *store_reduction(const Again *a, Kernel *k, uint32_t x)
{
    const Merger *m = a->gr->m;
    Access to = {.off = dim_const(m->dims, 0)};
    Buf buf = {.name = arena_print(m->arena, "rows%u", m->p->buf.n), .cls = BUF_WORK, .dtype = k->x.at[x].dtype};
    Dim stride = dim_const(m->dims, 1);
    for (int i = k->n_axes - k->n_red - 1; i >= 0; i--) {
        to.stride[i] = stride;
        stride = dim_mul(m->dims, stride, k->axis[i]);
    }
    to.buf = m->p->buf.n;
    buf.elements = stride;
    buf.type = (Type){.dtype = buf.dtype, .rank = 1, .dim = {stride}};
    buf.stride[0] = dim_const(m->dims, 1);
    vec_add(m->p->arena, &m->p->buf, buf);
    vec_add(m->arena, &k->wr, to);
    vec_add(m->arena, &k->x, ((XNode){.kind = X_st, .dtype = k->x.at[x].dtype, .in = {x + 1}, .access = k->wr.n - 1}));
    return &k->wr.at[k->wr.n - 1];
}

/* The nodes on which the store to a buffer depends, but for what reductions depend on. */
static const bool *wanted_for(const Again *a, const Kernel *k, uint32_t buf)
{
    bool *want = ARENA_ARRAY(a->gr->m->scratch, bool, k->x.n + 1);
    for (uint32_t i = k->x.n; i-- > 0;) {
        const XNode *x = &k->x.at[i];
        want[i] |= x->kind == X_st && k->wr.at[x->access].buf == buf;
        for (int j = 0; j < 4 && want[i] && x->kind != X_reduce; j++)
            if (x->in[j]) want[x->in[j] - 1] = true;
    }
    return want;
}

static void copy_lists(Arena *arena, Kernel *k)
{
    Kernel from = *k;
    memset(&k->rd, 0, sizeof k->rd);
    memset(&k->x, 0, sizeof k->x);
    for (uint32_t i = 0; i < from.rd.n; i++)
        vec_add(arena, &k->rd, from.rd.at[i]);
    for (uint32_t i = 0; i < from.x.n; i++)
        vec_add(arena, &k->x, from.x.at[i]);
}

/* A copy of a kernel that stores one value only; reductions are read where the kernel stores them. */
static Kernel *copy_for(const Again *a, Kernel *from, uint32_t buf)
{
    Arena *arena = a->gr->m->arena;
    Kernel *k = ARENA_NEW(arena, Kernel);
    *k = *from;
    copy_lists(arena, k);
    const bool *want = wanted_for(a, k, buf);
    for (uint32_t i = 0; i < k->x.n; i++) {
        XNode *x = &k->x.at[i];
        if (x->kind == X_reduce && want[i]) {
            const Access *kept = stored_at(a->gr->m->p, from, i, buf);
            if (!kept) kept = store_reduction(a, from, i);
            vec_add(arena, &k->rd, *kept);
            *x = (XNode){.kind = X_ld, .dtype = x->dtype, .access = k->rd.n - 1};
        } else if (x->kind == X_st && k->wr.at[x->access].buf != buf) {
            remove_node(x);
        }
    }
    if (!kernel_tidy(arena, k)) BUG("kernel %s does not make buffer %u", from->name, buf);
    for (int i = 0; i < k->n_axes && k->kind == K_NEST; i++)
        k->cls[i] = AX_PAR;
    k->n_red = 0;
    k->name = arena_print(arena, "%s_again", from->name);
    return k;
}

static bool is_cheap(const Again *a, const Kernel *k)
{
    int64_t all = 1, n;
    for (int i = 0; i < k->n_axes; i++)
        if (k->cls[i] == AX_K && k->kind == K_GEMM)
            all *= dim_is_const(a->gr->m->dims, k->axis[i], &n) && n < CHEAP_SUM ? n : CHEAP_SUM + 1;
    return all <= CHEAP_SUM;
}

static bool reads(const Kernel *k, uint32_t buf)
{
    for (uint32_t i = 0; i < k->rd.n; i++)
        if (k->rd.at[i].buf == buf) return true;
    return false;
}

/* Does a buffer hold at the last reader what a kernel reads of it? Or, if it does not read it, what it writes. */
static bool is_unchanged(const Again *a, uint32_t buf, const Member *at)
{
    const KProgram *p = a->gr->m->p;
    BufClass cls = p->buf.at[buf].cls;
    uint64_t memory = kernel_buffer_memory(p, buf);
    for (uint32_t i = at->at + !reads(at->k, buf); i <= a->last; i++) {
        const Touches *t = &a->gr->touches[i];
        if (t->update && (cls == BUF_MODEL || cls == BUF_TRAIN || cls == BUF_SUMS)) return false;
        for (uint32_t j = 0; j < t->list.n; j++)
            if (t->list.at[j].write && t->list.at[j].memory == memory) return false;
    }
    return true;
}

/* Do only members of the two groups touch it? Then it need not stay in memory, unless it is small. */
static bool may_be_local(const Again *a, const Member *writer, uint32_t buf)
{
    const Grouper *gr = a->gr;
    if (gr->m->p->buf.at[buf].cls != BUF_WORK || group_span(gr, writer, write_to(writer->k, buf)) < gr->least) return false;
    for (uint32_t i = 0; i < gr->list->n; i++) {
        if (group_member(a->from, i) || group_member(a->far, i)) continue;
        const Touches *t = &gr->touches[i];
        for (uint32_t j = 0; j < t->list.n; j++)
            if (t->list.at[j].memory == kernel_buffer_memory(gr->m->p, buf)) return false;
    }
    return true;
}

static uint32_t new_buffer(const Again *a, uint32_t buf)
{
    KProgram *p = a->gr->m->p;
    Buf copy = p->buf.at[buf];
    copy.name = arena_print(p->arena, "%s_again", copy.name);
    vec_add(p->arena, &p->buf, copy);
    return p->buf.n - 1;
}

/* The buffer in which the later group has what `buf` holds for the kernel at `before` of the first one; 0: `buf` itself, because it
 * stays in memory, or because the kernel that makes it can be in both groups and is in the later one, behind all that is made.
 * What is written there or behind it, the kernel does not read: a sum that is added to where it stands reads what was there. */
static uint32_t compute_again(Again *a, uint32_t buf, uint32_t before)
{
    const Member *w = writer_of(a->from, buf);
    if (w && (w->at >= before || group_member(a->far, w->at))) return 0;
    for (uint32_t i = 0; i < a->known.n; i++)
        if (a->known.at[i].buf == buf) return a->known.at[i].copy;
    uint32_t n_made = a->made->n, n_known = a->known.n;
    Kernel *k = w && may_be_local(a, w, buf) && is_cheap(a, w->k) ? copy_for(a, w->k, buf) : NULL;
    for (uint32_t i = 0; k && i < k->rd.n; i++) {
        uint32_t again = compute_again(a, k->rd.at[i].buf, w->at);
        if (again)
            k->rd.at[i].buf = again;
        else if (!is_unchanged(a, k->rd.at[i].buf, w))
            k = NULL;
    }
    if (!k) a->made->n = n_made, a->known.n = n_known; /* what only k would have read */
    Made made = {buf, k ? new_buffer(a, buf) : 0};
    vec_add(a->gr->m->scratch, &a->known, made);
    if (!k) return 0;
    Access *to = &k->wr.at[0];
    to->buf = made.copy;
    Member m = *w;
    m.k = k;
    m.at = NO_PLACE;
    vec_add(a->gr->m->scratch, a->made, m);
    return made.copy;
}

void group_compute_again(Grouper *gr, const Group *g, Group *far, MemberList *made)
{
    Again a = {.gr = gr, .from = g, .far = far, .made = made};
    for (uint32_t i = 0; i < far->member.n; i++)
        if (far->member.at[i].at > a.last) a.last = far->member.at[i].at;
    for (uint32_t i = 0; i < g->far.n; i++) {
        uint32_t buf = g->far.at[i].buf, again = compute_again(&a, buf, NO_PLACE);
        Kernel *k = again ? g->far.at[i].reader.k : NULL;
        for (uint32_t r = 0; k && r < k->rd.n; r++)
            if (k->rd.at[r].buf == buf) k->rd.at[r].buf = again;
    }
}
