/* SPDX-License-Identifier: MIT
 * calls.c: which layers an entry point calls, and what they return. */
#include "sema/calls.h"

#include <string.h>

#include "sema/base/value.h"

/* Does the call leave the layer that it stands in? */
static bool enters(const EntryState *e, const Instance *instance)
{
    if (!instance || !instance->path[0] || instance->metric) return false;
    for (uint32_t i = e->call; i; i--) {
        const CoreCall *c = &e->entry->calls.at[i - 1];
        if (c->is_layer && c->last == UINT32_MAX) return strcmp(c->path, instance->path) != 0;
    }
    return true;
}

uint32_t calls_begin(Sema *s, const Instance *instance, const char *fn)
{
    EntryState *e = s->entry;
    if (s->generic || !e || !s->body) return 0;
    CoreCall c = {.body = s->body, .first = s->body->ins.n, .last = UINT32_MAX, .fn = fn, .is_layer = enters(e, instance)};
    if (c.is_layer) c.path = instance->path, c.type = instance->decl ? instance->decl->name : "chain";
    if (c.is_layer && fn == s->word_forward) c.fn = NULL;
    vec_add(s->arena, &e->entry->calls, c);
    uint32_t around = e->call;
    e->call = e->entry->calls.n;
    return around;
}

void calls_end(Sema *s, uint32_t around)
{
    EntryState *e = s->entry;
    if (s->generic || !e || !e->call || !s->body) return;
    CoreCall *c = &e->entry->calls.at[e->call - 1];
    c->last = c->body->ins.n;
    if (around) e->entry->calls.at[around - 1].has_layers |= c->is_layer || c->has_layers;
    e->call = around;
}

static bool is_noted(const Sema *s, const char *path)
{
    for (uint32_t i = 0; i < s->program->layers.n; i++)
        if (!strcmp(s->program->layers.at[i].path, path)) return true;
    return false;
}

void calls_note(Sema *s, const Instance *instance, const Value *out)
{
    if (s->generic || !s->entry || !instance->path[0] || is_error(out) || is_noted(s, instance->path)) return;
    const Value *item = out->kind == VAL_TUPLE ? out->items : out;
    uint32_t n = out->kind == VAL_TUPLE ? out->n : 1;
    CoreLayerInfo info = {.path = instance->path,
                          .type = instance->decl ? instance->decl->name : "chain",
                          .entry = s->program->entries.n,
                          .span = instance->made};
    for (uint32_t i = 0; i < n; i++)
        if (item[i].kind == VAL_TENSOR) vec_add(s->arena, &info.outs, core_type(s, &item[i].type));
    if (info.outs.n) vec_add(s->arena, &s->program->layers, info);
}
