/* SPDX-License-Identifier: MIT
 * layout.c: the canonical layout as an edit: only of the lines that change, so that the cursor stays where it is. */
#include <string.h>

#include "lsp/analysis.h"
#include "lsp/position.h"
#include "lsp/request.h"

/* Both texts begin with these bytes of whole lines. */
static size_t same_beginning(const char *a, const char *b)
{
    size_t n = 0, line = 0;
    for (; a[n] && a[n] == b[n]; n++)
        if (a[n] == '\n') line = n + 1;
    return a[n] || b[n] ? line : n;
}

/* ... and end with these, without the first `before`. */
static size_t same_end(const char *a, size_t n_a, const char *b, size_t n_b, size_t before)
{
    size_t n = 0, line = 0;
    while (n < n_a - before && n < n_b - before && a[n_a - 1 - n] == b[n_b - 1 - n]) {
        n++;
        if (n == n_a - before || n == n_b - before) break;
        if (a[n_a - 1 - n] == '\n' && b[n_b - 1 - n] == '\n') line = n;
    }
    return line;
}

json_t *layout_answer(const Request *r)
{
    const SourceFile *file = r->document->file;
    Analysis a = {.arena = r->arena, .documents = r->documents, .document = r->document};
    const char *layout = analysis_layout(&a);
    if (!layout) return json_null(); /* its messages say why */
    size_t n = strlen(layout), before = same_beginning(file->text, layout);
    if (before == file->n && before == n) return json_array();
    size_t after = same_end(file->text, file->n, layout, n, before);
    const char *text = arena_copy(r->arena, layout + before, n - before - after);
    return json_pack("[{s:o,s:o}]", "range", position_range(file, (Span){1, (uint32_t)before, (uint32_t)(file->n - after)}), "newText",
                     position_text(r->arena, text));
}
