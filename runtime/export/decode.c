/* SPDX-License-Identifier: MIT
 * decode.c: results `as d.field`. */
#include "export/decode.h"

#include "base/memory.h"
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

void export_put_codes(Export *x, const Result *r, int64_t at, int64_t n, FILE *f)
{
    text_decode(x->m, (int)json_int(r->json, "data", -1), (int)json_int(r->json, "field", -1), (const int32_t *)r->data + at, n, f);
}

void export_put_row(Export *x, const Result *r, int64_t row, FILE *f)
{
    int64_t n = shape_size(r->rank, r->dim) / export_rows(x, r);
    if (!export_is_named(x, r->json)) {
        export_put_codes(x, r, row * n, n, f);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        if (i) fputc('\t', f);
        export_put_codes(x, r, row * n + i, 1, f);
    }
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
