/* SPDX-License-Identifier: MIT
 * inspect.c: what the program is made of: info, summary, graph, check-data. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "base/memory.h"
#include "base/plain.h"
#include "cli/cli.h"
#include "dataset/dataset.h"
#include "model/manifest.h"
#include "model/vocab.h"

static void put_dims(FILE *f, const Json *dims)
{
    fputc('[', f);
    for (const Json *d = dims ? dims->child : NULL; d; d = d->next) {
        if (d->kind == JSON_STRING)
            fputs(d->text, f);
        else
            fprintf(f, "%lld", (long long)d->integer);
        if (d->next) fputs(", ", f);
    }
    fputc(']', f);
}

static void put_type(FILE *f, const Json *v)
{
    const Json *dims = json_get(v, "dims");
    fputs(json_text(v, "elem", "float"), f);
    if (json_int(v, "bound", 0)) fprintf(f, "<%lld>", (long long)json_int(v, "bound", 0));
    if (dims && dims->n) put_dims(f, dims);
}

static void put_entry(FILE *f, nnrt *m, const Json *e)
{
    const Json *sizes = json_get(e, "sizes"), *args = json_get(e, "args"),
               *results = json_get(e, "results"), *reports = json_get(e, "reports");
    int binders = (int)json_int(e, "n_binders", 0), i = 0;
    bool export = strcmp(json_text(e, "kind", ""), "export") == 0, first = true;
    fprintf(f, "  %-6s %s", json_text(e, "kind", "?"), json_text(e, "name", "?"));
    if (binders) fputc('[', f);
    for (const Json *s = sizes ? sizes->child : NULL; s && i < binders; s = s->next, i++)
        fprintf(f, "%s%s", i ? ", " : "", s->text);
    fputs(binders ? "](" : "(", f);
    for (const Json *a = args ? args->child : NULL; a; a = a->next) {
        fprintf(f, "%s%s: ", first ? "" : ", ", json_text(a, "name", "?"));
        if (strcmp(json_text(a, "role", ""), "dim") == 0)
            fputs("dim", f);
        else
            put_type(f, a);
        first = false;
    }
    fputc(')', f);
    if (export && results) {
        fputs(results->n > 1 ? " -> (" : " -> ", f);
        for (const Json *r = results->child; r; r = r->next)
            put_type(f, r), fputs(r->next ? ", " : "", f);
        if (results->n > 1) fputc(')', f);
    }
    if (!export && reports) {
        fputs(" reports ", f);
        for (const Json *r = reports->child; r; r = r->next)
            fprintf(f, "%s%s", json_text(r, "name", "?"), r->next ? ", " : "");
        const Json *blocks = json_get(m->manifest, "data");
        if (json_int(e, "data", -1) >= 0)
            fprintf(f, ", on %s.%s",
                    json_text(json_at(blocks, (int)json_int(e, "data", 0)), "name", "?"),
                    json_text(e, "part", "all"));
    }
    fputc('\n', f);
}

static void put_option(FILE *f, const Json *o)
{
    char number[40];
    const Json *v = json_get(o, "default");
    fprintf(f, "  --%s %s", json_text(o, "name", "?"), json_text(o, "type", "?"));
    if (v && v->kind == JSON_STRING)
        fprintf(f, " = \"%s\"", v->text);
    else if (v && v->kind == JSON_BOOL)
        fprintf(f, " = %s", v->number != 0 ? "true" : "false");
    else if (v)
        fprintf(f, " = %s", json_format_number(v->number, number, sizeof number));
    fprintf(f, "  %s\n", json_text(o, "doc", ""));
}

static int64_t parameters(const nnrt_program *p)
{
    int64_t total = 0;
    for (int i = 0; i < p->n_tensors; i++) {
        int64_t n = 1;
        for (int k = 0; k < p->tensor[i].rank; k++)
            n *= p->tensor[i].dim[k];
        if (!p->tensor[i].is_state) total += n;
    }
    return total;
}

int inspect_info(Cli *cli)
{
    const nnrt_program *p = cli->program;
    if (cli->json) {
        puts(p->manifest);
        return NNRT_OK;
    }
    const Json *entries = json_get(cli->m->manifest, "entries"),
               *options = json_get(cli->m->manifest, "options");
    printf("%s, made from %s by nnc %s, %s\n", p->name, json_text(cli->m->manifest, "source", "?"),
           json_text(cli->m->manifest, "nnc", "?"),
           p->float_bytes == 8 ? "double precision" : "single precision");
    printf("model: %lld parameters, %llu bytes; program hash %016llx\n", (long long)parameters(p),
           (unsigned long long)p->model_bytes, (unsigned long long)p->hash);
    puts("entry points:");
    for (const Json *e = entries ? entries->child : NULL; e; e = e->next)
        if (json_int(e, "derived_from", -1) < 0) put_entry(stdout, cli->m, e);
    if (options && options->n) puts("options:");
    for (const Json *o = options ? options->child : NULL; o; o = o->next)
        put_option(stdout, o);
    for (int i = 0; i < p->n_entries; i++)
        if (p->entry[i]->kind == NNRT_TRAIN_ENTRY &&
            json_int(rt_entry(cli->m, i), "derived_from", -1) < 0)
            printf("training area of %s: %llu bytes\n", p->entry[i]->name,
                   (unsigned long long)p->entry[i]->train_bytes);
    return NNRT_OK;
}

/* ---- summary
 * --------------------------------------------------------------------------------------------------
 */

static int depth_of(const char *path)
{
    int n = 0;
    for (; *path; path++)
        n += *path == '.';
    return n;
}

int inspect_summary(Cli *cli)
{
    const Json *layers = json_get(cli->m->manifest, "layers");
    if (cli->json) {
        printf("{\"program\":");
        json_write_string(stdout, cli->program->name);
        printf(",\"parameters\":%lld,\"model_bytes\":%llu,\"layers\":[",
               (long long)parameters(cli->program), (unsigned long long)cli->program->model_bytes);
        for (const Json *l = layers ? layers->child : NULL; l; l = l->next) {
            fputs("{\"path\":", stdout);
            json_write_string(stdout, json_text(l, "path", ""));
            fputs(",\"type\":", stdout);
            json_write_string(stdout, json_text(l, "type", ""));
            fputs(",\"out\":", stdout);
            json_write_string(stdout, json_text(l, "out", ""));
            printf(",\"params\":%lld}%s", (long long)json_int(l, "params", 0), l->next ? "," : "");
        }
        puts("]}");
        return NNRT_OK;
    }
    int path_width = 5, type_width = 4, out_width = 6;
    for (const Json *l = layers ? layers->child : NULL; l; l = l->next) {
        int a = (int)strlen(json_text(l, "path", "")) + depth_of(json_text(l, "path", "")),
            b = (int)strlen(json_text(l, "type", "")), c = (int)strlen(json_text(l, "out", ""));
        path_width = a > path_width ? a : path_width;
        type_width = b > type_width ? b : type_width;
        out_width = c > out_width ? c : out_width;
    }
    printf("%-*s  %-*s  %-*s  %10s\n", path_width, "layer", type_width, "type", out_width, "result",
           "parameters");
    for (const Json *l = layers ? layers->child : NULL; l; l = l->next) {
        char path[256];
        snprintf(path, sizeof path, "%*s%s", depth_of(json_text(l, "path", "")), "",
                 json_text(l, "path", ""));
        printf("%-*s  %-*s  %-*s  %10lld\n", path_width, path, type_width, json_text(l, "type", ""),
               out_width, json_text(l, "out", ""), (long long)json_int(l, "params", 0));
    }
    printf("\ntensors:\n");
    for (int i = 0; i < cli->program->n_tensors; i++) {
        const nnrt_tensor_info *t = &cli->program->tensor[i];
        printf("  %-*s  %s[", path_width, t->name, t->is_state ? "state " : "");
        for (int k = 0; k < t->rank; k++)
            printf("%s%lld", k ? ", " : "", (long long)t->dim[k]);
        puts("]");
    }
    printf("%lld parameters, model %llu bytes\n", (long long)parameters(cli->program),
           (unsigned long long)cli->program->model_bytes);
    return NNRT_OK;
}

/* DOT: layers in the order in which they are called; layers that contain others are boxes around
 * them. */
int inspect_graph(Cli *cli)
{
    const Json *layers = json_get(cli->m->manifest, "layers");
    printf("digraph \"%s\" {\n  node [shape=box, fontname=\"sans-serif\"];\n", cli->program->name);
    int i = 0, last = -1;
    for (const Json *l = layers ? layers->child : NULL; l; l = l->next, i++) {
        const char *path = json_text(l, "path", "");
        bool inner = false; /* contains further layers */
        for (const Json *o = layers->child; o; o = o->next) {
            const char *other = json_text(o, "path", "");
            inner |= strncmp(other, path, strlen(path)) == 0 && other[strlen(path)] == '.';
        }
        if (inner) continue;
        printf("  n%d [label=\"%s\\n%s\\n%s\"];\n", i, path, json_text(l, "type", ""),
               json_text(l, "out", ""));
        if (last >= 0) printf("  n%d -> n%d;\n", last, i);
        last = i;
    }
    puts("}");
    return NNRT_OK;
}

/* ---- check-data
 * ----------------------------------------------------------------------------------------------------
 */

typedef struct Range { /* the values of a field, as a step sees them */
    double least, most, sum;
    int64_t n, not_finite, rows; /* rows: examples with a number that is not finite */
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
    for (int64_t k = 0, n = code ? 0 : format_count(rank, dim); k < n; k++)
        note(r, dtype_load(f->dtype, b->arg[0], k), f->bound);
    r->rows += r->not_finite > before;
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

enum { SHOWN_CLASSES = 32, MOST_CLASSES = 65536 };

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
    fprintf(out, "    %s: ", f->name);
    put_type(out, f->json);
    if (f->n_readers) fprintf(out, " from %s", f->spec[0].path);
    fprintf(out, ", values %.6g .. %.6g, mean %.6g", r->least, r->most, r->n ? r->sum / (double)r->n : 0);
    if (r->not_finite) fprintf(out, ", %lld NOT FINITE in %lld examples", (long long)r->not_finite, (long long)r->rows);
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
        fputs(c ? ",{\"name\":" : "{\"name\":", out);
        json_write_string(out, v && c < v->n ? v->word[c] : number);
        fprintf(out, ",\"examples\":%lld}", (long long)r->seen[c]);
    }
    fputc(']', out);
}

static void json_field(FILE *out, const Vocab *v, const DataField *f, const Range *r)
{
    fputs("{\"name\":", out);
    json_write_string(out, f->name);
    fputs(",\"elem\":", out);
    json_write_string(out, json_text(f->json, "elem", "float"));
    fprintf(out, ",\"bound\":%lld,\"file\":", (long long)f->bound);
    if (f->n_readers)
        json_write_string(out, f->spec[0].path);
    else
        fputs("null", out);
    fprintf(out, ",\"numbers\":%lld", (long long)(r->n + r->not_finite));
    json_number_of(out, "least", r->n ? r->least : NAN);
    json_number_of(out, "most", r->n ? r->most : NAN);
    json_number_of(out, "mean", r->n ? r->sum / (double)r->n : NAN);
    fprintf(out, ",\"not_finite\":%lld,\"rows_not_finite\":%lld", (long long)r->not_finite, (long long)r->rows);
    if (r->seen) json_classes(out, v, f, r);
    fputc('}', out);
}

static int check_field(FILE *out, Cli *cli, Dataset *d, int i)
{
    DataField *f = &d->field[i];
    Range r = {0};
    if (f->bound > 0 && f->bound <= MOST_CLASSES && f->rank == 0) {
        r.seen = calloc((size_t)f->bound, sizeof *r.seen);
        if (!r.seen) return rt_fail(NNRT_E_MEM, "out of memory");
    }
    int code = read_field(d, i, &r);
    const Vocab *v = rt_vocab(cli->m, d->block, i);
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
    for (const Json *p = parts ? parts->child : NULL; p && !code; p = p->next) {
        int64_t *ids = NULL, n = 0;
        code = dataset_part(d, p->text, &ids, &n);
        free(ids);
        if (code) break;
        if (cli->json) {
            if (p != parts->child) fputc(',', out);
            json_write_string(out, p->text);
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
        fputs(block ? ",{\"name\":" : "{\"name\":", out);
        json_write_string(out, name);
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
int inspect_data(Cli *cli)
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
