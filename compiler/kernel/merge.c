/* SPDX-License-Identifier: MIT
 * merge.c: two kernels over the same points become one, which saves memory traffic and a barrier.
 *
 *   k1: v[i,j] = exp(x[i,j] - m[i])            k12: e = exp(x[i,j] - m[i]); v[i,j] = e
 *   k2: s[i] = sum_j v[i,j]              ->         s[i] = sum_j e
 *
 * The second one may be a map or reduction over the same axes, a map over the parallel axes of a
 * reduction (and the other way round), or a map over the result of a contraction. What it reads of
 * the first one's results at the same point is taken from there; everything else that both touch
 * must be provably apart, or the same element at the same point (then a result may replace an
 * operand). A merge must not cost: reductions, nodes and buffers are limited, parallel axes stay,
 * costly operations are not repeated in more passes over a row than before. */
#include "kernel/merge.h"

#include "kernel/divide.h"
#include "kernel/order.h"
#include "kernel/touch.h"

#include <string.h>

enum { WINDOW = 40, MOST_NODES = 72, MOST_EPILOGUE = 64, MOST_BUFFERS = 16, MOST_REDUCTIONS = 5, SHORT_ROW = 64 };
enum { LONG_ROW = 16384, SMALL_WORK = 4096, ENOUGH_PARTS = 16, MOST_STORES = 8, MOST_TINY_STORES = 32, MOST_COSTLY = 24 };

static int64_t at_sample(const Merger *m, Dim d)
{
    int64_t v = 1;
    return dim_eval(m->dims, d, m->sample, &v) ? v : 1;
}

/* ---- the common domain ----------------------------------------------------------------------- */

static bool same_axes(const Kernel *a, const Kernel *c, int n)
{
    for (int i = 0; i < n; i++)
        if (a->axis[i] != c->axis[i]) return false;
    return true;
}

/* The domain of both, in `to`: kind, axes and classes. */
static bool common_domain(const Kernel *p, const Kernel *q, Kernel *to)
{
    int pp = kernel_parallel_axes(p), pq = kernel_parallel_axes(q);
    *to = *p;
    if (p->kind == K_GEMM) return q->n_red == 0 && pp == q->n_axes && same_axes(p, q, pp);
    if (p->n_axes == q->n_axes) {
        if (p->n_red && q->n_red && p->n_red != q->n_red) return false;
        if (q->n_red) {
            to->n_red = q->n_red;
            memcpy(to->cls, q->cls, sizeof to->cls);
        }
        return same_axes(p, q, p->n_axes);
    }
    if (p->n_axes > q->n_axes) return p->n_red && !q->n_red && pp == q->n_axes && same_axes(p, q, pp);
    to->n_axes = q->n_axes;
    to->n_red = q->n_red;
    memcpy(to->axis, q->axis, sizeof to->axis);
    memcpy(to->cls, q->cls, sizeof to->cls);
    return q->n_red && !p->n_red && pq == p->n_axes && same_axes(p, q, pq);
}

/* ---- joining the expressions ----------------------------------------------------------------- */

typedef struct Join {
    Merger *m;
    const Kernel *p, *q;
    Kernel *to;
    uint32_t *node; /* by node of q: new number + 1 */
    bool forwarded, shares;
} Join;

/* The node that p stores at exactly this access; -1: p touches it in some other way; 0: p does not
 * write it. */
static int64_t forwarded(const Join *j, const Access *a, uint8_t dtype)
{
    uint64_t memory = kernel_buffer_memory(j->m->p, a->buf);
    int64_t found = 0;
    for (uint32_t i = 0; i < j->p->x.n; i++) {
        const XNode *x = &j->p->x.at[i];
        if (x->kind != X_st) continue;
        const Access *w = &j->p->wr.at[x->access];
        if (kernel_buffer_memory(j->m->p, w->buf) != memory) continue;
        uint8_t stored = j->m->p->buf.at[w->buf].dtype, value = j->p->x.at[x->in[0] - 1].dtype;
        if (accesses_equal(w, a) && w->buf == a->buf && stored == dtype && value == dtype)
            found = x->in[0];
        else if (!accesses_disjoint(j->m->p, j->to, w, a))
            return -1;
    }
    return found;
}

/* May q store there, given all that p reads and writes? */
static bool may_store(const Join *j, const Access *w)
{
    uint64_t memory = kernel_buffer_memory(j->m->p, w->buf);
    for (uint32_t i = 0; i < j->p->rd.n; i++) {
        const Access *a = &j->p->rd.at[i];
        if (kernel_buffer_memory(j->m->p, a->buf) != memory) continue;
        bool operand = j->p->kind == K_GEMM && i < 2;
        if (!(accesses_equal(a, w) && !operand) && !accesses_disjoint(j->m->p, j->to, a, w)) return false;
    }
    for (uint32_t i = 0; i < j->p->wr.n; i++)
        if (!accesses_disjoint(j->m->p, j->to, &j->p->wr.at[i], w)) return false;
    return true;
}

/* Does p read the same, and so much that it counts? */
static bool shared_read(const Join *j, const Access *a)
{
    int64_t elements = 1, work = 1;
    for (int i = 0; i < j->to->n_axes; i++) {
        int64_t n = at_sample(j->m, j->to->axis[i]);
        work *= n;
        if (a->stride[i]) elements *= n;
    }
    if (4 * elements < work) return false;
    for (uint32_t i = 0; i < j->p->rd.n; i++)
        if (j->p->rd.at[i].buf == a->buf && accesses_equal(&j->p->rd.at[i], a)) return true;
    return false;
}

static bool join_node(Join *j, uint32_t i)
{
    Arena *arena = j->m->scratch;
    XNode x = j->q->x.at[i];
    for (int k = 0; k < 4; k++)
        if (x.in[k]) x.in[k] = j->node[x.in[k] - 1];
    if (x.kind == X_ld) {
        Access a = j->q->rd.at[x.access];
        int64_t from = forwarded(j, &a, x.dtype);
        if (from < 0) return false;
        if (from > 0) {
            j->node[i] = (uint32_t)from;
            j->forwarded = true;
            return true;
        }
        j->shares |= shared_read(j, &a);
        if (a.index) a.index = j->node[a.index - 1];
        vec_add(arena, &j->to->rd, a);
        x.access = j->to->rd.n - 1;
    } else if (x.kind == X_index) {
        vec_add(arena, &j->to->idx, j->q->idx.at[x.access]);
        x.access = j->to->idx.n - 1;
    } else if (x.kind == X_st) {
        Access a = j->q->wr.at[x.access];
        if (a.index || !may_store(j, &a)) return false;
        vec_add(arena, &j->to->wr, a);
        x.access = j->to->wr.n - 1;
    }
    vec_add(arena, &j->to->x, x);
    j->node[i] = j->to->x.n;
    return true;
}

static void copy_lists(Arena *arena, Kernel *to, const Kernel *from)
{
    memset(&to->rd, 0, sizeof to->rd);
    memset(&to->wr, 0, sizeof to->wr);
    memset(&to->idx, 0, sizeof to->idx);
    memset(&to->x, 0, sizeof to->x);
    for (uint32_t i = 0; i < from->rd.n; i++)
        vec_add(arena, &to->rd, from->rd.at[i]);
    for (uint32_t i = 0; i < from->wr.n; i++)
        vec_add(arena, &to->wr, from->wr.at[i]);
    for (uint32_t i = 0; i < from->idx.n; i++)
        vec_add(arena, &to->idx, from->idx.at[i]);
    for (uint32_t i = 0; i < from->x.n; i++)
        vec_add(arena, &to->x, from->x.at[i]);
}

/* ---- what a merge costs ---------------------------------------------------------------------- */

typedef struct Count {
    int reductions, nodes, buffers, stores, costly;
    int64_t work, parts, row;
} Count;

static uint32_t varies(const Kernel *k, const Dim *stride)
{
    uint32_t axes = 0;
    for (int i = 0; i < k->n_axes; i++)
        if (stride[i]) axes |= 1u << i;
    return axes;
}

/* By node: axes it varies with, and passes over the row before it is known. */
static void node_facts(const Kernel *k, uint32_t *axes, int *pass)
{
    uint32_t reduced = 0;
    for (int i = k->n_axes - k->n_red; i < k->n_axes; i++)
        reduced |= 1u << i;
    for (uint32_t i = 0; i < k->x.n; i++) {
        const XNode *x = &k->x.at[i];
        uint32_t extra = x->kind == X_ld ? k->rd.at[x->access].index : 0;
        for (int j = 0; j <= 4; j++) {
            uint32_t in = j < 4 ? x->in[j] : extra;
            if (!in) continue;
            axes[i] |= axes[in - 1];
            if (pass[in - 1] > pass[i]) pass[i] = pass[in - 1];
        }
        if (x->kind == X_ld) axes[i] |= varies(k, k->rd.at[x->access].stride);
        if (x->kind == X_ld && k->rd.at[x->access].boxed)
            for (uint32_t b = 0; b < k->rd.at[x->access].n_box; b++)
                axes[i] |= varies(k, k->rd.at[x->access].box[b].stride);
        if (x->kind == X_index) axes[i] |= varies(k, k->idx.at[x->access].stride);
        if (x->kind == X_st) axes[i] |= varies(k, k->wr.at[x->access].stride);
        if (x->kind == X_reduce) axes[i] &= ~reduced, pass[i]++;
    }
}

/* Do loops go along the rows as vectors, and keep a row's costly values for its next passes (loop/nest_keep.c)? */
static bool keeps_rows(const Dims *dims, const Kernel *k)
{
    int64_t n, s;
    int row = k->n_axes - 1;
    if (k->kind != K_NEST || k->n_red != 1 || !dim_is_const(dims, k->axis[row], &n) || n > KEPT_ROW) return false;
    for (uint32_t i = 0; i < k->rd.n + k->wr.n; i++) {
        const Access *a = i < k->rd.n ? &k->rd.at[i] : &k->wr.at[i - k->rd.n];
        if (a->stride[row] && (!dim_is_const(dims, a->stride[row], &s) || s != 1)) return false;
    }
    return true;
}

/* Costly operations, counted once for every pass over the row that computes them. */
static int costly_passes(Arena *arena, const Dims *dims, const Kernel *k)
{
    uint32_t *axes = ARENA_ARRAY(arena, uint32_t, k->x.n + 1), *in_pass = ARENA_ARRAY(arena, uint32_t, k->x.n + 1);
    int *pass = ARENA_ARRAY(arena, int, k->x.n + 1), last = 0, total = 0;
    uint32_t reduced = 0;
    for (int i = k->n_axes - k->n_red; i < k->n_axes; i++)
        reduced |= 1u << i;
    bool keeps = keeps_rows(dims, k);
    node_facts(k, axes, pass);
    for (uint32_t i = 0; i < k->x.n; i++) {
        bool element = k->x.at[i].kind == X_st && (axes[i] & reduced);
        if (k->x.at[i].kind == X_reduce && pass[i] - 1 > last) last = pass[i] - 1;
        if (element && pass[i] > last) last = pass[i];
    }
    for (uint32_t i = k->x.n; i-- > 0;) {
        const XNode *x = &k->x.at[i];
        if (x->kind == X_st) in_pass[i] = (axes[i] & reduced) ? 1u << last : 1;
        uint32_t here = x->kind == X_reduce ? 1u << (pass[i] - 1) : (axes[i] & reduced) || !k->n_red ? in_pass[i] : 1;
        for (int j = 0; j < 4; j++)
            if (x->in[j]) in_pass[x->in[j] - 1] |= here;
        bool costly = (x->kind == X_op && (op_properties[x->op] & COSTLY)) || x->kind == X_random;
        if (costly && (axes[i] & reduced) && !keeps)
            for (int b = 0; b < 32; b++)
                total += (in_pass[i] >> b) & 1;
        else
            total += costly;
    }
    return total;
}

static Count count_kernel(const Merger *m, const Kernel *k)
{
    Count c = {.work = 1, .parts = 1, .row = 1};
    for (int i = 0; i < k->n_axes; i++) {
        int64_t n = at_sample(m, k->axis[i]);
        c.work *= n;
        if (i >= kernel_parallel_axes(k)) c.row *= n;
    }
    for (uint32_t i = 0; i < k->x.n; i++) {
        c.reductions += k->x.at[i].kind == X_reduce;
        c.stores += k->x.at[i].kind == X_st;
    }
    c.nodes = (int)k->x.n;
    for (uint32_t i = 0; i < k->rd.n + k->wr.n; i++) {
        uint32_t buf = i < k->rd.n ? k->rd.at[i].buf : k->wr.at[i - k->rd.n].buf;
        bool seen = false;
        for (uint32_t j = 0; j < i && !seen; j++)
            seen = (j < k->rd.n ? k->rd.at[j].buf : k->wr.at[j - k->rd.n].buf) == buf;
        c.buffers += !seen;
    }
    int32_t axis;
    c.parts = kernel_most_pieces(m->dims, m->sample, k, &axis);
    c.costly = costly_passes(m->scratch, m->dims, k);
    return c;
}

static bool constant_row(const Merger *m, const Kernel *k, int64_t most)
{
    int64_t n = 1, e = 0;
    for (int i = k->n_axes - k->n_red; i < k->n_axes; i++) {
        if (!dim_is_const(m->dims, k->axis[i], &e)) return false;
        n *= e;
    }
    return n <= most;
}

static bool worthwhile(const Merger *m, const Join *j)
{
    Count p = count_kernel(m, j->p), q = count_kernel(m, j->q), both = count_kernel(m, j->to);
    bool tiny = p.work <= 256 && q.work <= 256;
    if (!j->forwarded && !j->shares && !tiny) return false;
    if (both.reductions > MOST_REDUCTIONS || both.stores > (tiny ? MOST_TINY_STORES : MOST_STORES)) return false;
    if (both.nodes > (tiny ? 256 : MOST_NODES) || both.buffers > (tiny ? 64 : MOST_BUFFERS)) return false;
    if (both.costly > MOST_COSTLY && both.nodes > MOST_NODES) return false;
    if (j->to->kind == K_GEMM) return j->forwarded && both.nodes <= MOST_EPILOGUE;
    int64_t parts = p.parts < q.parts ? p.parts : q.parts;
    if (parts > ENOUGH_PARTS) parts = ENOUGH_PARTS;
    if (both.work > SMALL_WORK && both.parts < parts) return false;
    if (j->to->n_red && both.row > LONG_ROW) return false;
    if (j->to->n_red && !constant_row(m, j->to, SHORT_ROW) && both.costly > p.costly + q.costly) return false;
    return true;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static Kernel *try_merge(Merger *m, const Kernel *p, const Kernel *q)
{
    Kernel *to = ARENA_NEW(m->scratch, Kernel);
    if (!common_domain(p, q, to)) return NULL;
    copy_lists(m->scratch, to, p);
    Join j = {.m = m, .p = p, .q = q, .to = to};
    j.node = ARENA_ARRAY(m->scratch, uint32_t, q->x.n + 1);
    for (uint32_t i = 0; i < q->x.n; i++)
        if (!join_node(&j, i)) return NULL;
    kernel_tidy(m->scratch, to);
    if (!order_joins(m->dims, p, q, to)) return NULL;
    if (!worthwhile(m, &j)) return NULL;
    kernel_choose_part(m->dims, m->sample, to);
    if (p->kind == K_NEST && q->x.n > p->x.n) {
        to->name = q->name;
        to->loc = q->loc;
    }
    Kernel *kept = ARENA_NEW(m->arena, Kernel);
    *kept = *to;
    copy_lists(m->arena, kept, to);
    return kept;
}

/* Where the merge of kernels a < c of the list may stand: a, c, or nowhere (-1). */
static int64_t place_of_merge(const Touches *t, uint32_t a, uint32_t c)
{
    bool up = true, down = true;
    for (uint32_t i = a + 1; i < c && (up || down); i++) {
        up = up && touches_independent(&t[i], &t[c]);
        down = down && touches_independent(&t[i], &t[a]);
    }
    return up ? (int64_t)a : down ? (int64_t)c : -1;
}

static void remove_at(KernelList *list, Touches *t, uint32_t i)
{
    memmove(list->at + i, list->at + i + 1, sizeof *list->at * (list->n - i - 1));
    memmove(t + i, t + i + 1, sizeof *t * (list->n - i - 1));
    list->n--;
}

static bool merge_into(Merger *m, KernelList *list, Touches *t, uint32_t c)
{
    for (uint32_t a = c; a-- > 0 && c - a <= WINDOW;) {
        const Kernel *p = list->at[a], *q = list->at[c];
        if ((p->kind != K_NEST && p->kind != K_GEMM) || q->kind != K_NEST) continue;
        if (p->aside != q->aside || p->wr.n + q->wr.n > MOST_TINY_STORES) continue;
        Kernel probe;
        if (!common_domain(p, q, &probe)) continue;
        int64_t at = place_of_merge(t, a, c);
        if (at < 0) continue;
        Kernel *k = try_merge(m, p, q);
        arena_clear(m->scratch);
        if (!k) continue;
        list->at[at] = k;
        memset(&t[at], 0, sizeof t[at]);
        touch_all(m->p, m->arena, k, &t[at]);
        remove_at(list, t, at == (int64_t)a ? c : a);
        return true;
    }
    return false;
}

static void merge_list(Merger *m, KernelList *list)
{
    Touches *t = ARENA_ARRAY(m->arena, Touches, list->n + 1);
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->at[i]->kind == K_SCAN) merge_list(m, (KernelList *)(void *)&list->at[i]->body);
        touch_all(m->p, m->arena, list->at[i], &t[i]);
    }
    for (uint32_t i = 1; i < list->n;) /* a merge may enable others of kernels before it */
        if (merge_into(m, list, t, i))
            i = i > WINDOW / 4 ? i - WINDOW / 4 : 1;
        else
            i++;
}

/* ---- values that nothing reads --------------------------------------------------------------- */

static void count_reads(const Merger *m, const KernelList *list, bool *read)
{
    for (uint32_t i = 0; i < list->n; i++) {
        const Kernel *k = list->at[i];
        for (uint32_t r = 0; r < k->rd.n; r++)
            read[k->rd.at[r].buf] = true;
        if (k->kind == K_SCATTER && k->accumulate) read[k->wr.at[0].buf] = true;
        for (uint32_t w = 0; (k->kind == K_EXTERN || k->kind == K_ARGSORT) && w < k->wr.n; w++)
            read[k->wr.at[w].buf] = true;
        if (k->kind == K_SCAN) count_reads(m, (const KernelList *)(const void *)&k->body, read);
    }
}

static bool drop_unread(Merger *m, KernelList *list, const bool *read, BufClass cls)
{
    bool changed = false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < list->n; i++) {
        Kernel *k = list->at[i];
        bool dropped = false;
        if (k->kind == K_SCAN) {
            changed |= drop_unread(m, (KernelList *)(void *)&k->body, read, cls);
        } else if (k->kind == K_NEST || k->kind == K_GEMM) {
            for (uint32_t x = 0; x < k->x.n; x++) {
                XNode *node = &k->x.at[x];
                if (node->kind != X_st) continue;
                uint32_t buf = k->wr.at[node->access].buf;
                if (m->p->buf.at[buf].cls != cls || read[buf]) continue;
                node->kind = X_const; /* goes */
                memset(node->in, 0, sizeof node->in);
                dropped = true;
            }
        }
        changed |= dropped;
        if (dropped && !kernel_tidy(m->arena, k)) continue;
        list->at[n++] = k;
    }
    list->n = n;
    return changed;
}

void merge_kernels(Merger *m)
{
    KernelList *list = (KernelList *)(void *)&m->p->kernel;
    for (int round = 0; round < 8; round++) {
        merge_list(m, list);
        bool *read = ARENA_ARRAY(m->arena, bool, m->p->buf.n + 1);
        count_reads(m, list, read);
        if (!drop_unread(m, list, read, BUF_WORK)) break;
    }
}

void merge_body(const Merger *m, Kernel *group)
{
    Arena scratch = {0};
    Merger own = *m;
    own.scratch = &scratch;
    KernelList *list = (KernelList *)(void *)&group->body;
    merge_list(&own, list);
    bool *read = ARENA_ARRAY(&scratch, bool, m->p->buf.n + 1);
    count_reads(&own, list, read);
    drop_unread(&own, list, read, BUF_LOCAL);
    for (uint32_t i = 0; i < list->n; i++) {
        list->at[i]->part = -1;
        list->at[i]->serial = false;
    }
    arena_free(&scratch);
}
