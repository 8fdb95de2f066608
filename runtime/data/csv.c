/* SPDX-License-Identifier: MIT
 * csv.c: columns of comma- and tab-separated files; errors name file, line, column. */
#include <stdlib.h>
#include <string.h>

#include "base/closest.h"
#include "base/utf8.h"
#include "data/cells.h"
#include "data/pieces.h"
#include "data/stream.h"
#include "data/text_source.h"
#include "data/windows.h"
#include "model/options.h"

typedef struct Csv {
    char *text;
    Cells cells;
    int *column; /* wanted, in the order in which they are read */
    int width;
    bool header;
    const char *missing;
    char decimal;
    bool has_fill, single; /* single: numbers become 32-bit floats */
    double fill;
    char path[RT_PATH];
    int64_t window, stride;
    double *number; /* of the wanted columns, row by row */
} Csv;

static void csv_free(Csv *c)
{
    if (!c) return;
    cells_free(&c->cells);
    free(c->text), free(c->column), free(c->number);
    free(c);
}

static const char *cell_at(const Csv *c, const CellRow *row, int column)
{
    return column < row->n ? c->cells.cell[row->first + column] : NULL;
}

static int row_width(const Csv *c)
{
    return c->cells.n_rows ? c->cells.row[0].n : 0;
}

/* ---- which columns */

/* " (sepal, petal, kind)" */
static const char *column_names(const Csv *c, char *out, size_t n)
{
    enum { MOST = 20 };
    *out = 0;
    for (int i = 0; i < row_width(c) && i < MOST; i++)
        rt_append(out, n, "%s%.40s", i ? ", " : " (", c->cells.cell[i]);
    if (*out) rt_append(out, n, row_width(c) > MOST ? ", ...)" : ")");
    return out;
}

static int no_name(const Csv *c, const char *name)
{
    char names[400];
    const char *hint = cells_hint(&c->cells, 0), *const *cell = (const char *const *)c->cells.cell;
    const char *close = *hint ? NULL : closest_name(name, cell, row_width(c));
    bool whole = true;
    for (int i = 0; i < row_width(c); i++)
        whole &= utf8_whole(cell[i]);
    return rt_fail(NNRT_E_IO, "%s: there is no column \"%s\" in the first line%s%s%s%.60s%s%s", c->path, name, hint,
                   *hint ? "" : column_names(c, names, sizeof names), close ? "; did you mean " : "", close ? close : "", close ? "?" : "",
                   whole ? "" : UTF8_NO_FILE);
}

/* The column of that name in the first row; -1 after an error. */
static int find_column(const Csv *c, const char *name)
{
    int found = -1;
    for (int i = 0; i < row_width(c); i++) {
        if (strcmp(c->cells.cell[i], name)) continue;
        if (found >= 0) {
            rt_fail(NNRT_E_IO, "%s: the columns %d and %d are both named \"%s\"", c->path, found, i, name);
            return -1;
        }
        found = i;
    }
    if (found < 0) no_name(c, name);
    return found;
}

static int no_column(const Csv *c, int64_t at)
{
    return rt_fail(NNRT_E_IO, "%s: there is no column %lld; the first row has %d, and they count from 0%s", c->path, (long long)at,
                   row_width(c), cells_hint(&c->cells, 0));
}

/* Item i of what a reader's column= or columns= says; -1 after an error. */
static int64_t nth_column(const Csv *c, const Json *column, const Json *columns, int i)
{
    const Json *range = json_get(columns, "range"), *name = json_at(json_get(columns, "strings"), i),
               *number = json_at(json_get(columns, "ints"), i);
    const char *text = name ? name->text : json_text(column, "string", NULL);
    int64_t at = range ? json_at(range, 0)->integer + i : number ? number->integer : json_int(column, "int", 0);
    if (text) return find_column(c, text);
    if (at >= 0 && at < row_width(c)) return at;
    no_column(c, at);
    return -1;
}

/* The columns that a reader's arguments name, in c->column. */
static int columns_of(Csv *c, const Json *reader)
{
    Spec spec = {.reader = reader};
    const Json *column = spec_arg(&spec, "column"), *columns = spec_arg(&spec, "columns");
    const Json *range = json_get(columns, "range"), *names = json_get(columns, "strings"), *numbers = json_get(columns, "ints");
    int64_t n = range ? json_at(range, 1)->integer - json_at(range, 0)->integer : names ? names->n : numbers ? numbers->n : 1;
    if (n > row_width(c) && range) return no_column(c, json_at(range, 1)->integer - 1);
    int *list = malloc(sizeof *list * (size_t)(n + 1));
    if (!list) return rt_no_memory_for(c->path);
    free(c->column);
    c->column = list;
    c->width = (int)n;
    for (int i = 0; i < c->width; i++) {
        list[i] = (int)nth_column(c, column, columns, i);
        if (list[i] < 0) return NNRT_E_IO;
    }
    return NNRT_OK;
}

static bool by_name(const Json *reader)
{
    Spec spec = {.reader = reader};
    return json_get(spec_arg(&spec, "column"), "string") || json_get(spec_arg(&spec, "columns"), "strings");
}

/* Readers of the block that read the same file, one after another from NULL on: they agree about its first line, and a row
 * that one of them skips is skipped by all. */
static bool same_file(const Spec *spec, const Json *reader)
{
    return json_is(reader, "kind", "csv") && spec_reads_same(spec, reader);
}

static const Json *next_reader(const Spec *spec, const Json *last)
{
    bool behind = !last;
    for (const Json *f = json_list(spec->block, "fields"); f; f = f->next) {
        for (const Json *r = json_list(f, "readers"); r; r = r->next) {
            if (behind && same_file(spec, r)) return r;
            behind |= r == last;
        }
    }
    return NULL;
}

/* ---- the header */

static bool is_mark(const char *missing, const char *cell)
{
    return !*cell || (missing && strcmp(cell, missing) == 0);
}

static char decimal_of(const Spec *reader)
{
    return spec_string(reader, "decimal", ".")[0];
}

/* No cell of the first line is a number or the mark of a missing cell. */
static bool only_names(const Csv *c, const Spec *reader)
{
    const char *missing = spec_string(reader, "missing", NULL);
    double v;
    for (int i = 0; i < row_width(c); i++) {
        const char *cell = c->cells.cell[i];
        if (*cell && (is_mark(missing, cell) || cell_number(cell, decimal_of(reader), &v) != CELL_TEXT)) return false;
    }
    return true;
}

/* A header is said to be there, or a reader takes columns by name; or one reads numbers where the first line, which has only
 * names, holds one. */
static bool find_header(const Spec *spec, Csv *c)
{
    const Json *given = spec_arg(spec, "header");
    for (const Json *r = NULL; !given && (r = next_reader(spec, r));)
        given = spec_arg(&(Spec){.reader = r}, "header");
    if (given) return json_int(given, "bool", 0) != 0;
    bool names = false, marks = true;
    for (const Json *r = NULL; (r = next_reader(spec, r));) {
        Spec other = {.reader = r};
        if (by_name(r)) return true;
        marks &= only_names(c, &other);
        if (text_wanted(&other) || columns_of(c, r)) continue;
        for (int i = 0; i < c->width; i++)
            names |= c->cells.cell[c->column[i]][0] != 0;
    }
    return names && marks;
}

/* ---- cells */

static int cell_error(const Csv *c, const CellRow *row, int column, const char *what, const char *cell)
{
    int at = column < row->n ? c->cells.place[row->first + column] : 1;
    char name[200];
    snprintf(name, sizeof name, "column %d", column);
    if (c->header && column < row_width(c)) snprintf(name, sizeof name, "column \"%.150s\"", c->cells.cell[column]);
    return rt_fail(NNRT_E_IO, "%s:%d:%d: %s: %s%.60s%s%s%s", c->path, row->line, at, name, *cell ? "\"" : "", cell, *cell ? "\" " : "",
                   what, !c->header && row == c->cells.row ? " (a line of names needs header=true)" : "");
}

static bool is_missing(const Csv *c, const CellRow *row, int column)
{
    const char *cell = cell_at(c, row, column);
    return !cell || is_mark(c->missing, cell);
}

static const char missing_text[] = "the cell is empty (fill=0 or skip=true says what to do)";

/* What stands in a cell that is no number, and in a row that is one cell, tells what may be meant. */
static int no_number(const Csv *c, const CellRow *row, int column, const char *cell)
{
    const char *hint = cells_hint(&c->cells, row - c->cells.row);
    char what[160];
    bool comma = c->decimal != ',' && cell_has_comma(cell);
    if (comma)
        hint =
            *hint ? " (sep=\",\" if it is two cells, decimal=\",\" if it is one number)" : " (decimal=\",\" reads a comma for the point)";
    else if (!*hint && strchr(cell, ';'))
        hint = " (the file seems to have another sep=)";
    else if (!*hint && c->decimal == ',' && strchr(cell, '.'))
        hint = " with a decimal comma: it has a point";
    snprintf(what, sizeof what, "is no number%s", hint);
    return cell_error(c, row, column, what, cell);
}

static int number_at(const Csv *c, const CellRow *row, int column, double *out)
{
    const char *cell = cell_at(c, row, column);
    if (is_missing(c, row, column)) {
        *out = c->fill;
        if (c->has_fill) return NNRT_OK;
        return cell_error(c, row, column, cell && *cell ? "stands for a missing cell (fill=0 or skip=true says what to do)" : missing_text,
                          cell ? cell : "");
    }
    CellKind kind = cell_number(cell, c->decimal, out);
    if (kind == CELL_TEXT) return no_number(c, row, column, cell);
    bool finite = *out - *out == 0, fits = !c->single || (float)*out - (float)*out == 0;
    if (kind == CELL_HUGE || (finite && !fits)) return cell_error(c, row, column, "is larger than a float of 32 bits can be", cell);
    return NNRT_OK;
}

/* All numbers are read when the file is opened, so that a wrong cell is found before hours of
 * training. */
static int read_numbers(Csv *c)
{
    int64_t rows = c->cells.n_rows - c->header;
    int code = NNRT_OK;
    c->number = malloc(sizeof(double) * (size_t)(rows * c->width + 1));
    if (!c->number) return rt_no_memory_for(c->path);
    for (int64_t i = 0; i < rows && !code; i++)
        for (int k = 0; k < c->width && !code; k++)
            code = number_at(c, &c->cells.row[c->header + i], c->column[k], &c->number[i * c->width + k]);
    return code;
}

/* ---- rows */

/* Rows that a reader of this file leaves out; *loose: some reader says what to do about missing cells. */
static int skip_rows(const Spec *spec, Csv *c, bool *loose)
{
    bool *drop = calloc((size_t)c->cells.n_rows + 1, sizeof *drop);
    const char *mine = c->missing;
    int code = drop ? NNRT_OK : rt_no_memory_for(c->path);
    for (const Json *r = NULL; !code && (r = next_reader(spec, r));) {
        Spec other = {.reader = r};
        *loose |= spec_arg(&other, "fill") != NULL;
        if (!spec_bool(&other, "skip", false)) continue;
        *loose = true;
        code = columns_of(c, r);
        c->missing = spec_string(&other, "missing", NULL);
        for (int64_t i = c->header; i < c->cells.n_rows && !code; i++)
            for (int k = 0; k < c->width; k++)
                drop[i] |= is_missing(c, &c->cells.row[i], c->column[k]);
    }
    c->missing = mine;
    int64_t kept = c->header;
    for (int64_t i = c->header; i < c->cells.n_rows && !code; i++)
        if (!drop[i]) c->cells.row[kept++] = c->cells.row[i];
    if (!code) c->cells.n_rows = kept;
    free(drop);
    return code;
}

/* ---- as numbers */

static int64_t csv_count(nnrt_source *s, int64_t i)
{
    const Csv *c = s->state;
    (void)i;
    return c->width * c->window;
}

static int csv_row(nnrt_source *s, int64_t i, Numbers *row)
{
    const Csv *c = s->state;
    *row = (Numbers){.at = c->number + i * c->stride * c->width, .type = NNRT_F64};
    return NNRT_OK;
}

static int64_t csv_line(nnrt_source *s, int64_t i)
{
    const Csv *c = s->state;
    return c->cells.row[c->header + i * c->stride].line;
}

static void csv_present(nnrt_source *s, int64_t i, double *out)
{
    const Csv *c = s->state;
    for (int64_t w = 0; w < c->window; w++)
        for (int k = 0; k < c->width; k++)
            out[w * c->width + k] = !is_missing(c, &c->cells.row[c->header + i * c->stride + w], c->column[k]);
}

static void csv_close(nnrt_source *s)
{
    csv_free(s->state);
}

static int numbers_of(const Spec *spec, Csv *c, nnrt_source *out)
{
    const Json *fill = spec_arg(spec, "fill");
    const char *elem = json_text(spec->reader, "elem", "float");
    c->single = spec->m->program->float_bytes == 4 && strcmp(elem, "f64") != 0;
    c->has_fill = fill != NULL;
    c->decimal = decimal_of(spec);
    if (fill) c->fill = json_get(fill, "number") ? json_number(fill, "number", 0) : (double)json_int(fill, "int", 0);
    c->window = spec_int(spec, "window", 1), c->stride = spec_int(spec, "stride", c->window);
    int64_t rows = c->cells.n_rows - c->header;
    if (c->window < 1 || c->stride < 1) return rt_fail(NNRT_E_IO, "%s: window and stride must be positive", spec->name);
    const int64_t shape[] = {c->window, c->width};
    int wrong = spec_arg(spec, "window") ? spec_check_shape(spec, spec->path, 2, shape) : NNRT_OK;
    if (wrong) return wrong;
    int code = read_numbers(c);
    *out = (nnrt_source){.n = rows < c->window ? 0 : (rows - c->window) / c->stride + 1,
                         .state = c,
                         .count = csv_count,
                         .row = csv_row,
                         .line = csv_line,
                         .present = csv_present,
                         .close = csv_close};
    return code;
}

/* ---- as texts */

/* A class must be named; a text may be empty, unless it is the mark of a missing one. */
static int check_text(const Spec *spec, const Csv *c, const CellRow *row)
{
    const char *cell = cell_at(c, row, c->column[0]);
    if (cell && *cell && !is_mark(c->missing, cell)) return NNRT_OK;
    if (cell && !*cell && !spec_arg(spec, "labels")) return NNRT_OK;
    return cell_error(c, row, c->column[0],
                      cell && *cell ? "stands for a missing cell (skip=true leaves its row out)"
                                    : "the cell is empty (skip=true leaves its row out)",
                      cell ? cell : "");
}

static int texts_of(const Spec *spec, const Csv *c, nnrt_source *out)
{
    int64_t n = c->cells.n_rows - c->header;
    char **text = calloc((size_t)n + 1, sizeof *text);
    size_t *length = calloc((size_t)n + 1, sizeof *length);
    int *line = calloc((size_t)n + 1, sizeof *line);
    int code = text && length && line ? NNRT_OK : rt_no_memory();
    for (int64_t i = 0; i < n && !code; i++) {
        const CellRow *row = &c->cells.row[c->header + i];
        code = check_text(spec, c, row);
        if (code) break;
        text[i] = strdup(cell_at(c, row, c->column[0]));
        length[i] = text[i] ? strlen(text[i]) : 0;
        line[i] = row->line;
        if (!text[i]) code = rt_no_memory();
    }
    Spec with_lines = *spec;
    with_lines.line = line;
    if (!code) {
        code = text_open(&with_lines, text, length, NULL, n, out);
        int64_t window = spec_int(spec, "window", 0);
        if (!code && window > 0) code = windows_open(out, window, spec_int(spec, "stride", window));
    } else {
        for (int64_t i = 0; text && i < n; i++)
            free(text[i]);
        free(text), free(length);
    }
    free(line);
    return code;
}

/* ---- opening */

static int open_cells(const Spec *spec, Csv *c)
{
    size_t size = 0;
    bool loose = false;
    snprintf(c->path, sizeof c->path, "%s", spec->path);
    int code = spec_read(spec, spec->path, &c->text, &size);
    if (!code) code = cells_split(c->path, c->text, size, spec_string(spec, "sep", ",")[0], spec_bool(spec, "quote", true), &c->cells);
    if (!code && !c->cells.n_rows) code = rt_fail(NNRT_E_IO, "%s: there are no rows", spec->path);
    if (code) return code;
    c->header = find_header(spec, c);
    c->missing = spec_string(spec, "missing", NULL);
    code = skip_rows(spec, c, &loose);
    if (!code && !loose) code = cells_full(c->path, &c->cells);
    if (!code) code = columns_of(c, spec->reader);
    if (!code && c->cells.n_rows <= c->header) code = rt_fail(NNRT_E_IO, "%s: there are no rows", spec->path);
    return code;
}

static int csv_open(const Spec *spec, nnrt_source *out)
{
    Csv *c = calloc(1, sizeof *c);
    if (!c) return rt_no_memory();
    int code = open_cells(spec, c);
    bool texts = text_wanted(spec);
    if (!code) code = texts ? texts_of(spec, c, out) : numbers_of(spec, c, out);
    if (code || texts) csv_free(c);
    return code;
}

const nnrt_reader nnrt_reader_csv = {"csv", csv_open};
