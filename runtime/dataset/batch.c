/* SPDX-License-Identifier: MIT
 * batch.c: batches are filled, by one thread or several. */
#include "dataset/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "dataset/even_rows.h"
#include "dataset/example.h"
#include "model/manifest.h"

typedef struct Fill { /* one field of the examples of a batch */
    DataField *f;
    int64_t each;
    int64_t full[8]; /* extents of the field in this batch */
    void *to;
} Fill;

typedef struct Work { /* all fields of some examples */
    Dataset *d;
    const int64_t *ids;
    int64_t n;
    const atomic_bool *stop;
    Fill fill[NNRT_MAX_ARGS];
    int n_fills;
    int parts; /* part k has the examples k n / parts and on */
    struct Failure {
        int code, fill;
        char *text;
    } *failure; /* of each part: its first one */
} Work;

static int fill_examples(const Work *w, const Fill *fill, int64_t from, int64_t to)
{
    DataField *f = fill->f;
    Shape shape = {.rank = f->rank};
    Scratch scratch = {0};
    int code = NNRT_OK;
    char *first = (char *)fill->to + (size_t)(from * fill->each) * dtype_bytes(f->dtype);
    if (even_rows_copy(w->d, f, w->ids + from, to - from, first)) return NNRT_OK;
    memcpy(shape.full, fill->full, sizeof shape.full);
    for (int64_t i = from; i < to && !code && !(w->stop && *w->stop); i++) {
        int64_t sizes[8];
        if (w->d->n_symbols) dataset_sizes(w->d, w->ids[i], sizes);
        for (int a = 0; a < f->rank; a++)
            shape.own[a] = f->dim[a] < 0 ? sizes[-1 - f->dim[a]] : f->dim[a];
        code = example_value(w->d, f, w->ids[i], sizes, &shape, fill->to, i * fill->each, &scratch);
    }
    scratch_free(&scratch);
    return code;
}

static void fill_part(void *arg, int k)
{
    Work *w = arg;
    struct Failure *failed = &w->failure[k];
    for (int i = 0; i < w->n_fills && !failed->code; i++) {
        failed->fill = i;
        failed->code = fill_examples(w, &w->fill[i], w->n * k / w->parts, w->n * (k + 1) / w->parts);
    }
    if (failed->code) failed->text = strdup(nnrt_error_text()); /* error texts belong to a thread */
}

/* Do several threads pay? They are awake still where they had a part in the step before. */
static bool is_work(const Work *w)
{
    enum { WORTH = 1 << 14 }; /* numbers that are copied in some times what a thread needs to begin */
    int64_t numbers = 0;
    for (int i = 0; i < w->n_fills; i++) {
        const DataField *f = w->fill[i].f;
        if (f->n_readers && (f->source[0][0].made || (f->expr >= 0 && !f->table[0]))) return true;
        numbers += w->n * w->fill[i].each;
    }
    return numbers >= WORTH;
}

/* The threads of a host, if that pays; an error is that of the first field that has one, and of its first example, as with one
 * thread. */
static int fill_all(Work *w, const nnrt_host *host)
{
    bool alone = !host || host->threads < 2 || w->n < 2 || !is_work(w);
    w->parts = alone ? 1 : host->threads < w->n ? host->threads : (int)w->n;
    w->failure = calloc((size_t)w->parts, sizeof *w->failure);
    if (!w->failure) return rt_no_memory();
    if (alone)
        fill_part(w, 0);
    else
        host->gang(host->user, w->parts, fill_part, w);
    const struct Failure *first = NULL;
    for (int k = 0; k < w->parts; k++)
        if (w->failure[k].code && (!first || w->failure[k].fill < first->fill)) first = &w->failure[k];
    int code = !first ? NNRT_OK : first->text ? rt_fail(first->code, "%s", first->text) : rt_no_memory();
    for (int k = 0; k < w->parts; k++)
        free(w->failure[k].text);
    free(w->failure);
    return code;
}

/* Room for a field in the batch. */
static int add_field(Work *w, DataField *f, const int64_t *most, Batch *b, int slot)
{
    Fill *fill = &w->fill[w->n_fills++];
    bool padded = false;
    *fill = (Fill){.f = f, .each = 1};
    for (int a = 0; a < f->rank; a++) {
        fill->each *= fill->full[a] = f->dim[a] < 0 ? most[-1 - f->dim[a]] : f->dim[a];
        padded |= f->dim[a] < 0;
    }
    size_t bytes = (size_t)(fill->each * w->n) * dtype_bytes(f->dtype);
    if (rt_block_of(&b->arg[slot], &b->bytes[slot], bytes)) return NNRT_E_MEM;
    if (padded) memset(b->arg[slot], 0, bytes);
    fill->to = b->arg[slot];
    return NNRT_OK;
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
    Work w = {.d = d, .ids = ids, .n = n};
    int code = add_field(&w, f, most, b, 0);
    return code ? code : fill_all(&w, NULL);
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
    Work w = {.d = d, .ids = ids, .n = n, .stop = b->stop};
    int slot = 0;
    for (const Json *a = json_list(e, "args"); a; a = a->next) {
        const char *role = json_text(a, "role", "");
        if (strcmp(role, "dim") == 0) continue;
        int code = strcmp(role, "field") == 0 ? add_field(&w, &d->field[json_int(a, "field", 0)], most, b, slot) : NNRT_OK;
        if (code) return code;
        slot++;
    }
    return fill_all(&w, host);
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
