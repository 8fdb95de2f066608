/* SPDX-License-Identifier: MIT
 * diagnostic.c: a message of the compiler as JSON. */
#include "lsp/diagnostic.h"

#include "lsp/position.h"

enum { SEVERITY_ERROR = 1, SEVERITY_WARNING = 2 };

static const SourceFile *file_of(const Diag *d, Span span)
{
    return source_get(d->owner->sources, span.file);
}

static json_t *text_of(const Diag *d, const char *text)
{
    return position_text(d->owner->arena, text);
}

/* Messages without a place stand at the beginning of the program, the first file that is none of the library. */
static Span place_of(const Diag *d)
{
    if (d->span.file) return d->span;
    const Sources *sources = d->owner->sources;
    for (uint32_t i = 0; i < sources->files.n; i++)
        if (!sources->files.at[i].library) return (Span){i + 1, 0, 0};
    return (Span){1, 0, 0};
}

bool diagnostic_has_place(const Diag *d, const DiagPart *part)
{
    return part->kind != DIAG_HELP && part->span.file &&
           (part->span.file != d->span.file || part->span.lo != d->span.lo || part->span.hi != d->span.hi);
}

json_t *diagnostic_related(const Diag *d, const DiagPart *part, const DiagnosticPlaces *places)
{
    Span span = diagnostic_has_place(d, part) ? part->span : place_of(d);
    const SourceFile *file = file_of(d, span);
    return json_pack("{s:{s:s,s:o},s:o}", "location", "uri", places->uri_of(places->user, d->owner->arena, file), "range",
                     position_range(file, span), "message", text_of(d, part->text));
}

json_t *diagnostic_help(const Diag *d, const DiagPart *help)
{
    json_t *object = json_pack("{s:o}", "message", text_of(d, help->text));
    if (help->edit)
        json_object_set_new(
            object, "edit",
            json_pack("{s:o,s:o}", "range", position_range(file_of(d, help->span), help->span), "newText", text_of(d, help->edit)));
    return object;
}

json_t *diagnostic_plain(const Diag *d, const DiagnosticPlaces *places)
{
    Span span = place_of(d);
    json_t *related = json_array();
    for (uint32_t i = 0; i < d->parts.n; i++)
        if (diagnostic_has_place(d, &d->parts.at[i]) && *d->parts.at[i].text)
            json_array_append_new(related, diagnostic_related(d, &d->parts.at[i], places));
    return json_pack("{s:o,s:i,s:s,s:s,s:o,s:o}", "range", position_range(file_of(d, span), span), "severity",
                     d->warning ? SEVERITY_WARNING : SEVERITY_ERROR, "code", d->code, "source", "nnc", "message", text_of(d, d->text),
                     "relatedInformation", related);
}
