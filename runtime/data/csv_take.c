/* SPDX-License-Identifier: MIT
 * csv_take.c: cells of a row as numbers or texts; errors name file, line, column. */
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "data/csv_part.h"

static const char *cell_at(const CsvRow *row, int column)
{
    return column < row->cells->n ? cells_at(row->cells, column) : NULL;
}

static int cell_error(const CsvRow *row, int column, const char *what, const char *cell)
{
    const CellReader *r = row->cells;
    int at = column < r->n ? cells_place(r, column) : 1;
    char name[200];
    snprintf(name, sizeof name, "column %d", column);
    if (row->header && column < row->names->n) snprintf(name, sizeof name, "column \"%.150s\"", csv_name(row->names, column));
    return rt_fail(NNRT_E_IO, "%s:%d:%d: %s: %s%.60s%s%s%s", r->path, r->row_line, at, name, *cell ? "\"" : "", cell, *cell ? "\" " : "",
                   what, !row->header && row->first ? " (a line of names needs header=true)" : "");
}

bool csv_is_mark(const char *missing, const char *cell)
{
    return !*cell || (missing && strcmp(cell, missing) == 0);
}

bool csv_is_missing(const CsvRow *row, const char *missing, int column)
{
    const char *cell = cell_at(row, column);
    return !cell || csv_is_mark(missing, cell);
}

/* ---- numbers */

static const char missing_text[] = "the cell is empty (fill=0 or skip=true says what to do)";

/* What stands in a cell that is no number, and in a row that is one cell, tells what may be meant. */
static int no_number(const CsvPart *p, const CsvRow *row, int column, const char *cell)
{
    const char *hint = cells_hint(row->cells);
    char what[160];
    bool comma = p->decimal != ',' && cell_has_comma(cell);
    if (comma)
        hint =
            *hint ? " (sep=\",\" if it is two cells, decimal=\",\" if it is one number)" : " (decimal=\",\" reads a comma for the point)";
    else if (!*hint && strchr(cell, ';'))
        hint = " (the file seems to have another sep=)";
    else if (!*hint && p->decimal == ',' && strchr(cell, '.'))
        hint = " with a decimal comma: it has a point";
    snprintf(what, sizeof what, "is no number%s", hint);
    return cell_error(row, column, what, cell);
}

static int too_large(const CsvPart *p, const CsvRow *row, int column, double v, const char *cell)
{
    char wrong[96], text[100];
    snprintf(text, sizeof text, "is %s", dtype_wrong(p->dtype, v, wrong, sizeof wrong));
    return cell_error(row, column, text, cell);
}

static int number_at(const CsvPart *p, const CsvRow *row, int column, double *out, bool *missing)
{
    const char *cell = cell_at(row, column);
    *missing = !cell || csv_is_mark(p->missing, cell);
    if (*missing) {
        *out = p->fill;
        if (p->has_fill) return NNRT_OK;
        return cell_error(row, column, cell && *cell ? "stands for a missing cell (fill=0 or skip=true says what to do)" : missing_text,
                          cell ? cell : "");
    }
    CellKind kind = cell_number(cell, p->decimal, out);
    if (kind == CELL_TEXT) return no_number(p, row, column, cell);
    bool finite = *out - *out == 0, fits = !p->single || (float)*out - (float)*out == 0;
    return kind == CELL_HUGE || (finite && !fits) ? too_large(p, row, column, *out, cell) : NNRT_OK;
}

/* Room for the rows doubles; what no number has touched yet takes no memory. */
static int room_for_row(CsvColumns *c, const char *path)
{
    enum { FIRST = 64 };
    if (c->n < c->room) return NNRT_OK;
    int64_t room = c->room ? 2 * c->room : FIRST;
    size_t bytes;
    void *bigger =
        __builtin_mul_overflow((size_t)room * (size_t)c->width, dtype_bytes(c->type), &bytes) ? NULL : realloc(c->number, bytes + 1);
    if (!bigger) return rt_no_memory_for(path);
    c->number = bigger;
    c->room = room;
    return NNRT_OK;
}

static int note_absent(CsvColumns *c, const char *path, size_t i)
{
    if (i / 8 >= c->absent_bytes) {
        size_t bytes = 2 * (i / 8 + 1);
        unsigned char *bigger = realloc(c->absent, bytes);
        if (!bigger) return rt_no_memory_for(path);
        memset(bigger + c->absent_bytes, 0, bytes - c->absent_bytes);
        c->absent = bigger, c->absent_bytes = bytes;
    }
    c->absent[i / 8] |= (unsigned char)(1 << i % 8);
    return NNRT_OK;
}

static int take_numbers(const CsvPart *p, const CsvRow *row)
{
    CsvColumns *c = p->out;
    const char *path = row->cells->path;
    int code = room_for_row(c, path);
    for (int k = 0; k < c->width && !code; k++) {
        int64_t i = c->n * c->width + k;
        double v = 0;
        bool missing;
        code = number_at(p, row, c->column[k], &v, &missing);
        if (code) break;
        if (c->type == NNRT_F32)
            ((float *)c->number)[i] = (float)v;
        else
            ((double *)c->number)[i] = v;
        if (missing) code = note_absent(c, path, (size_t)i);
    }
    return code;
}

/* ---- texts */

/* A class must be named; a text may be empty, unless it is the mark of a missing one. */
static int check_text(const CsvPart *p, const CsvRow *row, int column)
{
    const char *cell = cell_at(row, column);
    if (cell && *cell && !csv_is_mark(p->missing, cell)) return NNRT_OK;
    if (cell && !*cell && !p->labels) return NNRT_OK;
    return cell_error(row, column,
                      cell && *cell ? "stands for a missing cell (skip=true leaves its row out)"
                                    : "the cell is empty (skip=true leaves its row out)",
                      cell ? cell : "");
}

static int take_text(const CsvPart *p, const CsvRow *row)
{
    int column = p->out->column[0], code = check_text(p, row, column);
    const char *text = code ? "" : cell_at(row, column);
    if (!code && !texts_add(&p->out->texts, text, strlen(text))) code = rt_no_memory();
    return code;
}

int csv_take(const CsvPart *part, const CsvRow *row)
{
    int code = part->texts ? take_text(part, row) : take_numbers(part, row);
    if (!code) part->out->n++;
    return code;
}
