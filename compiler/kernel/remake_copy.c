/* SPDX-License-Identifier: MIT
 * remake_copy.c: the kernels of an order. What runs again is a copy that stores to buffers of its own; readers behind it read those. */
#include "kernel/merge.h"
#include "kernel/remake.h"

#include <string.h>

typedef struct Copier {
    const Facts *f;
    const Gap *gap;
    const Order *o;
    KProgram *p;
    uint32_t *remade; /* by buffer: the one with what is remade, or 0 */
    uint32_t *name;   /* by buffer: the one that the kernel at hand uses instead, or 0 */
    const Step *step;
} Copier;

static uint32_t new_buffer(KProgram *p, uint32_t buf)
{
    Buf copy = p->buf.at[buf];
    copy.name = arena_print(p->arena, "%s_again", copy.name);
    vec_add(p->arena, &p->buf, copy);
    return p->buf.n - 1;
}

static uint32_t remade(const Copier *c, uint32_t buf)
{
    if (!c->remade[buf]) c->remade[buf] = new_buffer(c->p, buf);
    return c->remade[buf];
}

/* ---- which buffers a kernel uses ---- */

/* What a copy writes for nobody: each of its buffers is another one, which lives as long as the kernel. */
static void name_stores(const Copier *c, const Kernel *k)
{
    for (uint32_t i = 0; i < k->wr.n; i++) {
        uint32_t buf = k->wr.at[i].buf;
        BufClass cls = (BufClass)c->p->buf.at[buf].cls;
        if (!c->name[buf] && (cls == BUF_LOCAL || cls == BUF_WORK)) c->name[buf] = new_buffer(c->p, buf);
    }
    for (uint32_t i = 0; i < k->body.n; i++)
        name_stores(c, k->body.at[i]);
}

static bool is_wanted(const Copier *c, uint32_t buf)
{
    return c->p->buf.at[buf].cls == BUF_WORK && remade_in(c->o, c->gap, buf, c->step->at);
}

static void name_buffers(const Copier *c)
{
    const KernelFacts *k = &c->f->kernel[c->step->kernel];
    memset(c->name, 0, sizeof *c->name * c->f->n_bufs);
    for (uint32_t i = 0; i < k->touched.n; i++) {
        const Touched *t = &k->touched.at[i];
        bool unwanted = c->step->again && t->written && !is_wanted(c, t->buf);
        if (!unwanted && remade_at(&c->gap[t->buf], c->step->at)) c->name[t->buf] = remade(c, t->buf);
    }
    if (c->step->again && !k->sheds) name_stores(c, c->p->kernel.at[c->step->kernel]);
}

/* ---- the copy ---- */

static Kernel *copy_kernel(const Copier *c, const Kernel *from)
{
    Arena *arena = c->p->arena;
    Kernel *k = ARENA_NEW(arena, Kernel);
    *k = *from;
    memset(&k->rd, 0, sizeof k->rd);
    memset(&k->wr, 0, sizeof k->wr);
    memset(&k->x, 0, sizeof k->x);
    memset(&k->body, 0, sizeof k->body);
    for (uint32_t i = 0; i < from->rd.n; i++) {
        vec_add(arena, &k->rd, from->rd.at[i]);
        uint32_t name = c->name[from->rd.at[i].buf];
        if (name) k->rd.at[i].buf = name;
    }
    for (uint32_t i = 0; i < from->wr.n; i++) {
        vec_add(arena, &k->wr, from->wr.at[i]);
        uint32_t name = c->name[from->wr.at[i].buf];
        if (name) k->wr.at[i].buf = name;
    }
    for (uint32_t i = 0; i < from->x.n; i++)
        vec_add(arena, &k->x, from->x.at[i]);
    for (uint32_t i = 0; i < from->body.n; i++)
        vec_add(arena, &k->body, copy_kernel(c, from->body.at[i]));
    return k;
}

/* The stores of `from` that nobody wants go, and with them what only they need. */
static void shed(const Copier *c, Kernel *k, const Kernel *from)
{
    for (uint32_t i = 0; i < k->x.n; i++) {
        XNode *x = &k->x.at[i];
        if (x->kind != X_st || is_wanted(c, from->wr.at[x->access].buf)) continue;
        x->kind = X_const;
        memset(x->in, 0, sizeof x->in);
    }
    if (!kernel_tidy(c->p->arena, k)) BUG("kernel %s makes nothing again", from->name);
}

static Kernel *copy_step(const Copier *c)
{
    Kernel *from = c->p->kernel.at[c->step->kernel];
    bool same = !c->step->again;
    name_buffers(c);
    for (uint32_t b = 0; same && b < c->f->n_bufs; b++)
        same = !c->name[b];
    if (same) return from;
    Kernel *k = copy_kernel(c, from);
    if (!c->step->again) return k;
    if (c->f->kernel[c->step->kernel].sheds) shed(c, k, from);
    k->name = arena_print(c->p->arena, "%s_again", from->name);
    return k;
}

void remake_copy(const Facts *f, const Gap *gap, const Order *o)
{
    Copier c = {.f = f, .gap = gap, .o = o, .p = f->p};
    c.remade = ARENA_ARRAY(f->arena, uint32_t, f->n_bufs + 1);
    c.name = ARENA_ARRAY(f->arena, uint32_t, f->n_bufs + 1);
    Kernel **kernel = ARENA_ARRAY(f->arena, Kernel *, o->step.n + 1);
    for (uint32_t i = 0; i < o->step.n; i++) {
        c.step = &o->step.at[i];
        kernel[i] = copy_step(&c);
    }
    f->p->kernel.n = 0;
    for (uint32_t i = 0; i < o->step.n; i++)
        vec_add(f->p->arena, &f->p->kernel, kernel[i]);
}
