/* SPDX-License-Identifier: MIT
 * decode.c: results `as d.field`. */
#include "export/decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/plain.h"
#include "base/shape.h"
#include "data/text.h"
#include "export/names.h"
#include "model/manifest.h"

/* Axes of an example; its field has as many. */
static int example_rank(const Export *x, const Result *r)
{
    const Json *dims = json_get(rt_field(x->m, (int)json_int(r->json, "data", -1), (int)json_int(r->json, "field", -1)), "dims");
    return dims ? dims->n : 0;
}

int64_t export_rows(const Export *x, const Result *r)
{
    if (r->rank == 0) return 1;
    if (export_is_named(x, r->json)) return r->rank > example_rank(x, r) ? r->dim[0] : 1;
    return shape_size(r->rank, r->dim) / r->dim[r->rank - 1];
}

static void put_text(Export *x, const Result *r, int64_t at, int64_t n, FILE *f)
{
    text_decode(x->m, (int)json_int(r->json, "data", -1), (int)json_int(r->json, "field", -1), (const int32_t *)r->data + at, n, f);
}

char *export_text(Export *x, const Result *r, int64_t at, int64_t n)
{
    Memory out;
    if (memory_open(&out)) put_text(x, r, at, n, out.f);
    memory_close(&out);
    return out.text;
}

/* On a terminal a name does no more than stand there; a text has its lines. */
static void show(char *text, bool is_name, FILE *f)
{
    for (char *at = text; at;) {
        char *line = is_name ? at : strsep(&at, "\n");
        if (is_name) at = NULL;
        rt_put_plain(f, line);
        if (at) fputc('\n', f);
    }
}

static int put_codes(Export *x, const Result *r, int64_t at, int64_t n, bool terminal, FILE *f)
{
    if (!terminal) return put_text(x, r, at, n, f), NNRT_OK; /* with bytes 0 */
    char *text = export_text(x, r, at, n);
    if (!text) return NNRT_E_MEM;
    show(text, export_is_named(x, r->json), f);
    free(text);
    return NNRT_OK;
}

int export_put_row(Export *x, const Result *r, int64_t row, bool terminal, FILE *f)
{
    int64_t n = shape_size(r->rank, r->dim) / export_rows(x, r);
    int code = NNRT_OK;
    if (!export_is_named(x, r->json)) return put_codes(x, r, row * n, n, terminal, f);
    for (int64_t i = 0; i < n && !code; i++) {
        if (i) fputc('\t', f);
        code = put_codes(x, r, row * n + i, 1, terminal, f);
    }
    return code;
}

char **export_tokens(Export *x, int data, int field, const int32_t *code, int64_t n)
{
    char **text = rt_alloc(sizeof(char *) * (size_t)(n + 1));
    for (int64_t i = 0; text && i < n; i++) {
        Memory out;
        if (memory_open(&out)) text_decode(x->m, data, field, code + i, 1, out.f);
        memory_close(&out);
        text[i] = out.text;
        if (text[i]) continue;
        rt_free_texts(text, i);
        return NULL;
    }
    return text;
}
