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

bool gradient_depends(Sema *s, const CoreBody *body, CoreRef loss, CoreRef x)
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
            if (passes(ins, i)) live[ins->in[i]] = true;
    }
    return false;
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
    return ins->op == CORE_reshape || ins->op == CORE_permute || ins->op == CORE_slice ||
           ins->op == CORE_cast || ins->op == CORE_broadcast;
}

static bool is_sum(const CoreIns *ins)
{
    return ins->op == CORE_add || ins->op == CORE_sub || ins->op == CORE_neg || is_view(ins) ||
           ins->op == CORE_sum || ins->op == CORE_concat;
}

CoreRef find_stale_use(Sema *s, const CoreBody *body, CoreRef loss, const bool *over, CoreRef x,
                       CoreRef *minimize)
{
    uint32_t n_tensors = s->program->tensors.n;
    CoreRef *updated =
        ARENA_ARRAY(s->arena, CoreRef, n_tensors + 1); /* the last minimize over it */
    bool any = false;
    const CoreEntry *entry = s->entry->entry;
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        if (ins->op != CORE_minimize) continue;
        const CoreMinimize *m = &entry->minimizes.at[ins->attr[0]];
        for (uint32_t k = 0; k < m->over.n; k++)
            updated[m->over.at[k]] = i + 1;
        any = true;
    }
    if (!any) return 0;
    bool *needed = ARENA_ARRAY(s->arena, bool, loss + 1),
         *active = ARENA_ARRAY(s->arena, bool, loss + 1);
    CoreRef *stale = ARENA_ARRAY(s->arena, CoreRef, loss + 1);
    needed[loss] = true;
    for (CoreRef r = loss; r >= 1; r--)
        for (uint32_t i = 0; needed[r] && i < body->ins.at[r - 1].n_in; i++)
            if (passes(&body->ins.at[r - 1], i)) needed[body->ins.at[r - 1].in[i]] = true;
    for (CoreRef r = 1; r <= loss; r++) {
        const CoreIns *ins = &body->ins.at[r - 1];
        if (!needed[r] && ins->op != CORE_weight && !is_view(ins)) continue;
        bool here = false;
        for (uint32_t i = 0; i < ins->n_in; i++) {
            active[r] |= active[ins->in[i]] && passes(ins, i);
            if (stale[ins->in[i]]) here = true;
            if (is_view(ins)) stale[r] = stale[ins->in[i]];
        }
        if (x && reads_same(body, r, x)) active[r] = true;
        if (ins->op == CORE_weight) {
            active[r] |= over && over[ins->attr[0]];
            if (updated[ins->attr[0]] > r) stale[r] = updated[ins->attr[0]];
            if (stale[r] && active[r] && needed[r]) {
                *minimize = stale[r];
                return r;
            }
        }
        if (needed[r] && ins->op == CORE_scan && ins->bodies[0]) {
            bool *old = ARENA_ARRAY(s->arena, bool, n_tensors + 1),
                 *inside = ARENA_ARRAY(s->arena, bool, n_tensors + 1);
            CoreRef last = 0;
            for (uint32_t t = 0; t < n_tensors; t++)
                if (updated[t] > r) old[t] = true, last = updated[t];
            mark_weights(ins->bodies[0], inside);
            for (uint32_t t = 0; t < n_tensors; t++)
                active[r] |= over && inside[t] && over[t];
            if (active[r] && last && reads_stale(ins->bodies[0], old)) {
                *minimize = last;
                return r;
            }
        }
        if (!needed[r] || !here || !active[r] || is_sum(ins)) continue;
        for (uint32_t i = 0; i < ins->n_in; i++)
            if (stale[ins->in[i]]) *minimize = stale[ins->in[i]];
        return r;
    }
    return 0;
}
