/* SPDX-License-Identifier: MIT
 * columns.c: lists of columns (columns.h). */
#include "format/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/closest.h"

typedef struct Columns {
    const char *path;
    const CellTable *table;
    const CellReader *row; /* or this */
    int width, *at;
    int64_t n;
} Columns;

static const char *name_at(const Columns *c, int i)
{
    return c->row ? cells_at(c->row, i) : c->table->cell[i];
}

static int add_column(Columns *c, int64_t at)
{
    if (at < 0 || at >= c->width)
        return rt_fail(NNRT_E_IO, "%s: there is no column %lld; the first row has %d, and they count from 0", c->path, (long long)at,
                       c->width);
    if (!rt_more(&c->at, c->n, sizeof *c->at)) return rt_no_memory_for(c->path);
    c->at[c->n++] = (int)at;
    return NNRT_OK;
}

static int no_column(const Columns *c, const char *name, size_t n)
{
    enum { MOST = 1 << 12 }; /* names that are compared */
    char word[80], close[1000];
    const char *names[MOST];
    int known = c->width < MOST ? c->width : MOST;
    for (int i = 0; i < known; i++)
        names[i] = name_at(c, i);
    snprintf(word, sizeof word, "%.*s", n < sizeof word ? (int)n : (int)sizeof word - 1, name);
    return rt_fail(NNRT_E_IO, "%s: there is no column \"%.*s\" in the first line%s", c->path, (int)n, name,
                   closest_text(close, sizeof close, word, names, known));
}

static int add_named(Columns *c, const char *name, size_t n)
{
    int found = -1;
    for (int i = 0; i < c->width; i++) {
        const char *cell = name_at(c, i);
        if (strlen(cell) != n || memcmp(cell, name, n)) continue;
        if (found >= 0) return rt_fail(NNRT_E_IO, "%s: the columns %d and %d are both named \"%s\"", c->path, found, i, cell);
        found = i;
    }
    return found < 0 ? no_column(c, name, n) : add_column(c, found);
}

/* 5, 5..8 or a name */
static int add_item(Columns *c, const char *item, size_t n)
{
    char *end = NULL;
    bool digit = n && item[0] >= '0' && item[0] <= '9';
    int64_t first = digit ? strtoll(item, &end, 10) : -1, behind = first < INT64_MAX ? first + 1 : first;
    if (digit && end < item + n && strncmp(end, "..", 2) == 0) behind = strtoll(end + 2, &end, 10);
    if (!digit || end != item + n) return add_named(c, item, n);
    if (first == INT64_MAX) return rt_fail(RT_USAGE, "--columns: %.*s is no number of a column", (int)n, item);
    if (behind <= first) return rt_fail(RT_USAGE, "--columns: %.*s has no columns; 0..4 are 0, 1, 2 and 3", (int)n, item);
    int code = NNRT_OK;
    for (int64_t i = first; i < behind && !code; i++)
        code = add_column(c, i);
    return code;
}

static int find(Columns *c, const char *list, int **column, int64_t *n)
{
    int code = NNRT_OK;
    for (int i = 0; !list && i < c->width && !code; i++)
        code = add_column(c, i);
    for (const char *at = list; at && !code;) {
        size_t length = strcspn(at, ",");
        code = add_item(c, at, length);
        at = at[length] ? at + length + 1 : NULL;
    }
    *column = c->at, *n = c->n;
    return code;
}

int columns_find(const char *path, const CellTable *cells, const char *list, int **column, int64_t *n)
{
    return find(&(Columns){.path = path, .table = cells, .width = cells->row[0].n}, list, column, n);
}

int columns_find_in(const char *path, const CellReader *row, const char *list, int **column, int64_t *n)
{
    return find(&(Columns){.path = path, .row = row, .width = row->n}, list, column, n);
}

bool columns_by_name(const char *list)
{
    for (const char *at = list; at;) {
        size_t n = strcspn(at, ",");
        if (strspn(at, "0123456789.") < n) return true;
        at = at[n] ? at + n + 1 : NULL;
    }
    return false;
}
