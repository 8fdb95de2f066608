/* SPDX-License-Identifier: MIT
 * in_place.c: weights that change where their gradient is made, which then is in no memory.
 *
 * Only where code is to be small, by plain sgd. The contraction runs twice, by the same code: in front of the update it looks at its sums
 * and stores nothing, so that an update with a gradient that is not finite still changes nothing; behind the update, which has tested the
 * loss, the numbers and all other gradients, it makes them again and takes each off its weight:
 *
 *   before:  k04 GEMM x, dy -> gradient            after:  k04 GEMM x, dy -> look
 *            k05 UPDATE                                    k05 UPDATE (of the others)
 *                                                          k06 GEMM x, dy, w, numbers -> w
 *
 * What it reads stays in memory until then; weights have been read by all that wants the old ones. The order of operations is that of
 * the rule (runtime/core/rules.c): w -= lr * (g + decay * w), each rounded. */
#include "kernel/in_place.h"

#include <string.h>

enum { LEAST_ELEMENTS = 256 };                          /* below that the code is larger than the gradient */
enum { LR, DECAY, CLIP, CLIP_VALUE, CLIP_WEIGHTS, N_NUMBERS }; /* of sgd, the last operands of its update (optimizers.def) */

/* ---- which ones, by the graph ------------------------------------------------------------------------ */

static bool is_zero(const Graph *g, Ref r)
{
    return g->node.at[r].op == OP_const && graph_attr(g, r, 0) == 0;
}

/* The only update; 0: there is none, there are several. */
static Ref only_update(const Graph *g)
{
    Ref update = 0;
    for (Ref r = 1; r < g->node.n; r++) {
        if (g->node.at[r].op != OP_update) continue;
        if (update) return 0;
        update = r;
    }
    return update;
}

static uint32_t count_uses(const Graph *g, Ref v)
{
    uint32_t n = 0;
    for (Ref r = 1; r < g->node.n; r++)
        for (uint32_t i = 0; i < g->node.at[r].n_in; i++)
            n += graph_in(g, r, i) == v;
    for (uint32_t i = 0; i < g->result.n; i++)
        n += g->result.at[i].ref == v;
    return n;
}

bool in_place_choose(const Graph *g, const Layout *layout, const EntryLayout *entry, bool *chosen)
{
    Ref update = only_update(g);
    if (!update || entry->statement.n != 1) return false;
    const LayoutStatement *s = &entry->statement.at[0];
    uint32_t numbers = g->node.at[update].n_in - N_NUMBERS;
    for (uint32_t i = CLIP; i <= CLIP_WEIGHTS; i++)
        if (!is_zero(g, graph_in(g, update, numbers + i))) return false;
    bool some = false;
    for (uint32_t i = 0; i < s->over.n; i++) {
        Ref gradient = graph_in(g, update, 1 + i);
        const LayoutTensor *t = &layout->tensor.at[s->over.at[i]];
        bool product = op_properties[g->node.at[gradient].op] & CONTRACT;
        if (!product || t->padded < LEAST_ELEMENTS || count_uses(g, gradient) != 1) continue;
        chosen[s->over.at[i]] = some = true;
    }
    return some;
}

/* ---- the kernels ------------------------------------------------------------------------------------- */

typedef struct Places { /* of kernels in the list */
    uint32_t maker, update;
} Places;

static uint32_t count_writes(const Kernel *k, uint32_t buf)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < k->wr.n; i++)
        n += k->wr.at[i].buf == buf;
    for (uint32_t i = 0; i < k->body.n; i++)
        n += count_writes(k->body.at[i], buf);
    return n;
}

static bool reads(const Kernel *k, uint32_t buf)
{
    for (uint32_t i = 0; i < k->rd.n; i++)
        if (k->rd.at[i].buf == buf) return true;
    for (uint32_t i = 0; i < k->body.n; i++)
        if (reads(k->body.at[i], buf)) return true;
    return false;
}

/* A contraction in the list itself that stores its sums there and does nothing else; nobody else has to do with the buffer. */
static bool find_maker(const KProgram *p, uint32_t buf, Places *at)
{
    uint32_t writers = 0;
    bool updates = false;
    for (uint32_t i = 0; i < p->kernel.n; i++) {
        const Kernel *k = p->kernel.at[i];
        if (k->kind == K_UPDATE)
            at->update = i, updates = true;
        else if (reads(k, buf))
            return false;
        if (!count_writes(k, buf)) continue;
        writers += count_writes(k, buf);
        at->maker = i;
        bool sums = k->kind == K_GEMM && k->x.n == 2 && k->wr.n == 1 && !k->wr.at[0].boxed && !k->wr.at[0].index && !k->band &&
                    k->x.at[0].kind == X_acc && k->x.at[0].dtype == p->buf.at[buf].dtype;
        if (!sums) return false;
    }
    return writers == 1 && updates && at->maker < at->update;
}

/* Are the operands still there behind the update? */
static bool stays(const KProgram *p, const Places *at)
{
    const Kernel *maker = p->kernel.at[at->maker];
    for (uint32_t r = 0; r < maker->rd.n; r++) {
        uint32_t buf = maker->rd.at[r].buf;
        BufClass cls = p->buf.at[buf].cls;
        if (cls != BUF_ARG && cls != BUF_WORK && cls != BUF_CONST) return false;
        for (uint32_t i = at->maker; cls == BUF_WORK && i <= at->update; i++)
            if (count_writes(p->kernel.at[i], buf)) return false;
    }
    return true;
}

static uint32_t add(KProgram *p, Kernel *k, XNode node)
{
    vec_add(p->arena, &k->x, node);
    return k->x.n;
}

static uint32_t load(KProgram *p, Kernel *k, const Access *from, uint8_t dtype)
{
    vec_add(p->arena, &k->rd, *from);
    return add(p, k, (XNode){.kind = X_ld, .dtype = dtype, .access = k->rd.n - 1});
}

static uint32_t operation(KProgram *p, Kernel *k, Op op, uint8_t dtype, uint32_t x, uint32_t y)
{
    return add(p, k, (XNode){.kind = X_op, .op = (uint8_t)op, .dtype = dtype, .in = {x, y}});
}

/* Number i of the statement; in memory the loss is in front of them. */
static uint32_t number(Builder *b, Kernel *k, const Kernel *update, uint32_t i, uint8_t dtype)
{
    KProgram *p = b->p;
    Ref made = only_update(b->g), given = graph_in(b->g, made, b->g->node.at[made].n_in - N_NUMBERS + i);
    int64_t bits = graph_attr(b->g, given, 0);
    double value;
    memcpy(&value, &bits, sizeof value);
    if (b->g->node.at[given].op == OP_const)
        return add(p, k, (XNode){.kind = X_const, .dtype = dtype, .number = dtype == DT_f32 ? (double)(float)value : value});
    Access at = update->rd.at[0];
    at.off = dim_add(p->module->dims, at.off, dim_const(p->module->dims, 1 + (int64_t)i));
    uint32_t x = load(p, k, &at, DT_f64);
    return dtype == DT_f64 ? x : operation(p, k, OP_cast, dtype, x, 0);
}

static uint32_t weight_buffer(KProgram *p, uint32_t tensor, uint32_t like)
{
    Buf buf = p->buf.at[like];
    buf.cls = BUF_MODEL;
    buf.name = p->layout->tensor.at[tensor].name;
    buf.place = p->layout->tensor.at[tensor].offset;
    vec_add(p->arena, &p->buf, buf);
    return p->buf.n - 1;
}

/* The contraction behind the update. */
static Kernel *change(Builder *b, const Kernel *maker, const Kernel *update, uint32_t tensor)
{
    KProgram *p = b->p;
    Kernel *k = ARENA_NEW(p->arena, Kernel);
    *k = *maker;
    k->rd.at = NULL, k->rd.n = k->rd.cap = 0;
    k->wr.at = NULL, k->wr.n = k->wr.cap = 0;
    k->x.at = NULL, k->x.n = k->x.cap = 0;
    for (uint32_t i = 0; i < maker->rd.n; i++)
        vec_add(p->arena, &k->rd, maker->rd.at[i]);
    Access w = maker->wr.at[0];
    uint8_t dtype = p->buf.at[w.buf].dtype;
    w.buf = weight_buffer(p, tensor, w.buf);
    vec_add(p->arena, &k->wr, w);
    uint32_t g = add(p, k, (XNode){.kind = X_acc, .dtype = dtype}), old = load(p, k, &w, dtype);
    uint32_t decay = operation(p, k, OP_mul, dtype, number(b, k, update, DECAY, dtype), old);
    uint32_t step = operation(p, k, OP_mul, dtype, number(b, k, update, LR, dtype), operation(p, k, OP_add, dtype, g, decay));
    add(p, k, (XNode){.kind = X_st, .in = {operation(p, k, OP_sub, dtype, old, step)}});
    k->name = "change";
    k->in_place = true;
    return k;
}

/* Of what made the gradient the look is left. */
static void only_look(Kernel *maker, Kernel *changes)
{
    maker->looks_for = changes;
    maker->name = "look";
    maker->wr.n = 0;
    maker->x.n = 1;
}

static void insert(KProgram *p, uint32_t at, Kernel *k)
{
    vec_add(p->arena, &p->kernel, k);
    for (uint32_t i = p->kernel.n - 1; i > at; i--)
        p->kernel.at[i] = p->kernel.at[i - 1];
    p->kernel.at[at] = k;
}

/* Its first operand are the numbers; the others were there so that gradients had a reader. */
static void hide_from_update(const KProgram *p)
{
    for (uint32_t i = 0; i < p->kernel.n; i++)
        if (p->kernel.at[i]->kind == K_UPDATE) p->kernel.at[i]->rd.n = 1;
}

void in_place_find(Builder *b)
{
    KProgram *p = b->p;
    if (p->in_place.n) hide_from_update(p);
    for (uint32_t i = 0; i < p->in_place.n; i++) {
        ChangedInPlace *t = &p->in_place.at[i];
        Places at = {0};
        t->found = t->buf && find_maker(p, t->buf, &at) && stays(p, &at);
        if (!t->found) continue;
        Kernel *maker = p->kernel.at[at.maker], *changes = change(b, maker, p->kernel.at[at.update], t->tensor);
        only_look(maker, changes);
        insert(p, at.update + 1, changes);
    }
}
