/* SPDX-License-Identifier: MIT
 * batch.c: batches are filled. */
#include "dataset/batch.h"

#include <string.h>

#include "base/dtype.h"
#include "base/shape.h"
#include "model/manifest.h"

enum { PLACE = RT_PATH + 64 };

/* "iris.csv:7, number 3": which of the numbers only if there are several. */
static const char *place_text(Dataset *d, DataField *f, int64_t id, int64_t at, char *out)
{
    dataset_place(d, f, 0, id, out, PLACE);
    if (f->rank > 0) rt_append(out, PLACE, ", number %lld", (long long)at);
    return out;
}

static int bad_value(Dataset *d, DataField *f, int64_t id, int64_t at, double v)
{
    char wrong[96], number[40], place[PLACE];
    place_text(d, f, id, at, place);
    if (f->bound <= 0)
        return rt_fail(NNRT_E_RANGE, "%s: %s is %s (%s is %s)", place, json_format_number(v, number, sizeof number),
                       dtype_wrong(f->dtype, v, wrong, sizeof wrong), f->name, json_text(f->json, "elem", "float"));
    return rt_fail(NNRT_E_RANGE, "%s: %.9g is not in 0..%lld of %s", place, v, (long long)f->bound - 1, f->name);
}

/* Number e of an example in its place, if the field holds it. */
static int store(Dataset *d, DataField *f, int64_t id, int64_t e, void *to, int64_t at, double v)
{
    bool bounded = f->bound <= 0 || (v >= 0 && v < (double)f->bound);
    if (bounded && dtype_store(f->dtype, to, at, v)) return NNRT_OK;
    return bad_value(d, f, id, e, v);
}

typedef struct Shape {
    int rank;
    int64_t full[8], own[8]; /* extents in the batch and of this example */
} Shape;

/* Dense values of one example into their place in the padded batch. */
static int spread(Dataset *d, DataField *f, int64_t id, const void *from, int from_dtype, const Shape *s, void *to, int64_t base)
{
    int64_t count = shape_size(s->rank, s->own), stride[8], step = 1;
    for (int a = s->rank - 1; a >= 0; a--)
        stride[a] = step, step *= s->full[a];
    bool dense = memcmp(s->full, s->own, sizeof(int64_t) * (size_t)s->rank) == 0;
    if (dense && from_dtype == f->dtype && f->bound <= 0) {
        size_t width = dtype_bytes(f->dtype);
        memcpy((char *)to + (size_t)base * width, from, (size_t)count * width);
        return NNRT_OK;
    }
    for (int64_t e = 0; e < count; e++) {
        int64_t at = base + (dense ? e : shape_place(s->rank, s->own, stride, e));
        int code = store(d, f, id, e, to, at, dtype_load(from_dtype, from, e));
        if (code) return code;
    }
    return NNRT_OK;
}

typedef struct Scratch { /* grows; raw values of the readers, and the result of the expression */
    void *at[MOST_READERS + 1];
    size_t bytes[MOST_READERS + 1];
} Scratch;

static void *scratch(Scratch *s, int k, size_t bytes)
{
    return rt_block_of(&s->at[k], &s->bytes[k], bytes) ? NULL : s->at[k];
}

/* Numbers that reader k must give for an example of these sizes; -1: not known. */
static int64_t of_shape(const DataField *f, int k, const int64_t *sizes)
{
    int64_t n = 1;
    for (int a = 0; a < f->spec[k].rank; a++) {
        int64_t v = f->raw_dim[k][a];
        if (v == OTHER_SIZE) return -1;
        n *= v < 0 ? sizes[-1 - v] : v;
    }
    return n;
}

/* 1 where a cell of the other field was there. */
static int present_value(Dataset *d, DataField *f, int64_t id, const Shape *shape, void *to, int64_t base, Scratch *tmp)
{
    int64_t local = 0;
    nnrt_source *src = dataset_source(&d->field[f->present_of], 0, d, id, &local);
    int64_t n = src->count(src, local);
    double *raw = scratch(tmp, 0, sizeof(double) * (size_t)(n + 1));
    if (!raw) return NNRT_E_MEM;
    for (int64_t k = 0; k < n; k++)
        raw[k] = 1;
    if (src->present) src->present(src, local, raw);
    return spread(d, f, id, raw, NNRT_F64, shape, to, base);
}

/* The expression of a field works in the program's precision: what it is given must fit in there, and an integer field cannot
 * come from NaN or infinity. */
static int check_raw(Dataset *d, DataField *f, int k, int64_t id, const double *raw, int64_t n)
{
    bool single = d->m->program->float_bytes == 4, integer = f->dtype != NNRT_F32 && f->dtype != NNRT_F64;
    for (int64_t i = 0; i < n; i++) {
        bool finite = raw[i] - raw[i] == 0;
        if (finite ? !single || (float)raw[i] - (float)raw[i] == 0 : !integer) continue;
        char place[PLACE];
        return rt_fail(NNRT_E_RANGE, "%s, number %lld: %.9g is %s (of %s)", dataset_place(d, f, k, id, place, sizeof place), (long long)i,
                       raw[i], finite ? "larger than a float of 32 bits can be" : "no integer", f->name);
    }
    return NNRT_OK;
}

/* A conversion to int ends at its border: such a result that no number of the file was is none. */
static int check_border(Dataset *d, DataField *f, int64_t id, void *const *raw, int64_t n_raw, const int32_t *out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (out[i] != INT32_MAX && out[i] != INT32_MIN) continue;
        bool given = false;
        for (int64_t k = 0; k < n_raw; k++)
            given |= ((const double *)raw[0])[k] == out[i];
        char place[PLACE];
        if (!given)
            return rt_fail(NNRT_E_RANGE, "%s: the expression of %s gives no integer of 32 bits",
                           dataset_place(d, f, 0, id, place, sizeof place), f->name);
    }
    return NNRT_OK;
}

static int example_value(Dataset *d, DataField *f, int64_t id, const int64_t *sizes, Shape *shape, void *to, int64_t base, Scratch *tmp)
{
    int64_t local = 0;
    if (f->length_of >= 0) {
        DataField *of = &d->field[f->length_of];
        nnrt_source *src = dataset_source(of, 0, d, id, &local);
        return store(d, f, id, 0, to, base, (double)src->count(src, local));
    }
    if (f->present_of >= 0) return present_value(d, f, id, shape, to, base, tmp);
    void *args[MOST_READERS + 1];
    int64_t n = 0;
    for (int k = 0; k < f->n_readers; k++) {
        nnrt_source *src = dataset_source(f, k, d, id, &local);
        n = src->count(src, local);
        char place[PLACE];
        if (of_shape(f, k, sizes) >= 0 && n != of_shape(f, k, sizes))
            return rt_fail(NNRT_E_SHAPE, "%s has %lld numbers, but %s needs %lld there", dataset_place(d, f, k, id, place, sizeof place),
                           (long long)n, f->name, (long long)of_shape(f, k, sizes));
        double *raw = scratch(tmp, k, sizeof(double) * (size_t)(n + 1));
        if (!raw) return NNRT_E_MEM;
        int code = src->get(src, local, raw);
        if (!code && f->expr >= 0) code = check_raw(d, f, k, id, raw, n);
        if (code) return code;
        args[k] = raw;
    }
    if (f->expr < 0) return spread(d, f, id, args[0], NNRT_F64, shape, to, base);
    int64_t count = shape_size(shape->rank, shape->own);
    void *out = scratch(tmp, MOST_READERS, dtype_bytes(f->dtype) * (size_t)(count + 1));
    if (!out) return NNRT_E_MEM;
    args[f->n_readers] = out;
    int code = nnrt_call_export(d->m, f->expr, 0, sizes, args);
    if (!code && f->dtype == NNRT_I32) code = check_border(d, f, id, args, f->n_readers == 1 ? n : 0, out, count);
    return code ? code : spread(d, f, id, out, f->dtype, shape, to, base);
}

static int fill_arg(Dataset *d, DataField *f, const int64_t *ids, int64_t n, const int64_t *most, Batch *b, int slot)
{
    Shape shape = {.rank = f->rank};
    int64_t each = 1;
    for (int a = 0; a < f->rank; a++)
        each *= shape.full[a] = f->dim[a] < 0 ? most[-1 - f->dim[a]] : f->dim[a];
    size_t bytes = (size_t)(each * n) * dtype_bytes(f->dtype);
    if (rt_block_of(&b->arg[slot], &b->bytes[slot], bytes)) return NNRT_E_MEM;
    bool padded = false;
    for (int a = 0; a < f->rank; a++)
        padded |= f->dim[a] < 0;
    if (padded) memset(b->arg[slot], 0, bytes);
    Scratch tmp = {0};
    int code = NNRT_OK;
    for (int64_t i = 0; i < n && !code; i++) {
        int64_t sizes[8];
        if (d->n_symbols) dataset_sizes(d, ids[i], sizes);
        for (int a = 0; a < f->rank; a++)
            shape.own[a] = f->dim[a] < 0 ? sizes[-1 - f->dim[a]] : f->dim[a];
        code = example_value(d, f, ids[i], sizes, &shape, b->arg[slot], i * each, &tmp);
    }
    for (int k = 0; k <= MOST_READERS; k++)
        rt_free(tmp.at[k]);
    return code;
}

/* Largest run-time sizes of some examples, at least 1. */
static void batch_sizes(Dataset *d, const int64_t *ids, int64_t n, int64_t *most)
{
    int64_t sizes[8];
    for (int s = 0; s < d->n_symbols; s++)
        most[s] = 1;
    for (int64_t i = 0; i < n && d->n_symbols; i++) {
        dataset_sizes(d, ids[i], sizes);
        for (int s = 0; s < d->n_symbols; s++)
            if (sizes[s] > most[s]) most[s] = sizes[s];
    }
}

int dataset_field(Dataset *d, int field, const int64_t *ids, int64_t n, Batch *b, int *rank, int64_t *dim)
{
    DataField *f = &d->field[field];
    int64_t most[8] = {0};
    if (f->rank > 7) return rt_fail(NNRT_E_SHAPE, "%s has too many axes", f->name);
    batch_sizes(d, ids, n, most);
    *rank = f->rank + 1;
    dim[0] = n;
    for (int a = 0; a < f->rank; a++)
        dim[a + 1] = f->dim[a] < 0 ? most[-1 - f->dim[a]] : f->dim[a];
    return fill_arg(d, f, ids, n, most, b, 0);
}

int batch_fill(Dataset *d, int entry, const int64_t *ids, int64_t n, Batch *b)
{
    const Json *e = rt_entry(d->m, entry), *map = json_get(e, "data_sizes");
    int64_t most[8] = {0};
    batch_sizes(d, ids, n, most);
    for (int s = 0; s < d->n_symbols; s++) {
        const Json *to = json_at(map, s);
        if (to && to->integer >= 0) b->sizes[to->integer] = most[s];
    }
    int64_t batch_index = json_int(e, "batch_size", -1);
    if (batch_index >= 0) b->sizes[batch_index] = n;
    if (rt_block_of(&b->ids, &b->id_bytes, sizeof *ids * (size_t)n)) return NNRT_E_MEM;
    memcpy(b->ids, ids, sizeof *ids * (size_t)n);
    b->n = n;
    int slot = 0;
    for (const Json *a = json_list(e, "args"); a; a = a->next) {
        const char *role = json_text(a, "role", "");
        if (strcmp(role, "dim") == 0) continue;
        if (strcmp(role, "field") == 0) {
            int code = fill_arg(d, &d->field[json_int(a, "field", 0)], ids, n, most, b, slot);
            if (code) return code;
        }
        slot++;
    }
    return NNRT_OK;
}

/* The first of the numbers of n examples that is none; -1: all are. */
static int64_t not_finite_in(const DataField *f, const void *values, int64_t each, int64_t n, double *value)
{
    for (int64_t i = 0; i < each * n; i++) {
        *value = dtype_load(f->dtype, values, i);
        if (!(*value - *value == 0)) return i;
    }
    return -1;
}

const char *batch_not_finite(Dataset *d, int entry, const Batch *b, char *out, size_t n)
{
    const int64_t *ids = b->ids;
    int64_t most[8] = {0};
    int slot = 0;
    batch_sizes(d, ids, b->n, most);
    *out = 0;
    for (const Json *a = json_list(rt_entry(d->m, entry), "args"); a && !*out; a = a->next) {
        if (json_is(a, "role", "dim")) continue;
        int of = slot++;
        if (!json_is(a, "role", "field")) continue;
        DataField *f = &d->field[json_int(a, "field", 0)];
        int64_t each = 1, at = -1;
        double value = 0;
        for (int k = 0; k < f->rank; k++)
            each *= f->dim[k] < 0 ? most[-1 - f->dim[k]] : f->dim[k];
        if (f->n_readers && (f->dtype == NNRT_F32 || f->dtype == NNRT_F64)) at = not_finite_in(f, b->arg[of], each, b->n, &value);
        char place[PLACE], number[40];
        if (at >= 0)
            snprintf(out, n, "%s: %s is in %s", place_text(d, f, ids[at / each], at % each, place),
                     json_format_number(value, number, sizeof number), f->name);
    }
    return out;
}

void batch_free(Batch *b)
{
    rt_free(b->ids);
    for (int i = 0; i < NNRT_MAX_ARGS; i++)
        rt_free(b->arg[i]);
    *b = (Batch){0};
}
