/* SPDX-License-Identifier: MIT
 * check_data.c: check-data: counts, ranges and classes of all data blocks. */
#include <math.h>
#include <stdlib.h>

#include "base/dtype.h"
#include "base/memory.h"
#include "base/plain.h"
#include "base/shape.h"
#include "command/command.h"
#include "dataset/batch.h"
#include "dataset/parts.h"
#include "model/manifest.h"

enum { SHOWN_CLASSES = 32, MOST_CLASSES = 65536, SHOWN_ROWS = 20 };

typedef struct Range { /* the values of a field, as a step sees them */
    double least, most, sum;
    int64_t n, not_finite, rows; /* rows: examples with a number that is not finite, */
    int64_t row[SHOWN_ROWS];     /* the first of them, by their number in the block */
    int64_t *seen;               /* per class */
} Range;

static void note(Range *r, double v, int64_t bound)
{
    if (!(v - v == 0)) {
        r->not_finite++;
        return;
    }
    if (r->n == 0 || v < r->least) r->least = v;
    if (r->n == 0 || v > r->most) r->most = v;
    r->sum += v;
    r->n++;
    if (r->seen && v >= 0 && v < (double)bound) r->seen[(int64_t)v]++;
}

/* One example of a field that has no text or picture of length 0. */
static int note_example(Dataset *d, int field, int64_t id, Batch *b, Range *r)
{
    DataField *f = &d->field[field];
    int rank = 0;
    int64_t dim[8] = {0}, before = r->not_finite;
    nnrt_source *s = f->n_readers ? &f->source[id >= d->n[0]][0] : NULL;
    if (s && s->count(s, id >= d->n[0] ? id - d->n[0] : id) == 0) return NNRT_OK;
    int code = dataset_field(d, field, &id, 1, b, &rank, dim);
    for (int64_t k = 0, n = code ? 0 : shape_size(rank, dim); k < n; k++)
        note(r, dtype_load(f->dtype, b->arg[0], k), f->bound);
    if (r->not_finite > before && r->rows++ < SHOWN_ROWS) r->row[r->rows - 1] = id;
    return code;
}

static int read_field(Dataset *d, int field, Range *r)
{
    Batch b = {0};
    int code = NNRT_OK;
    for (int64_t i = 0; i < d->n[0] + d->n[1] && !code; i++)
        code = note_example(d, field, i, &b, r);
    batch_free(&b);
    return code;
}

static void put_rows(FILE *out, const Range *r)
{
    for (int64_t i = 0; i < r->rows && i < SHOWN_ROWS; i++)
        fprintf(out, "%s%lld", i ? "," : "", (long long)r->row[i]);
}

static void put_classes(FILE *out, const Vocab *v, const DataField *f, const Range *r)
{
    if (!r->seen || f->bound > SHOWN_CLASSES) return;
    fprintf(out, "      classes:");
    for (int64_t c = 0; c < f->bound; c++) {
        fputc(' ', out);
        if (v && c < v->n)
            rt_put_plain(out, v->word[c]);
        else
            fprintf(out, "%lld:", (long long)c);
        fprintf(out, " %lld", (long long)r->seen[c]);
    }
    fputc('\n', out);
}

static void put_field(FILE *out, const Vocab *v, const DataField *f, const Range *r)
{
    char type[1024];
    fprintf(out, "    %s: %s", f->name, rt_type_text(f->json, type, sizeof type));
    if (f->n_readers) fputs(" from ", out), rt_put_plain(out, f->spec[0].path);
    fprintf(out, ", values %.6g .. %.6g, mean %.6g", r->least, r->most, r->n ? r->sum / (double)r->n : 0);
    if (r->not_finite) {
        fprintf(out, ", %lld NOT FINITE in %lld examples: ", (long long)r->not_finite, (long long)r->rows);
        put_rows(out, r);
        if (r->rows > SHOWN_ROWS) fputs(",...", out);
    }
    fputc('\n', out);
    put_classes(out, v, f, r);
}

static void json_number_of(FILE *out, const char *key, double v)
{
    fprintf(out, ",\"%s\":", key);
    json_write_number(out, v);
}

static void json_classes(FILE *out, const Vocab *v, const DataField *f, const Range *r)
{
    fputs(",\"classes\":[", out);
    for (int64_t c = 0; c < f->bound; c++) {
        char number[24];
        snprintf(number, sizeof number, "%lld", (long long)c);
        json_put(out, c ? ",{\"name\":" : "{\"name\":", v && c < v->n ? v->word[c] : number);
        fprintf(out, ",\"examples\":%lld}", (long long)r->seen[c]);
    }
    fputc(']', out);
}

static void json_field(FILE *out, const Vocab *v, const DataField *f, const Range *r)
{
    json_put(out, "{\"name\":", f->name);
    json_put(out, ",\"elem\":", json_text(f->json, "elem", "float"));
    fprintf(out, ",\"bound\":%lld,\"file\":", (long long)f->bound);
    if (f->n_readers)
        json_write_string(out, f->spec[0].path);
    else
        fputs("null", out);
    fprintf(out, ",\"numbers\":%lld", (long long)(r->n + r->not_finite));
    json_number_of(out, "least", r->n ? r->least : NAN);
    json_number_of(out, "most", r->n ? r->most : NAN);
    json_number_of(out, "mean", r->n ? r->sum / (double)r->n : NAN);
    fprintf(out, ",\"not_finite\":%lld,\"rows_not_finite\":%lld,\"rows\":[", (long long)r->not_finite, (long long)r->rows);
    put_rows(out, r);
    fputc(']', out);
    if (r->seen) json_classes(out, v, f, r);
    fputc('}', out);
}

static int check_field(FILE *out, Cli *cli, Dataset *d, int i)
{
    DataField *f = &d->field[i];
    Range r = {0};
    if (f->bound > 0 && f->bound <= MOST_CLASSES && f->rank == 0) {
        r.seen = calloc((size_t)f->bound, sizeof *r.seen);
        if (!r.seen) return rt_no_memory();
    }
    int code = read_field(d, i, &r);
    const Vocab *v = dataset_names(d, i);
    if (!code && cli->json) {
        if (i) fputc(',', out);
        json_field(out, v, f, &r);
    } else if (!code) {
        put_field(out, v, f, &r);
    }
    free(r.seen);
    return code;
}

static int put_parts(FILE *out, Cli *cli, Dataset *d)
{
    const Json *parts = json_get(d->json, "parts");
    int code = NNRT_OK;
    for (const Json *p = json_first(parts); p && !code; p = p->next) {
        int64_t *ids = NULL, n = 0;
        code = dataset_part(d, p->text, &ids, &n);
        free(ids);
        if (code) break;
        if (cli->json) {
            json_put(out, p != parts->child ? "," : "", p->text);
            fprintf(out, ":%lld", (long long)n);
        } else {
            fprintf(out, ", %s %lld", p->text, (long long)n);
        }
    }
    return code;
}

static int check_block(FILE *out, Cli *cli, int block)
{
    Dataset *d = NULL;
    int code = dataset_open(cli->m, block, cli->readers, &d);
    if (code) return code;
    int64_t n = d->n[0] + d->n[1], unused = dataset_unused(d);
    const char *name = json_text(d->json, "name", "?");
    if (cli->json) {
        json_put(out, block ? ",{\"name\":" : "{\"name\":", name);
        fprintf(out, ",\"examples\":%lld,\"unused\":%lld,\"parts\":{", (long long)n, (long long)unused);
    } else {
        fprintf(out, "%s: %lld examples", name, (long long)n);
    }
    code = put_parts(out, cli, d);
    if (cli->json)
        fputs("},\"fields\":[", out);
    else if (unused > 0)
        fprintf(out, ", %lld in no part\n", (long long)unused);
    else
        fputc('\n', out);
    for (int i = 0; i < d->n_fields && !code; i++)
        code = check_field(out, cli, d, i);
    if (cli->json) fputs("]}", out);
    dataset_close(d);
    return code;
}

static int check_blocks(FILE *out, Cli *cli)
{
    const Json *blocks = json_get(cli->m->manifest, "data");
    int code = NNRT_OK;
    for (int b = 0; blocks && b < blocks->n && !code; b++)
        code = check_block(out, cli, b);
    if (!code && !cli->json && (!blocks || !blocks->n)) fputs("this program has no data blocks\n", out);
    return code;
}

/* As JSON all or nothing: one object. */
int command_check_data(Cli *cli)
{
    Memory out;
    if (!cli->json) return check_blocks(stdout, cli);
    if (!memory_open(&out)) return memory_close(&out);
    int code = check_blocks(out.f, cli);
    if (memory_close(&out)) code = NNRT_E_MEM;
    if (!code) printf("{\"data\":[%s]}\n", out.text);
    free(out.text);
    return code;
}
