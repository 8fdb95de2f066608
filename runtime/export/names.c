/* SPDX-License-Identifier: MIT
 * names.c: names of classes as arguments. An example is a line, with tabs between its names, as results are written, or with
 * commas as in CSV; of a file that ends in .csv a row of cells. A line that is a name as a whole is that name. */
#include "export/names.h"

#include <stdlib.h>
#include <string.h>

#include "data/cells.h"
#include "data/text.h"
#include "export/know.h"
#include "export/size.h"
#include "export/setting.h"
#include "export/text.h"
#include "format/columns.h"
#include "model/manifest.h"

typedef struct Names { /* a matrix */
    Export *x;
    const Spec *spec;
    double *code;
    int64_t n, rows, columns;
} Names;

bool export_is_named(const Export *x, const Json *json)
{
    Spec spec;
    int data = (int)json_int(json, "data", -1), field = (int)json_int(json, "field", -1);
    const Json *dims = json_get(rt_field(x->m, data, field), "dims");
    if (!dims || dims->n == 0) return true;
    return spec_of_field(x->m, data, field, &spec) && text_wanted(&spec) && text_mode(&spec) == TEXT_LABELS;
}

/* Of a field that reads numbers: themselves. */
static int code_of_number(const Spec *spec, const char *word, double *code)
{
    char *end = NULL;
    long long v = strtoll(word, &end, 10);
    if (end == word || *end || v < 0 || v > INT32_MAX || (spec->bound && v >= spec->bound))
        return rt_fail(NNRT_E_RANGE, "\"%s\" is no number of %s", word, spec->name);
    *code = (double)v;
    return NNRT_OK;
}

static int code_of(const Export *x, const Spec *spec, const char *word, double *code)
{
    int32_t *codes = NULL;
    int64_t n = 0;
    if (json_is(spec->reader, "kind", "bytes")) {
        *code = (unsigned char)*word;
        return strlen(word) == 1 ? NNRT_OK : rt_fail(NNRT_E_RANGE, "\"%s\" is not one byte", word);
    }
    if (!text_wanted(spec)) return code_of_number(spec, word, code);
    int status = text_encode(x->m, spec, word, strlen(word), &codes, &n);
    if (!status && n != 1) status = rt_fail(NNRT_E_RANGE, "\"%s\" is not one token", word);
    if (!status) *code = codes[0];
    free(codes);
    return status;
}

static int add_name(Names *l, const char *word)
{
    if (!rt_more(&l->code, l->n, sizeof *l->code)) return rt_no_memory();
    int code = code_of(l->x, l->spec, word, &l->code[l->n]);
    l->n += !code;
    return code;
}

static int end_row(Names *l)
{
    int64_t n = l->n - l->rows * l->columns;
    if (l->rows++ == 0) l->columns = n;
    if (n == l->columns) return NNRT_OK;
    return rt_fail(NNRT_E_SHAPE, "%lld name%s, but the rows before have %lld", (long long)n, n == 1 ? "" : "s", (long long)l->columns);
}

/* ---- what a value holds */

static int take_cells(Names *l, const CellTable *c, int64_t row)
{
    int code = NNRT_OK;
    for (int k = 0; k < c->row[row].n && !code; k++)
        code = add_name(l, c->cell[c->row[row].first + k]);
    return code ? code : end_row(l);
}

/* The columns that --columns names; by their names: below the first row. */
static int take_columns(Names *l, const char *path, const CellTable *c, const char *list)
{
    int *column = NULL;
    int64_t n = 0;
    int code = columns_find(path, c, list, &column, &n);
    for (int64_t i = columns_by_name(list); i < c->n_rows && !code; i++) {
        for (int64_t k = 0; k < n && !code; k++)
            code = add_name(l, c->cell[c->row[i].first + column[k]]);
        if (!code) code = end_row(l);
        if (code) rt_error_prefix("%s:%d: ", path, c->row[i].line);
    }
    free(column);
    return code;
}

static int take_parts(Names *l, char *line)
{
    CellTable c = {0};
    int code = NNRT_OK;
    if (!strchr(line, '\t') && strchr(line, ',')) {
        code = cell_table("the text", line, strlen(line), ',', false, &c);
        if (!code) code = take_cells(l, &c, 0);
        cell_table_free(&c);
        return code;
    }
    for (char *at = line; at && !code;) {
        char *word = strsep(&at, "\t");
        code = add_name(l, word);
    }
    return code ? code : end_row(l);
}

static int take_line(Names *l, char *line)
{
    double code;
    if (code_of(l->x, l->spec, line, &code)) return take_parts(l, line);
    add_name(l, line);
    return end_row(l);
}

static int take_lines(Names *l, char *text)
{
    int code = NNRT_OK;
    int64_t number = 1;
    for (char *at = text; at && *at && !code; number++) {
        char *line = strsep(&at, "\n");
        size_t n = strlen(line);
        if (n && line[n - 1] == '\r') line[n - 1] = 0;
        code = take_line(l, line);
        if (code) rt_error_prefix("line %lld: ", (long long)number);
    }
    return code;
}

static int take_table(Names *l, const char *path, char *text, size_t n, const char *columns)
{
    CellTable c = {0};
    int code = cell_table(path, text, n, cells_separator(text, n) == CELLS_BLANKS ? ',' : CELLS_GUESS, columns != NULL, &c);
    if (!code && columns) code = c.n_rows ? take_columns(l, path, &c, columns) : NNRT_OK;
    for (int64_t i = 0; i < c.n_rows && !code && !columns; i++) {
        code = take_cells(l, &c, i);
        if (code) rt_error_prefix("%s:%d: ", path, c.row[i].line);
    }
    cell_table_free(&c);
    return code;
}

static int take_value(Names *l, Arg *a, const char *value)
{
    char *text = NULL;
    size_t n = 0;
    double name;
    bool file = export_is_file(value), table = export_is_table(value);
    int code = !file && !code_of(l->x, l->spec, value, &name) ? NNRT_OK : export_text_bytes(a, l->spec, value, &text, &n);
    if (code) return code;
    if (!text && !(text = strdup(value))) return rt_no_memory();
    bool zeros = file && memchr(text, 0, n), lines = file && !table && !zeros;
    if (!file)
        code = take_line(l, text);
    else if (zeros)
        code = rt_fail(NNRT_E_IO, "%s has a 0 byte; this is no text", value);
    else
        code = table ? take_table(l, value, text, n, setting_columns(l->x, a)) : take_lines(l, text);
    if (file && table) a->from = FROM_CELLS;
    if (code) rt_error_prefix("--%s%s", a->name, lines && code != NNRT_E_MEM ? ", " : ": ");
    free(text);
    return code;
}

/* ---- the argument */

static int make_tensor(Arg *a, const Names *l)
{
    if (l->n == 0) return rt_fail(NNRT_E_IO, "--%s: there is no line of text", a->name);
    a->t = (Tensor){.rank = 2, .dim = {l->rows, l->columns}, .at = rt_alloc(sizeof(double) * (size_t)l->n)};
    a->length = rt_alloc(sizeof *a->length * (size_t)l->rows);
    if (!a->t.at || !a->length) return NNRT_E_MEM;
    if (l->columns == 1) a->t.rank = 1;
    memcpy(a->t.at, l->code, sizeof(double) * (size_t)l->n);
    for (int64_t i = 0; i < l->rows; i++)
        a->length[i] = l->columns;
    return NNRT_OK;
}

int export_read_names(Export *x, Arg *a, const Flag *flag)
{
    Spec spec = export_text_spec(x, a->json, a->name);
    Names l = {.x = x, .spec = &spec};
    int code = export_know(x, spec.data, spec.field);
    for (int i = 0; i < flag->n && !code; i++)
        code = take_value(&l, a, flag->value[i]);
    if (!code) code = make_tensor(a, &l);
    if (!code) code = export_match(x, a);
    a->is_text = !code;
    free(l.code);
    return code;
}

int export_name_code(Export *x, const Arg *a, const char *word, double *value)
{
    Spec spec = export_text_spec(x, a->json, a->name);
    int code = export_know(x, spec.data, spec.field);
    if (!code) code = code_of(x, &spec, word, value);
    if (code) rt_error_prefix("--%s: ", a->name);
    return code;
}
