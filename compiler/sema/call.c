/* SPDX-License-Identifier: MIT
 * call.c: calls: which argument goes where, the binding rule, inlining, functions with a grad
 * block, extern. */
#include "sema/call.h"

#include <string.h>

#include "core/optimizers.h"
#include "sema/argument.h"
#include "sema/base/frame.h"
#include "sema/base/initialisers.h"
#include "sema/base/match.h"
#include "sema/base/literal.h"
#include "sema/base/meaning.h"
#include "sema/base/place.h"
#include "sema/base/readers.h"
#include "sema/base/record.h"
#include "sema/calls.h"
#include "sema/chain.h"
#include "sema/condition.h"
#include "sema/expr.h"
#include "sema/goal.h"
#include "sema/gradient.h"
#include "sema/layer.h"
#include "sema/library.h"
#include "sema/prim/argument.h"
#include "sema/prim/prim.h"
#include "sema/stmt.h"
#include "sema/types.h"
#include "sema/unknown.h"

/* ---- binding the arguments ------------------------------------------------------------------ */

static bool shape_possible(const TypeExpr *type, const Value *v)
{
    if (type->kind != TYPE_TENSOR || v->kind == VAL_ERROR) return true;
    int room, rank = v->kind == VAL_TENSOR ? v->type.rank : 0;
    bool fits = type_takes_rank(type, rank, &room);
    if (v->kind != VAL_TENSOR || !type_has_pack(&v->type)) return fits;
    for (const DimItem *item = type->dims; item; item = item->next)
        if (item->kind == DIMITEM_PACK) return fits;
    return false;
}

static bool default_value(Sema *s, const Param *p, Value *v)
{
    *v = expr_eval(s, p->value);
    v->span = p->span;
    if (is_error(v)) return false;
    if (p->type->kind == TYPE_TENSOR) literal_tensor(s, v, p->type->elem);
    type_bind(s, p->type, v);
    return true;
}

/* Does a type speak of a binder that another one has given its value? */
static bool shares_binder(const FnDecl *fn, const TypeExpr *a, const TypeExpr *b)
{
    for (const Name *binder = fn->binders; binder; binder = binder->next)
        if (type_names(a, binder->text) && type_names(b, binder->text)) return true;
    return false;
}

static bool bind_params(Sema *s, const CallSite *c)
{
    int i = 0;
    for (const Param *p = c->fn->params; p; p = p->next, i++) {
        PrimArg *arg = c->slot[i] < 0 ? NULL : &c->args[c->slot[i]];
        if (arg && p->type->kind == TYPE_TENSOR) literal_tensor(s, &arg->value, p->type->elem);
        if (arg) type_bind(s, p->type, &arg->value);
    }
    i = 0;
    bool ok = true;
    const TypeExpr *wrong = NULL; /* of the first that does not fit */
    if (report_exchanged(s, c)) return false;
    for (const Param *p = c->fn->params; p; p = p->next, i++) {
        const PrimArg *arg = arg_of(c, i);
        Value v = arg ? arg->value : value_error();
        if (!arg && !default_value(s, p, &v)) return false;
        if (is_error(&v)) ok = false;
        FullType want;
        const char *why = "";
        if (!shape_possible(p->type, &v)) {
            report_argument(s, c, p, i, &v, "");
            return false;
        }
        Value given = v;
        if (type_eval(s, p->type, &want, false)) {
            if (!value_fit(s, &v, &want, &why)) {
                if (!wrong || !shares_binder(c->fn, wrong, p->type)) report_argument(s, c, p, i, &given, why);
                if (!wrong) wrong = p->type;
                ok = false;
                v = value_error();
            }
        } else {
            ok = false;
            v = value_error();
        }
        Local local = {.name = p->name, .value = v, .span = p->name_span};
        vec_add(s->arena, &s->frame->locals, local);
    }
    return ok;
}

/* false: one does not hold, and was told of; what the body makes of such sizes says nothing new. */
static bool check_requires(Sema *s, const Expr *list, const char *who, Span at)
{
    int before = s->diags->n_errors;
    for (const Expr *e = list; e; e = e->next) {
        demand_condition(s, e, at, who, DEMAND_ALL);
        facts_from_condition(s, e, true);
    }
    return s->diags->n_errors == before;
}

/* ---- results -------------------------------------------------------------------------------- */

static bool has_places(Sema *s, const SemaType *t)
{
    int64_t n;
    for (int i = 0; i < t->rank; i++)
        if (t->axis[i].kind == AXIS_DIM && dim_is_const(s->dims, t->axis[i].dim, &n) && n < 1) return false;
    return true;
}

/* float[B, 14, 14, 10] or float[B, T, 10] for float[B, 10]: the features are right, axes in front of them are left. */
static bool help_axes(Sema *s, Diag *d, const Value *given, const FullType *want, Span at)
{
    const SemaType *g = &given->type, *w = &want->tensor;
    if (given->kind != VAL_TENSOR || want->kind != TYPE_TENSOR || g->elem != w->elem || w->rank != 2 || g->rank < 3) return false;
    if (g->axis[0].dim != w->axis[0].dim || g->axis[g->rank - 1].dim != w->axis[1].dim) return false;
    if (g->rank == 3)
        diag_help(d, "one answer for all places of the middle axis: mean(%s, axis=1), or that of the last place (%s)[:, -1]",
                  source_text(s, at), source_text(s, at));
    else
        diag_help(d, "Flatten() in front of the last layer makes one row of each example, global_mean() the mean of all places");
    return true;
}

/* max(x, 0), which is the largest along axis 0, and no argument is called axis */
static bool help_larger(Sema *s, Diag *d, Span at)
{
    const char *text = source_text(s, at), *comma = strchr(text, ',');
    bool larger = !strncmp(text, "max(", 4), pair = (larger || !strncmp(text, "min(", 4)) && comma && !strchr(comma, '=');
    if (pair) diag_help(d, "%s is along an axis; number by number it is %simum(%s", text, larger ? "max" : "min", text + 4);
    return pair;
}

/* h = max(h, 0) further up, between the head of the function and its result */
static bool help_larger_above(Sema *s, Diag *d, Span head, Span at)
{
    const char *text = source_get(s->sources, at.file)->text;
    for (uint32_t i = at.lo ? at.lo - 1 : 0; head.file == at.file && i > head.hi; i--) {
        const char *call = text + i;
        bool larger = !strncmp(call, "max(", 4);
        size_t n = strcspn(call, ")\n");
        if ((!larger && strncmp(call, "min(", 4) != 0) || !strchr(" (-+*/,", call[-1])) continue;
        if (call[n] != ')' || n < 8 || strncmp(call + n - 3, ", 0", 3) != 0) continue;
        diag_trail(d, (Span){at.file, i, i + (uint32_t)n + 1}, "this goes along axis 0");
        diag_help(d, "number by number it is %simum(%.*s", larger ? "max" : "min", (int)n - 3, call + 4);
        return true;
    }
    return false;
}

/* The result has lost the axis of the examples. */
static bool note_lost(Sema *s, Diag *d, const Value *given, const FullType *want)
{
    Symbol symbol;
    const SemaType *g = &given->type, *w = &want->tensor;
    if (given->kind != VAL_TENSOR || want->kind != TYPE_TENSOR || g->rank >= w->rank || w->axis[0].kind != AXIS_DIM) return false;
    if (!dim_is_symbol(s->dims, w->axis[0].dim, &symbol)) return false;
    for (int i = 0; i < g->rank; i++)
        if (g->axis[i].kind != AXIS_DIM || g->axis[i].dim == w->axis[0].dim) return false;
    diag_note(d, "the axis %s is gone: an index in its place chooses one, a sum or mean without axis= goes over all",
              dim_print(s->dims, s->arena, w->axis[0].dim));
    return true;
}

/* Is what is said of the value a type that could be written? */
static bool is_written_as_type(Sema *s, const Value *v)
{
    for (uint32_t i = 0; v->kind == VAL_TUPLE && i < v->n; i++)
        if (v->items[i].kind != VAL_TENSOR) return false;
    return v->kind == VAL_TUPLE || (v->kind == VAL_TENSOR && has_places(s, &v->type));
}

static void help_result(Sema *s, Diag *d, const Value *given, const FullType *want, Span at, Span type)
{
    bool tensors = given->kind == VAL_TENSOR && want->kind == TYPE_TENSOR;
    bool whole = tensors && given->type.elem == ELEM_int;
    if (given->kind == VAL_LAYER || given->kind == VAL_FN || given->kind == VAL_LAYER_DEF)
        diag_help(d, "call it: %s(...)", source_text(s, at));
    else if (given->kind == VAL_LIST && want->kind == TYPE_TUPLE)
        diag_help(d, "several results stand without brackets: return a, b");
    else if (whole && want->tensor.elem == ELEM_int && !given->type.rank && want->tensor.rank)
        diag_help(d, "argmax(x, axis=-1) chooses along the last axis, argmax(x) among all elements");
    else if (tensors && is_float_elem(given->type.elem) && want->tensor.elem == ELEM_int && given->type.rank == want->tensor.rank + 1)
        diag_help(d, "the class with the highest score is argmax(%s, axis=-1); for all scores write -> %s", source_text(s, at),
                  value_describe(s, given));
    else if (whole && want->tensor.elem == ELEM_float)
        diag_help(d, "if that is meant, write -> %s; tensors do not convert by themselves: float(...)", value_describe(s, given));
    else if (help_larger(s, d, at) || help_axes(s, d, given, want, at))
        return;
    else if (is_written_as_type(s, given))
        diag_help(d, "if that is meant, write -> %s", value_describe(s, given)), diag_edit(d, type, "%s", value_describe(s, given));
}

Value call_check_result(Sema *s, const TypeExpr *type, Value v, Span at, const char *who, Span head)
{
    if (is_error(&v)) return v;
    if (s->too_large) return value_error(); /* the rest was not looked at */
    if (!type) {
        if (v.kind == VAL_NONE) return v;
        Diag *d = diag_error(s->diags, "E0106", head, "%s returns a value but has no result type", who);
        if (at.lo != head.lo) diag_label(d, at, "%s", value_describe(s, &v));
        diag_help(d, "write -> %s", value_describe(s, &v));
        return value_error();
    }
    if (v.kind == VAL_NONE && s->diags->n_errors > s->frame->errors) return value_error(); /* perhaps what is wrong was to be returned */
    if (v.kind == VAL_NONE && at.lo == head.lo) {
        diag_error(s->diags, "E0106", at, "%s does not return on every way to its end", who);
        return value_error();
    }
    FullType want;
    if (!type_eval(s, type, &want, true)) return value_error();
    if (v.kind == VAL_NONE) { /* `return`, or what a function without a result has */
        diag_error(s->diags, "E0106", at, "%s has to return %s but returns nothing", who, full_type_print(s, &want));
        return value_error();
    }
    const char *why = "";
    Value given = v;
    if (value_fit(s, &v, &want, &why)) return v;
    Diag *d =
        diag_error(s->diags, "E0304", at, "%s has to return %s but returns %s", who, full_type_print(s, &want), value_describe(s, &given));
    if (why[0]) diag_note(d, "not equal for %s", why);
    if (!note_lost(s, d, &given, &want) || !help_larger_above(s, d, head, at)) help_result(s, d, &given, &want, at, type->span);
    return value_error();
}

/* ---- extern --------------------------------------------------------------------------------- */

static void note_extern(Sema *s, const char *name)
{
    for (uint32_t i = 0; i < s->program->externs.n; i++)
        if (!strcmp(s->program->externs.at[i], name)) return;
    vec_add(s->arena, &s->program->externs, name);
}

static Value call_extern(Sema *s, const CallSite *c)
{
    const FnDecl *fn = c->fn;
    Frame *frame = s->frame;
    FullType type;
    uint32_t n_in = 0, n_sizes = 0;
    CoreRef *in = ARENA_ARRAY(s->arena, CoreRef, frame->locals.n + 1);
    int64_t *sizes = ARENA_ARRAY(s->arena, int64_t, frame->locals.n + 1);
    if (!fn->result || !type_eval(s, fn->result, &type, false)) return value_error();
    for (uint32_t i = 0; i < frame->locals.n; i++) {
        Value *v = &frame->locals.at[i].value;
        if (frame->locals.at[i].binder) {
            if (v->kind == VAL_INT) sizes[n_sizes++] = v->dim;
            continue;
        }
        if (is_error(v)) return *v;
        if (v->kind == VAL_TENSOR || v->kind == VAL_INT || v->kind == VAL_FLOAT || v->kind == VAL_BOOL)
            in[n_in++] = value_use(s, v, ELEM_none);
    }
    note_extern(s, fn->name);
    uint32_t n_out = type.kind == TYPE_TUPLE ? type.n : 1;
    FullType *types = type.kind == TYPE_TUPLE ? type.items : &type;
    CoreRef ref = core_emit(s, CORE_external, &types[0].tensor, in, n_in, sizes, n_sizes);
    core_last(s)->name = fn->name;
    core_last(s)->n_out = n_out;
    if (type.kind != TYPE_TUPLE) return value_tensor(s, &type.tensor, ref);
    CoreType *core = ARENA_ARRAY(s->arena, CoreType, n_out);
    for (uint32_t i = 0; i < n_out; i++)
        core[i] = core_type(s, &types[i].tensor);
    core_last(s)->types = core;
    Value v = {.kind = VAL_TUPLE, .n = n_out, .items = ARENA_ARRAY(s->arena, Value, n_out + 1)};
    for (uint32_t i = 0; i < n_out; i++)
        v.items[i] = value_result(s, ref, i, &types[i].tensor);
    return v;
}

/* ---- functions ------------------------------------------------------------------------------ */

static bool is_recursive(Sema *s, const FnDecl *fn, const Instance *instance)
{
    for (Frame *f = s->frame; f; f = f->up)
        if (f->fn == fn && f->instance == instance) return true;
    return false;
}

static Value signature_result(Sema *s, const CallSite *c)
{
    FullType type;
    if (!c->fn->result) return value_none();
    if (!type_eval(s, c->fn->result, &type, true)) return value_error();
    return generic_of_type(s, &type, c->fn->name);
}

static Value run_body(Sema *s, const CallSite *c, Unit *unit)
{
    Frame *frame = s->frame;
    if (c->fn->is_extern) return call_extern(s, c);
    if (c->fn->has_grad) return grad_call(s, c);
    uint32_t first = s->diags->list.n;
    block_eval(s, c->fn->body);
    Span at = has_span(frame->return_span) ? frame->return_span : c->fn->name_span;
    Value v = call_check_result(s, c->fn->result, frame->result, at, c->fn->name, c->fn->name_span);
    if (!unit->library) diags_called(s, first, c->span);
    library_note_call(s, c->fn, unit, &v);
    return v;
}

static bool has_bad_signature(const Sema *s, const FnDecl *fn)
{
    for (uint32_t i = 0; i < s->bad_signatures.n; i++)
        if (s->bad_signatures.at[i] == fn) return true;
    return false;
}

Value call_fn(Sema *s, const FnDecl *fn, Unit *unit, Instance *instance, Global *global, PrimArg *args, uint32_t n, Span span,
              Span callee_span)
{
    CallSite c = {.fn = fn, .instance = instance, .title = fn->name, .span = span, .callee_span = callee_span, .args = args, .n = n};
    if (instance && (fn->name == s->word_forward || instance->metric)) c.title = instance->title;
    if (is_recursive(s, fn, instance)) {
        Diag *d = diag_error(s->diags, "E0109", span, "%s calls itself; there is no recursion", fn->name);
        const char *member = instance ? NULL : unknown_member_of_model(s, fn->name);
        if (member) diag_help(d, "that of the model is written %s(...)", member);
        return value_error();
    }
    if (s->depth > MAX_INLINE_DEPTH) {
        diag_error(s->diags, "E0605", span, "calls are nested more than %d deep here", MAX_INLINE_DEPTH);
        return value_error();
    }
    if (++s->n_calls > most_of(s, MAX_CALLS) && !s->too_large) {
        diag_error(s->diags, "E0605", span, "the program grows too large: more than %d calls", most_of(s, MAX_CALLS));
        s->too_large = true;
    }
    if (global && !s->generic) global->used = true;
    if (s->too_large || has_bad_signature(s, fn)) return value_error();
    c.slot = ARENA_ARRAY(s->arena, int, param_count(fn->params) + 1);
    if (!match_args(s, fn->params, args, n, c.slot, c.title, span)) return value_error();
    bool into_library = unit->library && (!s->frame || !s->frame->unit->library);
    uint32_t first = s->diags->list.n;
    const char *old_path = s->path;
    frame_push(s, unit, instance, fn, span);
    s->depth++;
    uint32_t around = calls_begin(s, instance, fn->name);
    if (instance && instance->path) s->path = instance->path;
    frame_declare(s, fn->binders, false);
    Value v = value_error();
    bool bad = global && global->bad; /* what is wrong with the definition may be why the arguments do not fit */
    s->diags->muted += bad;
    bool bound = bind_params(s, &c);
    s->diags->muted -= bad;
    if (bound && check_requires(s, fn->requires_, c.title, callee_span))
        v = s->generic || bad ? signature_result(s, &c) : run_body(s, &c, unit);
    goal_note_result(s, &v, fn->goal);
    calls_end(s, around);
    s->path = old_path;
    s->depth--;
    frame_pop(s);
    if (into_library) diags_relocate(s, first, span);
    v.span = span;
    return v;
}

/* ---- call expressions ----------------------------------------------------------------------- */

static Value call_prim(Sema *s, const Value *callee, PrimArg *args, uint32_t n, Span span, Span callee_span)
{
    if (!strcmp(callee->prim, "chain")) return chain_make(s, args, n, span);
    if (initialiser_find(callee->prim)) {
        diag_help(
            diag_error(s->diags, "E0123", callee_span, "`%s` is an initialiser: it stands alone behind `param name: type =`", callee->prim),
            "random numbers are made with rand(...) and randn(...)");
        return value_error();
    }
    PrimCall call = {.name = callee->prim, .span = span, .name_span = callee_span, .args = args, .n = n};
    return prim_call(s, &call);
}

Value call_value(Sema *s, const Value *callee, PrimArg *args, uint32_t n, Span span, Span callee_span)
{
    switch (callee->kind) {
    case VAL_ERROR: return *callee;
    case VAL_FN: {
        if (callee->prim) return call_prim(s, callee, args, n, span, callee_span);
        Global *g = callee->def;
        if (!callee->fn) return value_error();
        return call_fn(s, callee->fn, callee->instance ? callee->instance->unit : g->unit, callee->instance, g, args, n, span, callee_span);
    }
    case VAL_LAYER:
        if (callee->text) {
            diag_error(s->diags, "E0105", callee_span, "`%s` is several layers: write %s[i](...)", callee->text, callee->text);
            return value_error();
        }
        return layer_call(s, callee->instance, NULL, args, n, span, callee_span);
    case VAL_LAYER_DEF: return layer_make(s, callee->def, args, n, span);
    case VAL_METRIC:
        diag_help(
            diag_error(s->diags, "E0503", callee_span, "`%s` is a metric: it is called in a `report` only", source_text(s, callee_span)),
            "what is minimized has a derivative: cross_entropy(logits, classes), mse(y, t) ...");
        return value_error();
    case VAL_OPTIMIZER: diag_error(s->diags, "E0504", callee_span, "an optimizer stands behind `using` only"); return value_error();
    default: {
        Diag *d = diag_error(s->diags, "E0302", callee_span, "%s cannot be called", value_describe(s, callee));
        if (callee->kind == VAL_DATA) diag_help(d, "a field is read with %s", readers_listed(s));
        return value_error();
    }
    }
}

/* training=false of a call: 1 true, 0 false, -1 not given, -2 error. Takes it out of the list. */
static int take_training(Sema *s, PrimArg *args, uint32_t *n)
{
    int result = -1;
    uint32_t k = 0;
    for (uint32_t i = 0; i < *n; i++) {
        if (!args[i].name || args[i].name != s->word_training) {
            args[k++] = args[i];
            continue;
        }
        if (args[i].value.kind != VAL_BOOL || args[i].value.truth < 0) {
            diag_error(s->diags, "E0315", args[i].span, "training= has to be true or false");
            return -2;
        }
        result = args[i].value.truth;
        if (result && !s->generic && (!s->entry || s->entry->decl->kind != DECL_TRAIN)) {
            diag_error(s->diags, "E0410", args[i].span, "training=true can be passed in a train only");
            return -2;
        }
        if (result && !s->generic && s->entry && s->entry->derived) result = 0;
    }
    *n = k;
    return result;
}

Value call_eval(Sema *s, const Expr *e)
{
    Value raw;
    if (s->reader && s->reader(s, e, &raw)) return raw;
    if (e->a->kind == EXPR_NAME && e->a->name && !frame_find(s->frame, e->a->name)) {
        if (optimizer_find(e->a->name) && !scope_find_global(s, e->a->name)) {
            diag_help(diag_error(s->diags, "E0504", e->a->span, "an optimizer stands behind `using` only"),
                      "minimize loss over net using %s(...)", e->a->name);
            return value_error();
        }
    }
    const Expr *around = s->call;
    s->call = e;
    Value callee = expr_eval(s, e->a);
    s->call = around;
    uint32_t n;
    bool bad;
    if (is_error(&callee)) return value_error(); /* what its arguments mean is not known */
    PrimArg *args = args_eval(s, e->args, &n, &bad);
    if (bad) return value_error();
    int training = -1;
    if (callee.kind == VAL_LAYER || (callee.kind == VAL_FN && callee.instance)) training = take_training(s, args, &n);
    if (training == -2) return value_error();
    bool old = s->training;
    if (training >= 0 && !s->generic) s->training = training;
    Value v = call_value(s, &callee, args, n, e->span, e->a->span);
    meaning_of_result(s, e->a, &v);
    if (training >= 0 && !s->generic) s->training = old;
    return v;
}
