/* SPDX-License-Identifier: MIT
 * print_memory.c: what is in memory where most is, for --dump=memory: by kind, then the largest buffers and from where to where they wait. */
#include <string.h>

#include "kernel/kernel.h"

enum { LARGEST = 12 };

typedef enum { KIND_WAITS, KIND_FORWARD, KIND_BACKWARD, KIND_AGAIN, N_KINDS } Kind;
static const char *const kind_names[] = {"made on the way forward, waits for gradients", "made on the way forward, read there",
                                         "made on the way back", "computed again"};

typedef struct Report {
    const KProgram *p;
    Arena *arena;
    const Kernel **at; /* by order */
    uint32_t n;
    int64_t *bytes; /* by buffer; 0: no work buffer */
} Report;

static uint32_t last_order(const Kernel *k)
{
    return k->body.n ? last_order(k->body.at[k->body.n - 1]) : k->order;
}

static void list_kernels(Report *r, const Kernel *k)
{
    r->at[k->order] = k;
    for (uint32_t i = 0; i < k->body.n; i++)
        list_kernels(r, k->body.at[i]);
}

static bool ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n >= m && strcmp(name + n - m, end) == 0;
}

static Kind kind_of(const Report *r, const Buf *b)
{
    if (ends_in(b->name, "_again")) return KIND_AGAIN;
    if (ends_in(r->at[b->first]->name, "_grad")) return KIND_BACKWARD;
    return ends_in(r->at[b->last]->name, "_grad") ? KIND_WAITS : KIND_FORWARD;
}

static bool in_use(const Report *r, uint32_t buf, uint32_t order)
{
    const Buf *b = &r->p->buf.at[buf];
    return r->bytes[buf] && b->first <= order && order <= b->last;
}

static int64_t bytes_at(const Report *r, uint32_t order)
{
    int64_t sum = 0;
    for (uint32_t b = 1; b < r->p->buf.n; b++)
        if (in_use(r, b, order)) sum += r->bytes[b];
    return sum;
}

/* Of what is in use then. */
static int64_t lent_bytes(const Report *r, uint32_t order)
{
    int64_t sum = 0;
    for (uint32_t b = 1; b < r->p->buf.n; b++)
        if (in_use(r, b, order) && is_lent(r->p, &r->p->buf.at[b])) sum += r->bytes[b];
    return sum;
}

static void print_kinds(const Report *r, uint32_t order, Text *out)
{
    for (int kind = 0; kind < N_KINDS; kind++) {
        int64_t sum = 0;
        uint32_t n = 0;
        for (uint32_t b = 1; b < r->p->buf.n; b++)
            if (in_use(r, b, order) && kind_of(r, &r->p->buf.at[b]) == (Kind)kind) sum += r->bytes[b], n++;
        if (n) text_add(out, "%12.3f MB  %4u  %s\n", (double)sum / 1e6, n, kind_names[kind]);
    }
}

/* The last kernel that writes it: those before clear a margin, or write other parts. */
static const Kernel *maker_of(const Report *r, uint32_t buf)
{
    const Kernel *maker = r->at[r->p->buf.at[buf].first];
    for (uint32_t k = 0; k < r->n; k++)
        for (uint32_t w = 0; r->at[k] && w < r->at[k]->wr.n; w++)
            if (r->at[k]->wr.at[w].buf == buf) maker = r->at[k];
    return maker;
}

static void print_largest(const Report *r, uint32_t order, Text *out)
{
    bool *done = ARENA_ARRAY(r->arena, bool, r->p->buf.n + 1);
    for (int i = 0; i < LARGEST; i++) {
        uint32_t best = 0;
        for (uint32_t b = 1; b < r->p->buf.n; b++)
            if (in_use(r, b, order) && !done[b] && (!best || r->bytes[b] > r->bytes[best])) best = b;
        if (!best) return;
        const Buf *b = &r->p->buf.at[best];
        done[best] = true;
        text_add(out, "%12.3f MB  %%%u %s: %s .. %s\n", (double)r->bytes[best] / 1e6, best, b->name, maker_of(r, best)->name,
                 r->at[b->last]->name);
    }
}

void kernel_print_memory(const KProgram *p, Text *out)
{
    Report r = {.p = p, .arena = p->arena};
    for (uint32_t i = 0; i < p->kernel.n; i++)
        r.n = last_order(p->kernel.at[i]) + 1;
    r.at = ARENA_ARRAY(p->arena, const Kernel *, r.n + 1);
    r.bytes = ARENA_ARRAY(p->arena, int64_t, p->buf.n + 1);
    for (uint32_t i = 0; i < p->kernel.n; i++)
        list_kernels(&r, p->kernel.at[i]);
    for (uint32_t b = 1; b < p->buf.n; b++) {
        int64_t n = 0;
        if (p->buf.at[b].replaces) continue; /* it is in the life of the one that it replaces */
        if (p->buf.at[b].cls == BUF_WORK && p->buf.at[b].elements && dim_eval(p->module->dims, p->buf.at[b].elements, p->sample, &n))
            r.bytes[b] = n * dtype_bytes(p->buf.at[b].dtype);
    }
    uint32_t most_at = 0;
    int64_t most = 0;
    for (uint32_t k = 0; k < r.n; k++)
        if (bytes_at(&r, k) > most) most = bytes_at(&r, k), most_at = k;
    text_add(out, "memory of %s: %.3f MB of values in places of %.3f MB", p->name, (double)most / 1e6,
             (double)kernel_work_bytes(p, p->arena, p->sample) / 1e6);
    text_add(out, most ? ", most at %s\n" : "\n", most ? r.at[most_at]->name : "");
    if (!most) return;
    if (lent_bytes(&r, most_at)) text_add(out, "%12.3f MB  of them where gradients will be\n", (double)lent_bytes(&r, most_at) / 1e6);
    print_kinds(&r, most_at, out);
    text_add(out, "the largest, from the kernel that makes one to the last that reads it:\n");
    print_largest(&r, most_at, out);
}
