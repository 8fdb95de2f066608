/* SPDX-License-Identifier: MIT
 * diagnostics.c: the messages of a text, by the files that they are of. */
#include <string.h>

#include "lsp/analysis.h"
#include "lsp/position.h"
#include "lsp/request.h"

static json_t *list_of(json_t *all, const char *uri)
{
    for (size_t i = 0; i < json_array_size(all); i++)
        if (!strcmp(json_string_value(json_array_get(json_array_get(all, i), 0)), uri)) return json_array_get(json_array_get(all, i), 1);
    json_t *list = json_array();
    json_array_append_new(all, json_pack("[s,o]", uri, list));
    return list;
}

/* "the value went through:", in front of places that the editor shows */
static bool introduces(const DiagPart *part)
{
    size_t n = strlen(part->text);
    return part->kind == DIAG_NOTE && n > 0 && part->text[n - 1] == ':';
}

/* Editors show one text: notes without a place and helps stand in it. */
static json_t *whole_text(const Diag *d)
{
    Text text = {.arena = d->owner->arena};
    text_add(&text, "%s", d->text);
    for (int helps = 0; helps < 2; helps++)
        for (uint32_t i = 0; i < d->parts.n; i++) {
            const DiagPart *part = &d->parts.at[i];
            if ((part->kind == DIAG_HELP) != helps || !*part->text || introduces(part) || diagnostic_has_place(d, part)) continue;
            text_add(&text, "\n%s%s", helps ? "help: " : "", part->text);
        }
    return position_text(d->owner->arena, text_c(&text));
}

static void done(Analysis *a, const Diags *diags)
{
    uint32_t n = 0;
    Diag *const *shown = diag_shown(diags, &n);
    const DiagnosticPlaces places = {.uri_of = analysis_uri, .user = a};
    for (uint32_t i = 0; i < n; i++) {
        const SourceFile *file = shown[i]->span.file ? source_get(diags->sources, shown[i]->span.file) : NULL;
        const char *uri = file ? analysis_uri(a, a->arena, file) : a->document->uri;
        json_t *object = diagnostic_plain(shown[i], &places);
        json_object_set_new(object, "message", whole_text(shown[i]));
        json_array_append_new(list_of(a->user, uri ? uri : a->document->uri), object);
    }
}

json_t *diagnostics_answer(const Request *r)
{
    json_t *all = json_pack("[[s,[]]]", r->document->uri);
    Analysis a = {.arena = r->arena, .documents = r->documents, .document = r->document, .done = done, .user = all};
    analysis_run(&a);
    return all;
}
