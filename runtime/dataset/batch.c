/* SPDX-License-Identifier: MIT
 * batch.c: batches are filled, by one thread or several. */
#include "dataset/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "dataset/example.h"
#include "model/manifest.h"

typedef struct Fill { /* one field of some examples */
    Dataset *d;
    DataField *f;
    const int64_t *ids;
    int64_t n, each;
    const int64_t *full; /* extents of the field in this batch */
    void *to;
    const atomic_bool *stop;
    int parts; /* part k has the examples k n / parts and on */
    struct Failure {
        int code;
        char *text;
    } *failure; /* of each part: its first one */
} Fill;

/* Where several rows wait in memory, the lines of those that come next are asked for. */
static void fetch_ahead(const Fill *w, int64_t i)
{
    enum { AHEAD = 3, LINE = 64, MOST = 4096 };
    int64_t local = 0;
    if (w->f->n_readers != 1 || i + AHEAD >= w->n) return;
    nnrt_source *src = dataset_source(w->f, 0, w->d, w->ids[i + AHEAD], &local);
    Numbers row = {0};
    if (src->made || src->row(src, local, &row)) return;
    int64_t bytes = src->count(src, local) * (int64_t)dtype_bytes(row.type);
    for (int64_t at = 0; at < bytes && at < MOST; at += LINE)
        __builtin_prefetch((const char *)row.at + at);
}

static int fill_examples(const Fill *w, int64_t from, int64_t to)
{
    Shape shape = {.rank = w->f->rank};
    Scratch scratch = {0};
    int code = NNRT_OK;
    memcpy(shape.full, w->full, sizeof shape.full);
    for (int64_t i = from; i < to && !code && !(w->stop && *w->stop); i++) {
        int64_t sizes[8];
        fetch_ahead(w, i);
        if (w->d->n_symbols) dataset_sizes(w->d, w->ids[i], sizes);
        for (int a = 0; a < w->f->rank; a++)
            shape.own[a] = w->f->dim[a] < 0 ? sizes[-1 - w->f->dim[a]] : w->f->dim[a];
        code = example_value(w->d, w->f, w->ids[i], sizes, &shape, w->to, i * w->each, &scratch);
    }
    scratch_free(&scratch);
    return code;
}

static void fill_part(void *arg, int k)
{
    Fill *w = arg;
    struct Failure *f = &w->failure[k];
    f->code = fill_examples(w, w->n * k / w->parts, w->n * (k + 1) / w->parts);
    if (f->code) f->text = strdup(nnrt_error_text()); /* error texts belong to a thread */
}

/* The threads of a host, if that pays; an error is that of the first example that has one, as with one thread. */
static int fill_all(Fill *w, const nnrt_host *host)
{
    enum { WORTH = 1 << 18 }; /* numbers that are copied in some times what a thread needs to wake */
    const DataField *f = w->f;
    bool costly = f->n_readers && (f->source[0][0].made || (f->expr >= 0 && !f->table[0]));
    if (!host || host->threads < 2 || w->n < 2 || (!costly && w->n * w->each < WORTH)) return fill_examples(w, 0, w->n);
    w->parts = host->threads < w->n ? host->threads : (int)w->n;
    w->failure = calloc((size_t)w->parts, sizeof *w->failure);
    if (!w->failure) return rt_no_memory();
    host->gang(host->user, w->parts, fill_part, w);
    int code = NNRT_OK;
    for (int k = 0; k < w->parts; k++) {
        const struct Failure *failed = &w->failure[k];
        if (failed->code && !code) code = failed->text ? rt_fail(failed->code, "%s", failed->text) : rt_no_memory();
        free(failed->text);
    }
    free(w->failure);
    return code;
}

static int fill_arg(Dataset *d, DataField *f, const int64_t *ids, int64_t n, const int64_t *most, const nnrt_host *host, Batch *b, int slot)
{
    int64_t each = 1, full[8] = {0};
    bool padded = false;
    for (int a = 0; a < f->rank; a++) {
        each *= full[a] = f->dim[a] < 0 ? most[-1 - f->dim[a]] : f->dim[a];
        padded |= f->dim[a] < 0;
    }
    size_t bytes = (size_t)(each * n) * dtype_bytes(f->dtype);
    if (rt_block_of(&b->arg[slot], &b->bytes[slot], bytes)) return NNRT_E_MEM;
    if (padded) memset(b->arg[slot], 0, bytes);
    Fill w = {.d = d, .f = f, .ids = ids, .n = n, .each = each, .full = full, .to = b->arg[slot], .stop = b->stop};
    return fill_all(&w, host);
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
    return fill_arg(d, f, ids, n, most, NULL, b, 0);
}

int batch_fill(Dataset *d, int entry, const int64_t *ids, int64_t n, const nnrt_host *host, Batch *b)
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
            int code = fill_arg(d, &d->field[json_int(a, "field", 0)], ids, n, most, host, b, slot);
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
        char place[EXAMPLE_PLACE], number[40];
        if (at >= 0)
            snprintf(out, n, "%s: %s is in %s", example_place(d, f, ids[at / each], at % each, place),
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
