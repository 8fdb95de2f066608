/* SPDX-License-Identifier: MIT
 * depend.c: which parameters a value depends on through derivatives, and which of them are out of
 * date (E0508). */
#include "sema/depend.h"

#include <string.h>

#include "support/functions.h"

/* Does a derivative pass from operand `i` to the result? */
static bool passes(const CoreIns *ins, uint32_t i)
{
    switch (ins->op) {
    case CORE_argmax:
    case CORE_argmin:
    case CORE_any:
    case CORE_all:
    case CORE_one_hot:
    case CORE_range:
    case CORE_eye:
    case CORE_rand:
    case CORE_randn:
    case CORE_bernoulli:
    case CORE_randint:
    case CORE_categorical:
    case CORE_external:
    case CORE_expect: return false;
    case CORE_cast: return ins->type.elem != ELEM_int && ins->type.elem != ELEM_bool;
    case CORE_where: return i > 0;
    case CORE_take:
    case CORE_pick:
    case CORE_roll: return i == 0;
    case CORE_scatter_add: return i == 1;
    default: {
        int properties = core_properties(ins->op);
        return !properties || (properties & GRAD);
    }
    }
}

static void mark_weights(const CoreBody *body, bool *weights);

/* Everything that a nested body reads counts. */
static void mark_nested(const CoreIns *ins, bool *weights)
{
    for (int k = 0; k < 2; k++)
        if (ins->bodies[k]) mark_weights(ins->bodies[k], weights);
}

static void mark_weights(const CoreBody *body, bool *weights)
{
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        if (ins->op == CORE_weight) weights[ins->attr[0]] = true;
        mark_nested(ins, weights);
    }
}

void gradient_reaches(Sema *s, const CoreBody *body, CoreRef ref, bool *weights)
{
    bool *live = ARENA_ARRAY(s->arena, bool, ref + 1);
    live[ref] = true;
    for (CoreRef r = ref; r >= 1; r--) {
        if (!live[r]) continue;
        const CoreIns *ins = &body->ins.at[r - 1];
        if (ins->op == CORE_weight) weights[ins->attr[0]] = true;
        mark_nested(ins, weights);
        for (uint32_t i = 0; i < ins->n_in; i++)
            if (passes(ins, i)) live[ins->in[i]] = true;
    }
}

static const char *surrogate_in(const CoreBody *body)
{
    const char *name = NULL;
    for (uint32_t i = 0; body && i < body->ins.n && !name; i++) {
        const CoreIns *ins = &body->ins.at[i];
        name = ins->op == CORE_call && ins->integer ? ins->name : surrogate_in(ins->bodies[0]);
    }
    return name;
}

const char *gradient_surrogate(Sema *s, const CoreBody *body, CoreRef ref, bool *weights)
{
    bool *live = ARENA_ARRAY(s->arena, bool, ref + 1);
    const char *found = NULL;
    live[ref] = true;
    for (CoreRef r = ref; r >= 1; r--) {
        if (!live[r]) continue;
        const CoreIns *ins = &body->ins.at[r - 1];
        const char *name = ins->op == CORE_call && ins->integer ? ins->name : surrogate_in(ins->bodies[0]);
        if (name) gradient_reaches(s, body, r, weights);
        found = found ? found : name;
        for (uint32_t i = 0; i < ins->n_in; i++)
            if (passes(ins, i)) live[ins->in[i]] = true;
    }
    return found;
}

static bool is_leaf(const CoreIns *ins)
{
    return ins->op == CORE_arg || ins->op == CORE_weight || ins->op == CORE_option;
}

/* Is r the value x, or a reading of the same argument, parameter or option? */
static bool reads_same(const CoreBody *body, CoreRef r, CoreRef x)
{
    if (r == x) return true;
    if (!r || !x) return false;
    const CoreIns *a = &body->ins.at[r - 1], *b = &body->ins.at[x - 1];
    return a->op == b->op && is_leaf(a) && a->attr[0] == b->attr[0];
}

static bool nested_reads(const CoreIns *ins, const CoreIns *x)
{
    for (int k = 0; k < 2; k++) {
        const CoreBody *body = ins->bodies[k];
        for (uint32_t i = 0; body && i < body->ins.n; i++) {
            const CoreIns *in = &body->ins.at[i];
            if ((in->op == x->op && in->attr[0] == x->attr[0]) || nested_reads(in, x)) return true;
        }
    }
    return false;
}

/* Through derivatives, or in any way. */
static bool depends(Sema *s, const CoreBody *body, CoreRef loss, CoreRef x, bool derivatives)
{
    const CoreIns *leaf = &body->ins.at[x - 1];
    bool nested = leaf->op == CORE_weight || leaf->op == CORE_option;
    bool *live = ARENA_ARRAY(s->arena, bool, loss + 1);
    live[loss] = true;
    for (CoreRef r = loss; r >= 1; r--) {
        if (!live[r]) continue;
        const CoreIns *ins = &body->ins.at[r - 1];
        if (reads_same(body, r, x) || (nested && nested_reads(ins, leaf))) return true;
        for (uint32_t i = 0; i < ins->n_in; i++)
            if (!derivatives || passes(ins, i)) live[ins->in[i]] = true;
    }
    return false;
}

bool gradient_depends(Sema *s, const CoreBody *body, CoreRef loss, CoreRef x)
{
    return depends(s, body, loss, x, true);
}

bool value_depends(Sema *s, const CoreBody *body, CoreRef loss, CoreRef x)
{
    return depends(s, body, loss, x, false);
}

/* ---- values that a minimize has overwritten ------------------------------------------------- */

static bool reads_stale(const CoreBody *body, const bool *stale)
{
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        if (ins->op == CORE_weight && stale[ins->attr[0]]) return true;
        for (int k = 0; k < 2; k++)
            if (ins->bodies[k] && reads_stale(ins->bodies[k], stale)) return true;
    }
    return false;
}

static bool is_view(const CoreIns *ins)
{
    return ins->op == CORE_reshape || ins->op == CORE_permute || ins->op == CORE_slice || ins->op == CORE_cast || ins->op == CORE_broadcast;
}

static bool is_sum(const CoreIns *ins)
{
    return ins->op == CORE_add || ins->op == CORE_sub || ins->op == CORE_neg || is_view(ins) || ins->op == CORE_sum ||
           ins->op == CORE_concat;
}

typedef struct Stale {
    Sema *s;
    const CoreBody *body;
    const bool *over;
    CoreRef loss, x;
    CoreRef *updated; /* by tensor: the last minimize over it */
    bool *needed, *active; /* by instruction: the loss depends on it; it depends on what is differentiated by */
    CoreRef *stale;   /* by instruction: the minimize that replaced the version it reads */
} Stale;

/* False: there is no minimize yet. */
static bool find_updates(Stale *u)
{
    const CoreEntry *entry = u->s->entry->entry;
    bool any = false;
    for (uint32_t i = 0; i < u->body->ins.n; i++) {
        const CoreIns *ins = &u->body->ins.at[i];
        if (ins->op != CORE_minimize) continue;
        const CoreMinimize *m = &entry->minimizes.at[ins->attr[0]];
        for (uint32_t g = 0; g <= m->more; g++)
            for (uint32_t k = 0; k < m[g].over.n; k++)
                u->updated[m[g].over.at[k]] = i + 1;
        any = true;
    }
    return any;
}

/* A scan reads its parameters inside. The minimize whose old version it reads, or 0. */
static CoreRef stale_in_scan(Stale *u, CoreRef r)
{
    const CoreIns *ins = &u->body->ins.at[r - 1];
    uint32_t n = u->s->program->tensors.n;
    bool *old = ARENA_ARRAY(u->s->arena, bool, n + 1), *inside = ARENA_ARRAY(u->s->arena, bool, n + 1);
    CoreRef last = 0;
    for (uint32_t t = 0; t < n; t++)
        if (u->updated[t] > r) old[t] = true, last = u->updated[t];
    mark_weights(ins->bodies[0], inside);
    for (uint32_t t = 0; t < n; t++)
        u->active[r] |= u->over && inside[t] && u->over[t];
    return u->active[r] && last && reads_stale(ins->bodies[0], old) ? last : 0;
}

/* The minimize that makes this instruction a stale use, or 0. */
static CoreRef stale_at(Stale *u, CoreRef r)
{
    const CoreIns *ins = &u->body->ins.at[r - 1];
    CoreRef here = 0;
    for (uint32_t i = 0; i < ins->n_in; i++) {
        u->active[r] |= u->active[ins->in[i]] && passes(ins, i);
        if (u->stale[ins->in[i]]) here = u->stale[ins->in[i]];
        if (is_view(ins)) u->stale[r] = u->stale[ins->in[i]];
    }
    if (u->x && reads_same(u->body, r, u->x)) u->active[r] = true;
    if (ins->op == CORE_weight) {
        u->active[r] |= u->over && u->over[ins->attr[0]];
        if (u->updated[ins->attr[0]] > r) u->stale[r] = u->updated[ins->attr[0]];
        if (u->stale[r] && u->active[r] && u->needed[r]) return u->stale[r];
    }
    if (!u->needed[r]) return 0;
    CoreRef scan = ins->op == CORE_scan && ins->bodies[0] ? stale_in_scan(u, r) : 0;
    if (scan) return scan;
    return u->active[r] && !is_sum(ins) ? here : 0;
}

CoreRef depend_stale_use(Sema *s, const CoreBody *body, CoreRef loss, const bool *over, CoreRef x, CoreRef *minimize)
{
    Stale u = {.s = s, .body = body, .over = over, .loss = loss, .x = x};
    u.updated = ARENA_ARRAY(s->arena, CoreRef, s->program->tensors.n + 1);
    if (!find_updates(&u)) return 0;
    u.needed = ARENA_ARRAY(s->arena, bool, loss + 1);
    u.active = ARENA_ARRAY(s->arena, bool, loss + 1);
    u.stale = ARENA_ARRAY(s->arena, CoreRef, loss + 1);
    u.needed[loss] = true;
    for (CoreRef r = loss; r >= 1; r--)
        for (uint32_t i = 0; u.needed[r] && i < body->ins.at[r - 1].n_in; i++)
            if (passes(&body->ins.at[r - 1], i)) u.needed[body->ins.at[r - 1].in[i]] = true;
    for (CoreRef r = 1; r <= loss; r++) {
        const CoreIns *ins = &body->ins.at[r - 1];
        if (!u.needed[r] && ins->op != CORE_weight && !is_view(ins)) continue;
        CoreRef by = stale_at(&u, r);
        if (!by) continue;
        *minimize = by;
        return r;
    }
    return 0;
}
