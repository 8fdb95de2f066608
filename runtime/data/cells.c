/* SPDX-License-Identifier: MIT
 * cells.c: the cells of a CSV text. */
#include "data/cells.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/number.h"
#include "base/utf8.h"

typedef struct Split { /* where the work stands */
    const char *path;
    char *at, *end, *line_start;
    int line;
    char separator;
    bool quotes, zeros; /* the text has bytes that are 0 */
    Cells *cells;
} Split;

void cells_free(Cells *c)
{
    free(c->cell), free(c->place), free(c->row);
    *c = (Cells){0};
}

/* Numbers with blanks between them. */
static bool has_blanks(const char *cell)
{
    int n = 0;
    for (char *end = NULL; *cell; cell = end + strspn(end, " "), n++) {
        number_read(cell, &end);
        if (end == cell || (*end && *end != ' ')) return false;
    }
    return n > 1;
}

const char *cells_hint(const Cells *c, int64_t row)
{
    static const struct {
        char separator;
        const char *given, *guessed;
    } others[] = {{';', " (there are `;` between cells: sep=\";\")", " (there are `;` between its cells, but not in the first row)"},
                  {'\t', " (there are tabs between cells: sep=\"\\t\")", " (there are tabs between its cells, but not in the first row)"},
                  {',', " (there are commas between cells: sep=\",\")", " (there are commas between its cells, but not in the first row)"},
                  {' ', " (there are blanks between cells: sep=\" \")", " (there are blanks between its cells, but not in the first row)"}};
    const char *cell = row < c->n_rows && c->row[row].n == 1 ? c->cell[c->row[row].first] : "";
    for (int i = 0; i < 4; i++)
        if (others[i].separator != c->separator &&
            (others[i].separator == ' ' ? has_blanks(cell) : strchr(cell, others[i].separator) != NULL))
            return c->guessed ? others[i].guessed : others[i].given;
    return "";
}

static int add_cell(Split *s, char *cell, int place)
{
    Cells *c = s->cells;
    if (!rt_more(&c->cell, c->n_cells, sizeof *c->cell) || !rt_more(&c->place, c->n_cells, sizeof *c->place))
        return rt_no_memory_for(s->path);
    CellRow *row = &c->row[c->n_rows - 1];
    if (c->n_rows > 1 && row->n == c->row[0].n)
        return rt_fail(NNRT_E_IO, "%s:%d:%d: this row has more cells than the first row, which has %d%s", s->path, row->line, place,
                       c->row[0].n, cells_hint(c, 0));
    c->cell[c->n_cells] = cell;
    c->place[c->n_cells++] = place;
    row->n++;
    return NNRT_OK;
}

static int add_row(Split *s)
{
    Cells *c = s->cells;
    if (!rt_more(&c->row, c->n_rows, sizeof *c->row)) return rt_no_memory_for(s->path);
    c->row[c->n_rows++] = (CellRow){c->n_cells, 0, s->line};
    return NNRT_OK;
}

static int place_of(const Split *s, const char *at)
{
    return (int)(at - s->line_start) + 1;
}

static bool is_blank(const Split *s, char c)
{
    return c == ' ' || (c == '\t' && s->separator != '\t');
}

static bool is_line_end(const Split *s)
{
    return s->at >= s->end || *s->at == '\n' || *s->at == '\r';
}

static bool is_separator(const Split *s)
{
    return s->at < s->end && (*s->at == s->separator || (s->separator == CELLS_BLANKS && *s->at == '\t'));
}

static void skip_blanks(Split *s)
{
    while (s->at < s->end && is_blank(s, *s->at))
        s->at++;
}

/* Behind the end of a line: LF, CR LF or CR. */
static void next_line(Split *s)
{
    if (s->at < s->end) s->at += *s->at == '\r' && s->at[1] == '\n' ? 2 : 1;
    s->line++;
    s->line_start = s->at;
}

/* The text inside quotes, whose end is looked for; *out is where the cell ends. */
static int quoted_cell(Split *s, char **out)
{
    int line = s->line, place = place_of(s, s->at);
    for (s->at++;; s->at++) {
        if (s->at >= s->end) return rt_fail(NNRT_E_IO, "%s:%d:%d: this quote has no end", s->path, line, place);
        if (*s->at == '"' && s->at[1] != '"') break;
        if (*s->at == '"') s->at++; /* doubled: one */
        if (*s->at == '\n') {
            s->line++;
            s->line_start = s->at + 1;
        }
        *(*out)++ = *s->at;
    }
    s->at++;
    if (s->separator == CELLS_BLANKS || is_separator(s)) return NNRT_OK;
    while (s->at < s->end && *s->at == ' ')
        s->at++;
    if (is_line_end(s) || is_separator(s)) return NNRT_OK;
    return rt_fail(NNRT_E_IO, "%s:%d:%d: something follows a closing quote", s->path, s->line, place_of(s, s->at));
}

/* One cell and what separates it from the next; *more: another one follows in this row. */
static int take_cell(Split *s, bool *more)
{
    char *cell = s->at, *out = s->at;
    int place = place_of(s, s->at), code = NNRT_OK;
    if (s->quotes && *s->at == '"') {
        code = quoted_cell(s, &out);
    } else {
        while (!is_line_end(s) && !is_separator(s))
            s->at++;
        out = s->at;
    }
    if (code) return code;
    if (s->zeros && memchr(cell, 0, (size_t)(out - cell)))
        return rt_fail(NNRT_E_IO, "%s:%d:%d: a cell has a 0 byte; this is no text", s->path, s->line, place);
    *more = is_separator(s);
    if (s->separator == CELLS_BLANKS) {
        skip_blanks(s);
        *more = !is_line_end(s);
    } else if (*more) {
        s->at++;
    }
    if (!*more) next_line(s);
    *out = 0; /* over the separator or the end of the line, which have been read */
    return add_cell(s, cell, place);
}

int cells_split(const char *path, char *text, size_t size, char separator, bool quotes, Cells *out)
{
    bool guessed = separator == CELLS_GUESS;
    if (guessed) separator = cells_separator(text, size);
    Split s = {path, text, text + size, text, 1, separator, quotes, size && memchr(text, 0, size), out};
    int code = NNRT_OK;
    *out = (Cells){.separator = separator, .guessed = guessed};
    s.at = s.line_start = text + utf8_mark(text, size);
    while (s.at < s.end && !code) {
        char *start = s.at;
        skip_blanks(&s);
        if (is_line_end(&s)) {
            next_line(&s);
            continue;
        }
        if (separator != CELLS_BLANKS) s.at = start;
        code = add_row(&s);
        for (bool more = true; more && !code;)
            code = take_cell(&s, &more);
    }
    if (code) cells_free(out);
    return code;
}

int cells_full(const char *path, const Cells *c)
{
    for (int64_t i = 1; i < c->n_rows; i++)
        if (c->row[i].n < c->row[0].n)
            return rt_fail(NNRT_E_IO, "%s:%d: this row has %d cell%s, but the first has %d%s", path, c->row[i].line, c->row[i].n,
                           c->row[i].n == 1 ? "" : "s", c->row[0].n, cells_hint(c, i));
    return NNRT_OK;
}

char cells_separator(const char *text, size_t size)
{
    bool seen[3] = {false}, inside = false, begun = false;
    static const char separators[] = "\t;,";
    for (const char *p = text; p < text + size; p++) {
        const char *at = *p && !inside ? strchr(separators, *p) : NULL;
        if (*p == '"') inside = !inside;
        if (!inside && (*p == '\n' || *p == '\r') && begun) break;
        if (at) seen[at - separators] = true;
        begun |= *p != '\n' && *p != '\r' && *p != ' ';
    }
    for (int i = 0; i < 3; i++)
        if (seen[i]) return separators[i];
    return CELLS_BLANKS;
}

static CellKind point_number(const char *cell, double *v)
{
    char *end = NULL;
    errno = 0;
    *v = number_read(cell, &end);
    bool huge = errno == ERANGE && (*v > 1 || *v < -1);
    if (end == cell) return CELL_TEXT;
    while (isspace((unsigned char)*end))
        end++;
    return *end ? CELL_TEXT : huge ? CELL_HUGE : CELL_NUMBER;
}

CellKind cell_number(const char *cell, char decimal, double *v)
{
    enum { MOST = 400 }; /* digits of a number */
    char copy[MOST];
    if (decimal != ',') return point_number(cell, v);
    size_t n = strlen(cell);
    const char *comma = strchr(cell, ',');
    if (strchr(cell, '.') || n >= sizeof copy) return CELL_TEXT; /* 1.234 could be a thousand and more */
    memcpy(copy, cell, n + 1);
    if (comma) copy[comma - cell] = '.';
    return point_number(copy, v);
}

bool cell_has_comma(const char *cell)
{
    double v;
    return strchr(cell, ',') && cell_number(cell, ',', &v) != CELL_TEXT;
}
