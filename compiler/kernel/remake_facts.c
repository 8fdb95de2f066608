/* SPDX-License-Identifier: MIT
 * remake_facts.c: what kernels touch, how long they take, which of them can run again, and up to where. */
#include "kernel/lend.h"
#include "kernel/merge.h"
#include "kernel/remake.h"
#include "kernel/touch.h"

/* ---- what is touched ---- */

static void touch(const Facts *f, KernelFacts *k, const Access *a, bool written)
{
    if (!a->buf || !f->buf[a->buf].bytes) return;
    for (uint32_t i = 0; i < k->touched.n; i++)
        if (k->touched.at[i].buf == a->buf) {
            *(written ? &k->touched.at[i].written : &k->touched.at[i].read) = true;
            return;
        }
    vec_add(f->arena, &k->touched, ((Touched){.buf = a->buf, .read = !written, .written = written}));
}

static void touch_body(const Facts *f, KernelFacts *facts, const Kernel *k)
{
    for (uint32_t i = 0; i < k->rd.n; i++)
        touch(f, facts, &k->rd.at[i], false);
    for (uint32_t i = 0; i < k->wr.n; i++)
        touch(f, facts, &k->wr.at[i], true);
    for (uint32_t i = 0; k->kind == K_SCATTER && k->accumulate && i < k->wr.n; i++)
        touch(f, facts, &k->wr.at[i], false);
    for (uint32_t i = 0; i < k->body.n; i++)
        touch_body(f, facts, k->body.at[i]);
}

/* ---- how long ---- */

static double at_sample(const Facts *f, Dim d)
{
    int64_t n = 0;
    return d && dim_eval(f->p->module->dims, d, f->p->sample, &n) ? (double)n : 0;
}

static double seconds_of(const Facts *f, const Kernel *k)
{
    static const double products = 1e11, functions = 2e10, memory = 1e10; /* in a second, on one core */
    double sum = 0;
    for (uint32_t i = 0; i < k->body.n && k->kind == K_SCAN; i++)
        sum += at_sample(f, k->trips) * seconds_of(f, k->body.at[i]);
    if (k->kind == K_SCAN) return sum;
    KernelCost c = kernel_cost(f->p, k, f->p->sample);
    bool products_only = k->kind == K_GEMM || k->kind == K_GROUP;
    return at_sample(f, c.operations) / (products_only ? products : functions) + at_sample(f, c.bytes) / memory;
}

/* ---- which can run again ---- */

static bool reduces(const Kernel *k)
{
    for (uint32_t i = 0; i < k->x.n; i++)
        if (k->x.at[i].kind == X_reduce) return true;
    return false;
}

static bool is_work(const KProgram *p, uint32_t buf)
{
    return p->buf.at[buf].cls == BUF_WORK || p->buf.at[buf].cls == BUF_LOCAL;
}

/* Without a sum of its own a kernel may lose any of its stores: what is left does not depend on them. */
static bool sheds(const Kernel *k)
{
    return (k->kind == K_NEST && !reduces(k)) || k->kind == K_GEMM;
}

static bool runs_once(const KProgram *p, const Kernel *k)
{
    if (k->kind == K_EXTERN || k->kind == K_UPDATE || k->kind == K_PROBE || k->aside) return true;
    for (uint32_t i = 0; i < k->wr.n; i++)
        if (!is_work(p, k->wr.at[i].buf) && !sheds(k)) return true;
    for (uint32_t i = 0; i < k->body.n; i++) {
        const Kernel *inner = k->body.at[i];
        if (runs_once(p, inner)) return true;
        for (uint32_t w = 0; w < inner->wr.n; w++)
            if (!is_work(p, inner->wr.at[w].buf)) return true;
    }
    return false;
}

/* Several kernels write it, and not each its own part. */
static bool is_overwritten(const Facts *f, uint32_t buf)
{
    const BufferFacts *b = &f->buf[buf];
    for (uint32_t i = 0; b->writer.n > 1 && i < b->writer.n; i++) {
        const Kernel *k = f->p->kernel.at[b->writer.at[i]];
        if (k->kind != K_NEST && k->kind != K_GEMM) return true;
    }
    return false;
}

/* Does kernel `later` change what one that touches t reads? */
static bool changes(const Facts *f, const Touches *later, const Touches *t)
{
    if (!later->update && !(later->written & t->any)) return false;
    for (uint32_t i = 0; i < t->list.n; i++) {
        uint64_t memory = t->list.at[i].memory;
        BufClass cls = (BufClass)(memory >> 56);
        if (later->update && (cls == BUF_MODEL || cls == BUF_TRAIN || cls == BUF_SUMS)) return true;
        uint32_t buf = (uint32_t)memory;
        if (cls == BUF_WORK && !is_overwritten(f, buf)) continue; /* other parts of it */
        for (uint32_t j = 0; j < later->list.n; j++)
            if (later->list.at[j].memory == memory && later->list.at[j].write) return true;
    }
    return false;
}

/* A state becomes another one in its place. */
static bool changes_own(const KProgram *p, const Kernel *k)
{
    for (uint32_t w = 0; w < k->wr.n; w++)
        for (uint32_t r = 0; r < k->rd.n && !is_work(p, k->wr.at[w].buf); r++)
            if (kernel_buffer_memory(p, k->rd.at[r].buf) == kernel_buffer_memory(p, k->wr.at[w].buf)) return true;
    return false;
}

static uint32_t unchanged_until(const Facts *f, const Touches *touches, uint32_t k)
{
    if (changes_own(f->p, f->p->kernel.at[k])) return k;
    for (uint32_t i = k + 1; i < f->n_kernels; i++)
        if (changes(f, &touches[i], &touches[k])) return i;
    return f->n_kernels;
}

/* A value is whole before others read it, or each of its parts is. */
static bool made_once(const Facts *f, uint32_t buf)
{
    const BufferFacts *b = &f->buf[buf];
    if (!b->writer.n) return true;
    for (uint32_t i = 0; i < b->writer.n; i++)
        if (f->kernel[b->writer.at[i]].once) return true;
    uint32_t last = b->writer.at[b->writer.n - 1];
    for (uint32_t i = 0; i < b->toucher.n && is_overwritten(f, buf) && b->toucher.at[i] < last; i++) {
        bool writes = false;
        for (uint32_t j = 0; j < b->writer.n; j++)
            writes |= b->writer.at[j] == b->toucher.at[i];
        if (!writes) return true;
    }
    return false;
}

/* ---- results in the place of an operand, as plan.c finds them ---- */

static struct InPlace in_place(const Facts *f, const Kernel *k)
{
    for (uint32_t w = 0; w < k->wr.n; w++)
        for (uint32_t r = 0; r < k->rd.n; r++) {
            struct InPlace pair = {k->rd.at[r].buf, k->wr.at[w].buf};
            if (pair.from == pair.to || !f->buf[pair.from].bytes || f->buf[pair.from].bytes != f->buf[pair.to].bytes) continue;
            if (plan_replaces(k, pair.from, pair.to)) return pair;
        }
    return (struct InPlace){0};
}

static void find_buffers(Facts *f)
{
    KProgram *p = f->p;
    for (uint32_t b = 1; b < f->n_bufs; b++) {
        const Buf *buf = &p->buf.at[b];
        if (buf->cls != BUF_WORK || !buf->elements) continue;
        f->buf[b].bytes = (int64_t)at_sample(f, buf->elements) * dtype_bytes(buf->dtype);
    }
    for (uint32_t i = 0; i < f->n_kernels; i++) {
        KernelFacts *k = &f->kernel[i];
        touch_body(f, k, p->kernel.at[i]);
        for (uint32_t t = 0; t < k->touched.n; t++) {
            BufferFacts *b = &f->buf[k->touched.at[t].buf];
            vec_add(f->arena, &b->toucher, i);
            if (k->touched.at[t].written) vec_add(f->arena, &b->writer, i);
        }
    }
}

Facts *remake_facts(KProgram *p, Arena *arena, const int64_t *own_bytes)
{
    Facts *f = ARENA_NEW(arena, Facts);
    *f = (Facts){.p = p, .arena = arena, .n_kernels = p->kernel.n, .n_bufs = p->buf.n};
    f->kernel = ARENA_ARRAY(arena, KernelFacts, f->n_kernels + 1);
    f->buf = ARENA_ARRAY(arena, BufferFacts, f->n_bufs + 1);
    find_buffers(f);
    Touches *touches = ARENA_ARRAY(arena, Touches, f->n_kernels + 1);
    const int64_t *made = lend_made(p, arena);
    for (uint32_t i = 0; i < f->n_kernels; i++)
        touch_all(p, arena, p->kernel.at[i], &touches[i]);
    for (uint32_t i = 0; i < f->n_kernels; i++) {
        const Kernel *k = p->kernel.at[i];
        f->kernel[i].own = own_bytes ? own_bytes[i] : 0;
        f->kernel[i].gradients = made[i];
        f->kernel[i].seconds = seconds_of(f, k);
        f->kernel[i].once = runs_once(p, k);
        f->kernel[i].sheds = sheds(k);
        f->kernel[i].until = unchanged_until(f, touches, i);
        f->kernel[i].in_place = in_place(f, k);
        f->seconds += f->kernel[i].seconds;
    }
    for (uint32_t b = 1; b < f->n_bufs; b++)
        f->buf[b].once = made_once(f, b);
    return f;
}
