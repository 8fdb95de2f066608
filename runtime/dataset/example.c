/* SPDX-License-Identifier: MIT
 * example.c: the numbers of an example in their place. What lies in memory as the batch wants it is copied, bytes go through a
 * table, all else by way of doubles. */
#include "dataset/example.h"

#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "base/shape.h"
#include "dataset/table.h"
#include "model/call.h"
#include "model/manifest.h"

const char *example_place(Dataset *d, DataField *f, int64_t id, int64_t at, char out[EXAMPLE_PLACE])
{
    int from = f->length_of >= 0 ? f->length_of : f->present_of; /* its numbers are about the text or the cells of another one */
    dataset_place(d, from >= 0 ? &d->field[from] : f, 0, id, out, EXAMPLE_PLACE);
    if (f->rank > 0) rt_append(out, EXAMPLE_PLACE, ", number %lld", (long long)at);
    return out;
}

static int bad_value(Dataset *d, DataField *f, int64_t id, int64_t at, double v)
{
    char wrong[96], number[40], place[EXAMPLE_PLACE];
    example_place(d, f, id, at, place);
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

enum { WORK = MOST_READERS + 1 }; /* of a scratch */

static bool is_dense(const Shape *s)
{
    return memcmp(s->full, s->own, sizeof(int64_t) * (size_t)s->rank) == 0;
}

/* Dense values of one example into their place in the padded batch. */
static int spread(Dataset *d, DataField *f, int64_t id, const void *from, int from_dtype, const Shape *s, void *to, int64_t base)
{
    int64_t count = shape_size(s->rank, s->own), stride[8], step = 1;
    for (int a = s->rank - 1; a >= 0; a--)
        stride[a] = step, step *= s->full[a];
    bool dense = is_dense(s);
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

void scratch_free(Scratch *s)
{
    for (int k = 0; k < MOST_READERS + 2; k++)
        rt_free(s->at[k]);
}

static void *scratch(Scratch *s, int k, size_t bytes)
{
    return rt_block_of(&s->at[k], &s->bytes[k], bytes) ? NULL : s->at[k];
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
        char place[EXAMPLE_PLACE], wrong[96];
        return rt_fail(NNRT_E_RANGE, "%s, number %lld: %.9g is %s (of %s)", dataset_place(d, f, k, id, place, sizeof place), (long long)i,
                       raw[i], finite ? dtype_wrong(NNRT_F32, raw[i], wrong, sizeof wrong) : "no integer", f->name);
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
        char place[EXAMPLE_PLACE];
        if (!given)
            return rt_fail(NNRT_E_RANGE, "%s: the expression of %s gives no integer of 32 bits",
                           dataset_place(d, f, 0, id, place, sizeof place), f->name);
    }
    return NNRT_OK;
}

/* Numbers of NNRT_I32, wherever they begin. */
static bool all_below(const unsigned char *at, int64_t n, int64_t bound)
{
    uint32_t most = 0, v;
    for (int64_t k = 0; k < n; k++) {
        memcpy(&v, at + 4 * k, sizeof v);
        most = v > most ? v : most;
    }
    return most < (uint64_t)bound;
}

/* The only reader's numbers are what the field wants, or become that one by one. False: they go by way of doubles, which
 * finds what is wrong (also integers of 64 bits that no double is). */
static bool taken_as_is(const DataField *f, const ByteTable *table, const Numbers *row, int64_t n, const Shape *s, void *to, int64_t base)
{
    size_t width = dtype_bytes(f->dtype);
    char *out = (char *)to + (size_t)base * width;
    if (!is_dense(s) || n != shape_size(s->rank, s->own)) return false;
    if (table && row->type == NNRT_U8) return table_take(table, row->at, n, out);
    if (f->expr >= 0 || row->type != f->dtype || row->big || row->type == NNRT_I64) return false;
    if (f->bound > 0 && (f->dtype != NNRT_I32 || !all_below(row->at, n, f->bound))) return false;
    memcpy(out, row->at, width * (size_t)n);
    return true;
}

int example_value(Dataset *d, DataField *f, int64_t id, const int64_t *sizes, Shape *shape, void *to, int64_t base, Scratch *tmp)
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
        char place[EXAMPLE_PLACE];
        if (dataset_raw_count(f, k, sizes) >= 0 && n != dataset_raw_count(f, k, sizes))
            return rt_fail(NNRT_E_SHAPE, "%s has %lld numbers, but %s needs %lld there", dataset_place(d, f, k, id, place, sizeof place),
                           (long long)n, f->name, (long long)dataset_raw_count(f, k, sizes));
        Numbers row = {0};
        int code = src->row(src, local, &row);
        bool done = !code && f->n_readers == 1 && taken_as_is(f, f->table[id >= d->n[0]], &row, n, shape, to, base);
        double *raw = code || done ? NULL : scratch(tmp, k, sizeof(double) * (size_t)(n + 1));
        if (raw) row_numbers(src, &row, n, raw);
        free(row.own);
        if (code || done) return code;
        if (!raw) return NNRT_E_MEM;
        if (f->expr >= 0) code = check_raw(d, f, k, id, raw, n);
        if (code) return code;
        args[k] = raw;
    }
    if (f->expr < 0) return spread(d, f, id, args[0], NNRT_F64, shape, to, base);
    int64_t count = shape_size(shape->rank, shape->own);
    void *out = scratch(tmp, MOST_READERS, dtype_bytes(f->dtype) * (size_t)(count + 1));
    if (!out) return NNRT_E_MEM;
    args[f->n_readers] = out;
    int code = rt_call_export(d->m, f->expr, 0, sizes, args, &tmp->at[WORK], &tmp->bytes[WORK]);
    if (!code && f->dtype == NNRT_I32) code = check_border(d, f, id, args, f->n_readers == 1 ? n : 0, out, count);
    return code ? code : spread(d, f, id, out, f->dtype, shape, to, base);
}
