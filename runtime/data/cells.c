/* SPDX-License-Identifier: MIT
 * cells.c: the cells of a CSV text. A row is looked through first, and decoded when all of it is there. */
#include "data/cells.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/limit.h"
#include "base/number.h"
#include "base/utf8.h"

void cells_begin(CellReader *r, const char *path, char separator, bool quotes)
{
    *r = (CellReader){
        .path = path, .separator = separator, .guessed = separator == CELLS_GUESS, .quotes = quotes, .line = 1, .first_hint = ""};
}

void cells_end(CellReader *r)
{
    free(r->cell), free(r->broken);
    *r = (CellReader){0};
}

void cells_feed(CellReader *r, char *text, size_t size, bool last)
{
    if (!r->begun && r->guessed) r->separator = cells_separator(text, size);
    r->at = r->line_start = r->begun ? text : text + utf8_mark(text, size);
    r->end = text + size;
    r->last = last;
    r->begun = true;
    r->zeros = size && memchr(text, 0, size);
    r->stop['\n'] = r->stop['\r'] = r->stop[(unsigned char)r->separator] = true;
    if (r->separator == CELLS_BLANKS) r->stop['\t'] = true;
}

/* ---- hints */

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

const char *cells_hint(const CellReader *r)
{
    static const struct {
        char separator;
        const char *given, *guessed;
    } others[] = {{';', " (there are `;` between cells: sep=\";\")", " (there are `;` between its cells, but not in the first row)"},
                  {'\t', " (there are tabs between cells: sep=\"\\t\")", " (there are tabs between its cells, but not in the first row)"},
                  {',', " (there are commas between cells: sep=\",\")", " (there are commas between its cells, but not in the first row)"},
                  {' ', " (there are blanks between cells: sep=\" \")", " (there are blanks between its cells, but not in the first row)"}};
    const char *cell = r->n == 1 ? cells_at(r, 0) : "";
    for (int i = 0; i < 4; i++)
        if (others[i].separator != r->separator &&
            (others[i].separator == ' ' ? has_blanks(cell) : strchr(cell, others[i].separator) != NULL))
            return r->guessed ? others[i].guessed : others[i].given;
    return "";
}

/* ---- a row */

static bool at_end(CellReader *r)
{
    if (r->at < r->end) return false;
    r->starved |= !r->last;
    return true;
}

static int place_of(const CellReader *r, const char *at)
{
    return (int)(at - r->line_start) + 1;
}

static bool is_blank(const CellReader *r, char c)
{
    return c == ' ' || (c == '\t' && r->separator != '\t');
}

static bool is_line_end(CellReader *r)
{
    return at_end(r) || *r->at == '\n' || *r->at == '\r';
}

static bool is_separator(const CellReader *r)
{
    return r->at < r->end && (*r->at == r->separator || (r->separator == CELLS_BLANKS && *r->at == '\t'));
}

static void skip_blanks(CellReader *r)
{
    while (r->at < r->end && is_blank(r, *r->at))
        r->at++;
}

/* Behind the end of a line: LF, CR LF or CR. */
static void next_line(CellReader *r)
{
    if (!at_end(r)) {
        r->starved |= *r->at == '\r' && r->at + 1 == r->end && !r->last;
        r->at += *r->at == '\r' && r->at[1] == '\n' ? 2 : 1;
    }
    r->line++;
    r->line_start = r->at;
}

/* The rest of the row is in another line than its beginning. */
static bool add_break(CellReader *r)
{
    if (!rt_more(&r->broken, r->n_broken, sizeof *r->broken)) return false;
    r->broken[r->n_broken++] = (struct CellBreak){r->n, (uint32_t)(r->line_start - r->row)};
    return true;
}

/* The end of the text inside quotes, in *behind; r->at goes on behind the quote. */
static int quoted_cell(CellReader *r, char **behind)
{
    int line = r->line, place = place_of(r, r->at);
    for (r->at++;; r->at++) {
        if (at_end(r)) return r->starved ? NNRT_OK : rt_fail(NNRT_E_IO, "%s:%d:%d: this quote has no end", r->path, line, place);
        r->starved |= *r->at == '"' && r->at + 1 == r->end && !r->last;
        if (r->starved) return NNRT_OK;
        if (*r->at == '"' && r->at[1] != '"') break;
        if (*r->at == '"') r->at++; /* doubled: one */
        if (*r->at == '\n') {
            r->line++;
            r->line_start = r->at + 1;
        }
    }
    *behind = r->at++;
    if (r->line != line && !add_break(r)) return rt_no_memory_for(r->path);
    if (r->separator == CELLS_BLANKS || is_separator(r)) return NNRT_OK;
    while (r->at < r->end && *r->at == ' ')
        r->at++;
    if (is_line_end(r) || is_separator(r)) return NNRT_OK;
    return rt_fail(NNRT_E_IO, "%s:%d:%d: something follows a closing quote", r->path, r->line, place_of(r, r->at));
}

int cells_place(const CellReader *r, int i)
{
    int k = r->n_broken;
    while (k > 0 && r->broken[k - 1].cell >= i)
        k--;
    return k ? (int)(r->cell[i] - r->broken[k - 1].line) + 1 : (int)r->cell[i] + r->row_place;
}

static int check_length(const CellReader *r, int line, size_t bytes)
{
    char most[LIMIT_TEXT];
    if (bytes <= CELLS_MOST_ROW) return NNRT_OK;
    return rt_fail(NNRT_E_IO, "%s:%d: the row that begins here has more than %s", r->path, line, limit_text(most, CELLS_MOST_ROW));
}

int cells_waiting(const CellReader *r)
{
    return check_length(r, r->line, (size_t)(r->end - r->at));
}

static bool grow(CellReader *r)
{
    enum { FIRST = 64 };
    size_t room = r->room ? 2 * r->room : FIRST;
    uint32_t *bigger = realloc(r->cell, room * sizeof *bigger);
    if (!bigger) return false;
    r->cell = bigger, r->room = room;
    return true;
}

static int add_cell(CellReader *r, const char *cell, char *behind)
{
    if ((size_t)(behind - r->row) > CELLS_MOST_ROW) return check_length(r, r->row_line, (size_t)(behind - r->row));
    if ((size_t)r->n == r->room && !grow(r)) return rt_no_memory_for(r->path);
    r->cell[r->n] = (uint32_t)(cell - r->row);
    if (r->columns && r->n == r->columns)
        return rt_fail(NNRT_E_IO, "%s:%d:%d: this row has more cells than the first row, which has %d%s", r->path, r->row_line,
                       cells_place(r, r->n), r->columns, r->first_hint);
    r->behind = behind, r->n++;
    return NNRT_OK;
}

/* One cell and what separates it from the next; *more: another one follows in this row. */
static int take_cell(CellReader *r, bool *more)
{
    char *cell = r->at, *behind = r->at;
    int line = r->line, place = place_of(r, r->at), code = NNRT_OK;
    if (r->quotes && r->at < r->end && *r->at == '"') {
        code = quoted_cell(r, &behind);
    } else {
        while (r->at < r->end && !r->stop[(unsigned char)*r->at])
            r->at++;
        at_end(r);
        behind = r->at;
    }
    if (code || r->starved) return code;
    if (r->zeros && memchr(cell, 0, (size_t)(behind - cell)))
        return rt_fail(NNRT_E_IO, "%s:%d:%d: a cell has a 0 byte; this is no text", r->path, line, place);
    *more = is_separator(r);
    if (r->separator == CELLS_BLANKS) {
        skip_blanks(r);
        *more = !is_line_end(r);
    } else if (*more) {
        r->at++;
    }
    if (!*more) next_line(r);
    return r->starved ? NNRT_OK : add_cell(r, cell, behind);
}

/* Of a cell without quotes: what stands before the next cell has been read. */
static char *end_of(const CellReader *r, int i)
{
    if (i + 1 == r->n) return r->behind;
    char *end = cells_at(r, i + 1) - 1;
    while (r->separator == CELLS_BLANKS && is_blank(r, end[-1]))
        end--;
    return end;
}

/* In place; its end is written over the separator or the end of the line. */
static void decode(const CellReader *r, int i)
{
    char *out = cells_at(r, i);
    if (!r->quotes || *out != '"') {
        *end_of(r, i) = 0;
        return;
    }
    for (const char *at = out + 1; *at != '"' || at[1] == '"'; at++) {
        if (*at == '"') at++;
        *out++ = *at;
    }
    *out = 0;
}

static int read_row(CellReader *r)
{
    int code = NNRT_OK;
    r->n = r->n_broken = 0;
    r->row = r->at;
    r->row_line = r->line, r->row_place = place_of(r, r->at);
    for (bool more = true; more && !code && !r->starved;)
        code = take_cell(r, &more);
    for (int i = 0; i < r->n && !code && !r->starved; i++)
        decode(r, i);
    return code;
}

int cells_next(CellReader *r, bool *found)
{
    int code = NNRT_OK;
    *found = false;
    while (!at_end(r)) {
        char *start = r->at, *line_start = r->line_start;
        int line = r->line;
        skip_blanks(r);
        bool blank = is_line_end(r);
        if (blank) {
            next_line(r);
        } else {
            if (r->separator != CELLS_BLANKS) r->at = start;
            code = read_row(r);
        }
        if (r->starved) r->at = start, r->line = line, r->line_start = line_start;
        if (code || r->starved) break;
        if (blank) continue;
        if (!r->columns) r->columns = r->n, r->first_hint = cells_hint(r);
        *found = true;
        break;
    }
    r->starved = false;
    return code;
}

int cells_full(const CellReader *r)
{
    if (r->n >= r->columns) return NNRT_OK;
    return rt_fail(NNRT_E_IO, "%s:%d: this row has %d cell%s, but the first has %d%s", r->path, r->row_line, r->n, r->n == 1 ? "" : "s",
                   r->columns, cells_hint(r));
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
