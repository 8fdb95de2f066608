/* SPDX-License-Identifier: MIT
 * report.c: report: averages of scalars, and metrics (language.md#reports).
 *
 * A scalar r has the sums r.num (value times weight) and r.den (weight); a metric has its states.
 * They are f64. report_body computes the values from the sums. */
#include "sema/report.h"

#include <string.h>

#include "sema/argument.h"
#include "sema/base/entry_state.h"
#include "sema/base/frame.h"
#include "sema/base/match.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/base/suggest.h"
#include "sema/base/unit.h"
#include "sema/call.h"
#include "sema/condition.h"
#include "sema/data_args.h"
#include "sema/expr.h"
#include "sema/goal.h"
#include "sema/layer.h"
#include "sema/types.h"
#include "sema/warn_body.h"

/* ---- names ---------------------------------------------------------------------------------- */

static const char *report_name(Sema *s, const Arg *arg)
{
    if (arg->name) return arg->name;
    const Expr *e = arg->value;
    if (e && e->kind == EXPR_NAME) return e->name;
    if (e && e->kind == EXPR_CALL && e->a->kind == EXPR_NAME) return e->a->name;
    if (e && e->kind == EXPR_CALL && e->a->kind == EXPR_FIELD) return e->a->name;
    Diag *d = diag_error(s->diags, "E0513", arg->span, "this reported value has no name");
    if (e && e->kind == EXPR_STRING)
        diag_help(d, "a name stands in front of its value, without quotes: %s = ...", e->name);
    else if (e && e->kind == EXPR_TUPLE)
        diag_help(d, "it is a statement, without brackets: report %.*s", (int)strlen(source_text(s, arg->span)) - 2,
                  source_text(s, arg->span) + 1);
    else
        diag_help(d, "write name = %s", source_text(s, arg->span));
    return NULL;
}

static ReportKey *find_key(Sema *s, const Arg *arg, uint32_t *ordinal)
{
    EntryState *e = s->entry;
    *ordinal = entry_ordinal(s, arg);
    for (uint32_t i = 0; i < e->reports.n; i++)
        if (e->reports.at[i].arg == arg && e->reports.at[i].ordinal == *ordinal) return &e->reports.at[i];
    return NULL;
}

static void report_again(Sema *s, const char *name, Span at, Span first)
{
    Diag *d = diag_error(s->diags, "E0513", at, "`%s` is reported twice", name);
    diag_trail(d, first, "first here");
    diag_help(d, "give it a name: %s_2 = ...", name);
}

static bool name_is_new(Sema *s, const char *name, Span at)
{
    const CoreEntry *entry = s->entry->entry;
    if (!strcmp(name, "examples") || !strcmp(name, "step") || !strcmp(name, "epoch") || !strcmp(name, "seconds") ||
        !strcmp(name, "entry") || !strcmp(name, "event")) {
        diag_help(diag_error(s->diags, "E0513", at, "`%s` is a column of every log", name), "give it another name: my_%s = ...", name);
        return false;
    }
    for (uint32_t i = 0; i < entry->reports.n; i++) {
        if (strcmp(entry->reports.at[i].name, name) != 0) continue;
        report_again(s, name, at, entry->reports.at[i].span);
        return false;
    }
    return true;
}

/* Reports of one name, of which no step makes more than one: in both branches of an `if`. They are one report. */
static ReportKey *share_report(Sema *s, const Arg *arg, const char *name, const Global *metric, uint32_t ordinal)
{
    EntryState *e = s->entry;
    for (uint32_t i = 0; i < e->reports.n; i++) {
        ReportKey key = e->reports.at[i];
        if (strcmp(key.name, name) != 0 || key.met == e->evaluation || key.arg->goal != arg->goal) continue;
        if (metric != (key.metric ? key.metric->global : NULL)) continue;
        key.arg = arg, key.ordinal = ordinal, key.body = NULL;
        vec_add(s->arena, &e->reports, key);
        return &e->reports.at[e->reports.n - 1];
    }
    return NULL;
}

/* Has this step made another report of the name before? */
static bool is_met(Sema *s, const ReportKey *key, Span at)
{
    const EntryState *e = s->entry;
    for (uint32_t i = 0; i < e->reports.n; i++) {
        const ReportKey *other = &e->reports.at[i];
        if (other == key || other->met != e->evaluation || strcmp(other->name, key->name) != 0) continue;
        report_again(s, key->name, at, other->arg->span);
        return true;
    }
    return false;
}

/* ---- sums ----------------------------------------------------------------------------------- */

static Value read_sum(Sema *s, uint32_t index)
{
    SemaType type = type_scalar(ELEM_float);
    return value_leaf(s, CORE_report_sum, &type, index);
}

static Value binary(Sema *s, CoreOp op, const Value *a, const Value *b)
{
    SemaType type = type_scalar(ELEM_float);
    CoreRef in[2] = {value_use(s, a, ELEM_float), value_use(s, b, ELEM_float)};
    return value_tensor(s, &type, core_emit(s, op, &type, in, 2, NULL, 0));
}

static void increase(Sema *s, uint32_t index, const Value *by)
{
    Value old = read_sum(s, index), new = binary(s, CORE_add, &old, by);
    int64_t attr = index;
    core_emit(s, CORE_report_sum_set, NULL, &new.ref, 1, &attr, 1);
    core_last(s)->n_out = 0;
}

/* ---- the body that computes what is shown --------------------------------------------------- */

typedef struct Elsewhere {
    BodyScope *scope;
    CoreBody *body;
    bool metric;
} Elsewhere;

static Elsewhere enter_report_body(Sema *s)
{
    Elsewhere old = {s->scope, s->body, s->in_metric};
    BodyScope *scope = ARENA_NEW(s->arena, BodyScope);
    scope->body = s->entry->entry->report_body;
    scope->frame = s->frame;
    s->scope = scope;
    s->body = scope->body;
    s->in_metric = true;
    s->entry->report_body = true;
    return old;
}

static void leave_report_body(Sema *s, Elsewhere old)
{
    s->scope = old.scope;
    s->body = old.body;
    s->in_metric = old.metric;
    s->entry->report_body = false;
}

static uint32_t add_report(Sema *s, const char *name, CoreRef value, bool metric, Span span)
{
    CoreEntry *entry = s->entry->entry;
    CoreReport r = {.name = name, .value = value, .is_metric = metric, .data = -1, .field = -1, .span = span};
    vec_add(s->arena, &entry->reports, r);
    return entry->reports.n - 1;
}

static const FnDecl *metric_fn(const Member *members, const char *name)
{
    for (const Member *m = members; m; m = m->next)
        if (m->kind == MEMBER_FN && !strcmp(m->name, name)) return m->fn;
    return NULL;
}

/* ---- scalars -------------------------------------------------------------------------------- */

/* Weight of this value: the number of live places of a masked_mean, else of examples. */
static Value weight_of(Sema *s, const Value *v)
{
    EntryState *e = s->entry;
    for (uint32_t i = 0; i < e->weights.n; i++) {
        LiveWeight *w = &e->weights.at[i];
        if (w->body != v->body || w->ref != v->ref) continue;
        Value live = value_cast(s, &w->mask, ELEM_float);
        SemaType type = type_scalar(ELEM_float);
        int64_t attr[CORE_MAX_RANK + 1] = {0};
        for (int a = 0; a < live.type.rank; a++)
            attr[a + 1] = a;
        if (!live.type.rank) return live;
        return value_tensor(s, &type, core_emit(s, CORE_sum, &type, &live.ref, 1, attr, live.type.rank + 1u));
    }
    Value batch = value_dim(s, e->batch);
    return value_as_tensor(s, &batch, ELEM_float);
}

/* Is what was to be minimized, and was no scalar, computed from this? */
static bool is_part_of_loss(Sema *s, const Value *v)
{
    CoreRef loss = s->entry->no_loss;
    if (!loss || !v->ref || v->ref > loss || v->body != s->body || loss > s->body->ins.n) return false;
    bool *live = ARENA_ARRAY(s->arena, bool, loss + 1);
    body_ancestors(s->body, loss, live);
    return live[v->ref];
}

/* report accuracy */
static void help_metric(Sema *s, Diag *d, const Global *metric, const char *written)
{
    const FnDecl *update = metric_fn(metric->decl->members, "update");
    Text text = {.arena = s->arena};
    for (const Param *p = update ? update->params : NULL; p; p = p->next)
        text_add(&text, "%s%s", p->name, p->next ? ", " : "");
    diag_help(d, "a metric is called: %s(%s)", written, text_c(&text));
}

static void scalar_report(Sema *s, const Arg *arg, const char *name, ReportKey *key, uint32_t ordinal)
{
    EntryState *e = s->entry;
    Value v = expr_eval(s, arg->value);
    if (is_error(&v)) return;
    if (v.kind == VAL_INT || v.kind == VAL_FLOAT || v.kind == VAL_BOOL) {
        if (!e->derived) diag_warning(s->diags, "W0512", arg->span, "`%s` is a constant: %s", name, value_describe(s, &v));
        v = value_as_tensor(s, &v, ELEM_none);
    }
    if (v.kind == VAL_TENSOR && v.type.rank && is_part_of_loss(s, &v)) return; /* said at the minimize */
    if (v.kind != VAL_TENSOR || v.type.rank != 0) {
        Diag *d = diag_error(s->diags, "E0514", arg->span, "only scalars and metrics are reported, this is %s", value_describe(s, &v));
        suggest_same(s, d, arg->value->span, &v);
        if (v.kind == VAL_TENSOR) diag_help(d, "write %s = mean(%s)", name, source_text(s, arg->value->span));
        if (v.kind == VAL_LAYER)
            diag_help(d, "what is reported is a number or a metric: accuracy(%s(ex.x), ex.y)", source_text(s, arg->value->span));
        if (v.kind == VAL_METRIC) help_metric(s, d, v.def, source_text(s, arg->value->span));
        return;
    }
    bool metric = s->in_metric;
    s->in_metric = true;
    Value w = weight_of(s, &v), x = value_cast(s, &v, ELEM_float);
    if (!key) {
        CoreType scalar = {.elem = ELEM_f64};
        ReportKey k = {.arg = arg, .ordinal = ordinal, .name = name};
        k.first_sum = entry_sum(s, arena_print(s->arena, "%s.num", name), &scalar, 0);
        entry_sum(s, arena_print(s->arena, "%s.den", name), &scalar, 0);
        Elsewhere old = enter_report_body(s);
        Value num = read_sum(s, k.first_sum), den = read_sum(s, k.first_sum + 1), q = binary(s, CORE_div, &num, &den);
        leave_report_body(s, old);
        s->in_metric = true;
        k.report = add_report(s, name, q.ref, false, arg->span);
        e->entry->reports.at[k.report].goal = (uint8_t)arg->goal;
        vec_add(s->arena, &e->reports, k);
        key = &e->reports.at[e->reports.n - 1];
    }
    key->body = v.body;
    key->ref = v.ref;
    key->met = e->evaluation;
    Value product = binary(s, CORE_mul, &x, &w);
    increase(s, key->first_sum, &product);
    increase(s, key->first_sum + 1, &w);
    s->in_metric = metric;
}

/* ---- metrics -------------------------------------------------------------------------------- */

typedef struct MetricCall {
    Global *global;
    const Decl *decl;
    const Arg *arg;
    const char *name;
    PrimArg *config, *update;
    uint32_t n_config, n_update;
    const FnDecl *update_fn;
} MetricCall;

static bool has_param(const Param *params, const char *name)
{
    for (const Param *p = params; p; p = p->next)
        if (p->name == name) return true;
    return false;
}

/* The arguments of a metric are its own and those of `update`. */
static bool names_known(Sema *s, const MetricCall *c, const PrimArg *args, uint32_t n)
{
    const Param *update = c->update_fn->params, *config = c->decl->config;
    Diag *unknown = NULL;
    for (uint32_t i = 0; i < n; i++)
        if (args[i].name && !has_param(update, args[i].name) && !has_param(config, args[i].name))
            unknown = match_unknown(s, unknown, update, config, &args[i], c->decl->name);
    return !unknown;
}

static void sort_arguments(Sema *s, MetricCall *c, PrimArg *args, uint32_t n)
{
    c->config = ARENA_ARRAY(s->arena, PrimArg, n + 1);
    c->update = ARENA_ARRAY(s->arena, PrimArg, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        if (args[i].name && has_param(c->decl->config, args[i].name))
            c->config[c->n_config++] = args[i];
        else
            c->update[c->n_update++] = args[i];
    }
}

static bool bind_config(Sema *s, MetricCall *c, Instance *instance)
{
    int *slot = ARENA_ARRAY(s->arena, int, param_count(c->decl->config) + 1);
    if (!match_args(s, c->decl->config, c->config, c->n_config, slot, c->decl->name, c->arg->span)) return false;
    int i = 0;
    for (const Param *p = c->decl->config; p; p = p->next, i++) {
        Value v = slot[i] >= 0 ? c->config[slot[i]].value : expr_eval(s, p->value);
        Span at = slot[i] >= 0 ? c->config[slot[i]].span : c->arg->span;
        if (!layer_config_value(s, p, &v, at, c->decl->name)) return false;
        if (v.kind == VAL_TENSOR && v.def) v.ref = 0;
        Mem mem = {.kind = MEM_CONFIG, .name = p->name, .span = p->name_span, .value = v, .tensor = -1};
        vec_add(s->arena, &instance->members, mem);
    }
    return true;
}

static bool is_same_constant(const Value *a, const Value *b)
{
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case VAL_INT: return a->dim == b->dim;
    case VAL_FLOAT: return a->number == b->number;
    case VAL_BOOL: return a->truth == b->truth;
    case VAL_STRING: return !strcmp(a->text, b->text);
    default: return true;
    }
}

/* A metric is one for the whole run: in another variant of the step it is made with the same values. */
static bool same_config(Sema *s, MetricCall *c, const Instance *instance)
{
    Instance here = {.decl = c->decl, .unit = c->global->unit, .global = c->global, .path = "", .title = c->name, .metric = true};
    frame_push(s, c->global->unit, &here, NULL, c->arg->span);
    bool same = bind_config(s, c, &here);
    frame_pop(s);
    for (uint32_t i = 0; i < here.members.n && same; i++) {
        const Mem *now = &here.members.at[i], *before = instance_find(instance, now->name);
        if (before && is_same_constant(&now->value, &before->value)) continue;
        Diag *d = diag_error(s->diags, "E0514", c->arg->span, "`%s` of %s is not the same in all steps of the run: it is %s", now->name,
                             c->decl->name, value_describe(s, &now->value));
        diag_help(d, "report it in each branch of the `if`, under two names");
        same = false;
    }
    return same;
}

/* The binders of the metric get their values from the arguments of update. */
static bool bind_binders(Sema *s, MetricCall *c, Instance *instance)
{
    Frame *frame = s->frame;
    frame_declare(s, c->decl->binders, false);
    int *slot = ARENA_ARRAY(s->arena, int, param_count(c->update_fn->params) + 1);
    if (!match_args(s, c->update_fn->params, c->update, c->n_update, slot, c->decl->name, c->arg->span)) return false;
    CallSite site = {.fn = c->update_fn,
                     .title = c->decl->name,
                     .span = c->arg->span,
                     .callee_span = c->arg->value->a->span,
                     .args = c->update,
                     .slot = slot,
                     .n = c->n_update};
    if (report_exchanged(s, &site)) return false;
    int i = 0;
    for (const Param *p = c->update_fn->params; p; p = p->next, i++)
        if (slot[i] >= 0) type_bind(s, p->type, &c->update[slot[i]].value);
    for (const Name *b = c->decl->binders; b; b = b->next) {
        Local *local = frame_find(frame, b->text);
        if (!local || local->unbound || local->value.kind != VAL_INT) {
            diag_error(s->diags, "E0318", c->arg->span, "the arguments do not say what `%s` of %s is", b->text, c->decl->name);
            return false;
        }
        Mem mem = {.kind = MEM_CONFIG, .name = b->text, .span = b->span, .value = local->value, .tensor = -1};
        vec_add(s->arena, &instance->members, mem);
    }
    return true;
}

static Instance *make_metric(Sema *s, MetricCall *c)
{
    Instance *instance = ARENA_NEW(s->arena, Instance);
    *instance = (Instance){.decl = c->decl,
                           .unit = c->global->unit,
                           .global = c->global,
                           .path = "",
                           .title = c->name,
                           .made = c->arg->span,
                           .owned = true,
                           .elaborated = true,
                           .metric = true};
    frame_push(s, c->global->unit, instance, NULL, c->arg->span);
    bool ok = bind_config(s, c, instance) && bind_binders(s, c, instance);
    s->frame->locals.n = 0;
    if (ok) {
        for (const Expr *e = c->decl->requires_; e; e = e->next)
            demand_condition(s, e, c->arg->span, c->decl->name, DEMAND_ALL);
        members_elaborate(s, instance, c->decl->members);
    }
    frame_pop(s);
    instance->title = c->decl->name;
    return ok ? instance : NULL;
}

/* Is the field itself among the values that the metric counts? (Arguments have the numbers of fields until the entry is whole.) */
static bool counts_field(const Sema *s, const MetricCall *c, int32_t field)
{
    for (uint32_t i = 0; i < c->n_update; i++) {
        const Value *v = &c->update[i].value;
        const CoreIns *ins = v->kind == VAL_TENSOR && v->ref && v->ref <= s->body->ins.n ? &s->body->ins.at[v->ref - 1] : NULL;
        if (ins && ins->op == CORE_arg && ins->attr[0] == field) return true;
    }
    return false;
}

/* The field with as many classes as the last axis: the one that the metric counts, or the block's only one. */
static void class_names(Sema *s, const MetricCall *c, CoreReport *r, const SemaType *type)
{
    const CoreEntry *entry = s->entry->entry;
    if (entry->data < 0 || type->rank == 0 || type->axis[type->rank - 1].kind != AXIS_DIM) return;
    const CoreData *data = &s->program->data.at[entry->data];
    int32_t found = -1;
    bool counted = false, only = true;
    for (int32_t i = 0; i < (int32_t)data->fields.n && !counted; i++) {
        if (!data->fields.at[i].bound || data->fields.at[i].bound != type->axis[type->rank - 1].dim) continue;
        counted = counts_field(s, c, i);
        only = found < 0;
        found = i;
    }
    if (found < 0 || !(counted || only) || !field_has_codes(&data->fields.at[found])) return;
    r->data = entry->data;
    r->field = found;
}

static bool show_function(Sema *s, MetricCall *c, Instance *instance, const FnDecl *fn, const char *name, bool further)
{
    EntryState *e = s->entry;
    bool eval = e->decl->kind == DECL_EVAL;
    Elsewhere old = enter_report_body(s);
    Value v = call_fn(s, fn, instance->unit, instance, c->global, NULL, 0, c->arg->span, c->arg->span);
    CoreRef ref = 0;
    bool ok = v.kind == VAL_TENSOR || v.kind == VAL_FLOAT || v.kind == VAL_INT || v.kind == VAL_BOOL;
    if (ok) {
        v = value_as_tensor(s, &v, ELEM_float);
        ref = v.ref;
    }
    leave_report_body(s, old);
    if (!ok) {
        if (!is_error(&v)) diag_error(s->diags, "E0514", c->arg->span, "%s of a metric gives %s", fn->name, value_describe(s, &v));
        return false;
    }
    if (v.type.rank && !eval) {
        if (!further)
            diag_error(s->diags, "E0514", c->arg->span, "%s gives %s: tables are shown in an eval only", c->decl->name,
                       type_print(s, &v.type));
        return further;
    }
    uint32_t index = add_report(s, name, ref, true, c->arg->span);
    CoreReport *r = &e->entry->reports.at[index];
    r->per_class = further;
    r->goal = (uint8_t)(c->arg->goal != GOAL_NONE ? c->arg->goal : fn->goal);
    class_names(s, c, r, &v.type);
    return true;
}

static void show_metric(Sema *s, MetricCall *c, Instance *instance)
{
    const FnDecl *value = metric_fn(c->decl->members, "value");
    if (!value) {
        diag_error(s->diags, "E0515", c->arg->span, "metric %s has no function value()", c->decl->name);
        return;
    }
    if (!show_function(s, c, instance, value, c->name, false)) return;
    if (s->entry->decl->kind != DECL_EVAL) return;
    for (uint32_t i = 0; i < instance->members.n; i++) {
        const FnDecl *fn = instance->members.at[i].kind == MEM_FN ? instance->members.at[i].fn : NULL;
        if (!fn || fn == value || fn == c->update_fn || fn->params || !fn->result) continue;
        show_function(s, c, instance, fn, arena_print(s->arena, "%s.%s", c->name, fn->name), true);
    }
}

static void update_metric(Sema *s, MetricCall *c, Instance *instance)
{
    bool old = s->in_metric;
    s->in_metric = true;
    for (uint32_t i = 0; i < c->n_update; i++) {
        Value *v = &c->update[i].value;
        Span span = v->span;
        if (v->kind == VAL_TENSOR && v->type.elem == ELEM_float) *v = value_cast(s, v, ELEM_float);
        v->span = span;
    }
    call_fn(s, c->update_fn, instance->unit, instance, c->global, c->update, c->n_update, c->arg->span, c->arg->value->a->span);
    s->in_metric = old;
}

static void metric_report(Sema *s, const Arg *arg, const char *name, Global *global, ReportKey *key, uint32_t ordinal)
{
    EntryState *e = s->entry;
    MetricCall c = {.global = global, .decl = global->decl, .arg = arg, .name = name};
    uint32_t n;
    bool bad;
    PrimArg *args = args_eval(s, arg->value->args, &n, &bad);
    if (bad || global->bad) return;
    c.update_fn = metric_fn(c.decl->members, "update");
    if (!c.update_fn) {
        diag_error(s->diags, "E0515", arg->span, "metric %s has no function update(...)", c.decl->name);
        return;
    }
    if (!names_known(s, &c, args, n)) return;
    sort_arguments(s, &c, args, n);
    uint32_t first = s->diags->list.n;
    Instance *instance = key ? key->metric : make_metric(s, &c);
    if (!instance || (key && !same_config(s, &c, instance))) return;
    int errors = s->diags->n_errors;
    update_metric(s, &c, instance);
    if (!key && s->diags->n_errors == errors) show_metric(s, &c, instance);
    if (!key) {
        ReportKey k = {.arg = arg, .ordinal = ordinal, .name = name, .metric = instance};
        vec_add(s->arena, &e->reports, k);
        key = &e->reports.at[e->reports.n - 1];
    }
    key->met = e->evaluation;
    if (global->unit->library) diags_relocate(s, first, arg->span);
}

/* ---- the statement -------------------------------------------------------------------------- */

static Global *metric_of(Sema *s, const Expr *e)
{
    if (e->kind != EXPR_CALL) return NULL;
    if (e->a->kind == EXPR_NAME) return scope_find_metric(s, e->a->name);
    if (e->a->kind != EXPR_FIELD || e->a->a->kind != EXPR_NAME) return NULL;
    Global *module = unit_find(s->main, e->a->a->name);
    Global *g = module && module->imported ? unit_find(module->imported, e->a->name) : NULL;
    return g && g->decl->kind == DECL_METRIC ? g : NULL;
}

void report_goals(Sema *s)
{
    EntryState *e = s->entry;
    for (uint32_t i = 0; i < e->reports.n; i++) {
        ReportKey *key = &e->reports.at[i];
        if (key->metric || !key->body) continue;
        uint8_t *goal = &e->entry->reports.at[key->report].goal, here = (uint8_t)goal_of(s, key->body, key->ref);
        if (key->arg->goal == GOAL_NONE && !key->no_goal) { /* variants of the step may disagree */
            key->no_goal = *goal != GOAL_NONE && here != GOAL_NONE && here != *goal;
            for (uint32_t k = 0; k < e->reports.n && key->no_goal; k++)
                e->reports.at[k].no_goal |= !e->reports.at[k].metric && e->reports.at[k].report == key->report;
            *goal = key->no_goal ? GOAL_NONE : *goal != GOAL_NONE ? *goal : here;
        }
        key->body = NULL;
    }
}

void report_eval(Sema *s, const Stmt *stmt)
{
    const CoreEntry *entry = s->entry->entry;
    /* one too many is an error */
    for (const Arg *arg = stmt->args; arg && entry->reports.n <= CORE_MAX_ARGS; arg = arg->next) {
        if (arg->pack || !arg->value) {
            diag_error(s->diags, "E0514", arg->span, "a pack cannot be reported");
            continue;
        }
        const char *name = report_name(s, arg);
        if (!name) continue;
        uint32_t ordinal;
        ReportKey *key = find_key(s, arg, &ordinal);
        Global *metric = metric_of(s, arg->value);
        if (!key) key = share_report(s, arg, name, metric, ordinal);
        if (key ? is_met(s, key, arg->span) : !name_is_new(s, name, arg->span)) continue;
        Span old = s->call_span;
        s->call_span = arg->span;
        if (metric)
            metric_report(s, arg, name, metric, key, ordinal);
        else
            scalar_report(s, arg, name, key, ordinal);
        s->call_span = old;
    }
}
