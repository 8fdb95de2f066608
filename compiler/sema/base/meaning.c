/* SPDX-License-Identifier: MIT
 * meaning.c: what the words of a program mean. */
#include "sema/base/meaning.h"

#include "sema/base/frame.h"
#include "sema/base/place.h"
#include "sema/base/unit.h"

static bool is_asked(const Sema *s, Span use)
{
    return s->options && s->options->meant && use.file && use.hi > use.lo && !span_in_library(s, use);
}

/* A layer that belongs to a model, by its path. */
static const char *path_of(const Value *v)
{
    const Instance *instance = v->kind == VAL_LAYER && !v->text ? v->instance : NULL;
    return instance && !instance->generic && instance->path && instance->path[0] ? instance->path : NULL;
}

static void tell(Sema *s, const char *name, Span use, Span definition, const Value *v, bool result)
{
    SemaMeaning m = {.name = name, .use = use, .definition = definition, .result = result, .path = v ? path_of(v) : NULL};
    if (v && v->kind != VAL_ERROR && v->kind != VAL_NONE) m.text = value_describe(s, v);
    s->options->meant(s->options->user, &m);
}

static Span span_of_global(const Global *g)
{
    return g->decl->kind == DECL_FN ? g->decl->fn->name_span : g->decl->name_span;
}

/* Of a size: where the declaration names it, not where it got its value. */
static Span span_of_binder(Sema *s, const Local *local)
{
    const Name *b = s->frame->fn ? s->frame->fn->binders : s->entry ? s->entry->decl->binders : NULL;
    for (; b; b = b->next)
        if (b->text == local->name) return b->span;
    return local->span;
}

/* Of an argument of a layer: where the layer names it, not what was given. */
static Span span_of_mem(const Instance *instance, const Mem *m)
{
    for (const Param *p = m->kind == MEM_CONFIG && instance->decl ? instance->decl->config : NULL; p; p = p->next)
        if (p->name == m->name) return p->name_span;
    return m->span;
}

static Span span_of_name(Sema *s, const char *name)
{
    Local *local = frame_find(s->frame, name);
    if (local) return local->binder ? span_of_binder(s, local) : local->span;
    const Mem *m = s->frame && s->frame->instance ? instance_find(s->frame->instance, name) : NULL;
    const Global *g = m ? NULL : scope_find_global(s, name);
    return m ? span_of_mem(s->frame->instance, m) : g ? span_of_global(g) : (Span){0};
}

void meaning_of_name(Sema *s, const char *name, Span use, const Value *v)
{
    if (is_asked(s, use)) tell(s, name, use, span_of_name(s, name), v, false);
}

/* The place of a field, or of the block for its parts. */
static Span span_in_data(const Global *block, const char *name)
{
    for (const Field *f = block->decl->fields; f; f = f->next)
        if (f->type && f->name == name) return f->name_span;
    return block->decl->name_span;
}

static Span span_of_member(const Value *base, const char *name)
{
    const Mem *m = base->kind == VAL_LAYER && base->instance ? instance_find(base->instance, name) : NULL;
    const Global *g = base->kind == VAL_MODULE && base->def ? unit_find(base->def, name) : NULL;
    if (m) return span_of_mem(base->instance, m);
    if (g) return span_of_global(g);
    return base->kind == VAL_EXAMPLE || base->kind == VAL_DATA ? span_in_data(base->def, name) : (Span){0};
}

void meaning_of_member(Sema *s, const Expr *field, const Value *base, const Value *v)
{
    if (is_asked(s, field->name_span)) tell(s, field->name, field->name_span, span_of_member(base, field->name), v, false);
}

void meaning_of_binding(Sema *s, const char *name, Span at, const Value *v)
{
    if (is_asked(s, at)) tell(s, name, at, at, v, false);
}

void meaning_of_argument(Sema *s, const PrimArg *arg, const Param *param)
{
    if (is_asked(s, arg->name_span)) tell(s, param->name, arg->name_span, param->name_span, &arg->value, false);
}

void meaning_of_result(Sema *s, const Expr *callee, const Value *v)
{
    Span use = callee->kind == EXPR_FIELD ? callee->name_span : callee->span;
    bool named = callee->kind == EXPR_FIELD || callee->kind == EXPR_NAME;
    if (named && v->kind != VAL_LAYER && is_asked(s, use)) tell(s, callee->name, use, (Span){0}, v, true);
}
