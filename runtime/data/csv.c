/* SPDX-License-Identifier: MIT
 * csv.c: comma- and tab-separated files, quotes as RFC 4180; errors name file, line, column. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "reader.h"

typedef struct Row {
    int64_t first; /* cell */
    int n, line;
} Row;

typedef struct Csv {
    char *text;
    size_t size;
    char **cell;    /* decoded, 0-terminated, in text */
    int *column_at; /* character column of each cell */
    int64_t n_cells, cells_room;
    Row *row;
    int64_t n_rows, rows_room;
    int lo, hi; /* columns wanted */
    bool header;
    const char *missing;
    bool has_fill;
    double fill;
    char path[4096];
    int64_t window, stride;
    double *number; /* of the wanted columns, row by row */
} Csv;

static void csv_free(Csv *c)
{
    if (!c) return;
    free(c->text), free(c->cell), free(c->column_at), free(c->row), free(c->number);
    free(c);
}

static int add_cell(Csv *c, char *at, int column)
{
    if (c->n_cells == c->cells_room) {
        c->cells_room = c->cells_room ? 2 * c->cells_room : 1024;
        c->cell = realloc(c->cell, sizeof(char *) * (size_t)c->cells_room);
        c->column_at = realloc(c->column_at, sizeof(int) * (size_t)c->cells_room);
        if (!c->cell || !c->column_at) return rt_fail(NNRT_E_MEM, "%s: out of memory", c->path);
    }
    c->cell[c->n_cells] = at;
    c->column_at[c->n_cells++] = column;
    c->row[c->n_rows - 1].n++;
    return NNRT_OK;
}

static int add_row(Csv *c, int line)
{
    if (c->n_rows == c->rows_room) {
        c->rows_room = c->rows_room ? 2 * c->rows_room : 256;
        c->row = realloc(c->row, sizeof(Row) * (size_t)c->rows_room);
        if (!c->row) return rt_fail(NNRT_E_MEM, "%s: out of memory", c->path);
    }
    c->row[c->n_rows++] = (Row){c->n_cells, 0, line};
    return NNRT_OK;
}

/* Splits the text in place. Empty lines are skipped. */
static int split(Csv *c, char sep, bool quotes)
{
    int line = 1, code = NNRT_OK;
    char *p = c->text, *end = c->text + c->size;
    if (c->size >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) p += 3;
    while (p < end && !code) {
        char *line_start = p;
        if (*p == '\n' || *p == '\r') {
            line += *p++ == '\n';
            continue;
        }
        code = add_row(c, line);
        for (bool more = true; more && !code;) {
            char *out = p, *cell = p;
            int column = (int)(p - line_start) + 1, start_line = line;
            if (quotes && *p == '"') {
                for (p++;;) {
                    if (p >= end)
                        return rt_fail(NNRT_E_IO, "%s:%d:%d: this quote has no end", c->path,
                                       start_line, column);
                    if (*p == '"' && p[1] == '"')
                        *out++ = '"', p += 2;
                    else if (*p == '"')
                        break;
                    else
                        line += *p == '\n', *out++ = *p++;
                }
                p++;
                if (p < end && *p != sep && *p != '\n' && *p != '\r')
                    return rt_fail(NNRT_E_IO, "%s:%d:%d: something follows a closing quote",
                                   c->path, line, (int)(p - line_start) + 1);
            } else {
                while (p < end && *p != sep && *p != '\n' && *p != '\r')
                    *out++ = *p++;
            }
            more = p < end && *p == sep;
            char *next = p < end ? p + 1 : p;
            if (p < end && *p == '\r' && p + 1 < end && p[1] == '\n') next = p + 2;
            if (p < end && *p != sep) line++;
            *out = 0;
            code = add_cell(c, cell, column);
            p = next;
        }
    }
    return code;
}

static bool is_number(const char *s)
{
    char *end = NULL;
    if (!*s) return false;
    strtod(s, &end);
    while (isspace((unsigned char)*end))
        end++;
    return *end == 0;
}

/* Columns that a reader's arguments name; a name is looked up in the first row. */
static bool columns_of(const Csv *c, const Json *reader, int *lo, int *hi)
{
    Spec spec = {.reader = reader};
    const Json *column = spec_arg(&spec, "column"), *columns = spec_arg(&spec, "columns");
    const Json *range = json_get(columns, "range");
    if (range) {
        *lo = (int)json_at(range, 0)->integer, *hi = (int)json_at(range, 1)->integer;
        return true;
    }
    const char *name = json_text(column, "string", NULL);
    if (!name) {
        *lo = (int)json_int(column, "int", 0), *hi = *lo + 1;
        return true;
    }
    for (int i = 0; c->n_rows && i < c->row[0].n; i++)
        if (strcmp(c->cell[i], name) == 0) {
            *lo = i, *hi = i + 1;
            return true;
        }
    return false;
}

/* Header: a column that some reader of the block takes as numbers holds no number in the first
 * line. */
static bool find_header(const Spec *spec, const Csv *c)
{
    const Json *given = spec_arg(spec, "header");
    if (given) return json_int(given, "bool", 0) != 0;
    if (json_text(spec_arg(spec, "column"), "string", NULL)) return true;
    const Json *fields = json_get(spec->block, "fields");
    for (const Json *f = fields ? fields->child : NULL; f; f = f->next) {
        const Json *readers = json_get(f, "readers");
        for (const Json *r = readers ? readers->child : NULL; r; r = r->next) {
            Spec other = {.reader = r};
            int lo = 0, hi = 0;
            if (strcmp(json_text(r, "kind", ""), "csv") || text_wanted(&other) ||
                !columns_of(c, r, &lo, &hi))
                continue;
            for (int i = lo; i < hi && c->n_rows && i < c->row[0].n; i++)
                if (!is_number(c->cell[i]) && c->cell[i][0]) return true;
        }
    }
    return false;
}

static int cell_error(const Csv *c, const Row *row, int column, const char *what, const char *cell)
{
    int at = column < row->n ? c->column_at[row->first + column] : 1;
    if (c->header && column < c->row[0].n)
        return rt_fail(NNRT_E_IO, "%s:%d:%d: column \"%s\": %s%s%s%s", c->path, row->line, at,
                       c->cell[column], *cell ? "\"" : "", cell, *cell ? "\" " : "", what);
    return rt_fail(NNRT_E_IO, "%s:%d:%d: column %d: %s%s%s%s", c->path, row->line, at, column,
                   *cell ? "\"" : "", cell, *cell ? "\" " : "", what);
}

static int number_at(const Csv *c, const Row *row, int column, double *out)
{
    if (column >= row->n) return cell_error(c, row, column, "the row has too few cells", "");
    const char *cell = c->cell[row->first + column];
    bool missing = !*cell || (c->missing && strcmp(cell, c->missing) == 0);
    if (missing && c->has_fill) return *out = c->fill, NNRT_OK;
    if (missing)
        return cell_error(c, row, column, "the cell is empty (fill=0 or skip=true says what to do)",
                          "");
    char *end = NULL;
    *out = strtod(cell, &end);
    while (isspace((unsigned char)*end))
        end++;
    if (*end) return cell_error(c, row, column, "is no number", cell);
    return NNRT_OK;
}

static int64_t csv_count(nnrt_source *s, int64_t i)
{
    const Csv *c = s->state;
    (void)i;
    return (c->hi - c->lo) * c->window;
}

static int csv_get(nnrt_source *s, int64_t i, double *out)
{
    const Csv *c = s->state;
    int width = c->hi - c->lo;
    memcpy(out, c->number + i * c->stride * width, sizeof(double) * (size_t)(c->window * width));
    return NNRT_OK;
}

static bool is_missing(const Csv *c, const Row *row, int column)
{
    const char *cell = column < row->n ? c->cell[row->first + column] : "";
    return !*cell || (c->missing && strcmp(cell, c->missing) == 0);
}

static void csv_present(nnrt_source *s, int64_t i, double *out)
{
    const Csv *c = s->state;
    int width = c->hi - c->lo;
    for (int64_t w = 0; w < c->window; w++)
        for (int k = 0; k < width; k++)
            out[w * width + k] = !is_missing(c, &c->row[c->header + i * c->stride + w], c->lo + k);
}

/* All numbers are read when the file is opened, so that a wrong cell is found before hours of
 * training. */
static int read_numbers(Csv *c)
{
    int64_t rows = c->n_rows - c->header;
    int width = c->hi - c->lo, code = NNRT_OK;
    c->number = malloc(sizeof(double) * (size_t)(rows * width + 1));
    if (!c->number) return rt_fail(NNRT_E_MEM, "%s: out of memory", c->path);
    for (int64_t i = 0; i < rows && !code; i++)
        for (int k = 0; k < width && !code; k++)
            code = number_at(c, &c->row[c->header + i], c->lo + k, &c->number[i * width + k]);
    return code;
}

static void csv_close(nnrt_source *s)
{
    csv_free(s->state);
}

/* Readers of the block that read the same file: a row that one of them skips is skipped by all. */
static bool same_file(const Spec *spec, const Json *reader)
{
    char path[4096], test[4096] = "";
    Spec other = {.reader = reader};
    const Json *second = spec_arg(&other, "test");
    if (strcmp(json_text(reader, "kind", ""), "csv")) return false;
    rt_join(spec->m, json_get(reader, "path"), path, sizeof path);
    if (second) rt_join(spec->m, json_get(second, "path"), test, sizeof test);
    if (json_text(second, "string", NULL))
        snprintf(test, sizeof test, "%s", json_text(second, "string", ""));
    return strcmp(path, spec->path) == 0 || strcmp(test, spec->path) == 0;
}

static void skip_rows(const Spec *spec, Csv *c)
{
    const Json *fields = json_get(spec->block, "fields");
    bool *drop = calloc((size_t)c->n_rows + 1, sizeof *drop);
    for (const Json *f = fields && drop ? fields->child : NULL; f; f = f->next)
        for (const Json *r = json_get(f, "readers") ? json_get(f, "readers")->child : NULL; r;
             r = r->next) {
            Spec other = {.reader = r};
            Csv view = *c;
            view.missing = spec_string(&other, "missing", NULL);
            if (!same_file(spec, r) || !spec_bool(&other, "skip", false) ||
                !columns_of(c, r, &view.lo, &view.hi))
                continue;
            for (int64_t i = c->header; i < c->n_rows; i++)
                for (int k = view.lo; k < view.hi; k++)
                    drop[i] |= is_missing(&view, &c->row[i], k);
        }
    int64_t kept = c->header;
    for (int64_t i = c->header; i < c->n_rows && drop; i++)
        if (!drop[i]) c->row[kept++] = c->row[i];
    if (drop) c->n_rows = kept;
    free(drop);
}

static int texts_of(const Spec *spec, Csv *c, nnrt_source *out)
{
    int64_t n = c->n_rows - c->header;
    char **text = calloc((size_t)n + 1, sizeof *text);
    size_t *length = calloc((size_t)n + 1, sizeof *length);
    int *line = calloc((size_t)n + 1, sizeof *line), code = NNRT_OK;
    if (!text || !length || !line) code = rt_fail(NNRT_E_MEM, "out of memory");
    for (int64_t i = 0; i < n && !code; i++) {
        const Row *row = &c->row[c->header + i];
        if (c->lo >= row->n) {
            code = cell_error(c, row, c->lo, "the row has too few cells", "");
            break;
        }
        text[i] = strdup(c->cell[row->first + c->lo]);
        length[i] = text[i] ? strlen(text[i]) : 0;
        line[i] = row->line;
        if (!text[i]) code = rt_fail(NNRT_E_MEM, "out of memory");
    }
    csv_free(c);
    Spec with_lines = *spec;
    with_lines.line = line;
    if (!code) {
        code = text_open(&with_lines, text, length, NULL, n, out);
    } else {
        for (int64_t i = 0; text && i < n; i++)
            free(text[i]);
        free(text), free(length);
    }
    free(line);
    return code;
}

static int csv_open(const Spec *spec, nnrt_source *out)
{
    Csv *c = calloc(1, sizeof *c);
    if (!c) return rt_fail(NNRT_E_MEM, "out of memory");
    snprintf(c->path, sizeof c->path, "%s", spec->path);
    int code = file_read(spec->path, &c->text, &c->size);
    const char *sep = spec_string(spec, "sep", ",");
    if (!code) code = split(c, sep[0] ? sep[0] : ',', spec_bool(spec, "quote", true));
    if (!code && !columns_of(c, spec->reader, &c->lo, &c->hi))
        code = rt_fail(NNRT_E_IO, "%s: there is no column \"%s\" in the first line", spec->path,
                       json_text(spec_arg(spec, "column"), "string", ""));
    if (!code) {
        const Json *fill = spec_arg(spec, "fill");
        c->header = find_header(spec, c);
        c->missing = spec_string(spec, "missing", NULL);
        if (fill)
            c->has_fill = true, c->fill = json_get(fill, "number")
                                              ? json_number(fill, "number", 0)
                                              : (double)json_int(fill, "int", 0);
        skip_rows(spec, c);
        if (c->n_rows <= c->header) code = rt_fail(NNRT_E_IO, "%s: there are no rows", spec->path);
    }
    if (!code && !text_wanted(spec)) code = read_numbers(c);
    c->window = spec_int(spec, "window", 1), c->stride = spec_int(spec, "stride", c->window);
    if (!code && (c->window < 1 || c->stride < 1))
        code = rt_fail(NNRT_E_IO, "%s: window and stride must be positive", spec->name);
    if (code) {
        csv_free(c);
        return code;
    }
    if (text_wanted(spec)) return texts_of(spec, c, out);
    int64_t rows = c->n_rows - c->header;
    *out = (nnrt_source){.n = rows < c->window ? 0 : (rows - c->window) / c->stride + 1,
                         .state = c,
                         .count = csv_count,
                         .get = csv_get,
                         .present = csv_present,
                         .close = csv_close};
    return NNRT_OK;
}

const nnrt_reader nnrt_reader_csv = {"csv", csv_open};
