/* SPDX-License-Identifier: MIT
 * condition.c: conditions about sizes: deciding them, taking them as facts, demanding them. */
#include "sema/condition.h"

#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/place.h"
#include "sema/expr.h"
#include "sema/prim/ops.h"
#include "sema/probe.h"

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

typedef struct Demand {
    Span at;
    const char *who;
    bool entry; /* its caller is one */
    Demanded parts;
} Demand;

static const char *needs(Sema *s, const Demand *d, const Expr *e, bool truth)
{
    const char *text = source_text(s, e->span);
    return arena_print(s->arena, truth ? "%s needs %s" : "%s needs not (%s)", d->who, text);
}

static void demand_sizes(Sema *s, const Demand *d, const Expr *e, bool truth, Dim a, Dim b)
{
    Oper oper = truth ? e->oper : oper_opposite(e->oper);
    const char *what = needs(s, d, e, truth), *text;
    if (truth && is_divides(e)) {
        Value x = expr_eval(s, e->a->a), y = expr_eval(s, e->a->b);
        if (dim_divides(s->facts, x.dim, y.dim, NULL) == DIM_PROVED) return;
        text = arena_print(s->arena, "%s %% %s == 0", factor_text(s, x.dim), factor_text(s, y.dim));
        demand_text(s, a, oper, b, text, d->at, what, d->entry);
        if (d->entry && !s->generic) facts_add_divides(s->facts, x.dim, y.dim);
        return;
    }
    text = arena_print(s->arena, "%s %s %s", dim_print(s->dims, s->arena, a), oper_name(oper), dim_print(s->dims, s->arena, b));
    demand_text(s, a, oper, b, text, d->at, what, d->entry);
}

static void refuse_false(Sema *s, const Demand *d, const Expr *e, bool truth)
{
    Diag *diag = diag_error(s->diags, "E0311", d->at, "%s", needs(s, d, e, truth));
    if (e->kind != EXPR_BINARY || !oper_compares(e->oper)) return;
    Value a = expr_eval(s, e->a);
    diag_note(diag, "here it is %s", value_describe(s, &a));
}

/* What is no comparison of sizes, or one of several of which not all must hold. */
static void demand_value(Sema *s, const Demand *d, const Expr *e, bool truth)
{
    bool told = !(d->parts & DEMAND_KNOWN); /* what is wrong with the condition: when the layer was made */
    ProbeDraws draws = probe_begin(s);
    s->diags->muted += told;
    Value v = expr_eval(s, e);
    s->diags->muted -= told;
    bool bools = v.kind == VAL_TENSOR && v.type.elem == ELEM_bool;
    if (bools && !truth) v = prim_unary(s, OPER_NOT, v, e->span);
    probe_end(s, &draws);
    if (bools && d->parts & DEMAND_VALUES)
        probe_requires(s, &v, needs(s, d, e, truth), e->span);
    else if (!told && v.kind == VAL_BOOL && v.truth == !truth)
        refuse_false(s, d, e, truth);
    else if (!told && !bools && v.kind != VAL_BOOL && v.kind != VAL_ERROR)
        diag_error(s->diags, "E0314", e->span, "a condition has to be a bool, not %s", value_describe(s, &v));
}

/* As facts_from_condition takes it apart, so that no fact is one that nobody tests. */
static void demand(Sema *s, const Demand *d, const Expr *e, bool truth)
{
    Dim a, b;
    bool compares = e->kind == EXPR_BINARY && oper_compares(e->oper);
    if (e->kind == EXPR_UNARY && e->oper == OPER_NOT) {
        demand(s, d, e->a, !truth);
    } else if (e->kind == EXPR_BINARY && e->oper == (truth ? OPER_AND : OPER_OR)) {
        demand(s, d, e->a, truth);
        demand(s, d, e->b, truth);
    } else if (compares && both_sizes(s, e, &a, &b)) {
        if (d->parts & DEMAND_KNOWN) demand_sizes(s, d, e, truth, a, b);
    } else if (compares || !s->generic) {
        demand_value(s, d, e, truth);
    }
}

void demand_condition(Sema *s, const Expr *e, Span at, const char *who, Demanded parts)
{
    Frame *caller = s->frame ? s->frame->up : NULL; /* of the frame of the callee */
    demand(s, &(Demand){at, who, caller && caller->entry, parts}, e, true);
}
