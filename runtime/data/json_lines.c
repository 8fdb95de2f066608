/* SPDX-License-Identifier: MIT
 * json_lines.c: a file of JSON objects, one a line; of each the value of a key: a number, a list of numbers, or a text. */
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "base/shape.h"
#include "data/json_file.h"
#include "data/text_source.h"

static int64_t row_count(nnrt_source *s, int64_t i)
{
    JsonShape shape;
    json_shape(s->state, i, &shape);
    return shape_size((int)shape.rank, shape.dim);
}

static void row_extent(nnrt_source *s, int64_t i, int64_t *extent)
{
    JsonShape shape;
    json_shape(s->state, i, &shape);
    memcpy(extent, shape.dim, sizeof *extent * (size_t)shape.rank);
}

static int row_of(nnrt_source *s, int64_t i, Numbers *row)
{
    const JsonColumn *c = s->state;
    *row = (Numbers){.at = (const char *)c->number + (size_t)json_first_number(c, i) * dtype_bytes(c->type), .type = c->type};
    return NNRT_OK;
}

static int64_t row_line(nnrt_source *s, int64_t i)
{
    return ((JsonColumn *)s->state)->lines->at[i];
}

static void row_close(nnrt_source *s)
{
    json_drop(s->state);
}

/* Do the rows have the shape that the field declares? */
static int check_shapes(const Spec *spec, const JsonColumn *c)
{
    JsonShape shape;
    for (int64_t i = 0; i < (c->first || !c->n ? c->n : 1); i++) {
        char have[200], want[SPEC_WANT];
        json_shape(c, i, &shape);
        if (!shape_serves((int)shape.rank, shape.dim, spec->rank, spec->dim))
            return rt_fail(NNRT_E_SHAPE, "%s:%d: \"%s\" has the shape %s, but %s", spec->path, c->lines->at[i], c->key,
                           shape_text((int)shape.rank, shape.dim, have, sizeof have), spec_want(spec, want));
    }
    return NNRT_OK;
}

static int json_open(const Spec *spec, nnrt_source *out)
{
    JsonColumn *c = NULL;
    int code = json_column(spec, &c);
    if (code) return code;
    if (!c->texts_wanted) code = check_shapes(spec, c);
    if (!code && c->code) code = c->error ? rt_fail(c->code, "%s", c->error) : rt_no_memory();
    if (!code && !c->texts_wanted) {
        *out = (nnrt_source){
            .n = c->n, .state = c, .count = row_count, .extent = row_extent, .row = row_of, .line = row_line, .close = row_close};
        return NNRT_OK;
    }
    Spec with_lines = *spec;
    with_lines.line = c->lines->at;
    if (!code) code = text_open(&with_lines, &c->text, NULL, out);
    json_drop(c);
    return code;
}

const nnrt_reader nnrt_reader_json_lines = {"json_lines", json_open};
