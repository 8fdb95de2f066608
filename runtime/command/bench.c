/* SPDX-License-Identifier: MIT
 * bench.c: throughput of an entry. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/dtype.h"
#include "command/command.h"
#include "command/sample.h"
#include "export/size.h"
#include "model/call.h"
#include "model/manifest.h"

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

static int bench_sizes(Cli *cli, int64_t *sizes)
{
    int i = 0, code = NNRT_OK;
    for (const Json *s = json_list(rt_entry(cli->m, cli->entry), "sizes"); s && !code; s = s->next, i++) {
        sizes[i] = 32;
        code = flags_int(&cli->flags, s->text, 1, INT64_MAX, &sizes[i]);
    }
    return code;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int time_calls(Cli *cli, const int64_t *sizes, void *const *args, int64_t rows)
{
    enum { MOST = 10000 };
    double *seconds = malloc(sizeof(double) * MOST), start = rt_now();
    int n = 0, code = seconds ? NNRT_OK : NNRT_E_MEM;
    for (int warm = 0; warm < 3 && !code; warm++)
        code = rt_call(cli->m, cli->entry, 0, sizes, args);
    for (start = rt_now(); !code && n < MOST && (n < 5 || rt_now() - start < 3);) {
        double t = rt_now();
        code = rt_call(cli->m, cli->entry, 0, sizes, args);
        seconds[n++] = rt_now() - t;
    }
    if (!code) {
        qsort(seconds, (size_t)n, sizeof *seconds, compare);
        if (cli->json)
            printf("{\"entry\":\"%s\",\"calls\":%d,\"median\":%.9g,\"least\":%.9g,\"rows_per_"
                   "second\":%.6g}\n",
                   cli->program->entry[cli->entry]->name, n, seconds[n / 2], seconds[0], (double)rows / seconds[n / 2]);
        else
            printf("%s: %d calls, median %.3f ms, least %.3f ms, %.6g rows per second\n", cli->program->entry[cli->entry]->name, n,
                   1e3 * seconds[n / 2], 1e3 * seconds[0], (double)rows / seconds[n / 2]);
    }
    free(seconds);
    return code;
}

int command_bench(Cli *cli)
{
    const nnrt_entry *e = cli->program->entry[cli->entry];
    int threads = 0;
    int64_t sizes[NNRT_MAX_SIZES] = {0}, rows = json_int(json_get(rt_entry(cli->m, cli->entry), "head"), "batch", 32);
    int code = flags_threads(&cli->flags, &threads);
    if (!code) threads_note(cli->program->name, threads);
    if (!code) code = rt_threads(cli->m, threads);
    if (!code) code = flags_int(&cli->flags, "batch", 1, INT32_MAX, &rows);
    if (code) return code;
    if (e->kind != NNRT_EXPORT_ENTRY) {
        Sample s = {0};
        code = sample_take(cli, cli->entry, rows, &s);
        if (!code) code = time_calls(cli, s.batch->sizes, s.batch->arg, rows);
        sample_drop(&s);
        return code;
    }
    void *pointer[NNRT_MAX_ARGS] = {0};
    code = bench_sizes(cli, sizes);
    if (!code) code = blank_args(cli, cli->entry, sizes, pointer);
    if (!code) code = time_calls(cli, sizes, pointer, e->n_sizes ? sizes[0] : 1);
    for (int i = 0; i < NNRT_MAX_ARGS; i++)
        rt_free(pointer[i]);
    return code;
}
