/* SPDX-License-Identifier: MIT
 * definition.c: where a word is declared. What the check does not tell of (in broken declarations, or words that are no values, as
 * `validate=test`) is looked for among the declarations by its name. */
#include <string.h>

#include "lsp/about.h"
#include "lsp/declared.h"
#include "lsp/meanings.h"
#include "lsp/position.h"
#include "lsp/request.h"

typedef struct Search {
    Meanings meanings;
    json_t *places;
} Search;

static void add_place(Analysis *a, json_t *places, const SourceFile *file, Span span)
{
    const char *uri = analysis_uri(a, a->arena, file);
    json_t *place = uri ? json_pack("{s:s,s:o}", "uri", uri, "range", position_range(file, span)) : NULL;
    for (size_t i = 0; place && i < json_array_size(places); i++)
        if (json_equal(place, json_array_get(places, i))) {
            json_decref(place);
            return;
        }
    if (place) json_array_append_new(places, place);
}

static void done(Analysis *a, const Diags *diags)
{
    Search *s = a->user;
    for (uint32_t i = 0; i < s->meanings.list.n; i++) {
        const SemaMeaning *m = &s->meanings.list.at[i];
        if (m->definition.file) add_place(a, s->places, source_get(diags->sources, m->definition.file), m->definition);
    }
}

/* A member of the declaration around the place, or a declaration. */
static void by_name(const Request *r, Analysis *a, json_t *places, uint32_t at)
{
    const SourceFile *file = r->document->file, *of = NULL;
    const char *name = about_dotted(r->arena, file, at);
    Declared *declared = ARENA_NEW(r->arena, Declared);
    declared_read(declared, r);
    for (const Decl *d = declared->text->decls; d; d = d->next)
        for (const Member *m = d->span.lo <= at && at <= d->span.hi ? d->members : NULL; m; m = m->next)
            if (m->name && !strcmp(m->name, name)) add_place(a, places, file, m->name_span);
    const Decl *d = json_array_size(places) ? NULL : declared_find(declared, name, &of);
    if (d) add_place(a, places, of, d->kind == DECL_FN ? d->fn->name_span : d->name_span);
}

json_t *definition_answer(const Request *r)
{
    Search s = {.meanings = {.at = request_offset(r)}, .places = json_array()};
    Analysis a = {.arena = r->arena, .documents = r->documents, .document = r->document, .meant = meanings_take, .done = done, .user = &s};
    analysis_run(&a);
    if (!json_array_size(s.places)) by_name(r, &a, s.places, s.meanings.at);
    return s.places;
}
