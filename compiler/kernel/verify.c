/* SPDX-License-Identifier: MIT
 * verify.c: what must hold of a kernel program; and, independently of the plan, that no two live work buffers overlap. */
#include "kernel/kernel.h"

typedef struct Check {
    const KProgram *p;
    Arena *arena;
    const int64_t *sample;
    uint32_t *first, *last; /* by buffer */
    bool *touched;
    const char *error;
} Check;

static void fail(Check *c, const Kernel *k, const char *what)
{
    if (!c->error) c->error = arena_print(c->arena, "%s: %s", k->name, what);
}

static int64_t value(Check *c, Dim d)
{
    int64_t v = 0;
    if (d && !dim_eval(c->p->module->dims, d, c->sample, &v)) return -1;
    return v;
}

/* Least and greatest element offset of an access over the domain, its box included where that bounds a single axis. */
static void check_bounds(Check *c, const Kernel *k, const Access *a, const int64_t *trips)
{
    const Buf *buf = &c->p->buf.at[a->buf];
    if (buf->cls != BUF_WORK || a->boxed || a->index) return;
    int64_t lo = value(c, a->off), hi = lo;
    for (int i = 0; i < k->n_axes; i++) {
        int64_t s = value(c, a->stride[i]), n = value(c, k->axis[i]);
        if (k->kind == K_SCATTER && i == 0 && a == &k->wr.at[0]) n = value(c, k->rows);
        if (n < 1) return; /* nothing is done at this sample */
        if (s < 0) lo += s * (n - 1);
        else hi += s * (n - 1);
    }
    for (int i = 0; i < MAX_SCANS; i++)
        if (a->iter[i]) hi += value(c, a->iter[i]) * (trips[i] - 1);
    if (lo < 0 || hi >= value(c, buf->elements)) fail(c, k, arena_print(c->arena, "access to %%%u leaves the buffer: %lld..%lld of %lld", a->buf, (long long)lo, (long long)hi, (long long)value(c, buf->elements)));
}

static void check_kernel(Check *c, const Kernel *k, int64_t *trips, uint32_t scan_first, uint32_t scan_last)
{
    for (int pass = 0; pass < 2; pass++) {
        uint32_t n = pass ? k->wr.n : k->rd.n;
        for (uint32_t i = 0; i < n; i++) {
            const Access *a = pass ? &k->wr.at[i] : &k->rd.at[i];
            if (a->buf == 0 || a->buf >= c->p->buf.n) fail(c, k, "access to no buffer");
            if (c->error) return;
            if (pass == 0 && c->p->buf.at[a->buf].cls == BUF_WORK && !c->touched[a->buf]) fail(c, k, arena_print(c->arena, "%%%u is read before it is written", a->buf));
            check_bounds(c, k, a, trips);
            if (!c->touched[a->buf]) c->first[a->buf] = k->order, c->touched[a->buf] = true;
            if (k->order > c->last[a->buf]) c->last[a->buf] = k->order;
        }
    }
    for (uint32_t i = 0; i < k->x.n; i++)
        for (int j = 0; j < 4; j++)
            if (k->x.at[i].in[j] > i) fail(c, k, "expression node behind its user");
    if (k->kind != K_SCAN || !k->body.n) return;
    const Kernel *end = k->body.at[k->body.n - 1];
    while (end->body.n) end = end->body.at[end->body.n - 1];
    trips[k->depth] = value(c, k->trips);
    for (uint32_t i = 0; i < k->body.n && !c->error; i++) check_kernel(c, k->body.at[i], trips, k->order, end->order);
    for (uint32_t b = 1; b < c->p->buf.n; b++) /* written before, used inside: needed by every step */
        if (c->touched[b] && c->first[b] < k->order && c->last[b] >= k->order && c->last[b] < end->order) c->last[b] = end->order;
    trips[k->depth] = 1;
    (void)scan_first, (void)scan_last;
}

static int64_t align64(int64_t n)
{
    return (n + 63) & ~(int64_t)63;
}

/* Offsets as the prologue computes them. */
static void check_overlap(Check *c)
{
    const KProgram *p = c->p;
    int64_t *offset = ARENA_ARRAY(c->arena, int64_t, p->table.n + 1);
    for (uint32_t i = 0; i < p->table.n; i++) {
        if (p->table.at[i].kind != TABLE_PLACE) continue;
        for (uint32_t j = 0; j < p->table.at[i].above.n; j++) {
            uint32_t e = p->table.at[i].above.at[j];
            int64_t end = align64(offset[e] + value(c, p->table.at[e].dim));
            if (end > offset[i]) offset[i] = end;
        }
    }
    for (uint32_t a = 1; a < p->buf.n && !c->error; a++) {
        if (p->buf.at[a].cls != BUF_WORK || !c->touched[a]) continue;
        int64_t lo = offset[p->buf.at[a].place], hi = lo + value(c, p->table.at[p->buf.at[a].place].dim);
        for (uint32_t b = a + 1; b < p->buf.n; b++) {
            if (p->buf.at[b].cls != BUF_WORK || !c->touched[b] || c->first[a] > c->last[b] || c->first[b] > c->last[a]) continue;
            int64_t lo2 = offset[p->buf.at[b].place], hi2 = lo2 + value(c, p->table.at[p->buf.at[b].place].dim);
            if (lo < hi2 && lo2 < hi) c->error = arena_print(c->arena, "buffers %%%u and %%%u overlap while both are live", a, b);
        }
    }
}

const char *kernel_verify(const KProgram *p, Arena *arena)
{
    static const int64_t values[] = { 840, 1680, 64, 1, 33 };
    uint32_t n_symbols = symbol_count(p->module->dims) + 1;
    for (int s = 0; s < 5; s++) {
        int64_t *sample = ARENA_ARRAY(arena, int64_t, n_symbols);
        for (uint32_t i = 0; i < n_symbols; i++) sample[i] = values[s];
        Check c = { .p = p, .arena = arena, .sample = sample, .first = ARENA_ARRAY(arena, uint32_t, p->buf.n), .last = ARENA_ARRAY(arena, uint32_t, p->buf.n),
                    .touched = ARENA_ARRAY(arena, bool, p->buf.n) };
        int64_t trips[MAX_SCANS] = { 1, 1, 1, 1 };
        for (uint32_t i = 0; i < p->kernel.n && !c.error; i++) check_kernel(&c, p->kernel.at[i], trips, 0, 0);
        if (!c.error) check_overlap(&c);
        /* a sample may violate what the entry requires; only the first ones, multiples of all small numbers, are errors */
        if (c.error && s < 2) return c.error;
    }
    return NULL;
}
