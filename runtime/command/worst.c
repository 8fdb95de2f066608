/* SPDX-License-Identifier: MIT
 * worst.c: the examples that an evaluation is worst at, with their numbers, and as far as they can be shown: names of classes, words,
 * pictures (nnc report draws them). */
#include "command/worst.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "base/memory.h"
#include "base/plain.h"
#include "base/shape.h"
#include "dataset/batch.h"
#include "dataset/parts.h"
#include "model/call.h"
#include "model/manifest.h"
#include "model/vocab.h"
#include "run/report.h"

typedef struct Bad {
    int64_t id;
    double badness;
} Bad;

typedef struct Search {
    nnrt *m;
    int entry, by; /* by: the report that decides */
    Better better;
    Dataset *d;
    Batch batch;
    Values v;
    Bad *worst; /* the worst one first */
    int64_t n, most;
} Search;

/* ---- looking */

static int evaluate_one(Search *s, uint64_t seed, int64_t id)
{
    nnrt *m = s->m;
    m->program->core->sum_clear(m->program, m->program->entry[s->entry], m->area[s->entry]);
    int code = batch_fill(s->d, s->entry, &id, 1, NULL, &s->batch);
    if (!code) code = rt_call(m, s->entry, seed, s->batch.sizes, s->batch.arg);
    return code ? code : report_take(m, s->entry, false, &s->v);
}

/* Of examples that are as bad the first ones stay. */
static void insert(Search *s, int64_t id)
{
    double v = s->v.at[report_offset(s->m, s->entry, s->by)];
    double badness = v != v ? INFINITY : s->better == BETTER_LOWER ? v : -v;
    int64_t at = s->n;
    while (at > 0 && s->worst[at - 1].badness < badness)
        at--;
    if (at == s->most) return;
    if (s->n < s->most) s->n++;
    memmove(s->worst + at + 1, s->worst + at, sizeof *s->worst * (size_t)(s->n - 1 - at));
    s->worst[at] = (Bad){id, badness};
}

static int look(Search *s, const Settings *settings)
{
    int64_t *ids = NULL, n = 0;
    int code = dataset_part(s->d, settings->part, &ids, &n);
    for (int64_t i = 0; i < n && !code; i++) {
        code = evaluate_one(s, (uint64_t)settings->seed, ids[i]);
        if (!code) insert(s, ids[i]);
    }
    free(ids);
    return code;
}

/* ---- telling */

static void put_text(FILE *f, bool json, const char *text)
{
    char plain[80];
    if (json)
        json_write_string(f, text);
    else
        fputs((rt_plain(plain, sizeof plain, text), plain), f);
}

/* Names of codes, with blanks between them. */
static void put_words(FILE *f, bool json, const Vocab *vocab, const int32_t *code, int64_t n)
{
    enum { MOST_WORDS = 60 };
    Memory text;
    if (memory_open(&text))
        for (int64_t i = 0; i < n && i < MOST_WORDS; i++)
            fprintf(text.f, "%s%s", i ? " " : "", code[i] >= 0 && code[i] < vocab->n ? vocab->word[code[i]] : "?");
    if (!memory_close(&text)) put_text(f, json, text.text);
    free(text.text);
}

/* Height, width, channels; a long side is thinned. False: it is no picture. */
static bool picture_size(int rank, const int64_t *dim, int dtype, int64_t size[3])
{
    enum { LEAST = 8 };
    if ((rank != 2 && rank != 3) || (!dtype_is_float(dtype) && dtype != NNRT_U8)) return false;
    size[0] = dim[0], size[1] = dim[1], size[2] = rank == 3 ? dim[2] : 1;
    return dim[0] >= LEAST && dim[1] >= LEAST && (size[2] == 1 || size[2] == 3 || size[2] == 4);
}

/* As bytes: 0..1 is the whole range where all numbers are in it, else from the least to the largest. */
static void put_picture(FILE *f, const void *data, int dtype, const int64_t size[3])
{
    enum { LONGEST = 64 };
    int64_t n = size[0] * size[1] * size[2], step = ((size[0] > size[1] ? size[0] : size[1]) + LONGEST - 1) / LONGEST;
    int64_t channels = size[2] == 4 ? 3 : size[2];
    double low = 0, high = dtype == NNRT_U8 ? 255 : 1;
    for (int64_t i = 0; i < n; i++) {
        double v = dtype_load(dtype, data, i);
        low = v < low ? v : low, high = v > high ? v : high;
    }
    if (!(isfinite(low) && isfinite(high))) low = 0, high = 1;
    fprintf(f, "{\"height\":%lld,\"width\":%lld,\"channels\":%lld,\"picture\":[", (long long)((size[0] + step - 1) / step),
            (long long)((size[1] + step - 1) / step), (long long)channels);
    for (int64_t y = 0; y < size[0]; y += step)
        for (int64_t x = 0; x < size[1]; x += step)
            for (int64_t c = 0; c < channels; c++) {
                double v = (dtype_load(dtype, data, (y * size[1] + x) * size[2] + c) - low) / (high - low);
                fprintf(f, y + x + c ? ",%d" : "%d", v >= 0 && v <= 1 ? (int)(255 * v + 0.5) : 0);
            }
    fputs("]}", f);
}

static void put_numbers(FILE *f, const void *data, int dtype, int64_t n, bool scalar)
{
    enum { MOST_NUMBERS = 16 };
    if (!scalar) fputc('[', f);
    for (int64_t i = 0; i < n && i < MOST_NUMBERS; i++) {
        if (i) fputc(',', f);
        json_write_number(f, dtype_load(dtype, data, i));
    }
    if (!scalar) fputc(']', f);
}

/* A line has what is short: classes, numbers. */
static int put_field(Search *s, FILE *f, bool json, const Json *arg, int64_t id, bool *first)
{
    int field = (int)json_int(arg, "field", 0), rank = 0;
    int64_t dim[8] = {0}, size[3];
    int code = dataset_field(s->d, field, &id, 1, &s->batch, &rank, dim);
    if (code) return code;
    const DataField *known = &s->d->field[field];
    const Vocab *vocab = known->dtype == NNRT_I32 ? dataset_names(s->d, field) : NULL;
    int64_t n = shape_size(rank, dim);
    bool picture = picture_size(rank - 1, dim + 1, known->dtype, size);
    if (!json && rank > 1 && !vocab) return NNRT_OK;
    if (json)
        json_put(f, *first ? "" : ",", known->name), fputc(':', f);
    else
        fprintf(f, ", %s ", known->name);
    *first = false;
    if (vocab)
        put_words(f, json, vocab, s->batch.arg[0], n);
    else if (picture)
        put_picture(f, s->batch.arg[0], known->dtype, size);
    else
        put_numbers(f, s->batch.arg[0], known->dtype, n, rank == 1);
    return NNRT_OK;
}

/* A matrix of counts that has a single one: the example's class, and the one that was found. */
static void put_classes(const Search *s, FILE *f, bool json)
{
    for (int i = 0; i < s->m->program->entry[s->entry]->n_reports; i++) {
        const Json *r = report_at(s->m, s->entry, i), *dims = json_get(r, "dims");
        int64_t rows = dims && dims->n == 2 ? dims->child->integer : 0, n = s->m->program->entry[s->entry]->report_count[i], at = -1;
        const double *v = s->v.at + report_offset(s->m, s->entry, i);
        bool one = rows > 1 && n == rows * rows;
        for (int64_t k = 0; k < n && one; k++) {
            one = v[k] == 0 || (v[k] == 1 && at < 0);
            if (v[k] == 1) at = k;
        }
        if (!one || at < 0) continue;
        const Vocab *vocab = rt_vocab(s->m, (int)json_int(r, "data", -1), (int)json_int(r, "field", -1));
        int32_t class[] = {(int32_t)(at / rows), (int32_t)(at % rows)};
        for (int k = 0; k < 2; k++) {
            fputs(json ? k ? ",\"found\":" : ",\"true\":" : k ? ", found " : ", true ", f);
            if (vocab)
                put_words(f, json, vocab, &class[k], 1);
            else
                fprintf(f, "%d", class[k]);
        }
        return;
    }
}

static int tell_one(Search *s, uint64_t seed, bool json, int64_t id)
{
    Memory out;
    char place[RT_PATH];
    int code = evaluate_one(s, seed, id);
    if (code) return code;
    if (memory_open(&out)) {
        const Json *first = json_list(rt_entry(s->m, s->entry), "args");
        dataset_place(s->d, &s->d->field[json_int(first, "field", 0)], 0, id, place, sizeof place);
        if (json) {
            fprintf(out.f, "{\"example\":%lld", (long long)id);
            json_put(out.f, ",\"place\":", place);
            fputs(",\"value\":", out.f);
            json_write_number(out.f, s->v.at[report_offset(s->m, s->entry, s->by)]);
        } else {
            put_text(out.f, false, place);
            fputs(": ", out.f);
            report_scalar(out.f, s->m, s->entry, s->by, s->v.at);
        }
        put_classes(s, out.f, json);
        if (json) fputs(",\"fields\":{", out.f);
        bool begins = true;
        for (const Json *a = first; a && !code; a = a->next)
            if (json_is(a, "role", "field")) code = put_field(s, out.f, json, a, id, &begins);
        fputs(json ? "}}" : "\n", out.f);
    }
    int closed = memory_close(&out);
    if (!code) code = closed;
    if (!code) fputs(out.text, stdout);
    free(out.text);
    return code;
}

static int tell(Search *s, const Settings *settings, bool json)
{
    const char *by = json_text(report_at(s->m, s->entry, s->by), "name", "?");
    int code = NNRT_OK;
    if (json) {
        json_put(stdout, ",\"worst\":{\"by\":", by);
        fputs(",\"examples\":[", stdout);
    } else {
        printf("worst examples, by %s\n", by);
    }
    for (int64_t i = 0; i < s->n && !code; i++) {
        fputs(json ? i ? "," : "" : "  ", stdout);
        code = tell_one(s, (uint64_t)settings->seed, json, s->worst[i].id);
    }
    if (json) fputs("]}", stdout);
    return code;
}

int worst_tell(Cli *cli, const Settings *settings, int64_t most)
{
    nnrt *m = cli->m;
    int data = (int)json_int(rt_entry(m, cli->entry), "data", -1);
    Search s = {.m = m, .entry = cli->entry, .by = report_first_scalar(m, cli->entry), .most = most};
    if (data < 0) return rt_fail(RT_USAGE, "--worst: %s reads no data", cli->program->entry[cli->entry]->name);
    if (s.by >= 0) s.better = report_better(m, cli->entry, s.by);
    if (s.better == BETTER_UNKNOWN)
        return rt_fail(RT_USAGE,
                       "--worst: the first report must be a number of which more is better, or less: `report minimize NAME = ...`");
    int code = dataset_open(m, data, cli->readers, &s.d);
    if (!code) code = values_new(m, cli->entry, &s.v);
    if (!code && !(s.worst = rt_alloc(sizeof *s.worst * (size_t)most))) code = rt_no_memory();
    if (!code && !rt_area(m, cli->entry)) code = NNRT_E_MEM;
    if (!code) code = look(&s, settings);
    if (!code) code = tell(&s, settings, cli->json);
    batch_free(&s.batch);
    rt_free(s.worst);
    rt_free(s.v.at);
    dataset_close(s.d);
    return code;
}
