/* SPDX-License-Identifier: MIT
 * actions.c: what can be done about the messages of some lines: the edits of their helps; a comment that allows a warning. */
#include "lsp/analysis.h"
#include "lsp/position.h"
#include "lsp/request.h"

typedef struct Actions {
    json_t *list;
    uint32_t first, last; /* lines */
} Actions;

static void add_action(Analysis *a, const Diag *d, const char *title, Span at, const char *text)
{
    const DiagnosticPlaces places = {.uri_of = analysis_uri, .user = a};
    json_t *edits = json_pack("[{s:o,s:o}]", "range", position_range(a->document->file, at), "newText", position_text(a->arena, text));
    json_t *changes = json_object();
    json_object_set_new(changes, a->document->uri, edits);
    json_t *action = json_pack("{s:o,s:s,s:{s:o},s:[o]}", "title", position_text(a->arena, title), "kind", "quickfix", "edit", "changes",
                               changes, "diagnostics", diagnostic_plain(d, &places));
    json_array_append_new(((Actions *)a->user)->list, action);
}

/* A line of its own above. */
static void add_allowing(Analysis *a, const Diag *d)
{
    const SourceFile *file = a->document->file;
    size_t n = 0;
    const char *line = source_line_text(file, source_line(file, d->span.lo), &n), *c = line;
    while (*c == ' ' || *c == '\t')
        c++;
    uint32_t at = (uint32_t)(line - file->text);
    const char *text = arena_print(a->arena, "%.*s# nnc: allow %s\n", (int)(c - line), line, d->code);
    add_action(a, d, arena_print(a->arena, "silence %s here", d->code), (Span){1, at, at}, text);
}

static void done(Analysis *a, const Diags *diags)
{
    const Actions *actions = a->user;
    uint32_t n = 0;
    Diag *const *shown = diag_shown(diags, &n);
    for (uint32_t i = 0; i < n; i++) {
        const Diag *d = shown[i];
        if (d->span.file != 1) continue;
        uint32_t first = source_line(a->document->file, d->span.lo), last = source_line(a->document->file, d->span.hi);
        if (first > actions->last || last < actions->first) continue;
        for (uint32_t k = 0; k < d->parts.n; k++)
            if (d->parts.at[k].edit && d->parts.at[k].span.file == 1)
                add_action(a, d, d->parts.at[k].text, d->parts.at[k].span, d->parts.at[k].edit);
        if (d->warning && diag_can_be_allowed(d->code)) add_allowing(a, d);
    }
}

json_t *actions_answer(const Request *r)
{
    const json_t *range = json_object_get(r->params, "range");
    const SourceFile *file = r->document->file;
    Actions actions = {.list = json_array(),
                       .first = source_line(file, position_read(file, json_object_get(range, "start"))),
                       .last = source_line(file, position_read(file, json_object_get(range, "end")))};
    Analysis a = {.arena = r->arena, .documents = r->documents, .document = r->document, .done = done, .user = &actions};
    analysis_run(&a);
    return actions.list;
}
