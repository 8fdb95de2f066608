/* SPDX-License-Identifier: MIT
 * dataset.c: data blocks are opened. */
#include "dataset/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "data/folder.h"
#include "data/pieces.h"
#include "data/vocabulary.h"
#include "model/manifest.h"
#include "model/options.h"

static int symbol_index(const Json *block, const char *name)
{
    int i = 0;
    for (const Json *s = json_list(block, "symbols"); s; s = s->next, i++)
        if (strcmp(s->text, name) == 0) return i;
    return -1;
}

static int read_dims(const Json *block, const Json *dims, int64_t *out)
{
    int n = 0;
    for (const Json *d = json_first(dims); d && n < 8; d = d->next)
        out[n++] = d->kind == JSON_NUMBER ? d->integer : symbol_index(block, d->text) < 0 ? OTHER_SIZE : -1 - symbol_index(block, d->text);
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
    return rt_fail(NNRT_E_SHAPE, "%s: %lld numbers per example, but %s needs %lld", spec->path, (long long)have, f->name, (long long)want);
}

static int open_reader(Dataset *d, DataField *f, int k, const nnrt_reader *const *readers)
{
    const Json *r = json_at(json_get(f->json, "readers"), k);
    Spec *spec = &f->spec[k];
    *spec = (Spec){
        .m = d->m, .reader = r, .block = d->json, .data = d->block, .field = (int)(f - d->field), .bound = f->bound, .name = f->name};
    spec->shared = &d->shared;
    spec->rank = read_dims(d->json, json_get(r, "dims"), spec->dim);
    memcpy(f->raw_dim[k], spec->dim, sizeof spec->dim);
    for (int i = 0; i < spec->rank; i++)
        if (spec->dim[i] < 0) spec->dim[i] = -1;
    int code = rt_join(d->m, json_get(r, "path"), spec->path);
    if (code) return code;
    const char *kind = json_text(r, "kind", "");
    const nnrt_reader *reader = find_reader(readers, kind);
    if (!reader) return rt_fail(NNRT_E_IO, "the loader `%s` is not linked into this program", kind);
    code = reader->open(spec, &f->source[0][k]);
    if (code) f->source[0][k] = (nnrt_source){0}; /* it has closed itself */
    if (!code) code = check_shape(f, spec, &f->source[0][k]);
    const Json *test = spec_arg(spec, "test");
    if (!code && test) {
        Spec other = *spec;
        const char *text = json_text(test, "string", NULL);
        code = text ? rt_path(other.path, "%s", text) : rt_join(d->m, json_get(test, "path"), other.path);
        if (!code) code = reader->open(&other, &f->source[1][k]);
        if (code) f->source[1][k] = (nnrt_source){0};
        if (!code && !(f->test_path[k] = strdup(other.path))) code = rt_no_memory();
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
            return rt_fail(NNRT_E_SHAPE, "%s: a size of a field is a number or one run-time size of its block", f->name);
    int expr = (int)json_int(f->json, "expr", -1);
    const Json *entry = expr < 0 ? NULL : json_at(json_get(d->m->manifest, "field_entries"), expr);
    f->expr = entry ? (int)entry->integer : -1;
    f->pointwise = json_int(f->json, "pointwise", 0) != 0;
    const Json *list = json_get(f->json, "readers");
    f->n_readers = list ? list->n : 0;
    if (f->n_readers > MOST_READERS) return rt_fail(NNRT_E_IO, "%s: more than %d readers in one field", f->name, MOST_READERS);
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
            if (d->n[0] < 0) d->n[0] = f->source[0][k].n, d->n[1] = f->open[1] ? f->source[1][k].n : 0, first = f;
            int code = files ? pair_files(f, k, files, of_files) : NNRT_OK;
            if (code) return code;
            if (!files && f->source[0][k].file) files = f, of_files = k;
            if (f->source[0][k].n != d->n[0] || (f->open[1] ? f->source[1][k].n : 0) != d->n[1])
                return rt_fail(NNRT_E_SHAPE, "%s has %lld examples but %s has %lld (%s, %s)", f->name,
                               (long long)(f->source[0][k].n + (f->open[1] ? f->source[1][k].n : 0)), first->name,
                               (long long)(d->n[0] + d->n[1]), f->spec[k].path, first->spec[0].path);
        }
    }
    if (d->n[0] < 1) return rt_fail(NNRT_E_IO, "data %s: there are no examples", json_text(d->json, "name", "?"));
    return NNRT_OK;
}

int dataset_open(nnrt *m, int block, const nnrt_reader *const *readers, Dataset **out)
{
    Dataset *d = rt_alloc(sizeof *d);
    if (!d) return NNRT_E_MEM;
    d->m = m;
    d->block = block;
    d->json = rt_block(m, block);
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
        for (int k = 0; k < MOST_READERS; k++)
            free(d->field[i].test_path[k]);
    for (int i = 0; d->field && i < d->n_fields; i++)
        rt_free(d->field[i].table[0]), rt_free(d->field[i].table[1]);
    for (int i = 0; d->field && i < d->n_fields; i++)
        for (int s = 0; s < 2; s++)
            for (int k = 0; k < MOST_READERS; k++)
                if (d->field[i].source[s][k].close) d->field[i].source[s][k].close(&d->field[i].source[s][k]);
    while (d->shared) {
        Shared *s = d->shared;
        d->shared = s->next;
        s->drop(s);
    }
    rt_free(d->field);
    rt_free(d);
}

nnrt_source *dataset_source(DataField *f, int k, Dataset *d, int64_t id, int64_t *local)
{
    int which = id >= d->n[0];
    *local = which ? id - d->n[0] : id;
    return &f->source[which][k];
}

const char *dataset_place(Dataset *d, DataField *f, int k, int64_t id, char *out, size_t n)
{
    int64_t local = 0;
    nnrt_source *src = dataset_source(f, k, d, id, &local);
    const char *path = src == &f->source[1][k] && f->test_path[k] ? f->test_path[k] : f->spec[k].path;
    if (src->file)
        snprintf(out, n, "%s", src->file[local]);
    else if (src->line)
        snprintf(out, n, "%s:%lld", path, (long long)src->line(src, local));
    else
        snprintf(out, n, "%s: example %lld", path, (long long)local);
    return out;
}

void dataset_sizes(Dataset *d, int64_t id, int64_t *size)
{
    for (int s = 0; s < d->n_symbols; s++)
        size[s] = 0;
    for (int i = 0; i < d->n_fields; i++) {
        DataField *f = &d->field[i];
        if (f->n_readers == 0) continue;
        int64_t local = 0, extent[8] = {0};
        nnrt_source *src = dataset_source(f, 0, d, id, &local);
        bool any = false;
        for (int a = 0; a < f->rank; a++)
            any |= f->dim[a] < 0;
        if (!any || !src->extent) continue;
        src->extent(src, local, extent);
        for (int a = 0; a < f->rank; a++)
            if (f->dim[a] < 0 && !size[-1 - f->dim[a]]) size[-1 - f->dim[a]] = extent[a];
    }
}

int64_t dataset_raw_count(const DataField *f, int k, const int64_t *sizes)
{
    int64_t n = 1;
    for (int a = 0; a < f->spec[k].rank; a++) {
        int64_t v = f->raw_dim[k][a];
        if (v == OTHER_SIZE) return -1;
        n *= v < 0 ? sizes[-1 - v] : v;
    }
    return n;
}

const Vocab *dataset_names(const Dataset *d, int field)
{
    const DataField *f = &d->field[field];
    return f->expr < 0 && f->n_readers ? vocabulary_of(&f->spec[0]) : NULL;
}
