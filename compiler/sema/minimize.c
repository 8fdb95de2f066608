/* SPDX-License-Identifier: MIT
 * minimize.c: minimize L over P except Q using O: paths, optimizers and their arguments
 * (language.md 5.3). */
#include "sema/depend.h"
#include "sema/goal.h"

#include <string.h>

const char *const optimizer_names[] = {"sgd",   "momentum", "nesterov", "adam",
                                       "adamw", "rmsprop",  "adagrad",  NULL};

/* ---- optimizers ----------------------------------------------------------------------------- */

enum { MAX_OPTIMIZER_ARGS = 8 };
typedef struct OptimizerRow {
    const char *name;
    double lr;
    const char *arg[3];
    double start[3];
} OptimizerRow;

static const OptimizerRow rows[] = {
    {"sgd", 0.01, {NULL}, {0}},
    {"momentum", 0.01, {"mu"}, {0.9}},
    {"nesterov", 0.01, {"mu"}, {0.9}},
    {"adam", 0.001, {"beta1", "beta2", "eps"}, {0.9, 0.999, 1e-8}},
    {"adamw", 0.001, {"beta1", "beta2", "eps"}, {0.9, 0.999, 1e-8}},
    {"rmsprop", 0.001, {"rho", "eps", "mu"}, {0.9, 1e-8, 0}},
    {"adagrad", 0.001, {"eps"}, {1e-10}},
};
static const char *const common[] = {"lr", "decay", "clip", "clip_value"};

static const OptimizerRow *find_row(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, name)) return &rows[i];
    return NULL;
}

static const char *arg_name(const OptimizerRow *row, int k)
{
    return k < 4 ? common[k] : k - 4 < 3 ? row->arg[k - 4] : NULL;
}

static int find_arg(const OptimizerRow *row, const char *name)
{
    for (int k = 0; k < 7; k++)
        if (arg_name(row, k) && !strcmp(arg_name(row, k), name)) return k;
    return -1;
}

typedef struct OptimizerCall {
    const OptimizerRow *row;
    const Expr *call;
    Global *named;
    Value arg[MAX_OPTIMIZER_ARGS];
    bool given[MAX_OPTIMIZER_ARGS];
    bool centered;
} OptimizerCall;

static void unknown_optimizer(Sema *s, const Expr *e, const char *name)
{
    Diag *d = diag_error(s->diags, "E0504", e->span, "there is no optimizer `%s`", name);
    const char *close = suggest_among(name, optimizer_names, 7);
    if (close)
        diag_help(d, "did you mean %s(...)?", close);
    else
        diag_note(d, "there are sgd, momentum, nesterov, adam, adamw, rmsprop and adagrad");
}

static bool find_optimizer(Sema *s, const Expr *e, OptimizerCall *o)
{
    if (e->kind == EXPR_NAME) {
        Global *g = unit_find(s->main, e->name);
        if (g && g->decl->kind == DECL_OPTIMIZER) {
            o->named = g;
            return find_optimizer(s, g->decl->value, o);
        }
        if (find_row(e->name))
            diag_help(diag_error(s->diags, "E0504", e->span, "an optimizer is called"),
                      "write %s(...)", e->name);
        else
            unknown_optimizer(s, e, e->name);
        return false;
    }
    if (e->kind != EXPR_CALL || e->a->kind != EXPR_NAME) {
        diag_error(s->diags, "E0504", e->span, "`using` needs an optimizer such as adam(lr=0.001)");
        return false;
    }
    const char *name = e->a->name;
    o->row = find_row(name);
    o->call = e;
    if (!o->row) {
        static const char *const habits[][2] = {{"Adam", "adam"},
                                                {"SGD", "sgd"},
                                                {"AdamW", "adamw"},
                                                {"RMSprop", "rmsprop"},
                                                {"RMSProp", "rmsprop"}};
        for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
            if (!strcmp(habits[i][0], name)) {
                diag_help(
                    diag_error(s->diags, "E0504", e->a->span, "there is no optimizer `%s`", name),
                    "write %s(...)", habits[i][1]);
                return false;
            }
        unknown_optimizer(s, e->a, name);
    }
    return o->row != NULL;
}

static bool optimizer_number(Sema *s, const Value *v)
{
    bool scalar = v->kind == VAL_TENSOR && v->type.rank == 0 &&
                  (v->type.elem == ELEM_float || v->type.elem == ELEM_int);
    (void)s;
    return v->kind == VAL_INT || v->kind == VAL_FLOAT || scalar;
}

static bool optimizer_arguments(Sema *s, OptimizerCall *o)
{
    for (int k = 0; k < 7; k++) {
        if (!arg_name(o->row, k)) continue;
        o->arg[k] = value_float(k == 0 ? o->row->lr : k < 4 ? 0 : o->row->start[k - 4]);
    }
    for (const Arg *a = o->call->args; a; a = a->next) {
        if (a->pack || (!a->name && a != o->call->args)) {
            diag_error(s->diags, "E0504", a->span,
                       "the arguments of an optimizer have names: lr=0.001");
            return false;
        }
        const char *name = a->name ? a->name : "lr";
        Value v = expr_eval(s, a->value);
        if (is_error(&v)) return false;
        if (!strcmp(name, "centered") && !strcmp(o->row->name, "rmsprop")) {
            if (v.kind != VAL_BOOL) {
                diag_error(s->diags, "E0504", a->span, "centered is true or false");
                return false;
            }
            o->centered = v.truth > 0;
            continue;
        }
        int k = find_arg(o->row, name);
        if (k < 0) {
            Diag *d = diag_error(s->diags, "E0504", a->name_span, "%s has no argument `%s`",
                                 o->row->name, name);
            if (!strcmp(name, "weight_decay"))
                diag_help(d, "here it is called `decay`");
            else if (!strcmp(name, "momentum"))
                diag_help(d, "here it is called `mu`, of the optimizer momentum(lr=..., mu=0.9)");
            else if (!strcmp(name, "learning_rate"))
                diag_help(d, "here it is called `lr`");
            return false;
        }
        if (!optimizer_number(s, &v)) {
            diag_error(s->diags, "E0504", a->value->span, "`%s` of %s is a number, not %s", name,
                       o->row->name, value_describe(s, &v));
            return false;
        }
        if (o->given[k]) diag_error(s->diags, "E0120", a->span, "`%s` is given twice", name);
        bool eps = !strcmp(name, "eps"), beta = !strncmp(name, "beta", 4) || !strcmp(name, "rho");
        double x = v.kind == VAL_FLOAT ? v.number : 0.5;
        int64_t n;
        if (value_is_const_int(s, &v, &n)) x = (double)n;
        if ((eps && x <= 0) || (beta && (x < 0 || x >= 1)) || (!eps && !beta && x < 0))
            diag_error(s->diags, "E0504", a->value->span,
                       eps    ? "eps has to be above 0"
                       : beta ? "`%s` is at least 0 and below 1"
                              : "`%s` cannot be negative",
                       name);
        o->arg[k] = v;
        o->arg[k].span = a->value->span;
        o->given[k] = true;
    }
    return true;
}

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
        diag_error(s->diags, "E0510", e->name_span,
                   "`%s` is a state: it is written with `:=`, not by minimize", e->name);
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
bool path_tensors(Sema *s, const Expr *e, TensorList *out)
{
    bool done;
    if (!path_parameter(s, e, out, &done)) return false;
    if (done) return true;
    Value v = expr_eval(s, e);
    if (is_error(&v)) return false;
    if (v.kind == VAL_LIST || v.kind == VAL_TUPLE) {
        diag_error(s->diags, "E0510", e->span,
                   "several paths are separated by commas, without brackets");
        return false;
    }
    if (v.kind != VAL_LAYER) {
        Diag *d = diag_error(s->diags, "E0510", e->span,
                             "`over` needs a model, a layer of it or a parameter, not %s",
                             value_describe(s, &v));
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
        if (!t.t.n)
            diag_error(s->diags, "E0510", e->span, "there are no parameters under `%s`",
                       source_text(s, e->span));
        bool any = false;
        for (uint32_t i = 0; i < t.t.n; i++) {
            any |= marked[t.t.at[i]] != value;
            marked[t.t.at[i]] = value;
        }
        if (!any && !value && t.t.n)
            diag_error(s->diags, "E0510", e->span, "`%s` is not under the paths of `over`",
                       source_text(s, e->span));
    }
    return true;
}

/* ---- the statement -------------------------------------------------------------------------- */

static bool check_loss(Sema *s, const Stmt *stmt, Value *loss)
{
    if (is_error(loss)) return false;
    if (loss->kind == VAL_TENSOR && loss->type.rank == 0 && loss->type.elem == ELEM_float)
        return true;
    Diag *d =
        diag_error(s->diags, "E0509", stmt->value->span,
                   "only a float scalar can be minimized, this is %s", value_describe(s, loss));
    if (loss->kind == VAL_TENSOR && loss->type.elem == ELEM_float)
        diag_help(d, "write mean(%s)", source_text(s, stmt->value->span));
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
        Diag *d = diag_error(s->diags, "E0511", stmt->value->span,
                             "this loss depends on no parameter under `over`");
        for (const Expr *e = stmt->values; e; e = e->next)
            diag_label(d, e->span, "%s", "");
        return;
    }
    CoreRef minimize = 0, use = find_stale_use(s, s->body, ref, over, 0, &minimize);
    if (use) {
        const SourceFile *file = source_get(s->sources, stmt->span.file);
        const CoreIns *ins = &s->body->ins.at[use - 1];
        uint32_t line = source_line(file, s->body->ins.at[minimize - 1].span.lo);
        Diag *d = diag_error(s->diags, "E0508", stmt->value->span,
                             "%s was computed with parameters that line %u has since updated",
                             source_text(s, stmt->value->span), line);
        if (has_span(ins->span)) diag_trail(d, ins->span, "old parameters used here");
        diag_help(d, "compute %s again after line %u", source_text(s, stmt->value->span), line);
        return;
    }
    if (missing && n_over && !s->diags->n_errors) { /* what was not understood depends on nothing */
        Diag *d = diag_warning(
            s->diags, "W0511", stmt->values->span, "the loss does not depend on %s%s", first,
            missing == 2  ? " and another parameter"
            : missing > 2 ? arena_print(s->arena, " and %u other parameters", missing - 1)
                          : "");
        diag_help(d, "leave them out with `except`");
    }
}

static void emit_minimize(Sema *s, const Stmt *stmt, const Value *loss, OptimizerCall *o,
                          const CoreMinimize *m, uint32_t index)
{
    CoreRef in[MAX_OPTIMIZER_ARGS + 1];
    uint32_t n = 0;
    in[n++] = value_use(s, loss, ELEM_none);
    bool metric = s->in_metric;
    s->in_metric = true; /* f64 */
    for (int k = 0; k < 7; k++) {
        if (!arg_name(o->row, k)) continue;
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
    (void)m;
}

static int32_t slot_set(Sema *s, const OptimizerCall *o)
{
    EntryState *e = s->entry;
    if (o->named && o->named->slots && o->named->value.def == e->entry) return o->named->slots - 1;
    int32_t next = 0;
    for (uint32_t i = 0; i < e->entry->minimizes.n; i++)
        if (e->entry->minimizes.at[i].slots >= next) next = e->entry->minimizes.at[i].slots + 1;
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
static uint32_t minimize_record(Sema *s, const Stmt *stmt, const OptimizerCall *o, const bool *over,
                                const Value *loss)
{
    EntryState *e = s->entry;
    uint32_t ordinal = entry_ordinal(s, stmt);
    for (uint32_t i = 0; i < e->minimizes.n; i++)
        if (e->minimizes.at[i].stmt == stmt && e->minimizes.at[i].ordinal == ordinal)
            return e->minimizes.at[i].index;
    CoreMinimize m = {.span = stmt->span, .optimizer = o->row->name, .centered = o->centered};
    bool rms = !strcmp(o->row->name, "rmsprop");
    m.has_mu = rms && o->given[6] && !(o->arg[6].kind == VAL_FLOAT && o->arg[6].number == 0) &&
               !(o->arg[6].kind == VAL_INT && o->arg[6].dim == dim_const(s->dims, 0));
    for (int k = 0; k < 7; k++)
        m.n_args += arg_name(o->row, k) != NULL;
    for (uint32_t i = 0; i < s->program->tensors.n; i++) {
        if (!over[i]) continue;
        vec_add(s->arena, &m.over, i);
        s->program->tensors.at[i].trained = true;
    }
    note_surrogates(s, loss, over, &m);
    m.slots = slot_set(s, o);
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
    ok &= find_optimizer(s, stmt->optimizer, o) && optimizer_arguments(s, o);
    if (!ok) return;
    check_gradient(s, stmt, &loss, over);
    goal_note_loss(s, &loss);
    uint32_t index = minimize_record(s, stmt, o, over, &loss);
    emit_minimize(s, stmt, &loss, o, &e->entry->minimizes.at[index], index);
}
