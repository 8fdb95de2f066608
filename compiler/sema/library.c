/* SPDX-License-Identifier: MIT
 * library.c: what is known of functions of the prelude by their names: the mask of a masked_mean, probabilities, losses of logits. */
#include "sema/library.h"

#include <string.h>

#include "sema/base/frame.h"

typedef enum { OTHER, MASKED_MEAN, PROBABILITIES, LOSS_OF_LOGITS } Known;

static Known known(const char *name)
{
    static const struct {
        const char *name;
        Known known;
    } table[] = {
        {"masked_mean", MASKED_MEAN},           {"softmax", PROBABILITIES},
        {"log_softmax", PROBABILITIES},         {"cross_entropy", LOSS_OF_LOGITS},
        {"cross_entropy_each", LOSS_OF_LOGITS}, {"binary_cross_entropy_each", LOSS_OF_LOGITS},
        {"soft_cross_entropy", LOSS_OF_LOGITS}, {"focal_loss", LOSS_OF_LOGITS},
        {"binary_focal_loss", LOSS_OF_LOGITS},  {"dice_loss", LOSS_OF_LOGITS},
        {"binary_dice_loss", LOSS_OF_LOGITS},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(name, table[i].name)) return table[i].known;
    return OTHER;
}

static const Value *parameter(Sema *s, const char *name)
{
    Local *local = frame_find(s->frame, name);
    return local ? &local->value : NULL;
}

/* masked_mean remembers its mask: a report weighs by the number of live places. */
static void note_mask(Sema *s, const Value *v)
{
    const Value *on = parameter(s, str_name(s->strings, "on"));
    if (v->kind != VAL_TENSOR || !on) return;
    LiveWeight w = {.body = v->body, .ref = v->ref, .mask = *on};
    vec_add(s->arena, &s->entry->weights, w);
}

static void note_probabilities(Sema *s, const Value *v)
{
    LiveWeight p = {.body = v->body, .ref = v->ref};
    if (v->kind == VAL_TENSOR) vec_add(s->arena, &s->entry->probabilities, p);
}

static bool is_probability(const EntryState *e, const Value *v)
{
    const CoreBody *body = v->body;
    CoreRef ref = v->ref;
    while (ref) {
        for (uint32_t i = 0; i < e->probabilities.n; i++)
            if (e->probabilities.at[i].body == body && e->probabilities.at[i].ref == ref) return true;
        const CoreIns *ins = &body->ins.at[ref - 1];
        if (ins->op == CORE_sigmoid) return true;
        bool view = ins->op == CORE_reshape || ins->op == CORE_permute || ins->op == CORE_slice || ins->op == CORE_broadcast;
        ref = view ? ins->in[0] : 0;
    }
    return false;
}

/* W0701: a cross entropy takes logits, in its first argument. */
static void check_logits(Sema *s, const FnDecl *fn)
{
    const Value *logits = fn->params ? parameter(s, fn->params->name) : NULL;
    if (!logits || logits->kind != VAL_TENSOR || !is_probability(s->entry, logits)) return;
    Diag *d = diag_warning(s->diags, "W0701", s->call_span, "this cross entropy is given probabilities, but takes logits");
    diag_help(d, "leave out the softmax or sigmoid; the loss has its own");
}

void library_note_call(Sema *s, const FnDecl *fn, const Unit *unit, const Value *v)
{
    if (!s->entry || unit != s->prelude) return;
    switch (known(fn->name)) {
    case MASKED_MEAN: note_mask(s, v); break;
    case PROBABILITIES:
        if (!s->in_metric) note_probabilities(s, v);
        break;
    case LOSS_OF_LOGITS:
        if (!s->in_metric) check_logits(s, fn);
        break;
    case OTHER: break;
    }
}
