/* SPDX-License-Identifier: MIT
 * json_file.c: one pass over a file of JSON lines. What is wrong with a value is kept for its reader, which tells it behind what the
 * rows before have wrong. */
#include "data/json_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "base/limit.h"
#include "base/plain.h"
#include "base/shape.h"
#include "base/utf8.h"
#include "data/input.h"
#include "data/pieces.h"

enum {
    MOST_BESIDE = 1 << 20,     /* values of an object that nobody wants */
    JSON_MOST_LINE = 64 << 20, /* bytes of a line: texts, and what nobody wants, */
    JSON_MOST_NUMBER = 64      /* and of each number that is wanted */
};

typedef struct File {
    const Spec *spec;
    JsonColumn **part;
    int n_parts;
    Lines *lines;
    int64_t n; /* objects */
    int line;
    size_t wanted; /* numbers of an object; SIZE_MAX: any */
    Json *object;  /* its memory serves all lines */
} File;

void json_drop(JsonColumn *c)
{
    if (!c) return;
    lines_drop(c->lines);
    texts_free(&c->text);
    free(c->number), free(c->first), free(c->at), free(c->shapes), free(c->error), free(c->shared.path);
    free(c);
}

static void drop_shared(Shared *s)
{
    json_drop((JsonColumn *)s);
}

/* ---- shapes */

static void shape_at(const int64_t *shapes, JsonShape *shape)
{
    shape->rank = shapes[0];
    memcpy(shape->dim, shapes + 1, sizeof(int64_t) * (size_t)shape->rank);
}

void json_shape(const JsonColumn *c, int64_t i, JsonShape *shape)
{
    if (c->first)
        shape_at(c->shapes + c->at[i], shape);
    else
        *shape = c->shape;
}

int64_t json_first_number(const JsonColumn *c, int64_t i)
{
    return c->first ? c->first[i] : i * shape_size((int)c->shape.rank, c->shape.dim);
}

static bool is_shape(const JsonShape *a, const JsonShape *b)
{
    return a->rank == b->rank && memcmp(a->dim, b->dim, sizeof(int64_t) * (size_t)a->rank) == 0;
}

static bool add_shape(JsonColumn *c, const JsonShape *shape)
{
    for (int64_t k = 0; k <= shape->rank; k++) {
        if (!rt_more(&c->shapes, c->n_shapes, sizeof *c->shapes)) return false;
        c->shapes[c->n_shapes++] = k ? shape->dim[k - 1] : shape->rank;
    }
    return true;
}

/* Row i, the last one, has its own shape, or that of the row before. */
static bool add_row(JsonColumn *c, int64_t i, int64_t first, const JsonShape *shape)
{
    JsonShape before = {.rank = -1};
    if (!rt_more(&c->first, i, sizeof *c->first) || !rt_more(&c->at, i, sizeof *c->at)) return false;
    if (i) shape_at(c->shapes + c->at[i - 1], &before);
    bool same = is_shape(&before, shape);
    c->at[i] = same ? c->at[i - 1] : c->n_shapes;
    c->first[i] = first;
    return same || add_shape(c, shape);
}

static bool keep_shape(JsonColumn *c, int64_t first, const JsonShape *shape)
{
    if (c->n == 0) c->shape = *shape;
    if (!c->first && is_shape(&c->shape, shape)) return true;
    int64_t each = shape_size((int)c->shape.rank, c->shape.dim);
    for (int64_t i = 0, n = c->first ? 0 : c->n; i < n; i++)
        if (!add_row(c, i, i * each, &c->shape)) return false;
    return add_row(c, c->n, first, shape);
}

/* ---- the value of a key */

static int wrong_value(const File *f, const JsonColumn *c, const char *what, const char *found)
{
    return rt_fail(NNRT_E_IO, "%s:%d: \"%s\" is %s%s", f->spec->path, f->line, c->key, what, found);
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

static int no_value(const File *f, const JsonColumn *c)
{
    char names[400] = "", plain[500];
    for (const Json *v = json_first(f->object); v; v = v->next)
        rt_append(names, sizeof names, "%s%s", v == f->object->child ? "" : ", ", v->key ? v->key : "");
    return rt_fail(NNRT_E_IO, "%s:%d: there is no \"%s\"; the object has %s", f->spec->path, f->line, c->key,
                   *names ? rt_plain(plain, sizeof plain, names) : "nothing");
}

/* ---- numbers */

/* The shape of nested lists by their first elements; false: too deep. */
static bool shape_of(const Json *v, JsonShape *shape)
{
    for (; v && v->kind == JSON_ARRAY; v = v->child) {
        if (shape->rank == 8) return false;
        shape->dim[shape->rank++] = v->n;
    }
    return true;
}

static int take_number(const File *f, JsonColumn *c, const Json *v)
{
    char number[40], wrong[96];
    bool single = c->type == NNRT_F32;
    if (!rt_more(&c->number, c->n_numbers, single ? sizeof(float) : sizeof(double))) return rt_no_memory_for(f->spec->path);
    if (!single) return ((double *)c->number)[c->n_numbers++] = v->number, NNRT_OK;
    float value = (float)v->number;
    if (value - value != 0 && v->number - v->number == 0)
        return rt_fail(NNRT_E_RANGE, "%s:%d: \"%s\" is %s, which is %s", f->spec->path, f->line, c->key,
                       json_format_number(v->number, number, sizeof number), dtype_wrong(c->type, v->number, wrong, sizeof wrong));
    ((float *)c->number)[c->n_numbers++] = value;
    return NNRT_OK;
}

/* Adds the numbers of a list whose shape is that of its first elements. */
static int take_numbers(const File *f, JsonColumn *c, const Json *v, int depth, const JsonShape *shape)
{
    int code = NNRT_OK;
    if (depth < shape->rank) {
        if (v->kind != JSON_ARRAY || v->n != shape->dim[depth]) return wrong_value(f, c, "a list whose parts differ in length", "");
        for (const Json *e = v->child; e && !code; e = e->next)
            code = take_numbers(f, c, e, depth + 1, shape);
        return code;
    }
    if (v->kind != JSON_NUMBER && v->kind != JSON_BOOL)
        return wrong_value(f, c, depth ? "a list with " : kind_name(v->kind), depth ? kind_name(v->kind) : " where a number is wanted");
    return take_number(f, c, v);
}

static int add_numbers(const File *f, JsonColumn *c, const Json *v)
{
    JsonShape shape = {0};
    int64_t count = 0, first = c->n_numbers;
    if (!shape_of(v, &shape) || !shape_count((int)shape.rank, shape.dim, &count))
        return wrong_value(f, c, "a list of more than 8 levels", "");
    if (v->kind != JSON_ARRAY && v->kind != JSON_NUMBER && v->kind != JSON_BOOL)
        return wrong_value(f, c, kind_name(v->kind), " where numbers are wanted");
    int code = take_numbers(f, c, v, 0, &shape);
    if (!code && !keep_shape(c, first, &shape)) code = rt_no_memory_for(f->spec->path);
    return code;
}

/* ---- texts */

/* Of labels also numbers and truth values, as they are written. */
static int add_text(const File *f, JsonColumn *c, const Json *v)
{
    char number[40];
    if (v->kind == JSON_NUMBER && v->is_integer)
        snprintf(number, sizeof number, "%lld", (long long)v->integer);
    else
        json_format_number(v->number, number, sizeof number);
    const char *text = v->kind == JSON_STRING                ? v->text
                       : c->labels && v->kind == JSON_NUMBER ? number
                       : c->labels && v->kind == JSON_BOOL   ? (v->number != 0 ? "true" : "false")
                                                             : NULL;
    if (!text) return wrong_value(f, c, kind_name(v->kind), " where a text is wanted");
    return texts_add(&c->text, text, strlen(text)) ? NNRT_OK : rt_no_memory_for(f->spec->path);
}

/* ---- lines */

static void keep_error(JsonColumn *c, int code)
{
    c->code = code;
    c->error = strdup(nnrt_error_text());
}

/* An error for a reader ends what is read for it; that of who asked ends the pass. */
static int take_value(const File *f, JsonColumn *c)
{
    if (c->code) return NNRT_OK;
    const Json *v = find_value(f->object, c->key);
    int code = !v ? no_value(f, c) : c->texts_wanted ? add_text(f, c, v) : add_numbers(f, c, v);
    if (!code) return c->n++, NNRT_OK;
    if (code == NNRT_E_MEM || c->shared.reader == f->spec->reader) return code;
    return keep_error(c, code), NNRT_OK;
}

/* What an object may have of something: so much whatever is wanted of it, and for each number that is. */
static size_t beside(const File *f, size_t free_of_charge, size_t each)
{
    size_t most;
    return __builtin_mul_overflow(f->wanted, each, &most) || __builtin_add_overflow(most, free_of_charge, &most) ? SIZE_MAX : most;
}

static int too_many(const File *f)
{
    return rt_fail(NNRT_E_IO, "%s:%d: the object has more than %zu values, but %zu number%s of it %s wanted", f->spec->path, f->line,
                   beside(f, MOST_BESIDE, 1), f->wanted, f->wanted == 1 ? "" : "s", f->wanted == 1 ? "is" : "are");
}

static int too_long(const File *f)
{
    char most[LIMIT_TEXT];
    return rt_fail(NNRT_E_IO, "%s:%d: the line has more than %s, but %zu number%s of it %s wanted", f->spec->path, f->line + 1,
                   limit_text(most, beside(f, JSON_MOST_LINE, JSON_MOST_NUMBER)), f->wanted, f->wanted == 1 ? "" : "s",
                   f->wanted == 1 ? "is" : "are");
}

static int take_line(File *f, const char *text, size_t n)
{
    const char *error = NULL, *path = f->spec->path;
    if (!rt_more(&f->lines->at, f->n, sizeof *f->lines->at)) return rt_no_memory_for(path);
    f->lines->at[f->n++] = f->line;
    f->object = json_parse_again(f->object, text, n, beside(f, MOST_BESIDE, 1), &error);
    if (!f->object && error == json_too_many) return too_many(f);
    if (!f->object) return rt_fail(json_code(error, NNRT_E_IO), "%s:%d: this line is no JSON: %s", path, f->line, error);
    if (f->object->kind != JSON_OBJECT)
        return rt_fail(NNRT_E_IO, "%s:%d: an object {...} stands on a line, not %s", path, f->line, kind_name(f->object->kind));
    int code = NNRT_OK;
    for (int i = 0; i < f->n_parts && !code; i++)
        code = take_value(f, f->part[i]);
    return code;
}

/* The whole lines of a piece of the file; *rest: what follows them. */
static int take_piece(File *f, const char *at, const char *end, bool last, const char **rest)
{
    int code = NNRT_OK;
    while (at < end && !code) {
        const char *stop = memchr(at, '\n', (size_t)(end - at)), *from = at;
        if (!stop && !last) break;
        if (!stop) stop = end;
        f->line++;
        while (from < stop && (*from == ' ' || *from == '\t' || *from == '\r'))
            from++;
        if (from < stop) code = take_line(f, from, (size_t)(stop - from));
        at = stop + (stop < end);
    }
    *rest = at;
    return code;
}

static int read_lines(File *f, Input *in)
{
    const char *rest = NULL;
    char *text = NULL;
    size_t n = 0;
    bool last = false;
    int code = NNRT_OK;
    for (bool first = true; !code && !last; first = false) {
        code = input_more(in, rest, &text, &n, &last);
        size_t mark = first && !code ? utf8_mark(text, n) : 0;
        if (!code) code = take_piece(f, text + mark, text + n, last, &rest);
        if (!code && !last && (size_t)(text + n - rest) > beside(f, JSON_MOST_LINE, JSON_MOST_NUMBER)) code = too_long(f);
    }
    return !code && f->n == 0 ? rt_fail(NNRT_E_IO, "%s: there are no lines", f->spec->path) : code;
}

/* ---- readers */

/* One of a size that is known at run time may have any number. */
static size_t wanted_of(const Json *reader)
{
    size_t n = 1;
    for (const Json *d = json_list(reader, "dims"); d; d = d->next)
        if (d->kind != JSON_NUMBER || d->integer < 0 || __builtin_mul_overflow(n, (size_t)d->integer, &n)) return SIZE_MAX;
    return n;
}

static int add_part(File *f, const Json *field, const Json *reader)
{
    const Spec other = {.reader = reader};
    JsonColumn *c = calloc(1, sizeof *c);
    if (!c || !rt_more(&f->part, f->n_parts, sizeof *f->part)) return free(c), rt_no_memory();
    f->part[f->n_parts++] = c;
    c->shared = (Shared){.reader = reader, .path = strdup(f->spec->path), .drop = drop_shared};
    c->key = spec_string(&other, "key", "");
    c->texts_wanted = text_wanted(&other), c->labels = text_mode(&other) == TEXT_LABELS;
    c->type = shared_single(f->spec, field) ? NNRT_F32 : NNRT_F64;
    c->lines = f->lines, c->lines->owners++;
    if (!c->texts_wanted && __builtin_add_overflow(f->wanted, wanted_of(reader), &f->wanted)) f->wanted = SIZE_MAX;
    return c->shared.path ? NNRT_OK : rt_no_memory();
}

static int read_file(File *f)
{
    const Spec *spec = f->spec;
    const Json *field = NULL;
    Input *in = NULL;
    int code = f->lines ? NNRT_OK : rt_no_memory();
    for (const Json *r = NULL; !code && (r = shared_next(spec, r, &field));)
        if (r == spec->reader || (spec->shared && !shared_waits(spec, r))) code = add_part(f, field, r);
    if (!code) code = input_open(spec, &in);
    if (!code) code = read_lines(f, in);
    input_close(in);
    json_free(f->object);
    return code;
}

/* Only what is there is kept; rows without a number are somewhere, too. */
static void fit(JsonColumn *c)
{
    size_t bytes = (size_t)c->n_numbers * (c->type == NNRT_F32 ? sizeof(float) : sizeof(double));
    void *fitting = realloc(c->number, bytes + 1);
    if (fitting) c->number = fitting;
}

int json_column(const Spec *spec, JsonColumn **out)
{
    *out = (JsonColumn *)shared_take(spec);
    if (*out) return NNRT_OK;
    File f = {.spec = spec, .lines = lines_new()};
    int code = read_file(&f);
    for (int i = 0; i < f.n_parts; i++) {
        JsonColumn *c = f.part[i];
        bool mine = c->shared.reader == spec->reader;
        fit(c);
        if (mine && code && !c->code) keep_error(c, code); /* behind what is wrong with the shapes of its rows */
        if (shared_give(spec, &c->shared, mine ? NNRT_OK : code)) *out = c;
    }
    free(f.part);
    lines_drop(f.lines);
    return *out ? NNRT_OK : code;
}
