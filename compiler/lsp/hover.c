/* SPDX-License-Identifier: MIT
 * hover.c: what a word is: its type, in general and in the program; its declaration with the comment above; of a layer what it costs. */
#include <string.h>

#include "core/optimizers.h"
#include "lsp/about.h"
#include "lsp/declared.h"
#include "lsp/meanings.h"
#include "lsp/position.h"
#include "lsp/request.h"
#include "lsp/total.h"
#include "sema/prim/prim.h"

typedef struct Hover {
    Meanings meanings;
    Text text; /* Markdown */
} Hover;

uint32_t request_offset(const Request *r)
{
    return position_read(r->document->file, json_object_get(r->params, "position"));
}

/* "the layer Dense(4, 3)" is said by its declaration. */
static bool is_type(const SemaMeaning *m)
{
    static const char *const others[] = {"the layer", "the function", "a layer decl", "an imported", "a data",
                                         "a part",    "an example",   "a metric",     "an optim"};
    for (size_t i = 0; m->text && i < sizeof others / sizeof *others; i++)
        if (strncmp(m->text, others[i], strlen(others[i])) == 0) return false;
    return m->text != NULL;
}

static void add_types(Hover *h)
{
    enum { MOST = 5 };
    bool any = false;
    int n = 0;
    for (uint32_t i = 0; i < h->meanings.list.n && n < MOST; i++) {
        const SemaMeaning *m = &h->meanings.list.at[i];
        if (!is_type(m) || !strcmp(m->text, arena_print(h->text.arena, "the size %s", m->name))) continue;
        text_add(&h->text, "%s%s%s %s\n", any ? "" : "```nn\n", m->name, m->result ? "(...) ->" : ":", m->text);
        any = true;
        n++;
    }
    if (any) text_add(&h->text, "```\n");
}

static void add_declaration(Analysis *a, Hover *h, const Diags *diags)
{
    for (uint32_t i = 0; i < h->meanings.list.n; i++) {
        Span at = h->meanings.list.at[i].definition;
        if (!at.file) continue;
        const SourceFile *file = source_get(diags->sources, at.file);
        const char *comment = about_comment(a->arena, file, at.lo);
        text_add(&h->text, "```nn\n%s\n```\n", about_head(a->arena, file, at.lo));
        if (*comment) text_add(&h->text, "\n%s\n", comment);
        return;
    }
}

static void done(Analysis *a, const Diags *diags)
{
    Hover *h = a->user;
    add_types(h);
    add_declaration(a, h, diags);
    for (uint32_t i = 0; i < h->meanings.list.n; i++) { /* they go with the check */
        const char *path = h->meanings.list.at[i].path;
        if (path) h->meanings.list.at[i].path = arena_copy(a->arena, path, strlen(path));
    }
}

static bool is_beneath(const char *path, const char *inner)
{
    size_t n = strlen(path);
    return inner && strncmp(inner, path, n) == 0 && (!inner[n] || inner[n] == '.');
}

/* Of a layer with all that is in it. */
static void add_costs_of(Arena *arena, Text *text, const json_t *layers, const char *path)
{
    const json_t *own = NULL;
    Total *operations = ARENA_NEW(arena, Total);
    operations->arena = arena;
    for (size_t k = 0; k < json_array_size(layers); k++) {
        const json_t *row = json_array_get(layers, k);
        const char *where = json_string_value(json_object_get(row, "path"));
        if (!is_beneath(path, where)) continue;
        if (!strcmp(path, where)) own = row;
        total_add(operations, json_object_get(row, "flops"));
    }
    const char *out = json_string_value(json_object_get(own, "out"));
    if (out)
        text_add(text, "\n`%s` gives `%s`; %lld parameters, %s operations\n", path, out,
                 (long long)json_integer_value(json_object_get(own, "params")), total_text(operations));
}

static void add_costs(const Analysis *a, Hover *h)
{
    json_t *layers = NULL;
    for (uint32_t i = 0; i < h->meanings.list.n; i++) {
        const char *path = h->meanings.list.at[i].path;
        if (path && !layers) layers = analysis_costs(a);
        if (path) add_costs_of(a->arena, &h->text, layers, path);
    }
    json_decref(layers);
}

/* ---- words that the check tells nothing of -------------------------------------------------- */

static bool add_optimizer(Text *text, const char *name)
{
    const Optimizer *o = optimizer_find(name);
    if (!o) return false;
    text_add(text, "```nn\n%s(lr", name);
    for (int i = 1; o->arg[i].name; i++)
        text_add(text, ", %s=%g", o->arg[i].name, o->arg[i].value);
    text_add(text, ")\n```\nan optimizer, behind `using`\n");
    return true;
}

static bool add_primitive(Text *text, const char *name)
{
    if (!prim_find(name)) return false;
    text_add(text, "```nn\n%s(", name);
    for (uint32_t i = 0; prim_parameter(name, i); i++)
        text_add(text, "%s%s", i ? ", " : "", prim_parameter(name, i));
    text_add(text, ")\n```\na primitive of the language\n");
    return true;
}

static void add_by_name(const Request *r, Hover *h)
{
    const SourceFile *file = r->document->file, *of = NULL;
    const char *name = about_dotted(r->arena, file, h->meanings.at);
    Declared *declared = ARENA_NEW(r->arena, Declared);
    declared_read(declared, r);
    const Decl *d = declared_find(declared, name, &of);
    if (!d) {
        if (!add_optimizer(&h->text, name)) add_primitive(&h->text, name);
        return;
    }
    uint32_t at = d->kind == DECL_FN ? d->fn->name_span.lo : d->name_span.lo;
    const char *comment = about_comment(r->arena, of, at);
    text_add(&h->text, "```nn\n%s\n```\n", about_head(r->arena, of, at));
    if (*comment) text_add(&h->text, "\n%s\n", comment);
}

json_t *hover_answer(const Request *r)
{
    Hover h = {.meanings = {.at = request_offset(r)}, .text = {.arena = r->arena}};
    Analysis a = {.arena = r->arena, .documents = r->documents, .document = r->document, .meant = meanings_take, .done = done, .user = &h};
    uint32_t lo, hi;
    analysis_run(&a);
    if (!about_word(r->document->file, h.meanings.at, &lo, &hi)) return json_null();
    if (!h.text.n) add_by_name(r, &h);
    if (!h.text.n) return json_null();
    add_costs(&a, &h);
    return json_pack("{s:{s:s,s:o},s:o}", "contents", "kind", "markdown", "value", position_text(r->arena, text_c(&h.text)), "range",
                     position_range(r->document->file, (Span){1, lo, hi}));
}
