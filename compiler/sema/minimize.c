/* SPDX-License-Identifier: MIT
 * minimize.c: minimize L over P except Q using O ...: paths, groups and the statement (language.md#minimize). */
#include "sema/minimize.h"

#include <string.h>

#include "sema/base/entry_state.h"
#include "sema/base/frame.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/base/suggest.h"
#include "sema/depend.h"
#include "sema/expr.h"
#include "sema/goal.h"
#include "sema/optimizer.h"
#include "sema/prim/prim.h"
#include "sema/unknown.h"
#include "sema/variant.h"

/* ---- paths ---------------------------------------------------------------------------------- */

static bool path_parameter(Sema *s, const Expr *e, TensorList *out, bool *done)
{
    *done = false;
    if (e->kind != EXPR_FIELD) return true;
    s->diags->muted++;
    Value base = expr_eval(s, e->a);
    s->diags->muted--;
    if (base.kind != VAL_LAYER || base.text || !base.instance) return true;
    Mem *m = instance_find(base.instance, e->name);
    if (!m || (m->kind != MEM_PARAM && m->kind != MEM_STATE)) return true;
    *done = true;
    if (m->kind == MEM_STATE) {
        diag_error(s->diags, "E0510", e->name_span, "`%s` is a state: it is written with `:=`, not by minimize", e->name);
        return false;
    }
    vec_add(s->arena, &out->t, (uint32_t)m->tensor);
    return true;
}

static bool starts_with_index(const Mem *m, const Value *family)
{
    if (m->kind != MEM_CHILD || m->name != family->text || m->value.kind != VAL_LAYER) return false;
    for (uint32_t i = 0; i < family->n; i++)
        if (i >= m->n_index || m->index[i] != family->items[i].truth) return false;
    return true;
}

/* The parameters of a layer, or of the children of one name. */
static void layer_parameters(Sema *s, const Value *v, TensorList *out)
{
    if (!v->text) {
        instance_tensors(s, v->instance, false, out);
        return;
    }
    for (uint32_t i = 0; i < v->instance->members.n; i++)
        if (starts_with_index(&v->instance->members.at[i], v)) instance_tensors(s, v->instance->members.at[i].value.instance, false, out);
}

static const char *models_listed(Sema *s)
{
    Text names = {.arena = s->arena};
    for (uint32_t i = 0; i < s->models.n; i++)
        text_add(&names, "%s%s", i ? ", " : "", s->models.at[i]->path);
    return text_c(&names);
}

/* The parameters under a path such as net, net.fc1, net.block[0], net.fc1.w. */
static bool plain_path(Sema *s, const Expr *e, TensorList *out)
{
    bool done;
    if (!path_parameter(s, e, out, &done)) return false;
    if (done) return true;
    Value v = expr_eval(s, e);
    if (is_error(&v)) return false;
    if (v.kind == VAL_LIST || v.kind == VAL_TUPLE) {
        diag_error(s->diags, "E0510", e->span, "several paths are separated by commas, without brackets");
        return false;
    }
    if (v.kind != VAL_LAYER) {
        Diag *d =
            diag_error(s->diags, "E0510", e->span, "`over` needs a model, a layer of it or a parameter, not %s", value_describe(s, &v));
        if (v.kind == VAL_TENSOR) diag_note(d, "gradients reach parameters only");
        if (suggest_bias(s, d, e->span)) return false;
        const char *model = v.kind == VAL_LAYER_DEF ? unknown_model_of(s, source_text(s, e->span)) : NULL;
        if (model) diag_help(d, "the model is called `%s`", model);
        if (!model && v.kind != VAL_TENSOR && s->models.n) diag_note(d, "models: %s", models_listed(s));
        return false;
    }
    layer_parameters(s, &v, out);
    return true;
}

/* matrixes(net): nothing else is called in a path. */
static bool report_choice(Sema *s, const Expr *e)
{
    static const char *const words[] = {"matrices", "vectors"};
    const char *word = e->kind == EXPR_CALL && e->a->kind == EXPR_NAME ? e->a->name : NULL;
    if (!word || scope_find_global(s, word) || frame_find(s->frame, word) || prim_find(word)) return false;
    Diag *d = diag_error(s->diags, "E0101", e->a->span, "unknown name `%s`", word);
    const char *close = suggest_among(word, words, 2);
    if (close)
        suggest_meant(d, e->a->span, close);
    else
        diag_help(d, "matrices(net) are the parameters with two axes or more, vectors(net) the others");
    return true;
}

/* matrices(net), vectors(net): what of a path is chosen by its rank. */
static bool path_tensors(Sema *s, const Expr *e, TensorList *out)
{
    const char *word = e->kind == EXPR_CALL && e->a->kind == EXPR_NAME ? e->a->name : "";
    bool matrices = !strcmp(word, "matrices"), vectors = !strcmp(word, "vectors");
    if (!matrices && !vectors) return !report_choice(s, e) && plain_path(s, e, out);
    const Arg *arg = e->args;
    if (!arg || arg->next || arg->name || arg->pack) {
        const char *list = "";
        for (const Arg *a = arg; a; a = a->next)
            list = arena_print(s->arena, "%s%s%s(%s)", list, a == arg ? "" : ", ", word, source_text(s, a->span));
        Diag *d = diag_error(s->diags, "E0510", e->span, "`%s` takes one path", word);
        diag_help(d, "write %s", arg ? list : arena_print(s->arena, "%s(net)", word));
        return false;
    }
    TensorList all = {0};
    if (!plain_path(s, arg->value, &all)) return false;
    for (uint32_t i = 0; i < all.t.n; i++)
        if ((s->program->tensors.at[all.t.at[i]].type.rank >= 2) == matrices) vec_add(s->arena, &out->t, all.t.at[i]);
    return true;
}

/* Has an error kept parameters from being made? */
static bool has_bad_layer(const Instance *instance)
{
    if (instance->global && instance->global->bad) return true;
    for (uint32_t i = 0; i < instance->members.n; i++) {
        const Value *v = &instance->members.at[i].value;
        if (instance->members.at[i].kind == MEM_LOCAL && is_error(v)) return true;
        if (instance->members.at[i].kind == MEM_CHILD && v->kind == VAL_LAYER && has_bad_layer(v->instance)) return true;
    }
    for (uint32_t i = 0; i < instance->items.n; i++)
        if (instance->items.at[i].kind == VAL_LAYER && has_bad_layer(instance->items.at[i].instance)) return true;
    return false;
}

static bool path_is_bad(Sema *s, const Expr *e)
{
    if (!s->diags->n_errors || s->partial) return s->partial;
    bool chosen = e->kind == EXPR_CALL && e->args && e->args->value; /* matrices(net) */
    s->diags->muted++;
    Value v = expr_eval(s, chosen ? e->args->value : e);
    s->diags->muted--;
    return is_error(&v) || (v.kind == VAL_LAYER && has_bad_layer(v.instance));
}

static bool mark_paths(Sema *s, const Expr *list, bool *marked, bool value)
{
    for (const Expr *e = list; e; e = e->next) {
        TensorList t = {0};
        if (!path_tensors(s, e, &t)) return false;
        if (!t.t.n && !path_is_bad(s, e))
            diag_error(s->diags, "E0510", e->span, "there are no parameters under `%s`", source_text(s, e->span));
        bool any = false;
        for (uint32_t i = 0; i < t.t.n; i++) {
            any |= marked[t.t.at[i]] != value;
            marked[t.t.at[i]] = value;
        }
        if (!any && !value && t.t.n)
            diag_error(s->diags, "E0510", e->span, "`%s` is not under the paths of `over`", source_text(s, e->span));
    }
    return true;
}

/* ---- groups --------------------------------------------------------------------------------- */

typedef struct Group { /* what one `over` of the statement names, and what updates it */
    const TrainGroup *source;
    bool *over; /* by tensor */
    OptimizerCall optimizer;
} Group;

typedef struct Groups {
    VEC(Group) at;
    bool *over; /* of all groups */
} Groups;

/* A parameter belongs to one group. */
static bool join(Sema *s, Groups *groups, const Group *g)
{
    for (uint32_t i = 0; i < s->program->tensors.n; i++) {
        if (g->over[i] && groups->over[i]) {
            Diag *d = diag_error(s->diags, "E0510", g->source->over->span, "%s is under an earlier `over` of this statement, too",
                                 s->program->tensors.at[i].name);
            diag_help(d, "leave it out of one of them with `except`");
            return false;
        }
        groups->over[i] |= g->over[i];
    }
    for (uint32_t i = 0; i < groups->at.n; i++) {
        if (!g->optimizer.named || groups->at.at[i].optimizer.named != g->optimizer.named) continue;
        diag_help(diag_error(s->diags, "E0504", g->source->optimizer->span, "two groups of one statement cannot share the state of `%s`",
                             g->optimizer.named->decl->name),
                  "write their paths behind one `over`, separated by commas");
        return false;
    }
    return true;
}

/* The limit is compared with the norm over all groups: it is written in each, or in none. */
static bool same_limits(Sema *s, const Groups *groups)
{
    const Group *with = NULL, *without = NULL;
    for (uint32_t i = 0; i < groups->at.n; i++) {
        const Group *g = &groups->at.at[i];
        *(optimizer_limits_norm(&g->optimizer) ? &with : &without) = g;
    }
    if (!with || !without) return true;
    Diag *d = diag_error(s->diags, "E0504", without->source->optimizer->span, "this group has no `clip`, but another of the statement has");
    diag_label(d, with->source->optimizer->span, "%s", "");
    diag_note(d, "`clip` limits the norm of the gradients of all groups together");
    diag_help(d, "write the same clip=... here, or clip=0 for a group that is not scaled");
    return false;
}

static bool names_parameters(const Sema *s, const bool *over)
{
    for (uint32_t i = 0; i < s->program->tensors.n; i++)
        if (over[i]) return true;
    return false;
}

/* What one `over` names without its `except`: a parameter at least. */
static bool mark_group(Sema *s, const TrainGroup *source, bool *over)
{
    bool good = mark_paths(s, source->over, over, true), named = names_parameters(s, over);
    good &= mark_paths(s, source->except, over, false);
    if (!good || !named || names_parameters(s, over)) return good;
    for (const Expr *e = source->over; e; e = e->next)
        if (path_is_bad(s, e)) return false;
    Span at = source->except->span;
    for (const Expr *e = source->except; e; e = e->next)
        at = span_join(at, e->span);
    Diag *d = diag_error(s->diags, "E0510", at, "no parameter is left: `except` leaves out all that is under `over`");
    for (const Expr *e = source->over; e; e = e->next)
        diag_label(d, e->span, "%s", "");
    return false;
}

static bool read_groups(Sema *s, const Stmt *stmt, Groups *groups)
{
    groups->over = ARENA_ARRAY(s->arena, bool, s->program->tensors.n + 1);
    bool ok = true;
    for (const TrainGroup *source = stmt->groups; source; source = source->next) {
        Group g = {.source = source, .over = ARENA_ARRAY(s->arena, bool, s->program->tensors.n + 1)};
        bool good = mark_group(s, source, g.over);
        good &= optimizer_read(s, source->optimizer, &g.optimizer);
        good = good && join(s, groups, &g);
        ok &= good;
        vec_add(s->arena, &groups->at, g);
    }
    return ok && same_limits(s, groups);
}

/* ---- the statement -------------------------------------------------------------------------- */

static bool check_loss(Sema *s, const Stmt *stmt, Value *loss)
{
    if (is_error(loss)) return false;
    if (loss->kind == VAL_TENSOR && loss->type.rank == 0 && loss->type.elem == ELEM_float) return true;
    Diag *d = diag_error(s->diags, "E0509", stmt->value->span, "only a float scalar can be minimized, this is %s", value_describe(s, loss));
    suggest_same(s, d, stmt->value->span, loss);
    if (loss->kind == VAL_TENSOR && loss->type.elem == ELEM_float) diag_help(d, "write mean(%s)", source_text(s, stmt->value->span));
    s->entry->no_loss = loss->kind == VAL_TENSOR ? loss->ref : 0;
    return false;
}

/* Parameters of a group that the loss does not depend on. False: it depends on none of them. */
static bool check_reach(Sema *s, const Stmt *stmt, const Group *g, const bool *reached)
{
    const CoreProgram *p = s->program;
    uint32_t n_over = 0, missing = 0;
    const char *first = NULL;
    for (uint32_t i = 0; i < p->tensors.n; i++) {
        if (!g->over[i]) continue;
        n_over++;
        if (!reached[i] && !missing++) first = p->tensors.at[i].name;
    }
    if (!missing || variant_has_errors(s)) return true; /* what was not understood depends on nothing */
    if (missing == n_over) {
        Diag *d = diag_error(s->diags, "E0511", stmt->value->span, "this loss depends on no parameter under `over`");
        for (const Expr *e = g->source->over; e; e = e->next)
            diag_label(d, e->span, "%s", "");
        return false;
    }
    Diag *d = diag_warning(s->diags, "W0511", g->source->over->span, "the loss does not depend on %s%s", first,
                           missing == 2  ? " and another parameter"
                           : missing > 2 ? arena_print(s->arena, " and %u other parameters", missing - 1)
                                         : "");
    diag_help(d, "leave them out with `except`");
    return true;
}

/* Does an earlier statement update a parameter of these groups? */
static bool shares_parameters(const Sema *s, const CoreIns *before, const Groups *groups)
{
    const CoreMinimize *m = &s->entry->entry->minimizes.at[before->attr[0]];
    bool shared = false;
    for (uint32_t g = 0; g <= m->more; g++)
        for (uint32_t i = 0; i < m[g].over.n; i++)
            shared |= groups->over[m[g].over.at[i]];
    return shared;
}

/* An earlier statement has updated what this loss was computed with. */
static void report_stale(Sema *s, const Stmt *stmt, const Groups *groups, CoreRef loss, CoreRef use, CoreRef minimize)
{
    const SourceFile *file = source_get(s->sources, stmt->span.file);
    const CoreIns *before = &s->body->ins.at[minimize - 1], *ins = &s->body->ins.at[use - 1];
    uint32_t line = source_line(file, before->span.lo);
    const char *text = source_text(s, stmt->value->span);
    Diag *d =
        diag_error(s->diags, "E0508", stmt->value->span, "%s was computed with parameters that line %u has since updated", text, line);
    if (has_span(ins->span)) diag_trail(d, ins->span, "old parameters used here");
    diag_note(d, "the statements of a step run in order, and `minimize` updates at once");
    if (before->in[0] == loss && !shares_parameters(s, before, groups))
        diag_help(d, "to take all gradients before any update, write one statement: %s %s", source_text(s, before->span),
                  source_text(s, (Span){stmt->span.file, stmt->groups->span.lo, stmt->span.hi}));
    else
        diag_help(d, "compute %s again after line %u", text, line);
}

static void check_gradient(Sema *s, const Stmt *stmt, const Value *loss, const Groups *groups)
{
    CoreRef ref = value_use(s, loss, ELEM_none), minimize = 0;
    bool *reached = ARENA_ARRAY(s->arena, bool, s->program->tensors.n + 1);
    gradient_reaches(s, s->body, ref, reached);
    for (uint32_t i = 0; i < groups->at.n; i++)
        if (!check_reach(s, stmt, &groups->at.at[i], reached)) return;
    CoreRef use = depend_stale_use(s, s->body, ref, groups->over, 0, &minimize);
    if (use) report_stale(s, stmt, groups, ref, use, minimize);
}

/* The numbers of an optimizer's call, as operands. */
static uint32_t add_numbers(Sema *s, const OptimizerCall *o, CoreRef *in)
{
    uint32_t n = 0;
    bool metric = s->in_metric;
    s->in_metric = true; /* f64 */
    for (int k = 0; o->row->arg[k].name; k++) {
        if (o->row->arg[k].range == RANGE_switch) continue;
        Value v = o->arg[k];
        if (v.kind == VAL_TENSOR)
            v = value_cast(s, &v, ELEM_float);
        else
            v = value_as_tensor(s, &v, ELEM_float);
        in[n++] = v.ref;
    }
    s->in_metric = metric;
    return n;
}

static void emit_minimize(Sema *s, const Stmt *stmt, const Value *loss, const Groups *groups, uint32_t index)
{
    CoreRef *in = ARENA_ARRAY(s->arena, CoreRef, groups->at.n * OPTIMIZER_ARGS + 1);
    uint32_t n = 0;
    in[n++] = value_use(s, loss, ELEM_none);
    for (uint32_t i = 0; i < groups->at.n; i++)
        n += add_numbers(s, &groups->at.at[i].optimizer, in + n);
    int64_t attr = index;
    core_emit(s, CORE_minimize, NULL, in, n, &attr, 1);
    core_last(s)->n_out = 0;
    core_last(s)->span = stmt->span;
}

static int32_t slot_set(Sema *s, const OptimizerCall *o)
{
    EntryState *e = s->entry;
    if (o->named && o->named->slots && o->named->value.def == e->entry) return o->named->slots - 1;
    int32_t next = 0;
    for (uint32_t i = 0; i < e->entry->minimizes.n; i++)
        if (e->entry->minimizes.at[i].slot_set >= next) next = e->entry->minimizes.at[i].slot_set + 1;
    if (o->named) {
        o->named->slots = next + 1;
        o->named->value.def = e->entry;
    }
    return next;
}

/* For gradcheck: what is behind a surrogate gradient, in any variant of the step, cannot agree with differences. */
static void note_surrogates(Sema *s, const Value *loss, const bool *over, CoreMinimize *m)
{
    bool *behind = ARENA_ARRAY(s->arena, bool, s->program->tensors.n + 1);
    const char *surrogate = gradient_surrogate(s, s->body, value_use(s, loss, ELEM_none), behind);
    if (!surrogate) return;
    m->surrogate = surrogate;
    for (uint32_t i = 0; i < m->unchecked.n; i++)
        behind[m->unchecked.at[i]] = true;
    m->unchecked.n = 0;
    for (uint32_t i = 0; i < s->program->tensors.n; i++)
        if (over[i] && behind[i]) vec_add(s->arena, &m->unchecked, i);
}

/* One group's record; `more` groups of the statement come behind it. */
static void add_record(Sema *s, const Stmt *stmt, const Group *g, uint32_t more, int32_t slot_set)
{
    const OptimizerCall *o = &g->optimizer;
    CoreMinimize m = {.span = stmt->span, .optimizer = o->row, .slots = optimizer_slots(s, o), .more = more, .slot_set = slot_set};
    for (int k = 0; o->row->arg[k].name; k++)
        m.n_args += o->row->arg[k].range != RANGE_switch;
    for (uint32_t i = 0; i < s->program->tensors.n; i++) {
        if (!g->over[i]) continue;
        vec_add(s->arena, &m.over, i);
        s->program->tensors.at[i].trained = true;
    }
    vec_add(s->arena, &s->entry->entry->minimizes, m);
}

/* Do the records from `index` on name the parameters of these groups? */
static bool has_paths(const Sema *s, uint32_t index, const Groups *groups)
{
    for (uint32_t i = 0; i < groups->at.n; i++) {
        const CoreMinimize *m = &s->entry->entry->minimizes.at[index + i];
        uint32_t n = 0;
        for (uint32_t k = 0; k < s->program->tensors.n; k++)
            n += groups->at.at[i].over[k];
        if (n != m->over.n) return false;
        for (uint32_t k = 0; k < n; k++)
            if (!groups->at.at[i].over[m->over.at[k]]) return false;
    }
    return true;
}

/* What the numbers of an optimizer take is there for all variants of the step; a switch is on in all of them, or in none. */
static void join_slots(Sema *s, const OptimizerCall *o, int32_t slot_set)
{
    const CoreEntry *entry = s->entry->entry;
    uint32_t slots = optimizer_slots(s, o), slot = 1u << o->row->n_slots, switched = 0;
    for (uint32_t i = 0; i < entry->minimizes.n; i++)
        if (entry->minimizes.at[i].slot_set == slot_set)
            switched |= slots ^ entry->minimizes.at[i].slots, slots |= entry->minimizes.at[i].slots;
    for (uint32_t i = 0; i < entry->minimizes.n; i++)
        if (entry->minimizes.at[i].slot_set == slot_set) entry->minimizes.at[i].slots = slots;
    for (int k = 0; o->row->arg[k].name; k++) {
        if (!o->row->arg[k].has_slot) continue;
        if (o->row->arg[k].range == RANGE_switch && (switched & slot)) {
            Span at = has_span(o->arg[k].span) ? o->arg[k].span : o->call->span;
            Diag *d = diag_error(s->diags, "E0504", at, "`%s` of %s is not the same in all steps of the run: it is %s", o->row->arg[k].name,
                                 o->row->name, o->arg[k].truth > 0 ? "true" : "false");
            diag_help(d, "write a `minimize` into each branch of the `if`");
        }
        slot <<= 1;
    }
}

/* The statement's records, one per group, made when it is first met with these paths; the number of the first. Its slots are the same
 * ones in every variant of the step. */
static uint32_t minimize_record(Sema *s, const Stmt *stmt, const Groups *groups, const Value *loss)
{
    EntryState *e = s->entry;
    uint32_t ordinal = entry_ordinal(s, stmt);
    const MinimizeKey *met = NULL, *same = NULL;
    for (uint32_t i = 0; i < e->minimizes.n && !same; i++) {
        if (e->minimizes.at[i].stmt != stmt || e->minimizes.at[i].ordinal != ordinal) continue;
        met = &e->minimizes.at[i];
        if (has_paths(s, met->index, groups)) same = met;
    }
    uint32_t index = same ? same->index : e->entry->minimizes.n;
    for (uint32_t i = 0; i < groups->at.n; i++) {
        const Group *g = &groups->at.at[i];
        int32_t slots = met ? e->entry->minimizes.at[met->index + i].slot_set : slot_set(s, &g->optimizer);
        if (!same) add_record(s, stmt, g, groups->at.n - 1 - i, slots);
        if (met) join_slots(s, &g->optimizer, slots);
        note_surrogates(s, loss, g->over, &e->entry->minimizes.at[index + i]);
    }
    MinimizeKey key = {.stmt = stmt, .ordinal = ordinal, .index = index};
    if (!same) vec_add(s->arena, &e->minimizes, key);
    return index;
}

void minimize_eval(Sema *s, const Stmt *stmt)
{
    EntryState *e = s->entry;
    if (e->decl->kind != DECL_TRAIN) {
        diag_error(s->diags, "E0502", stmt->span, "`minimize` belongs in the body of a train");
        return;
    }
    if (e->derived) return;
    Value loss = expr_eval(s, stmt->value);
    Groups groups = {0};
    bool ok = check_loss(s, stmt, &loss);
    ok &= read_groups(s, stmt, &groups);
    if (!ok) return;
    check_gradient(s, stmt, &loss, &groups);
    goal_note_loss(s, &loss);
    emit_minimize(s, stmt, &loss, &groups, minimize_record(s, stmt, &groups, &loss));
}
