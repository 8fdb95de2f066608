/* SPDX-License-Identifier: MIT
 * remake_order.c: the kernels in order, with those that run again, and what is in memory at each of them.
 *
 * In front of a kernel that reads what is not in memory any more stand copies of all kernels that make it, and what these read, in the
 * order of before: each of them sees what it saw then. A copy makes all of its values that are still to be remade. */
#include "kernel/remake.h"

#include <stdlib.h>

typedef struct Maker {
    const Facts *f;
    const Gap *gap;
    Order *o;
    uint32_t *runs_at; /* by kernel: in front of which one it ran again last */
    uint32_t at;
    VEC(uint32_t) run; /* kernels that run again in front of `at` */
    bool failed;
} Maker;

static void run_again(Maker *m, uint32_t kernel, Arena *arena);

static void make_again(Maker *m, uint32_t buf, Arena *arena)
{
    if (m->o->made_at[buf] != NO_KERNEL) return;
    m->o->made_at[buf] = m->at;
    const BufferFacts *b = &m->f->buf[buf];
    if (b->once) m->failed = true;
    for (uint32_t i = 0; i < b->writer.n && !m->failed; i++)
        run_again(m, b->writer.at[i], arena);
}

static void run_again(Maker *m, uint32_t kernel, Arena *arena)
{
    const KernelFacts *k = &m->f->kernel[kernel];
    if (m->runs_at[kernel] == m->at) return;
    m->runs_at[kernel] = m->at;
    vec_add(arena, &m->run, kernel);
    m->o->seconds += k->seconds;
    if (k->once || k->until < m->at) m->failed = true;
    for (uint32_t i = 0; i < k->touched.n && !m->failed; i++) {
        const Touched *t = &k->touched.at[i];
        bool gone = remade_at(&m->gap[t->buf], m->at);
        if (gone) make_again(m, t->buf, arena);
        if (gone || !t->written) continue;
        /* it has to be made for the copy alone */
        if (t->read && m->f->buf[t->buf].writer.n > 1) m->failed = true;
    }
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void add_steps(Maker *m, uint32_t kernel, Arena *arena)
{
    const KernelFacts *k = &m->f->kernel[kernel];
    m->at = kernel;
    m->run.n = 0;
    for (uint32_t i = 0; i < k->touched.n; i++)
        if (remade_at(&m->gap[k->touched.at[i].buf], kernel)) make_again(m, k->touched.at[i].buf, arena);
    if (m->run.n) qsort(m->run.at, m->run.n, sizeof *m->run.at, ascending);
    for (uint32_t i = 0; i < m->run.n; i++)
        vec_add(arena, &m->o->step, ((Step){m->run.at[i], kernel, true}));
    vec_add(arena, &m->o->step, ((Step){kernel, kernel, false}));
}

/* ---- what is in memory ---- */

/* What step s has for itself: values that a copy makes, and nobody wants. */
static int64_t own_bytes(const Facts *f, const Gap *gap, const Order *o, const Step *s, const Touched *t)
{
    bool unwanted = s->again && t->written && !remade_in(o, gap, t->buf, s->at);
    if (!unwanted) return -1;
    return f->kernel[s->kernel].sheds && !t->read ? 0 : f->buf[t->buf].bytes;
}

static void find_lives(const Facts *f, const Gap *gap, Order *o, int64_t *bytes)
{
    for (uint32_t i = 0; i < o->step.n; i++) {
        const Step *s = &o->step.at[i];
        const KernelFacts *k = &f->kernel[s->kernel];
        bytes[i] += k->own;
        for (uint32_t j = 0; j < k->touched.n; j++) {
            const Touched *t = &k->touched.at[j];
            int64_t own = own_bytes(f, gap, o, s, t);
            uint32_t id = t->buf + (remade_at(&gap[t->buf], s->at) ? f->n_bufs : 0);
            if (own >= 0) bytes[i] += own;
            if (own >= 0) continue;
            if (o->first[id] == NO_KERNEL) o->first[id] = i;
            o->last[id] = i;
        }
    }
}

/* A result in the place of an operand takes nothing while both are there. */
static void take_places(const Facts *f, const Gap *gap, const Order *o, int64_t *bytes)
{
    for (uint32_t i = 0; i < o->step.n; i++) {
        const Step *s = &o->step.at[i];
        struct InPlace p = f->kernel[s->kernel].in_place;
        if (s->again || !p.from) continue;
        uint32_t from = p.from + (remade_at(&gap[p.from], s->at) ? f->n_bufs : 0);
        if (o->last[from] == i && o->first[p.to] == i && o->last[p.to] > i) bytes[i] -= f->buf[p.to].bytes;
    }
}

static void find_most(const Facts *f, const Gap *gap, Order *o, Arena *arena)
{
    int64_t *bytes = ARENA_ARRAY(arena, int64_t, o->step.n + 1), *change = ARENA_ARRAY(arena, int64_t, o->step.n + 2), now = 0;
    o->first = ARENA_ARRAY(arena, uint32_t, 2 * f->n_bufs);
    o->last = ARENA_ARRAY(arena, uint32_t, 2 * f->n_bufs);
    for (uint32_t b = 0; b < 2 * f->n_bufs; b++)
        o->first[b] = NO_KERNEL;
    find_lives(f, gap, o, bytes);
    take_places(f, gap, o, bytes);
    for (uint32_t b = 0; b < 2 * f->n_bufs; b++) {
        if (o->first[b] == NO_KERNEL) continue;
        change[o->first[b]] += f->buf[b % f->n_bufs].bytes;
        change[o->last[b] + 1] -= f->buf[b % f->n_bufs].bytes;
    }
    for (uint32_t i = 0; i < o->step.n; i++) {
        now += change[i] + (o->step.at[i].again ? 0 : f->kernel[o->step.at[i].kernel].gradients);
        if (now + bytes[i] > o->most) o->most = now + bytes[i], o->most_at = i;
    }
}

bool remake_order(const Facts *f, const Gap *gap, Arena *arena, Order *o)
{
    *o = (Order){.made_at = ARENA_ARRAY(arena, uint32_t, f->n_bufs + 1)};
    Maker m = {.f = f, .gap = gap, .o = o, .runs_at = ARENA_ARRAY(arena, uint32_t, f->n_kernels + 1)};
    for (uint32_t b = 0; b < f->n_bufs; b++)
        o->made_at[b] = NO_KERNEL;
    for (uint32_t k = 0; k < f->n_kernels; k++)
        m.runs_at[k] = NO_KERNEL;
    for (uint32_t k = 0; k < f->n_kernels && !m.failed; k++)
        add_steps(&m, k, arena);
    if (!m.failed) find_most(f, gap, o, arena);
    return !m.failed;
}
