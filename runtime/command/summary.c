/* SPDX-License-Identifier: MIT
 * summary.c: the layers with what they return, have and compute; the memory that calls take.
 *
 * Sizes that only a call knows have a value each: the batch, others 32 or what a flag says. Operations of the layers are in the manifest
 * as polynomials of them, each without those of the layers inside. */
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "model/dims.h"
#include "model/manifest.h"

typedef struct Row {
    const Json *layer;
    int entry;               /* where it is counted */
    int64_t own, flops;      /* operations without what is inside of it, and with it */
    int64_t bytes;           /* of its results */
} Row;

typedef struct Summary {
    Cli *cli;
    const char *batch_name;
    int64_t batch; /* 0: each entry's own, and one example for the layers */
    Row *row;
    int n;
    int64_t flops;
} Summary;

/* ---- sizes */

/* What the size of a batch is called: as in the first train or eval. */
static const char *batch_name(const nnrt *m)
{
    for (const Json *e = json_list(m->manifest, "entries"); e; e = e->next)
        if (json_int(e, "batch_size", -1) >= 0) return json_at(json_get(e, "sizes"), (int)json_int(e, "batch_size", 0))->text;
    return "B";
}

void summary_flags(Cli *cli)
{
    const char *batch = batch_name(cli->m);
    flags_add(&cli->flags, "batch", FLAG_VALUE, "N", "examples (otherwise one, and the batches of the heads for the memory)");
    for (const Json *e = json_list(cli->m->manifest, "entries"); e; e = e->next)
        for (const Json *s = json_list(e, "sizes"); s; s = s->next)
            if (strcmp(s->text, batch) != 0) flag_otherwise(flags_add(&cli->flags, s->text, FLAG_VALUE, "N", "a size"), "32");
}

/* Of a call of the entry with so many examples. */
static int set_sizes(const Summary *s, int entry, int64_t batch, int64_t *sizes)
{
    int i = 0, code = NNRT_OK;
    for (const Json *name = json_list(rt_entry(s->cli->m, entry), "sizes"); name && !code; name = name->next, i++) {
        bool is_batch = strcmp(name->text, s->batch_name) == 0;
        sizes[i] = is_batch ? batch : 32;
        if (!is_batch) code = flags_int(&s->cli->flags, name->text, 1, INT32_MAX, &sizes[i]);
    }
    return code;
}

/* ---- layers */

static bool is_around(const Json *layer, const Json *inner)
{
    const char *a = json_text(layer, "path", ""), *b = json_text(inner, "path", "");
    size_t n = strlen(a);
    return strncmp(a, b, n) == 0 && (b[n] == '.' || !b[n]);
}

static int make_rows(Summary *s)
{
    nnrt *m = s->cli->m;
    int64_t sizes[NNRT_MAX_SIZES] = {0};
    s->row = rt_alloc(sizeof *s->row * (size_t)(json_get(m->manifest, "layers")->n + 1));
    if (!s->row) return NNRT_E_MEM;
    for (const Json *l = json_list(m->manifest, "layers"); l; l = l->next) {
        Row *r = &s->row[s->n++];
        *r = (Row){.layer = l, .entry = (int)json_int(l, "entry", 0)};
        int code = set_sizes(s, r->entry, s->batch ? s->batch : 1, sizes);
        if (code) return code;
        r->bytes = dims_value(m, r->entry, json_get(l, "bytes"), sizes);
        s->flops += r->own = dims_value(m, r->entry, json_get(l, "flops"), sizes);
    }
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < s->n; k++)
            if (is_around(s->row[i].layer, s->row[k].layer)) s->row[i].flops += s->row[k].own;
    return NNRT_OK;
}

static int depth_of(const char *path)
{
    int n = 0;
    for (; *path; path++)
        n += *path == '.';
    return n;
}

static void put_rows(const Summary *s)
{
    int path_width = 5, type_width = 4, out_width = 6;
    for (int i = 0; i < s->n; i++) {
        const Json *l = s->row[i].layer;
        int a = (int)strlen(json_text(l, "path", "")) + depth_of(json_text(l, "path", "")), b = (int)strlen(json_text(l, "type", "")),
            c = (int)strlen(json_text(l, "out", ""));
        path_width = a > path_width ? a : path_width;
        type_width = b > type_width ? b : type_width;
        out_width = c > out_width ? c : out_width;
    }
    printf("%-*s  %-*s  %-*s  %10s %14s %11s\n", path_width, "layer", type_width, "type", out_width, "result", "parameters", "FLOPs",
           "bytes");
    for (int i = 0; i < s->n; i++) {
        const Json *l = s->row[i].layer;
        const char *path = json_text(l, "path", "");
        int indent = depth_of(path);
        printf("%*s%-*s  %-*s  %-*s  %10lld %14lld %11lld\n", indent, "", path_width - indent, path, type_width, json_text(l, "type", ""),
               out_width, json_text(l, "out", ""), (long long)json_int(l, "params", 0), (long long)s->row[i].flops,
               (long long)s->row[i].bytes);
    }
}

/* ---- memory */

typedef struct Memory {
    const nnrt_entry *entry;
    int64_t batch;
    uint64_t area, work; /* of a training or of sums; of a call on one thread */
} Memory;

static int memory_of(const Summary *s, int entry, Memory *memory)
{
    const nnrt_entry *e = s->cli->program->entry[entry];
    int64_t sizes[NNRT_MAX_SIZES] = {0}, head = json_int(json_get(rt_entry(s->cli->m, entry), "head"), "batch", 1);
    *memory = (Memory){.entry = e, .batch = s->batch ? s->batch : e->kind == NNRT_EXPORT_ENTRY ? 1 : head};
    int code = set_sizes(s, entry, memory->batch, sizes);
    if (code) return code;
    size_t work = s->cli->program->core->work(e, sizes, 1);
    if (work == SIZE_MAX) return rt_fail(NNRT_E_RANGE, "%s: a call of these sizes takes more memory than there can be", e->name);
    memory->work = work;
    memory->area = e->kind == NNRT_TRAIN_ENTRY ? e->train_bytes : e->kind == NNRT_EVAL_ENTRY ? e->sums_area : 0;
    return NNRT_OK;
}

static const char *memory_kind(const Summary *s, int entry)
{
    if (json_int(rt_entry(s->cli->m, entry), "derived_from", -1) >= 0) return "eval";
    return json_text(rt_entry(s->cli->m, entry), "kind", "?");
}

static int put_memory(const Summary *s)
{
    const nnrt_program *p = s->cli->program;
    unsigned long long model = p->model_bytes;
    bool first = true;
    if (!s->cli->json)
        printf("\n%-20s %8s %12s %12s %12s %12s\n", "bytes of a call", s->batch_name, "model", "training", "work", "together");
    for (int i = 0; i < p->n_entries; i++) {
        Memory m;
        if (!rt_entry(s->cli->m, i)) continue;
        int code = memory_of(s, i, &m);
        if (code) return code;
        unsigned long long area = m.area, work = m.work;
        if (s->cli->json) {
            json_put(stdout, first ? "{\"entry\":" : ",{\"entry\":", m.entry->name);
            json_put(stdout, ",\"kind\":", memory_kind(s, i));
            printf(",\"batch\":%lld,\"model\":%llu,\"area\":%llu,\"work\":%llu}", (long long)m.batch, model, area, work);
        } else {
            printf("%-6s %-13s %8lld %12llu %12llu %12llu %12llu\n", memory_kind(s, i), m.entry->name, (long long)m.batch, model, area,
                   work, model + area + work);
        }
        first = false;
    }
    return NNRT_OK;
}

/* ---- all of it */

static int64_t integer_bytes(const Summary *s)
{
    int64_t bytes = 0;
    for (const Json *t = json_list(s->cli->m->manifest, "int8"); t; t = t->next)
        bytes += json_int(t, "bytes", 0);
    return bytes;
}

static void put_tensors(const Summary *s)
{
    const nnrt_program *p = s->cli->program;
    printf("\ntensors:\n");
    for (int i = 0; i < p->n_tensors; i++) {
        const nnrt_tensor_info *t = &p->tensor[i];
        printf("  %-20s  %s[", t->name, t->is_state ? "state " : "");
        for (int k = 0; k < t->rank; k++)
            printf("%s%lld", k ? ", " : "", (long long)t->dim[k]);
        puts("]");
    }
    for (const Json *t = json_list(s->cli->m->manifest, "int8"); t; t = t->next) {
        const Json *first = json_list(t, "dims");
        printf("  %-20s  [", json_text(t, "name", "?"));
        for (const Json *d = first; d; d = d->next)
            printf("%s%lld", d == first ? "" : ", ", (long long)d->integer);
        puts("] 8 bits");
    }
}

/* Sizes other than the batch that a layer's numbers are for. */
static void put_sizes(const Summary *s)
{
    for (const Flag *f = s->cli->flags.at; f < s->cli->flags.at + s->cli->flags.n; f++)
        if (strcmp(f->help, "a size") == 0) printf(", %s = %s", f->name, f->n ? f->value[f->n - 1] : f->otherwise);
}

static bool is_trained(const Summary *s, const Row *r)
{
    return s->cli->program->entry[r->entry]->kind == NNRT_TRAIN_ENTRY;
}

static int put_text(const Summary *s)
{
    const nnrt_program *p = s->cli->program;
    const char *trained = NULL;
    put_rows(s);
    for (int i = 0; i < s->n; i++)
        if (is_trained(s, &s->row[i])) trained = json_text(s->row[i].layer, "path", "");
    printf("for %s = %lld", s->batch_name, (long long)(s->batch ? s->batch : 1));
    put_sizes(s);
    printf(": forward, all calls of a layer together; a multiplication with its addition is 2; bytes are those of the result\n");
    if (trained) printf("no evaluation or export computes %.*s: its numbers are those of training\n", (int)strcspn(trained, "."), trained);
    put_tensors(s);
    int code = put_memory(s);
    printf("%lld parameters, model %llu bytes, %lld FLOPs\n", (long long)rt_parameters(s->cli->m), (unsigned long long)p->model_bytes,
           (long long)s->flops);
    if (integer_bytes(s)) printf("weights of 8 bits, in the code: %lld bytes; all others are floats\n", (long long)integer_bytes(s));
    return code;
}

static int put_json(const Summary *s)
{
    json_put(stdout, "{\"program\":", s->cli->program->name);
    printf(",\"parameters\":%lld,\"model_bytes\":%llu,\"batch\":%lld,\"flops\":%lld,\"layers\":[", (long long)rt_parameters(s->cli->m),
           (unsigned long long)s->cli->program->model_bytes, (long long)(s->batch ? s->batch : 1), (long long)s->flops);
    for (int i = 0; i < s->n; i++) {
        const Row *r = &s->row[i];
        json_put(stdout, i ? ",{\"path\":" : "{\"path\":", json_text(r->layer, "path", ""));
        json_put(stdout, ",\"type\":", json_text(r->layer, "type", ""));
        json_put(stdout, ",\"out\":", json_text(r->layer, "out", ""));
        printf(",\"params\":%lld,\"flops\":%lld,\"bytes\":%lld,", (long long)json_int(r->layer, "params", 0), (long long)r->flops,
               (long long)r->bytes);
        json_put(stdout, "\"entry\":", s->cli->program->entry[r->entry]->name);
        printf(",\"training\":%s}", is_trained(s, r) ? "true" : "false");
    }
    printf("],\"memory\":[");
    int code = put_memory(s);
    puts("]}");
    return code;
}

int command_summary(Cli *cli)
{
    Summary s = {.cli = cli, .batch_name = batch_name(cli->m)};
    int code = flags_int(&cli->flags, "batch", 1, INT32_MAX, &s.batch);
    if (!code) code = make_rows(&s);
    if (!code) code = cli->json ? put_json(&s) : put_text(&s);
    rt_free(s.row);
    return code;
}
