/* SPDX-License-Identifier: MIT
 * messages.c: `nnc check --json`: all messages in one object. */
#include "lsp/messages.h"

#include <stdlib.h>
#include <string.h>

#include "lsp/diagnostic.h"
#include "lsp/position.h"
#include "lsp/uri.h"
#include "support/budget.h"

/* Files of the library are inside of nnc, standard input is no file. */
static const char *uri_of(void *user, Arena *arena, const SourceFile *file)
{
    (void)user;
    if (file->library) return arena_print(arena, "nnc-library:///%s", file->name);
    return file->name[0] == '<' ? "untitled:stdin" : uri_of_path(arena, file->name);
}

static json_t *message(const Diag *d)
{
    const DiagnosticPlaces places = {.uri_of = uri_of};
    json_t *object = diagnostic_plain(d, &places), *related = json_object_get(object, "relatedInformation"), *helps = json_array();
    const SourceFile *file = d->span.file ? source_get(d->owner->sources, d->span.file) : NULL;
    for (uint32_t i = 0; i < d->parts.n; i++) {
        const DiagPart *part = &d->parts.at[i];
        if (part->kind == DIAG_HELP)
            json_array_append_new(helps, diagnostic_help(d, part));
        else if (!diagnostic_has_place(d, part) && *part->text)
            json_array_append_new(related, diagnostic_related(d, part, &places));
    }
    json_object_set_new(object, "file", file ? position_text(d->owner->arena, file->name) : json_null());
    json_object_set_new(object, "helps", helps);
    return object;
}

static void *take(size_t bytes)
{
    void *at = malloc(bytes ? bytes : 1);
    if (!at) budget_no_memory();
    return at;
}

const char *messages_as_json(const Diags *diags)
{
    uint32_t n = 0;
    json_set_alloc_funcs(take, free); /* without, what has no memory is left out in silence */
    Diag *const *shown = diag_shown(diags, &n);
    json_t *list = json_array(),
           *all = json_pack("{s:i,s:i,s:o}", "errors", diags->n_errors, "warnings", diags->n_warnings, "diagnostics", list);
    for (uint32_t i = 0; i < n; i++)
        json_array_append_new(list, message(shown[i]));
    char *text = json_dumps(all, JSON_COMPACT | JSON_ENSURE_ASCII); /* it may go to a terminal */
    if (!text) budget_no_memory();
    json_decref(all);
    const char *copy = arena_copy(diags->arena, text, strlen(text));
    free(text);
    return copy;
}
