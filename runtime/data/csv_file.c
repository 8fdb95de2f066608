/* SPDX-License-Identifier: MIT
 * csv_file.c: one pass over a CSV file. What is wrong with its rows is told before what is wrong with the cells of one reader,
 * wherever in the file it stands. */
#include "data/csv_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "data/csv_part.h"
#include "data/input.h"
#include "data/pieces.h"
#include "model/manifest.h"

typedef struct Skipper { /* a reader that leaves rows out */
    int *column, width;
    const char *missing;
} Skipper;

typedef struct File {
    const Spec *spec;
    CellReader cells;
    CsvNames names;
    void *own_row, *own_cell; /* of the names */
    bool begun;               /* the first row was there */
    bool header, loose; /* loose: some reader says what to do about missing cells */
    CsvPart *part;
    int n_parts;
    Skipper *skipper;
    int n_skippers;
    Lines *lines;
    int64_t n; /* rows */
    bool first;
    int code; /* an error that is told if nothing is wrong behind it in the file */
    char *error;
} File;

/* ---- results */

bool csv_is_absent(const CsvColumns *c, int64_t i)
{
    return (size_t)i / 8 < c->absent_bytes && (c->absent[i / 8] >> i % 8 & 1);
}

void csv_drop(CsvColumns *c)
{
    if (!c) return;
    lines_drop(c->lines);
    texts_free(&c->texts);
    free(c->column), free(c->number), free(c->absent), free(c->error), free(c->shared.path);
    free(c);
}

static void drop_shared(Shared *s)
{
    csv_drop((CsvColumns *)s);
}

static void keep_error(int code, int *to, char **text)
{
    if (*to) return;
    *to = code;
    *text = strdup(nnrt_error_text());
}

static int tell_error(int code, const char *text)
{
    return code == NNRT_OK ? NNRT_OK : text ? rt_fail(code, "%s", text) : rt_no_memory();
}

/* ---- readers of the file */

/* Readers of the block that read the same file agree about its first line, and a row that one of them skips is skipped by all. */

static char separator_of(const Json *reader)
{
    return spec_string(&(Spec){.reader = reader}, "sep", ",")[0];
}

static bool quotes_of(const Json *reader)
{
    return spec_bool(&(Spec){.reader = reader}, "quote", true);
}

static int add_part(File *f, const Json *field, const Json *reader)
{
    Spec other = {.reader = reader};
    const Json *fill = spec_arg(&other, "fill");
    CsvColumns *c = calloc(1, sizeof *c);
    if (!c || !rt_more(&f->part, f->n_parts, sizeof *f->part)) return free(c), rt_no_memory();
    CsvPart *p = &f->part[f->n_parts++];
    *p = (CsvPart){.reader = reader, .missing = spec_string(&other, "missing", NULL), .out = c};
    p->decimal = spec_string(&other, "decimal", ".")[0];
    p->texts = text_wanted(&other), p->labels = spec_arg(&other, "labels") != NULL;
    p->dtype = rt_dtype_of(f->spec->m, json_text(reader, "elem", "float"));
    p->single = dtype_is_float(p->dtype) && p->dtype != NNRT_F64;
    p->has_fill = fill != NULL;
    if (fill) p->fill = json_get(fill, "number") ? json_number(fill, "number", 0) : (double)json_int(fill, "int", 0);
    c->shared = (Shared){.reader = reader, .drop = drop_shared};
    c->type = shared_single(f->spec, field) ? NNRT_F32 : NNRT_F64;
    c->lines = f->lines, c->lines->owners++;
    c->shared.path = strdup(f->spec->path);
    return c->shared.path ? NNRT_OK : rt_no_memory();
}

/* Who asked, and the others that have not got their columns yet. Without a place where these could wait only who asked. */
static int add_parts(File *f)
{
    const Spec *spec = f->spec;
    const Json *field = NULL;
    int code = NNRT_OK;
    for (const Json *r = NULL; !code && (r = shared_next(spec, r, &field));) {
        bool like = separator_of(r) == separator_of(spec->reader) && quotes_of(r) == quotes_of(spec->reader);
        if (r == spec->reader || (spec->shared && like && !shared_waits(spec, r))) code = add_part(f, field, r);
    }
    return code;
}

/* ---- the first row */

/* No cell of the first line is a number or the mark of a missing cell. */
static bool only_names(const File *f, const Spec *reader)
{
    const char *missing = spec_string(reader, "missing", NULL);
    double v;
    for (int i = 0; i < f->names.n; i++) {
        const char *cell = csv_name(&f->names, i);
        if (*cell && (csv_is_mark(missing, cell) || cell_number(cell, spec_string(reader, "decimal", ".")[0], &v) != CELL_TEXT))
            return false;
    }
    return true;
}

static bool by_name(const Spec *reader)
{
    return json_get(spec_arg(reader, "column"), "string") || json_get(spec_arg(reader, "columns"), "strings");
}

/* A header is said to be there, or a reader takes columns by name; or one reads numbers where the first line, which has only
 * names, holds one. */
static bool find_header(const File *f)
{
    const Spec *spec = f->spec;
    const Json *given = spec_arg(spec, "header"), *field;
    for (const Json *r = NULL; !given && (r = shared_next(spec, r, &field));)
        given = spec_arg(&(Spec){.reader = r}, "header");
    if (given) return json_int(given, "bool", 0) != 0;
    bool names = false, marks = true;
    for (const Json *r = NULL; (r = shared_next(spec, r, &field));) {
        Spec other = {.reader = r};
        int *column = NULL, width = 0;
        if (by_name(&other)) return true;
        marks &= only_names(f, &other);
        if (text_wanted(&other) || csv_choose(&f->names, r, &column, &width)) continue;
        for (int i = 0; i < width; i++)
            names |= csv_name(&f->names, column[i])[0] != 0;
        free(column);
    }
    return names && marks;
}

/* Names are wanted for messages about the rows behind them. */
static int keep_names(File *f)
{
    CsvNames *c = &f->names;
    size_t cells = sizeof *c->cell * (size_t)c->n, bytes = (size_t)(f->cells.behind - f->cells.row) + 1;
    if (!f->header) return c->n = 0, NNRT_OK;
    f->own_row = malloc(bytes), f->own_cell = malloc(cells);
    if (!f->own_row || !f->own_cell) return rt_no_memory_for(c->path);
    c->row = memcpy(f->own_row, c->row, bytes), c->cell = memcpy(f->own_cell, c->cell, cells);
    return NNRT_OK;
}

static int find_skippers(File *f)
{
    const Json *field;
    int code = NNRT_OK;
    for (const Json *r = NULL; !code && (r = shared_next(f->spec, r, &field));) {
        Spec other = {.reader = r};
        f->loose |= spec_arg(&other, "fill") != NULL;
        if (!spec_bool(&other, "skip", false)) continue;
        f->loose = true;
        if (!rt_more(&f->skipper, f->n_skippers, sizeof *f->skipper)) return rt_no_memory_for(f->spec->path);
        Skipper *s = &f->skipper[f->n_skippers];
        *s = (Skipper){.missing = spec_string(&other, "missing", NULL)};
        code = csv_choose(&f->names, r, &s->column, &s->width);
        f->n_skippers += !code;
    }
    return code;
}

static int take_first(File *f)
{
    const CellReader *r = &f->cells;
    f->begun = true;
    f->names = (CsvNames){r->path, r->row, r->cell, r->n, r->first_hint};
    f->header = find_header(f);
    int code = find_skippers(f);
    if (code) keep_error(code, &f->code, &f->error);
    for (int i = 0; i < f->n_parts; i++) {
        CsvColumns *c = f->part[i].out;
        code = csv_choose(&f->names, f->part[i].reader, &c->column, &c->width);
        if (code) keep_error(code, &c->code, &c->error);
    }
    return keep_names(f);
}

/* ---- rows */

static bool is_skipped(const File *f, const CsvRow *row)
{
    for (int s = 0; s < f->n_skippers; s++)
        for (int k = 0; k < f->skipper[s].width; k++)
            if (csv_is_missing(row, f->skipper[s].missing, f->skipper[s].column[k])) return true;
    return false;
}

static int take_row(File *f)
{
    bool first = !f->begun;
    int code = first ? take_first(f) : NNRT_OK;
    if (code || f->code || (first && f->header)) return code;
    CsvRow row = {&f->cells, &f->names, f->header, first};
    if (!f->loose && cells_full(&f->cells)) return keep_error(NNRT_E_IO, &f->code, &f->error), NNRT_OK;
    if (is_skipped(f, &row)) return NNRT_OK;
    if (!rt_more(&f->lines->at, f->n, sizeof *f->lines->at)) return rt_no_memory_for(f->spec->path);
    f->lines->at[f->n++] = f->cells.row_line;
    for (int i = 0; i < f->n_parts; i++) {
        CsvColumns *c = f->part[i].out;
        code = c->code ? NNRT_OK : csv_take(&f->part[i], &row);
        if (code == NNRT_E_MEM) return code;
        if (code) keep_error(code, &c->code, &c->error), c->inside = true;
    }
    return NNRT_OK;
}

static int read_rows(File *f, Input *in)
{
    const char *path = f->spec->path, *rest = NULL;
    bool last = false, found = false;
    char *text = NULL;
    size_t n = 0;
    int code = NNRT_OK;
    cells_begin(&f->cells, path, separator_of(f->spec->reader), quotes_of(f->spec->reader));
    while (!code && !last) {
        code = input_more(in, rest, &text, &n, &last);
        if (!code) cells_feed(&f->cells, text, n, last);
        for (found = true; !code && found;) {
            code = cells_next(&f->cells, &found);
            if (!code && found) code = take_row(f);
        }
        rest = f->cells.at;
        if (!code && !last) code = cells_waiting(&f->cells);
    }
    if (!code) code = tell_error(f->code, f->error);
    return !code && !f->begun ? rt_fail(NNRT_E_IO, "%s: there are no rows", path) : code;
}

/* Of the numbers only what is there is kept. */
static void finish(File *f, CsvColumns *c)
{
    size_t bytes = (size_t)(c->n * c->width) * (c->type == NNRT_F32 ? sizeof(float) : sizeof(double));
    void *fitting = c->number ? realloc(c->number, bytes + 1) : NULL;
    if (fitting) c->number = fitting;
    if (f->n || c->code) return;
    rt_fail(NNRT_E_IO, "%s: there are no rows", f->spec->path);
    keep_error(NNRT_E_IO, &c->code, &c->error);
}

static void close_file(File *f)
{
    cells_end(&f->cells);
    for (int i = 0; i < f->n_skippers; i++)
        free(f->skipper[i].column);
    free(f->own_row), free(f->own_cell);
    lines_drop(f->lines);
    free(f->skipper), free(f->part), free(f->error);
}

static int read_file(File *f)
{
    Input *in = NULL;
    f->lines = lines_new();
    if (!f->lines) return rt_no_memory();
    int code = add_parts(f);
    if (!code) code = input_open(f->spec, &in);
    if (!code) code = read_rows(f, in);
    input_close(in);
    return code;
}

int csv_columns(const Spec *spec, CsvColumns **out)
{
    *out = (CsvColumns *)shared_take(spec);
    if (*out) return NNRT_OK;
    File f = {.spec = spec};
    int code = read_file(&f);
    for (int i = 0; i < f.n_parts && !code; i++)
        finish(&f, f.part[i].out);
    for (int i = 0; i < f.n_parts; i++) {
        Shared *mine = shared_give(spec, &f.part[i].out->shared, code);
        if (mine) *out = (CsvColumns *)mine;
    }
    close_file(&f);
    return code;
}
