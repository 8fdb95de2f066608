/* SPDX-License-Identifier: MIT
 * optimizer.c: the optimizer behind `using` and its arguments, by the table (core/optimizers.h). */
#include "sema/optimizer.h"

#include <string.h>

#include "sema/base/suggest.h"
#include "sema/base/unit.h"
#include "sema/expr.h"
#include "support/foreign.h"

/* ---- which one ---- */

static void unknown_optimizer(Sema *s, Span span, const char *name)
{
    Diag *d = diag_error(s->diags, "E0504", span, "there is no optimizer `%s`", name);
    VEC(const char *) names = {0};
    const char *all = "";
    for (const Optimizer *row = optimizers; row->name; row++) {
        if (foreign_same_letters(row->name, name)) {
            diag_help(d, "write %s(...)", row->name), diag_edit(d, span, "%s", row->name);
            return;
        }
        all = arena_print(s->arena, "%s%s%s", all, !names.n ? "" : row[1].name ? ", " : " and ", row->name);
        vec_add(s->arena, &names, row->name);
    }
    const char *close = suggest_among(name, names.at, names.n);
    if (close)
        diag_help(d, "did you mean %s(...)?", close), diag_edit(d, span, "%s", close);
    else
        diag_note(d, "there are %s", all);
}

static bool find_optimizer(Sema *s, const Expr *e, OptimizerCall *o)
{
    if (e->kind == EXPR_NAME) {
        Global *g = unit_find(s->main, e->name);
        if (g ? g->decl->broken : unit_has_lost(s, s->main, e->name)) return false;
        if (g && g->decl->kind == DECL_OPTIMIZER) {
            o->named = g;
            return find_optimizer(s, g->decl->value, o);
        }
        if (optimizer_find(e->name))
            diag_help(diag_error(s->diags, "E0504", e->span, "an optimizer is called"), "write %s(...)", e->name);
        else
            unknown_optimizer(s, e->span, e->name);
        return false;
    }
    if (e->kind != EXPR_CALL || e->a->kind != EXPR_NAME) {
        Diag *d = diag_error(s->diags, "E0504", e->span, "`using` needs an optimizer such as adam(lr=0.001)");
        const Expr *path = e->kind == EXPR_CALL ? e->a : e;
        const char *name = path->kind == EXPR_FIELD || path->kind == EXPR_STRING ? path->name : "";
        for (const Optimizer *row = optimizers; row->name; row++)
            if (foreign_same_letters(row->name, name)) diag_help(d, "write %s(lr=...)", row->name);
        return false;
    }
    o->call = e;
    o->row = optimizer_find(e->a->name);
    if (!o->row) unknown_optimizer(s, e->a->span, e->a->name);
    return o->row != NULL;
}

/* ---- its arguments ---- */

static void unknown_argument(Sema *s, const Optimizer *row, const Arg *a)
{
    const char *names[OPTIMIZER_ARGS];
    uint32_t n = 0;
    for (; n < OPTIMIZER_ARGS && row->arg[n].name; n++)
        names[n] = row->arg[n].name;
    Diag *d = diag_error(s->diags, "E0504", a->name_span, "%s has no argument `%s`", row->name, a->name);
    const char *help = suggest_argument(s, a->name, names, n);
    if (!strcmp(a->name, "momentum") && optimizer_arg(row, "mu") < 0)
        diag_help(d, "momentum is an optimizer of its own: momentum(lr=..., mu=0.9)");
    else if (help)
        suggest_told(d, a->name_span, NULL, help);
    diag_note(d, "its arguments are: %s", suggest_list(s, names, n));
}

static bool is_number(const Value *v)
{
    bool scalar = v->kind == VAL_TENSOR && v->type.rank == 0 && (v->type.elem == ELEM_float || v->type.elem == ELEM_int);
    return v->kind == VAL_INT || v->kind == VAL_FLOAT || scalar;
}

static bool is_constant(const Sema *s, const Value *v, double *x)
{
    int64_t n;
    if (v->kind == VAL_FLOAT) {
        *x = v->number;
        return true;
    }
    if (!value_is_const_int(s, v, &n)) return false;
    *x = (double)n;
    return true;
}

static bool check_kind(Sema *s, const Arg *a, const Optimizer *row, const OptimizerArg *arg, const Value *v)
{
    if (arg->range == RANGE_switch && v->kind != VAL_BOOL) {
        diag_error(s->diags, "E0504", a->span, "%s is true or false", arg->name);
        return false;
    }
    if (arg->range != RANGE_switch && !is_number(v)) {
        diag_error(s->diags, "E0504", a->value->span, "`%s` of %s is a number, not %s", arg->name, row->name, value_describe(s, v));
        return false;
    }
    return true;
}

static void check_range(Sema *s, const Arg *a, const OptimizerArg *arg, const Value *v)
{
    static const char *const text[] = {[RANGE_from_0] = "`%s` cannot be negative",
                                       [RANGE_below_1] = "`%s` is at least 0 and below 1",
                                       [RANGE_above_0] = "%s has to be above 0"};
    double x;
    if (arg->range == RANGE_switch || !is_constant(s, v, &x)) return;
    if (x < 0 || (x >= 1 && arg->range == RANGE_below_1) || (x == 0 && arg->range == RANGE_above_0))
        diag_error(s->diags, "E0504", a->value->span, text[arg->range], arg->name);
}

static bool read_arguments(Sema *s, OptimizerCall *o)
{
    for (int k = 0; o->row->arg[k].name; k++)
        o->arg[k] = value_float(o->row->arg[k].value);
    for (const Arg *a = o->call->args; a; a = a->next) {
        if (a->pack || (!a->name && a != o->call->args)) {
            diag_error(s->diags, "E0504", a->span, "the arguments of an optimizer have names: lr=0.001");
            return false;
        }
        const char *name = a->name ? a->name : "lr";
        Value v = expr_eval(s, a->value);
        if (is_error(&v)) return false;
        int k = optimizer_arg(o->row, name);
        if (k < 0) {
            unknown_argument(s, o->row, a);
            return false;
        }
        const OptimizerArg *arg = &o->row->arg[k];
        if (!check_kind(s, a, o->row, arg, &v)) return false;
        if (o->given[k]) diag_error(s->diags, "E0120", a->span, "`%s` is given twice", name);
        check_range(s, a, arg, &v);
        o->given[k] = true;
        o->arg[k] = v;
        o->arg[k].span = a->value->span;
    }
    return true;
}

bool optimizer_read(Sema *s, const Expr *e, OptimizerCall *o)
{
    return find_optimizer(s, e, o) && read_arguments(s, o);
}

bool optimizer_limits_norm(const OptimizerCall *o)
{
    return o->given[optimizer_arg(o->row, "clip")];
}

uint32_t optimizer_slots(const Sema *s, const OptimizerCall *o)
{
    uint32_t used = (1u << o->row->n_slots) - 1, slot = 1u << o->row->n_slots;
    for (int k = 0; o->row->arg[k].name; k++) {
        const Value *v = &o->arg[k];
        double x;
        if (!o->row->arg[k].has_slot) continue;
        if (v->kind == VAL_BOOL ? v->truth > 0 : !is_constant(s, v, &x) || x != 0) used |= slot;
        slot <<= 1;
    }
    return used;
}
