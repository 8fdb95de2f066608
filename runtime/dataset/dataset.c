/* SPDX-License-Identifier: MIT
 * dataset.c: opening data blocks, parts by seeded shuffle, batches. */
#include "dataset/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "base/permute.h"
#include "model/manifest.h"

/* ---- opening
 * ------------------------------------------------------------------------------------------------
 */

enum { OTHER_SIZE = -1000 }; /* a formula of run-time sizes */

static int symbol_index(const Json *block, const char *name)
{
    const Json *symbols = json_get(block, "symbols");
    int i = 0;
    for (const Json *s = symbols ? symbols->child : NULL; s; s = s->next, i++)
        if (strcmp(s->text, name) == 0) return i;
    return -1;
}

static int read_dims(const Json *block, const Json *dims, int64_t *out)
{
    int n = 0;
    for (const Json *d = dims ? dims->child : NULL; d && n < 8; d = d->next)
        out[n++] = d->kind == JSON_NUMBER             ? d->integer
                   : symbol_index(block, d->text) < 0 ? OTHER_SIZE
                                                      : -1 - symbol_index(block, d->text);
    return n;
}

static const nnrt_reader *find_reader(const nnrt_reader *const *readers, const char *kind)
{
    for (; readers && *readers; readers++)
        if (strcmp((*readers)->kind, kind) == 0) return *readers;
    return NULL;
}

static int check_shape(const DataField *f, const Spec *spec, nnrt_source *s)
{
    int64_t want = spec_count(spec);
    if (want < 0 || s->n == 0 || text_wanted(spec)) return NNRT_OK;
    int64_t have = s->count(s, 0);
    if (have == want) return NNRT_OK;
    return rt_fail(NNRT_E_SHAPE, "%s: %lld numbers per example, but %s needs %lld", spec->path,
                   (long long)have, f->name, (long long)want);
}

static int open_reader(Dataset *d, DataField *f, int k, const nnrt_reader *const *readers)
{
    const Json *r = json_at(json_get(f->json, "readers"), k);
    Spec *spec = &f->spec[k];
    *spec = (Spec){.m = d->m,
                   .reader = r,
                   .block = d->json,
                   .data = d->block,
                   .field = (int)(f - d->field),
                   .bound = f->bound,
                   .name = f->name};
    spec->rank = read_dims(d->json, json_get(r, "dims"), spec->dim);
    memcpy(f->raw_dim[k], spec->dim, sizeof spec->dim);
    for (int i = 0; i < spec->rank; i++)
        if (spec->dim[i] < 0) spec->dim[i] = -1;
    rt_join(d->m, json_get(r, "path"), spec->path, sizeof spec->path);
    const char *kind = json_text(r, "kind", "");
    const nnrt_reader *reader = find_reader(readers, kind);
    if (!reader) return rt_fail(NNRT_E_IO, "the loader `%s` is not linked into this program", kind);
    int code = reader->open(spec, &f->source[0][k]);
    if (code) f->source[0][k] = (nnrt_source){0}; /* it has closed itself */
    if (!code) code = check_shape(f, spec, &f->source[0][k]);
    const Json *test = spec_arg(spec, "test");
    if (!code && test) {
        Spec other = *spec;
        rt_join(d->m, json_get(test, "path"), other.path, sizeof other.path);
        if (json_get(test, "string"))
            snprintf(other.path, sizeof other.path, "%s", json_text(test, "string", ""));
        code = reader->open(&other, &f->source[1][k]);
        if (code) f->source[1][k] = (nnrt_source){0};
        if (!code) f->open[1] = true;
        if (!code) code = check_shape(f, &other, &f->source[1][k]);
    }
    if (!code) f->open[0] = true;
    if (strcmp(kind, "bytes") == 0 || spec_arg(spec, "window")) d->windows = true;
    if (strcmp(kind, "image_dir") == 0 && d->n_symbols > 0) d->buckets = true;
    return code;
}

static int open_field(Dataset *d, int index, const nnrt_reader *const *readers)
{
    DataField *f = &d->field[index];
    f->json = json_at(json_get(d->json, "fields"), index);
    f->name = json_text(f->json, "name", "?");
    f->dtype = rt_dtype_of(d->m, json_text(f->json, "elem", "float"));
    f->rank = read_dims(d->json, json_get(f->json, "dims"), f->dim);
    f->bound = json_int(f->json, "bound", 0);
    f->length_of = (int)json_int(f->json, "length_of", -1);
    f->present_of = (int)json_int(f->json, "present_of", -1);
    for (int a = 0; a < f->rank; a++)
        if (f->dim[a] == OTHER_SIZE)
            return rt_fail(NNRT_E_SHAPE,
                           "%s: a size of a field is a number or one run-time size of its block",
                           f->name);
    int expr = (int)json_int(f->json, "expr", -1);
    const Json *entry = expr < 0 ? NULL : json_at(json_get(d->m->manifest, "field_entries"), expr);
    f->expr = entry ? (int)entry->integer : -1;
    const Json *list = json_get(f->json, "readers");
    f->n_readers = list ? list->n : 0;
    if (f->n_readers > MOST_READERS)
        return rt_fail(NNRT_E_IO, "%s: more than %d readers in one field", f->name, MOST_READERS);
    for (int k = 0; k < f->n_readers; k++) {
        int code = open_reader(d, f, k, readers);
        if (code) return code;
    }
    return NNRT_OK;
}

/* Folders of files: each file of one beside that of the other with its name. */
static int pair_files(const DataField *f, int k, const DataField *other, int o)
{
    int code = NNRT_OK;
    for (int which = 0; which < 2 && !code; which++)
        code = folder_pair(f->name, &f->source[which][k], other->name, &other->source[which][o]);
    return code;
}

static int count_examples(Dataset *d)
{
    d->n[0] = -1;
    const DataField *first = NULL, *files = NULL;
    int of_files = 0;
    for (int i = 0; i < d->n_fields; i++) {
        DataField *f = &d->field[i];
        for (int k = 0; k < f->n_readers; k++) {
            if (d->n[0] < 0)
                d->n[0] = f->source[0][k].n, d->n[1] = f->open[1] ? f->source[1][k].n : 0,
                first = f;
            int code = files ? pair_files(f, k, files, of_files) : NNRT_OK;
            if (code) return code;
            if (!files && f->source[0][k].file) files = f, of_files = k;
            if (f->source[0][k].n != d->n[0] || (f->open[1] ? f->source[1][k].n : 0) != d->n[1])
                return rt_fail(
                    NNRT_E_SHAPE, "%s has %lld examples but %s has %lld", f->name,
                    (long long)(f->source[0][k].n + (f->open[1] ? f->source[1][k].n : 0)),
                    first->name, (long long)(d->n[0] + d->n[1]));
        }
    }
    if (d->n[0] < 1)
        return rt_fail(NNRT_E_IO, "data %s: there are no examples",
                       json_text(d->json, "name", "?"));
    return NNRT_OK;
}

int dataset_open(nnrt *m, int block, const nnrt_reader *const *readers, Dataset **out)
{
    Dataset *d = rt_alloc(sizeof *d);
    if (!d) return NNRT_E_MEM;
    d->m = m;
    d->block = block;
    d->json = json_at(json_get(m->manifest, "data"), block);
    d->n_fields = json_get(d->json, "fields") ? json_get(d->json, "fields")->n : 0;
    d->n_symbols = json_get(d->json, "symbols") ? json_get(d->json, "symbols")->n : 0;
    d->field = rt_alloc(sizeof(DataField) * (size_t)(d->n_fields + 1));
    int code = d->field ? NNRT_OK : NNRT_E_MEM;
    for (int i = 0; i < d->n_fields && !code; i++)
        code = open_field(d, i, readers);
    if (!code) code = count_examples(d);
    if (code) {
        dataset_close(d);
        return code;
    }
    *out = d;
    return NNRT_OK;
}

void dataset_close(Dataset *d)
{
    if (!d) return;
    for (int i = 0; d->field && i < d->n_fields; i++)
        for (int s = 0; s < 2; s++)
            for (int k = 0; k < MOST_READERS; k++)
                if (d->field[i].source[s][k].close)
                    d->field[i].source[s][k].close(&d->field[i].source[s][k]);
    rt_free(d->field);
    rt_free(d);
}

/* ---- parts
 * -----------------------------------------------------------------------------------------------------
 */

static const Json *split_arg(const Dataset *d, const char *key)
{
    const Json *split = json_get(d->json, "split");
    for (const Json *a = split ? split->child : NULL; a; a = a->next)
        if (strcmp(json_text(a, "key", ""), key) == 0) return a;
    return NULL;
}

static bool is_part(const Json *a)
{
    static const char *const others[] = {"seed", "shuffle", "stratify"};
    for (int i = 0; i < 3; i++)
        if (strcmp(json_text(a, "key", ""), others[i]) == 0) return false;
    return true;
}

/* Class of an example, for stratify. */
static int64_t class_of(Dataset *d, int field, int64_t id)
{
    double v = 0;
    nnrt_source *s = &d->field[field].source[0][0];
    return s->count && s->count(s, id) == 1 && s->get(s, id, &v) == 0 ? (int64_t)v : 0;
}

typedef struct Dealt {
    double rank;
    int64_t at, id;
} Dealt;

static int by_rank(const void *a, const void *b)
{
    const Dealt *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

/* Example k of n of a class has the rank (k + 1/2) / n: sorted by rank, all classes are spread
 * evenly. */
static void deal_classes(Dataset *d, int field, int64_t *order, int64_t n)
{
    enum { CLASSES = 65536 };
    Dealt *dealt = malloc(sizeof *dealt * (size_t)n);
    int64_t *seen = calloc(CLASSES, sizeof *seen), *total = calloc(CLASSES, sizeof *total);
    bool good = dealt && seen && total;
    for (int64_t i = 0; i < n && good; i++)
        total[class_of(d, field, order[i]) & (CLASSES - 1)]++;
    for (int64_t i = 0; i < n && good; i++) {
        int64_t c = class_of(d, field, order[i]) & (CLASSES - 1);
        dealt[i] = (Dealt){((double)seen[c]++ + 0.5) / (double)total[c], i, order[i]};
    }
    if (good) qsort(dealt, (size_t)n, sizeof *dealt, by_rank);
    for (int64_t i = 0; i < n && good; i++)
        order[i] = dealt[i].id;
    free(dealt), free(seen), free(total);
}

/* order of the main source for the split */
static int64_t *split_order(Dataset *d)
{
    int64_t n = d->n[0], *order = malloc(sizeof(int64_t) * (size_t)n);
    bool shuffle = json_int(split_arg(d, "shuffle"), "bool", 1) != 0 && !d->windows;
    uint64_t key = (uint64_t)json_int(split_arg(d, "seed"), "int", 0) * 2 + 0x5EED;
    for (int64_t i = 0; order && i < n; i++)
        order[i] = shuffle ? (int64_t)rt_permute((uint64_t)i, (uint64_t)n, key) : i;
    const Json *stratify = split_arg(d, "stratify");
    if (order && stratify) { /* classes dealt in turn: every prefix has nearly their shares */
        const Json *field = json_at(json_get(stratify, "field"), 1); /* block, field */
        deal_classes(d, field ? (int)field->integer : 0, order, n);
    }
    return order;
}

/* Number of an example of the main source in its file. */
static int64_t number_of(Dataset *d, int64_t id)
{
    for (int i = 0; i < d->n_fields; i++) {
        nnrt_source *s = &d->field[i].source[0][0];
        if (d->field[i].n_readers > 0 && s->number) return s->number(s, id);
    }
    return id;
}

/* part=every(k): rows whose number in their file is divisible by k. */
static int64_t every_of(const Json *a)
{
    return json_text(a, "call", NULL) ? json_int(a, "int", 0) : 0;
}

static double fraction_of(const Json *a)
{
    return json_get(a, "number") ? json_number(a, "number", 0) : (double)json_int(a, "int", 0);
}

static int no_part(const Dataset *d, const char *part)
{
    char names[256] = "all";
    const Json *parts = json_get(d->json, "parts");
    for (const Json *p = parts ? parts->child : NULL; p; p = p->next) {
        size_t n = strlen(names);
        snprintf(names + n, sizeof names - n, ", %s", p->text ? p->text : "?");
    }
    return rt_fail(NNRT_E_IO, "data %s has no part %s; its parts are %s",
                   json_text(d->json, "name", "?"), part, names);
}

/* Rows that no every(k) part takes, in the order of the split. */
static int64_t rows_left(Dataset *d, int64_t *order)
{
    const Json *split = json_get(d->json, "split");
    int64_t left = d->n[0];
    for (const Json *a = split ? split->child : NULL; a; a = a->next) {
        int64_t every = is_part(a) ? every_of(a) : 0, kept = 0;
        if (every <= 0) continue;
        for (int64_t i = 0; i < left; i++)
            if (number_of(d, order[i]) % every != 0) order[kept++] = order[i];
        left = kept;
    }
    return left;
}

/* What all parts are of the data together. */
static double shares(const Dataset *d)
{
    const Json *split = json_get(d->json, "split");
    double sum = 0;
    for (const Json *a = split ? split->child : NULL; a; a = a->next)
        if (is_part(a)) sum += every_of(a) ? 1 / (double)every_of(a) : fraction_of(a);
    return sum;
}

static int take_every(Dataset *d, int64_t every, int64_t *ids, int64_t *count)
{
    int64_t k = 0;
    for (int64_t i = 0; i < d->n[0]; i++)
        if (number_of(d, i) % every == 0) ids[k++] = i;
    *count = k;
    return NNRT_OK;
}

/* Fractions are of all examples of the main source. They are dealt from what every(k) leaves, one part after another; the
 * last one takes the rest if nothing is to be left over. */
static int fill_part(Dataset *d, const char *part, int64_t *ids, int64_t *count)
{
    const Json *split = json_get(d->json, "split"), *wanted = split_arg(d, part);
    if (!wanted || !is_part(wanted)) return no_part(d, part);
    if (every_of(wanted) > 0) return take_every(d, every_of(wanted), ids, count);
    int64_t *order = split_order(d), at = 0;
    if (!order) return rt_fail(NNRT_E_MEM, "out of memory");
    int64_t left = rows_left(d, order);
    const Json *last = NULL;
    for (const Json *a = split->child; a; a = a->next)
        if (is_part(a) && !every_of(a)) last = a;
    for (const Json *a = split->child; a; a = a->next) {
        if (!is_part(a) || every_of(a)) continue;
        int64_t size = (int64_t)(fraction_of(a) * (double)d->n[0] + 1e-9);
        if (at + size > left || (a == last && shares(d) > 1 - 1e-9)) size = left - at;
        if (a == wanted) {
            memcpy(ids, order + at, sizeof(int64_t) * (size_t)size);
            *count = size;
            break;
        }
        at += size;
    }
    free(order);
    return NNRT_OK;
}

int64_t dataset_unused(Dataset *d)
{
    const Json *split = json_get(d->json, "split");
    int64_t *ids = malloc(sizeof(int64_t) * (size_t)(d->n[0] + 1)), used = 0, n = 0;
    bool any = false;
    for (const Json *a = split && ids ? split->child : NULL; a; a = a->next) {
        if (!is_part(a) || fill_part(d, json_text(a, "key", ""), ids, &n)) continue;
        used += n;
        any = true;
    }
    free(ids);
    return any ? d->n[0] - used : 0;
}

int dataset_part(Dataset *d, const char *part, int64_t **ids, int64_t *n)
{
    int64_t *list = malloc(sizeof(int64_t) * (size_t)(d->n[0] + d->n[1] + 1));
    int code = NNRT_OK;
    if (!list) return rt_fail(NNRT_E_MEM, "out of memory");
    *n = 0;
    if (strcmp(part, "all") == 0) {
        for (*n = 0; *n < d->n[0]; ++*n)
            list[*n] = *n;
    } else if (strcmp(part, "test") == 0 && d->n[1] > 0) {
        for (*n = 0; *n < d->n[1]; ++*n)
            list[*n] = d->n[0] + *n;
    } else {
        code = fill_part(d, part, list, n);
    }
    if (!code && *n == 0)
        code = rt_fail(NNRT_E_IO, "data %s: part %s has no examples (of %lld)",
                       json_text(d->json, "name", "?"), part, (long long)d->n[0]);
    if (code)
        free(list);
    else
        *ids = list;
    return code;
}

/* ---- batches of an epoch
 * ------------------------------------------------------------------------------------------- */

static nnrt_source *source_of(DataField *f, int k, Dataset *d, int64_t id, int64_t *local)
{
    int which = id >= d->n[0];
    *local = which ? id - d->n[0] : id;
    return &f->source[which][k];
}

/* Sizes of an example's symbols: by the first field that has them. */
static void example_sizes(Dataset *d, int64_t id, int64_t *size)
{
    for (int s = 0; s < d->n_symbols; s++)
        size[s] = 0;
    for (int i = 0; i < d->n_fields; i++) {
        DataField *f = &d->field[i];
        if (f->n_readers == 0) continue;
        int64_t local = 0, extent[8] = {0};
        nnrt_source *src = source_of(f, 0, d, id, &local);
        bool any = false;
        for (int a = 0; a < f->rank; a++)
            any |= f->dim[a] < 0;
        if (!any || !src->extent || f->rank > 3) continue;
        src->extent(src, local, extent);
        for (int a = 0; a < f->rank; a++)
            if (f->dim[a] < 0 && !size[-1 - f->dim[a]]) size[-1 - f->dim[a]] = extent[a];
    }
}

int plan_make(Dataset *d, const int64_t *ids, int64_t n, int64_t batch, bool shuffle, uint64_t seed,
              int64_t epoch, Plan *plan)
{
    *plan = (Plan){.id = malloc(sizeof(int64_t) * (size_t)(n + 1)),
                   .start = malloc(sizeof(int64_t) * (size_t)(n + 2))};
    int64_t *order = malloc(sizeof(int64_t) * (size_t)(n + 1));
    if (!plan->id || !plan->start || !order) return rt_fail(NNRT_E_MEM, "out of memory");
    for (int64_t i = 0; i < n; i++)
        order[i] =
            shuffle
                ? ids[rt_permute((uint64_t)i, (uint64_t)n, seed * 0x10001 + (uint64_t)epoch + 1)]
                : ids[i];
    int64_t used = 0;
    plan->start[0] = 0;
    if (!d->buckets) {
        memcpy(plan->id, order, sizeof(int64_t) * (size_t)n);
        for (int64_t at = 0; at < n; at += batch)
            plan->start[++plan->n] = at + batch < n ? at + batch : n;
    } else { /* the next batch takes the first example left and those of its size */
        bool *taken = calloc((size_t)n + 1, 1);
        int64_t(*size)[8] = malloc(sizeof *size * (size_t)(n + 1));
        for (int64_t i = 0; taken && size && i < n; i++)
            example_sizes(d, order[i], size[i]);
        for (int64_t i = 0; taken && size && i < n; i++) {
            if (taken[i]) continue;
            for (int64_t j = i, k = 0; j < n && k < batch; j++) {
                if (taken[j] || memcmp(size[i], size[j], sizeof(int64_t) * (size_t)d->n_symbols))
                    continue;
                taken[j] = true;
                plan->id[used++] = order[j];
                k++;
            }
            plan->start[++plan->n] = used;
        }
        free(taken), free(size);
    }
    free(order);
    return NNRT_OK;
}

void plan_free(Plan *plan)
{
    free(plan->id), free(plan->start);
    *plan = (Plan){0};
}

/* ---- filling a batch
 * ---------------------------------------------------------------------------------------------------
 */

/* "example 7, number 3": which of the numbers only if there are several. */
static const char *place_text(const DataField *f, int64_t id, int64_t at, char *out, size_t n)
{
    int wrote = snprintf(out, n, "example %lld", (long long)id);
    if (f->rank > 0 && wrote > 0 && (size_t)wrote < n)
        snprintf(out + wrote, n - (size_t)wrote, ", number %lld", (long long)at);
    return out;
}

static int bad_value(const DataField *f, const Spec *spec, int64_t id, int64_t at, double v)
{
    char wrong[96], number[40], place[64];
    place_text(f, id, at, place, sizeof place);
    if (f->bound <= 0)
        return rt_fail(NNRT_E_RANGE, "%s: %s: %s is %s (%s is %s)", spec->path, place,
                       json_format_number(v, number, sizeof number),
                       dtype_wrong(f->dtype, v, wrong, sizeof wrong), f->name,
                       json_text(f->json, "elem", "float"));
    return rt_fail(NNRT_E_RANGE, "%s: %s: %.9g is not in 0..%lld of %s", spec->path, place, v, (long long)f->bound - 1, f->name);
}

/* Number e of an example in its place, if the field holds it. */
static int store(const DataField *f, int64_t id, int64_t e, void *to, int64_t at, double v)
{
    bool bounded = f->bound <= 0 || (v >= 0 && v < (double)f->bound);
    if (bounded && dtype_store(f->dtype, to, at, v)) return NNRT_OK;
    return bad_value(f, &f->spec[0], id, e, v);
}

typedef struct Shape {
    int rank;
    int64_t full[8], own[8]; /* extents in the batch and of this example */
} Shape;

/* Dense values of one example into their place in the padded batch. */
static int spread(const DataField *f, int64_t id, const void *from, int from_dtype, const Shape *s,
                  void *to, int64_t base)
{
    int64_t count = 1, stride[8], step = 1;
    for (int a = 0; a < s->rank; a++)
        count *= s->own[a];
    for (int a = s->rank - 1; a >= 0; a--)
        stride[a] = step, step *= s->full[a];
    bool dense = memcmp(s->full, s->own, sizeof(int64_t) * (size_t)s->rank) == 0;
    if (dense && from_dtype == f->dtype && f->bound <= 0) {
        size_t width = dtype_bytes(f->dtype);
        memcpy((char *)to + (size_t)base * width, from, (size_t)count * width);
        return NNRT_OK;
    }
    for (int64_t e = 0; e < count; e++) {
        int64_t at = base, rest = e;
        if (dense)
            at += e;
        else
            for (int a = s->rank - 1; a >= 0; a--)
                at += rest % s->own[a] * stride[a], rest /= s->own[a];
        int code = store(f, id, e, to, at, dtype_load(from_dtype, from, e));
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
    if (s->bytes[k] < bytes) {
        rt_free(s->at[k]);
        s->at[k] = rt_alloc(bytes);
        s->bytes[k] = s->at[k] ? bytes : 0;
    }
    return s->at[k];
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
static int present_value(Dataset *d, const DataField *f, int64_t id, const Shape *shape, void *to,
                         int64_t base, Scratch *tmp)
{
    int64_t local = 0;
    nnrt_source *src = source_of(&d->field[f->present_of], 0, d, id, &local);
    int64_t n = src->count(src, local);
    double *raw = scratch(tmp, 0, sizeof(double) * (size_t)(n + 1));
    if (!raw) return NNRT_E_MEM;
    for (int64_t k = 0; k < n; k++)
        raw[k] = 1;
    if (src->present) src->present(src, local, raw);
    return spread(f, id, raw, NNRT_F64, shape, to, base);
}

/* The expression of a field works in the program's precision: what it is given must fit in there, and an integer field cannot
 * come from NaN or infinity. */
static int check_raw(const Dataset *d, const DataField *f, int k, int64_t local, const double *raw, int64_t n)
{
    bool single = d->m->program->float_bytes == 4, integer = f->dtype != NNRT_F32 && f->dtype != NNRT_F64;
    for (int64_t i = 0; i < n; i++) {
        bool finite = raw[i] - raw[i] == 0;
        if (finite ? !single || (float)raw[i] - (float)raw[i] == 0 : !integer) continue;
        return rt_fail(NNRT_E_RANGE, "%s: example %lld, number %lld: %.9g is %s (of %s)", f->spec[k].path, (long long)local,
                       (long long)i, raw[i], finite ? "larger than a float of 32 bits can be" : "no integer", f->name);
    }
    return NNRT_OK;
}

/* A conversion to int ends at its border: such a result that no number of the file was is none. */
static int check_border(const DataField *f, int64_t id, void *const *raw, int64_t n_raw, const int32_t *out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        if (out[i] != INT32_MAX && out[i] != INT32_MIN) continue;
        bool given = false;
        for (int64_t k = 0; k < n_raw; k++)
            given |= ((const double *)raw[0])[k] == out[i];
        if (!given)
            return rt_fail(NNRT_E_RANGE, "%s: example %lld: the expression of %s gives no integer of 32 bits", f->spec[0].path,
                           (long long)id, f->name);
    }
    return NNRT_OK;
}

static int example_value(Dataset *d, DataField *f, int64_t id, const int64_t *sizes, Shape *shape,
                         void *to, int64_t base, Scratch *tmp)
{
    int64_t local = 0;
    if (f->length_of >= 0) {
        DataField *of = &d->field[f->length_of];
        nnrt_source *src = source_of(of, 0, d, id, &local);
        return store(f, id, 0, to, base, (double)src->count(src, local));
    }
    if (f->present_of >= 0) return present_value(d, f, id, shape, to, base, tmp);
    void *args[MOST_READERS + 1];
    int64_t n = 0;
    for (int k = 0; k < f->n_readers; k++) {
        nnrt_source *src = source_of(f, k, d, id, &local);
        n = src->count(src, local);
        if (of_shape(f, k, sizes) >= 0 && n != of_shape(f, k, sizes))
            return rt_fail(NNRT_E_SHAPE,
                           "%s: example %lld has %lld numbers, but %s needs %lld there",
                           f->spec[k].path, (long long)local, (long long)n, f->name,
                           (long long)of_shape(f, k, sizes));
        double *raw = scratch(tmp, k, sizeof(double) * (size_t)(n + 1));
        if (!raw) return NNRT_E_MEM;
        int code = src->get(src, local, raw);
        if (!code && f->expr >= 0) code = check_raw(d, f, k, local, raw, n);
        if (code) return code;
        args[k] = raw;
    }
    if (f->expr < 0) return spread(f, id, args[0], NNRT_F64, shape, to, base);
    int64_t count = 1;
    for (int a = 0; a < shape->rank; a++)
        count *= shape->own[a];
    void *out = scratch(tmp, MOST_READERS, dtype_bytes(f->dtype) * (size_t)(count + 1));
    if (!out) return NNRT_E_MEM;
    args[f->n_readers] = out;
    int code = nnrt_call_export(d->m, f->expr, 0, sizes, args);
    if (!code && f->dtype == NNRT_I32) code = check_border(f, local, args, f->n_readers == 1 ? n : 0, out, count);
    return code ? code : spread(f, id, out, f->dtype, shape, to, base);
}

static int fill_arg(Dataset *d, DataField *f, const int64_t *ids, int64_t n, const int64_t *most,
                    Batch *b, int slot)
{
    Shape shape = {.rank = f->rank};
    int64_t each = 1;
    for (int a = 0; a < f->rank; a++)
        each *= shape.full[a] = f->dim[a] < 0 ? most[-1 - f->dim[a]] : f->dim[a];
    size_t bytes = (size_t)(each * n) * dtype_bytes(f->dtype);
    if (b->bytes[slot] < bytes) {
        rt_free(b->arg[slot]);
        b->arg[slot] = rt_alloc(bytes);
        b->bytes[slot] = b->arg[slot] ? bytes : 0;
        if (!b->arg[slot]) return NNRT_E_MEM;
    }
    bool padded = false;
    for (int a = 0; a < f->rank; a++)
        padded |= f->dim[a] < 0;
    if (padded) memset(b->arg[slot], 0, bytes);
    Scratch tmp = {0};
    int code = NNRT_OK;
    for (int64_t i = 0; i < n && !code; i++) {
        int64_t sizes[8];
        if (d->n_symbols) example_sizes(d, ids[i], sizes);
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
        example_sizes(d, ids[i], sizes);
        for (int s = 0; s < d->n_symbols; s++)
            if (sizes[s] > most[s]) most[s] = sizes[s];
    }
}

int dataset_field(Dataset *d, int field, const int64_t *ids, int64_t n, Batch *b, int *rank,
                  int64_t *dim)
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
    const Json *e = rt_entry(d->m, entry), *args = json_get(e, "args"),
               *map = json_get(e, "data_sizes");
    int64_t most[8] = {0};
    batch_sizes(d, ids, n, most);
    for (int s = 0; s < d->n_symbols; s++) {
        const Json *to = json_at(map, s);
        if (to && to->integer >= 0) b->sizes[to->integer] = most[s];
    }
    int64_t batch_index = json_int(e, "batch_size", -1);
    if (batch_index >= 0) b->sizes[batch_index] = n;
    b->n = n;
    int slot = 0;
    for (const Json *a = args ? args->child : NULL; a; a = a->next) {
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

void batch_free(Batch *b)
{
    for (int i = 0; i < NNRT_MAX_ARGS; i++)
        rt_free(b->arg[i]);
    *b = (Batch){0};
}
