/* SPDX-License-Identifier: MIT
 * table.c: bytes through a table. */
#include "dataset/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"

/* ---- made */

static void set_value(const DataField *f, ByteTable *t, int k, double v)
{
    bool bounded = f->bound <= 0 || (v >= 0 && v < (double)f->bound);
    t->good[k] = bounded && dtype_store(f->dtype, t->value, k, v);
}

/* A number that stands for a conversion that ended at the border of a type is looked at where it occurs. */
static bool at_border(const DataField *f, double v)
{
    return f->dtype == NNRT_I32 && (v == INT32_MAX || v == INT32_MIN);
}

/* An example of the field has n numbers: the expression gets as many bytes at a time. */
static int by_expression(const Dataset *d, const DataField *f, const nnrt_source *s, const int64_t *sizes, int64_t n, ByteTable *t)
{
    double *raw = malloc(sizeof *raw * (size_t)n);
    void *out = rt_alloc(dtype_bytes(f->dtype) * (size_t)n), *args[] = {raw, out};
    int code = raw && out ? NNRT_OK : rt_no_memory();
    for (int first = 0; first < 256 && !code; first += (int)(n < 256 ? n : 256)) {
        for (int64_t k = 0; k < n; k++)
            raw[k] = s->of_byte[first + k < 256 ? first + k : 255];
        code = nnrt_call_export(d->m, f->expr, 0, sizes, args);
        for (int k = 0; k < n && first + k < 256 && !code; k++) {
            double v = dtype_load(f->dtype, out, k);
            set_value(f, t, first + k, v);
            t->good[first + k] &= !at_border(f, v);
        }
    }
    free(raw), rt_free(out);
    return code;
}

static int make_table(const Dataset *d, const DataField *f, const nnrt_source *s, ByteTable *t)
{
    int64_t sizes[8], n;
    int code = NNRT_OK;
    for (int i = 0; i < 8; i++)
        sizes[i] = 16;
    t->width = (int)dtype_bytes(f->dtype);
    n = dataset_raw_count(f, 0, sizes);
    if (f->expr >= 0)
        code = by_expression(d, f, s, sizes, n, t);
    else
        for (int k = 0; k < 256; k++)
            set_value(f, t, k, s->of_byte[k]);
    t->all = true;
    for (int k = 0; k < 256; k++)
        t->all &= t->good[k];
    bool floats = f->dtype == NNRT_F32 && t->all;
    if (floats && line_find((const float *)(const void *)t->value, &t->over, &t->add)) t->line = line_vectors(d->m->program);
    return code;
}

static bool wants_table(const DataField *f, int which)
{
    const int64_t sizes[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    return f->n_readers == 1 && f->source[which][0].of_byte && !f->table[which] &&
           (f->expr < 0 || (f->pointwise && dataset_raw_count(f, 0, sizes) > 0));
}

int tables_make(Dataset *d)
{
    for (int i = 0; i < d->n_fields; i++)
        for (int which = 0; which < 2; which++) {
            DataField *f = &d->field[i];
            if (!wants_table(f, which)) continue;
            f->table[which] = rt_alloc(sizeof *f->table[which]);
            if (!f->table[which]) return NNRT_E_MEM;
            int code = make_table(d, f, &f->source[which][0], f->table[which]);
            if (code) return code;
        }
    return NNRT_OK;
}

/* ---- used */

static bool all_good(const ByteTable *t, const unsigned char *bytes, int64_t n)
{
    bool good = true;
    for (int64_t k = 0; k < n; k++)
        good &= t->good[bytes[k]];
    return good;
}

#define TAKE(TYPE) \
    { \
        const TYPE *value = (const void *)t->value; \
        TYPE *to = out; \
        for (int64_t k = 0; k < n; k++) \
            to[k] = value[bytes[k]]; \
    }

bool table_take(const ByteTable *t, const unsigned char *bytes, int64_t n, void *out)
{
    if (t->line) return line_take(t->line, bytes, n, t->over, t->add, out), true;
    if (!t->all && !all_good(t, bytes, n)) return false;
    switch (t->width) {
    case 1: TAKE(uint8_t) break;
    case 2: TAKE(uint16_t) break;
    case 4: TAKE(uint32_t) break;
    default: TAKE(uint64_t)
    }
    return true;
}
