/* SPDX-License-Identifier: MIT
 * warn_sequence.c: models of tokens that see their target (W0706). */
#include "sema/warn_sequence.h"

#include "sema/warn_body.h"
#include "sema/warn_places.h"

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
        [AHEAD_SUM] = {"this is of the places behind, as the axis is turned", "without flip it is of the places so far"},
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

static bool sees_target(Sema *s, const CoreEntry *entry, const CoreBody *body, const Places *places, const CoreIns *pick, bool masks)
{
    CoreRef p, labels;
    int32_t place;
    if (!find_loss(s->entry, body, pick, &p, &labels)) return false;
    const Seen *logits = &places->at[p];
    int axis = label_axis(&places->at[labels], &place);
    if (axis < 0 || !logits->axis[axis].on || logits->axis[axis].turned || seen_axis(logits, axis) >= 0) return false;
    if (logits->axis[axis].merged != places->at[labels].axis[axis].merged) return false;
    if (place < logits->axis[axis].lo || place > logits->axis[axis].hi || place >= logits->axis[axis].end) return false;
    if (logits->ahead && logits->axis[axis].own < place) {
        if (!masks || logits->ahead != AHEAD_ATTENTION) say_ahead(s, entry, body, pick, logits);
        return true;
    }
    Diag *d = diag_warning(s->diags, "W0706", pick->span, "the model is given the very tokens that it has to predict");
    diag_note(d, "in %s the input and the target are the same part of a field", entry->name);
    diag_help(d, "predict the next token: input x[:, 0:n], target x[:, 1:n + 1]; or "
                 "give the model shift_right(x)");
    return true;
}

void warn_sequence(Sema *s, const CoreEntry *entry, const CoreBody *body, bool masks)
{
    for (uint32_t i = 0; i < entry->args.n; i++) {
        const CoreArg *arg = &entry->args.at[i];
        if (arg->role != ROLE_FIELD || arg->type.elem != ELEM_int || arg->type.rank != 2) continue;
        const Places *places = places_of(s, entry, body, i, body->ins.n);
        for (CoreRef r = 1; places && r <= body->ins.n; r++) {
            if (sees_target(s, entry, body, places, body_ins(body, r), masks)) return;
        }
    }
}
