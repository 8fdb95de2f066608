/* SPDX-License-Identifier: MIT
 * frame.c: function bodies under evaluation and the names they hold. */
#include "sema/base/frame.h"

#include "sema/base/meaning.h"
#include "sema/base/place.h"
#include "sema/base/record.h"
#include "sema/base/unit.h"

static uint64_t child_hash(Sema *s, Frame *up, const char *name)
{
    for (uint32_t i = 0; i < up->calls.n; i++)
        if (up->calls.at[i].name == name) return hash_mix(hash_mix(up->hash, hash_text(name)), ++up->calls.at[i].n);
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
    frame->errors = s->diags->n_errors;
    const char *name = fn ? fn->name : "";
    frame->hash = s->frame ? child_hash(s, s->frame, name) : hash_text(name);
    if (instance && instance->path && instance->path[0]) frame->hash = hash_mix(frame->hash, hash_text(instance->path));
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
    if (span_in_library(s, span) || (v->kind != VAL_TENSOR && v->kind != VAL_INT && v->kind != VAL_FLOAT)) return;
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
    text_add(s->options->shapes, "%s:%u:%u: %s: %s\n", file->name, source_line(file, span.lo), source_column(file, span.lo), name, what);
}

void frame_bind(Sema *s, const char *name, Value value, Span span)
{
    Frame *frame = s->frame;
    list_shape(s, name, &value, span);
    meaning_of_binding(s, name, span, &value);
    value.span = span;
    Local *local = frame_find(frame, name);
    if (local) {
        local->value = value;
        local->span = span;
        local->ended = (Span){0};
        local->unbound = local->pack = local->binder = false;
        return;
    }
    if (!record_within_limit(s, frame->locals.n + 1, MAX_LOCALS, "names in one function", span)) return;
    Local fresh = {.name = name, .value = value, .span = span};
    vec_add(s->arena, &frame->locals, fresh);
}

/* ---- binders and members --------------------------------------------------------------------- */

static Value rigid_pack(Sema *s, Symbol symbol)
{
    Value v = {.kind = VAL_INTS, .n_unknown = true, .dim = dim_symbol(s->dims, symbol)};
    v.type.rank = 1;
    v.type.axis[0] = (Axis){AXIS_PACK, v.dim, symbol};
    return v;
}

void frame_declare(Sema *s, const Name *binders, bool rigid)
{
    Frame *frame = s->frame;
    for (const Name *b = binders; b; b = b->next) {
        if (frame_find(frame, b->text)) diag_error(s->diags, "E0120", b->span, "`%s` is declared twice", b->text);
        Local local = {.name = b->text, .span = b->span, .binder = true, .pack = b->pack, .unbound = !rigid};
        if (rigid) {
            Symbol symbol = symbol_new(s->dims, b->text);
            local.value = b->pack ? rigid_pack(s, symbol) : value_dim(s, dim_symbol(s->dims, symbol));
        }
        vec_add(s->arena, &frame->locals, local);
    }
}

/* The newest member of that name (locals can be rebound). */
Mem *instance_find(const Instance *instance, const char *name)
{
    for (uint32_t i = instance->members.n; i-- > 0;)
        if (instance->members.at[i].name == name) return &instance->members.at[i];
    return NULL;
}

void instance_tensors(Sema *s, const Instance *instance, bool states, TensorList *out)
{
    for (uint32_t i = 0; i < instance->members.n; i++) {
        const Mem *m = &instance->members.at[i];
        bool tensor = m->kind == MEM_PARAM || (states && m->kind == MEM_STATE);
        if (tensor && m->tensor >= 0) vec_add(s->arena, &out->t, (uint32_t)m->tensor);
        bool child = (m->kind == MEM_CHILD || m->kind == MEM_CONFIG) && m->value.kind == VAL_LAYER && m->value.instance;
        if (child && m->value.instance->owner == instance) instance_tensors(s, m->value.instance, states, out);
    }
    for (uint32_t i = 0; i < instance->items.n; i++) {
        const Value *v = &instance->items.at[i];
        if (v->kind == VAL_LAYER && v->instance->owner == instance) instance_tensors(s, v->instance, states, out);
    }
}

/* ---- declarations in reach ------------------------------------------------------------------- */

Unit *frame_unit(Sema *s)
{
    return s->frame ? s->frame->unit : s->main;
}

Global *scope_find_global(Sema *s, const char *name)
{
    Global *g = unit_find(frame_unit(s), name);
    return g ? g : unit_find(s->prelude, name);
}

Global *scope_find_metric(Sema *s, const char *name)
{
    if (frame_find(s->frame, name)) return NULL;
    Global *g = scope_find_global(s, name);
    return g && g->decl->kind == DECL_METRIC ? g : NULL;
}
