/* SPDX-License-Identifier: MIT
 * scope.c: what a name means: locals, members, the file, the library, primitives (language.md 5.2).
 */
#include "sema/sema_state.h"

#include <math.h>
#include <string.h>

/* ---- frames --------------------------------------------------------------------------------- */

static uint64_t child_hash(Sema *s, Frame *up, const char *name)
{
    for (uint32_t i = 0; i < up->calls.n; i++)
        if (up->calls.at[i].name == name)
            return hash_mix(hash_mix(up->hash, hash_text(name)), ++up->calls.at[i].n);
    CallCount c = {.name = name, .n = 1};
    vec_add(s->arena, &up->calls, c);
    return hash_mix(hash_mix(up->hash, hash_text(name)), 1);
}

Frame *frame_push(Sema *s, Unit *unit, Instance *instance, const FnDecl *fn, Span call)
{
    Frame *frame = ARENA_NEW(s->arena, Frame);
    frame->up = s->frame;
    frame->unit = unit;
    frame->instance = instance;
    frame->fn = fn;
    frame->call = call;
    frame->result = value_none();
    const char *name = fn ? fn->name : "";
    frame->hash = s->frame ? child_hash(s, s->frame, name) : hash_text(name);
    if (instance && instance->path && instance->path[0])
        frame->hash = hash_mix(frame->hash, hash_text(instance->path));
    s->frame = frame;
    return frame;
}

void frame_pop(Sema *s)
{
    s->frame = s->frame->up;
}

Local *frame_find(Frame *frame, const char *name)
{
    if (!frame) return NULL;
    for (uint32_t i = frame->locals.n; i-- > 0;)
        if (frame->locals.at[i].name == name) return &frame->locals.at[i];
    return NULL;
}

enum { MOST_SHOWN = 5000 };

/* Every binding with its type, for --shapes; once per place. */
static void list_shape(Sema *s, const char *name, const Value *v, Span span)
{
    if (!s->options || !s->options->list_shapes || !s->options->shapes || !span.file) return;
    if (span_in_library(s, span) ||
        (v->kind != VAL_TENSOR && v->kind != VAL_INT && v->kind != VAL_FLOAT))
        return;
    if (s->diags->muted || s->shown.n > MOST_SHOWN) return;
    const SourceFile *file = source_get(s->sources, span.file);
    const char *what = value_describe(s, v);
    uint64_t hash = hash_mix(hash_text(what), span.lo);
    for (uint32_t i = s->shown.n; i-- > 0;)
        if (s->shown.at[i] == hash) return;
    vec_add(s->arena, &s->shown, hash);
    if (s->shown.n > MOST_SHOWN) {
        text_add(s->options->shapes, "and more: only %d are listed\n", MOST_SHOWN);
        return;
    }
    text_add(s->options->shapes, "%s:%u:%u: %s: %s\n", file->name, source_line(file, span.lo),
             source_column(file, span.lo), name, what);
}

void frame_bind(Sema *s, const char *name, Value value, Span span)
{
    Frame *frame = s->frame;
    list_shape(s, name, &value, span);
    value.span = span;
    Local *local = frame_find(frame, name);
    if (local) {
        local->value = value;
        local->span = span;
        local->ended = (Span){0};
        local->unbound = local->pack = local->binder = false;
        return;
    }
    if (!limit_keeps(s, frame->locals.n + 1, MAX_LOCALS, "names in one function", span)) return;
    Local fresh = {.name = name, .value = value, .span = span};
    vec_add(s->arena, &frame->locals, fresh);
}

/* ---- files ---------------------------------------------------------------------------------- */

/* The slot of an interned name: its own, or the free one where it would stand. */
static uint32_t *slot_of(const Unit *unit, const char *name)
{
    uint64_t at = ((uint64_t)(uintptr_t)name * 0x9e3779b97f4a7c15u) >> 32;
    while (unit->slot[at & unit->mask] && unit->globals.at[unit->slot[at & unit->mask] - 1]->decl->name != name)
        at++;
    return &unit->slot[at & unit->mask];
}

void unit_add(Sema *s, Unit *unit, Global *global)
{
    vec_add(s->arena, &unit->globals, global);
    uint32_t n = unit->globals.n, first = n;
    if (2 * n > unit->mask) { /* half of the slots stay free */
        unit->mask = unit->mask ? 2 * unit->mask + 1 : 63;
        unit->slot = ARENA_ARRAY(s->arena, uint32_t, unit->mask + 1);
        first = 1;
    }
    for (uint32_t i = first; i <= n; i++)
        *slot_of(unit, unit->globals.at[i - 1]->decl->name) = i;
}

Global *unit_find(const Unit *unit, const char *name)
{
    uint32_t at = unit && unit->slot ? *slot_of(unit, name) : 0;
    return at ? unit->globals.at[at - 1] : NULL;
}

static Unit *current_unit(Sema *s)
{
    return s->frame ? s->frame->unit : s->main;
}

Global *scope_find_global(Sema *s, const char *name)
{
    Global *g = unit_find(current_unit(s), name);
    return g ? g : unit_find(s->prelude, name);
}

Global *scope_find_metric(Sema *s, const char *name)
{
    if (frame_find(s->frame, name)) return NULL;
    Global *g = scope_find_global(s, name);
    return g && g->decl->kind == DECL_METRIC ? g : NULL;
}

/* ---- suggestions ---------------------------------------------------------------------------- */

static void consider(const char *name, const char *candidate, const char **best, int *distance)
{
    if (!candidate) return;
    int d = str_distance(name, candidate);
    size_t n = strlen(name);
    if (d > 2 || (n <= 3 && d > 1) || (n <= 1 && d > 0) || d >= *distance) return;
    *best = candidate;
    *distance = d;
}

const char *suggest_among(const char *name, const char *const *names, uint32_t n)
{
    const char *best = NULL;
    int distance = 99;
    for (uint32_t i = 0; i < n; i++)
        consider(name, names[i], &best, &distance);
    return best;
}

const char *scope_suggest(Sema *s, const char *name)
{
    const char *best = NULL;
    int distance = 99;
    if (s->frame) {
        for (uint32_t i = 0; i < s->frame->locals.n; i++)
            consider(name, s->frame->locals.at[i].name, &best, &distance);
        for (uint32_t i = 0; s->frame->instance && i < s->frame->instance->members.n; i++)
            consider(name, s->frame->instance->members.at[i].name, &best, &distance);
    }
    const Unit *unit = current_unit(s);
    for (uint32_t i = 0; unit && i < unit->globals.n; i++)
        consider(name, unit->globals.at[i]->decl->name, &best, &distance);
    for (uint32_t i = 0; s->prelude && i < s->prelude->globals.n; i++)
        consider(name, s->prelude->globals.at[i]->decl->name, &best, &distance);
    uint32_t n;
    const char *const *prims = prim_names(&n);
    for (uint32_t i = 0; i < n; i++)
        consider(name, prims[i], &best, &distance);
    return best;
}

/* Names of other systems for things of the library. */
static const char *foreign_name(const char *name)
{
    static const char *const table[][2] = {
        {"BatchNorm1d", "BatchNorm"},
        {"BatchNorm2d", "BatchNorm"},
        {"Linear", "Dense"},
        {"Conv2D", "Conv2d"},
        {"Conv1D", "Conv1d"},
        {"MaxPool2D", "MaxPool2d"},
        {"ConvTranspose2d", "ConvT2d"},
        {"Sequential", "chain"},
        {"LeakyReLU", "LeakyRelu"},
        {"ReLU", "relu"},
        {"BatchNormalization", "BatchNorm"},
        {"nn", "Dense, Conv2d ... without a prefix"},
        {"np", "mean, exp ... without a prefix"},
        {"torch", "mean, exp ... without a prefix"},
        {"F", "relu, softmax ... without a prefix"},
        {"self", NULL},
        {"print", NULL},
        {"True", "true"},
        {"False", "false"},
        {"None", NULL},
        {"lambda", NULL},
        {"CrossEntropyLoss", "cross_entropy"},
        {"MSELoss", "mse"},
        {"MaxPooling2D", "MaxPool2d"},
        {"MaxPooling1D", "MaxPool1d"},
        {"AveragePooling2D", "AvgPool2d"},
        {"ConvTranspose1d", "ConvT1d"},
        {"Conv2DTranspose", "ConvT2d"},
        {"DepthwiseConv2D", "Conv2d with groups=n_in"},
        {"SeparableConv2D", "vision.SeparableConv"},
        {"AdaptiveAvgPool2d", "global_mean"},
        {"GlobalAveragePooling2D", "global_mean"},
        {"GlobalMaxPooling2D", "global_max"},
        {"InstanceNorm2d", "GroupNorm with groups=c"},
        {"LayerNormalization", "LayerNorm"},
        {"Dropout2d", "SpatialDropout"},
        {"SpatialDropout2D", "SpatialDropout"},
        {"PReLU", "PRelu"},
        {"Upsample", "vision.Upsample2d"},
        {"UpSampling2D", "vision.Upsample2d"},
        {"TransformerEncoderLayer", "seq.EncoderBlock"},
        {"TransformerDecoderLayer", "seq.DecoderBlock"},
        {"MultiheadAttention", "MultiHeadAttention"},
        {"KLDivLoss", "kl_categorical"},
        {"CTCLoss", "seq.ctc"},
        {"TripletMarginLoss", "triplet"},
        {"L1Loss", "mae"},
        {"HuberLoss", "huber"},
        {"LSTMCell2", NULL},
        {"arange", "range"},
        {"matmul", "@"},
        {"dot", "@"},
        {"cat", "concat"},
        {"permute", "rearrange"},
        {"squeeze", "x[..., 0]"},
        {"unsqueeze", "x[..., _]"},
        {"view", "reshape"},
        {"clamp", "minimum(maximum(x, a), b)"},
        {"BCEWithLogitsLoss", "binary_cross_entropy"},
        {"max_pool", "max_pool2d"},
        {"detach", "stop_gradient"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (!strcmp(table[i][0], name)) return table[i][1];
    return NULL;
}

static void help_unknown(Sema *s, Diag *d, const char *name)
{
    const char *foreign = foreign_name(name), *close = foreign ? NULL : scope_suggest(s, name);
    if (!strcmp(name, "self"))
        diag_help(d, "members are used by name: `fc1(x)`");
    else if (!strcmp(name, "print"))
        diag_help(d, "values of a run are shown with `report`, types with nnc --shapes");
    else if (!strcmp(name, "None"))
        diag_help(d, "there is no None; a stretching axis is written `_`");
    else if (foreign)
        diag_help(d, "here it is called %s", foreign);
    else if (close)
        diag_help(d, "did you mean `%s`?", close);
}

static Value unknown_name(Sema *s, const char *name, Span span)
{
    Diag *d = diag_error(s->diags, "E0101", span, "unknown name `%s`", name);
    if (s->frame && s->frame->instance && s->frame->instance->decl) {
        for (const Member *m = s->frame->instance->decl->members; m; m = m->next) {
            if (m->kind != MEMBER_IF) continue;
            for (int side = 0; side < 2; side++)
                for (const Member *c = side ? m->orelse : m->body; c; c = c->next)
                    if (c->name == name)
                        diag_trail(d, c->span,
                                   "declared under a condition that does not hold here");
        }
    }
    if (!strcmp(name, "step") || !strcmp(name, "epoch") || !strcmp(name, "steps"))
        diag_note(
            d,
            "`step`, `epoch` and `steps` are known in the body of a train; pass them as arguments");
    else
        help_unknown(s, d, name);
    return value_error();
}

/* ---- lookup --------------------------------------------------------------------------------- */

static Value local_value(Sema *s, Local *local, Span span)
{
    if (local->ended.file) {
        Diag *d =
            diag_error(s->diags, "E0104", span,
                       "`%s` is not known here: it ended with the body of a scan", local->name);
        diag_trail(d, local->ended, "bound here");
        diag_help(d, "make it a carry: `with %s = ...`", local->name);
        return value_error();
    }
    if (local->unbound) {
        diag_error(s->diags, "E0318", span,
                   "`%s` is not known yet: no parameter before this one gives it a value",
                   local->name);
        return value_error();
    }
    return local->value;
}

static Value counter_value(Sema *s, const char *name)
{
    static const char *const names[] = {"step", "epoch", "steps"};
    if (!s->frame || !s->frame->entry || !s->entry || s->entry->decl->kind != DECL_TRAIN)
        return value_none();
    for (int i = 0; i < 3; i++) {
        if (strcmp(names[i], name) != 0) continue;
        SemaType type = type_scalar(ELEM_int);
        return value_leaf(s, CORE_counter, &type, i);
    }
    return value_none();
}

static Value training_value(Sema *s, Span span)
{
    if (!s->generic) return value_bool(s->training);
    (void)span;
    return value_bool(decide(s, "training", OPER_EQ, 0, 0));
}

static Value builtin_value(Sema *s, const char *name)
{
    (void)s;
    if (!strcmp(name, "inf")) return value_float(INFINITY);
    if (!strcmp(name, "nan")) return value_float(NAN);
    if (prim_find(name) || !strcmp(name, "chain") || is_initialiser(name))
        return (Value){.kind = VAL_FN, .prim = name};
    return value_none();
}

Value scope_lookup(Sema *s, const char *name, Span span)
{
    if (name == s->word_training) return training_value(s, span);
    Local *local = frame_find(s->frame, name);
    if (local) return local_value(s, local, span);
    if (s->frame && s->frame->instance && instance_find(s->frame->instance, name))
        return instance_member(s, s->frame->instance, name, span);
    Value v = counter_value(s, name);
    if (v.kind != VAL_NONE) return v;
    Global *g = scope_find_global(s, name);
    if (g && g->decl->kind == DECL_METRIC && g->unit == s->prelude && prim_find(name)) g = NULL;
    if (g) return global_value(s, g, span);
    v = builtin_value(s, name);
    return v.kind != VAL_NONE ? v : unknown_name(s, name, span);
}

/* ---- members -------------------------------------------------------------------------------- */

/* The newest member of that name (locals can be rebound). */
Mem *instance_find(const Instance *instance, const char *name)
{
    for (uint32_t i = instance->members.n; i-- > 0;)
        if (instance->members.at[i].name == name) return &instance->members.at[i];
    return NULL;
}

static Value storage_value(Sema *s, Instance *instance, const Mem *m, Span span)
{
    if (!s->body) {
        diag_error(s->diags, "E0103", span, "`%s` is known only at run time", m->name);
        return value_error();
    }
    if (s->in_init) {
        diag_error(s->diags, "E0122", span, "a start value cannot use the %s `%s`",
                   m->kind == MEM_PARAM ? "parameter" : "state", m->name);
        return value_error();
    }
    CoreOp op = instance->metric ? CORE_report_sum : m->kind == MEM_PARAM ? CORE_weight : CORE_state;
    return value_leaf(s, op, &m->type, m->tensor < 0 ? 0 : m->tensor);
}

static Value option_again(Sema *s, const Value *v)
{
    Global *g = v->def;
    if (!s->body) return *v;
    return global_value(s, g, v->span);
}

static Value no_member(Sema *s, Instance *instance, const char *name, Span span)
{
    Diag *d = diag_error(s->diags, "E0102", span, "%s has no member `%s`",
                         instance->title ? instance->title : "this layer", name);
    const char *best = NULL;
    int distance = 99;
    for (uint32_t i = 0; i < instance->members.n; i++)
        consider(name, instance->members.at[i].name, &best, &distance);
    if (!strcmp(name, "weight") || !strcmp(name, "kernel") || !strcmp(name, "bias"))
        diag_help(d, "the parameters of Dense and of the convolutions are `w` and `b`");
    else if (best)
        diag_help(d, "did you mean `%s`?", best);
    return value_error();
}

Value instance_member(Sema *s, Instance *instance, const char *name, Span span)
{
    if (!instance->elaborated && instance->holes.n) {
        diag_error(s->diags, "E0317", span, "%s has a `_` that no call has filled in yet",
                   instance->title);
        return value_error();
    }
    Mem *m = instance_find(instance, name);
    if (!m) return no_member(s, instance, name, span);
    switch (m->kind) {
    case MEM_CONFIG:
    case MEM_LOCAL:
        if (m->value.kind == VAL_TENSOR && !m->value.ref && m->value.def)
            return option_again(s, &m->value);
        return m->value;
    case MEM_PARAM:
    case MEM_STATE: return storage_value(s, instance, m, span);
    case MEM_CHILD:
        if (m->n_index == 0) return m->value;
        return (Value){.kind = VAL_LAYER, .instance = instance, .text = name, .span = span};
    case MEM_FN: break;
    }
    return (Value){
        .kind = VAL_FN, .fn = m->fn, .instance = instance, .def = instance->global, .span = span};
}

/* block[0, 1]: the child; fewer indices than the declaration has give the family below them. */
Value family_index(Sema *s, const Value *family, const int64_t *index, uint32_t n, Span span)
{
    Instance *instance = family->instance;
    Value v = *family;
    int64_t at[MAX_INDEX] = {0};
    uint32_t k = family->n;
    for (uint32_t i = 0; i < k; i++)
        at[i] = family->items[i].truth;
    for (uint32_t i = 0; i < n && k < MAX_INDEX; i++)
        at[k++] = index[i];
    bool prefix = false;
    for (uint32_t i = 0; i < instance->members.n; i++) {
        Mem *m = &instance->members.at[i];
        if (m->kind != MEM_CHILD || m->name != family->text || m->n_index < k) continue;
        bool same = true;
        for (uint32_t j = 0; j < k; j++)
            same &= m->index[j] == at[j];
        if (!same) continue;
        if (m->n_index == k) return m->value;
        prefix = true;
    }
    if (!prefix) {
        Text text = {.arena = s->arena};
        for (uint32_t i = 0; i < k; i++)
            text_add(&text, "%s%lld", i ? ", " : "", (long long)at[i]);
        diag_error(s->diags, "E0105", span, "there is no layer %s[%s]", family->text,
                   text_c(&text));
        return value_error();
    }
    v.items = ARENA_ARRAY(s->arena, Value, k + 1);
    for (uint32_t i = 0; i < k; i++)
        v.items[i].truth = (int)at[i];
    v.n = k;
    return v;
}
