/* SPDX-License-Identifier: MIT
 * symbols.c: the declarations of a text, and what is in them. */
#include "lsp/position.h"
#include "lsp/request.h"
#include "syntax/parse.h"

/* SymbolKind of the protocol. */
enum {
    NAMESPACE = 3,
    CLASS = 5,
    METHOD = 6,
    PROPERTY = 7,
    FIELD = 8,
    FUNCTION = 12,
    VARIABLE = 13,
    CONSTANT = 14,
    OBJECT = 19,
    STRUCT = 23,
    EVENT = 24
};

static const struct {
    int kind;
    const char *detail;
} declarations[] = {
    [DECL_IMPORT] = {NAMESPACE, "import"}, [DECL_CONST] = {CONSTANT, "const"},
    [DECL_OPTION] = {PROPERTY, "option"},  [DECL_DATA] = {STRUCT, "data"},
    [DECL_LAYER] = {CLASS, "layer"},       [DECL_METRIC] = {CLASS, "metric"},
    [DECL_MODEL] = {OBJECT, "model"},      [DECL_OPTIMIZER] = {OBJECT, "optimizer"},
    [DECL_TRAIN] = {EVENT, "train"},       [DECL_EVAL] = {EVENT, "eval"},
    [DECL_FN] = {FUNCTION, "fn"},
};
static const struct {
    int kind;
    const char *detail;
} members[] = {
    [MEMBER_PARAM] = {FIELD, "param"},
    [MEMBER_STATE] = {FIELD, "state"},
    [MEMBER_LAYER] = {PROPERTY, "layer"},
    [MEMBER_LOCAL] = {VARIABLE, ""},
    [MEMBER_FN] = {METHOD, "fn"},
    [MEMBER_IF] = {0, ""},
    [MEMBER_FOR] = {0, ""},
};

static json_t *symbol(const SourceFile *file, const char *name, int kind, const char *detail, Span whole, Span at, json_t *children)
{
    if (at.lo < whole.lo || at.hi > whole.hi) whole = span_join(whole, at);
    return json_pack("{s:s,s:i,s:s,s:o,s:o,s:o}", "name", *name ? name : "?", "kind", kind, "detail", detail, "range",
                     position_range(file, whole), "selectionRange", position_range(file, at), "children", children);
}

static void add_members(json_t *list, const SourceFile *file, const Member *m)
{
    for (; m; m = m->next) {
        if (members[m->kind].kind)
            json_array_append_new(list, symbol(file, m->name, members[m->kind].kind, members[m->kind].detail, m->fn ? m->fn->span : m->span,
                                               m->name_span, json_array()));
        if (m->kind == MEMBER_IF || m->kind == MEMBER_FOR) {
            add_members(list, file, m->body);
            add_members(list, file, m->orelse);
        }
    }
}

static json_t *inside(const SourceFile *file, const Decl *d)
{
    json_t *list = json_array();
    add_members(list, file, d->members);
    for (const Field *f = d->fields; f; f = f->next)
        if (f->type) json_array_append_new(list, symbol(file, f->name, FIELD, "field", f->span, f->name_span, json_array()));
    return list;
}

json_t *symbols_answer(const Request *r)
{
    const SourceFile *file = r->document->file;
    Strings strings;
    Sources sources = {.arena = r->arena};
    Diags diags = {.arena = r->arena, .sources = &sources};
    strings_init(&strings, r->arena);
    const Ast *ast = parse_file(r->arena, &strings, &diags, &sources, source_add(&sources, file->name, file->text, file->n, false));
    json_t *list = json_array();
    for (const Decl *d = ast->decls; d; d = d->next) {
        const char *detail = d->is_export ? "export fn" : declarations[d->kind].detail;
        Span at = d->kind == DECL_FN ? d->fn->name_span : d->name_span;
        json_array_append_new(list, symbol(file, d->name, declarations[d->kind].kind, detail, d->span, at, inside(file, d)));
    }
    return list;
}
