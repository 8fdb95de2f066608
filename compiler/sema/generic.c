/* SPDX-License-Identifier: MIT
 * generic.c: definition checks (language.md#sizes): a layer, function or metric for all values of its
 * names.
 *
 * Configuration integers and binders are rigid symbols. A condition that is not known is taken both
 * ways, one run each (demand_decide() in expr.c), so that every run sees one consistent set of members and
 * facts. Instructions are thrown away. */
#include "sema/generic.h"

#include <string.h>

#include "sema/base/frame.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/base/unit.h"
#include "sema/call.h"
#include "sema/condition.h"
#include "sema/expr.h"
#include "sema/layer.h"
#include "sema/stmt.h"
#include "sema/types.h"

/* ---- is a configuration int a size? --------------------------------------------------------- */

static bool type_has_axis(const TypeExpr *type, const char *name)
{
    for (const TypeExpr *t = type; t; t = t->next) {
        if (t->kind == TYPE_TUPLE && type_has_axis(t->items, name)) return true;
        for (const DimItem *item = t->dims; item; item = item->next)
            if (item->kind == DIMITEM_EXPR && item->expr->kind == EXPR_NAME && item->expr->name == name) return true;
        if (t != type && t->next == NULL) break;
    }
    return false;
}

static const Global *called_layer(Sema *s, const Unit *unit, const Expr *callee)
{
    if (callee->kind == EXPR_NAME) {
        Global *g = unit_find(unit, callee->name);
        if (!g) g = unit_find(s->prelude, callee->name);
        return g && g->decl->kind == DECL_LAYER ? g : NULL;
    }
    if (callee->kind != EXPR_FIELD || callee->a->kind != EXPR_NAME) return NULL;
    Global *module = unit_find(unit, callee->a->name);
    if (!module || !module->imported) return NULL;
    Global *g = unit_find(module->imported, callee->name);
    return g && g->decl->kind == DECL_LAYER ? g : NULL;
}

static bool config_is_size(Sema *s, const Decl *decl, Unit *unit, const char *name, int depth);

static bool passed_as_size(Sema *s, Unit *unit, const Expr *e, const char *name, int depth)
{
    if (!e || e->kind != EXPR_CALL) return false;
    const Global *g = called_layer(s, unit, e->a);
    const Param *next = g ? g->decl->config : NULL;
    for (const Arg *a = e->args; a; a = a->next) {
        if (!a->value) continue;
        if (passed_as_size(s, unit, a->value, name, depth)) return true;
        const Param *p = NULL;
        if (g && !a->name) {
            p = next;
            next = next ? next->next : NULL;
        } else if (g) {
            for (p = g->decl->config; p && p->name != a->name;)
                p = p->next;
        }
        if (p && a->value->kind == EXPR_NAME && a->value->name == name && config_is_size(s, g->decl, g->unit, p->name, depth + 1))
            return true;
    }
    return false;
}

static bool fn_has_axis(const FnDecl *fn, const char *name)
{
    for (const Param *p = fn->params; p; p = p->next)
        if (type_has_axis(p->type, name)) return true;
    return fn->result && type_has_axis(fn->result, name);
}

static bool members_have_size(Sema *s, Unit *unit, const Member *members, const char *name, int depth)
{
    for (const Member *m = members; m; m = m->next) {
        if (m->type && type_has_axis(m->type, name)) return true;
        if (m->kind == MEMBER_LAYER && passed_as_size(s, unit, m->value, name, depth)) return true;
        if (m->fn && fn_has_axis(m->fn, name)) return true;
        if (members_have_size(s, unit, m->body, name, depth) || members_have_size(s, unit, m->orelse, name, depth)) return true;
    }
    return false;
}

/* Does the argument stand alone as an axis, or is it passed on to one that does? Then it is at
 * least 1. */
static bool config_is_size(Sema *s, const Decl *decl, Unit *unit, const char *name, int depth)
{
    return depth < 12 && members_have_size(s, unit, decl->members, name, depth);
}

/* ---- values about which nothing is known ---------------------------------------------------- */

static Value unknown_int(Sema *s, const char *name, bool positive)
{
    Symbol symbol = symbol_new(s->dims, name);
    if (!positive) symbol_set_lower(s->dims, symbol, false, 0);
    return value_dim(s, dim_symbol(s->dims, symbol));
}

static Value unknown_scalar(Sema *s, const TypeExpr *type, const char *name, bool positive)
{
    if (type->elem == ELEM_int && !type->bound) return unknown_int(s, name, positive);
    if (type->elem == ELEM_bool) return (Value){.kind = VAL_BOOL, .truth = -1, .text = name};
    FullType full;
    if (!type_eval(s, type, &full, false)) return value_error();
    return value_leaf(s, CORE_arg, &full.tensor, 1); /* 1: may be known where it is used, see only_config */
}

static Value unknown_value(Sema *s, const TypeExpr *type, const char *name, bool positive, bool *exempt)
{
    switch (type->kind) {
    case TYPE_TENSOR: {
        if (!type->brackets) return unknown_scalar(s, type, name, positive);
        FullType full;
        if (!type_eval(s, type, &full, false)) return value_error();
        return generic_of_type(s, &full, name);
    }
    case TYPE_DIM: return unknown_int(s, name, true);
    case TYPE_STRING: return (Value){.kind = VAL_STRING, .prim = name};
    case TYPE_INTS:
    case TYPE_FN:
    case TYPE_LAYER:
    case TYPE_TUPLE: break;
    }
    *exempt = true;
    return value_error();
}

/* ---- signatures ----------------------------------------------------------------------------- */

static void check_signature(Sema *s, const FnDecl *fn)
{
    binders_check(s, fn);
    params_check(s, fn->params, fn->binders);
    for (const Param *p = fn->params; p; p = p->next) {
        int packs = 0;
        for (const DimItem *item = p->type->dims; item; item = item->next)
            packs += item->kind == DIMITEM_PACK;
        if (packs > 1) diag_error(s->diags, "E0319", p->type->span, "a type has at most one pack");
    }
}

/* Names in a condition are looked up even though its truth is not asked. */
static void check_condition(Sema *s, const Expr *e)
{
    if (e->kind == EXPR_UNARY && e->oper == OPER_NOT) {
        check_condition(s, e->a);
    } else if (e->kind == EXPR_BINARY && (e->oper == OPER_AND || e->oper == OPER_OR)) {
        check_condition(s, e->a);
        check_condition(s, e->b);
    } else if (e->kind == EXPR_BINARY && e->oper >= OPER_EQ && e->oper <= OPER_GE) {
        expr_eval(s, e->a);
        expr_eval(s, e->b);
    } else {
        Value v = expr_eval(s, e);
        if (v.kind != VAL_BOOL && v.kind != VAL_TENSOR && v.kind != VAL_ERROR)
            diag_error(s->diags, "E0314", e->span, "a condition has to be a bool, not %s", value_describe(s, &v));
    }
}

/* False: an error is in a condition, so what follows from it cannot be proved. */
static bool assume(Sema *s, const Expr *list)
{
    int errors = s->diags->n_errors;
    for (const Expr *e = list; e; e = e->next) {
        check_condition(s, e);
        facts_from_condition(s, e, true);
    }
    return s->diags->n_errors == errors;
}

static void check_default(Sema *s, const Param *p)
{
    if (!p->value) return;
    Value v = expr_eval(s, p->value), given = v;
    FullType want;
    const char *why;
    if (is_error(&v) || !type_eval(s, p->type, &want, false)) return;
    if (!value_fit(s, &v, &want, &why))
        diag_error(s->diags, "E0304", p->value->span, "the default of `%s` is %s, not %s", p->name, value_describe(s, &given),
                   full_type_print(s, &want));
}

/* ---- bodies --------------------------------------------------------------------------------- */

static bool bind_unknown_params(Sema *s, const FnDecl *fn)
{
    bool exempt = false;
    for (const Param *p = fn->params; p; p = p->next) {
        s->call_span = p->name_span;
        check_default(s, p);
        Value v = unknown_value(s, p->type, p->name, false, &exempt);
        Local local = {.name = p->name, .value = v, .span = p->name_span};
        vec_add(s->arena, &s->frame->locals, local);
    }
    s->call_span = fn->name_span;
    return !exempt;
}

static void check_grad_block(Sema *s, const FnDecl *fn, const Value *result)
{
    Frame *frame = s->frame;
    frame->returned = false;
    frame->result = value_none();
    uint32_t n = result->kind == VAL_TUPLE ? result->n : 1, k = 0;
    frame_bind(s, str_name(s->strings, "result"), *result, fn->name_span);
    for (const Name *name = fn->grad_names; name; name = name->next, k++)
        frame_bind(s, name->text, k < n ? (result->kind == VAL_TUPLE ? result->items[k] : *result) : value_error(), name->span);
    if (k != n)
        diag_error(s->diags, "E0507", fn->name_span, "%s has %u result%s, so the grad block has as many names", fn->name, n,
                   n == 1 ? "" : "s");
    s->in_grad_block = true;
    block_eval(s, fn->grad_body);
    s->in_grad_block = false;
    if (s->abort || is_error(&frame->result)) return;
    Value *items = frame->result.kind == VAL_TUPLE ? frame->result.items : &frame->result;
    uint32_t given = frame->result.kind == VAL_NONE ? 0 : frame->result.kind == VAL_TUPLE ? frame->result.n : 1, at = 0;
    Span where = has_span(frame->return_span) ? frame->return_span : fn->name_span;
    for (const Param *p = fn->params; p; p = p->next) {
        FullType want;
        const char *why;
        if (p->type->kind != TYPE_TENSOR || p->type->elem != ELEM_float || !type_eval(s, p->type, &want, false)) continue;
        Value v = at < given ? items[at++] : value_none();
        if (!value_fit(s, &v, &want, &why)) {
            diag_error(s->diags, "E0507", where, "the grad block of %s has to return one gradient per float argument: `%s` needs %s",
                       fn->name, p->name, full_type_print(s, &want));
            return;
        }
    }
    if (at < given) diag_error(s->diags, "E0507", where, "the grad block returns %u values for %u float arguments", given, at);
}

static void check_body(Sema *s, Unit *unit, Instance *instance, const FnDecl *fn)
{
    if (!params_within(s, fn->params, fn->binders)) return;
    Frame *frame = frame_push(s, unit, instance, fn, fn->name_span);
    frame_declare(s, fn->binders, true);
    int errors = s->diags->n_errors;
    bool known = bind_unknown_params(s, fn);
    if (s->diags->n_errors == errors) {
        check_signature(s, fn);
        known = known && s->diags->n_errors == errors; /* else what the body makes of it says nothing new */
        if (s->diags->n_errors > errors) vec_add(s->arena, &s->bad_signatures, fn);
    }
    if (known && assume(s, fn->requires_)) {
        if (fn->result) {
            FullType type;
            type_eval(s, fn->result, &type, true);
        }
        if (!fn->is_extern) {
            block_eval(s, fn->body);
            if (!s->abort) {
                int before = s->diags->n_errors;
                Span at = has_span(frame->return_span) ? frame->return_span : fn->name_span;
                Value v = call_check_result(s, fn->result, frame->result, at, fn->name, fn->name_span);
                bool lost = frame->result.kind == VAL_NONE && is_error(&v);
                if (lost || s->diags->n_errors > before) vec_add(s->arena, &s->bad_signatures, fn);
                if (fn->has_grad && !is_error(&v)) check_grad_block(s, fn, &v);
            }
        }
    }
    frame_pop(s);
}

static void check_layer(Sema *s, Global *global)
{
    const Decl *decl = global->decl;
    if (!params_within(s, decl->config, decl->binders)) return;
    Instance *instance = ARENA_NEW(s->arena, Instance);
    *instance = (Instance){.decl = decl,
                           .unit = global->unit,
                           .global = global,
                           .path = "",
                           .title = decl->name,
                           .made = decl->name_span,
                           .owned = true,
                           .generic = true,
                           .metric = decl->kind == DECL_METRIC};
    frame_push(s, global->unit, instance, NULL, decl->name_span);
    if (decl->binders) frame_declare(s, decl->binders, true);
    params_check(s, decl->config, NULL);
    bool exempt = false;
    for (const Param *p = decl->config; p; p = p->next) {
        s->call_span = p->name_span;
        if (p->value) expr_eval(s, p->value);
        bool size = config_is_size(s, decl, global->unit, p->name, 0);
        Mem mem = {.kind = MEM_CONFIG, .name = p->name, .span = p->name_span, .tensor = -1};
        mem.value = layer_config_type(s, p->type) ? unknown_value(s, p->type, p->name, size, &exempt) : value_error();
        vec_add(s->arena, &instance->members, mem);
    }
    for (const Name *b = decl->binders; b; b = b->next) { /* of a metric: known to all of its functions */
        Local *local = frame_find(s->frame, b->text);
        Mem mem = {.kind = MEM_CONFIG, .name = b->text, .span = b->span, .tensor = -1, .value = local->value};
        vec_add(s->arena, &instance->members, mem);
    }
    s->call_span = decl->name_span;
    if (exempt) s->abort = true;
    if (!s->abort) {
        bool sure = assume(s, decl->requires_);
        instance->elaborated = true;
        if (sure) members_elaborate(s, instance, decl->members);
        for (uint32_t i = 0; i < instance->members.n && !s->abort && sure; i++)
            if (instance->members.at[i].kind == MEM_FN) check_body(s, global->unit, instance, instance->members.at[i].fn);
    }
    frame_pop(s);
}

/* ---- runs ----------------------------------------------------------------------------------- */

static void one_run(Sema *s, Global *global)
{
    Frame *old_frame = s->frame;
    BodyScope *old_scope = s->scope;
    CoreBody *old_body = s->body;
    Span old_span = s->call_span;
    uint32_t mark = facts_mark(s->facts);
    s->call_span = global->decl->name_span;
    s->frame = NULL;
    s->scope = NULL;
    s->n_decided = 0;
    s->training_known = 0;
    s->training = false;
    body_push(s, false, 0);
    if (global->decl->kind == DECL_FN)
        check_body(s, global->unit, NULL, global->decl->fn);
    else
        check_layer(s, global);
    facts_reset(s->facts, mark);
    s->frame = old_frame;
    s->scope = old_scope;
    s->body = old_body;
    s->call_span = old_span;
}

/* What was found before the check ended is said if nothing makes or calls it (generic_unused). */
static void keep_errors(Sema *s, Global *global, uint32_t first)
{
    for (uint32_t i = first; i < s->diags->list.n; i++)
        if (!s->diags->list.at[i]->warning) vec_add(s->arena, &global->kept, s->diags->list.at[i]);
    global->open = true;
}

void generic_unused(Sema *s, const Global *global)
{
    for (uint32_t i = 0; i < global->kept.n && !global->used; i++) {
        vec_add(s->arena, &s->diags->list, global->kept.at[i]);
        s->diags->n_errors++;
    }
}

void generic_check(Sema *s, Global *global)
{
    int errors = s->diags->n_errors;
    uint32_t first = s->diags->list.n;
    uint64_t instructions = s->n_instructions;
    s->generic = true;
    s->decisions.n = 0;
    for (int run = 0; run < MAX_PATHS; run++) {
        uint32_t here = s->diags->list.n;
        int old_errors = s->diags->n_errors, old_warnings = s->diags->n_warnings;
        one_run(s, global);
        if (s->abort) { /* checked where it is made or called */
            s->abort = false;
            keep_errors(s, global, here);
            s->diags->list.n = here;
            s->diags->n_errors = old_errors;
            s->diags->n_warnings = old_warnings;
            break;
        }
        s->decisions.n = s->n_decided;
        while (s->decisions.n && !s->decisions.at[s->decisions.n - 1].truth)
            s->decisions.n--;
        if (!s->decisions.n || s->diags->n_errors > errors) break;
        s->decisions.at[s->decisions.n - 1].truth = false;
    }
    s->generic = false;
    s->training = false;
    s->n_instructions = instructions;
    diags_unique(s, first);
    global->bad = s->diags->n_errors > errors;
    global->checked = true;
}
