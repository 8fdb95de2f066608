/* SPDX-License-Identifier: MIT
 * library.c: what is known of functions of the prelude by their names: the mask of a masked_mean, what results mean, and
 * arguments that are almost surely wrong (messages.md#mistakes-that-look-right). */
#include "sema/library.h"

#include <string.h>

#include "sema/base/frame.h"
#include "sema/warn_body.h"
#include "sema/warn_probability.h"
#include "sema/warn_range.h"

typedef enum { CHECK_NOTHING, CHECK_ONE_OUTPUT, CHECK_LOGITS, CHECK_SCHEDULE, CHECK_MASK, CHECK_SCORES } Check;

static const struct Known {
    const char *name;
    NotedKind kind; /* of its result */
    Check check;    /* of its arguments */
} functions[] = {
    {"softmax", NOTED_SOFTMAX, CHECK_ONE_OUTPUT},
    {"log_softmax", NOTED_LOG_SOFTMAX, CHECK_SCORES},
    {"relu", NOTED_ACTIVATION, CHECK_NOTHING},
    {"leaky_relu", NOTED_ACTIVATION, CHECK_NOTHING},
    {"elu", NOTED_ACTIVATION, CHECK_NOTHING},
    {"selu", NOTED_ACTIVATION, CHECK_NOTHING},
    {"silu", NOTED_ACTIVATION, CHECK_NOTHING},
    {"gelu", NOTED_ACTIVATION, CHECK_NOTHING},
    {"mish", NOTED_ACTIVATION, CHECK_NOTHING},
    {"softplus", NOTED_ACTIVATION, CHECK_NOTHING},
    {"live", NOTED_MASK, CHECK_NOTHING},
    {"causal", NOTED_MASK, CHECK_NOTHING},
    {"attention_weights", NOTED_NOTHING, CHECK_MASK},
    {"cross_entropy", NOTED_NOTHING, CHECK_LOGITS},
    {"cross_entropy_each", NOTED_NOTHING, CHECK_LOGITS},
    {"binary_cross_entropy_each", NOTED_NOTHING, CHECK_LOGITS},
    {"soft_cross_entropy", NOTED_NOTHING, CHECK_LOGITS},
    {"focal_loss", NOTED_NOTHING, CHECK_LOGITS},
    {"binary_focal_loss", NOTED_NOTHING, CHECK_LOGITS},
    {"dice_loss", NOTED_NOTHING, CHECK_LOGITS},
    {"binary_dice_loss", NOTED_NOTHING, CHECK_LOGITS},
    {"cosine", NOTED_NOTHING, CHECK_SCHEDULE},
    {"warmup_cosine", NOTED_NOTHING, CHECK_SCHEDULE},
    {"polynomial_decay", NOTED_NOTHING, CHECK_SCHEDULE},
    {"one_cycle", NOTED_NOTHING, CHECK_SCHEDULE},
};

static const struct Known *known(const char *name)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (!strcmp(name, functions[i].name)) return &functions[i];
    return NULL;
}

/* The argument of this name of the function whose frame this is; NULL: none, or no tensor. */
static const Value *parameter(Sema *s, const char *name)
{
    Local *local = frame_find(s->frame, str_name(s->strings, name));
    return local ? &local->value : NULL;
}

static const Value *tensor_parameter(Sema *s, const char *name)
{
    const Value *v = parameter(s, name);
    return v && v->kind == VAL_TENSOR && v->ref ? v : NULL;
}

/* masked_mean remembers its mask: a report weighs by the number of live places. */
static void note_mask(Sema *s, const Value *v)
{
    const Value *on = parameter(s, "on");
    if (v->kind != VAL_TENSOR || !on) return;
    LiveWeight w = {.body = v->body, .ref = v->ref, .mask = *on};
    vec_add(s->arena, &s->entry->weights, w);
}

/* ---- what goes into a loss ------------------------------------------------------------------- */

static bool is_probability(const EntryState *e, const Value *v)
{
    return body_is_noted(e, v->body, v->ref, NOTED_LOG_SOFTMAX) || probability_of(e, v->body, v->ref, NULL) != PROBABILITY_NONE;
}

/* A function whose results end above -2 or so, with all lower ones alike; or lie close together: relu, clip(x, 0, 6), tanh. */
static bool is_activation(Sema *s, const Value *v)
{
    if (body_is_noted(s->entry, v->body, v->ref, NOTED_ACTIVATION)) return true;
    Range r = range_known(s, v->body, v->ref);
    return r.lo >= -2 && r.lo < r.hi && ((r.how & RANGE_CLIPPED) || ((r.how & RANGE_SQUASHED) && r.hi <= 1.5));
}

/* Is the function a part of another one of the library? */
static bool is_inner(const Sema *s)
{
    return s->frame->up && s->frame->up->unit->library;
}

/* W0711: of one number alone softmax is 1. The sizes of the program count, not those of a batch. */
static bool one_output(Sema *s, const FnDecl *fn)
{
    const Value *x = tensor_parameter(s, fn->params->name), *axis = parameter(s, "axis");
    int64_t at = -1, n;
    if (is_inner(s)) return false;
    if (!x || !x->type.rank || (axis && !value_is_const_int(s, axis, &at))) return false;
    const Axis *a = &x->type.axis[at < 0 ? at + x->type.rank : at];
    if (a->kind != AXIS_DIM || !dim_is_const(s->dims, a->dim, &n) || n != 1) return false;
    Diag *d = diag_warning(s->diags, "W0711", s->call_span, "%s of one number is always %s", fn->name, fn->name[0] == 'l' ? "0" : "1");
    diag_help(d, "one output is asked yes or no: sigmoid(x) with binary_cross_entropy; two classes have two outputs");
    return true;
}

/* W0701, W0712: log_softmax, where a program calls it, of what has been through such a function. */
static void check_scores(Sema *s, const FnDecl *fn)
{
    const Value *x = tensor_parameter(s, fn->params->name);
    bool probability = x && is_probability(s->entry, x);
    if (!x || !(probability || is_activation(s, x))) return;
    Diag *d = diag_warning(s->diags, probability ? "W0701" : "W0712", s->call_span, "%s is given %s, but takes logits", fn->name,
                           probability ? "probabilities" : "the result of an activation");
    diag_help(d, probability ? "leave out the softmax or sigmoid; log_softmax(x) is log(softmax(x))"
                             : "leave out the activation of the last layer");
}

/* W0701, W0711, W0712: a cross entropy takes logits, of at least two classes, in its first argument. */
static void check_logits(Sema *s, const FnDecl *fn)
{
    const Value *logits = tensor_parameter(s, fn->params->name);
    if (!logits || body_is_noted(s->entry, logits->body, logits->ref, NOTED_WARNED)) return;
    int64_t n;
    const Axis *last = logits->type.rank ? &logits->type.axis[logits->type.rank - 1] : NULL;
    bool one = last && last->kind == AXIS_DIM && dim_is_const(s->dims, last->dim, &n) && n == 1;
    if (is_probability(s->entry, logits)) {
        Diag *d = diag_warning(s->diags, "W0701", s->call_span, "this cross entropy is given probabilities, but takes logits");
        diag_help(d, "leave out the softmax or sigmoid; the loss has its own");
    } else if (is_activation(s, logits)) {
        Diag *d =
            diag_warning(s->diags, "W0712", s->call_span, "this cross entropy is given the result of an activation, but takes logits");
        diag_help(d, "leave out the activation of the last layer; the loss has its own");
    } else if (one && !is_inner(s) && strncmp(fn->name, "binary", 6) != 0) {
        Diag *d = diag_warning(s->diags, "W0711", s->call_span, "with one class %s is always 0", fn->name);
        diag_help(d, "one output is asked yes or no: binary_cross_entropy(logits, float(y)); two classes have two outputs");
    }
}

/* ---- schedules ------------------------------------------------------------------------------- */

/* W0715: epochs where batches are counted, and the reverse. */
static void check_schedule(Sema *s, const FnDecl *fn)
{
    const Value *step = tensor_parameter(s, "step"), *steps = parameter(s, "steps");
    if (!step || !steps) return;
    const CoreHead *head = &s->entry->entry->head;
    bool tensor = steps->kind == VAL_TENSOR && steps->ref;
    double n = steps->number;
    bool constant = steps->kind == VAL_FLOAT || (tensor && body_constant(steps->body, steps->ref, &n));
    int counts = body_counter(step->body, step->ref), until = tensor ? body_counter(steps->body, steps->ref) : -1;
    if (counts == 1 && until == 2) {
        Diag *d = diag_warning(s->diags, "W0715", s->call_span, "%s is given `epoch` with `steps`, which counts batches", fn->name);
        diag_help(d, "write %s(..., step, steps), or the number of epochs for `steps`", fn->name);
    } else if (counts == 0 && constant && head->has_epochs && head->epochs > 1 && n == (double)head->epochs) {
        Diag *d = diag_warning(s->diags, "W0715", s->call_span, "%s ends after %lld batches: `step` counts them, not epochs", fn->name,
                               (long long)head->epochs);
        diag_help(d, "write %s(..., step, steps), or `epoch` for `step`", fn->name);
    }
}

/* ---- masks ----------------------------------------------------------------------------------- */

/* Is this the opposite of a mask of the library, which is true where something may be seen? */
static bool is_opposite(const EntryState *e, const CoreBody *body, CoreRef ref, int depth)
{
    const CoreIns *ins = body_ins(body, body_source(body, ref));
    if (depth > 8) return false;
    if (ins->op == CORE_not) return body_is_noted(e, body, ins->in[0], NOTED_MASK);
    return ins->op == CORE_and && (is_opposite(e, body, ins->in[0], depth + 1) || is_opposite(e, body, ins->in[1], depth + 1));
}

/* W0720, where an attention is told what it may see. */
static void check_mask(Sema *s)
{
    const Value *mask = tensor_parameter(s, "mask");
    if (!mask || !is_opposite(s->entry, mask->body, mask->ref, 0)) return;
    Diag *d = diag_warning(s->diags, "W0720", s->call_span, "this mask hides what is there and shows the padding or the future");
    diag_help(d, "a mask is true where something may be seen: live(len, T), causal(T), without `not`");
}

/* ---- calls ----------------------------------------------------------------------------------- */

void library_note_call(Sema *s, const FnDecl *fn, const Unit *unit, const Value *v)
{
    if (!s->entry || unit != s->prelude) return;
    if (!strcmp(fn->name, "masked_mean")) note_mask(s, v);
    const struct Known *k = s->in_metric ? NULL : known(fn->name);
    if (!k) return;
    bool warned = k->check == CHECK_ONE_OUTPUT && one_output(s, fn);
    if (k->kind != NOTED_NOTHING && v->kind == VAL_TENSOR) {
        NotedValue noted = {.kind = warned ? NOTED_WARNED : k->kind, .body = v->body, .ref = v->ref};
        vec_add(s->arena, &s->entry->noted, noted);
    }
    switch (k->check) {
    case CHECK_NOTHING:
    case CHECK_ONE_OUTPUT: break;
    case CHECK_LOGITS: check_logits(s, fn); break;
    case CHECK_SCORES:
        one_output(s, fn);
        if (!is_inner(s)) check_scores(s, fn);
        break;
    case CHECK_SCHEDULE: check_schedule(s, fn); break;
    case CHECK_MASK: check_mask(s); break;
    }
}

/* W0714: the variance of one row is 0. */
void library_note_layer(Sema *s, const Instance *instance, const PrimArg *args, uint32_t n)
{
    const EntryState *e = s->entry;
    if (!e || s->generic || !s->training || e->derived || e->entry->kind != ENTRY_TRAIN || instance->unit != s->prelude) return;
    if (strcmp(instance->decl->name, "BatchNorm") != 0 || n != 1 || args[0].value.kind != VAL_TENSOR) return;
    const SemaType *t = &args[0].value.type;
    if (!e->entry->head.has_batch || e->entry->head.batch != 1 || t->rank != 2 || t->axis[0].dim != e->batch) return;
    Diag *d = diag_warning(s->diags, "W0714", s->call_span, "BatchNorm sees one row at a time: with batch=1 its result is its bias");
    diag_help(d, "train with a larger batch, or write LayerNorm, which works within a row");
}
