/* SPDX-License-Identifier: MIT
 * lend.c: which values lie in the gradient block, and where (see lend.h).
 *
 * As long as that makes fewer bytes in use where most are, those in use there move, the ones that must lie lowest first. */
#include "kernel/lend.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_BUFFER = 1 << 16, LEAST_SAVED = 1 << 20 }; /* bytes that are worth it: of one buffer, of all */

typedef struct Gradient { /* of one tensor; bytes from the start of the block */
    int64_t lo, hi;
    uint32_t kernel; /* the first one that touches it; with none its memory is never free */
} Gradient;
typedef VEC(Gradient) Gradients;

static int64_t gradient_bytes(const KProgram *p)
{
    return p->entry ? p->entry->grad_count * dtype_bytes(p->layout->float_dtype) : 0;
}

int64_t lend_bytes(const KProgram *p)
{
    int64_t block = gradient_bytes(p), work = 0;
    bool updates = false;
    for (uint32_t i = 0; i < p->kernel.n; i++)
        updates |= p->kernel.at[i]->kind == K_UPDATE;
    for (uint32_t b = 1; b < p->buf.n; b++) {
        const Buf *buf = &p->buf.at[b];
        int64_t n = 0;
        if (buf->cls != BUF_WORK || !buf->elements || !dim_eval(p->module->dims, buf->elements, p->sample, &n)) continue;
        if (n > INT64_MAX / 4096) return 0;
        if (n * dtype_bytes(buf->dtype) >= LEAST_BUFFER && work < LEAST_SAVED) work += n * dtype_bytes(buf->dtype);
    }
    if (p->entry && p->entry->in_place) return 0;
    return !p->no_reuse && updates && block >= LEAST_SAVED && work >= LEAST_SAVED ? block : 0;
}

/* ---- when gradients are made --------------------------------------------------------------------------- */

static void note_access(const KProgram *p, Gradients *g, const Access *a, uint32_t kernel)
{
    const Buf *buf = &p->buf.at[a->buf];
    if (!a->buf || buf->cls != BUF_TRAIN) return;
    for (uint32_t i = 0; i < g->n; i++) {
        Gradient *to = &g->at[i];
        int64_t at = buf->place - p->entry->grad_offset;
        if (at >= to->lo && at < to->hi && kernel < to->kernel) to->kernel = kernel;
    }
}

static void note_kernel(const KProgram *p, Gradients *g, const Kernel *k, uint32_t kernel)
{
    for (uint32_t i = 0; i < k->rd.n; i++)
        note_access(p, g, &k->rd.at[i], kernel);
    for (uint32_t i = 0; i < k->wr.n; i++)
        note_access(p, g, &k->wr.at[i], kernel);
    for (uint32_t i = 0; i < k->body.n; i++)
        note_kernel(p, g, k->body.at[i], kernel);
}

/* Of each tensor that a statement of the entry is over, once. */
static Gradients find_gradients(const KProgram *p, Arena *arena)
{
    Gradients g = {0};
    int bytes = dtype_bytes(p->layout->float_dtype);
    bool *there = ARENA_ARRAY(arena, bool, p->layout->tensor.n + 1);
    for (uint32_t s = 0; s < p->entry->statement.n; s++)
        for (uint32_t i = 0; i < p->entry->statement.at[s].over.n; i++) {
            uint32_t tensor = p->entry->statement.at[s].over.at[i];
            int64_t lo = layout_gradient(p->layout, p->entry, tensor) - p->entry->grad_offset;
            if (!there[tensor]) vec_add(arena, &g, ((Gradient){lo, lo + p->layout->tensor.at[tensor].padded * bytes, UINT32_MAX}));
            there[tensor] = true;
        }
    for (uint32_t i = 0; i < p->kernel.n; i++)
        note_kernel(p, &g, p->kernel.at[i], i);
    return g;
}

int64_t *lend_made(const KProgram *p, Arena *arena)
{
    int64_t *made = ARENA_ARRAY(arena, int64_t, p->kernel.n + 1);
    if (!lend_bytes(p)) return made;
    Gradients g = find_gradients(p, arena);
    for (uint32_t i = 0; i < g.n; i++)
        made[g.at[i].kernel == UINT32_MAX ? 0 : g.at[i].kernel] += g.at[i].hi - g.at[i].lo;
    return made;
}

/* ---- gaps ------------------------------------------------------------------------------------------------ */

/* Behind each row, and behind the tensor up to where the next one may begin. */
static void clear_gaps(Builder *b, uint32_t tensor)
{
    enum { NEXT = 16 }; /* layout.h */
    const LayoutTensor *t = &b->p->layout->tensor.at[tensor];
    int64_t row = t->type.rank >= 2 ? t->stride[t->type.rank - 2] : 0, used = row ? t->extent[t->type.rank - 1] : 0;
    int64_t rest = (NEXT - t->padded % NEXT) % NEXT;
    Home all = home_of_tensor(b, tensor, true), at = {.buf = all.buf};
    b->p->buf.at[all.buf].elements = build_dim(b, t->padded + rest);
    if (row > used) {
        Type type = {.dtype = t->type.dtype, .rank = 2, .dim = {build_dim(b, t->padded / row), build_dim(b, row - used)}};
        at.off = build_dim(b, used);
        at.stride[0] = build_dim(b, row);
        at.stride[1] = build_dim(b, 1);
        build_fill(b, &type, &at, 0, "gap");
    }
    if (rest) {
        Type type = {.dtype = t->type.dtype, .rank = 1, .dim = {build_dim(b, rest)}};
        at = (Home){.buf = all.buf, .off = build_dim(b, t->padded), .stride = {build_dim(b, 1)}};
        build_fill(b, &type, &at, 0, "gap");
    }
}

static void clear_before(Builder *b, const Kernel *update, bool *cleared)
{
    const EntryLayout *entry = b->p->entry;
    uint32_t first = (uint32_t)update->statement, last = first + entry->statement.at[first].more;
    for (uint32_t s = first; s <= last; s++)
        for (uint32_t i = 0; i < entry->statement.at[s].over.n; i++) {
            uint32_t tensor = entry->statement.at[s].over.at[i];
            if (!cleared[tensor]) clear_gaps(b, tensor);
            cleared[tensor] = true;
        }
}

void lend_clear(Builder *b)
{
    KProgram *p = b->p;
    if (!lend_bytes(p)) return;
    bool *cleared = ARENA_ARRAY(b->arena, bool, p->layout->tensor.n + 1);
    VEC(Kernel *) all = {0};
    b->out = (void *)&all;
    for (uint32_t i = 0; i < p->kernel.n; i++) {
        uint32_t n = all.n;
        if (p->kernel.at[i]->kind == K_UPDATE) clear_before(b, p->kernel.at[i], cleared);
        for (; n < all.n; n++)
            all.at[n]->origin = p->kernel.at[i]->origin;
        vec_add(b->arena, &all, p->kernel.at[i]);
    }
    b->out = (void *)&p->kernel;
    p->kernel.n = 0;
    for (uint32_t i = 0; i < all.n; i++)
        vec_add(b->arena, &p->kernel, all.at[i]);
}

/* ---- places ---------------------------------------------------------------------------------------------- */

typedef struct Lender {
    KProgram *p;
    Arena arena;
    const int64_t *bytes; /* by buffer */
    Gradients gradient;
    Places places;
    int64_t *limit; /* by buffer: how far it may reach; 0: it may not lie in the block */
    bool *lent;
    uint32_t n_orders;
} Lender;

static uint32_t last_order(const Kernel *k)
{
    return k->body.n ? last_order(k->body.at[k->body.n - 1]) : k->order;
}

/* The lowest gradient that is made while the buffer lives. */
static int64_t limit_of(const Lender *l, const Buf *buf)
{
    int64_t limit = gradient_bytes(l->p);
    for (uint32_t i = 0; i < l->gradient.n; i++) {
        const Gradient *g = &l->gradient.at[i];
        bool made = g->kernel == UINT32_MAX || l->p->kernel.at[g->kernel]->order <= buf->last;
        if (made && g->lo < limit) limit = g->lo;
    }
    return limit;
}

/* Behind an update shards go on with what they computed before, when others have been in the block (runtime/run/shards.c). */
static bool outlives_update(const Lender *l, const Buf *buf)
{
    for (uint32_t i = 0; i < l->p->kernel.n; i++) {
        const Kernel *k = l->p->kernel.at[i];
        if (k->kind == K_UPDATE && buf->first < k->order && k->order < buf->last) return true;
    }
    return false;
}

static void find_limits(Lender *l)
{
    const KProgram *p = l->p;
    l->limit = ARENA_ARRAY(&l->arena, int64_t, p->buf.n + 1);
    l->lent = ARENA_ARRAY(&l->arena, bool, p->buf.n + 1);
    for (uint32_t b = 1; b < p->buf.n; b++)
        if (l->bytes[b] >= LEAST_BUFFER && !p->buf.at[b].replaces && !outlives_update(l, &p->buf.at[b]))
            l->limit[b] = limit_of(l, &p->buf.at[b]);
    for (uint32_t i = 0; i < p->kernel.n; i++)
        l->n_orders = last_order(p->kernel.at[i]) + 1;
}

static bool takes_work(const Lender *l, uint32_t b)
{
    return l->bytes[b] && !l->lent[b] && !l->p->buf.at[b].replaces;
}

/* Where most bytes of the work area are in use. */
static int64_t find_most(Lender *l, uint32_t *at)
{
    int64_t *change = ARENA_ARRAY(&l->arena, int64_t, l->n_orders + 1), now = 0, most = 0;
    for (uint32_t b = 1; b < l->p->buf.n; b++) {
        if (!takes_work(l, b)) continue;
        change[l->p->buf.at[b].first] += l->bytes[b];
        change[l->p->buf.at[b].last + 1] -= l->bytes[b];
    }
    for (uint32_t i = 0; i < l->n_orders; i++) {
        now += change[i];
        if (now > most) most = now, *at = i;
    }
    return most;
}

static bool comes_before(const Lender *l, uint32_t a, uint32_t b)
{
    return l->limit[a] != l->limit[b] ? l->limit[a] < l->limit[b] : l->bytes[a] > l->bytes[b];
}

/* What is in use at `order` and may lie in the block, those first that may reach least far. */
static uint32_t list_candidates(Lender *l, uint32_t order, uint32_t *list)
{
    uint32_t n = 0;
    for (uint32_t b = 1; b < l->p->buf.n; b++) {
        const Buf *buf = &l->p->buf.at[b];
        if (!l->limit[b] || !takes_work(l, b) || buf->first > order || buf->last < order) continue;
        uint32_t at = n++;
        for (; at > 0 && comes_before(l, b, list[at - 1]); at--)
            list[at] = list[at - 1];
        list[at] = b;
    }
    return n;
}

static bool lend_at(Lender *l, uint32_t order)
{
    uint32_t *list = ARENA_ARRAY(&l->arena, uint32_t, l->p->buf.n + 1), n = list_candidates(l, order, list);
    bool any = false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t b = list[i];
        int64_t at = places_gap(l->p, &l->places, &l->p->buf.at[b], l->bytes[b]);
        if (at + l->bytes[b] > l->limit[b]) continue;
        places_add(&l->places, b, at, l->bytes[b]);
        l->lent[b] = any = true;
    }
    return any;
}

void lend_place(KProgram *p, const int64_t *bytes)
{
    if (!lend_bytes(p)) return;
    Lender l = {.p = p, .bytes = bytes};
    l.gradient = find_gradients(p, &l.arena);
    l.places = places_new(&l.arena, p->buf.n);
    find_limits(&l);
    uint32_t at = 0;
    int64_t before = find_most(&l, &at), now = before;
    while (now && lend_at(&l, at))
        now = find_most(&l, &at);
    for (uint32_t i = 0; before - now >= LEAST_SAVED && i < l.places.n; i++)
        p->table.at[p->buf.at[l.places.at[i].buf].place].limit = l.limit[l.places.at[i].buf];
    if (before - now >= LEAST_SAVED) places_formulas(p, &l.places);
    arena_free(&l.arena);
}
