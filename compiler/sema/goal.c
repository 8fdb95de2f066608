/* SPDX-License-Identifier: MIT
 * goal.c: which way a reported value is better, from the instructions that compute it. */
#include "sema/goal.h"

#include <string.h>

#include "sema/base/place.h"
#include "support/functions.h"

static Goal opposite(Goal goal)
{
    return goal == GOAL_LOWER ? GOAL_HIGHER : goal == GOAL_HIGHER ? GOAL_LOWER : GOAL_NONE;
}

/* ---- notes ---------------------------------------------------------------------------------- */

static void note(Sema *s, const CoreBody *body, CoreRef ref, Goal goal)
{
    KnownGoal k = {.body = body, .ref = ref, .goal = goal};
    vec_add(s->arena, &s->entry->goals, k);
}

void goal_note_result(Sema *s, const Value *v, Goal goal)
{
    if (s->entry && goal != GOAL_NONE && v->kind == VAL_TENSOR && v->type.elem == ELEM_float) note(s, v->body, v->ref, goal);
}

/* Of the instructions up to `ref`: what was noted of them, the last note first. */
static Goal *noted(Sema *s, const CoreBody *body, CoreRef ref)
{
    Goal *goal = ARENA_ARRAY(s->arena, Goal, ref + 1);
    for (uint32_t i = 0; i < s->entry->goals.n; i++) {
        const KnownGoal *k = &s->entry->goals.at[i];
        if (k->body == body && k->ref <= ref) goal[k->ref] = k->goal;
    }
    return goal;
}

/* ---- signs ---------------------------------------------------------------------------------- */

static const CoreIns *ins_of(const CoreBody *body, CoreRef ref)
{
    return &body->ins.at[ref - 1];
}

/* From those of what it is made of. 1: above 0 in every element; -1: below; 0: not known. */
static int sign_of(const CoreIns *ins, const int8_t *sign)
{
    switch (ins->op) {
    case CORE_const: {
        double v = ins->type.elem == ELEM_float || ins->type.elem == ELEM_f64 ? ins->number : (double)ins->integer;
        return (v > 0) - (v < 0);
    }
    case CORE_size:
    case CORE_exp: return 1;
    case CORE_maximum: return sign[ins->in[0]] > 0 || sign[ins->in[1]] > 0;
    case CORE_neg: return -sign[ins->in[0]];
    case CORE_mul:
    case CORE_div: return sign[ins->in[0]] * sign[ins->in[1]];
    case CORE_cast:
    case CORE_reshape:
    case CORE_broadcast:
    case CORE_sqrt: return sign[ins->in[0]];
    default: return 0;
    }
}

/* Of the instructions up to `ref`. */
static const int8_t *signs(Sema *s, const CoreBody *body, CoreRef ref)
{
    int8_t *sign = ARENA_ARRAY(s->arena, int8_t, ref + 1);
    for (CoreRef r = 1; r <= ref; r++)
        sign[r] = (int8_t)sign_of(ins_of(body, r), sign);
    return sign;
}

/* ---- values --------------------------------------------------------------------------------- */

/* Numbers that no training and no batch changes take no side. */
static bool is_neutral(const CoreBody *body, CoreRef ref)
{
    uint16_t op = ins_of(body, ref)->op;
    return op == CORE_const || op == CORE_size || op == CORE_option;
}

/* Of a sum: both sides agree, or one is a constant. */
static Goal both(const CoreBody *body, CoreRef a, CoreRef b, bool minus, const Goal *goal)
{
    Goal x = goal[a], y = minus ? opposite(goal[b]) : goal[b];
    if (is_neutral(body, a)) return y;
    if (is_neutral(body, b)) return x;
    return x == y ? x : GOAL_NONE;
}

static Goal scaled(Goal goal, int sign)
{
    return sign > 0 ? goal : sign < 0 ? opposite(goal) : GOAL_NONE;
}

/* What follows from the goals of what it is made of. */
static Goal follows(const CoreBody *body, const CoreIns *ins, const Goal *goal, const int8_t *sign)
{
    switch (ins->op) {
    case CORE_neg: return opposite(goal[ins->in[0]]);
    case CORE_add:
    case CORE_maximum:
    case CORE_minimum: return both(body, ins->in[0], ins->in[1], false, goal);
    case CORE_sub: return both(body, ins->in[0], ins->in[1], true, goal);
    case CORE_where: return both(body, ins->in[1], ins->in[2], false, goal);
    case CORE_mul:
        if (goal[ins->in[0]] != GOAL_NONE) return scaled(goal[ins->in[0]], sign[ins->in[1]]);
        return scaled(goal[ins->in[1]], sign[ins->in[0]]);
    case CORE_div: return scaled(goal[ins->in[0]], sign[ins->in[1]]);
    case CORE_cast:
    case CORE_stop:
    case CORE_sum:
    case CORE_mean:
    case CORE_max:
    case CORE_min:
    case CORE_reshape:
    case CORE_permute:
    case CORE_broadcast:
    case CORE_slice: return goal[ins->in[0]];
    default: return core_properties(ins->op) & INCREASING ? goal[ins->in[0]] : GOAL_NONE;
    }
}

Goal goal_of(Sema *s, const CoreBody *body, CoreRef ref)
{
    Goal *goal = noted(s, body, ref);
    const int8_t *sign = signs(s, body, ref);
    for (CoreRef r = 1; r <= ref; r++)
        if (goal[r] == GOAL_NONE) goal[r] = follows(body, ins_of(body, r), goal, sign);
    return goal[ref];
}

/* ---- what is minimized ---------------------------------------------------------------------- */

static void pass_on(Goal *goal, CoreRef to, Goal what)
{
    if (goal[to] == GOAL_NONE) goal[to] = what;
}

/* The goals of what a value with a goal is made of. */
static void note_terms(const CoreIns *ins, Goal own, Goal *goal, const int8_t *sign)
{
    switch (ins->op) {
    case CORE_neg: pass_on(goal, ins->in[0], opposite(own)); break;
    case CORE_add:
    case CORE_sub:
        pass_on(goal, ins->in[0], own);
        pass_on(goal, ins->in[1], ins->op == CORE_sub ? opposite(own) : own);
        break;
    case CORE_mul:
        pass_on(goal, ins->in[0], scaled(own, sign[ins->in[1]]));
        pass_on(goal, ins->in[1], scaled(own, sign[ins->in[0]]));
        break;
    case CORE_div: pass_on(goal, ins->in[0], scaled(own, sign[ins->in[1]])); break;
    case CORE_cast:
    case CORE_reshape:
    case CORE_sum:
    case CORE_mean: pass_on(goal, ins->in[0], own); break;
    default:
        if (core_properties(ins->op) & INCREASING) pass_on(goal, ins->in[0], own);
    }
}

void goal_note_loss(Sema *s, const Value *v)
{
    if (v->kind != VAL_TENSOR) return;
    const Goal *before = noted(s, v->body, v->ref);
    const int8_t *sign = signs(s, v->body, v->ref);
    Goal *goal = ARENA_ARRAY(s->arena, Goal, v->ref + 1);
    goal[v->ref] = GOAL_LOWER;
    for (CoreRef r = v->ref; r >= 1; r--) {
        if (goal[r] == GOAL_NONE) continue;
        if (before[r] == GOAL_NONE) note(s, v->body, r, goal[r]);
        note_terms(ins_of(v->body, r), goal[r], goal, sign);
    }
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
