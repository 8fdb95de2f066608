/* SPDX-License-Identifier: MIT
 * place.c: the words of a program at a place, and the places of messages. */
#include "sema/base/place.h"

#include <string.h>

bool span_in_library(const Sema *s, Span span)
{
    return span.file && source_get(s->sources, span.file)->library;
}

const char *source_text(Sema *s, Span span)
{
    if (!span.file) return "this";
    const SourceFile *file = source_get(s->sources, span.file);
    Text text = {.arena = s->arena};
    bool space = false;
    for (uint32_t i = span.lo; i < span.hi && i < file->n; i++) {
        char c = file->text[i];
        if (c == '#')
            while (i + 1 < span.hi && file->text[i + 1] != '\n')
                i++;
        bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '#';
        if (!blank && space && text.n) text_add(&text, " ");
        if (!blank) text_bytes(&text, &c, 1);
        space = blank;
        if (text.n > 80) {
            text_add(&text, "...");
            break;
        }
    }
    return text_c(&text);
}

static bool repeats(const Diags *diags, uint32_t i)
{
    const Diag *d = diags->list.at[i];
    for (uint32_t k = 0; k < i; k++) {
        const Diag *o = diags->list.at[k];
        if (o->span.file == d->span.file && o->span.lo == d->span.lo && !strcmp(o->code, d->code)) return true;
    }
    return false;
}

void diags_unique(Sema *s, uint32_t first)
{
    Diags *diags = s->diags;
    uint32_t n = first;
    for (uint32_t i = first; i < diags->list.n; i++) {
        Diag *d = diags->list.at[i];
        if (repeats(diags, i)) {
            if (d->warning)
                diags->n_warnings--;
            else
                diags->n_errors--;
            d->span = (Span){0}; /* no longer in the list */
            continue;
        }
        diags->list.at[n++] = d;
    }
    diags->list.n = n;
}

void diags_relocate(Sema *s, uint32_t first, Span at)
{
    for (uint32_t i = first; i < s->diags->list.n; i++) {
        Diag *d = s->diags->list.at[i];
        if (!span_in_library(s, d->span)) continue;
        for (uint32_t k = 0; k < d->parts.n; k++)
            if (d->parts.at[k].kind == DIAG_LABEL && span_in_library(s, d->parts.at[k].span)) d->parts.at[k].kind = DIAG_TRAIL;
        Span old = d->span;
        d->span = at;
        bool shown = false;
        for (uint32_t k = 0; k < d->parts.n; k++)
            shown |= d->parts.at[k].kind == DIAG_TRAIL;
        if (!shown) {
            const SourceFile *file = source_get(s->sources, old.file);
            diag_note(d, "inside the library (%s:%u):", file->name, source_line(file, old.lo));
            diag_trail(d, old, "%s", "");
        }
    }
}

void diags_called(Sema *s, uint32_t first, Span call)
{
    enum { MOST = 8 }; /* calls in a message */
    if (!call.file || span_in_library(s, call)) return;
    for (uint32_t i = first; i < s->diags->list.n; i++) {
        Diag *d = s->diags->list.at[i];
        uint32_t n = 0;
        for (uint32_t k = 0; k < d->parts.n; k++)
            n += d->parts.at[k].kind == DIAG_TRAIL;
        if (!span_in_library(s, d->span) && n < MOST) diag_trail(d, call, "called here");
    }
}

void diags_blame(Sema *s, uint32_t first, Span definition, Span call, bool moved)
{
    for (uint32_t i = first; i < s->diags->list.n; i++) {
        Diag *d = s->diags->list.at[i];
        Span old = d->span;
        if (old.file != definition.file || old.lo < definition.lo || old.hi > definition.hi) continue;
        if (!moved) {
            diag_trail(d, call, "made here");
            continue;
        }
        for (uint32_t k = 0; k < d->parts.n; k++)
            if (d->parts.at[k].kind == DIAG_LABEL) d->parts.at[k].kind = DIAG_TRAIL;
        d->span = call;
        diag_trail(d, old, "inside of it");
    }
}
