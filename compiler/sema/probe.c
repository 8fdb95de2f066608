/* SPDX-License-Identifier: MIT
 * probe.c: assert and print, and conditions of `requires` about values.
 *
 * What the compiler knows is decided here: `assert n % 2 == 0` of a layer's arguments. Everything else is a CORE_probe, which looks at a
 * value and changes none. */
#include "sema/probe.h"

#include <string.h>

#include "sema/base/place.h"
#include "sema/base/record.h"

/* ---- where it may stand ----------------------------------------------------------------------- */

static int scans_around(const Sema *s)
{
    int n = 0;
    for (const BodyScope *scope = s->scope; scope; scope = scope->up)
        n += scope->scan;
    return n;
}

typedef struct Look {
    const char *word, *text;
    bool print;
    Span span, at; /* all of it, and the value */
} Look;

static bool may_look(Sema *s, const Look *l, const Value *v)
{
    if (s->in_grad_block || s->in_init || s->in_data || !s->entry || s->entry->report_body) {
        const char *where = s->in_grad_block ? "a grad block"
                            : s->in_init     ? "a start value"
                            : s->in_data     ? "a data field"
                                             : "what a metric reports";
        diag_error(s->diags, "E0521", l->span, "`%s` looks at the values of a step or an export, not at those of %s", l->word, where);
        return false;
    }
    int n = scans_around(s);
    if (v->type.rank + n <= CORE_MAX_RANK) return true;
    diag_error(s->diags, "E0521", l->at, "%s has %d axes, and the scans around it one more each: `%s` takes %d at most",
               type_print(s, &v->type), v->type.rank, l->word, CORE_MAX_RANK);
    return false;
}

/* ---- draws ------------------------------------------------------------------------------------ */

ProbeDraws probe_begin(Sema *s)
{
    Frame *f = s->frame;
    ProbeDraws d = {.n_draws = f->n_draws, .n_calls = f->calls.n, .calls = ARENA_ARRAY(s->arena, uint32_t, f->calls.n + 1)};
    for (uint32_t i = 0; i < d.n_calls; i++)
        d.calls[i] = f->calls.at[i].n;
    return d;
}

void probe_end(Sema *s, const ProbeDraws *d)
{
    Frame *f = s->frame;
    f->n_draws = d->n_draws;
    for (uint32_t i = 0; i < f->calls.n; i++)
        f->calls.at[i].n = i < d->n_calls ? d->calls[i] : 0;
}

/* ---- the record ------------------------------------------------------------------------------- */

static bool is_left_out(const Sema *s, bool print)
{
    return s->options && (print ? s->options->no_print : s->options->no_assert);
}

static void look(Sema *s, const Look *l, const Value *v)
{
    if ((s->generic && !s->in_grad_block) || !may_look(s, l, v) || is_left_out(s, l->print)) return;
    CoreProbe probe = {.prints = l->print,
                       .conditional = s->entry->n_inside > 0,
                       .text = l->text,
                       .path = s->path && s->path[0] ? s->path : NULL,
                       .span = l->span};
    int64_t number = s->entry->entry->probes.n;
    vec_add(s->arena, &s->entry->entry->probes, probe);
    CoreRef in = value_use(s, v, ELEM_none);
    core_emit(s, CORE_probe, NULL, &in, 1, &number, 1);
    core_last(s)->n_out = 0;
}

/* ---- assert ----------------------------------------------------------------------------------- */

static const char *assert_text(Sema *s, const Stmt *stmt, const Value *values, uint32_t n)
{
    const Expr *condition = stmt->values, *text = condition->next;
    if (!text) return source_text(s, condition->span);
    if (n > 2) {
        diag_error(s->diags, "E0521", text->next->span, "an assert has a condition and a text, nothing else");
        return NULL;
    }
    const Value *v = &values[1];
    if (is_error(v)) return NULL;
    if (v->kind == VAL_STRING) return known_text(v);
    diag_help(diag_error(s->diags, "E0521", text->span, "behind the condition of an assert stands a text, not %s", value_describe(s, v)),
              "write `and` between two conditions");
    return NULL;
}

static void report_false(Sema *s, const Stmt *stmt, const char *text)
{
    const char *source = source_text(s, stmt->values->span);
    bool own = strcmp(text, source) == 0;
    Diag *d = own ? diag_error(s->diags, "E0522", stmt->values->span, "this does not hold")
                  : diag_error(s->diags, "E0522", stmt->values->span, "this does not hold: %s", text);
    if (s->path && s->path[0]) diag_note(d, "in %s", s->path);
}

static void report_condition(Sema *s, const Stmt *stmt, const Value *v)
{
    const Expr *e = stmt->values;
    Diag *d = diag_error(s->diags, "E0521", e->span, "an assert needs a bool, not %s", value_describe(s, v));
    if (v->kind == VAL_TUPLE && e->kind == EXPR_TUPLE)
        diag_help(d, "write it without brackets: assert %s, \"text\"", source_text(s, e->list->span));
    else if (v->kind == VAL_TENSOR || v->kind == VAL_INT || v->kind == VAL_FLOAT)
        diag_help(d, "compare it: %s > 0", source_text(s, e->span));
}

void probe_assert(Sema *s, const Stmt *stmt, const Value *values, uint32_t n)
{
    const Value *v = &values[0];
    const char *text = assert_text(s, stmt, values, n);
    if (is_error(v) || !text) return;
    if (v->kind == VAL_BOOL) {
        if (!v->truth && !s->generic && !is_left_out(s, false)) report_false(s, stmt, text);
    } else if (v->kind == VAL_TENSOR && v->type.elem == ELEM_bool) {
        look(s, &(Look){"assert", text, false, stmt->span, stmt->values->span}, v);
    } else {
        report_condition(s, stmt, v);
    }
}

void probe_requires(Sema *s, const Value *v, const char *text, Span at)
{
    look(s, &(Look){"requires", text, false, at, at}, v);
}

/* ---- print ------------------------------------------------------------------------------------ */

static void report_print(Sema *s, const Arg *a, const Value *v)
{
    Diag *d = diag_error(s->diags, "E0521", a->span, "print shows tensors, not %s", value_describe(s, v));
    if (v->kind == VAL_TUPLE) diag_help(d, "bind what you want to see: a, b = %s", source_text(s, a->span));
    if (v->kind == VAL_EXAMPLE) diag_help(d, "print a field of it: %s.x", source_text(s, a->span));
    if (v->kind == VAL_LAYER) diag_help(d, "print a parameter of it: %s.w", source_text(s, a->span));
}

/* One argument. A text is the label of the value behind it, else that is its name or how it is written. */
static void print_value(Sema *s, const Stmt *stmt, const Arg *a, const Value *v, const char *label)
{
    if (v->kind != VAL_TENSOR && v->kind != VAL_INT && v->kind != VAL_FLOAT && v->kind != VAL_BOOL) {
        report_print(s, a, v);
        return;
    }
    if (v->kind == VAL_BOOL && v->truth < 0) return; /* a definition check */
    Value shown = value_as_tensor(s, v, ELEM_none);
    if (!label) label = a->name ? a->name : source_text(s, a->span);
    look(s, &(Look){"print", label, true, stmt->span, a->span}, &shown);
}

void probe_print(Sema *s, const Stmt *stmt, const Value *values)
{
    const char *label = NULL;
    uint32_t n = 0;
    for (const Arg *a = stmt->args; a; a = a->next, values++) {
        if (!is_error(values) && values->kind == VAL_STRING && !a->name) {
            label = known_text(values);
            continue;
        }
        n++;
        if (a->pack)
            diag_error(s->diags, "E0521", a->span, "print shows tensors, not a pack of sizes");
        else if (!is_error(values))
            print_value(s, stmt, a, values, label);
        label = NULL;
    }
    if (n == 0 || label)
        diag_help(diag_error(s->diags, "E0521", stmt->span, n ? "this text has no value behind it" : "there is nothing to print"),
                  "write print(\"label\", x)");
}
