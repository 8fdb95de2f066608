/* SPDX-License-Identifier: MIT
 * tensors.c: the tensors of the model as NPY files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/dtype.h"
#include "base/memory.h"
#include "base/shape.h"
#include "base/store.h"
#include "command/command.h"
#include "format/table.h"
#include "model/weights.h"

static int write_npy(const char *path, const nnrt_tensor_info *t, const void *dense)
{
    Output o = {.path = path, .dtype = t->dtype, .rank = t->rank, .data = dense};
    memcpy(o.dim, t->dim, sizeof o.dim);
    Memory out;
    if (memory_open(&out)) table_npy(out.f, &o);
    int code = memory_close(&out);
    if (!code) code = store_file(path, "cannot write", out.text, out.n);
    free(out.text);
    return code;
}

void export_weights_flags(Cli *cli)
{
    cli_load_flags(&cli->flags, "checkpoint");
    flags_add(&cli->flags, "out", FLAG_VALUE, "FOLDER", "where the files go");
    flags_add(&cli->flags, "block", FLAG_VALUE, "FILE", "the model block of C programs, and vocabularies behind it");
}

/* The model block as it is in memory, then what texts mean. */
static int write_block(Cli *cli, const char *path)
{
    Memory out;
    if (memory_open(&out)) {
        fwrite(cli->m->model, 1, cli->program->model_bytes, out.f);
        if (cli->m->n_vocabs) weights_put_vocabularies(out.f, cli->m);
    }
    int code = memory_close(&out);
    if (!code) code = store_file(path, "cannot write", out.text, out.n);
    free(out.text);
    return code;
}

/* Every tensor as an NPY file. */
int command_export(Cli *cli)
{
    const char *folder = flags_value(&cli->flags, "out"), *block = flags_value(&cli->flags, "block");
    if (!folder && !block) return rt_fail(RT_USAGE, "export needs --out FOLDER");
    int code = cli_load(cli, true);
    if (!code && block) code = write_block(cli, block);
    if (code || !folder) return code;
    if (mkdir(folder, 0777) && errno != EEXIST) return rt_fail_system(errno, "%s", folder);
    for (int i = 0; i < cli->program->n_tensors && !code; i++) {
        const nnrt_tensor_info *t = &cli->program->tensor[i];
        char path[RT_PATH];
        int64_t count = shape_size(t->rank, t->dim);
        size_t width = dtype_bytes(t->dtype);
        char *dense = rt_alloc(width * (size_t)count);
        if (!dense) return NNRT_E_MEM;
        for (int64_t e = 0; e < count; e++)
            memcpy(dense + (size_t)e * width,
                   (char *)cli->m->model + t->offset + (size_t)shape_place(t->rank, t->dim, t->stride, e) * width, width);
        code = rt_path(path, "%s/%s.npy", folder, t->name);
        if (!code) code = write_npy(path, t, dense);
        if (!code && cli->json) json_put(stdout, i ? "," : "{\"files\":[", path);
        rt_free(dense);
    }
    if (!code && cli->json) puts(cli->program->n_tensors ? "]}" : "{\"files\":[]}");
    return code;
}
