/* SPDX-License-Identifier: MIT
 * goal.c: which way a reported value is better, from the instructions that compute it. */
#include "sema/goal.h"

#include <string.h>

#include "sema/base/place.h"
#include "support/functions.h"

enum { MOST_DEPTH = 60 };

static Goal opposite(Goal goal)
{
    return goal == GOAL_LOWER ? GOAL_HIGHER : goal == GOAL_HIGHER ? GOAL_LOWER : GOAL_NONE;
}

/* ---- notes ---------------------------------------------------------------------------------- */

static Goal noted(const EntryState *e, const CoreBody *body, CoreRef ref)
{
    for (uint32_t i = e->goals.n; i-- > 0;)
        if (e->goals.at[i].body == body && e->goals.at[i].ref == ref) return e->goals.at[i].goal;
    return GOAL_NONE;
}

static void note(Sema *s, const CoreBody *body, CoreRef ref, Goal goal)
{
    KnownGoal k = {.body = body, .ref = ref, .goal = goal};
    vec_add(s->arena, &s->entry->goals, k);
}

void goal_note_result(Sema *s, const Value *v, Goal goal)
{
    if (s->entry && goal != GOAL_NONE && v->kind == VAL_TENSOR && v->type.elem == ELEM_float) note(s, v->body, v->ref, goal);
}

/* ---- signs ---------------------------------------------------------------------------------- */

static const CoreIns *ins_of(const CoreBody *body, CoreRef ref)
{
    return &body->ins.at[ref - 1];
}

/* 1: above 0 in every element; -1: below; 0: not known. */
static int sign_of(const CoreBody *body, CoreRef ref, int depth)
{
    const CoreIns *ins = ins_of(body, ref);
    if (depth > MOST_DEPTH) return 0;
    switch (ins->op) {
    case CORE_const: {
        double v = ins->type.elem == ELEM_float || ins->type.elem == ELEM_f64 ? ins->number : (double)ins->integer;
        return (v > 0) - (v < 0);
    }
    case CORE_size:
    case CORE_exp: return 1;
    case CORE_maximum: return sign_of(body, ins->in[0], depth + 1) > 0 || sign_of(body, ins->in[1], depth + 1) > 0;
    case CORE_neg: return -sign_of(body, ins->in[0], depth + 1);
    case CORE_mul:
    case CORE_div: return sign_of(body, ins->in[0], depth + 1) * sign_of(body, ins->in[1], depth + 1);
    case CORE_cast:
    case CORE_reshape:
    case CORE_broadcast:
    case CORE_sqrt: return sign_of(body, ins->in[0], depth + 1);
    default: return 0;
    }
}

/* ---- values --------------------------------------------------------------------------------- */

/* Numbers that no training and no batch changes take no side. */
static bool is_neutral(const CoreBody *body, CoreRef ref)
{
    uint16_t op = ins_of(body, ref)->op;
    return op == CORE_const || op == CORE_size || op == CORE_option;
}

static Goal find(const EntryState *e, const CoreBody *body, CoreRef ref, int depth);

/* Of a sum: both sides agree, or one is a constant. */
static Goal both(const EntryState *e, const CoreBody *body, CoreRef a, CoreRef b, bool minus, int depth)
{
    Goal x = find(e, body, a, depth), y = find(e, body, b, depth);
    if (minus) y = opposite(y);
    if (is_neutral(body, a)) return y;
    if (is_neutral(body, b)) return x;
    return x == y ? x : GOAL_NONE;
}

static Goal scaled(Goal goal, int sign)
{
    return sign > 0 ? goal : sign < 0 ? opposite(goal) : GOAL_NONE;
}

static Goal find(const EntryState *e, const CoreBody *body, CoreRef ref, int depth)
{
    Goal known = noted(e, body, ref);
    const CoreIns *ins = ins_of(body, ref);
    if (known != GOAL_NONE || depth > MOST_DEPTH) return known;
    depth++;
    switch (ins->op) {
    case CORE_neg: return opposite(find(e, body, ins->in[0], depth));
    case CORE_add:
    case CORE_maximum:
    case CORE_minimum: return both(e, body, ins->in[0], ins->in[1], false, depth);
    case CORE_sub: return both(e, body, ins->in[0], ins->in[1], true, depth);
    case CORE_where: return both(e, body, ins->in[1], ins->in[2], false, depth);
    case CORE_mul: {
        Goal left = find(e, body, ins->in[0], depth);
        if (left != GOAL_NONE) return scaled(left, sign_of(body, ins->in[1], 0));
        return scaled(find(e, body, ins->in[1], depth), sign_of(body, ins->in[0], 0));
    }
    case CORE_div: return scaled(find(e, body, ins->in[0], depth), sign_of(body, ins->in[1], 0));
    case CORE_cast:
    case CORE_stop:
    case CORE_sum:
    case CORE_mean:
    case CORE_max:
    case CORE_min:
    case CORE_reshape:
    case CORE_permute:
    case CORE_broadcast:
    case CORE_slice: return find(e, body, ins->in[0], depth);
    default: return core_properties(ins->op) & INCREASING ? find(e, body, ins->in[0], depth) : GOAL_NONE;
    }
}

Goal goal_of(Sema *s, const CoreBody *body, CoreRef ref)
{
    return find(s->entry, body, ref, 0);
}

/* ---- what is minimized ---------------------------------------------------------------------- */

static void note_terms(Sema *s, const CoreBody *body, CoreRef ref, Goal goal, int depth)
{
    const CoreIns *ins = ins_of(body, ref);
    if (goal == GOAL_NONE || depth > MOST_DEPTH) return;
    if (noted(s->entry, body, ref) == GOAL_NONE) note(s, body, ref, goal);
    depth++;
    switch (ins->op) {
    case CORE_neg: note_terms(s, body, ins->in[0], opposite(goal), depth); break;
    case CORE_add:
    case CORE_sub:
        note_terms(s, body, ins->in[0], goal, depth);
        note_terms(s, body, ins->in[1], ins->op == CORE_sub ? opposite(goal) : goal, depth);
        break;
    case CORE_mul:
        note_terms(s, body, ins->in[0], scaled(goal, sign_of(body, ins->in[1], 0)), depth);
        note_terms(s, body, ins->in[1], scaled(goal, sign_of(body, ins->in[0], 0)), depth);
        break;
    case CORE_div: note_terms(s, body, ins->in[0], scaled(goal, sign_of(body, ins->in[1], 0)), depth); break;
    case CORE_cast:
    case CORE_reshape:
    case CORE_sum:
    case CORE_mean: note_terms(s, body, ins->in[0], goal, depth); break;
    default:
        if (core_properties(ins->op) & INCREASING) note_terms(s, body, ins->in[0], goal, depth);
    }
}

void goal_note_loss(Sema *s, const Value *v)
{
    if (v->kind == VAL_TENSOR) note_terms(s, v->body, v->ref, GOAL_LOWER, 0);
}

/* ---- the best of a validation ---------------------------------------------------------------- */

static const CoreEntry *validation_of(const CoreProgram *p, const CoreEntry *train, uint32_t index)
{
    for (uint32_t i = 0; i < p->entries.n; i++) {
        const CoreEntry *e = p->entries.at[i];
        if (e->kind != ENTRY_EVAL) continue;
        if (train->head.validate_is_entry ? e->derived_from < 0 && strcmp(e->name, train->head.validate) == 0
                                          : e->derived_from == (int32_t)index)
            return e;
    }
    return NULL;
}

static const CoreReport *first_scalar(const CoreEntry *e)
{
    for (uint32_t i = 0; i < e->reports.n; i++)
        if (ins_of(e->report_body, e->reports.at[i].value)->type.rank == 0) return &e->reports.at[i];
    return NULL;
}

void goal_check(Sema *s)
{
    CoreProgram *p = s->program;
    if (s->diags->n_errors) return;
    for (uint32_t i = 0; i < p->entries.n; i++) {
        const CoreEntry *train = p->entries.at[i];
        if (train->kind != ENTRY_TRAIN || !train->head.validate || train->head.save_none) continue;
        const CoreEntry *e = validation_of(p, train, i);
        const CoreReport *r = e ? first_scalar(e) : NULL;
        if (!r || r->goal != GOAL_NONE) continue;
        const char *text = source_text(s, r->span);
        Diag *d = diag_error(s->diags, "E0520", r->span, "is more of `%s` better, or less? The validation of %s keeps the best by it",
                             r->name, train->name);
        diag_help(d, "write report maximize %s, or report minimize %s", text, text);
    }
}
