/* SPDX-License-Identifier: MIT
 * warn_sequence.c: what takes the padding of texts for something, and attention that looks ahead. */
#include "sema/warn_sequence.h"

#include "sema/warn_body.h"

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

/* ---- W0706: attention that looks ahead ------------------------------------------------------- */

/* The tokens that a value is cut from: a field, and where its second axis begins; 0: they are something else. */
static CoreRef cut_from(const CoreBody *body, CoreRef ref, Dim *start, Dim zero)
{
    *start = zero;
    for (;;) {
        const CoreIns *ins = body_ins(body, ref);
        if (ins->op == CORE_arg) return ref;
        if (ins->op != CORE_slice && ins->op != CORE_cast && ins->op != CORE_stop) return 0;
        if (ins->op == CORE_slice && ins->n_attr >= 6) *start = (Dim)ins->attr[3];
        ref = ins->in[0];
    }
}

/* The tokens one place in front of these labels, given to the part of the model that made `logits`; 0: there are none. */
static CoreRef shifted_input(Sema *s, const CoreBody *body, CoreRef labels, const bool *live)
{
    Dim from, start, zero = dim_const(s->dims, 0), one = dim_const(s->dims, 1);
    CoreRef field = cut_from(body, labels, &from, zero);
    if (!field) return 0;
    for (CoreRef r = 1; r <= body->ins.n; r++) {
        const CoreIns *take = body_ins(body, r);
        if (!live[r] || take->op != CORE_take || body_ins(body, take->in[1])->type.rank != 2) continue;
        CoreRef given = cut_from(body, take->in[1], &start, zero);
        if (given && body_ins(body, given)->attr[0] == body_ins(body, field)->attr[0] && dim_add(s->dims, start, one) == from) return r;
    }
    return 0;
}

typedef enum { SEES_UNKNOWN, SEES_BACK, SEES_AHEAD, SEES_ALL } Sees;

/* Which of two `range`s a side of a comparison is: along the last axis 1, the one in front of it 2, else 0. */
static int range_axis(const CoreBody *body, CoreRef ref, int rank, int axis)
{
    const CoreIns *ins = body_ins(body, ref);
    if (ins->op == CORE_range) return axis == rank - 1 ? 1 : axis == rank - 2 ? 2 : 0;
    if (ins->op == CORE_cast) return range_axis(body, ins->in[0], rank, axis);
    if (ins->op != CORE_reshape) return 0;
    int at = -1;
    for (int a = 0; a < ins->type.rank; a++)
        if (ins->type.dim[a] == body_ins(body, ins->in[0])->type.dim[0]) at = a + rank - ins->type.rank;
    return range_axis(body, ins->in[0], rank, at);
}

/* What a mask [T, S] lets place t see: a comparison of two ranges, perhaps transposed, or with others by `and`. */
static Sees mask_sees(const CoreBody *body, CoreRef ref, bool turned, int depth)
{
    const CoreIns *ins = body_ins(body, ref);
    int rank = ins->type.rank;
    if (depth > 12) return SEES_UNKNOWN;
    if (ins->op == CORE_reshape || ins->op == CORE_broadcast || ins->op == CORE_cast) return mask_sees(body, ins->in[0], turned, depth + 1);
    if (ins->op == CORE_permute) {
        bool last = rank >= 2 && ins->attr[rank - 1] == rank - 2 && ins->attr[rank - 2] == rank - 1;
        return mask_sees(body, ins->in[0], turned != last, depth + 1);
    }
    if (ins->op == CORE_not) {
        Sees s = mask_sees(body, ins->in[0], turned, depth + 1);
        return s == SEES_BACK ? SEES_AHEAD : s == SEES_AHEAD ? SEES_BACK : s;
    }
    if (ins->op == CORE_and) {
        Sees a = mask_sees(body, ins->in[0], turned, depth + 1), b = mask_sees(body, ins->in[1], turned, depth + 1);
        if (a == SEES_UNKNOWN || b == SEES_UNKNOWN) return SEES_UNKNOWN;
        return a == SEES_BACK || b == SEES_BACK ? SEES_BACK : a == SEES_AHEAD || b == SEES_AHEAD ? SEES_AHEAD : SEES_ALL;
    }
    if (ins->op == CORE_const) return SEES_ALL;
    bool above = ins->op == CORE_greater_equal || ins->op == CORE_greater, below = ins->op == CORE_less_equal || ins->op == CORE_less;
    if (!above && !below) return SEES_UNKNOWN;
    int left = range_axis(body, ins->in[0], rank, rank - 1), right = range_axis(body, ins->in[1], rank, rank - 1);
    if (left + right != 3) return left == 1 || right == 1 ? SEES_ALL : SEES_UNKNOWN; /* range(T) < len */
    bool back = (left == 2) == above; /* t >= s */
    return back != turned ? SEES_BACK : SEES_AHEAD;
}

/* The scores of an attention: what softmax was given. */
static Sees scores_see(const CoreBody *body, CoreRef ref, int depth)
{
    const CoreIns *ins = body_ins(body, ref);
    double x;
    if (depth > 12) return SEES_UNKNOWN;
    switch (ins->op) {
    case CORE_where: return body_constant(body, ins->in[2], &x) && x < -1e4 ? mask_sees(body, ins->in[0], false, 0) : SEES_UNKNOWN;
    case CORE_mul:
    case CORE_div: return scores_see(body, ins->in[0], depth + 1);
    case CORE_reshape:
    case CORE_broadcast: return scores_see(body, ins->in[0], depth + 1);
    case CORE_einsum:
    case CORE_matmul: return SEES_ALL;
    default: return SEES_UNKNOWN;
    }
}

/* The exponent below a softmax: exp(x - max) * (1 / sum). */
static CoreRef softmax_input(const CoreBody *body, CoreRef ref)
{
    const CoreIns *ins = body_ins(body, ref);
    for (uint32_t i = 0; ins->op == CORE_mul && i < 2; i++) {
        const CoreIns *e = body_ins(body, ins->in[i]);
        const CoreIns *sub = e->op == CORE_exp ? body_ins(body, e->in[0]) : NULL;
        if (sub && sub->op == CORE_sub) return sub->in[0];
    }
    return 0;
}

/* Weights [.., T, T] over the places of the tokens, which let a place see the ones behind it. */
static void looks_ahead(Sema *s, const CoreEntry *entry, const CoreBody *body, const CoreIns *pick)
{
    bool *live = ARENA_ARRAY(s->arena, bool, body->ins.n + 1);
    body_ancestors(body, pick->in[0], live);
    CoreRef input = shifted_input(s, body, pick->in[1], live);
    if (!input) return;
    Dim places = body_ins(body, body_ins(body, input)->in[1])->type.dim[1];
    for (uint32_t i = 0; i < s->entry->noted.n; i++) {
        const NotedValue *v = &s->entry->noted.at[i];
        if (v->kind != NOTED_SOFTMAX || v->body != body || v->ref < input || !live[v->ref]) continue;
        const CoreIns *weights = body_ins(body, v->ref);
        int rank = weights->type.rank;
        if (rank < 3 || weights->type.dim[rank - 1] != places || weights->type.dim[rank - 2] != places) continue;
        CoreRef scores = softmax_input(body, v->ref);
        Sees sees = scores ? scores_see(body, scores, 0) : SEES_UNKNOWN;
        if (sees != SEES_AHEAD && sees != SEES_ALL) continue;
        Diag *d = diag_warning(s->diags, "W0706", pick->span, "a place of the model sees the tokens behind it, among them its target");
        if (has_span(weights->span)) diag_trail(d, weights->span, sees == SEES_ALL ? "every place is seen" : "the places behind are seen");
        diag_note(d, "in %s the target is the next token of the input", entry->name);
        diag_help(d, "MultiHeadAttention(d, heads, causal=true), or where(causal(T), score, -inf) in front of the softmax");
        return;
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
        if (ins->op == CORE_pick && entry->kind == ENTRY_TRAIN) looks_ahead(s, entry, body, ins);
    }
}
