/* SPDX-License-Identifier: MIT
 * minimize.c: minimize L over P except Q using O: paths and the statement (language.md 5.3). */
#include "sema/minimize.h"

#include <string.h>

#include "sema/base/entry_state.h"
#include "sema/base/frame.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/depend.h"
#include "sema/expr.h"
#include "sema/goal.h"
#include "sema/optimizer.h"

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

/* The parameters under a path such as net, net.fc1, net.block[0], net.fc1.w. */
static bool path_tensors(Sema *s, const Expr *e, TensorList *out)
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
        return false;
    }
    if (v.text) {
        for (uint32_t i = 0; i < v.instance->members.n; i++)
            if (starts_with_index(&v.instance->members.at[i], &v))
                instance_tensors(s, v.instance->members.at[i].value.instance, false, out);
        return true;
    }
    instance_tensors(s, v.instance, false, out);
    return true;
}

static bool mark_paths(Sema *s, const Expr *list, bool *marked, bool value)
{
    for (const Expr *e = list; e; e = e->next) {
        TensorList t = {0};
        if (!path_tensors(s, e, &t)) return false;
        if (!t.t.n) diag_error(s->diags, "E0510", e->span, "there are no parameters under `%s`", source_text(s, e->span));
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

/* ---- the statement -------------------------------------------------------------------------- */

static bool check_loss(Sema *s, const Stmt *stmt, Value *loss)
{
    if (is_error(loss)) return false;
    if (loss->kind == VAL_TENSOR && loss->type.rank == 0 && loss->type.elem == ELEM_float) return true;
    Diag *d = diag_error(s->diags, "E0509", stmt->value->span, "only a float scalar can be minimized, this is %s", value_describe(s, loss));
    if (loss->kind == VAL_TENSOR && loss->type.elem == ELEM_float) diag_help(d, "write mean(%s)", source_text(s, stmt->value->span));
    return false;
}

static void check_gradient(Sema *s, const Stmt *stmt, const Value *loss, const bool *over)
{
    CoreProgram *p = s->program;
    bool *reached = ARENA_ARRAY(s->arena, bool, p->tensors.n + 1);
    CoreRef ref = value_use(s, loss, ELEM_none);
    gradient_reaches(s, s->body, ref, reached);
    uint32_t n_over = 0, n_reached = 0, missing = 0;
    const char *first = NULL;
    for (uint32_t i = 0; i < p->tensors.n; i++) {
        if (!over[i]) continue;
        n_over++;
        if (reached[i])
            n_reached++;
        else if (!missing++)
            first = p->tensors.at[i].name;
    }
    if (n_over && !n_reached) {
        if (s->diags->n_errors) return; /* it may depend on what failed */
        Diag *d = diag_error(s->diags, "E0511", stmt->value->span, "this loss depends on no parameter under `over`");
        for (const Expr *e = stmt->values; e; e = e->next)
            diag_label(d, e->span, "%s", "");
        return;
    }
    CoreRef minimize = 0, use = depend_stale_use(s, s->body, ref, over, 0, &minimize);
    if (use) {
        const SourceFile *file = source_get(s->sources, stmt->span.file);
        const CoreIns *ins = &s->body->ins.at[use - 1];
        uint32_t line = source_line(file, s->body->ins.at[minimize - 1].span.lo);
        Diag *d = diag_error(s->diags, "E0508", stmt->value->span, "%s was computed with parameters that line %u has since updated",
                             source_text(s, stmt->value->span), line);
        if (has_span(ins->span)) diag_trail(d, ins->span, "old parameters used here");
        diag_help(d, "compute %s again after line %u", source_text(s, stmt->value->span), line);
        return;
    }
    if (missing && n_over && !s->diags->n_errors) { /* what was not understood depends on nothing */
        Diag *d = diag_warning(s->diags, "W0511", stmt->values->span, "the loss does not depend on %s%s", first,
                               missing == 2  ? " and another parameter"
                               : missing > 2 ? arena_print(s->arena, " and %u other parameters", missing - 1)
                                             : "");
        diag_help(d, "leave them out with `except`");
    }
}

static void emit_minimize(Sema *s, const Stmt *stmt, const Value *loss, const OptimizerCall *o, uint32_t index)
{
    CoreRef in[OPTIMIZER_ARGS + 1];
    uint32_t n = 0;
    in[n++] = value_use(s, loss, ELEM_none);
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

/* For gradcheck: what is behind a surrogate gradient cannot agree with differences. */
static void note_surrogates(Sema *s, const Value *loss, const bool *over, CoreMinimize *m)
{
    bool *behind = ARENA_ARRAY(s->arena, bool, s->program->tensors.n + 1);
    m->surrogate = gradient_surrogate(s, s->body, value_use(s, loss, ELEM_none), behind);
    for (uint32_t i = 0; m->surrogate && i < s->program->tensors.n; i++)
        if (over[i] && behind[i]) vec_add(s->arena, &m->unchecked, i);
}

/* The statement's record, made when it is first met. */
static uint32_t minimize_record(Sema *s, const Stmt *stmt, const OptimizerCall *o, const bool *over, const Value *loss)
{
    EntryState *e = s->entry;
    uint32_t ordinal = entry_ordinal(s, stmt);
    for (uint32_t i = 0; i < e->minimizes.n; i++)
        if (e->minimizes.at[i].stmt == stmt && e->minimizes.at[i].ordinal == ordinal) return e->minimizes.at[i].index;
    CoreMinimize m = {.span = stmt->span, .optimizer = o->row, .slots = optimizer_slots(s, o)};
    for (int k = 0; o->row->arg[k].name; k++)
        m.n_args += o->row->arg[k].range != RANGE_switch;
    for (uint32_t i = 0; i < s->program->tensors.n; i++) {
        if (!over[i]) continue;
        vec_add(s->arena, &m.over, i);
        s->program->tensors.at[i].trained = true;
    }
    note_surrogates(s, loss, over, &m);
    m.slot_set = slot_set(s, o);
    MinimizeKey key = {.stmt = stmt, .ordinal = ordinal, .index = e->entry->minimizes.n};
    vec_add(s->arena, &e->entry->minimizes, m);
    vec_add(s->arena, &e->minimizes, key);
    return key.index;
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
    bool *over = ARENA_ARRAY(s->arena, bool, s->program->tensors.n + 1);
    OptimizerCall *o = ARENA_NEW(s->arena, OptimizerCall);
    bool ok = check_loss(s, stmt, &loss);
    ok &= mark_paths(s, stmt->values, over, true);
    ok &= mark_paths(s, stmt->excepts, over, false);
    ok &= optimizer_read(s, stmt->optimizer, o);
    if (!ok) return;
    check_gradient(s, stmt, &loss, over);
    goal_note_loss(s, &loss);
    uint32_t index = minimize_record(s, stmt, o, over, &loss);
    emit_minimize(s, stmt, &loss, o, index);
}
