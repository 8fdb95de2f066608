/* SPDX-License-Identifier: MIT
 * completion.c: what can be typed at a place: names that are bound, members, declarations, the library, arguments, columns, words of the
 * language. The editor chooses among them by what has been typed of the word. */
#include <string.h>

#include "core/optimizers.h"
#include "lsp/about.h"
#include "lsp/columns.h"
#include "lsp/context.h"
#include "lsp/declared.h"
#include "lsp/position.h"
#include "sema/base/readers.h"
#include "sema/base/taken.h"
#include "sema/data_args.h"
#include "sema/prim/prim.h"

/* CompletionItemKind of the protocol. */
enum {
    METHOD = 2,
    FUNCTION = 3,
    FIELD = 5,
    VARIABLE = 6,
    CLASS = 7,
    MODULE = 9,
    PROPERTY = 10,
    VALUE = 12,
    KEYWORD = 14,
    FILE_NAME = 17,
    EVENT = 23
};

/* What comes first in the list: the order of the digits. */
typedef enum { FIRST_ARGUMENT, FIRST_BOUND, FIRST_MEMBER, FIRST_DECLARED, FIRST_LIBRARY, FIRST_PRIMITIVE, FIRST_WORD } Rank;

typedef struct Completion {
    Arena *arena;
    Declared declared;
    Context context;
    json_t *items, *labels; /* labels: of the items, as an object */
} Completion;

static json_t *add(Completion *c, const char *label, int kind, Rank rank, const char *detail)
{
    char order[] = {(char)('0' + rank), 0};
    if (json_object_get(c->labels, label)) return NULL;
    json_object_set_new(c->labels, label, json_true());
    json_t *item = json_pack("{s:o,s:i,s:s}", "label", position_text(c->arena, label), "kind", kind, "sortText",
                             arena_print(c->arena, "%s%s", order, label));
    if (!item) return NULL;
    if (detail && *detail) json_object_set_new(item, "detail", position_text(c->arena, detail));
    json_array_append_new(c->items, item);
    return item;
}

static int kind_of(const Decl *d)
{
    switch (d->kind) {
    case DECL_FN: return FUNCTION;
    case DECL_LAYER:
    case DECL_METRIC: return CLASS;
    case DECL_IMPORT: return MODULE;
    case DECL_TRAIN:
    case DECL_EVAL: return EVENT;
    default: return VARIABLE;
    }
}

static void add_declaration(Completion *c, const Decl *d, const SourceFile *file, Rank rank)
{
    uint32_t at = d->kind == DECL_FN ? d->fn->name_span.lo : d->name_span.lo;
    json_t *item = add(c, d->name, kind_of(d), rank, about_head(c->arena, file, at));
    const char *comment = about_comment(c->arena, file, at);
    if (item && *comment)
        json_object_set_new(item, "documentation", json_pack("{s:s,s:o}", "kind", "plaintext", "value", position_text(c->arena, comment)));
}

static void add_tree(Completion *c, const Ast *tree, Rank rank)
{
    const SourceFile *file = source_get(&c->declared.sources, tree->file);
    for (const Decl *d = tree->decls; d; d = d->next)
        add_declaration(c, d, file, rank);
}

/* ---- arguments ------------------------------------------------------------------------------ */

static void add_argument(Completion *c, const char *name, const char *detail)
{
    json_t *item = add(c, arena_print(c->arena, "%s=", name), PROPERTY, FIRST_ARGUMENT, detail);
    if (item) json_object_set_new(item, "filterText", json_string(name));
}

static const char *text_of(Completion *c, const SourceFile *file, Span span)
{
    return arena_copy(c->arena, file->text + span.lo, span.hi - span.lo);
}

static void add_arguments(Completion *c)
{
    const char *callee = c->context.callee;
    const SourceFile *file = NULL;
    const Decl *d = c->context.in_head ? NULL : declared_find(&c->declared, callee, &file);
    if (c->context.in_head)
        for (int i = 0; head_names[i]; i++)
            add_argument(c, head_names[i], NULL);
    if (c->context.in_head) return;
    for (const Param *p = !d ? NULL : d->kind == DECL_FN ? d->fn->params : d->config; p; p = p->next)
        add_argument(c, p->name, text_of(c, file, p->span));
    if (d) return;
    const Optimizer *optimizer = optimizer_find(callee);
    for (int i = 0; optimizer && optimizer->arg[i].name; i++)
        add_argument(c, optimizer->arg[i].name, i ? arena_print(c->arena, "%g if it is not given", optimizer->arg[i].value) : NULL);
    for (uint32_t i = 0; reader_argument(callee, i); i++)
        add_argument(c, reader_argument(callee, i), NULL);
    for (uint32_t i = 1; prim_parameter(callee, i); i++)
        add_argument(c, prim_parameter(callee, i), NULL);
}

/* ---- members -------------------------------------------------------------------------------- */

static void add_members(Completion *c, const Member *m, const SourceFile *file)
{
    for (; m; m = m->next) {
        if (m->kind == MEMBER_IF || m->kind == MEMBER_FOR) {
            add_members(c, m->body, file);
            add_members(c, m->orelse, file);
        } else {
            add(c, m->name, m->kind == MEMBER_FN ? METHOD : FIELD, FIRST_MEMBER, about_head(c->arena, file, m->name_span.lo));
        }
    }
}

static const Decl *data_block(Completion *c, const char *name)
{
    for (const Decl *d = c->declared.text->decls; d; d = d->next)
        if (d->kind == DECL_DATA && !strcmp(d->name, name)) return d;
    return NULL;
}

static void add_fields(Completion *c, const Decl *block)
{
    const SourceFile *file = c->declared.document->file;
    for (const Field *f = block->fields; f; f = f->next)
        if (f->type) add(c, f->name, FIELD, FIRST_MEMBER, about_head(c->arena, file, f->name_span.lo));
}

static void add_parts(Completion *c, const Decl *block)
{
    add(c, "all", VALUE, FIRST_MEMBER, "all examples");
    for (const Field *f = block->fields; f; f = f->next)
        for (const Arg *a = f->type ? NULL : f->args; a; a = a->next)
            if (a->name && !name_among(a->name, (const char *const[]){"seed", "folds", "fold", "shuffle", "stratify", NULL}))
                add(c, a->name, VALUE, FIRST_MEMBER, "a part of the data");
}

/* The block of `NAME in BLOCK.part` in the declaration around the place. */
static const Decl *block_of_example(Completion *c, const char *name)
{
    const char *text = c->declared.document->file->text, *end = text + c->context.at;
    const char *wanted = arena_print(c->arena, "%s in ", name);
    const char *at = strstr(text + c->context.declaration, wanted);
    if (!at || at >= end) return NULL;
    at += strlen(wanted);
    return data_block(c, arena_copy(c->arena, at, strcspn(at, ". ),\n")));
}

static void add_of_base(Completion *c)
{
    const char *base = c->context.base;
    const Ast *import = declared_import(&c->declared, base);
    const Decl *block = data_block(c, base), *of_example = block_of_example(c, base);
    if (import) add_tree(c, import, FIRST_LIBRARY);
    if (block) add_parts(c, block);
    if (block) add_fields(c, block);
    if (of_example) add_fields(c, of_example);
    if (import || block || of_example) return;
    const Decl *layer = declared_layer(&c->declared, declared_around(&c->declared, c->context.declaration), base);
    if (layer) add_members(c, layer->members, source_get(&c->declared.sources, layer->span.file));
}

/* ---- names ---------------------------------------------------------------------------------- */

static void add_names(Completion *c)
{
    static const char *const words[] = {"layer",  "param",  "state",    "fn",       "requires", "return", "if",   "else",   "for",
                                        "in",     "scan",   "along",    "with",     "emit",     "expect", "over", "except", "using",
                                        "report", "and",    "minimize", "maximize", "or",       "not",    "true", "false",  "as",
                                        "dim",    "string", "ints",     "float",    "int",      "bool",   "grad", NULL};
    static const char *const beginnings[] = {"import",    "const", "option", "data",   "metric", "model",
                                             "optimizer", "train", "eval",   "export", "extern", NULL};
    const Decl *around = declared_around(&c->declared, c->context.declaration);
    for (uint32_t i = 0; i < c->context.bound.n; i++)
        add(c, c->context.bound.at[i], VARIABLE, FIRST_BOUND, NULL);
    for (const Param *p = around ? around->config : NULL; p; p = p->next)
        add(c, p->name, VARIABLE, FIRST_BOUND, text_of(c, c->declared.document->file, p->span));
    if (around) add_members(c, around->members, c->declared.document->file);
    add_tree(c, c->declared.text, FIRST_DECLARED);
    for (uint32_t i = 0; i < c->declared.n_library; i++)
        if (!strcmp(source_get(&c->declared.sources, c->declared.library[i]->file)->name, "std/prelude.nn"))
            add_tree(c, c->declared.library[i], FIRST_LIBRARY);
    uint32_t n = 0;
    const char *const *primitives = prim_names(&n);
    for (uint32_t i = 0; i < n; i++)
        add(c, primitives[i], FUNCTION, FIRST_PRIMITIVE, "a primitive");
    for (int i = 0; reader_names[i]; i++)
        add(c, reader_names[i], FUNCTION, FIRST_PRIMITIVE, "a reader of a data block");
    for (const Optimizer *o = optimizers; o->name; o++)
        add(c, o->name, FUNCTION, FIRST_PRIMITIVE, "an optimizer");
    for (int i = 0; words[i]; i++)
        add(c, words[i], KEYWORD, FIRST_WORD, NULL);
    for (int i = 0; beginnings[i] && c->context.word == c->context.declaration; i++)
        add(c, beginnings[i], KEYWORD, FIRST_BOUND, NULL);
}

static void add_columns(Completion *c)
{
    json_t *names = columns_of(c->arena, c->declared.document, c->context.path);
    for (size_t i = 0; i < json_array_size(names); i++)
        add(c, json_string_value(json_array_get(names, i)), VALUE, FIRST_ARGUMENT, c->context.path);
    json_decref(names);
}

static void add_files(Completion *c)
{
    for (uint32_t i = 0; i < c->declared.n_library; i++) {
        const char *name = source_get(&c->declared.sources, c->declared.library[i]->file)->name;
        if (strcmp(name, "std/prelude.nn") != 0) add(c, name, FILE_NAME, FIRST_LIBRARY, "the library");
    }
}

json_t *completion_answer(const Request *r)
{
    Completion *c = ARENA_NEW(r->arena, Completion);
    c->arena = r->arena;
    c->items = json_array();
    c->labels = json_object();
    declared_read(&c->declared, r);
    c->context = context_read(r->arena, r->document->file, request_offset(r));
    switch (c->context.kind) {
    case CONTEXT_NOTHING: break;
    case CONTEXT_ARGUMENT:
        add_arguments(c);
        add_names(c);
        break;
    case CONTEXT_NAME: add_names(c); break;
    case CONTEXT_MEMBER: add_of_base(c); break;
    case CONTEXT_COLUMN: add_columns(c); break;
    case CONTEXT_IMPORT: add_files(c); break;
    }
    return json_pack("{s:b,s:o}", "isIncomplete", 0, "items", c->items);
}
