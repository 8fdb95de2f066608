/* SPDX-License-Identifier: MIT
 * json_lines.c: a file of JSON objects, one a line; of each the value of a key: a number, a list of numbers, or a text. */
#include <stdlib.h>
#include <string.h>

#include "base/plain.h"
#include "base/shape.h"
#include "base/utf8.h"
#include "data/pieces.h"
#include "data/stream.h"
#include "data/text_source.h"

typedef struct Row { /* numbers of an example */
    double *at;
    int64_t n, dim[8];
    int rank;
} Row;

typedef struct Rows {
    Row *row;    /* numbers, */
    Texts text;  /* or texts */
    int *line;   /* of each in the file, from 1 */
    int64_t n;
    bool texts;
    const char *path, *key;
} Rows;

static void rows_free(Rows *r)
{
    for (int64_t i = 0; i < r->n && !r->texts; i++)
        free(r->row[i].at);
    texts_free(&r->text);
    free(r->row), free(r->line);
    *r = (Rows){0};
}

/* ---- the value of a key */

static int wrong_value(const Rows *r, int line, const char *what, const char *found)
{
    return rt_fail(NNRT_E_IO, "%s:%d: \"%s\" is %s%s", r->path, line, r->key, what, found);
}

static const char *kind_name(JsonKind kind)
{
    static const char *const names[] = {"null", "true or false", "a number", "a text", "a list", "an object"};
    return names[kind];
}

/* `a.b`: of an object in the object, unless there is a key of that very name. */
static const Json *find_value(const Json *object, const char *key)
{
    const Json *whole = json_get(object, key);
    while (!whole && object) {
        char name[200];
        size_t n = strcspn(key, ".");
        if (n >= sizeof name) return NULL;
        snprintf(name, sizeof name, "%.*s", (int)n, key);
        object = json_get(object, name);
        if (!key[n]) return object;
        key += n + 1;
    }
    return whole;
}

static int no_value(const Rows *r, int line, const Json *object)
{
    char names[400] = "", plain[500];
    for (const Json *v = json_first(object); v; v = v->next)
        rt_append(names, sizeof names, "%s%s", v == object->child ? "" : ", ", v->key ? v->key : "");
    return rt_fail(NNRT_E_IO, "%s:%d: there is no \"%s\"; the object has %s", r->path, line, r->key,
                   *names ? rt_plain(plain, sizeof plain, names) : "nothing");
}

/* ---- numbers */

/* The shape of nested lists by their first elements; false: too deep. */
static bool shape_of(const Json *v, Row *row)
{
    for (; v && v->kind == JSON_ARRAY; v = v->child) {
        if (row->rank == 8) return false;
        row->dim[row->rank++] = v->n;
    }
    return true;
}

/* Adds the numbers of a list whose shape is that of its first elements. */
static int take_numbers(const Rows *r, int line, const Json *v, int depth, Row *row)
{
    int code = NNRT_OK;
    if (depth < row->rank) {
        if (v->kind != JSON_ARRAY || v->n != row->dim[depth]) return wrong_value(r, line, "a list whose parts differ in length", "");
        for (const Json *c = v->child; c && !code; c = c->next)
            code = take_numbers(r, line, c, depth + 1, row);
        return code;
    }
    if (v->kind != JSON_NUMBER && v->kind != JSON_BOOL)
        return wrong_value(r, line, depth ? "a list with " : kind_name(v->kind), depth ? kind_name(v->kind) : " where a number is wanted");
    row->at[row->n++] = v->number;
    return NNRT_OK;
}

static int wrong_shape(const Rows *r, const Spec *spec, int line, const Row *row)
{
    char have[200], want[200];
    return rt_fail(NNRT_E_SHAPE, "%s:%d: \"%s\" has the shape %s, but %s is %s", r->path, line, r->key,
                   shape_text(row->rank, row->dim, have, sizeof have), spec->name, shape_text(spec->rank, spec->dim, want, sizeof want));
}

static int add_numbers(Rows *r, const Spec *spec, int line, const Json *v)
{
    Row row = {0};
    int64_t count = 0;
    if (!shape_of(v, &row) || !shape_count(row.rank, row.dim, &count)) return wrong_value(r, line, "a list of more than 8 levels", "");
    if (v->kind != JSON_ARRAY && v->kind != JSON_NUMBER && v->kind != JSON_BOOL)
        return wrong_value(r, line, kind_name(v->kind), " where numbers are wanted");
    if (!shape_serves(row.rank, row.dim, spec->rank, spec->dim)) return wrong_shape(r, spec, line, &row);
    if (!rt_more(&r->row, r->n, sizeof *r->row) || !(row.at = malloc(sizeof(double) * (size_t)(count + 1))))
        return rt_no_memory_for(r->path);
    int code = take_numbers(r, line, v, 0, &row);
    if (code)
        free(row.at);
    else
        r->row[r->n++] = row;
    return code;
}

/* ---- texts */

/* Of labels also numbers and truth values, as they are written. */
static int add_text(Rows *r, const Spec *spec, int line, const Json *v)
{
    char number[40];
    bool label = text_mode(spec) == TEXT_LABELS;
    if (v->kind == JSON_NUMBER && v->is_integer)
        snprintf(number, sizeof number, "%lld", (long long)v->integer);
    else
        json_format_number(v->number, number, sizeof number);
    const char *text = v->kind == JSON_STRING            ? v->text
                       : label && v->kind == JSON_NUMBER ? number
                       : label && v->kind == JSON_BOOL   ? (v->number != 0 ? "true" : "false")
                                                         : NULL;
    if (!text) return wrong_value(r, line, kind_name(v->kind), " where a text is wanted");
    if (!texts_add(&r->text, text, strlen(text))) return rt_no_memory_for(r->path);
    r->n++;
    return NNRT_OK;
}

/* ---- lines */

static int add_line(Rows *r, const Spec *spec, const char *text, size_t n, int line)
{
    const char *error = NULL;
    if (!rt_more(&r->line, r->n, sizeof *r->line)) return rt_no_memory_for(r->path);
    r->line[r->n] = line;
    Json *object = json_parse(text, n, &error);
    if (!object) return rt_fail(json_code(error, NNRT_E_IO), "%s:%d: this line is no JSON: %s", r->path, line, error);
    const Json *v = object->kind == JSON_OBJECT ? find_value(object, r->key) : NULL;
    int code = object->kind != JSON_OBJECT
                   ? rt_fail(NNRT_E_IO, "%s:%d: an object {...} stands on a line, not %s", r->path, line, kind_name(object->kind))
               : !v       ? no_value(r, line, object)
               : r->texts ? add_text(r, spec, line, v)
                          : add_numbers(r, spec, line, v);
    json_free(object);
    return code;
}

static int read_rows(const Spec *spec, Rows *r)
{
    char *text = NULL;
    size_t size = 0;
    int line = 0, code = spec_read(spec, spec->path, &text, &size);
    for (const char *at = code ? NULL : text + utf8_mark(text, size), *end = text + size; at && at < end && !code;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((stop ? stop : end) - at);
        line++;
        size_t blanks = 0;
        while (blanks < n && strchr(" \t\r", at[blanks]) && at[blanks])
            blanks++;
        if (blanks < n) code = add_line(r, spec, at, n, line);
        at += n + 1;
    }
    free(text);
    if (!code && r->n == 0) code = rt_fail(NNRT_E_IO, "%s: there are no lines", spec->path);
    return code;
}

/* ---- as a source */

static int64_t row_count(nnrt_source *s, int64_t i)
{
    return ((Rows *)s->state)->row[i].n;
}

static void row_extent(nnrt_source *s, int64_t i, int64_t *extent)
{
    const Row *row = &((Rows *)s->state)->row[i];
    memcpy(extent, row->dim, sizeof *extent * (size_t)row->rank);
}

static int row_of(nnrt_source *s, int64_t i, Numbers *row)
{
    *row = (Numbers){.at = ((Rows *)s->state)->row[i].at, .type = NNRT_F64};
    return NNRT_OK;
}

static void row_close(nnrt_source *s)
{
    rows_free(s->state);
    free(s->state);
}

static int open_texts(const Spec *spec, Rows *r, nnrt_source *out)
{
    Spec with_lines = *spec;
    with_lines.line = r->line;
    int code = text_open(&with_lines, &r->text, NULL, out);
    rows_free(r);
    return code;
}

static int json_open(const Spec *spec, nnrt_source *out)
{
    Rows r = {.texts = text_wanted(spec), .path = spec->path, .key = spec_string(spec, "key", "")};
    int code = read_rows(spec, &r);
    if (!code && r.texts) return open_texts(spec, &r, out);
    Rows *state = code ? NULL : malloc(sizeof *state);
    if (!code && !state) code = rt_no_memory_for(spec->path);
    if (code) {
        rows_free(&r);
        return code;
    }
    *state = r;
    *out = (nnrt_source){.n = r.n, .state = state, .count = row_count, .extent = row_extent, .row = row_of, .close = row_close};
    return NNRT_OK;
}

const nnrt_reader nnrt_reader_json_lines = {"json_lines", json_open};
