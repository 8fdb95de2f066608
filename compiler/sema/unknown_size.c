/* SPDX-License-Identifier: MIT
 * unknown_size.c: sizes that a signature or a data block uses and does not name. */
#include "sema/unknown_size.h"

#include <ctype.h>
#include <string.h>

#include "sema/base/frame.h"
#include "sema/base/place.h"
#include "sema/base/unit.h"

static bool is_size_name(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!isupper((unsigned char)*c) || c - name > 1) return false;
    return true;
}

/* The sizes of the parameters that are named nowhere, behind those that are. */
static const char *sizes_of(Sema *s, const FnDecl *fn, const char *name)
{
    Text text = {.arena = s->arena};
    const char *added[8] = {0};
    uint32_t n = 0;
    bool has = false;
    for (const Name *b = fn->binders; b; b = b->next)
        text_add(&text, "%s%s%s", text.n ? ", " : "", b->pack ? "*" : "", b->text);
    for (const Param *p = fn->params; p; p = p->next)
        for (const DimItem *item = p->type->dims; item; item = item->next) {
            const char *size = item->kind == DIMITEM_EXPR && item->expr->kind == EXPR_NAME ? item->expr->name : "a";
            bool known = !is_size_name(size) || frame_find(s->frame, size) || scope_find_global(s, size) || n == 8;
            for (uint32_t i = 0; i < n && !known; i++)
                known = added[i] == size;
            if (known) continue;
            added[n++] = size;
            text_add(&text, "%s%s", text.n ? ", " : "", size);
            has |= size == name;
        }
    if (!has) text_add(&text, "%s%s", text.n ? ", " : "", name); /* of the result */
    return text_c(&text);
}

/* Those of the data block that is declared, but B, which is the batch: "H, W" */
static const char *sizes_of_fields(Sema *s, const char *name)
{
    Text text = {.arena = s->arena};
    const char *block = s->program->data.at[s->program->data.n - 1].name;
    const Global *g = unit_find(s->main, block);
    for (const Field *f = g ? g->decl->fields : NULL; f; f = f->next)
        for (const DimItem *item = f->type && f->type->kind == TYPE_TENSOR ? f->type->dims : NULL; item; item = item->next) {
            const char *size = item->kind == DIMITEM_EXPR && item->expr->kind == EXPR_NAME ? item->expr->name : "a";
            if (!is_size_name(size) || scope_find_global(s, size) || !strcmp(size, "B") || strstr(text_c(&text), size)) continue;
            text_add(&text, "%s%s", text.n ? ", " : "", size);
        }
    return text.n ? text_c(&text) : name;
}

/* A size that is named nowhere: T in fn f[B](x: float[B, T]). */
bool size_help(Sema *s, Diag *d, const char *name)
{
    if (!is_size_name(name)) return false;
    const FnDecl *fn = s->frame ? s->frame->fn : NULL;
    if (!fn && !(s->frame && s->frame->instance) && !s->entry) {
        if (!s->data) return false;
        diag_help(d, "leave the axis of the batch out: a field is one example; a size that varies is named: data d[%s] { }",
                  sizes_of_fields(s, name));
        diag_mistake(d, "sizes of data block %u", s->program->data.n);
        return true;
    }
    const CoreData *data =
        s->entry && s->frame && s->frame->entry && s->entry->entry->data >= 0 ? &s->program->data.at[s->entry->entry->data] : NULL;
    if (!fn && data && data->symbols.n) {
        diag_help(d, "the sizes of the data are named in the head, behind the batch: %s[B, %s](...)", s->entry->decl->name, name);
        return true;
    }
    if (!fn || span_in_library(s, fn->name_span)) return false;
    diag_help(d, "sizes are named behind the name of the function: fn %s[%s](...)", fn->name, sizes_of(s, fn, name));
    if (!s->diags->muted) vec_add(s->arena, &s->told_sizes, fn);
    return true;
}

/* Another of the sizes that a function does not name. */
bool size_was_told(const Sema *s, const char *name)
{
    for (uint32_t i = 0; s->frame && s->frame->fn && is_size_name(name) && i < s->told_sizes.n; i++)
        if (s->told_sizes.at[i] == s->frame->fn) return true;
    return false;
}

/* Is it the size of an axis of a parameter? */
bool size_is_axis(const FnDecl *fn, const char *name)
{
    for (const Param *p = fn->params; p; p = p->next)
        for (const DimItem *item = p->type->dims; item; item = item->next)
            if (item->kind == DIMITEM_EXPR && item->expr->kind == EXPR_NAME && item->expr->name == name) return true;
    return false;
}
