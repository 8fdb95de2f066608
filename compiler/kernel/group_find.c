/* SPDX-License-Identifier: MIT
 * group_find.c: which kernels make a group (group.h). */
#include "kernel/group.h"

enum { LONGEST_SUM = 512 /* longer ones have totals in a buffer that is not a thread's own */, FARTHEST = 1000 };

const Member *group_member(const Group *g, uint32_t at)
{
    for (uint32_t i = 0; i < g->member.n; i++)
        if (g->member.at[i].at == at) return &g->member.at[i];
    return NULL;
}

/* ---- what a kernel must be ------------------------------------------------------------------- */

static bool plain_accesses(const Access *a, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (a[i].boxed || a[i].index) return false;
    return true;
}

static bool short_sums(const Grouper *gr, const Kernel *k)
{
    int64_t all = 1, n = 0;
    for (int a = 0; a < k->n_axes; a++) {
        if (k->cls[a] != AX_K) continue;
        if (!dim_is_const(gr->m->dims, k->axis[a], &n) || n > LONGEST_SUM) return false;
        all *= n > 0 ? n : 1;
        if (all > LONGEST_SUM) return false;
    }
    return true;
}

static bool may_be_member(const Grouper *gr, const Kernel *k)
{
    if ((k->kind != K_NEST && k->kind != K_GEMM) || k->aside) return false;
    if (!plain_accesses(k->rd.at, k->rd.n) || !plain_accesses(k->wr.at, k->wr.n)) return false;
    for (uint32_t i = 0; i < k->x.n; i++)
        if (k->x.at[i].kind == X_expect) return false;
    return k->kind == K_NEST || short_sums(gr, k);
}

/* May an axis of k be one of the items? No operand of a contraction is shared by them. */
static bool may_be_item(const Kernel *k, int axis)
{
    return k->kind == K_GEMM ? k->cls[axis] == AX_BATCH : axis < k->n_axes - k->n_red;
}

/* ---- the same item --------------------------------------------------------------------------- */

static bool is_item_axis(const Group *g, const int *axis, int a)
{
    for (int i = 0; i < g->n; i++)
        if (axis[i] == a) return true;
    return false;
}

/* The axes of k along which a moves by the strides of the items. */
static bool find_axes(const Group *g, const Dim *stride, const Kernel *k, const Access *a, int *axis)
{
    for (int i = 0; i < g->n; i++)
        axis[i] = -1;
    for (int i = 0; i < g->n; i++) {
        for (int b = 0; b < k->n_axes && axis[i] < 0; b++)
            if (stride[i] && a->stride[b] == stride[i] && k->axis[b] == g->extent[i] && may_be_item(k, b) && !is_item_axis(g, axis, b))
                axis[i] = b;
        if (axis[i] < 0) return false;
    }
    return true;
}

/* Do the axes that are no items give the same elements? Every one of a has its like in c. */
static bool rest_within(const Group *g, const Kernel *k, const Access *a, const int *axis, const Kernel *l, const Access *c,
                        const int *other)
{
    uint32_t taken = 0;
    for (int i = 0; i < k->n_axes; i++) {
        if (is_item_axis(g, axis, i) || !a->stride[i]) continue;
        int like = -1;
        for (int j = 0; j < l->n_axes && like < 0; j++)
            if (!is_item_axis(g, other, j) && !(taken >> j & 1) && c->stride[j] == a->stride[i] && l->axis[j] == k->axis[i]) like = j;
        if (like < 0) return false;
        taken |= 1u << like;
    }
    return true;
}

bool group_same_item(const Group *g, const Member *m, const Access *by, const Kernel *k, const Access *a, int *axis)
{
    Dim stride[MOST_ITEM_AXES];
    for (int i = 0; i < g->n; i++)
        stride[i] = by->stride[m->axis[i]];
    if (by->off != a->off || !find_axes(g, stride, k, a, axis)) return false;
    return rest_within(g, k, a, axis, m->k, by, m->axis) && rest_within(g, m->k, by, m->axis, k, a, axis);
}

int64_t group_span(const Grouper *gr, const Member *m, const Access *a)
{
    const Dims *dims = gr->m->dims;
    int64_t last = 0, n, s;
    if (!dim_is_const(dims, a->off, &n) || n != 0) return 0;
    for (int i = 0; i < m->k->n_axes; i++) {
        bool item = false;
        for (int j = 0; j < MOST_ITEM_AXES; j++)
            item |= m->axis[j] == i;
        if (item || !a->stride[i]) continue;
        if (!dim_is_const(dims, m->k->axis[i], &n) || !dim_is_const(dims, a->stride[i], &s) || n < 1 || s < 0) return 0;
        if (__builtin_mul_overflow(s, n - 1, &s) || s > INT32_MAX || (last += s) > INT32_MAX) return 0;
    }
    return last + 1;
}

/* ---- together -------------------------------------------------------------------------------- */

bool group_together(const Grouper *gr, const Group *g, uint32_t also)
{
    uint32_t first = also, last = also;
    for (uint32_t i = 0; i < g->member.n; i++) {
        if (g->member.at[i].at < first) first = g->member.at[i].at;
        if (g->member.at[i].at > last) last = g->member.at[i].at;
    }
    if (last - first > FARTHEST) return false;
    bool *needs = ARENA_ARRAY(gr->m->scratch, bool, last - first + 1), *in = ARENA_ARRAY(gr->m->scratch, bool, last - first + 1);
    for (uint32_t i = 0; i < g->member.n; i++)
        in[g->member.at[i].at - first] = true;
    in[also - first] = true;
    for (uint32_t i = first; i <= last; i++) {
        for (uint32_t j = first; j < i; j++) {
            bool matters = in[i - first] ? needs[j - first] : in[j - first] || needs[j - first];
            if (!matters || touches_independent(&gr->touches[j], &gr->touches[i])) continue;
            if (in[i - first]) return false;
            needs[i - first] = true;
            break;
        }
    }
    return true;
}

/* ---- growth ---------------------------------------------------------------------------------- */

/* One access of a kernel to a buffer; for a kernel with others inside, NULL. */
typedef bool VisitAccess(void *user, uint32_t at, const Access *a, bool write);

static bool touches_inside(const Kernel *k, uint32_t buf)
{
    for (uint32_t i = 0; i < k->body.n; i++) {
        const Kernel *b = k->body.at[i];
        for (uint32_t j = 0; j < b->rd.n; j++)
            if (b->rd.at[j].buf == buf) return true;
        for (uint32_t j = 0; j < b->wr.n; j++)
            if (b->wr.at[j].buf == buf) return true;
        if (touches_inside(b, buf)) return true;
    }
    return false;
}

static bool visit_accesses(const Grouper *gr, uint32_t buf, VisitAccess *visit, void *user)
{
    for (uint32_t i = 0; i < gr->list->n; i++) {
        const Kernel *k = gr->list->at[i];
        for (uint32_t j = 0; j < k->rd.n; j++)
            if (k->rd.at[j].buf == buf && !visit(user, i, &k->rd.at[j], false)) return false;
        for (uint32_t j = 0; j < k->wr.n; j++)
            if (k->wr.at[j].buf == buf && !visit(user, i, &k->wr.at[j], true)) return false;
        if (touches_inside(k, buf)) return false;
    }
    return true;
}

typedef struct Judge { /* of a value that a member touches */
    const Grouper *gr;
    const Group *g;
    const Member *m;
    const Access *by;
    int writes;
    MemberList found; /* all that touch it */
} Judge;

static bool judge_access(void *user, uint32_t at, const Access *a, bool write)
{
    Judge *j = user;
    Member found = {.at = at, .k = j->gr->list->at[at]};
    for (int i = 0; i < MOST_ITEM_AXES; i++)
        found.axis[i] = -1;
    if (!may_be_member(j->gr, found.k) || !group_same_item(j->g, j->m, j->by, found.k, a, found.axis)) return false;
    const Member *have = group_member(j->g, at);
    for (int i = 0; have && i < j->g->n; i++)
        if (have->axis[i] != found.axis[i]) return false;
    j->writes += write;
    for (uint32_t i = 0; i < j->found.n; i++)
        if (j->found.at[i].at == at) return true;
    vec_add(j->gr->m->scratch, &j->found, found);
    return true;
}

/* What touches a member's value as it does becomes a member, or is far. False: this value is no value of the group. */
static bool take_in(const Grouper *gr, Group *g, uint32_t member, const Access *by)
{
    Member m = g->member.at[member];
    Judge j = {.gr = gr, .g = g, .m = &m, .by = by};
    if (!visit_accesses(gr, by->buf, judge_access, &j) || j.writes != 1) return false;
    for (uint32_t i = 0; i < j.found.n; i++) {
        const Member *f = &j.found.at[i];
        if (group_member(g, f->at)) continue;
        if (group_together(gr, g, f->at))
            vec_add(gr->m->scratch, &g->member, *f);
        else if (f->at > m.at)
            vec_add(gr->m->scratch, &g->far, ((Far){by->buf, *f}));
        else
            return false; /* made far before: its other readers have no part in it */
    }
    return true;
}

/* A value that is no value of the group may be written by one member and touched by no other. */
static bool is_sound(const Grouper *gr, const Group *g, const bool *apart)
{
    for (uint32_t i = 0; i < g->member.n; i++)
        for (uint32_t w = 0; w < g->member.at[i].k->wr.n; w++) {
            uint32_t buf = g->member.at[i].k->wr.at[w].buf;
            uint64_t memory = kernel_buffer_memory(gr->m->p, buf);
            bool shared = gr->m->p->buf.at[buf].cls == BUF_WORK && !apart[buf];
            for (uint32_t j = 0; j < g->member.n && !shared; j++) {
                const Kernel *k = g->member.at[j].k;
                for (uint32_t r = 0; r < k->rd.n; r++)
                    if (kernel_buffer_memory(gr->m->p, k->rd.at[r].buf) == memory) return false;
                for (uint32_t v = 0; v < k->wr.n; v++)
                    if ((i != j || v != w) && kernel_buffer_memory(gr->m->p, k->wr.at[v].buf) == memory) return false;
            }
        }
    return true;
}

static bool grow(const Grouper *gr, Group *g)
{
    const KProgram *p = gr->m->p;
    bool *apart = ARENA_ARRAY(gr->m->scratch, bool, p->buf.n);
    for (uint32_t before = 0; before != g->member.n;) {
        before = g->member.n;
        g->far.n = 0;
        for (uint32_t i = 0; i < g->member.n; i++) {
            const Kernel *k = g->member.at[i].k;
            for (uint32_t a = 0; a < k->rd.n + k->wr.n; a++) {
                const Access *by = a < k->rd.n ? &k->rd.at[a] : &k->wr.at[a - k->rd.n];
                if (p->buf.at[by->buf].cls == BUF_WORK) apart[by->buf] |= !take_in(gr, g, i, by);
            }
        }
    }
    return is_sound(gr, g, apart);
}

bool group_find(const Grouper *gr, uint32_t seed, Group *g)
{
    Kernel *k = gr->list->at[seed];
    Member m = {.at = seed, .k = k};
    *g = (Group){0};
    for (int i = 0; i < MOST_ITEM_AXES; i++)
        m.axis[i] = -1;
    for (int a = 0; a < k->n_axes; a++) {
        if (k->kind != K_GEMM || k->cls[a] != AX_BATCH) continue;
        if (g->n == MOST_ITEM_AXES || !k->rd.at[0].stride[a] || !k->rd.at[1].stride[a]) return false;
        m.axis[g->n] = a;
        g->extent[g->n++] = k->axis[a];
    }
    if (!g->n || !may_be_member(gr, k)) return false;
    vec_add(gr->m->scratch, &g->member, m);
    return grow(gr, g) && g->member.n > 1;
}

bool group_find_far(const Grouper *gr, const Group *g, Group *far)
{
    *far = (Group){.n = g->n};
    for (int i = 0; i < g->n; i++)
        far->extent[i] = g->extent[i];
    for (uint32_t i = 0; i < g->far.n; i++) {
        const Member *m = &g->far.at[i].reader, *have = group_member(far, m->at);
        for (int a = 0; have && a < g->n; a++)
            if (have->axis[a] != m->axis[a]) return false;
        if (have) continue;
        if (far->member.n && !group_together(gr, far, m->at)) return false;
        vec_add(gr->m->scratch, &far->member, *m);
    }
    return far->member.n && grow(gr, far);
}
