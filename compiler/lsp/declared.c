/* SPDX-License-Identifier: MIT
 * declared.c: the declarations that a text can name. */
#include "lsp/declared.h"

#include <string.h>

#include "sema/base/options.h"
#include "syntax/parse.h"

void declared_read(Declared *d, const Request *r)
{
    *d = (Declared){.arena = r->arena, .document = r->document};
    d->sources.arena = d->diags.arena = d->arena;
    d->diags.sources = &d->sources;
    strings_init(&d->strings, d->arena);
    const SourceFile *file = r->document->file;
    d->text = parse_file(d->arena, &d->strings, &d->diags, &d->sources, source_add(&d->sources, file->name, file->text, file->n, false));
    d->library = sema_library(d->arena, &d->strings, &d->diags, &d->sources, &d->n_library);
}

static const Decl *in_tree(const Ast *tree, const char *name, DeclKind kind)
{
    for (const Decl *e = tree ? tree->decls : NULL; e; e = e->next)
        if (e->name && !strcmp(e->name, name) && (kind == DECL_IMPORT) == (e->kind == DECL_IMPORT)) return e;
    return NULL;
}

static const Ast *library_tree(const Declared *d, const char *path)
{
    for (uint32_t i = 0; i < d->n_library; i++)
        if (!strcmp(source_get(&d->sources, d->library[i]->file)->name, path)) return d->library[i];
    return NULL;
}

const Ast *declared_import(Declared *d, const char *name)
{
    const Decl *import = in_tree(d->text, name, DECL_IMPORT);
    return import && import->path ? library_tree(d, import->path) : NULL;
}

const Decl *declared_find(Declared *d, const char *name, const SourceFile **of)
{
    const char *dot = strchr(name, '.');
    const Ast *tree = d->text;
    const Decl *found = NULL;
    if (dot) {
        tree = declared_import(d, arena_copy(d->arena, name, (size_t)(dot - name)));
        found = in_tree(tree, dot + 1, DECL_FN);
    } else if (!(found = in_tree(tree, name, DECL_FN))) {
        tree = library_tree(d, "std/prelude.nn");
        found = in_tree(tree, name, DECL_FN);
    }
    if (found) *of = source_get(&d->sources, tree->file);
    return found;
}

const Decl *declared_around(const Declared *d, uint32_t at)
{
    for (const Decl *e = d->text->decls; e; e = e->next)
        if (e->span.lo == at) return e;
    return NULL;
}

/* The dotted name that a call makes a layer of; NULL: it is none, or a chain. */
static const char *made_of(const Declared *d, const Expr *value)
{
    const Expr *callee = value && value->kind == EXPR_CALL ? value->a : NULL;
    if (callee && callee->kind == EXPR_NAME) return callee->name;
    if (callee && callee->kind == EXPR_FIELD && callee->a->kind == EXPR_NAME)
        return arena_print(d->arena, "%s.%s", callee->a->name, callee->name);
    return NULL;
}

static const Expr *member_value(const Member *m, const char *name)
{
    for (; m; m = m->next) {
        if (m->kind == MEMBER_LAYER && !strcmp(m->name, name)) return m->value;
        const Expr *inner = m->kind == MEMBER_IF || m->kind == MEMBER_FOR ? member_value(m->body, name) : NULL;
        if (inner) return inner;
    }
    return NULL;
}

const Decl *declared_layer(Declared *d, const Decl *around, const char *path)
{
    const Decl *layer = around && around->kind == DECL_LAYER ? around : NULL;
    for (bool first = true; *path; first = false) {
        size_t n = strcspn(path, ".");
        const char *name = arena_copy(d->arena, path, n);
        const SourceFile *of = NULL;
        const Decl *model = first ? in_tree(d->text, name, DECL_MODEL) : NULL;
        const Expr *value = model && model->kind == DECL_MODEL ? model->value : layer ? member_value(layer->members, name) : NULL;
        const char *made = made_of(d, value);
        layer = made ? declared_find(d, made, &of) : NULL;
        if (!layer || layer->kind != DECL_LAYER) return NULL;
        path += n + (path[n] == '.');
    }
    return layer;
}
