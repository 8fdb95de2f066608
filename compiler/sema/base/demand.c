/* SPDX-License-Identifier: MIT
 * demand.c: sizes compared, decided and demanded: by proof, as a fact of a definition check, or as a requirement of an entry. */
#include "sema/base/demand.h"

#include <string.h>

#include "sema/base/place.h"

DimAnswer sema_equal(Sema *s, Dim a, Dim b, const char **why)
{
    if (why) *why = "";
    if (a == b) return DIM_PROVED;
    return dim_equal(s->facts, a, b, why);
}

DimAnswer sema_at_least(Sema *s, Dim a, Dim b, const char **why)
{
    if (why) *why = "";
    return dim_at_least(s->facts, a, b, why);
}

/* 1, 0, or -1: depends on the values. */
int demand_compare(Sema *s, Oper oper, Dim a, Dim b)
{
    const char *why;
    Dim one = dim_const(s->dims, 1);
    switch (oper) {
    case OPER_EQ:
    case OPER_NE: {
        DimAnswer answer = sema_equal(s, a, b, &why);
        if (answer == DIM_PROVED) return oper == OPER_EQ;
        if (answer == DIM_REFUTED && !why[0]) return oper == OPER_NE;
        if (sema_at_least(s, a, dim_add(s->dims, b, one), &why) == DIM_PROVED ||
            sema_at_least(s, b, dim_add(s->dims, a, one), &why) == DIM_PROVED)
            return oper == OPER_NE;
        return -1;
    }
    case OPER_GE:
        if (sema_at_least(s, a, b, &why) == DIM_PROVED) return 1;
        return sema_at_least(s, b, dim_add(s->dims, a, one), &why) == DIM_PROVED ? 0 : -1;
    case OPER_GT: return demand_compare(s, OPER_GE, a, dim_add(s->dims, b, one));
    case OPER_LE: return demand_compare(s, OPER_GE, b, a);
    default: return demand_compare(s, OPER_GE, b, dim_add(s->dims, a, one));
    }
}

bool oper_compares(Oper oper)
{
    return oper >= OPER_EQ && oper <= OPER_GE;
}

/* ---- facts and decisions --------------------------------------------------------------------- */

void demand_add_fact(Sema *s, Oper oper, Dim a, Dim b)
{
    Dim one = dim_const(s->dims, 1);
    switch (oper) {
    case OPER_EQ: facts_add_equal(s->facts, a, b); break;
    case OPER_NE: facts_add_not_equal(s->facts, a, b); break;
    case OPER_GE: facts_add_at_least(s->facts, a, b); break;
    case OPER_GT: facts_add_at_least(s->facts, a, dim_add(s->dims, b, one)); break;
    case OPER_LE: facts_add_at_least(s->facts, b, a); break;
    case OPER_LT: facts_add_at_least(s->facts, b, dim_add(s->dims, a, one)); break;
    default: break;
    }
}

Oper oper_opposite(Oper oper)
{
    switch (oper) {
    case OPER_EQ: return OPER_NE;
    case OPER_NE: return OPER_EQ;
    case OPER_GE: return OPER_LT;
    case OPER_GT: return OPER_LE;
    case OPER_LE: return OPER_GT;
    default: return OPER_GE;
    }
}

/* A condition that a definition check does not know: the way this run takes. */
bool demand_decide(Sema *s, const char *text, Oper oper, Dim a, Dim b)
{
    if (s->assumes) return true;
    bool training = text && !strcmp(text, "training");
    if (training) s->training_known = 1;
    for (uint32_t i = 0; i < s->n_decided; i++) {
        Decision *d = &s->decisions.at[i];
        if (text ? d->text && !strcmp(d->text, text) : !d->text && d->oper == oper && d->a == a && d->b == b) return d->truth;
    }
    if (s->n_decided == s->decisions.n) {
        Decision d = {.text = text, .oper = oper, .a = a, .b = b, .truth = true};
        vec_add(s->arena, &s->decisions, d);
    }
    Decision *d = &s->decisions.at[s->n_decided++];
    d->text = text; /* symbols are new in every run */
    d->oper = oper;
    d->a = a;
    d->b = b;
    if (training) s->training = d->truth;
    if (!text) demand_add_fact(s, d->truth ? oper : oper_opposite(oper), a, b);
    return d->truth;
}

/* ---- demands --------------------------------------------------------------------------------- */

static DimAnswer answer_comparison(Sema *s, Dim a, Oper oper, Dim b, const char **why)
{
    Dim one = dim_const(s->dims, 1);
    switch (oper) {
    case OPER_EQ: return sema_equal(s, a, b, why);
    case OPER_NE:
        return demand_compare(s, OPER_NE, a, b) == 1 ? DIM_PROVED : sema_equal(s, a, b, why) == DIM_PROVED ? DIM_REFUTED : DIM_OPEN;
    case OPER_GE: return sema_at_least(s, a, b, why);
    case OPER_GT: return sema_at_least(s, a, dim_add(s->dims, b, one), why);
    case OPER_LE: return sema_at_least(s, b, a, why);
    default: return sema_at_least(s, b, dim_add(s->dims, a, one), why);
    }
}

static void add_require(Sema *s, Dim left, Oper oper, Dim right, const char *text, Span at)
{
    CoreEntry *entry = s->entry->entry;
    for (uint32_t i = 0; i < entry->requires_.n; i++) {
        CoreRequire *r = &entry->requires_.at[i];
        if (r->left == left && r->right == right && r->oper == oper) return;
    }
    if (span_in_library(s, at)) at = s->call_span;
    CoreRequire r = {.left = left, .right = right, .oper = oper, .text = text, .span = at};
    vec_add(s->arena, &entry->requires_, r);
}

/* Does every symbol stand for a size of this entry point? Symbols of the entry are its binders and
 * `dim` arguments. */
static bool symbolic(Sema *s, Dim a)
{
    return !dim_is_const(s->dims, a, NULL);
}

void demand_text(Sema *s, Dim left, Oper oper, Dim right, const char *text, Span at, const char *what, bool entry)
{
    const char *why = "";
    DimAnswer answer = answer_comparison(s, left, oper, right, &why);
    if (answer == DIM_PROVED) return;
    bool open = symbolic(s, left) || symbolic(s, right);
    if (entry && !s->generic && open && s->entry) {
        add_require(s, left, oper, right, text, at);
        demand_add_fact(s, oper, left, right);
        return;
    }
    if (answer == DIM_OPEN && s->generic) return;
    Diag *d = diag_error(s->diags, "E0311", at, "%s", what);
    if (open) {
        if (why[0])
            diag_note(d, "%s does not hold for %s", text, why);
        else if (answer == DIM_OPEN)
            diag_note(d, "%s could not be proved", text);
        if (dim_is_const(s->dims, dim_sub(s->dims, left, right), NULL)) /* n >= n + 1: whatever n is */
            diag_note(d, "%s never holds", text);
        else
            diag_help(d, "add `requires %s`", text);
    } else {
        const char *values =
            arena_print(s->arena, "%s %s %s", dim_print(s->dims, s->arena, left), oper_name(oper), dim_print(s->dims, s->arena, right));
        if (strcmp(text, values) == 0)
            diag_note(d, "%s does not hold", values);
        else
            diag_note(d, "here %s is %s", text, values);
    }
}

void sema_demand(Sema *s, Dim left, Oper oper, Dim right, Span at, const char *what)
{
    const char *text =
        arena_print(s->arena, "%s %s %s", dim_print(s->dims, s->arena, left), oper_name(oper), dim_print(s->dims, s->arena, right));
    Frame *frame = s->frame;
    demand_text(s, left, oper, right, text, at, what, frame && frame->entry);
}

/* Numbers of places are ints: of argmax, argsort, top_k, range. `what` says what numbers them. */
void sema_demand_counted(Sema *s, Dim n, Span at, const char *what)
{
    Dim most = dim_const(s->dims, INT32_MAX);
    const char *text = arena_print(s->arena, "%s <= %lld", dim_print(s->dims, s->arena, n), (long long)INT32_MAX);
    demand_text(s, n, OPER_LE, most, text, at, what, true);
}

/* An axis that must have a place, because nothing can be said of no values. Where that depends on the sizes of
 * a call, the entry asks for it. */
void sema_demand_place(Sema *s, Dim n, Span at, const char *what)
{
    Dim one = dim_const(s->dims, 1);
    int64_t known;
    if (dim_is_const(s->dims, n, &known) && known < 1) {
        Diag *d = diag_error(s->diags, "E0313", at, "%s needs at least one value, but the axis has no places", what);
        diag_help(d, "sum, prod, any and all of nothing are 0, 1, false and true");
        return;
    }
    if (s->generic || !s->entry || sema_at_least(s, n, one, NULL) == DIM_PROVED) return;
    add_require(s, n, OPER_GE, one, arena_print(s->arena, "%s >= 1", dim_print(s->dims, s->arena, n)), s->call_span);
    facts_add_at_least(s->facts, n, one);
}

/* Scans around this place; cumsum, cumprod and prod are scans, too. */
bool demand_scan_fits(Sema *s, Span at)
{
    int depth = 1;
    for (const BodyScope *scope = s->scope; scope; scope = scope->up)
        depth += scope->scan;
    if (depth <= CORE_MAX_SCANS) return true;
    diag_help(diag_error(s->diags, "E0605", at, "scans are nested more than %d deep here", CORE_MAX_SCANS),
              "cumsum, cumprod and prod are scans too");
    return false;
}
