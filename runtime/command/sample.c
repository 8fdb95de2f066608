/* SPDX-License-Identifier: MIT
 * sample.c: a batch of an entry, from its data or drawn. */
#include "command/sample.h"

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
    LoaderSpec spec = {entry, json_text(e, "part", "all"), rows, false, 0};
    int code = dataset_open(cli->m, data, cli->readers, &s->data);
    if (!code) code = loader_open(s->data, &spec, &s->loader);
    return code ? code : loader_next(s->loader, &s->batch);
}

void sample_drop(Sample *s)
{
    loader_close(s->loader);
    dataset_close(s->data);
}
