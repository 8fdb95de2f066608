/* SPDX-License-Identifier: MIT
 * csv_choose.c: columns of a CSV file by their numbers, or by their names in the first row. */
#include <stdlib.h>
#include <string.h>

#include "base/closest.h"
#include "base/utf8.h"
#include "data/csv_part.h"

/* " (sepal, petal, kind)" */
static const char *column_names(const CsvNames *c, char *out, size_t n)
{
    enum { MOST = 20 };
    *out = 0;
    for (int i = 0; i < c->n && i < MOST; i++)
        rt_append(out, n, "%s%.40s", i ? ", " : " (", csv_name(c, i));
    if (*out) rt_append(out, n, c->n > MOST ? ", ...)" : ")");
    return out;
}

/* Of the first ones, where there are very many. */
static const char *close_name(const CsvNames *c, const char *name)
{
    enum { MOST = 1 << 12 };
    const char *names[MOST];
    int n = c->n < MOST ? c->n : MOST;
    for (int i = 0; i < n; i++)
        names[i] = csv_name(c, i);
    return closest_name(name, names, n);
}

static int no_name(const CsvNames *c, const char *name)
{
    char names[400];
    const char *hint = c->hint, *close = *hint ? NULL : close_name(c, name);
    bool whole = true;
    for (int i = 0; i < c->n; i++)
        whole &= utf8_whole(csv_name(c, i));
    return rt_fail(NNRT_E_IO, "%s: there is no column \"%s\" in the first line%s%s%s%.60s%s%s", c->path, name, hint,
                   *hint ? "" : column_names(c, names, sizeof names), close ? "; did you mean " : "", close ? close : "", close ? "?" : "",
                   whole ? "" : UTF8_NO_FILE);
}

/* The column of that name in the first row; -1 after an error. */
static int find_column(const CsvNames *c, const char *name)
{
    int found = -1;
    for (int i = 0; i < c->n; i++) {
        if (strcmp(csv_name(c, i), name)) continue;
        if (found >= 0) {
            rt_fail(NNRT_E_IO, "%s: the columns %d and %d are both named \"%s\"", c->path, found, i, name);
            return -1;
        }
        found = i;
    }
    if (found < 0) no_name(c, name);
    return found;
}

static int no_column(const CsvNames *c, int64_t at)
{
    return rt_fail(NNRT_E_IO, "%s: there is no column %lld; the first row has %d, and they count from 0%s", c->path, (long long)at, c->n,
                   c->hint);
}

/* Item i of what a reader's column= or columns= says; -1 after an error. */
static int64_t nth_column(const CsvNames *c, const Json *column, const Json *columns, int i)
{
    const Json *range = json_get(columns, "range"), *name = json_at(json_get(columns, "strings"), i),
               *number = json_at(json_get(columns, "ints"), i);
    const char *text = name ? name->text : json_text(column, "string", NULL);
    int64_t at = range ? json_at(range, 0)->integer + i : number ? number->integer : json_int(column, "int", 0);
    if (text) return find_column(c, text);
    if (at >= 0 && at < c->n) return at;
    no_column(c, at);
    return -1;
}

int csv_choose(const CsvNames *c, const Json *reader, int **column, int *width)
{
    Spec spec = {.reader = reader};
    const Json *single = spec_arg(&spec, "column"), *columns = spec_arg(&spec, "columns");
    const Json *range = json_get(columns, "range"), *names = json_get(columns, "strings"), *numbers = json_get(columns, "ints");
    int64_t n = range ? json_at(range, 1)->integer - json_at(range, 0)->integer : names ? names->n : numbers ? numbers->n : 1;
    if (n > c->n && range) return no_column(c, json_at(range, 1)->integer - 1);
    int *list = malloc(sizeof *list * (size_t)(n + 1));
    if (!list) return rt_no_memory_for(c->path);
    for (int i = 0; i < n; i++) {
        list[i] = (int)nth_column(c, single, columns, i);
        if (list[i] < 0) return free(list), NNRT_E_IO;
    }
    *column = list, *width = (int)n;
    return NNRT_OK;
}
