/* SPDX-License-Identifier: MIT
 * entry.c: train, eval and export fn: binders, arguments, bodies, results; evaluations derived from
 * a train. */
#include "sema/entry.h"

#include <string.h>

#include "sema/base/entry_state.h"
#include "sema/base/frame.h"
#include "sema/base/match.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/base/taken.h"
#include "sema/export.h"
#include "sema/expr.h"
#include "sema/head.h"
#include "sema/minimize.h"
#include "sema/report.h"
#include "sema/stmt.h"
#include "sema/variant.h"
#include "sema/warn.h"
#include "sema/warn_body.h"
#include "support/budget.h"

/* ---- run-time conditions -------------------------------------------------------------------- */

/* A copy of what a condition is made of; 0: it is made of more than numbers, options and counters. */
static CoreRef clone_condition(Sema *s, const CoreBody *from, CoreRef ref, CoreBody *to)
{
    bool *live = ARENA_ARRAY(s->arena, bool, ref + 1);
    CoreRef *copy = ARENA_ARRAY(s->arena, CoreRef, ref + 1);
    body_ancestors(from, ref, live);
    for (CoreRef r = 1; r <= ref; r++) {
        const CoreIns *ins = body_ins(from, r);
        bool leaf = ins->op == CORE_const || ins->op == CORE_counter || ins->op == CORE_option;
        if (live[r] && !leaf && !core_properties(ins->op)) return 0;
    }
    for (CoreRef r = 1; r <= ref; r++) {
        if (!live[r]) continue;
        CoreIns ins = *body_ins(from, r);
        CoreRef *in = ARENA_ARRAY(s->arena, CoreRef, ins.n_in + 1);
        for (uint32_t i = 0; i < ins.n_in; i++)
            in[i] = copy[ins.in[i]];
        ins.in = in;
        vec_add(s->arena, &to->ins, ins);
        copy[r] = to->ins.n;
    }
    return copy[ref];
}

static int condition_truth(const EntryState *e, const Condition *c)
{
    return (int)(e->mask >> c->bit & 1) ^ c->negated;
}

/* A condition over step and epoch: its truth in the body that is made now. -1 after an error. */
static int entry_condition(Sema *s, const Stmt *stmt, const Value *cond)
{
    EntryState *e = s->entry;
    CoreEntry *entry = e->entry;
    uint32_t ordinal = entry_ordinal(s, stmt);
    for (uint32_t i = 0; i < e->conditions.n; i++)
        if (e->conditions.at[i].stmt == stmt && e->conditions.at[i].ordinal == ordinal) return condition_truth(e, &e->conditions.at[i]);
    if (!entry->cond_body) entry->cond_body = ARENA_NEW(s->arena, CoreBody);
    uint32_t first = entry->cond_body->ins.n;
    CoreRef ref = cond->type.rank == 0 ? clone_condition(s, cond->body, cond->ref, entry->cond_body) : 0;
    if (!ref || (s->scope && s->scope->scan)) {
        Diag *d = diag_error(s->diags, "E0314", stmt->cond->span,
                             "`if` runs in the compiler; in a train it may also ask for step, "
                             "epoch, steps and options");
        diag_label(d, stmt->cond->span, "%s", type_print(s, &cond->type));
        diag_help(d, "for a run-time choice use where(c, a, b)");
        return -1;
    }
    Condition c = {.stmt = stmt, .ordinal = ordinal};
    c.bit = variant_condition(s, first, ref, &c.negated);
    if (c.bit == MAX_CONDITIONS) {
        entry->cond_body->results.n--;
        diag_error(s->diags, "E0604", stmt->cond->span, "a train has at most %d conditions over step and epoch", MAX_CONDITIONS);
        return -1;
    }
    entry->n_conditions = entry->cond_body->results.n;
    vec_add(s->arena, &e->conditions, c);
    return condition_truth(e, &c);
}

/* ---- arguments ------------------------------------------------------------------------------ */

/* Binders of train and eval: the batch, then the run-time sizes of the data in its order. */
static void step_binders(Sema *s, EntryState *e)
{
    CoreEntry *entry = e->entry;
    const Name *b = e->decl->binders;
    for (const Name *pack = b; pack; pack = pack->next)
        if (pack->pack)
            diag_error(s->diags, "E0319", pack->span, "%s has no pack: its sizes are the batch and those of its data",
                       e->decl->kind == DECL_TRAIN ? "a train" : "an eval");
    Symbol batch = symbol_new(s->dims, b ? b->text : "B");
    entry_binder(s, entry, batch, b ? b->text : "B");
    e->batch = dim_symbol(s->dims, batch);
    if (b) b = b->next;
    const CoreData *data = entry->data >= 0 ? &s->program->data.at[entry->data] : NULL;
    for (uint32_t i = 0; data && i < data->symbols.n; i++) {
        const char *name = b ? b->text : symbol_name(s->dims, data->symbols.at[i]);
        Symbol symbol = symbol_new(s->dims, name);
        entry_binder(s, entry, symbol, name);
        vec_add(s->arena, &entry->data_symbols, symbol);
        if (b) b = b->next;
    }
    if (!b) return;
    Diag *d = diag_error(s->diags, "E0506", b->span, "`%s` names nothing: the data has %u run-time size%s", b->text,
                         data ? data->symbols.n : 0, data && data->symbols.n == 1 ? "" : "s");
    diag_note(d, "the first name is the batch, the following name the sizes in [ ] of the data block");
}

/* `ex in d.train`, also where it does not stand first, which is told of. */
static const Head *data_head(const Decl *decl)
{
    for (const Head *h = decl->heads; h; h = h->next)
        if (h->in) return h;
    return NULL;
}

static void bind_step_names(Sema *s, EntryState *e)
{
    uint32_t i = 0;
    for (const Name *b = e->decl->binders; b && i < e->entry->binders.n; b = b->next, i++) {
        Local local = {
            .name = b->text, .span = b->span, .binder = true, .value = value_dim(s, dim_symbol(s->dims, e->entry->binders.at[i]))};
        vec_add(s->arena, &e->frame->locals, local);
    }
    const Head *h = data_head(e->decl);
    if (h && e->entry->data >= 0) {
        Value v = expr_eval(s, h->value);
        if (v.kind == VAL_PART) v.kind = VAL_EXAMPLE;
        Local local = {.name = h->name, .span = h->name_span, .value = v};
        vec_add(s->arena, &e->frame->locals, local);
    }
    for (h = e->decl->heads; h; h = h->next) { /* `ex = d.train` is an error of the head: the body goes on as with `in` */
        if (h->in || !h->value || h->value->kind != EXPR_FIELD || name_is_flag(h->name)) continue;
        Local local = {.name = h->name, .span = h->name_span, .value = value_error()};
        vec_add(s->arena, &e->frame->locals, local);
    }
}

static void find_data(Sema *s, EntryState *e)
{
    const Head *h = data_head(e->decl);
    CoreEntry *entry = e->entry;
    entry->data = -1;
    if (!h) return;
    Value v = expr_eval(s, h->value);
    if (is_error(&v)) {
        e->global->bad = true;
        return;
    }
    if (v.kind != VAL_PART) {
        Diag *d =
            diag_error(s->diags, "E0501", h->value->span, "`%s in` needs a part of a data block, not %s", h->name, value_describe(s, &v));
        if (v.kind == VAL_DATA) diag_help(d, "write %s.all or %s.train", source_text(s, h->value->span), source_text(s, h->value->span));
        e->global->bad = true;
        return;
    }
    Global *g = v.def;
    entry->data = (int32_t)g->index;
    entry->part = v.text;
    e->used_fields = ARENA_ARRAY(s->arena, bool, s->program->data.at[g->index].fields.n + 1);
}

/* ---- evaluation of the body ----------------------------------------------------------------- */

static void evaluate_body(Sema *s, EntryState *e)
{
    uint32_t mark = facts_mark(s->facts);
    s->frame = NULL;
    s->scope = NULL;
    e->ordinals.n = 0;
    e->evaluation++;
    e->weights.n = 0;
    e->goals.n = 0;
    e->noted.n = 0;
    e->frame = frame_push(s, e->global->unit, NULL, e->decl->kind == DECL_FN ? e->decl->fn : NULL, e->decl->span);
    e->frame->entry = true;
    e->frame->hash = hash_mix(hash_text(e->entry->name), 7);
    e->top = body_push(s, false, 0)->body;
    s->training = e->decl->kind == DECL_TRAIN && !e->derived;
    s->path = "";
    s->call_span = e->decl->span;
    if (e->decl->kind == DECL_FN) {
        bool named = export_bind_names(s, e);
        export_requires(s, e);
        e->frame->result = value_error();
        if (named) e->frame->result = value_none(), block_eval(s, e->decl->fn->body);
        export_results(s, e);
    } else {
        bind_step_names(s, e);
        block_eval(s, e->decl->body);
        report_goals(s);
    }
    e->entry->body[e->mask] = e->top;
    facts_reset(s->facts, mark);
    s->frame = NULL;
    s->scope = NULL;
    s->body = NULL;
    s->training = false;
}

/* The fields that the body uses become arguments, in the order of the block. */
static void number_fields(Sema *s, EntryState *e)
{
    CoreEntry *entry = e->entry;
    if (entry->data < 0) return;
    const CoreData *data = &s->program->data.at[entry->data];
    uint32_t *number = ARENA_ARRAY(s->arena, uint32_t, data->fields.n + 1), n = 0;
    for (uint32_t i = 0; i < data->fields.n; i++) {
        if (!e->used_fields[i]) continue;
        number[i] = n++;
        SemaType type = example_type(s, e, &data->fields.at[i]);
        CoreArg arg = {.name = data->fields.at[i].name,
                       .role = ROLE_FIELD,
                       .type = core_type(s, &type),
                       .bound = type.bound,
                       .data = entry->data,
                       .field = (int32_t)i,
                       .span = data->fields.at[i].span};
        vec_add(s->arena, &entry->args, arg);
    }
    for (uint32_t mask = 0; mask < 1u << entry->n_conditions; mask++) {
        CoreBody *body = entry->body[mask];
        for (uint32_t i = 0; body && i < body->ins.n; i++)
            if (body->ins.at[i].op == CORE_arg) body->ins.at[i].attr[0] = number[body->ins.at[i].attr[0]];
    }
}

/* Sizes of the data that are not named and that no used field has are no arguments. */
static void drop_unused_binders(Sema *s, EntryState *e)
{
    CoreEntry *entry = e->entry;
    uint32_t named = 0;
    for (const Name *b = e->decl->binders; b; b = b->next)
        named++;
    if (!named) named = 1;
    for (uint32_t i = entry->binders.n; i-- > named;) {
        bool used = false;
        for (uint32_t k = 0; k < entry->args.n; k++)
            for (int a = 0; a < entry->args.at[k].type.rank; a++)
                used |= dim_mentions(s->dims, entry->args.at[k].type.dim[a], entry->binders.at[i]);
        if (used) continue;
        for (uint32_t k = i + 1; k < entry->binders.n; k++) {
            entry->binders.at[k - 1] = entry->binders.at[k];
            entry->binder_names.at[k - 1] = entry->binder_names.at[k];
        }
        entry->binders.n--;
        entry->binder_names.n--;
    }
}

static void head_defaults(CoreEntry *entry)
{
    CoreHead *h = &entry->head;
    *h = (CoreHead){.batch = 32,
                    .epochs = 1,
                    .steps = entry->kind == ENTRY_EVAL ? 1 : 0,
                    .shuffle = entry->kind == ENTRY_TRAIN,
                    .accumulate = 1,
                    .log_every = 100};
}

static void run_entry(Sema *s, EntryState *e)
{
    CoreEntry *entry = e->entry;
    int errors = s->diags->n_errors;
    for (e->mask = 0; e->mask < 1u << entry->n_conditions; e->mask++) {
        uint32_t first = s->diags->list.n;
        e->n_errors_of_others = s->diags->n_errors - errors;
        evaluate_body(s, e);
        variant_said(s, e->mask, first);
    }
    e->n_errors_of_others = 0;
    variant_settle(s);
    number_fields(s, e);
    if (entry->kind != ENTRY_EXPORT) drop_unused_binders(s, e);
}

static void check_limit(Sema *s, const CoreEntry *entry, uint32_t n, uint32_t most, const char *what, const char *help)
{
    if (n <= most) return;
    Diag *d = diag_error(s->diags, "E0605", entry->span, "`%s` has %u %s, but at most %u are possible", entry->name, n, what, most);
    diag_help(d, "%s", help);
}

/* The tables of a call have a fixed length. */
static void check_limits(Sema *s, const CoreEntry *entry)
{
    uint32_t n_sizes = entry->binders.n, n_pointers = entry->outs.n;
    for (uint32_t i = 0; i < entry->args.n; i++)
        if (entry->args.at[i].role == ROLE_DIM)
            n_sizes++;
        else
            n_pointers++;
    check_limit(s, entry, n_sizes, CORE_MAX_SIZES, "sizes", "give axes that are equally long one name");
    check_limit(s, entry, n_pointers, CORE_MAX_ARGS, entry->kind == ENTRY_EXPORT ? "arguments and results" : "fields of the data",
                "put values of one type together: one tensor with an axis more");
    if (entry->reports.n > CORE_MAX_ARGS)
        diag_help(diag_error(s->diags, "E0605", entry->span, "`%s` has more than %d reports", entry->name, CORE_MAX_ARGS),
                  "report a tensor, or fewer values");
}

static void entry_statement(Sema *s, const Stmt *stmt)
{
    if (stmt->kind == STMT_MINIMIZE)
        minimize_eval(s, stmt);
    else
        report_eval(s, stmt);
}

static EntryState *entry_begin(Sema *s, Global *global, bool derived)
{
    EntryState *e = ARENA_NEW(s->arena, EntryState);
    const Decl *d = global->decl;
    e->entry = ARENA_NEW(s->arena, CoreEntry);
    e->statement = entry_statement;
    e->condition = entry_condition;
    e->global = global;
    e->decl = d;
    e->derived = derived;
    e->entry->name = d->name;
    e->entry->span = d->kind == DECL_FN ? d->fn->name_span : d->name_span;
    e->entry->kind = derived || d->kind == DECL_EVAL ? ENTRY_EVAL : d->kind == DECL_TRAIN ? ENTRY_TRAIN : ENTRY_EXPORT;
    core_treat(e->entry, s->sources);
    e->entry->derived_from = -1;
    e->entry->data = -1;
    e->entry->report_body = ARENA_NEW(s->arena, CoreBody);
    head_defaults(e->entry);
    return e;
}

/* Names of the program in the head: evaluated outside of the body. */
static void entry_head(Sema *s, EntryState *e)
{
    s->frame = NULL;
    s->scope = NULL;
    frame_push(s, e->global->unit, NULL, NULL, e->decl->span);
    body_push(s, false, 0);
    find_data(s, e);
    if (!e->derived) head_eval(s, e->global, e->entry);
    s->frame = NULL;
    s->scope = NULL;
    s->body = NULL;
}

/* Far too many arguments are not looked at one by one. */
static bool has_too_many(Sema *s, const Global *global)
{
    const Decl *d = global->decl;
    uint32_t n = d->kind == DECL_FN ? param_count(d->fn->params) : 0, n_sizes = 0;
    for (const Name *b = d->kind == DECL_FN ? d->fn->binders : d->binders; b; b = b->next)
        n_sizes++;
    if (n > CORE_MAX_ARGS + CORE_MAX_SIZES)
        diag_error(s->diags, "E0605", d->fn->name_span, "`%s` has %u arguments, but at most %d are possible", d->name, n, CORE_MAX_ARGS);
    else if (n_sizes > 4 * CORE_MAX_SIZES)
        diag_error(s->diags, "E0605", d->kind == DECL_FN ? d->fn->name_span : d->name_span,
                   "`%s` has %u sizes, but at most %d are possible", d->name, n_sizes, CORE_MAX_SIZES);
    else
        return false;
    return true;
}

void entry_check(Sema *s, Global *global)
{
    if (has_too_many(s, global)) {
        global->bad = true;
        return;
    }
    int errors = s->diags->n_errors;
    EntryState *e = entry_begin(s, global, false);
    s->entry = e;
    taken_check_entry(s, global);
    if (global->decl->kind == DECL_FN)
        export_binders(s, e);
    else {
        entry_head(s, e);
        if (global->bad) {
            s->entry = NULL;
            return;
        }
        step_binders(s, e);
    }
    run_entry(s, e);
    check_limits(s, e->entry);
    global->index = s->program->entries.n;
    vec_add(s->arena, &s->program->entries, e->entry);
    if (s->diags->n_errors == errors) warn_entry(s, e->entry);
    variant_settle(s);
    global->bad = s->diags->n_errors > errors;
    s->entry = NULL;
}

/* What the train minimizes is better where it is less in its evaluation, too. */
static void take_goals(CoreEntry *e, const CoreEntry *train)
{
    for (uint32_t i = 0; i < e->reports.n; i++)
        for (uint32_t k = 0; k < train->reports.n; k++)
            if (e->reports.at[i].goal == GOAL_NONE && !strcmp(e->reports.at[i].name, train->reports.at[k].name))
                e->reports.at[i].goal = train->reports.at[k].goal;
}

/* The same body without training and minimize, reporting the same names. */
void entry_derive(Sema *s, Global *global)
{
    EntryState *e = entry_begin(s, global, true);
    s->entry = e;
    entry_head(s, e);
    const CoreEntry *train = s->program->entries.at[global->index];
    e->entry->head = train->head;
    e->entry->head.shuffle = false;
    e->entry->derived_from = (int32_t)global->index;
    step_binders(s, e);
    run_entry(s, e);
    take_goals(e->entry, train);
    vec_add(s->arena, &s->program->entries, e->entry);
    s->entry = NULL;
}
