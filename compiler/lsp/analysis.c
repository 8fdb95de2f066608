/* SPDX-License-Identifier: MIT
 * analysis.c: the compiler's check of an open text. */
#include "lsp/analysis.h"

#include "lsp/library.h"
#include "lsp/uri.h"
#include "nnc.h"

typedef struct Capture { /* what the compiler writes */
    const Analysis *a;
    Text out;
} Capture;

static void write_nothing(void *user, NncStream stream, const char *text, size_t n)
{
    (void)user, (void)stream, (void)text, (void)n;
}

static void write_captured(void *user, NncStream stream, const char *text, size_t n)
{
    Capture *capture = user;
    if (stream == NNC_OUT) text_bytes(&capture->out, text, n);
}

static const char *open_text(const Documents *documents, const char *path, size_t *n)
{
    const Document *d = documents_at(documents, path);
    if (d) *n = d->file->n;
    return d ? d->file->text : NULL;
}

static const char *open_for_check(void *user, const char *path, size_t *n)
{
    const Analysis *a = user;
    return open_text(a->documents, path, n);
}

static const char *open_for_capture(void *user, const char *path, size_t *n)
{
    const Capture *capture = user;
    return open_text(capture->a->documents, path, n);
}

static void messages(void *user, const Diags *diags)
{
    Analysis *a = user;
    a->done(a, diags);
}

static void meant(void *user, const SemaMeaning *meaning)
{
    Analysis *a = user;
    a->meant(a, meaning);
}

void analysis_run(Analysis *a)
{
    const SourceFile *file = a->document->file;
    nnc_compile(&(NncOptions){.mode = NNC_CHECK,
                              .input = file->name,
                              .text = file->text,
                              .n_text = file->n,
                              .write = write_nothing,
                              .messages = messages,
                              .meant = a->meant ? meant : NULL,
                              .open_text = open_for_check,
                              .user = a});
}

static const char *compiled(const Analysis *a, NncMode mode)
{
    const SourceFile *file = a->document->file;
    Capture capture = {.a = a, .out = {.arena = a->arena}};
    int status = nnc_compile(&(NncOptions){.mode = mode,
                                           .input = file->name,
                                           .text = file->text,
                                           .n_text = file->n,
                                           .write = write_captured,
                                           .open_text = open_for_capture,
                                           .user = &capture});
    return status ? NULL : text_c(&capture.out);
}

json_t *analysis_costs(const Analysis *a)
{
    const char *text = compiled(a, NNC_COSTS);
    json_t *all = text ? json_loads(text, 0, NULL) : NULL, *layers = json_incref(json_object_get(all, "layers"));
    json_decref(all);
    return layers;
}

const char *analysis_layout(const Analysis *a)
{
    return compiled(a, NNC_FORMAT);
}

const char *analysis_uri(void *user, Arena *arena, const SourceFile *file)
{
    const Analysis *a = user;
    if (file->library) return library_uri(arena, file);
    const Document *open = documents_at(a->documents, file->name);
    return open ? open->uri : uri_of_path(arena, file->name);
}
