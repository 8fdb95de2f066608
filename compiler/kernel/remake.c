/* SPDX-License-Identifier: MIT
 * remake.c: which values are remade, so that memory suffices.
 *
 * Greedy: where most is in use, the gap that frees most bytes for the time it takes, until there is nothing to free or it is enough. A kernel
 * that runs again makes all its values that would wait: they are freed together. In the end those that are not necessary any
 * more stay in memory, beginning with the ones that take longest. */
#include "kernel/remake.h"

#include <math.h>
#include <string.h>

enum { MOST_BUNDLE = 16 };

typedef struct Search {
    const Facts *f;
    Arena scratch[2]; /* of the order, and of the one that is tried */
    int now;          /* which one is the order's */
    Gap *gap;
    Order order;
    bool *banned; /* by buffer: it has been tried */
    double most_seconds; /* of all that runs again */
} Search;

typedef struct Bundle { /* gaps that are made together */
    uint32_t n, buf[MOST_BUNDLE];
    Gap gap[MOST_BUNDLE];
    double bytes, seconds;
} Bundle;

/* The gap of a buffer around the step where most is in use. False: it is used there, or has none. */
static bool gap_around(const Search *s, uint32_t buf, Gap *gap)
{
    const BufferFacts *b = &s->f->buf[buf];
    const Step *most = &s->order.step.at[s->order.most_at];
    if (!b->bytes || b->once || s->gap[buf].next || s->order.first[buf] == NO_KERNEL) return false;
    if (s->order.first[buf] > s->order.most_at || s->order.last[buf] < s->order.most_at) return false;
    *gap = (Gap){NO_KERNEL, s->f->n_kernels};
    for (uint32_t i = 0; i < b->toucher.n; i++) {
        uint32_t k = b->toucher.at[i];
        if (k == most->at && !most->again) return false;
        if (k < most->at)
            gap->last = k;
        else if (k < gap->next)
            gap->next = k;
    }
    return gap->last != NO_KERNEL && b->writer.at[b->writer.n - 1] <= gap->last;
}

static bool add_to_bundle(const Search *s, Bundle *b, uint32_t buf)
{
    Gap gap;
    for (uint32_t i = 0; i < b->n; i++)
        if (b->buf[i] == buf) return true;
    if (b->n == MOST_BUNDLE || !gap_around(s, buf, &gap)) return false;
    b->buf[b->n] = buf;
    b->gap[b->n++] = gap;
    b->bytes += (double)s->f->buf[buf].bytes;
    return true;
}

/* What the kernel reads must wait instead, if nothing else keeps it. */
static void subtract_read(const Search *s, Bundle *b, const KernelFacts *k)
{
    for (uint32_t i = 0; i < k->touched.n; i++) {
        const Touched *t = &k->touched.at[i];
        bool waits = s->gap[t->buf].next || (s->order.first[t->buf] != NO_KERNEL && s->order.last[t->buf] >= s->order.most_at);
        if (t->read && !t->written && !waits) b->bytes -= (double)s->f->buf[t->buf].bytes;
    }
}

static bool is_in(const uint32_t *list, uint32_t n, uint32_t v)
{
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == v) return true;
    return false;
}

/* The buffer, what its kernels make beside it, and what these gaps cost. */
static Bundle bundle_of(const Search *s, uint32_t buf)
{
    enum { MOST_KERNELS = 64 };
    Bundle b = {0};
    uint32_t kernel[MOST_KERNELS], n = 0;
    if (!add_to_bundle(s, &b, buf)) return b;
    for (uint32_t i = 0; i < b.n; i++) {
        const BufferFacts *facts = &s->f->buf[b.buf[i]];
        for (uint32_t w = 0; w < facts->writer.n; w++) {
            const KernelFacts *k = &s->f->kernel[facts->writer.at[w]];
            if (is_in(kernel, n, facts->writer.at[w])) continue;
            if (n == MOST_KERNELS) return (Bundle){0};
            kernel[n++] = facts->writer.at[w];
            b.seconds += k->seconds;
            subtract_read(s, &b, k);
            for (uint32_t t = 0; t < k->touched.n; t++)
                if (k->touched.at[t].written) add_to_bundle(s, &b, k->touched.at[t].buf);
        }
    }
    return b;
}

static Bundle best_bundle(const Search *s)
{
    Bundle best = {0};
    double least_seconds = 1e-9;
    for (uint32_t buf = 1; buf < s->f->n_bufs; buf++) {
        if (s->banned[buf]) continue;
        Bundle b = bundle_of(s, buf);
        if (!b.n || b.bytes <= 0) continue;
        if (!best.n || b.bytes * (best.seconds + least_seconds) > best.bytes * (b.seconds + least_seconds)) best = b;
    }
    return best;
}

/* Is the order with these gaps possible, in time, and most of its bytes fewer than `bytes`? Then it is the order. */
static bool try_order(Search *s, int64_t bytes)
{
    Order o;
    arena_clear(&s->scratch[!s->now]);
    if (!remake_order(s->f, s->gap, &s->scratch[!s->now], &o) || o.most >= bytes || o.seconds > s->most_seconds) return false;
    s->now = !s->now;
    s->order = o;
    return true;
}

static void set_gaps(Search *s, const Bundle *b, bool open)
{
    for (uint32_t i = 0; i < b->n; i++)
        s->gap[b->buf[i]] = open ? b->gap[i] : (Gap){0};
}

/* Frees memory where most is in use. False: there is nothing to free. */
static bool free_some(Search *s)
{
    for (;;) {
        Bundle b = best_bundle(s);
        if (!b.n) return false;
        set_gaps(s, &b, true);
        if (try_order(s, s->order.most)) return true;
        set_gaps(s, &b, false);
        s->banned[b.buf[0]] = true;
    }
}

/* The bundle of gaps whose kernels take longest and that has not been tried. */
static uint32_t dearest(const Search *s, const bool *tried)
{
    uint32_t best = 0;
    double most = -1;
    for (uint32_t b = 1; b < s->f->n_bufs; b++) {
        if (!s->gap[b].next || tried[b]) continue;
        double seconds = 0;
        for (uint32_t i = 0; i < s->f->buf[b].writer.n; i++)
            seconds += s->f->kernel[s->f->buf[b].writer.at[i]].seconds;
        if (seconds > most) most = seconds, best = b;
    }
    return best;
}

/* Values for which there is room after all stay. */
static void close_gaps(Search *s, int64_t bytes)
{
    bool *tried = ARENA_ARRAY(s->f->arena, bool, s->f->n_bufs + 1);
    for (uint32_t b; (b = dearest(s, tried)) != 0;) {
        Gap gap = s->gap[b];
        tried[b] = true;
        s->gap[b] = (Gap){0};
        if (!try_order(s, bytes + 1)) s->gap[b] = gap;
    }
}

bool remake_fit(KProgram *p, const int64_t *own_bytes, int64_t bytes, double share)
{
    Arena arena = {0};
    Search s = {.f = remake_facts(p, &arena, own_bytes)};
    s.gap = ARENA_ARRAY(&arena, Gap, s.f->n_bufs + 1);
    s.banned = ARENA_ARRAY(&arena, bool, s.f->n_bufs + 1);
    s.most_seconds = share > 0 ? share * s.f->seconds : INFINITY;
    bool any = false;
    if (!s.f->n_kernels) return true;
    if (!try_order(&s, INT64_MAX)) BUG("kernels in their own order");
    for (bool more = true; more && s.order.most > bytes;) { /* what failed once may succeed later */
        more = false;
        memset(s.banned, 0, sizeof *s.banned * s.f->n_bufs);
        while (s.order.most > bytes && free_some(&s))
            more = any = true;
    }
    if (any) close_gaps(&s, s.order.most > bytes ? s.order.most : bytes);
    p->remade = any;
    p->most_loc = p->kernel.at[s.order.step.at[s.order.most_at].kernel]->loc;
    if (any) remake_copy(s.f, s.gap, &s.order);
    bool fits = s.order.most <= bytes;
    arena_free(&s.scratch[0]);
    arena_free(&s.scratch[1]);
    arena_free(&arena);
    return fits;
}
