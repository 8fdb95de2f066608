/* SPDX-License-Identifier: MIT
 * expr.c: expressions. */
#include "sema/expr.h"

#include <string.h>

#include "sema/argument_help.h"
#include "sema/base/demand.h"
#include "sema/base/entry_state.h"
#include "sema/base/frame.h"
#include "sema/base/literal.h"
#include "sema/base/meaning.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/base/suggest.h"
#include "sema/base/unit.h"
#include "sema/call.h"
#include "sema/global.h"
#include "sema/gradient.h"
#include "sema/prim/index.h"
#include "sema/prim/ops.h"
#include "sema/scope.h"
#include "sema/unknown.h"
#include "support/foreign.h"

static bool unknown_text(const Value *v)
{
    return v->kind == VAL_STRING && !v->text;
}

static Value compare_sizes(Sema *s, const Expr *e, const Value *a, const Value *b)
{
    int truth = demand_compare(s, e->oper, a->dim, b->dim);
    if (truth >= 0) return value_bool(truth);
    if (s->generic) return value_bool(demand_decide(s, NULL, e->oper, a->dim, b->dim));
    Value x = value_as_tensor(s, a, ELEM_int), y = value_as_tensor(s, b, ELEM_int);
    return prim_binary(s, e->oper, x, y, e->a->span, e->b->span, e->name_span);
}

static Value compare_texts(Sema *s, const Expr *e, const Value *a, const Value *b)
{
    if (!unknown_text(a) && !unknown_text(b)) return value_bool((!strcmp(a->text, b->text)) == (e->oper == OPER_EQ));
    if (!s->generic) return value_error();
    const char *key = arena_print(s->arena, "%s == %s",
                                  a->text   ? a->text
                                  : a->prim ? a->prim
                                            : "?",
                                  b->text   ? b->text
                                  : b->prim ? b->prim
                                            : "?");
    return value_bool(demand_decide(s, key, OPER_EQ, 0, 0) == (e->oper == OPER_EQ));
}

/* ---- and, or, comparisons, arithmetic ------------------------------------------------------- */

static Value eval_logic(Sema *s, const Expr *e)
{
    Value a = expr_eval(s, e->a);
    if (is_error(&a)) return a;
    bool is_or = e->oper == OPER_OR;
    if (a.kind == VAL_BOOL && a.truth >= 0 && (a.truth != 0) == is_or) return a;
    Value b = expr_eval(s, e->b);
    if (is_error(&b)) return b;
    if (a.kind == VAL_BOOL && a.truth >= 0 && b.kind == VAL_BOOL) return b;
    return prim_binary(s, e->oper, a, b, e->a->span, e->b->span, e->name_span);
}

static Value eval_binary(Sema *s, const Expr *e)
{
    if (e->oper == OPER_AND || e->oper == OPER_OR) return eval_logic(s, e);
    Value a = expr_eval(s, e->a), b = expr_eval(s, e->b);
    if (is_error(&a) || is_error(&b)) return value_error();
    if (oper_compares(e->oper)) {
        if (a.kind == VAL_INT && b.kind == VAL_INT) return compare_sizes(s, e, &a, &b);
        if (a.kind == VAL_STRING && b.kind == VAL_STRING && (e->oper == OPER_EQ || e->oper == OPER_NE)) return compare_texts(s, e, &a, &b);
    }
    if (unknown_text(&a) || unknown_text(&b)) return (Value){.kind = VAL_STRING};
    Value v = prim_binary(s, e->oper, a, b, e->a->span, e->b->span, e->name_span);
    if (v.kind == VAL_BOOL && v.truth < 0 && s->generic) v.truth = demand_decide(s, source_text(s, e->span), OPER_EQ, 0, 0);
    return v;
}

/* ---- conditions ----------------------------------------------------------------------------- */

/* Does this scalar depend on nothing but configuration values? (definition checks; marked by attr
 * 1) */
static bool only_config(const CoreBody *body, CoreRef ref, int depth)
{
    const CoreIns *ins = &body->ins.at[ref - 1];
    if (depth > 30) return false;
    if (ins->op == CORE_const || ins->op == CORE_size) return true;
    if (ins->op == CORE_arg) return ins->attr[0] == 1;
    if (ins->n_in == 0) return false;
    for (uint32_t i = 0; i < ins->n_in; i++)
        if (!only_config(body, ins->in[i], depth + 1)) return false;
    return true;
}

bool value_of_config(const Value *v)
{
    return v->kind == VAL_TENSOR && v->type.rank == 0 && v->ref && only_config(v->body, v->ref, 0);
}

static Diag *report_run_time(Sema *s, const Expr *condition, const Value *v)
{
    Diag *d = diag_error(s->diags, "E0314", condition->span, "`if` runs in the compiler, but this is known only at run time");
    diag_label(d, condition->span, "%s", type_print(s, &v->type));
    return d;
}

int expr_truth(Sema *s, const Expr *expr, Value *tensor)
{
    Value v = expr_eval(s, expr);
    if (is_error(&v)) return -1;
    if (v.kind == VAL_BOOL && v.truth >= 0) return v.truth != 0;
    bool is_bool = v.kind == VAL_TENSOR && v.type.elem == ELEM_bool;
    if (is_bool && s->generic && value_of_config(&v)) return demand_decide(s, source_text(s, expr->span), OPER_EQ, 0, 0);
    if (is_bool && tensor) {
        *tensor = v;
        return -1;
    }
    if (v.kind == VAL_TENSOR) {
        diag_help(report_run_time(s, expr, &v), "for a run-time choice use where(c, a, b)");
    } else {
        diag_error(s->diags, "E0314", expr->span, "a condition has to be a bool, not %s", value_describe(s, &v));
    }
    return -1;
}

static Value eval_if(Sema *s, const Expr *e)
{
    Value tensor = value_none();
    int truth = expr_truth(s, e->c, &tensor); /* a if c else b */
    if (tensor.kind == VAL_TENSOR) {
        Diag *d = report_run_time(s, e->c, &tensor);
        diag_help(d, "a choice at run time is where(%s, %s, %s)", source_text(s, e->c->span), source_text(s, e->a->span),
                  source_text(s, e->b->span));
    }
    if (truth < 0) return value_error();
    return expr_eval(s, truth ? e->a : e->b);
}

/* ---- indexing ------------------------------------------------------------------------------- */

bool expr_const_int(Sema *s, const Expr *expr, int64_t *n)
{
    Value v = expr_eval(s, expr);
    if (is_error(&v)) return false;
    if (value_is_const_int(s, &v, n)) return true;
    if (s->generic && v.kind == VAL_INT) {
        s->abort = true; /* known at each instance */
        return false;
    }
    Diag *d = diag_error(s->diags, "E0315", expr->span, "this number has to be known to the compiler; it is %s", value_describe(s, &v));
    if (known_text(&v)[0]) diag_help(d, "a number stands without quotes: %s", v.text);
    suggest_whole(s, d, &v, expr->span);
    return false;
}

static bool const_indices(Sema *s, const Expr *e, const char *rule, int64_t *at, uint32_t *n)
{
    *n = 0;
    for (const Index *i = e->indices; i; i = i->next) {
        if (i->kind != INDEX_EXPR || *n == MAX_INDEX) {
            diag_error(s->diags, "E0105", i->span, "%s", rule);
            return false;
        }
        if (!expr_const_int(s, i->lo, &at[(*n)++])) return false;
    }
    return true;
}

static Value index_layer(Sema *s, const Expr *e, const Value *base)
{
    int64_t at[MAX_INDEX];
    uint32_t n;
    if (!const_indices(s, e, "layers are taken by number: name[0] or name[0, 1]", at, &n)) return value_error();
    if (base->text) return family_index(s, base, at, n, e->span);
    Instance *chain = base->instance;
    if (chain->decl || n != 1) {
        diag_error(s->diags, "E0105", e->span, "%s is one layer, not several", chain->title);
        return value_error();
    }
    int64_t k = at[0] < 0 ? at[0] + chain->items.n : at[0];
    if (k < 0 || k >= chain->items.n) {
        diag_error(s->diags, "E0105", e->span, "the chain has the items 0 to %u", chain->items.n - 1);
        return value_error();
    }
    return chain->items.at[k];
}

static Value index_list(Sema *s, const Expr *e, const Value *base)
{
    int64_t at[MAX_INDEX];
    uint32_t n;
    if (!const_indices(s, e, "an element of a list that is no tensor is taken by its number: list[0]", at, &n)) return value_error();
    if (n != 1) {
        diag_error(s->diags, "E0105", e->span, "a list has one index");
        return value_error();
    }
    if (base->n_unknown) {
        s->abort = true;
        return value_error();
    }
    int64_t k = at[0] < 0 ? at[0] + base->n : at[0];
    if (k < 0 || k >= base->n) {
        diag_error(s->diags, "E0105", e->span, "the list has %u elements, there is no number %lld", base->n, (long long)at[0]);
        return value_error();
    }
    return base->items[k];
}

static Value slice_end(Sema *s, const Expr *e, bool *bad)
{
    if (!e) return value_none();
    Value v = expr_eval(s, e);
    *bad |= is_error(&v);
    return v;
}

static Value index_tensor(Sema *s, const Expr *e, const Value *base)
{
    uint32_t n = 0;
    for (const Index *i = e->indices; i; i = i->next)
        n++;
    IndexItem *items = ARENA_ARRAY(s->arena, IndexItem, n + 1);
    bool bad = false;
    uint32_t k = 0;
    for (const Index *i = e->indices; i; i = i->next) {
        IndexItem *item = &items[k++];
        item->kind = i->kind;
        item->span = i->span;
        if (i->kind == INDEX_EXPR && i->lo && i->lo->kind == EXPR_NAME && !strcmp(i->lo->name, "None")) {
            diag_help(diag_error(s->diags, "E0101", i->lo->span, "there is no `None`"), "a stretching axis is written `_`");
            bad = true;
            continue;
        }
        item->lo = slice_end(s, i->lo, &bad);
        item->hi = slice_end(s, i->hi, &bad);
        item->step = slice_end(s, i->step, &bad);
    }
    if (bad) return value_error();
    return prim_index(s, *base, items, n, e->span);
}

/* A list with other indices than one number: [1.0, 2.0][:, _], weights[y]. */
static bool indexes_as_tensor(Sema *s, const Expr *e)
{
    const Index *i = e->indices;
    if (i->next || i->kind != INDEX_EXPR) return true;
    s->diags->muted++;
    Value at = expr_eval(s, i->lo);
    s->diags->muted--;
    return at.kind == VAL_TENSOR || at.kind == VAL_HOLE;
}

static Value eval_index(Sema *s, const Expr *e)
{
    Value base = expr_eval(s, e->a);
    switch (base.kind) {
    case VAL_ERROR: return base;
    case VAL_LAYER: return index_layer(s, e, &base);
    case VAL_INTS:
    case VAL_LIST:
        if (!indexes_as_tensor(s, e) || !literal_tensor(s, &base, ELEM_none)) return index_list(s, e, &base);
        return index_tensor(s, e, &base);
    case VAL_TENSOR: return index_tensor(s, e, &base);
    default: break;
    }
    Diag *d = diag_error(s->diags, "E0302", e->a->span, "%s cannot be indexed", value_describe(s, &base));
    const Expr *at = e->indices && e->indices->kind == INDEX_EXPR ? e->indices->lo : NULL;
    if (base.kind == VAL_TUPLE)
        diag_help(d, "bind the results: a, _ = %s", source_text(s, e->a->span));
    else if (base.kind == VAL_EXAMPLE && at && at->kind == EXPR_STRING)
        diag_help(d, "write %s.%s", source_text(s, e->a->span), at->name),
            diag_edit(d, (Span){e->span.file, e->a->span.hi, e->span.hi}, ".%s", at->name);
    else
        help_fields(s, d, e->a->span, &base);
    return value_error();
}

/* ---- a.name --------------------------------------------------------------------------------- */

static Value data_part(Sema *s, const Expr *e, const Value *base)
{
    Global *g = base->def;
    if (g->index >= s->program->data.n) {
        diag_error(s->diags, "E0501", e->span, "a part of the data can only be read in the head of a train or eval");
        return value_error();
    }
    const CoreData *data = &s->program->data.at[g->index];
    const char *names[64] = {"all"};
    uint32_t n = 1;
    for (uint32_t i = 0; i < data->parts.n && n < 64; i++)
        names[n++] = data->parts.at[i];
    for (uint32_t i = 0; i < n; i++)
        if (!strcmp(names[i], e->name)) return (Value){.kind = VAL_PART, .def = g, .text = e->name, .span = e->span};
    Diag *d = n > 1 ? diag_error(s->diags, "E0501", e->name_span, "%s has no part `%s`", data->name, e->name)
                    : diag_error(s->diags, "E0501", e->name_span, "%s has no parts: it has no split", data->name);
    if (!data->split.n) diag_mistake(d, "%s is not split", data->name); /* train and valid are missing for one reason */
    const char *close = suggest_among(e->name, names, n);
    if (core_find_field(data, e->name) >= 0)
        diag_help(d, "a field is read from the example: ex.%s with `ex in %s.train`", e->name, data->name);
    else if (close)
        diag_help(d, "did you mean %s.%s?", data->name, close), diag_edit(d, e->name_span, "%s", close);
    else if (n == 1 || !data->split.n)
        diag_help(d, "parts are made with split(train=0.8, test=0.2); %s.all is everything", data->name);
    else {
        const char *all = names[0];
        for (uint32_t i = 1; i < n; i++)
            all = arena_print(s->arena, "%s, %s", all, names[i]);
        diag_help(d, "its parts are %s", all);
    }
    return value_error();
}

static Value module_field(Sema *s, const Expr *e, const Value *base)
{
    Unit *unit = base->def;
    Global *g = unit ? unit_find(unit, e->name) : NULL;
    if (g && g->decl->kind != DECL_IMPORT) return global_value(s, g, e->span);
    if (!unit || unit_has_lost(s, unit, e->name)) return value_error();
    Diag *d = diag_error(s->diags, "E0101", e->name_span, "%s has nothing named `%s`", unit->path, e->name);
    const char *best = NULL;
    int distance = 99;
    for (uint32_t i = 0; i < unit->globals.n; i++)
        suggest_consider(e->name, unit->globals.at[i]->decl->name, &best, &distance);
    const Foreign *foreign = foreign_find(FOREIGN_NAME, e->name);
    const char *here = foreign && foreign->here ? foreign->here : NULL;
    if (scope_find_global(s, e->name))
        diag_help(d, "it has no prefix: write `%s`", e->name), diag_edit(d, e->span, "%s", e->name);
    else if (best)
        suggest_meant(d, e->name_span, best);
    else if (here)
        suggest_foreign(d, e->name_span, foreign);
    return value_error();
}

static Value field_of(Sema *s, const Expr *e, Value base)
{
    switch (base.kind) {
    case VAL_ERROR: return base;
    case VAL_LAYER:
        if (base.text) {
            diag_error(s->diags, "E0105", e->a->span, "`%s` is several layers: write %s[...].%s", base.text, base.text, e->name);
            return value_error();
        }
        return instance_member(s, base.instance, e->name, e->name_span);
    case VAL_MODULE: return module_field(s, e, &base);
    case VAL_DATA: return data_part(s, e, &base);
    case VAL_EXAMPLE: return example_field(s, &base, e->name, e->name_span);
    case VAL_TENSOR:
    case VAL_INT:
    case VAL_FLOAT: return unknown_of_tensor(s, e, &base);
    default: {
        Diag *d = diag_error(s->diags, "E0102", e->name_span, "%s has no members", value_describe(s, &base));
        const Foreign *foreign = base.kind == VAL_LIST ? foreign_find(FOREIGN_NAME, e->name) : NULL;
        if (foreign) suggest_foreign(d, (Span){0}, foreign);
        if (base.kind == VAL_TUPLE) diag_help(d, "bind the results: a, b = %s", source_text(s, e->a->span));
        return value_error();
    }
    }
}

static Value eval_field(Sema *s, const Expr *e)
{
    if (unknown_prefix(s, e)) return value_error();
    Value base = expr_eval(s, e->a), v = field_of(s, e, base);
    meaning_of_member(s, e, &base, &v);
    return v;
}

/* ---- lists, calls, all kinds ---------------------------------------------------------------- */

static Value eval_list(Sema *s, const Expr *e, ValueKind kind)
{
    Value v = {.kind = kind};
    for (const Expr *x = e->list; x; x = x->next)
        v.n++;
    v.items = ARENA_ARRAY(s->arena, Value, v.n + 1);
    bool bad = false;
    uint32_t i = 0;
    for (const Expr *x = e->list; x; x = x->next) {
        v.items[i] = expr_eval(s, x);
        bad |= is_error(&v.items[i++]);
    }
    return bad ? value_error() : v;
}

static Value eval_range(Sema *s, const Expr *e)
{
    Value v = {.kind = VAL_RANGE, .n = 2};
    v.items = ARENA_ARRAY(s->arena, Value, 2);
    v.items[0] = expr_eval(s, e->a);
    v.items[1] = expr_eval(s, e->b);
    return is_error(&v.items[0]) || is_error(&v.items[1]) ? value_error() : v;
}

static Value eval_name(Sema *s, const Expr *e)
{
    Value v = scope_lookup(s, e->name, e->span);
    meaning_of_name(s, e->name, e->span, &v);
    if (v.kind == VAL_BOOL && v.truth < 0 && s->generic && v.text) return value_bool(demand_decide(s, v.text, OPER_EQ, 0, 0));
    return v;
}

static Value eval_unary(Sema *s, const Expr *e)
{
    Value a = expr_eval(s, e->a);
    if (is_error(&a)) return a;
    if (e->oper == OPER_NOT && a.kind == VAL_BOOL && a.truth >= 0) return value_bool(!a.truth);
    return prim_unary(s, e->oper, a, e->span);
}

static Value eval_kind(Sema *s, const Expr *e)
{
    switch (e->kind) {
    case EXPR_NAME: return eval_name(s, e);
    case EXPR_INT: return value_int(s, e->integer);
    case EXPR_FLOAT: return value_float(e->number);
    case EXPR_STRING: return value_string(e->name);
    case EXPR_BOOL: return value_bool(e->integer != 0);
    case EXPR_HOLE: return (Value){.kind = VAL_HOLE};
    case EXPR_TUPLE: return eval_list(s, e, VAL_TUPLE);
    case EXPR_LIST: return eval_list(s, e, VAL_LIST);
    case EXPR_CALL: return call_eval(s, e);
    case EXPR_INDEX: return eval_index(s, e);
    case EXPR_FIELD: return eval_field(s, e);
    case EXPR_CONVERT: {
        Value a = expr_eval(s, e->a);
        return is_error(&a) ? a : prim_convert(s, e->elem, a, e->span);
    }
    case EXPR_GRAD: return grad_eval(s, e);
    case EXPR_UNARY: return eval_unary(s, e);
    case EXPR_BINARY: return eval_binary(s, e);
    case EXPR_IF: return eval_if(s, e);
    case EXPR_RANGE: return eval_range(s, e);
    }
    return value_error();
}

Value expr_eval(Sema *s, const Expr *e)
{
    if (s->abort || s->too_large) return value_error();
    if (s->expr_depth >= MAX_EXPR_DEPTH) {
        diag_error(s->diags, "E0605", e->span, "calls and expressions are nested too deeply");
        s->too_large = true;
        return value_error();
    }
    s->expr_depth++;
    Span old = s->call_span;
    if (e->span.file && !span_in_library(s, e->span)) s->call_span = e->span;
    Value v = eval_kind(s, e);
    s->call_span = old;
    s->expr_depth--;
    v.span = e->span;
    return v;
}

/* Arguments of a call, left to right. */
PrimArg *args_eval(Sema *s, const Arg *args, uint32_t *n, bool *bad)
{
    *n = 0;
    *bad = false;
    for (const Arg *a = args; a; a = a->next)
        ++*n;
    PrimArg *out = ARENA_ARRAY(s->arena, PrimArg, *n + 1);
    uint32_t k = 0;
    for (const Arg *a = args; a; a = a->next) {
        PrimArg *p = &out[k++];
        *p = (PrimArg){.name = a->pack ? NULL : a->name, .name_span = a->name_span, .span = a->span, .pack = a->pack, .expr = a->value};
        if (!a->pack) {
            p->span = a->value->span;
            p->value = expr_eval(s, a->value);
        } else {
            Local *local = frame_find(s->frame, a->name);
            if (local && local->pack && !local->unbound)
                p->value = local->value;
            else
                diag_error(s->diags, "E0318", a->span, "`%s` is not a pack that is known here", a->name);
        }
        *bad |= is_error(&p->value);
        p->value.span = p->span;
    }
    return out;
}
