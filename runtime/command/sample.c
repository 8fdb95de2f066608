/* SPDX-License-Identifier: MIT
 * sample.c: a batch of an entry, from its data or drawn; arguments to try an entry with. */
#include "command/sample.h"

#include "base/dtype.h"
#include "model/dims.h"
#include "model/manifest.h"

int sample_take(Cli *cli, int entry, int64_t rows, Sample *s)
{
    const Json *e = rt_entry(cli->m, entry);
    int data = (int)json_int(e, "data", -1);
    if (data < 0) {
        int64_t at = json_int(e, "batch_size", -1);
        if (at >= 0) s->own.sizes[at] = rows;
        s->batch = &s->own;
        return NNRT_OK;
    }
    LoaderSpec spec = {.entry = entry, .part = json_text(e, "part", "all"), .batch = rows};
    int code = dataset_open(cli->m, data, cli->readers, &s->data);
    if (!code) code = loader_open(s->data, &spec, &s->loader);
    return code ? code : loader_next(s->loader, &s->batch);
}

void sample_drop(Sample *s)
{
    loader_close(s->loader);
    dataset_close(s->data);
}

/* ---- trials */

/* Arguments of an export: zeros of the right sizes. */
static int blank_args(Cli *cli, int entry, const int64_t *sizes, void **pointer)
{
    const Json *e = rt_entry(cli->m, entry);
    const char *const lists[] = {"args", "results"};
    int n = 0;
    for (int l = 0; l < 2; l++) {
        for (const Json *a = json_list(e, lists[l]); a; a = a->next) {
            if (json_is(a, "role", "dim")) continue;
            int64_t count = 1;
            for (const Json *d = json_list(a, "dims"); d; d = d->next)
                count *= dims_value(cli->m, entry, d, sizes);
            pointer[n] = rt_alloc(dtype_bytes(rt_dtype_of(cli->m, json_text(a, "elem", "float"))) * (size_t)(count > 0 ? count : 1));
            if (!pointer[n++]) return NNRT_E_MEM;
        }
    }
    return NNRT_OK;
}

enum { BLANK_SIZE = 32 };

static int flag_sizes(Cli *cli, int64_t *sizes)
{
    int i = 0, code = NNRT_OK;
    for (const Json *s = json_list(rt_entry(cli->m, cli->entry), "sizes"); s && !code; s = s->next, i++) {
        sizes[i] = BLANK_SIZE;
        code = flags_int(&cli->flags, s->text, 1, INT64_MAX, &sizes[i]);
    }
    return code;
}

static int head_rows(const Cli *cli)
{
    return (int)json_int(json_get(rt_entry(cli->m, cli->entry), "head"), "batch", 32);
}

/* Of an export its sizes, which have nothing to do with a batch. */
void trial_flags(Cli *cli)
{
    bool named = cli->entry >= 0, export = named && cli->program->entry[cli->entry]->kind == NNRT_EXPORT_ENTRY;
    flags_add_threads(&cli->flags, 0);
    Flag *batch = export ? NULL : flags_add(&cli->flags, "batch", FLAG_VALUE, "N", "rows");
    if (named && batch) flag_otherwise(batch, "%d", head_rows(cli));
    for (const Json *s = export ? json_list(rt_entry(cli->m, cli->entry), "sizes") : NULL; s; s = s->next)
        flag_otherwise(flags_add(&cli->flags, s->text, FLAG_VALUE, "N", "a size"), "%d", BLANK_SIZE);
}

int trial_open(Cli *cli, Trial *t)
{
    const nnrt_entry *e = cli->program->entry[cli->entry];
    t->rows = head_rows(cli);
    int code = flags_int(&cli->flags, "batch", 1, INT32_MAX, &t->rows);
    if (e->kind != NNRT_EXPORT_ENTRY) {
        if (!code) code = sample_take(cli, cli->entry, t->rows, &t->sample);
        if (!code) t->sizes = t->sample.batch->sizes, t->args = t->sample.batch->arg;
        return code;
    }
    if (!code) code = flag_sizes(cli, t->size);
    if (!code) code = blank_args(cli, cli->entry, t->size, t->own);
    t->rows = e->n_sizes ? t->size[0] : 1;
    t->sizes = t->size, t->args = t->own;
    return code;
}

void trial_close(Trial *t)
{
    sample_drop(&t->sample);
    for (int i = 0; i < NNRT_MAX_ARGS; i++)
        rt_free(t->own[i]);
}
