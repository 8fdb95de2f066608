/* SPDX-License-Identifier: MIT
 * warn_padding.c: means over padded places (W0717), and the last of them as the end of a text (W0718). */
#include "sema/warn_padding.h"

#include "sema/warn_body.h"
#include "sema/warn_element.h"
#include "support/functions.h"

/* The field that this size of the entry pads to the longest of the batch, and whose length is declared; NULL: there is none. */
static const CoreField *padded_by(const Sema *s, const CoreEntry *entry, Dim size)
{
    const CoreData *data = &s->program->data.at[entry->data];
    if (dim_mentions(s->dims, size, entry->binders.at[0])) return NULL; /* rows of a batch in one */
    for (uint32_t i = 0; i < data->fields.n; i++) {
        const CoreField *f = data->fields.at[i].length_of >= 0 ? &data->fields.at[data->fields.at[i].length_of] : NULL;
        for (int a = 0; f && a < f->type.rank; a++)
            for (uint32_t k = 0; k < data->symbols.n; k++)
                if (entry->data_symbols.at[k] && dim_mentions(s->dims, f->type.dim[a], data->symbols.at[k]) &&
                    dim_mentions(s->dims, size, entry->data_symbols.at[k]))
                    return f;
    }
    return NULL;
}

static bool has_axis(const CoreType *t, Dim size)
{
    for (int a = 0; a < t->rank; a++)
        if (t->dim[a] == size) return true;
    return false;
}

/* ---- W0717: means ---------------------------------------------------------------------------- */

/* Is this axis of the operand summed over: by a reduction, or by an einsum of it alone? */
static bool is_gone(const CoreIns *reduce, const CoreType *t, int axis)
{
    if (reduce->op == CORE_einsum) return reduce->n_in == 1 && !has_axis(&reduce->type, t->dim[axis]);
    for (uint32_t i = 1; i < reduce->n_attr; i++)
        if (reduce->attr[i] == axis) return true;
    return false;
}

/* The field whose places a mean or sum of each text by itself goes over: the axis of the batch stays. */
static const CoreField *reduces_places(const Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *reduce)
{
    if (!has_axis(&reduce->type, dim_symbol(s->dims, entry->binders.at[0]))) return NULL;
    const CoreType *t = &body_ins(body, reduce->in[0])->type;
    for (int a = 0; a < t->rank; a++) {
        const CoreField *f = is_gone(reduce, t, a) ? padded_by(s, entry, t->dim[a]) : NULL;
        if (f) return f;
    }
    return NULL;
}

/* Is this the size of the axis that a sum goes over, or 1 by it, however long the texts of the batch are? */
static bool is_number_of_places(Sema *s, const CoreEntry *entry, const CoreBody *body, CoreRef ref, const CoreIns *sum, bool inverse)
{
    static const int64_t sizes[] = {8, 11};
    const CoreType *t = &body_ins(body, sum->in[0])->type;
    int gone = 0, axis = 0;
    for (int a = 0; a < t->rank; a++)
        if (is_gone(sum, t, a)) axis = a, gone++;
    if (gone != 1) return false;
    Dim places = t->dim[axis];
    for (int i = 0; i < 2; i++) {
        Sample sample = sample_new(s, entry, body, sizes[i], 3);
        sample.sizes[entry->binders.at[0]] = sizes[i] + 2; /* it is another number than that of the rows */
        int64_t index[CORE_MAX_RANK] = {0};
        double n = (double)sample_extent(&sample, places), x = sample_element(&sample, ref, index);
        if (inverse ? x * n < 0.999 || x * n > 1.001 : x != n) return false;
        if (x != x) return false;
    }
    return true;
}

/* sum(x, axis=1) / float(T), sum(x / float(T), axis=1) */
static const CoreIns *divided_sum(Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *ins)
{
    const CoreIns *share = ins->op == CORE_sum ? body_ins(body, body_source(body, ins->in[0])) : NULL;
    if (share && share->op == CORE_div && is_number_of_places(s, entry, body, share->in[1], ins, false)) return ins;
    for (uint32_t i = 0; i < 2 && (ins->op == CORE_div || ins->op == CORE_mul); i++) {
        const CoreIns *sum = body_ins(body, body_source(body, ins->in[i]));
        bool inverse = ins->op == CORE_mul;
        if ((sum->op == CORE_sum || sum->op == CORE_einsum) && (inverse || i == 0) &&
            is_number_of_places(s, entry, body, ins->in[1 - i], sum, inverse))
            return sum;
    }
    return NULL;
}

static bool padded_mean(Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *ins)
{
    const CoreIns *mean = ins->op == CORE_mean ? ins : divided_sum(s, entry, body, ins);
    const CoreField *f = mean ? reduces_places(s, entry, body, mean) : NULL;
    if (!f) return false;
    Diag *d = diag_warning(s->diags, "W0717", ins->span, "this mean counts the padding of `%s`", f->name);
    diag_help(d, "sum(where(on[:, :, _], x, 0), axis=1) / float(len)[:, _] with on = live(len, T) leaves it out");
    return true;
}

/* ---- W0718: the last place ------------------------------------------------------------------- */

/* What is computed from the lengths of texts, or from comparisons of their tokens with something. */
static bool *knows_lengths(Sema *s, const CoreEntry *entry, const CoreBody *body)
{
    const CoreData *data = &s->program->data.at[entry->data];
    bool *knows = ARENA_ARRAY(s->arena, bool, body->ins.n + 1), *tokens = ARENA_ARRAY(s->arena, bool, body->ins.n + 1);
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = body_ins(body, r);
        const CoreArg *arg = ins->op == CORE_arg ? &entry->args.at[ins->attr[0]] : NULL;
        bool field = arg && arg->role == ROLE_FIELD;
        knows[r] = field && data->fields.at[arg->field].length_of >= 0;
        tokens[r] = field && ins->type.elem == ELEM_int;
        for (uint32_t i = 0; i < ins->n_in; i++) {
            knows[r] |= knows[ins->in[i]] || ((core_properties(ins->op) & COMPARES) && tokens[ins->in[i]]);
            tokens[r] |= tokens[ins->in[i]] && (body_is_view(ins->op) || ins->op == CORE_flip);
        }
    }
    return knows;
}

/* Does this scan stop, or leave its carries, where a text ends? */
static bool heeds_ends(const CoreIns *scan, const bool *knows)
{
    for (uint32_t i = 0; i < scan->n_in; i++)
        if (knows[scan->in[i]]) return true;
    const CoreBody *body = scan->bodies[0];
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        uint16_t op = body_ins(body, r)->op;
        if ((core_properties(op) & COMPARES) || op == CORE_minimum || op == CORE_sign) return true;
    }
    return false;
}

/* The scan that this is a result of, or a view of one; NULL: something else. */
static const CoreIns *scan_of(const CoreBody *body, CoreRef ref, uint32_t *result)
{
    const CoreIns *ins = body_ins(body, ref);
    *result = 0;
    if (ins->op == CORE_result) {
        *result = (uint32_t)ins->attr[0];
        ins = body_ins(body, ins->in[0]);
    }
    return ins->op == CORE_scan ? ins : NULL;
}

/* What is computed from the fields, and behind the end of a text from its padding: a recurrence that knows the end stays as it is. */
static bool *has_padding(Sema *s, const CoreEntry *entry, const CoreBody *body, const bool *knows)
{
    bool *padding = ARENA_ARRAY(s->arena, bool, body->ins.n + 1);
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = body_ins(body, r);
        padding[r] = ins->op == CORE_arg && entry->args.at[ins->attr[0]].role == ROLE_FIELD && !knows[r];
        for (uint32_t i = 0; i < ins->n_in; i++)
            padding[r] |= padding[ins->in[i]];
        if (ins->op == CORE_scan && heeds_ends(ins, knows)) padding[r] = false;
    }
    return padding;
}

/* x[:, -1], flip(x, axis=1)[:, 0]. */
static bool padded_end(Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *slice)
{
    CoreRef of = slice->in[0];
    const CoreIns *flip = body_ins(body, of)->op == CORE_flip ? body_ins(body, of) : NULL;
    const CoreType *t = &slice->type, *from = &body_ins(body, of)->type;
    Dim one = dim_const(s->dims, 1), zero = dim_const(s->dims, 0);
    for (int a = 0; a < t->rank; a++) {
        Dim lo = (Dim)slice->attr[3 * a], hi = (Dim)slice->attr[3 * a + 1];
        bool turned = flip && flip->attr[0] == a;
        bool last = turned ? lo == zero && hi == one : hi == from->dim[a] && dim_add(s->dims, lo, one) == hi;
        const CoreField *f = last ? padded_by(s, entry, from->dim[a]) : NULL;
        if (!f) continue;
        Diag *d = diag_warning(s->diags, "W0718", slice->span, "the last place is padding where a text is shorter than the longest of `%s`",
                               f->name);
        diag_help(d, "a GRU or LSTM called with (x, len) returns the last state of each text");
        return true;
    }
    return false;
}

/* The values that a step or an evaluation is for. */
static bool *used_values(Sema *s, const CoreBody *body)
{
    bool *used = ARENA_ARRAY(s->arena, bool, body->ins.n + 1);
    for (uint32_t i = 0; i < body->results.n; i++)
        used[body->results.at[i]] = true;
    for (CoreRef r = body->ins.n; r >= 1; r--)
        for (uint32_t i = 0; (used[r] || !body_ins(body, r)->n_out) && i < body_ins(body, r)->n_in; i++)
            used[body_ins(body, r)->in[i]] = true;
    return used;
}

static bool is_turned(const CoreBody *body, CoreRef ref)
{
    return body_ins(body, body_source(body, ref))->op == CORE_flip;
}

/* The last carry of a recurrence over the places of a text. */
static bool padded_state(Sema *s, const CoreEntry *entry, const CoreBody *body, CoreRef ref, const bool *knows)
{
    uint32_t result;
    const CoreIns *scan = scan_of(body, ref, &result);
    if (!scan || result >= (uint32_t)scan->attr[2] || (scan->n_out > 1 && body_ins(body, ref)->op == CORE_scan)) return false;
    const CoreField *f = padded_by(s, entry, (Dim)scan->attr[0]);
    if (!f || heeds_ends(scan, knows)) return false;
    bool *of = ARENA_ARRAY(s->arena, bool, body->ins.n + 1), reads = false;
    body_ancestors(body, ref, of);
    for (CoreRef r = 1; r <= ref; r++) {
        const CoreIns *arg = body_ins(body, r);
        reads |= of[r] && arg->op == CORE_arg && entry->args.at[arg->attr[0]].role == ROLE_FIELD &&
                 &s->program->data.at[entry->data].fields.at[entry->args.at[arg->attr[0]].field] == f;
    }
    for (int64_t i = scan->attr[2]; i < scan->attr[2] + scan->attr[3]; i++)
        if (is_turned(body, scan->in[i])) return false; /* it ends with the first place */
    if (!reads) return false;
    const CoreIns *step = body_ins(scan->bodies[0], scan->bodies[0]->results.at[result]); /* it stands where the program computes it */
    Diag *d = diag_warning(s->diags, "W0718", has_span(step->span) ? step->span : scan->span,
                           "the last state is that of the padding where a text is shorter than the longest of `%s`", f->name);
    diag_help(d, "a GRU or LSTM called with (x, len) returns the last state of each text");
    return true;
}

bool warn_padding(Sema *s, const CoreEntry *entry, const CoreBody *body)
{
    const bool *knows = knows_lengths(s, entry, body), *used = used_values(s, body), *padding = has_padding(s, entry, body, knows);
    bool said = false;
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = body_ins(body, r);
        if (!used[r]) continue;
        said |= padded_mean(s, entry, body, ins);
        said |= ins->op == CORE_slice && padding[ins->in[0]] && padded_end(s, entry, body, ins);
        said |= padded_state(s, entry, body, r, knows);
    }
    return said;
}
