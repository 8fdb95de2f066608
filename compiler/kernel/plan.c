/* SPDX-License-Identifier: MIT
 * plan.c: lifetimes and places of work buffers.
 *
 * A buffer lives from the first to the last kernel that touches it; one that is touched inside and
 * outside a scan lives through the whole scan. Buffers are placed largest first (Pisarchyk and Lee
 * 2020), each in the best gap between those it conflicts with, at the sizes that the compiler plans with. That
 * says which of two that conflict is below; their offsets are formulas, evaluated by the prologue:
 * align64(max of the ends below). So none overlap at any sizes. */
#include "kernel/lend.h"

typedef struct Life {
    uint32_t first, last;
    bool touched;
} Life;

static void touch(KProgram *p, Life *life, const Access *a, uint32_t order)
{
    if (a->buf == 0 || (p->buf.at[a->buf].cls != BUF_WORK && p->buf.at[a->buf].cls != BUF_LOCAL)) return;
    Life *l = &life[a->buf];
    if (!l->touched) *l = (Life){order, order, true};
    if (order < l->first) l->first = order;
    if (order > l->last) l->last = order;
}

static uint32_t last_order(const Kernel *k)
{
    return k->body.n ? last_order(k->body.at[k->body.n - 1]) : k->order;
}

static void find_lives(KProgram *p, Life *life, const Kernel *k)
{
    for (uint32_t i = 0; i < k->rd.n; i++)
        touch(p, life, &k->rd.at[i], k->order);
    for (uint32_t i = 0; i < k->wr.n; i++)
        touch(p, life, &k->wr.at[i], k->order);
    for (uint32_t i = 0; i < k->body.n; i++)
        find_lives(p, life, k->body.at[i]);
}

/* Inner scans first: a life that leaves a scan covers it. A group, and a scan whose threads have rows of their own, covers the lives of
 * all in it that is not local: while one thread is at the last kernel of its item, another one is at the first. */
static void widen_lives(KProgram *p, Life *life, const Kernel *k)
{
    if (k->kind != K_SCAN && k->kind != K_GROUP) return;
    for (uint32_t i = 0; i < k->body.n; i++)
        widen_lives(p, life, k->body.at[i]);
    uint32_t first = k->order, last = last_order(k);
    for (uint32_t b = 1; b < p->buf.n; b++) {
        Life *l = &life[b];
        if (!l->touched || l->last < first || l->first > last) continue; /* apart */
        bool inside = l->first > first && l->last <= last;
        if (inside && ((k->kind == K_SCAN && !k->rows) || p->buf.at[b].cls == BUF_LOCAL)) continue;
        if (l->first > first) l->first = first;
        if (l->last < last) l->last = last;
    }
}

static Dim bytes_of(const KProgram *p, const Buf *buf)
{
    enum { READ_BEHIND = 3 }; /* of the last four bytes (Kernel.quads) */
    Dims *dims = p->module->dims;
    if (buf->dtype == DT_i8 || buf->dtype == DT_u8) return dim_add(dims, buf->elements, dim_const(dims, READ_BEHIND));
    return dim_mul(dims, buf->elements, dim_const(dims, dtype_bytes(buf->dtype)));
}

/* ---- results in the place of an operand ------------------------------------------------------ */

/* May kernel k's result w lie where r is? Every read of r must be the element that is written at
 * the same point. */
bool plan_replaces(const Kernel *k, uint32_t r, uint32_t w)
{
    if (k->kind != K_NEST && k->kind != K_GEMM) return false;
    for (uint32_t i = 0; i < k->wr.n; i++) {
        if (k->wr.at[i].buf == r) return false;
        if (k->wr.at[i].buf != w) continue;
        for (uint32_t j = 0; j < k->rd.n; j++) {
            if (k->rd.at[j].buf != r) continue;
            if ((k->kind == K_GEMM && j < 2) || !accesses_equal(&k->rd.at[j], &k->wr.at[i])) return false;
        }
    }
    return true;
}

static bool may_replace(const KProgram *p, const Kernel *k, uint32_t r, uint32_t w)
{
    const Buf *from = &p->buf.at[r], *to = &p->buf.at[w];
    if (from->cls != BUF_WORK || to->cls != BUF_WORK || to->first != k->order || to->last == k->order || from->last != k->order)
        return false;
    if (from->elements != to->elements || dtype_bytes(from->dtype) != dtype_bytes(to->dtype)) return false;
    return plan_replaces(k, r, w);
}

/* root[b]: the buffer whose place b takes. */
static void find_replacements(KProgram *p, const Kernel *k, uint32_t *root)
{
    for (uint32_t i = 0; i < k->body.n; i++)
        find_replacements(p, k->body.at[i], root);
    for (uint32_t i = 0; i < k->wr.n; i++) {
        uint32_t w = k->wr.at[i].buf;
        if (root[w] != w) continue;
        for (uint32_t j = 0; j < k->rd.n; j++) {
            uint32_t r = k->rd.at[j].buf;
            if (r == w || p->buf.at[root[r]].last != p->buf.at[r].last || !may_replace(p, k, r, w)) continue;
            root[w] = root[r];
            p->buf.at[root[r]].last = p->buf.at[w].last;
            break;
        }
    }
}

static uint32_t *by_size(KProgram *p, Arena *arena, const int64_t *bytes, uint32_t *n)
{
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, p->buf.n);
    *n = 0;
    for (uint32_t b = 1; b < p->buf.n; b++) {
        if (p->buf.at[b].cls != BUF_WORK || !p->buf.at[b].elements || p->buf.at[b].replaces || is_lent(p, &p->buf.at[b])) continue;
        uint32_t at = (*n)++;
        while (at > 0 && bytes[order[at - 1]] < bytes[b])
            order[at] = order[at - 1], at--;
        order[at] = b;
    }
    return order;
}

/* Bytes at the sample. */
static int64_t *sizes_of(KProgram *p, Arena *arena)
{
    int64_t *bytes = ARENA_ARRAY(arena, int64_t, p->buf.n + 1);
    for (uint32_t b = 1; b < p->buf.n; b++) {
        if (p->buf.at[b].cls != BUF_WORK || !p->buf.at[b].elements) continue;
        if (!dim_eval(p->module->dims, bytes_of(p, &p->buf.at[b]), p->sample, &bytes[b])) bytes[b] = INT64_MAX / 4096;
    }
    return bytes;
}

static void place_all(KProgram *p, const int64_t *bytes)
{
    uint32_t n = 0;
    Arena arena = {0};
    const uint32_t *order = by_size(p, &arena, bytes, &n);
    Places places = places_new(&arena, n);
    for (uint32_t i = 0; i < n; i++)
        places_add(&places, order[i], places_gap(p, &places, &p->buf.at[order[i]], bytes[order[i]]), bytes[order[i]]);
    p->place_order.n = p->n_lent;
    places_formulas(p, &places);
    p->placed = true;
    arena_free(&arena);
}

/* A table entry for each place, in the order of the buffers. */
static void add_entries(KProgram *p, const uint32_t *root)
{
    for (uint32_t b = 1; b < p->buf.n; b++) {
        Buf *buf = &p->buf.at[b];
        if (buf->cls != BUF_WORK || !buf->elements) continue;
        buf->replaces = root[b] != b;
        if (buf->replaces) continue;
        buf->place = p->table.n;
        vec_add(p->arena, &p->table, ((TableEntry){.kind = TABLE_PLACE, .dim = bytes_of(p, buf)}));
    }
    for (uint32_t b = 1; b < p->buf.n; b++)
        if (p->buf.at[b].replaces) p->buf.at[b].place = p->buf.at[root[b]].place;
    p->work_entry = p->table.n;
    vec_add(p->arena, &p->table, (TableEntry){.kind = TABLE_WORK});
    p->lent_entry = p->table.n;
    vec_add(p->arena, &p->table, (TableEntry){.kind = TABLE_LENT});
    p->scratch_entry = p->table.n;
    vec_add(p->arena, &p->table, (TableEntry){.kind = TABLE_SCRATCH});
}

/* ---- buffers that come later ----------------------------------------------------------------- */

static const Kernel *outermost(const KProgram *p, uint32_t order)
{
    const Kernel *k = NULL;
    for (uint32_t i = 0; i < p->kernel.n && p->kernel.at[i]->order <= order; i++)
        k = p->kernel.at[i];
    return k;
}

uint32_t kernel_add_work(KProgram *p, const Kernel *k, const char *name, uint8_t dtype, Dim elements)
{
    for (uint32_t b = p->n_planned; b < p->buf.n; b++) /* for another machine */
        if (p->buf.at[b].name == name && p->buf.at[b].first == k->order && p->buf.at[b].elements == elements) return b;
    Buf buf = {.name = name, .cls = BUF_WORK, .dtype = dtype, .elements = elements, .first = k->order, .last = k->order};
    buf.type = (Type){.dtype = dtype, .rank = 1, .dim = {elements}};
    buf.stride[0] = dim_const(p->module->dims, 1);
    const Kernel *around = k->own_rows || k->grouped ? outermost(p, k->order) : NULL; /* threads are at several kernels of it */
    if (around) buf.first = around->order, buf.last = last_order(around);
    buf.place = p->table.n;
    vec_add(p->arena, &p->table, ((TableEntry){.kind = TABLE_PLACE, .dim = bytes_of(p, &buf)}));
    vec_add(p->arena, &p->buf, buf);
    p->placed = false;
    return p->buf.n - 1;
}

/* Where nobody said what sizes are usual, each is 64. */
static const int64_t *usual_sizes(const KProgram *p)
{
    uint32_t n = symbol_count(p->module->dims) + 1;
    int64_t *sample = ARENA_ARRAY(p->arena, int64_t, n);
    for (uint32_t i = 0; i < n; i++)
        sample[i] = 64;
    return sample;
}

void kernel_plan_again(KProgram *p)
{
    if (p->placed) return;
    if (!p->sample) p->sample = usual_sizes(p);
    Arena arena = {0};
    place_all(p, sizes_of(p, &arena));
    arena_free(&arena);
}

int64_t *kernel_own_bytes(const KProgram *p, Arena *arena)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < p->kernel.n; i++)
        if (p->kernel.at[i]->origin > most) most = p->kernel.at[i]->origin;
    int64_t *own = ARENA_ARRAY(arena, int64_t, most + 1);
    for (uint32_t b = p->n_planned; b < p->buf.n; b++) {
        int64_t bytes = 0, *sum = &own[outermost(p, p->buf.at[b].first)->origin];
        if (dim_eval(p->module->dims, bytes_of(p, &p->buf.at[b]), p->sample, &bytes) && bytes > *sum) *sum = bytes;
    }
    return own;
}

int64_t kernel_work_bytes(const KProgram *p, Arena *scratch, const int64_t *sample)
{
    int64_t *end = ARENA_ARRAY(scratch, int64_t, p->table.n + 1), work = 0, lent = 0;
    bool fits = true;
    for (uint32_t i = 0; i < p->place_order.n; i++) {
        uint32_t e = p->place_order.at[i];
        const TableEntry *t = &p->table.at[e];
        int64_t at = 0, bytes = 0;
        for (uint32_t j = 0; j < t->above.n; j++)
            if (end[t->above.at[j]] > at) at = end[t->above.at[j]];
        if (!dim_eval(p->module->dims, t->dim, sample, &bytes)) return INT64_MAX / 4096;
        int64_t *most = t->limit ? &lent : &work;
        end[e] = place_align(at + bytes);
        if (end[e] > *most) *most = end[e];
        fits &= !t->limit || at + bytes <= t->limit;
    }
    return work + (fits ? 0 : lent);
}

/* Local buffers lie in the scratch of a thread: each at the first place that none of those has which live at the same time. */
static void place_locals(KProgram *p)
{
    VEC(Placed) placed = {0};
    for (uint32_t b = 1; b < p->buf.n; b++) {
        Buf *buf = &p->buf.at[b];
        int64_t bytes = 0;
        if (buf->cls != BUF_LOCAL || !dim_is_const(p->module->dims, bytes_of(p, buf), &bytes)) continue;
        buf->place = 0;
        for (uint32_t i = 0; i < placed.n; i++) {
            const Placed *other = &placed.at[i];
            if (!places_conflict(&p->buf.at[other->buf], buf) || other->end <= buf->place || other->offset >= buf->place + bytes) continue;
            buf->place = other->end;
            i = UINT32_MAX; /* from the start */
        }
        vec_add(p->arena, &placed, ((Placed){b, buf->place, place_align(buf->place + bytes)}));
        if (placed.at[placed.n - 1].end > p->scratch_bytes) p->scratch_bytes = placed.at[placed.n - 1].end;
    }
    p->local_bytes = p->scratch_bytes;
}

void plan_memory(KProgram *p)
{
    Life *life = ARENA_ARRAY(p->arena, Life, p->buf.n + 1);
    for (uint32_t i = 0; i < p->kernel.n; i++)
        find_lives(p, life, p->kernel.at[i]);
    for (uint32_t i = 0; i < p->kernel.n; i++)
        widen_lives(p, life, p->kernel.at[i]);
    for (uint32_t b = 1; b < p->buf.n; b++) {
        p->buf.at[b].first = life[b].first;
        p->buf.at[b].last = life[b].last;
        if (!life[b].touched && p->buf.at[b].cls == BUF_WORK) p->buf.at[b].elements = 0; /* never used: no memory */
    }
    uint32_t *root = ARENA_ARRAY(p->arena, uint32_t, p->buf.n + 1);
    for (uint32_t b = 1; b < p->buf.n; b++)
        root[b] = b;
    for (uint32_t i = 0; i < p->kernel.n && !p->no_reuse; i++)
        find_replacements(p, p->kernel.at[i], root);
    p->n_planned = p->buf.n;
    add_entries(p, root);
    const int64_t *bytes = sizes_of(p, p->arena);
    lend_place(p, bytes);
    p->n_lent = p->place_order.n;
    place_all(p, bytes);
    place_locals(p);
}
