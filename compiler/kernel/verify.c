/* SPDX-License-Identifier: MIT
 * verify.c: what must hold of a kernel program, proved without the passes that made it.
 *
 * Nodes come before their users; accesses stay in their buffers at the corners of the domain (boxes
 * are tried point by point where the domain is small); work is written before it is read; threads
 * do not race for what they write; no two live work buffers overlap, except a result in the place
 * of an operand that is read only at the same point; the items of a group write apart from each other, and what they leave open outside of
 * a band nobody reads. Sizes are tried at two samples that meet what
 * the entry requires of them. A sample at which a number leaves 63 bits says nothing: a smaller one
 * is taken. */
#include <string.h>

#include "kernel/verify.h"

/* ---- expressions ----------------------------------------------------------------------------- */

static void check_node(Check *c, const Kernel *k, uint32_t i)
{
    const XNode *x = &k->x.at[i];
    for (int j = 0; j < 4; j++)
        if (x->in[j] > i) fail(c, k, "expression node behind its user");
    uint32_t n = x->kind == X_ld ? k->rd.n : x->kind == X_st ? k->wr.n : k->idx.n;
    bool has_access = x->kind == X_ld || x->kind == X_st || x->kind == X_index;
    if (has_access && x->access >= n) fail(c, k, "node without its access");
    if (x->kind == X_ld && k->rd.at[x->access].index > i) fail(c, k, "index behind its load");
    if (x->kind == X_acc && k->kind != K_GEMM) fail(c, k, "accumulator outside of a contraction");
    if (x->kind == X_reduce && (k->kind != K_NEST || !k->n_red)) fail(c, k, "reduction without axes");
    if (x->kind == X_st && !x->in[0]) fail(c, k, "store of nothing");
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static void check_bounds(Check *c, const Kernel *k, const Access *a, const int64_t *trips)
{
    const Buf *buf = &c->p->buf.at[a->buf];
    if (a->index || points_none(c, k)) return;
    int64_t n = value(c, buf->elements), least = 0, most = 0; /* of the scan counters */
    for (int i = 0; i < MAX_COUNTERS; i++) {
        int64_t reach = a->iter[i] ? times(c, value(c, a->iter[i]), trips[i] - 1) : 0;
        if (reach < 0)
            least = plus(c, least, reach);
        else
            most = plus(c, most, reach);
    }
    bool rows = k->kind == K_SCATTER && a == &k->wr.at[0];
    Range r = points_range(c, k, a->stride, a->off, rows);
    int64_t first = plus(c, r.lo, least), last = plus(c, r.hi, most);
    if (c->overflow) return;
    bool fits = first >= 0 && last < n;
    if (!fits && a->boxed) fits = points_fit(c, k, a, least, n) && points_fit(c, k, a, most, n);
    if (!fits)
        fail(c, k,
             arena_print(c->arena, "access to %%%u leaves the buffer: %lld..%lld of %lld", a->buf, (long long)first, (long long)last,
                         (long long)n));
}

/* ---- threads --------------------------------------------------------------------------------- */

static bool identical(const Access *a, const Access *b)
{
    return a->off == b->off && memcmp(a->stride, b->stride, sizeof a->stride) == 0 && memcmp(a->iter, b->iter, sizeof a->iter) == 0 &&
           !a->boxed && !b->boxed && !a->index && !b->index;
}

/* The elements of an access modulo `step`, where they lie in one piece between two multiples of it. */
static bool remainders(Check *c, const Kernel *k, const Access *a, int64_t step, Range *r)
{
    int64_t first = value(c, a->off) % step;
    *r = (Range){first, first};
    for (int i = 0; i < k->n_axes; i++) {
        int64_t stride = value(c, a->stride[i]), reach = stride % step ? times(c, stride, value(c, k->axis[i]) - 1) : 0;
        if (reach < 0)
            r->lo = plus(c, r->lo, reach);
        else
            r->hi = plus(c, r->hi, reach);
    }
    return r->lo >= 0 && r->hi < step;
}

/* A gather reads whole rows: does the kernel write other columns of them? */
static bool columns_apart(Check *c, const Kernel *k, const Access *from, const Access *to)
{
    Range read, written;
    int64_t step = value(c, from->index_stride);
    return step > 0 && remainders(c, k, from, step, &read) && remainders(c, k, to, step, &written) &&
           (read.hi < written.lo || written.hi < read.lo);
}

/* A gather reads from its first element to the last of its last row, and from the carry of a scan in the row of
 * this turn: is all that is written in front of it or behind it, in another row or in other columns? */
static bool rows_apart(Check *c, const Kernel *k, const Access *from, const Access *to)
{
    int64_t row = 0, first = value(c, from->off), step = value(c, from->index_stride);
    if (!from->index || to->index || step < 0 || memcmp(from->iter, to->iter, sizeof from->iter) != 0) return false;
    int64_t last = plus(c, first, times(c, step, value(c, from->index_rows) - 1));
    for (int i = 0; i < MAX_COUNTERS; i++)
        if (from->iter[i]) row = value(c, from->iter[i]);
    for (int i = 0; i < k->n_axes; i++) {
        if (value(c, from->stride[i]) < 0) return false;
        last = plus(c, last, times(c, value(c, from->stride[i]), value(c, k->axis[i]) - 1));
    }
    Range r = points_range(c, k, to->stride, to->off, false);
    return r.hi < first || r.lo > last || (row > 0 && r.lo >= plus(c, first, row)) || columns_apart(c, k, from, to);
}

/* What is written must be read, in the same kernel, at the same point only, or apart from it; every
 * store must move along the divided axis. */
static void check_race(Check *c, const Kernel *k)
{
    if (k->kind != K_NEST && k->kind != K_GEMM) return;
    for (uint32_t w = 0; w < k->wr.n; w++) {
        const Access *to = &k->wr.at[w];
        if (k->part >= 0 && value(c, k->axis[k->part]) > 1 && value(c, to->stride[k->part]) == 0) fail(c, k, "threads write one element");
        for (uint32_t r = 0; r < k->rd.n; r++) {
            const Access *from = &k->rd.at[r];
            if (kernel_buffer_memory(c->p, from->buf) != kernel_buffer_memory(c->p, to->buf)) continue;
            bool operand = k->kind == K_GEMM && r < 2;
            bool apart = accesses_disjoint_at(c->p, k, from, to, c->sample);
            bool iters = memcmp(from->iter, to->iter, sizeof from->iter) == 0;
            if (!apart && from->boxed && iters) apart = points_miss(c, k, from, to);
            if ((operand || !identical(from, to)) && !apart && !rows_apart(c, k, from, to))
                fail(c, k, arena_print(c->arena, "%%%u is read where other points write it", from->buf));
        }
        for (uint32_t v = w + 1; v < k->wr.n; v++)
            if (!accesses_disjoint_at(c->p, k, to, &k->wr.at[v], c->sample)) fail(c, k, "two stores meet");
    }
}

/* The rows of a tile read one row of B, its columns one column of A, or elements side by side. */
static void check_operands(Check *c, const Kernel *k)
{
    for (int a = 0; k->kind == K_GEMM && a < k->n_axes; a++)
        if (k->cls[a] == AX_M && value(c, k->axis[a]) > 1 && value(c, k->rd.at[1].stride[a]) != 0) fail(c, k, "B varies with a row");
}

/* ---- items of a group ------------------------------------------------------------------------ */

/* Stride and extent of every counter and axis with more than one index, ascending by stride. False: a stride is not positive. */
typedef struct Digits {
    int n;
    int64_t stride[MAX_AXES + MAX_COUNTERS], extent[MAX_AXES + MAX_COUNTERS];
} Digits;

static bool add_digit(Digits *d, int64_t stride, int64_t extent)
{
    int at = d->n;
    if (extent < 2) return true;
    if (stride <= 0) return false;
    for (; at > 0 && (d->stride[at - 1] > stride || (d->stride[at - 1] == stride && d->extent[at - 1] > extent)); at--)
        d->stride[at] = d->stride[at - 1], d->extent[at] = d->extent[at - 1];
    d->stride[at] = stride, d->extent[at] = extent;
    d->n++;
    return true;
}

static bool digits_of(Check *c, const Kernel *group, const Kernel *k, const Access *a, bool items, Digits *d)
{
    d->n = 0;
    for (int i = 0; items && i < group->n_axes; i++)
        if (!add_digit(d, value(c, a->iter[group->depth + (uint32_t)i]), value(c, group->axis[i]))) return false;
    for (int i = 0; i < k->n_axes; i++)
        if (value(c, a->stride[i]) && !add_digit(d, value(c, a->stride[i]), value(c, k->axis[i]))) return false;
    return true;
}

/* Does every item write elements of its own? Each digit is worth more than all below it together. */
static bool items_apart(Check *c, const Kernel *group, const Kernel *k, const Access *a)
{
    Digits d;
    int64_t reach = 0;
    if (a->boxed || a->index || !digits_of(c, group, k, a, true, &d)) return false;
    for (int i = 0; i < d.n; i++) {
        if (d.stride[i] <= reach) return false;
        reach = plus(c, reach, times(c, d.stride[i], d.extent[i] - 1));
    }
    return true;
}

/* Does an item touch by x exactly what it writes by w? */
static bool same_elements(Check *c, const Kernel *group, const Kernel *k, const Access *w, const Kernel *l, const Access *x)
{
    Digits d, e;
    if (x->boxed || x->index || w->off != x->off || memcmp(w->iter, x->iter, sizeof w->iter) != 0) return false;
    if (!digits_of(c, group, k, w, false, &d) || !digits_of(c, group, l, x, false, &e) || d.n != e.n) return false;
    return memcmp(d.stride, e.stride, sizeof *d.stride * (size_t)d.n) == 0 &&
           memcmp(d.extent, e.extent, sizeof *d.extent * (size_t)d.n) == 0;
}

static void check_written(Check *c, const Kernel *group, const Kernel *k, const Access *w)
{
    uint64_t memory = kernel_buffer_memory(c->p, w->buf);
    if (!items_apart(c, group, k, w)) fail(c, k, "two items of a group write one element");
    for (uint32_t i = 0; i < group->body.n; i++) {
        const Kernel *l = group->body.at[i];
        for (uint32_t j = 0; j < l->rd.n + l->wr.n; j++) {
            const Access *x = j < l->rd.n ? &l->rd.at[j] : &l->wr.at[j - l->rd.n];
            if (kernel_buffer_memory(c->p, x->buf) == memory && !same_elements(c, group, k, w, l, x))
                fail(c, l, arena_print(c->arena, "%%%u is touched where other items write it", x->buf));
        }
    }
}

static void check_items(Check *c, const Kernel *group)
{
    for (uint32_t i = 0; i < group->body.n; i++) {
        const Kernel *k = group->body.at[i];
        if (k->kind != K_NEST && k->kind != K_GEMM) fail(c, k, "in a group");
        if (k->part >= 0) fail(c, k, "divided in a group");
        for (uint32_t w = 0; w < k->wr.n; w++)
            if (c->p->buf.at[k->wr.at[w].buf].cls != BUF_LOCAL) check_written(c, group, k, &k->wr.at[w]);
    }
}

/* ---- kernels in order ------------------------------------------------------------------------ */

/* A boxed read of what the kernel itself writes: check_race sees that it meets none of the stores,
 * so it only ever gives the fill. */
static bool reads_fill_only(const Check *c, const Kernel *k, const Access *a)
{
    for (uint32_t i = 0; a->boxed && i < k->wr.n; i++)
        if (kernel_buffer_memory(c->p, k->wr.at[i].buf) == kernel_buffer_memory(c->p, a->buf)) return true;
    return false;
}

/* A local buffer is one item's, and known in one group only. */
static void check_local(Check *c, const Kernel *k, const Access *a)
{
    if (!c->group || (c->touched[a->buf] && c->first[a->buf] < c->group->order)) fail(c, k, "a local buffer outside of its group");
    for (int i = 0; i < MAX_COUNTERS; i++)
        if (value(c, a->iter[i])) fail(c, k, "the items of a group are apart in a local buffer");
}

static void touch(Check *c, const Kernel *k, const Access *a, bool read, const int64_t *trips)
{
    if (a->buf == 0 || a->buf >= c->p->buf.n) {
        fail(c, k, "access to no buffer");
        return;
    }
    const Buf *buf = &c->p->buf.at[a->buf];
    if (buf->cls == BUF_LOCAL) check_local(c, k, a);
    if (read && (buf->cls == BUF_WORK || buf->cls == BUF_LOCAL) && !c->touched[a->buf] && !reads_fill_only(c, k, a))
        fail(c, k, arena_print(c->arena, "%%%u is read before it is written", a->buf));
    check_bounds(c, k, a, trips);
    if (!c->touched[a->buf]) c->first[a->buf] = k->order, c->touched[a->buf] = true;
    if (k->order > c->last[a->buf]) c->last[a->buf] = k->order;
}

static void check_kernel(Check *c, const Kernel *k, int64_t *trips);

/* All that is not local and touched in a group is in use from its first kernel to its last. */
static void check_group(Check *c, const Kernel *k, int64_t *trips)
{
    c->group = k;
    for (int i = 0; i < k->n_axes; i++)
        trips[k->depth + (uint32_t)i] = value(c, k->axis[i]);
    for (uint32_t i = 0; i < k->body.n && !c->error; i++)
        check_kernel(c, k->body.at[i], trips);
    if (!c->error && !points_none(c, k)) check_items(c, k);
    for (int i = 0; i < k->n_axes; i++)
        trips[k->depth + (uint32_t)i] = 1;
    c->group = NULL;
    uint32_t last = k->order + k->body.n;
    for (uint32_t b = 1; b < c->p->buf.n; b++) {
        if (!c->touched[b] || c->p->buf.at[b].cls == BUF_LOCAL || c->last[b] < k->order) continue;
        if (c->first[b] > k->order) c->first[b] = k->order;
        if (c->last[b] < last) c->last[b] = last;
    }
}

static void check_band(Check *c, const Kernel *k)
{
    Kernel *const *list = c->group ? c->group->body.at : c->p->kernel.at;
    uint32_t n = c->group ? c->group->body.n : c->p->kernel.n;
    if (k->band && k->kind != K_NEST && k->kind != K_GEMM) fail(c, k, "a band of what has none");
    for (uint32_t w = 0; w < k->wr.n; w++) {
        if (!k->wr.at[w].open) continue;
        if (k->band)
            points_open(c, list, n, k, &k->wr.at[w]);
        else
            fail(c, k, "an open store without a band");
    }
}

static void check_kernel(Check *c, const Kernel *k, int64_t *trips)
{
    if (k->order < c->n_orders) c->by_order[k->order] = k;
    for (uint32_t i = 0; i < k->rd.n; i++)
        touch(c, k, &k->rd.at[i], true, trips);
    for (uint32_t i = 0; i < k->wr.n; i++)
        touch(c, k, &k->wr.at[i], false, trips);
    for (uint32_t i = 0; i < k->x.n && !c->error; i++)
        check_node(c, k, i);
    if (!c->error) check_race(c, k);
    if (!c->error) check_operands(c, k);
    check_band(c, k);
    if (k->kind == K_GROUP) check_group(c, k, trips);
    if (k->kind != K_SCAN || !k->body.n) return;
    const Kernel *end = k->body.at[k->body.n - 1];
    while (end->body.n)
        end = end->body.at[end->body.n - 1];
    trips[k->depth] = value(c, k->trips);
    for (uint32_t i = 0; i < k->body.n && !c->error; i++)
        check_kernel(c, k->body.at[i], trips);
    for (uint32_t b = 1; b < c->p->buf.n; b++) { /* written before, used inside: needed by every step */
        bool crosses = c->touched[b] && c->first[b] < k->order && c->last[b] >= k->order;
        if (crosses && c->last[b] < end->order) c->last[b] = end->order;
    }
    trips[k->depth] = 1;
}

/* A buffer that is made inside a scan and used behind it is live during the whole scan. */
static void widen(Check *c, const Kernel *k)
{
    if (k->kind != K_SCAN || !k->body.n) return;
    const Kernel *end = k->body.at[k->body.n - 1];
    while (end->body.n)
        end = end->body.at[end->body.n - 1];
    for (uint32_t i = 0; i < k->body.n; i++)
        widen(c, k->body.at[i]);
    for (uint32_t b = 1; b < c->p->buf.n; b++)
        if (c->touched[b] && c->first[b] > k->order && c->first[b] <= end->order && c->last[b] > end->order) c->first[b] = k->order;
}

/* ---- places ---------------------------------------------------------------------------------- */

static int64_t align64(int64_t n)
{
    return (n + 63) & ~(int64_t)63;
}

/* Offsets as the prologue computes them. */
static int64_t *find_offsets(Check *c)
{
    const KProgram *p = c->p;
    int64_t *offset = ARENA_ARRAY(c->arena, int64_t, p->table.n + 1);
    for (uint32_t k = 0; k < p->place_order.n; k++) {
        uint32_t i = p->place_order.at[k];
        for (uint32_t j = 0; j < p->table.at[i].above.n; j++) {
            uint32_t e = p->table.at[i].above.at[j];
            int64_t end = align64(plus(c, plus(c, offset[e], value(c, p->table.at[e].dim)), 63) - 63);
            if (end > offset[i]) offset[i] = end;
        }
    }
    return offset;
}

/* The kernel that makes b reads the elements of a only at the points where b replaces them. */
static bool takes_place(Check *c, uint32_t a, uint32_t b)
{
    if (c->last[a] != c->first[b] || c->last[b] == c->first[b]) return false;
    const Kernel *k = c->by_order[c->first[b]];
    if (!k || (k->kind != K_NEST && k->kind != K_GEMM)) return false;
    for (uint32_t w = 0; w < k->wr.n; w++) {
        if (k->wr.at[w].buf == a) return false;
        for (uint32_t r = 0; k->wr.at[w].buf == b && r < k->rd.n; r++) {
            bool operand = k->kind == K_GEMM && r < 2;
            if (k->rd.at[r].buf == a && (operand || !identical(&k->rd.at[r], &k->wr.at[w]))) return false;
        }
    }
    return c->p->buf.at[a].place == c->p->buf.at[b].place && dtype_bytes(c->p->buf.at[a].dtype) == dtype_bytes(c->p->buf.at[b].dtype);
}

/* Do all that are lent lie within their limits at these sizes? */
static bool limits_hold(Check *c, const int64_t *offset)
{
    bool hold = true;
    for (uint32_t i = 0; i < c->p->n_lent; i++) {
        const TableEntry *t = &c->p->table.at[c->p->place_order.at[i]];
        hold &= plus(c, offset[c->p->place_order.at[i]], value(c, t->dim)) <= t->limit;
    }
    return hold;
}

/* What lies in the gradient block is not read any more when the first gradient there is made. */
static void check_lent(Check *c, const int64_t *offset, uint32_t a)
{
    const Buf *x = &c->p->buf.at[a];
    int64_t lo = c->p->entry->grad_offset + offset[x->place], hi = lo + times(c, value(c, x->elements), dtype_bytes(x->dtype));
    for (uint32_t k = c->first[a]; k < c->last[a]; k++)
        if (c->by_order[k] && c->by_order[k]->kind == K_UPDATE) c->error = arena_print(c->arena, "buffer %%%u is lent beyond an update", a);
    for (uint32_t b = 1; b < c->p->buf.n; b++) {
        const Buf *y = &c->p->buf.at[b];
        if (y->cls != BUF_TRAIN || !c->touched[b] || c->first[b] > c->last[a]) continue;
        if (lo < y->place + value(c, y->elements) * dtype_bytes(y->dtype) && y->place < hi)
            c->error = arena_print(c->arena, "buffer %%%u lies where the gradient %%%u is made", a, b);
    }
}

static void check_overlap(Check *c)
{
    const KProgram *p = c->p;
    const int64_t *offset = find_offsets(c);
    bool hold = limits_hold(c, offset);
    for (uint32_t a = 1; a < p->buf.n && !c->error; a++) {
        const Buf *x = &p->buf.at[a];
        if (x->cls != BUF_WORK || !c->touched[a]) continue;
        int64_t bytes = times(c, value(c, x->elements), dtype_bytes(x->dtype)), lo = offset[x->place];
        if (bytes > value(c, p->table.at[x->place].dim)) c->error = arena_print(c->arena, "buffer %%%u is larger than its place", a);
        if (is_lent(p, x) && hold) check_lent(c, offset, a);
        for (uint32_t b = a + 1; b < p->buf.n; b++) {
            const Buf *y = &p->buf.at[b];
            if (y->cls != BUF_WORK || !c->touched[b] || is_lent(p, x) != is_lent(p, y)) continue;
            if (c->first[a] > c->last[b] || c->first[b] > c->last[a]) continue;
            int64_t lo2 = offset[y->place], bytes2 = times(c, value(c, y->elements), dtype_bytes(y->dtype));
            if (c->overflow) return;
            if (lo >= lo2 + bytes2 || lo2 >= lo + bytes) continue;
            if (!takes_place(c, a, b) && !takes_place(c, b, a))
                c->error = arena_print(c->arena, "buffers %%%u and %%%u overlap while both are live", a, b);
        }
    }
}

static void check_locals(Check *c)
{
    const KProgram *p = c->p;
    for (uint32_t a = 1; a < p->buf.n && !c->error; a++) {
        const Buf *x = &p->buf.at[a];
        if (x->cls != BUF_LOCAL || !c->touched[a]) continue;
        int64_t end = x->place + value(c, x->elements) * dtype_bytes(x->dtype);
        if (x->place < 0 || x->place % 64 || end > p->scratch_bytes)
            c->error = arena_print(c->arena, "local buffer %%%u leaves the scratch", a);
        for (uint32_t b = a + 1; b < p->buf.n; b++) {
            const Buf *y = &p->buf.at[b];
            if (y->cls != BUF_LOCAL || !c->touched[b] || c->first[a] > c->last[b] || c->first[b] > c->last[a]) continue;
            if (x->place < y->place + value(c, y->elements) * dtype_bytes(y->dtype) && y->place < end)
                c->error = arena_print(c->arena, "local buffers %%%u and %%%u overlap while both are live", a, b);
        }
    }
}

static uint32_t count_kernels(const Kernel *k)
{
    uint32_t n = 1;
    for (uint32_t i = 0; i < k->body.n; i++)
        n += count_kernels(k->body.at[i]);
    return n;
}

typedef enum { SAMPLE_RIGHT, SAMPLE_WRONG, SAMPLE_TOO_LARGE } SampleAnswer;

static SampleAnswer check_sample(const KProgram *p, Arena *arena, const int64_t *sample, const char **error)
{
    int64_t trips[MAX_COUNTERS] = {1, 1, 1, 1, 1, 1, 1, 1};
    Check c = {.p = p, .arena = arena, .sample = sample};
    c.first = ARENA_ARRAY(arena, uint32_t, p->buf.n);
    c.last = ARENA_ARRAY(arena, uint32_t, p->buf.n);
    c.touched = ARENA_ARRAY(arena, bool, p->buf.n);
    for (uint32_t i = 0; i < p->kernel.n; i++)
        c.n_orders += count_kernels(p->kernel.at[i]);
    c.by_order = ARENA_ARRAY(arena, const Kernel *, c.n_orders + 1);
    for (uint32_t i = 0; i < p->kernel.n && !c.error; i++)
        check_kernel(&c, p->kernel.at[i], trips);
    for (uint32_t i = 0; i < p->kernel.n && !c.error; i++)
        widen(&c, p->kernel.at[i]);
    if (!c.error) check_overlap(&c);
    if (!c.error) check_locals(&c);
    *error = c.error;
    return c.overflow ? SAMPLE_TOO_LARGE : c.error ? SAMPLE_WRONG : SAMPLE_RIGHT;
}

const char *kernel_verify(const KProgram *p, Arena *arena)
{
    static const int64_t sizes[] = {840, 1680, 60, 120, 12, 24, 4, 6, 2, 1};
    enum { N_SIZES = sizeof sizes / sizeof *sizes, N_SAMPLES = 2 };
    int64_t *sample = ARENA_ARRAY(arena, int64_t, symbol_count(p->module->dims) + 1);
    for (int i = 0, done = 0; i < N_SIZES && done < N_SAMPLES; i++) {
        const char *error;
        if (!dims_satisfying(p->module->dims, arena, p->fact, p->n_facts, sizes[i], sample)) continue;
        SampleAnswer answer = check_sample(p, arena, sample, &error);
        if (answer == SAMPLE_WRONG) return error;
        done += answer == SAMPLE_RIGHT;
    }
    return NULL;
}
