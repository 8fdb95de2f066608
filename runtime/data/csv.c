/* SPDX-License-Identifier: MIT
 * csv.c: columns of comma- and tab-separated files, of numbers or texts. */
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "data/csv_file.h"
#include "data/pieces.h"
#include "data/reader.h"
#include "data/text_source.h"
#include "data/windows.h"

typedef struct Csv {
    CsvColumns *columns;
    int64_t window, stride;
} Csv;

/* ---- as numbers */

static int64_t csv_count(nnrt_source *s, int64_t i)
{
    const Csv *c = s->state;
    (void)i;
    return c->columns->width * c->window;
}

static int csv_row(nnrt_source *s, int64_t i, Numbers *row)
{
    const Csv *c = s->state;
    size_t at = (size_t)(i * c->stride * c->columns->width) * dtype_bytes(c->columns->type);
    *row = (Numbers){.at = (const char *)c->columns->number + at, .type = c->columns->type};
    return NNRT_OK;
}

static int64_t csv_line(nnrt_source *s, int64_t i)
{
    const Csv *c = s->state;
    return c->columns->lines->at[i * c->stride];
}

static void csv_present(nnrt_source *s, int64_t i, double *out)
{
    const Csv *c = s->state;
    int64_t first = i * c->stride * c->columns->width, n = csv_count(s, i);
    for (int64_t k = 0; k < n; k++)
        out[k] = !csv_is_absent(c->columns, first + k);
}

static void csv_close(nnrt_source *s)
{
    Csv *c = s->state;
    csv_drop(c->columns);
    free(c);
}

static int numbers_of(const Spec *spec, Csv *c, nnrt_source *out)
{
    const CsvColumns *columns = c->columns;
    c->window = spec_int(spec, "window", 1), c->stride = spec_int(spec, "stride", c->window);
    if (c->window < 1 || c->stride < 1) return rt_fail(NNRT_E_IO, "%s: window and stride must be positive", spec->name);
    const int64_t shape[] = {c->window, columns->width};
    int wrong = spec_arg(spec, "window") ? spec_check_shape(spec, spec->path, 2, shape) : NNRT_OK;
    const EvenRows even = {columns->number, c->stride * columns->width * (int64_t)dtype_bytes(columns->type), columns->width * c->window,
                           columns->type};
    *out = (nnrt_source){.even = even,
                         .n = columns->n < c->window ? 0 : (columns->n - c->window) / c->stride + 1,
                         .state = c,
                         .count = csv_count,
                         .row = csv_row,
                         .line = csv_line,
                         .present = csv_present,
                         .close = csv_close};
    return wrong;
}

/* ---- as texts */

static int texts_of(const Spec *spec, CsvColumns *c, nnrt_source *out)
{
    Spec with_lines = *spec;
    with_lines.line = c->lines->at;
    int code = text_open(&with_lines, &c->texts, NULL, out);
    int64_t window = spec_int(spec, "window", 0);
    if (!code && window > 0) code = windows_open(out, window, spec_int(spec, "stride", window));
    return code;
}

/* ---- opening */

static int csv_open(const Spec *spec, nnrt_source *out)
{
    Csv *c = calloc(1, sizeof *c);
    bool texts = text_wanted(spec);
    if (!c) return rt_no_memory();
    int code = csv_columns(spec, &c->columns), wrong = code ? NNRT_OK : c->columns->code;
    bool inside = wrong && c->columns->inside;
    if (!code && (!wrong || inside) && !texts) code = numbers_of(spec, c, out);
    if (!code && wrong) code = c->columns->error ? rt_fail(wrong, "%s", c->columns->error) : rt_no_memory();
    if (!code && texts) code = texts_of(spec, c->columns, out);
    if (code || texts) csv_drop(c->columns), free(c);
    return code;
}

const nnrt_reader nnrt_reader_csv = {"csv", csv_open};
