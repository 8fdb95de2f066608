/* SPDX-License-Identifier: MIT
 * warn.c: programs that type-check and are almost surely wrong (messages.md#mistakes-that-look-right), and parameters
 * that nothing trains.
 *
 * These look at the instructions of a checked entry. Each must stay silent on right programs: the
 * examples and the library are the test. W0701 is seen at the call (library.c), W0702 by the
 * primitives. */
#include "sema/warn.h"

#include <string.h>

#include "sema/variant.h"
#include "sema/warn_body.h"
#include "sema/warn_bytes.h"
#include "sema/warn_padding.h"
#include "sema/warn_schedule.h"
#include "sema/warn_sequence.h"
#include "sema/warn_values.h"
#include "support/functions.h"

/* ---- W0510: parameters that nothing trains -------------------------------------------------- */

static const CoreMinimize *any_minimize(const CoreProgram *p, uint32_t tensor)
{
    const CoreTensor *t = &p->tensors.at[tensor];
    size_t n = strcspn(t->name, ".");
    for (uint32_t i = 0; i < p->entries.n; i++) {
        const CoreEntry *e = p->entries.at[i];
        for (uint32_t k = 0; k < e->minimizes.n; k++) {
            const CoreMinimize *m = &e->minimizes.at[k];
            for (uint32_t j = 0; j < m->over.n; j++)
                if (!strncmp(p->tensors.at[m->over.at[j]].name, t->name, n + 1)) return m;
        }
    }
    return NULL;
}

static void untrained(Sema *s)
{
    const CoreProgram *p = s->program;
    bool load = false; /* weights that come from elsewhere are frozen on purpose */
    for (uint32_t k = 0; k < p->entries.n; k++)
        load |= p->entries.at[k]->head.load.n || p->entries.at[k]->head.init.n;
    for (uint32_t i = 0; i < p->tensors.n && !load; i++) {
        if (p->tensors.at[i].is_state || p->tensors.at[i].trained) continue;
        const CoreMinimize *m = any_minimize(p, i); /* a model that is not trained here at all is no mistake */
        if (m) diag_warning(s->diags, "W0510", m->span, "%s is never trained: no minimize covers it", p->tensors.at[i].name);
    }
}

static bool writes_state(const CoreBody *body)
{
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        if (ins->op == CORE_state_set) return true;
        for (int k = 0; k < 2; k++)
            if (ins->bodies[k] && writes_state(ins->bodies[k])) return true;
    }
    return false;
}

/* A training that changes nothing; one that only gathers numbers of the data changes states. */
static void trains_nothing(Sema *s, const CoreEntry *entry)
{
    bool changes = entry->minimizes.n > 0;
    for (uint32_t k = 0; k < 1u << entry->n_conditions; k++)
        changes |= writes_state(entry->body[k]);
    if (changes) return;
    Diag *d = diag_warning(s->diags, "W0510", entry->span, "%s trains nothing: there is no minimize in it", entry->name);
    diag_help(d, "write minimize loss over net using adam(); what only measures is declared with eval");
}

void warn_program(Sema *s)
{
    if (!s->diags->n_errors) untrained(s);
}

/* ---- W0704: statistics of frozen weights ---------------------------------------------------- */

static void find_written(const CoreBody *body, bool *written)
{
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *ins = &body->ins.at[i];
        if (ins->op == CORE_state_set) written[ins->attr[0]] = true;
        for (int k = 0; k < 2; k++)
            if (ins->bodies[k]) find_written(ins->bodies[k], written);
    }
}

/* The nearest path around the state that has parameters: is one of them trained in this block? 1
 * yes, 0 no, -1 there are none. */
static int trained_around(const CoreProgram *p, const char *name, const bool *over)
{
    size_t n = strlen(name);
    for (;;) {
        while (n && name[n - 1] != '.')
            n--;
        if (!n) return -1;
        bool any = false, trained = false;
        for (uint32_t i = 0; i < p->tensors.n; i++) {
            if (p->tensors.at[i].is_state || strncmp(p->tensors.at[i].name, name, n) != 0) continue;
            any = true;
            trained |= over[i];
        }
        if (any) return trained;
        n--;
    }
}

static void frozen_statistics(Sema *s, const CoreEntry *entry)
{
    const CoreProgram *p = s->program;
    if (!entry->minimizes.n) return;
    bool *written = ARENA_ARRAY(s->arena, bool, p->tensors.n + 1), *over = ARENA_ARRAY(s->arena, bool, p->tensors.n + 1);
    for (uint32_t k = 0; k < 1u << entry->n_conditions; k++)
        find_written(entry->body[k], written);
    for (uint32_t k = 0; k < entry->minimizes.n; k++)
        for (uint32_t j = 0; j < entry->minimizes.at[k].over.n; j++)
            over[entry->minimizes.at[k].over.at[j]] = true;
    for (uint32_t i = 0; i < p->tensors.n; i++) {
        if (!written[i] || trained_around(p, p->tensors.at[i].name, over) != 0) continue;
        Diag *d = diag_warning(s->diags, "W0704", entry->span, "%s writes %s, but no parameter beside it is trained here", entry->name,
                               p->tensors.at[i].name);
        diag_help(d, "call the frozen part with training=false");
        return;
    }
}

/* ---- W0707, W0708: data --------------------------------------------------------------------- */

static bool has_size(const Sema *s, const CoreData *data, const CoreField *f)
{
    for (int a = 0; a < f->type.rank; a++)
        for (uint32_t i = 0; i < data->symbols.n; i++)
            if (dim_mentions(s->dims, f->type.dim[a], data->symbols.at[i])) return true;
    return false;
}

static bool entry_uses(const CoreEntry *entry, int field)
{
    for (uint32_t i = 0; i < entry->args.n; i++)
        if (entry->args.at[i].role == ROLE_FIELD && entry->args.at[i].field == field) return true;
    return false;
}

static bool compares(Sema *s, const CoreBody *body, bool *from);

/* Does the body of a scan compare what it is given of the values in `from`? */
static bool scan_compares(Sema *s, const CoreIns *scan, const bool *from)
{
    const CoreBody *body = scan->bodies[0];
    bool *inside = ARENA_ARRAY(s->arena, bool, body->ins.n + 1);
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *arg = &body->ins.at[i];
        inside[i + 1] = arg->op == CORE_arg && arg->attr[0] < scan->n_in && from[scan->in[arg->attr[0]]];
    }
    return compares(s, body, inside);
}

/* Is a value in `from`, or a part of one, compared with something: `words != 0`? */
static bool compares(Sema *s, const CoreBody *body, bool *from)
{
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = &body->ins.at[r - 1];
        bool any = false, moves = ins->op == CORE_cast || (ins->op >= CORE_reshape && ins->op <= CORE_roll);
        for (uint32_t i = 0; i < ins->n_in; i++)
            any |= from[ins->in[i]];
        if (!any) continue;
        if ((core_properties(ins->op) & COMPARES) || ins->op == CORE_minimum || ins->op == CORE_sign) return true;
        if (ins->op == CORE_scan && scan_compares(s, ins, from)) return true;
        from[r] = moves;
    }
    return false;
}

static bool makes_mask(Sema *s, const CoreEntry *entry, int field)
{
    for (uint32_t mask = 0; mask < 1u << entry->n_conditions; mask++) {
        const CoreBody *body = entry->body[mask];
        bool *from = ARENA_ARRAY(s->arena, bool, body->ins.n + 1);
        for (uint32_t i = 0; i < body->ins.n; i++) {
            const CoreIns *ins = &body->ins.at[i];
            if (ins->op != CORE_arg) continue;
            const CoreArg *arg = &entry->args.at[ins->attr[0]];
            from[i + 1] = arg->role == ROLE_FIELD && arg->field == field;
        }
        if (compares(s, body, from)) return true;
    }
    return false;
}

static void unused_lengths(Sema *s, const CoreEntry *entry)
{
    const CoreData *data = &s->program->data.at[entry->data];
    for (uint32_t i = 0; i < data->fields.n; i++) {
        int of = data->fields.at[i].length_of;
        if (of < 0 || entry_uses(entry, (int)i) || !entry_uses(entry, of) || !has_size(s, data, &data->fields.at[of]) ||
            makes_mask(s, entry, of))
            continue;
        Diag *d = diag_warning(s->diags, "W0707", entry->span, "%s uses `%s`, padded to the longest of the batch, without `%s`, its length",
                               entry->name, data->fields.at[of].name, data->fields.at[i].name);
        diag_help(d, "masked_mean(..., live(ex.%s, T)) leaves the padding out", data->fields.at[i].name);
    }
}

/* The columns that a field reads from a csv file by number: in ascending pieces lo..hi, one after another. */
static bool column_piece(const CoreField *f, uint32_t piece, int64_t *lo, int64_t *hi)
{
    if (f->readers.n != 1 || strcmp(f->readers.at[0].kind, "csv") != 0) return false;
    for (uint32_t i = 0; i < f->readers.at[0].args.n; i++) {
        const CoreReaderArg *a = &f->readers.at[0].args.at[i];
        if (strcmp(a->key, "columns") != 0 && strcmp(a->key, "column") != 0) continue;
        bool list = a->kind == ARG_INTS, range = a->kind == ARG_RANGE;
        if ((!list && !range && a->kind != ARG_INT) || piece >= (list ? a->n_ints : 1)) return false;
        *lo = list ? a->ints[piece] : a->lo;
        *hi = range ? a->hi : *lo + 1;
        return true;
    }
    return false;
}

/* The name of a column that a field reads from a csv file; NULL: no more. */
static const char *column_name(const CoreField *f, uint32_t piece)
{
    if (f->readers.n != 1 || strcmp(f->readers.at[0].kind, "csv") != 0) return NULL;
    for (uint32_t i = 0; i < f->readers.at[0].args.n; i++) {
        const CoreReaderArg *a = &f->readers.at[0].args.at[i];
        if (strcmp(a->key, "columns") != 0 && strcmp(a->key, "column") != 0) continue;
        if (a->kind == ARG_STRING) return piece ? NULL : a->text;
        return a->kind == ARG_STRINGS && piece < a->n_strings ? a->strings[piece] : NULL;
    }
    return NULL;
}

static bool share_columns(const CoreField *a, const CoreField *b)
{
    int64_t lo, hi, from, to;
    const char *name, *other;
    for (uint32_t i = 0; column_piece(a, i, &lo, &hi); i++)
        for (uint32_t k = 0; column_piece(b, k, &from, &to); k++)
            if (lo < to && from < hi) return true;
    for (uint32_t i = 0; (name = column_name(a, i)); i++)
        for (uint32_t k = 0; (other = column_name(b, k)); k++)
            if (!strcmp(name, other)) return true;
    return false;
}

static bool same_path(const CoreText *a, const CoreText *b)
{
    if (a->n != b->n) return false;
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->piece[i].option != b->piece[i].option) return false;
        if (a->piece[i].option < 0 && strcmp(a->piece[i].text, b->piece[i].text) != 0) return false;
    }
    return true;
}

static void overlapping_columns(Sema *s, const CoreEntry *entry)
{
    const CoreData *data = &s->program->data.at[entry->data];
    for (uint32_t i = 0; i < data->fields.n; i++)
        for (uint32_t k = i + 1; k < data->fields.n; k++) {
            const CoreField *a = &data->fields.at[i], *b = &data->fields.at[k];
            if (!entry_uses(entry, (int)i) || !entry_uses(entry, (int)k) || !share_columns(a, b) ||
                !same_path(&a->readers.at[0].path, &b->readers.at[0].path))
                continue;
            Diag *d = diag_warning(s->diags, "W0708", b->span, "`%s` and `%s` read the same columns of one file", a->name, b->name);
            if (!column_name(a, 0)) diag_note(d, "ranges end before their last number: columns=0..4 are the columns 0, 1, 2 and 3");
        }
}

/* ---- W0709: division by a sum that may stay 0 ----------------------------------------------- */

static bool stays_zero_in(const CoreBody *body, int64_t sum)
{
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *set = &body->ins.at[i];
        if (set->op != CORE_report_sum_set || set->attr[0] != sum) continue;
        const CoreIns *add = &body->ins.at[set->in[0] - 1];
        if (add->op != CORE_add) return false;
        for (uint32_t k = 0; k < 2; k++) {
            uint16_t op = body->ins.at[add->in[k] - 1].op;
            if (op == CORE_size || op == CORE_const) return false; /* grows with every batch */
        }
    }
    return true;
}

/* In all variants of the step: in those that do not report it nothing is shown, either. */
static bool may_stay_zero(const CoreEntry *entry, int64_t sum)
{
    bool may = true;
    for (uint32_t mask = 0; mask < 1u << entry->n_conditions; mask++)
        may &= stays_zero_in(entry->body[mask], sum);
    return may;
}

static void divisions(Sema *s, const CoreEntry *entry)
{
    const CoreBody *body = entry->report_body;
    for (uint32_t i = 0; i < body->ins.n; i++) {
        const CoreIns *div = &body->ins.at[i];
        if (div->op != CORE_div) continue;
        const CoreIns *by = &body->ins.at[div->in[1] - 1];
        if (by->op != CORE_report_sum || entry->sums.at[by->attr[0]].init != 0) continue;
        const char *name = entry->sums.at[by->attr[0]].name, *end = strrchr(name, '.');
        if (end && !strcmp(end, ".den")) continue; /* of a scalar */
        if (!may_stay_zero(entry, by->attr[0])) continue;
        Diag *d = diag_warning(s->diags, "W0709", div->span, "the metric divides by its state `%s`, which starts at 0 and may stay so",
                               end ? end + 1 : name);
        diag_help(d, "divide by maximum(%s, 1)", end ? end + 1 : name);
    }
}

/* ---- W0703: rows of a batch that meet ------------------------------------------------------- */

static bool is_reduced(const CoreIns *ins, int axis)
{
    for (uint32_t i = ins->op > CORE_all ? 0 : 1; i < ins->n_attr; i++)
        if (ins->attr[i] == axis) return true;
    return false;
}

/* The rows are reduced where the features could be: the tensor has other axes. With no other axis, or with the rows
 * twice (a table of pairs) or last (scores of a set), the rows are meant. */
static bool reduces_batch(const CoreBody *body, const CoreIns *ins, Dim batch)
{
    if (ins->op < CORE_sum || ins->op > CORE_cumprod) return false;
    const CoreType *t = &body->ins.at[ins->in[0] - 1].type;
    int n = 0, at = 0;
    for (int a = 0; a < t->rank; a++)
        if (t->dim[a] == batch) n++, at = a;
    return n == 1 && at < t->rank - 1 && is_reduced(ins, at);
}

static void mixed_rows(Sema *s, const CoreEntry *entry)
{
    if (entry->kind != ENTRY_EXPORT || !entry->binders.n || strcmp(entry->binder_names.at[0], "B") != 0) return;
    Dim batch = dim_symbol(s->dims, entry->binders.at[0]);
    const CoreBody *body = entry->body[0];
    CoreRef *mixed = ARENA_ARRAY(s->arena, CoreRef, body->ins.n + 1);
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = &body->ins.at[r - 1];
        for (uint32_t i = 0; i < ins->n_in && !mixed[r]; i++)
            mixed[r] = mixed[ins->in[i]];
        if (ins->op == CORE_grad) mixed[r] = 0; /* the derivative of a sum over rows is row by row */
        if (!mixed[r] && reduces_batch(body, ins, batch)) mixed[r] = r;
    }
    for (uint32_t i = 0; i < body->results.n && i < entry->outs.n; i++) {
        const CoreType *t = &entry->outs.at[i].type;
        if (!mixed[body->results.at[i]] || !t->rank || t->dim[0] != batch) continue;
        const CoreIns *at = &body->ins.at[mixed[body->results.at[i]] - 1];
        Diag *d = diag_warning(s->diags, "W0703", has_span(at->span) ? at->span : entry->span,
                               "the rows of the batch are mixed here: the result of %s for one row "
                               "depends on the others",
                               entry->name);
        diag_help(d, "features are the last axis: axis=-1");
        return;
    }
}

static bool reads_field(const CoreBody *body, CoreRef ref, int depth)
{
    const CoreIns *ins = &body->ins.at[ref - 1];
    if (ins->op == CORE_arg) return true;
    return depth < 20 && ins->n_in >= 1 && reads_field(body, ins->in[0], depth + 1);
}

/* In an evaluation: examples that are shifted or scaled by numbers of their own batch before a layer gets them. */
static void mixed_inputs(Sema *s, const CoreEntry *entry)
{
    if (!entry->binders.n || entry->data < 0) return;
    Dim batch = dim_symbol(s->dims, entry->binders.at[0]);
    const CoreBody *body = entry->body[0];
    CoreRef *mixed = ARENA_ARRAY(s->arena, CoreRef, body->ins.n + 1);
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = body_ins(body, r);
        for (uint32_t i = 0; i < ins->n_in && !mixed[r]; i++)
            mixed[r] = mixed[ins->in[i]];
        if (!mixed[r] && reads_field(body, r, 0) && reduces_batch(body, ins, batch)) mixed[r] = r;
        bool layer = (ins->op == CORE_matmul || ins->op == CORE_conv) && body_ins(body, body_source(body, ins->in[1]))->op == CORE_weight;
        const CoreType *t = layer ? &body_ins(body, ins->in[0])->type : NULL;
        if (!layer || !mixed[ins->in[0]] || !t->rank || t->dim[0] != batch) continue;
        Span at = body_ins(body, mixed[ins->in[0]])->span;
        Diag *d = diag_warning(s->diags, "W0703", has_span(at) ? at : entry->span,
                               "the examples of %s are normalised with numbers of their own batch", entry->name);
        diag_help(d, "Standardize and BatchNorm keep those of the training in the model");
        return;
    }
}

void warn_entry(Sema *s, CoreEntry *entry)
{
    bool padding = false;
    if (s->diags->n_errors) return;
    for (uint32_t mask = 0; mask < 1u << entry->n_conditions; mask++) {
        uint32_t first = s->diags->list.n;
        bool masks = warn_values(s, entry, entry->body[mask]);
        if (entry->data >= 0) warn_bytes(s, entry, entry->body[mask]);
        if (entry->data >= 0 && entry->binders.n && entry->kind != ENTRY_EXPORT) padding |= warn_padding(s, entry, entry->body[mask]);
        if (entry->kind == ENTRY_TRAIN) warn_sequence(s, entry, entry->body[mask], masks);
        variant_said(s, mask, first);
    }
    if (entry->kind == ENTRY_EXPORT) {
        mixed_rows(s, entry);
        return;
    }
    divisions(s, entry);
    if (entry->kind == ENTRY_EVAL) mixed_inputs(s, entry);
    if (entry->data >= 0) {
        if (!padding) unused_lengths(s, entry); /* else it was said more precisely */
        overlapping_columns(s, entry);
    }
    if (entry->kind != ENTRY_TRAIN) return;
    trains_nothing(s, entry);
    frozen_statistics(s, entry);
    warn_schedules(s, entry);
}
