/* SPDX-License-Identifier: MIT
 * even_rows.c: rows of arrays and tables as a batch wants them. Of a table a row is a few numbers: to ask its source for each would take
 * longer than the numbers do. */
#include "dataset/even_rows.h"

#include <string.h>

#include "base/dtype.h"
#include "dataset/table.h"

enum { LINE = 64, MOST_FETCHED = 4096, CHUNK_BYTES = 8192, FEWEST = 3, MOST = 64 };

/* The `each` numbers of a row; false: one of them is none that the field takes. */
typedef bool TakeRow(const unsigned char *row, int64_t each, int64_t bound, void *to);

typedef struct Copy {
    const Dataset *d;
    const DataField *f;
    const int64_t *ids;
    int64_t n, each;
    size_t bytes, step; /* of a row in memory, in the batch */
    TakeRow *take;      /* NULL: they are copied */
} Copy;

typedef struct Chunk { /* of rows that are fetched from memory together, while the ones before are copied */
    const unsigned char *row[MOST];
    const ByteTable *table[MOST]; /* of rows that are bytes; NULL: they are taken as they are */
    int n;
} Chunk;

static void find_rows(const Copy *c, int64_t first, int most, Chunk *out)
{
    int64_t main_rows = c->d->n[0];
    for (out->n = 0; out->n < most && first < c->n; out->n++, first++) {
        int64_t id = c->ids[first];
        int which = id >= main_rows;
        const EvenRows *rows = &c->f->source[which][0].even;
        const unsigned char *row = (const unsigned char *)rows->at + (which ? id - main_rows : id) * rows->step;
        for (size_t at = 0; at < c->bytes && at < MOST_FETCHED; at += LINE)
            __builtin_prefetch(row + at);
        if (c->bytes < MOST_FETCHED) __builtin_prefetch(row + c->bytes - 1);
        out->row[out->n] = row, out->table[out->n] = c->f->table[which];
    }
}

static bool take_integers(const unsigned char *row, int64_t each, int64_t bound, void *to)
{
    int64_t v;
    bool good = true;
    for (int64_t k = 0; k < each; k++) {
        memcpy(&v, row + 8 * k, sizeof v);
        good &= v >= 0 && v < bound;
        ((int32_t *)to)[k] = (int32_t)v;
    }
    return good;
}

static bool take_classes(const unsigned char *row, int64_t each, int64_t bound, void *to)
{
    double v;
    bool good = true;
    for (int64_t k = 0; k < each; k++) {
        memcpy(&v, row + 8 * k, sizeof v);
        bool inside = v >= 0 && v < (double)bound;
        int32_t class = inside ? (int32_t)v : 0;
        good &= inside && class == v;
        ((int32_t *)to)[k] = class;
    }
    return good;
}

static bool take_doubles(const unsigned char *row, int64_t each, int64_t bound, void *to)
{
    double v;
    bool good = true;
    (void)bound;
    for (int64_t k = 0; k < each; k++) {
        memcpy(&v, row + 8 * k, sizeof v);
        float x = (float)v;
        good &= x - x == 0 || v - v != 0; /* finite, or it was not */
        ((float *)to)[k] = x;
    }
    return good;
}

/* What is not copied as it lies. */
static TakeRow *taker(const DataField *f, int type)
{
    if (f->dtype == NNRT_F32 && type == NNRT_F64) return take_doubles;
    if (f->dtype != NNRT_I32 || f->bound <= 0) return NULL;
    return type == NNRT_I64 ? take_integers : type == NNRT_F64 ? take_classes : NULL;
}

static bool take_row(const Copy *c, const unsigned char *row, const ByteTable *table, unsigned char *to)
{
    if (table) return table_take(table, row, c->each, to);
    if (c->take) return c->take(row, c->each, c->f->bound, to);
    memcpy(to, row, c->bytes);
    return true;
}

static bool copy_rows(const Copy *c, unsigned char *to)
{
    Chunk now, next;
    bool good = true;
    int64_t fit = CHUNK_BYTES / (int64_t)c->bytes;
    int most = fit < FEWEST ? FEWEST : fit < MOST ? (int)fit : MOST;
    find_rows(c, 0, most, &next);
    for (int64_t i = 0; i < c->n; i += most) {
        now = next;
        find_rows(c, i + most, most, &next);
        for (int k = 0; k < now.n; k++, to += c->step)
            good &= take_row(c, now.row[k], now.table[k], to);
    }
    return good;
}

static bool all_below(const int32_t *at, int64_t n, int64_t bound)
{
    uint32_t most = 0;
    for (int64_t k = 0; k < n; k++)
        most = (uint32_t)at[k] > most ? (uint32_t)at[k] : most;
    return most < (uint64_t)bound;
}

/* Has each example as many numbers of this type, in places that a multiplication gives? *type: theirs. */
static bool is_even(const Dataset *d, const DataField *f, int64_t each, int *type)
{
    *type = -1;
    for (int which = 0; which < 2; which++) {
        const EvenRows *rows = &f->source[which][0].even;
        if (d->n[which] == 0) continue;
        if (!rows->at || rows->each != each || (*type >= 0 && rows->type != *type)) return false;
        if (!f->table[which] && (f->expr >= 0 || rows->type == NNRT_U8)) return false;
        *type = rows->type;
    }
    return *type >= 0;
}

bool even_rows_copy(const Dataset *d, const DataField *f, const int64_t *ids, int64_t n, void *to)
{
    Copy c = {.d = d, .f = f, .ids = ids, .n = n, .each = 1};
    int type;
    if (f->n_readers != 1 || f->length_of >= 0 || f->present_of >= 0) return false;
    for (int a = 0; a < f->rank; a++) {
        if (f->dim[a] < 0) return false;
        c.each *= f->dim[a];
    }
    if (!is_even(d, f, c.each, &type)) return false;
    c.bytes = (size_t)c.each * dtype_bytes(type), c.step = (size_t)c.each * dtype_bytes(f->dtype);
    if (!c.bytes) return false;
    if (type == NNRT_U8) return copy_rows(&c, to);
    c.take = taker(f, type);
    if (c.take) return copy_rows(&c, to);
    if (type != f->dtype || type == NNRT_I64 || (f->bound > 0 && type != NNRT_I32)) return false;
    return copy_rows(&c, to) && (f->bound <= 0 || all_below(to, c.each * n, f->bound));
}
