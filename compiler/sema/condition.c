/* SPDX-License-Identifier: MIT
 * condition.c: conditions about sizes: deciding them, taking them as facts, demanding them. */
#include "sema/condition.h"

#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/place.h"
#include "sema/expr.h"

/* ---- facts and demands ---------------------------------------------------------------------- */

static bool is_divides(const Expr *e)
{
    return e->oper == OPER_EQ && e->a->kind == EXPR_BINARY && e->a->oper == OPER_MOD && e->b->kind == EXPR_INT && e->b->integer == 0;
}

static bool both_sizes(Sema *s, const Expr *e, Dim *a, Dim *b)
{
    s->diags->muted++;
    Value x = expr_eval(s, e->a), y = expr_eval(s, e->b);
    s->diags->muted--;
    if (x.kind != VAL_INT || y.kind != VAL_INT) return false;
    *a = x.dim;
    *b = y.dim;
    return true;
}

static void fact_from_comparison(Sema *s, const Expr *e, bool truth)
{
    Dim a, b;
    if (truth && is_divides(e)) {
        s->diags->muted++;
        Value x = expr_eval(s, e->a->a), y = expr_eval(s, e->a->b);
        s->diags->muted--;
        if (x.kind == VAL_INT && y.kind == VAL_INT && dim_divides(s->facts, x.dim, y.dim, NULL) != DIM_PROVED)
            facts_add_divides(s->facts, x.dim, y.dim);
        return;
    }
    if (!both_sizes(s, e, &a, &b)) return;
    Oper oper = truth ? e->oper : oper_opposite(e->oper);
    if (demand_compare(s, oper, a, b) != 1) demand_add_fact(s, oper, a, b);
}

/* What the condition says about sizes, if it has this truth. */
void facts_from_condition(Sema *s, const Expr *e, bool truth)
{
    if (e->kind == EXPR_UNARY && e->oper == OPER_NOT) {
        facts_from_condition(s, e->a, !truth);
    } else if (e->kind == EXPR_BINARY && e->oper == (truth ? OPER_AND : OPER_OR)) {
        facts_from_condition(s, e->a, truth);
        facts_from_condition(s, e->b, truth);
    } else if (e->kind == EXPR_BINARY && oper_compares(e->oper)) {
        fact_from_comparison(s, e, truth);
    }
}

/* A size as one side of `%`: (n + 1). */
static const char *factor_text(Sema *s, Dim dim)
{
    const char *text = dim_print(s->dims, s->arena, dim);
    return strchr(text, ' ') ? arena_print(s->arena, "(%s)", text) : text;
}

static void demand_comparison(Sema *s, const Expr *e, Span at, const char *who, bool entry)
{
    Value a = expr_eval(s, e->a), b = expr_eval(s, e->b);
    if (is_error(&a) || is_error(&b)) return;
    if (a.kind != VAL_INT || b.kind != VAL_INT) {
        Value v = expr_eval(s, e);
        if (v.kind == VAL_BOOL && v.truth == 0)
            diag_note(diag_error(s->diags, "E0311", at, "%s needs %s", who, source_text(s, e->span)), "here it is %s",
                      value_describe(s, &a));
        return;
    }
    const char *text = source_text(s, e->span);
    if (is_divides(e)) {
        Value x = expr_eval(s, e->a->a), y = expr_eval(s, e->a->b);
        if (dim_divides(s->facts, x.dim, y.dim, NULL) == DIM_PROVED) return;
        text = arena_print(s->arena, "%s %% %s == 0", factor_text(s, x.dim), factor_text(s, y.dim));
        demand_text(s, a.dim, e->oper, b.dim, text, at, arena_print(s->arena, "%s needs %s", who, source_text(s, e->span)), entry);
        if (entry && !s->generic) facts_add_divides(s->facts, x.dim, y.dim);
        return;
    }
    demand_text(
        s, a.dim, e->oper, b.dim,
        arena_print(s->arena, "%s %s %s", dim_print(s->dims, s->arena, a.dim), oper_name(e->oper), dim_print(s->dims, s->arena, b.dim)), at,
        arena_print(s->arena, "%s needs %s", who, text), entry);
}

/* One condition of a `requires`, in the frame of the callee; `caller` is the frame it is called
 * from. */
void demand_condition(Sema *s, const Expr *e, Span at, const char *who)
{
    Frame *caller = s->frame ? s->frame->up : NULL;
    if (e->kind == EXPR_BINARY && e->oper == OPER_AND) {
        demand_condition(s, e->a, at, who);
        demand_condition(s, e->b, at, who);
        return;
    }
    if (e->kind == EXPR_BINARY && oper_compares(e->oper)) {
        demand_comparison(s, e, at, who, caller && caller->entry);
        return;
    }
    if (s->generic) return;
    Value v = expr_eval(s, e);
    if (v.kind == VAL_BOOL && v.truth == 0)
        diag_error(s->diags, "E0311", at, "%s needs %s", who, source_text(s, e->span));
    else if (v.kind != VAL_BOOL && v.kind != VAL_TENSOR && v.kind != VAL_ERROR)
        diag_error(s->diags, "E0314", e->span, "a condition has to be a bool, not %s", value_describe(s, &v));
}
