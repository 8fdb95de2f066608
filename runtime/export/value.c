/* SPDX-License-Identifier: MIT
 * value.c: number arguments of exports. A value is, in this order,
 *   -                       standard input
 *   a file that is there    CSV, NPY, NPZ, IDX, PNG, WAV
 *   BLOCK.FIELD, BLOCK.PART.FIELD, either with :N or :N..M behind
 *                           examples of the program's own data, with the field's arithmetic done
 *   1,2,3 or 1,2;3,4        the numbers themselves, rows apart by ;
 * A flag that is given several times stacks its values along the first axis. */
#include "export/value.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/dtype.h"
#include "base/number.h"
#include "base/shape.h"
#include "dataset/batch.h"
#include "dataset/parts.h"
#include "export/know.h"
#include "export/setting.h"
#include "export/size.h"
#include "format/read.h"
#include "model/dims.h"
#include "model/manifest.h"

/* ---- numbers in the command line */

static bool read_row(const char **at, double *out, int64_t *n)
{
    for (;; ++*at) {
        char *end = NULL;
        double v = number_read(*at, &end);
        if (end == *at) return false;
        if (out) out[*n] = v;
        ++*n;
        *at = end + strspn(end, " ");
        if (**at != ',') return true;
    }
}

/* How many rows of how many numbers; false: something else. */
static bool read_literal(const char *value, double *out, int64_t *rows, int64_t *columns)
{
    int64_t n = 0;
    *rows = 0, *columns = -1;
    for (const char *at = value;; at++) {
        int64_t before = n;
        if (!read_row(&at, out, &n)) return false;
        if (*columns >= 0 && n - before != *columns) return false;
        *columns = n - before;
        ++*rows;
        if (!*at) return true;
        if (*at != ';') return false;
    }
}

/* The first that is not finite, or NULL. */
static const char *not_finite(const char *literal)
{
    for (const char *at = literal;; at++) {
        char *end = NULL;
        double v = number_read(at, &end);
        if (v - v != 0) return at;
        at = end + strspn(end, " ");
        if (!*at) return NULL;
    }
}

static int take_literal(const Export *x, const Arg *a, const char *value, Tensor *t)
{
    int64_t rows, columns;
    if (!read_literal(value, NULL, &rows, &columns)) return export_no_file(a, value, "a file or numbers like 1,2;3,4");
    const char *bad = not_finite(value);
    if (bad) return export_not_finite(x, a, bad);
    *t = (Tensor){.rank = 1, .dim = {columns}};
    if (rows > 1) *t = (Tensor){.rank = 2, .dim = {rows, columns}};
    t->at = rt_alloc(sizeof(double) * (size_t)(rows * columns));
    if (!t->at) return NNRT_E_MEM;
    read_literal(value, t->at, &rows, &columns);
    return NNRT_OK;
}

/* ---- examples of the program's data: BLOCK[.PART].FIELD[:N[..M]] */

typedef struct Reference {
    int block, field;
    char part[64];
    int64_t first, behind; /* examples of the part; behind -1: all */
    bool single;
} Reference;

static bool read_rows(const char *at, Reference *r)
{
    char *end = NULL;
    if (!*at) return true;
    r->first = strtoll(at + 1, &end, 10);
    if (end == at + 1 || r->first < 0 || r->first == INT64_MAX) return false;
    r->behind = r->first + 1;
    r->single = !*end;
    if (strncmp(end, "..", 2) == 0) {
        at = end + 2;
        r->behind = strtoll(at, &end, 10);
        if (end == at || r->behind <= r->first) return false;
    }
    return !*end;
}

static bool read_reference(const Export *x, const char *value, Reference *r)
{
    const Json *blocks = json_get(x->m->manifest, "data");
    size_t n = strcspn(value, ".");
    *r = (Reference){.block = json_index(blocks, value, n), .part = "all", .behind = -1};
    if (r->block < 0 || !value[n]) return false;
    const Json *fields = json_get(json_at(blocks, r->block), "fields");
    const char *at = value + n + 1;
    n = strcspn(at, ".:");
    if (n < sizeof r->part && at[n] == '.' && at[n + 1] != '.') {
        memcpy(r->part, at, n);
        r->part[n] = 0;
        at += n + 1;
        n = strcspn(at, ":");
    }
    r->field = json_index(fields, at, n);
    return r->field >= 0 && read_rows(at + n, r);
}

static int take_examples(const char *value, Dataset *d, const Reference *r, Tensor *t)
{
    int64_t *ids = NULL, n = 0;
    Batch b = {0};
    int code = dataset_part(d, r->part, &ids, &n);
    if (code) return code;
    int64_t behind = r->behind < 0 ? n : r->behind;
    if (behind > n) code = rt_fail(NNRT_E_IO, "%s: there are examples 0..%lld only", value, (long long)n - 1);
    if (!code) code = dataset_field(d, r->field, ids + r->first, behind - r->first, &b, &t->rank, t->dim);
    int64_t count = code ? 0 : shape_size(t->rank, t->dim);
    t->at = code ? NULL : rt_alloc(sizeof(double) * (size_t)count);
    for (int64_t i = 0; t->at && i < count; i++)
        t->at[i] = dtype_load(d->field[r->field].dtype, b.arg[0], i);
    if (!code && r->single) /* one example: without the axis of examples */
        memmove(t->dim, t->dim + 1, sizeof(int64_t) * (size_t)--t->rank);
    batch_free(&b);
    free(ids);
    return code ? code : t->at ? NNRT_OK : NNRT_E_MEM;
}

/* What is wrong with a value that begins with the name of a data block. */
static int wrong_reference(const Export *x, const char *value, const Reference *r)
{
    char names[512] = "";
    const Json *block = rt_block(x->m, r->block);
    if (r->field >= 0) return rt_fail(NNRT_E_IO, "%s: examples are numbers :N or :N..M, from 0, N below M", value);
    for (const Json *f = json_list(block, "fields"); f; f = f->next)
        rt_append(names, sizeof names, " %s", json_text(f, "name", ""));
    return rt_fail(NNRT_E_IO,
                   "%s: examples are named BLOCK.FIELD or BLOCK.PART.FIELD, with :N or :N..M "
                   "behind; the fields of %s are%s",
                   value, json_text(block, "name", "?"), names);
}

static int take_reference(Export *x, const char *value, Tensor *t)
{
    Reference r;
    Dataset *d = NULL;
    if (!read_reference(x, value, &r)) return wrong_reference(x, value, &r);
    int code = export_know(x, r.block, r.field);
    x->m->keeps_vocabs = false; /* of the other fields, which are not wanted */
    if (!code) code = dataset_open(x->m, r.block, x->cli->readers, &d);
    x->m->keeps_vocabs = true;
    if (!code) code = take_examples(value, d, &r, t);
    dataset_close(d);
    return code;
}

bool export_names_block(const Export *x, const char *value)
{
    size_t n = strcspn(value, ".");
    return value[n] && json_index(json_get(x->m->manifest, "data"), value, n) >= 0;
}

/* ---- files */

/* A sound that is shorter than the declared length is filled with silence, as wav_dir does. */
static int fill_sound(int64_t samples, Tensor *t)
{
    if (!t->is_sound || samples <= t->dim[0]) return NNRT_OK;
    double *wave = rt_alloc(sizeof(double) * (size_t)samples);
    if (!wave) return NNRT_E_MEM;
    memcpy(wave, t->at, sizeof(double) * (size_t)t->dim[0]);
    rt_free(t->at);
    t->at = wave;
    t->dim[0] = samples;
    return NNRT_OK;
}

/* Numbers that one file can give at most; with sizes that are open, 0: any. */
static int64_t most_of(const Export *x, const Arg *a)
{
    int64_t n = 1;
    for (int i = 0; i < export_rank(a); i++) {
        int64_t v = dims_value(x->m, x->entry, export_dim(a, i), x->sizes);
        if (v < 0 || __builtin_mul_overflow(n, v, &n)) return 0;
    }
    return n;
}

typedef struct Asked {
    const Export *x;
    const Arg *a;
} Asked;

static bool serves(const void *context, int rank, const int64_t *dim)
{
    const Asked *asked = context;
    return export_may_match(asked->x, asked->a, rank, dim);
}

/* [B, H, W]: a grey picture of this height and width is one example. */
static void grey_of(const Export *x, const Arg *a, int64_t grey[2])
{
    grey[0] = grey[1] = 0;
    if (export_rank(a) != 3) return;
    int64_t height = dims_value(x->m, x->entry, export_dim(a, 1), x->sizes), width = dims_value(x->m, x->entry, export_dim(a, 2), x->sizes);
    if (height > 0 && width > 0) grey[0] = height, grey[1] = width;
}

/* Of several files each is only a part of the argument. */
static Wish wish_of(const Export *x, const Arg *a, const Asked *asked)
{
    int rank = export_rank(a), dtype = rt_dtype_of(x->m, json_text(a->json, "elem", "float"));
    const Json *last = rank ? export_dim(a, rank - 1) : NULL;
    int64_t channels = last && last->kind == JSON_NUMBER ? last->integer : 0;
    if (rank == 2) channels = 1;
    Wish wish = {.channels = channels >= 1 && channels <= 4 ? (int)channels : 0,
                 .raw = !dtype_is_float(dtype),
                 .most = most_of(x, a),
                 .samples = last && last->kind == JSON_NUMBER ? last->integer : 0,
                 .rate = (uint32_t)export_rate(x),
                 .resamples = export_resamples(x),
                 .columns = setting_columns(x, a),
                 .decimal = setting_decimal(x, a),
                 .name = a->name,
                 .serves = flags_find(&x->cli->flags, a->name)->n == 1 ? serves : NULL,
                 .context = asked};
    grey_of(x, a, wish.grey);
    return wish;
}

/* A sound may be longer: it is cut. */
static int read_file(Export *x, Arg *a, const char *value, Tensor *t)
{
    Asked asked = {x, a};
    Wish wish = wish_of(x, a, &asked);
    int code = tensor_read(x->cli->formats, value, &wish, t);
    if (code == NNRT_E_SHAPE) {
        a->t.rank = t->rank;
        memcpy(a->t.dim, t->dim, sizeof t->dim);
        return export_wrong_shape(x, a);
    }
    if (code) rt_error_prefix("--%s: ", a->name);
    if (code) return code;
    a->from |= t->is_table ? FROM_TABLE : FROM_FILE;
    double scale = setting_scale(x, a);
    for (int64_t i = 0, n = scale == 1 ? 0 : shape_size(t->rank, t->dim); i < n; i++)
        t->at[i] *= scale;
    return fill_sound(wish.samples, t);
}

static int read_one(Export *x, Arg *a, const char *value, Tensor *t)
{
    if (export_is_file(value)) return read_file(x, a, value, t);
    if (export_names_block(x, value)) {
        int code = take_reference(x, value, t);
        a->from |= FROM_DATA;
        if (code) rt_error_prefix("--%s: ", a->name);
        return code;
    }
    a->from |= FROM_NUMBERS;
    return take_literal(x, a, value, t);
}

/* ---- several values */

/* t behind a->t: along their first axis if they have the rank of the argument, else along a new
 * one. */
static int append(Arg *a, Tensor *t, const char *value)
{
    Tensor *all = &a->t;
    bool whole = t->rank == export_rank(a);
    int64_t each[8];
    memcpy(each, all->dim + !whole, sizeof(int64_t) * 7);
    if (whole) each[0] = t->dim[0];
    if (memcmp(each, t->dim, sizeof(int64_t) * (size_t)t->rank)) {
        char have[96], want[96];
        return rt_fail(NNRT_E_SHAPE, "--%s: %s has the shape %s, but the one before has %s", a->name, value,
                       shape_text(t->rank, t->dim, have, sizeof have), shape_text(t->rank, each, want, sizeof want));
    }
    size_t old = sizeof(double) * (size_t)shape_size(all->rank, all->dim), more = sizeof(double) * (size_t)shape_size(t->rank, t->dim);
    double *bigger = realloc(all->at, old + more);
    if (!bigger) return rt_no_memory();
    memcpy((char *)bigger + old, t->at, more);
    all->at = bigger;
    all->dim[0] += whole ? t->dim[0] : 1;
    return NNRT_OK;
}

int export_read_numbers(Export *x, Arg *a, const Flag *flag)
{
    int code = read_one(x, a, flag->value[0], &a->t);
    if (!code && flag->n > 1 && a->t.rank < export_rank(a) && a->t.rank < 7) { /* an axis for them */
        memmove(a->t.dim + 1, a->t.dim, sizeof(int64_t) * (size_t)a->t.rank++);
        a->t.dim[0] = 1;
    }
    for (int i = 1; i < flag->n && !code; i++) {
        Tensor t = {0};
        code = read_one(x, a, flag->value[i], &t);
        if (!code && t.rank != export_rank(a) && t.rank + 1 != a->t.rank) code = export_wrong_shape(x, a);
        if (!code) code = append(a, &t, flag->value[i]);
        rt_free(t.at);
    }
    return code ? code : export_match(x, a);
}
