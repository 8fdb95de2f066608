/* SPDX-License-Identifier: MIT
 * bench.c: throughput of an entry. */
#include <stdlib.h>

#include "base/clock.h"
#include "command/command.h"
#include "command/sample.h"
#include "model/call.h"

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
    int threads = 0;
    Trial t = {0};
    int code = flags_threads(&cli->flags, &threads);
    if (!code) threads_note(cli->program->name, threads);
    if (!code) code = rt_threads(cli->m, threads);
    if (!code) code = trial_open(cli, &t);
    if (!code) code = time_calls(cli, t.sizes, t.args, t.rows);
    trial_close(&t);
    return code;
}
