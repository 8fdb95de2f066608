/* SPDX-License-Identifier: MIT
 * calls.c: which layers an entry point calls, and what they return. */
#include "sema/calls.h"

#include <string.h>

#include "sema/base/value.h"

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
