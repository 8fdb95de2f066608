/* SPDX-License-Identifier: MIT
 * warn_sequence.c: what takes the padding of texts for something, and models that see their target. */
#include "sema/warn_sequence.h"

#include "sema/warn_body.h"
#include "sema/warn_places.h"

/* ---- W0717, W0718: padded places ------------------------------------------------------------- */

/* The field that this size of the entry pads to the longest of the batch, and whose length is declared; NULL: there is none. */
static const CoreField *padded_by(const Sema *s, const CoreEntry *entry, Dim size)
{
    const CoreData *data = &s->program->data.at[entry->data];
    Symbol symbol;
    if (!dim_is_symbol(s->dims, size, &symbol)) return NULL;
    for (uint32_t i = 0; i < data->fields.n; i++) {
        const CoreField *f = data->fields.at[i].length_of >= 0 ? &data->fields.at[data->fields.at[i].length_of] : NULL;
        for (int a = 0; f && a < f->type.rank; a++)
            for (uint32_t k = 0; k < data->symbols.n; k++)
                if (dim_mentions(s->dims, f->type.dim[a], data->symbols.at[k]) && entry->data_symbols.at[k] == symbol) return f;
    }
    return NULL;
}

static bool has_axis(const CoreType *t, Dim size)
{
    for (int a = 0; a < t->rank; a++)
        if (t->dim[a] == size) return true;
    return false;
}

/* A mean over the places of each text by itself: the axis of the batch stays. */
static void padded_mean(Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *mean)
{
    if (mean->op != CORE_mean || !has_axis(&mean->type, dim_symbol(s->dims, entry->binders.at[0]))) return;
    const CoreType *t = &body_ins(body, mean->in[0])->type;
    for (uint32_t i = 1; i < mean->n_attr; i++) {
        const CoreField *f = padded_by(s, entry, t->dim[mean->attr[i]]);
        if (!f) continue;
        Diag *d = diag_warning(s->diags, "W0717", mean->span, "this mean counts the padding of `%s`", f->name);
        diag_help(d, "sum(where(on[:, :, _], x, 0), axis=1) / float(len)[:, _] with on = live(len, T) leaves it out");
        return;
    }
}

/* x[:, -1] */
static void padded_end(Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *slice)
{
    if (slice->op != CORE_slice || body_ins(body, slice->in[0])->op == CORE_flip) return;
    const CoreType *t = &body_ins(body, slice->in[0])->type;
    for (int a = 0; a < t->rank; a++) {
        Dim lo = (Dim)slice->attr[3 * a], hi = (Dim)slice->attr[3 * a + 1];
        const CoreField *f = hi == t->dim[a] && dim_add(s->dims, lo, dim_const(s->dims, 1)) == hi ? padded_by(s, entry, hi) : NULL;
        if (!f) continue;
        Diag *d = diag_warning(s->diags, "W0718", slice->span, "the last place is padding where a text is shorter than the longest of `%s`",
                               f->name);
        diag_help(d, "a GRU or LSTM called with (x, len) returns the last state of each text");
        return;
    }
}

/* ---- W0706: a place that sees its target ----------------------------------------------------- */

/* The one axis of labels whose index i is the token of place i + *place; -1: they are no tokens. */
static int label_axis(const Seen *labels, int32_t *place)
{
    int axis = seen_axis(labels, -1);
    if (axis < 0 || seen_axis(labels, axis) >= 0 || labels->axis[axis].turned || labels->axis[axis].lo != labels->axis[axis].hi) return -1;
    *place = labels->axis[axis].lo;
    return axis;
}

static void say_ahead(Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *pick, const Seen *logits)
{
    static const struct {
        const char *what, *help;
    } ahead[] = {
        [AHEAD_ATTENTION] = {"the places behind are seen",
                             "MultiHeadAttention(d, heads, causal=true), or where(causal(T), score, -inf) in front of the softmax"},
        [AHEAD_WINDOW] = {"the window reaches ahead", "pad in front only: pad(x, axis=1, before=kernel - 1), and pad=0 of the convolution"},
        [AHEAD_RUN] = {"this runs from the end to the beginning", "a model of the next token runs one way: bidirectional=false"},
        [AHEAD_ALL] = {"this is of all places", "cumsum(x, axis=1) / float(range(T) + 1)[:, _] is the mean of the places so far"},
        [AHEAD_MIX] = {"every place is multiplied by all", "a model of the next token needs a mask here: w * float(transpose(causal(T)))"},
    };
    const CoreIns *by = body_ins(body, logits->cause);
    Diag *d = diag_warning(s->diags, "W0706", pick->span, "a place of the model sees the tokens behind it, among them its target");
    if (has_span(by->span)) diag_trail(d, by->span, "%s", ahead[logits->ahead].what);
    diag_note(d, "in %s the target is the next token of the input", entry->name);
    diag_help(d, "%s", ahead[logits->ahead].help);
}

/* Where log probabilities meet labels: pick(p, y), one_hot(y, C) * p. */
static bool find_loss(const EntryState *e, const CoreBody *body, const CoreIns *ins, CoreRef *logits, CoreRef *labels)
{
    if (ins->op == CORE_pick) {
        *logits = ins->in[0], *labels = ins->in[1];
        return true;
    }
    for (uint32_t i = 0; ins->op == CORE_mul && i < 2; i++) {
        const CoreIns *hot = body_ins(body, body_source(body, ins->in[i])), *p = body_ins(body, ins->in[1 - i]);
        *logits = p->op == CORE_where ? p->in[2] : ins->in[1 - i]; /* 0 for a logarithm of 0 */
        *labels = ins->in[i];
        if (hot->op == CORE_one_hot && body_is_noted(e, body, *logits, NOTED_LOG_SOFTMAX)) return true;
    }
    return false;
}

static bool sees_target(Sema *s, const CoreEntry *entry, const CoreBody *body, const Places *places, const CoreIns *pick)
{
    CoreRef p, labels;
    int32_t place;
    if (!find_loss(s->entry, body, pick, &p, &labels)) return false;
    const Seen *logits = &places->at[p];
    int axis = label_axis(&places->at[labels], &place);
    if (axis < 0 || !logits->axis[axis].on || logits->axis[axis].turned || seen_axis(logits, axis) >= 0) return false;
    if (logits->axis[axis].merged != places->at[labels].axis[axis].merged) return false;
    if (place < logits->axis[axis].lo || place > logits->axis[axis].hi) return false;
    if (logits->ahead && logits->axis[axis].own < place) {
        say_ahead(s, entry, body, pick, logits);
        return true;
    }
    Diag *d = diag_warning(s->diags, "W0706", pick->span, "the model is given the very tokens that it has to predict");
    diag_note(d, "in %s the input and the target are the same part of a field", entry->name);
    diag_help(d, "predict the next token: input x[:, 0:n], target x[:, 1:n + 1]; or "
                 "give the model shift_right(x)");
    return true;
}

static void targets(Sema *s, const CoreEntry *entry, const CoreBody *body)
{
    for (uint32_t i = 0; i < entry->args.n; i++) {
        const CoreArg *arg = &entry->args.at[i];
        if (arg->role != ROLE_FIELD || arg->type.elem != ELEM_int || arg->type.rank != 2) continue;
        const Places *places = places_of(s, entry, body, i, body->ins.n);
        for (CoreRef r = 1; places && r <= body->ins.n; r++) {
            if (sees_target(s, entry, body, places, body_ins(body, r))) return;
        }
    }
}

void warn_sequence(Sema *s, const CoreEntry *entry, const CoreBody *body)
{
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *ins = body_ins(body, r);
        if (entry->data >= 0 && entry->binders.n) {
            padded_mean(s, entry, body, ins);
            padded_end(s, entry, body, ins);
        }
    }
    if (entry->kind == ENTRY_TRAIN) targets(s, entry, body);
}
