/* SPDX-License-Identifier: MIT
 * stmt.c: statements of functions and entry points. */
#include "sema/stmt.h"

#include <string.h>

#include "sema/base/demand.h"
#include "sema/base/frame.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/expr.h"
#include "sema/probe.h"
#include "sema/scan.h"
#include "sema/types.h"
#include "sema/variant.h"

/* ---- binding -------------------------------------------------------------------------------- */

static bool may_bind(Sema *s, const char *name, const Value *v, Span name_span, Span at)
{
    if (name == s->word_training) {
        diag_error(s->diags, "E0107", name_span, "`training` belongs to the language and cannot be bound");
        return false;
    }
    if (v->kind == VAL_NONE) {
        diag_error(s->diags, "E0108", at, "this call returns nothing that could be bound");
        return false;
    }
    if (v->kind == VAL_HOLE || v->kind == VAL_DATA || v->kind == VAL_PART) {
        diag_error(s->diags, "E0108", at, "%s cannot be bound to a name", value_describe(s, v));
        return false;
    }
    if (v->kind == VAL_LAYER && v->instance && !v->text && !v->instance->owned) {
        Diag *d = diag_error(s->diags, "E0114", at, "a layer is a member of a layer or a model, not a value of a function");
        diag_help(d, "write `layer %s = ...` among the members", name);
        return false;
    }
    return true;
}

static void bind_name(Sema *s, const char *name, Value v, Span name_span, Span at)
{
    if (is_error(&v) || may_bind(s, name, &v, name_span, at))
        frame_bind(s, name, v, name_span);
    else
        frame_bind(s, name, value_error(), name_span);
}

static uint32_t count_values(const Expr *values)
{
    uint32_t n = 0;
    for (const Expr *e = values; e; e = e->next)
        n++;
    return n;
}

static Value eval_values(Sema *s, const Expr *values)
{
    if (!values) return value_none();
    if (!values->next) return expr_eval(s, values);
    Value v = {.kind = VAL_TUPLE, .n = count_values(values), .span = span_join(values->span, values->span)};
    v.items = ARENA_ARRAY(s->arena, Value, v.n);
    uint32_t i = 0;
    bool bad = false;
    for (const Expr *e = values; e; e = e->next) {
        v.items[i] = expr_eval(s, e);
        v.span = span_join(v.span, e->span);
        bad |= v.items[i++].kind == VAL_NONE;
    }
    if (bad) diag_error(s->diags, "E0108", v.span, "one of these calls returns nothing");
    return v;
}

static void bind_error(Sema *s, const Name *targets)
{
    for (const Name *t = targets; t; t = t->next)
        if (!t->hole) frame_bind(s, t->text, value_error(), t->span);
}

/* W0721: a name that hides the state of the same name. */
static void warn_hidden_state(Sema *s, const Name *targets)
{
    const Instance *instance = s->frame->instance;
    for (const Name *t = targets; t && instance && s->generic && !s->frame->unit->library; t = t->next) {
        const Mem *m = t->hole || frame_find(s->frame, t->text) ? NULL : instance_find(instance, t->text);
        if (!m || m->kind != MEM_STATE) continue;
        Diag *d = diag_warning(s->diags, "W0721", t->span, "`%s` is a state: `=` binds a name and leaves it as it is", t->text);
        diag_help(d, "write %s := ... to change the state", t->text);
    }
}

static void assign_eval(Sema *s, const Stmt *stmt)
{
    warn_hidden_state(s, stmt->targets);
    uint32_t n = 0;
    for (const Name *t = stmt->targets; t; t = t->next)
        n++;
    const Expr *values = stmt->values ? stmt->values : stmt->value;
    Value v = eval_values(s, values);
    if (is_error(&v)) {
        bind_error(s, stmt->targets);
        return;
    }
    if (n == 1) {
        if (v.kind == VAL_TUPLE) {
            Diag *d = diag_error(s->diags, "E0108", values->span, "%u values for one name", v.n);
            diag_note(d, "its value is %s", value_describe(s, &v));
            diag_help(d, "write %s, _ = ... to keep the first only", stmt->targets->hole ? "_" : stmt->targets->text);
            s->frame->incomplete = true;
            bind_error(s, stmt->targets);
        } else if (!stmt->targets->hole) {
            bind_name(s, stmt->targets->text, v, stmt->targets->span, values->span);
        }
        return;
    }
    if (v.kind != VAL_TUPLE || v.n != n) {
        Diag *d = diag_error(s->diags, "E0108", values->span, "%u names but %u value%s", n, v.kind == VAL_TUPLE ? v.n : 1,
                             v.kind == VAL_TUPLE && v.n != 1 ? "s" : "");
        diag_help(d, "its value is %s", value_describe(s, &v));
        s->frame->incomplete |= v.kind == VAL_TUPLE && v.n > n;
        bind_error(s, stmt->targets);
        return;
    }
    uint32_t i = 0;
    for (const Name *t = stmt->targets; t; t = t->next, i++)
        if (!t->hole) bind_name(s, t->text, v.items[i], t->span, values->span);
}

/* ---- name : type = value -------------------------------------------------------------------- */

static void tell_asked(Sema *s, const char *name, const FullType *want, const Value *v, Span at)
{
    if (!want->ask || v->kind != VAL_TENSOR || s->diags->muted) return;
    Diag *d = diag_warning(s->diags, "W0301", at, "`%s` is %s", name, value_describe(s, v));
    diag_note(d, "printed because its type has a `?`");
}

static Value expect_bound(Sema *s, Value v, Dim bound, Span at)
{
    const SourceFile *file = source_get(s->sources, at.file);
    int64_t attr[2] = {bound, file ? source_line(file, at.lo) : 0};
    SemaType type = v.type;
    type.bound = bound;
    CoreRef in = value_use(s, &v, ELEM_int);
    return value_tensor(s, &type, core_emit(s, CORE_expect, &type, &in, 1, attr, 2));
}

/* Sizes that could not be proved equal become checks of the entry point. */
static bool expect_shape(Sema *s, const Value *v, const SemaType *want, Span at)
{
    if (v->type.rank != want->rank) return false;
    for (int i = 0; i < want->rank; i++) {
        const Axis *a = &v->type.axis[i], *b = &want->axis[i];
        if (a->kind == AXIS_PACK || b->kind == AXIS_PACK) return a->kind == b->kind && a->pack == b->pack;
        if (a->kind != AXIS_DIM || b->kind != AXIS_DIM || s->generic) continue;
        const char *why;
        if (sema_equal(s, a->dim, b->dim, &why) == DIM_PROVED) continue;
        if (dim_is_const(s->dims, a->dim, NULL) && dim_is_const(s->dims, b->dim, NULL)) return false;
        EntryState *entry = s->entry;
        if (!entry) return false;
        CoreRequire r = {.left = a->dim, .right = b->dim, .oper = OPER_EQ, .span = at};
        r.text = arena_print(s->arena, "%s == %s", dim_print(s->dims, s->arena, a->dim), dim_print(s->dims, s->arena, b->dim));
        vec_add(s->arena, &entry->entry->requires_, r);
        facts_add_equal(s->facts, a->dim, b->dim);
    }
    return true;
}

static Value expect_value(Sema *s, Value v, const FullType *want, Span at)
{
    if (v.kind == VAL_INT) v = value_as_tensor(s, &v, ELEM_int);
    if (v.kind != VAL_TENSOR || v.type.elem != want->tensor.elem) return v;
    if (want->tensor.bound && v.type.elem == ELEM_int && !s->generic) v = expect_bound(s, v, want->tensor.bound, at);
    if (want->tensor.bound) v.type.bound = want->tensor.bound;
    if (expect_shape(s, &v, &want->tensor, at)) {
        SemaType type = want->tensor;
        v = value_reshape_to(s, &v, &type);
    }
    return v;
}

static void bind_checked(Sema *s, const char *name, const TypeExpr *type, Value v, Span at, Span name_span)
{
    FullType want;
    if (!type_eval(s, type, &want, true) || is_error(&v)) {
        frame_bind(s, name, value_error(), name_span);
        return;
    }
    const char *why = "";
    Value given = v;
    if (value_fit(s, &v, &want, &why)) {
        tell_asked(s, name, &want, &given, name_span);
        bind_name(s, name, v, name_span, at);
        return;
    }
    Diag *d = diag_error(s->diags, "E0304", at, "`%s` is declared as %s but is given %s", name, full_type_print(s, &want),
                         value_describe(s, &given));
    if (why[0]) diag_note(d, "not equal for %s", why);
    if (given.kind == VAL_TENSOR && given.type.elem == ELEM_int && want.tensor.bound)
        diag_help(d, "expect %s: ... = ... checks it at run time", name);
    frame_bind(s, name, value_error(), name_span);
}

static void typed_eval(Sema *s, const Stmt *stmt)
{
    Value v = expr_eval(s, stmt->value);
    if (stmt->expect && !is_error(&v)) {
        FullType want;
        s->diags->muted++;
        bool known = type_eval(s, stmt->type, &want, true);
        s->diags->muted--;
        if (known && want.kind == TYPE_TENSOR) v = expect_value(s, v, &want, stmt->value->span);
    }
    bind_checked(s, stmt->name, stmt->type, v, stmt->value->span, stmt->name_span);
}

/* ---- state := value ------------------------------------------------------------------------- */

static Frame *entry_frame(Sema *s)
{
    for (Frame *f = s->frame; f; f = f->up)
        if (f->entry) return f;
    return NULL;
}

static const char *entry_words(Sema *s)
{
    EntryState *e = s->entry;
    if (!e) return "";
    const SourceFile *file = source_get(s->sources, e->decl->span.file);
    const char *kind = e->decl->kind == DECL_TRAIN  ? (e->derived ? "the evaluation derived from train" : "train")
                       : e->decl->kind == DECL_EVAL ? "eval"
                                                    : "export fn";
    return arena_print(s->arena, "%s %s (line %u)", kind, e->entry->name, source_line(file, e->decl->span.lo));
}

static void report_written(Sema *s, const Stmt *stmt)
{
    Diag *d = diag_error(s->diags, "E0412", stmt->name_span, "state `%s` is written in inference", stmt->name);
    Frame *frame = entry_frame(s);
    if (frame) diag_note(d, "reached from %s", entry_words(s));
    diag_help(d, "put it under `if training { ... }`");
}

static void set_eval(Sema *s, const Stmt *stmt)
{
    Instance *instance = s->frame->instance;
    Mem *m = instance && !frame_find(s->frame, stmt->name) ? instance_find(instance, stmt->name) : NULL;
    Value v = expr_eval(s, stmt->value);
    if (m && m->kind == MEM_LOCAL && is_error(&m->value)) return; /* its declaration is wrong */
    if (!m || m->kind != MEM_STATE) {
        Diag *d = diag_error(s->diags, "E0411", stmt->name_span, "`%s` is not a state%s: only a `state` is written with `:=`", stmt->name,
                             instance ? " of this layer" : "");
        if (m && m->kind == MEM_PARAM)
            diag_note(d, "parameters change by `minimize` only");
        else if (m && m->kind == MEM_LOCAL && m->value.kind == VAL_TENSOR)
            diag_help(d, "what is kept from step to step is declared as a state: state %s: %s = 0", m->name, type_print(s, &m->value.type));
        else
            diag_help(d, "write %s = ...", stmt->name);
        if (!m && !frame_find(s->frame, stmt->name)) frame_bind(s, stmt->name, value_error(), stmt->name_span);
        return;
    }
    bool allowed = instance->metric || (s->generic ? s->training_known && s->training : s->training);
    if (!allowed) {
        report_written(s, stmt);
        return;
    }
    if (is_error(&v)) return;
    FullType want = {.kind = TYPE_TENSOR, .tensor = m->type, .brackets = m->type.rank > 0};
    const char *why;
    Value given = v;
    if (!value_fit(s, &v, &want, &why)) {
        Diag *d = diag_error(s->diags, "E0304", stmt->value->span, "state `%s` is %s but is given %s", stmt->name, type_print(s, &m->type),
                             value_describe(s, &given));
        if (why[0]) diag_note(d, "not equal for %s", why);
        return;
    }
    if (s->generic) return;
    CoreRef in = value_use(s, &v, m->type.elem);
    int64_t attr = m->tensor;
    core_emit(s, instance->metric ? CORE_report_sum_set : CORE_state_set, NULL, &in, 1, &attr, 1);
    core_last(s)->n_out = 0;
    if (!instance->metric && s->entry) s->entry->entry->writes_state = true;
}

/* ---- control -------------------------------------------------------------------------------- */

static void return_eval(Sema *s, const Stmt *stmt)
{
    Frame *frame = s->frame;
    if (s->scope && s->scope->scan && s->scope->frame == frame) {
        diag_error(s->diags, "E0106", stmt->span, "a scan cannot be left with `return`");
        return;
    }
    if (frame->entry && s->entry && s->entry->decl->kind != DECL_FN) {
        Diag *d = diag_error(s->diags, "E0505", stmt->span, "`%s` blocks return nothing; values are shown with `report`",
                             s->entry->decl->kind == DECL_TRAIN ? "train" : "eval");
        if (stmt->values || stmt->value)
            diag_help(d, "write report %s", source_text(s, stmt->values ? stmt->values->span : stmt->value->span));
        return;
    }
    frame->result = eval_values(s, stmt->values ? stmt->values : stmt->value);
    const Expr *first = stmt->values ? stmt->values : stmt->value;
    frame->return_span = first ? first->span : stmt->span;
    for (const Expr *e = first; e; e = e->next)
        frame->return_span = span_join(frame->return_span, e->span);
    if (frame->result.kind == VAL_TUPLE)
        for (uint32_t i = 0; i < frame->result.n; i++)
            if (is_error(&frame->result.items[i])) frame->result = value_error();
    frame->returned = true;
}

/* A block that an error keeps from being evaluated: its names are known and mean nothing. */
static void bind_lost(Sema *s, const Stmt *block)
{
    for (const Stmt *stmt = block; stmt; stmt = stmt->next) {
        for (const Name *t = stmt->kind == STMT_ASSIGN ? stmt->targets : NULL; t; t = t->next)
            if (!t->hole) frame_bind(s, t->text, value_error(), t->span);
        bool named = stmt->kind == STMT_TYPED || stmt->kind == STMT_EMIT;
        if (named && !frame_find(s->frame, stmt->name)) frame_bind(s, stmt->name, value_error(), stmt->name_span);
        bind_lost(s, stmt->body);
        bind_lost(s, stmt->orelse);
    }
}

static void if_eval(Sema *s, const Stmt *stmt)
{
    bool run_time = s->frame->entry && s->entry && s->entry->decl->kind == DECL_TRAIN;
    Value tensor = value_none();
    int truth = expr_truth(s, stmt->cond, run_time ? &tensor : NULL);
    bool asked = truth < 0 && tensor.kind == VAL_TENSOR;
    if (asked) truth = s->entry->condition(s, stmt, &tensor);
    if (truth < 0) {
        bind_lost(s, stmt->body);
        bind_lost(s, stmt->orelse);
        return;
    }
    if (asked) s->entry->n_inside++;
    block_eval(s, truth ? stmt->body : stmt->orelse);
    if (asked) s->entry->n_inside--;
}

static void for_turn(Sema *s, const Stmt *stmt, Value v)
{
    frame_bind(s, stmt->name, v, stmt->name_span);
    block_eval(s, stmt->body);
}

static void for_eval(Sema *s, const Stmt *stmt)
{
    Value v = expr_eval(s, stmt->value);
    int64_t lo, hi;
    if (is_error(&v)) {
        bind_lost(s, stmt->body);
        return;
    }
    if (v.kind == VAL_INTS && v.n_unknown) {
        s->abort = true;
        return;
    }
    if (v.kind == VAL_INTS || v.kind == VAL_LIST) {
        for (uint32_t i = 0; i < v.n && !s->frame->returned && record_turn(s, stmt->value->span); i++)
            for_turn(s, stmt, v.items[i]);
        return;
    }
    if (v.kind != VAL_RANGE) {
        Diag *d = diag_error(s->diags, "E0315", stmt->value->span, "`for` runs in the compiler over a range a..b or a list, not %s",
                             value_describe(s, &v));
        if (v.kind == VAL_TENSOR)
            diag_help(d, "write `for %s in 0..n`, or for a loop at run time `scan %s in x along 1 with h = h0 { }`", stmt->name,
                      stmt->name);
        bind_lost(s, stmt->body);
        return;
    }
    if (!value_is_const_int(s, &v.items[0], &lo) || !value_is_const_int(s, &v.items[1], &hi)) {
        if (s->generic && v.items[0].kind == VAL_INT && v.items[1].kind == VAL_INT)
            s->abort = true;
        else
            diag_help(diag_error(s->diags, "E0315", stmt->value->span, "the bounds of a `for` have to be known to the compiler"),
                      "a loop at run time is a `scan`");
        if (!s->abort) bind_lost(s, stmt->body);
        return;
    }
    for (int64_t i = lo; i < hi && !s->frame->returned && !s->abort && record_turn(s, stmt->value->span); i++)
        for_turn(s, stmt, value_int(s, i));
}

static bool only_in_entry(Sema *s, const Stmt *stmt, const char *word)
{
    if (!s->frame->entry || !s->entry || s->entry->decl->kind == DECL_FN) {
        diag_error(s->diags, "E0502", stmt->span, "`%s` belongs in the body of a train%s", word, strcmp(word, "report") ? "" : " or eval");
        return false;
    }
    if (s->scope && s->scope->scan) {
        diag_error(s->diags, "E0502", stmt->span, "`%s` cannot stand in a scan", word);
        return false;
    }
    return true;
}

/* assert and print: what stands in them counts as no call and no draw, so that the random numbers of the step are the same without. */
static void probe_eval(Sema *s, const Stmt *stmt)
{
    bool print = stmt->kind == STMT_PRINT, assumes = s->generic && !print;
    uint32_t n = 0;
    for (const Arg *a = stmt->args; a; a = a->next)
        n++;
    n += count_values(stmt->values);
    Value *values = ARENA_ARRAY(s->arena, Value, n + 1);
    ProbeDraws draws = probe_begin(s);
    n = 0;
    s->assumes += assumes;
    for (const Expr *e = stmt->values; e; e = e->next)
        values[n++] = expr_eval(s, e);
    s->assumes -= assumes;
    for (const Arg *a = stmt->args; a; a = a->next)
        values[n++] = a->pack ? value_none() : expr_eval(s, a->value);
    probe_end(s, &draws);
    if (print)
        probe_print(s, stmt, values);
    else
        probe_assert(s, stmt, values, n);
}

static void stmt_eval(Sema *s, const Stmt *stmt)
{
    source_treat(s->sources, stmt->span);
    switch (stmt->kind) {
    case STMT_ASSIGN: assign_eval(s, stmt); break;
    case STMT_TYPED: typed_eval(s, stmt); break;
    case STMT_SET: set_eval(s, stmt); break;
    case STMT_RETURN: return_eval(s, stmt); break;
    case STMT_IF: if_eval(s, stmt); break;
    case STMT_FOR: for_eval(s, stmt); break;
    case STMT_SCAN: scan_eval(s, stmt); break;
    case STMT_EMIT: emit_eval(s, stmt); break;
    case STMT_MINIMIZE:
        if (only_in_entry(s, stmt, "minimize")) s->entry->statement(s, stmt);
        break;
    case STMT_REPORT:
        if (only_in_entry(s, stmt, "report")) s->entry->statement(s, stmt);
        break;
    case STMT_ASSERT:
    case STMT_PRINT: probe_eval(s, stmt); break;
    }
}

static bool block_returns(const Stmt *stmts);

/* Does every way through the statement end in a `return`? A loop may have no turn. */
static bool stmt_returns(const Stmt *stmt)
{
    return stmt->kind == STMT_RETURN || (stmt->kind == STMT_IF && block_returns(stmt->body) && block_returns(stmt->orelse));
}

static bool block_returns(const Stmt *stmts)
{
    for (const Stmt *stmt = stmts; stmt; stmt = stmt->next)
        if (stmt_returns(stmt)) return true;
    return false;
}

/* Statements behind a `return`: they are checked like others, and their results are no results. */
static void unreached_eval(Sema *s, const Stmt *stmts)
{
    Frame *frame = s->frame;
    Value result = frame->result;
    Span at = frame->return_span;
    diag_error(s->diags, "E0106", stmts->span, "this is never reached: the function has returned before");
    frame->returned = false;
    block_eval(s, stmts);
    frame->returned = true;
    frame->result = result;
    frame->return_span = at;
}

void block_eval(Sema *s, const Stmt *stmts)
{
    for (const Stmt *stmt = stmts; stmt; stmt = stmt->next) {
        if (s->abort || s->too_large || s->frame->returned) return;
        bool of_entry = s->entry && s->frame->entry && !s->generic;
        uint32_t first = s->diags->list.n;
        stmt_eval(s, stmt);
        if (of_entry) variant_made(s, stmt, first);
        if (!s->frame->returned || !stmt->next || !stmt_returns(stmt)) continue;
        unreached_eval(s, stmt->next);
        return;
    }
}
