/* SPDX-License-Identifier: MIT
 * dry.c: --dry-run: one update of a run and one batch of its validation, saved and loaded again in a folder that is
 * removed, and what memory that took. */
#include "command/dry.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limit.h"
#include "model/weights.h"
#include "model/weights_load.h"
#include "run/fit.h"

static void put_bytes(const char *what, uint64_t n, const char *behind)
{
    char text[LIMIT_TEXT];
    printf("%s%s%s", what, limit_text(text, n), behind);
}

static void tell(const Cli *cli, uint64_t checkpoint)
{
    const nnrt *m = cli->m;
    const nnrt_entry *e = cli->program->entry[cli->entry];
    struct rusage use = {0};
    getrusage(RUSAGE_SELF, &use);
    uint64_t process = (uint64_t)use.ru_maxrss * 1024, steps = (uint64_t)m->progress.steps;
    if (cli->json) {
        printf("{\"event\":\"dry_run\",\"entry\":\"%s\",\"steps\":%llu,\"checkpoint_bytes\":%llu,\"model_bytes\":%llu,"
               "\"training_bytes\":%llu,\"work_bytes\":%zu,\"process_bytes\":%llu}\n",
               e->name, (unsigned long long)steps, (unsigned long long)checkpoint, (unsigned long long)cli->program->model_bytes,
               (unsigned long long)e->train_bytes, m->work_bytes, (unsigned long long)process);
        return;
    }
    printf("dry run: an update of %llu was made, saved", (unsigned long long)steps);
    put_bytes(" (", checkpoint, ") and loaded again; nothing of it is kept\n");
    put_bytes("memory: model ", cli->program->model_bytes, "");
    put_bytes(", training ", e->train_bytes, "");
    put_bytes(", work ", m->work_bytes, "");
    put_bytes("; the whole process ", process, "\n");
}

static int try_all(Cli *cli, Settings *s, const char *wanted)
{
    nnrt *m = cli->m;
    struct stat st;
    int code = run_fit(m, cli->entry, s, cli->readers, NULL);
    if (code) return code;
    if (stat(s->save, &st)) return rt_fail(RT_USAGE, "the run is at its end: nothing is left to be tried");
    code = weights_load(m, s->save, false, cli->entry);
    Progress at = m->progress;
    if (!code && *wanted) code = weights_try(m, wanted, cli->entry, &at);
    if (!code) tell(cli, (uint64_t)st.st_size);
    return code;
}

int dry_run(Cli *cli, Settings *s)
{
    char folder[RT_PATH], best[RT_PATH], wanted[RT_PATH];
    const char *place = getenv("TMPDIR");
    snprintf(wanted, sizeof wanted, "%s", s->save);
    int code = rt_path(folder, "%s/nnc-dry-XXXXXX", place && *place ? place : "/tmp");
    if (!code && !mkdtemp(folder)) code = rt_fail_system(errno, "%s: cannot make this folder", folder);
    if (code) return code;
    code = rt_path(s->save, "%s/dry.safetensors", folder);
    if (!code) code = rt_path(best, "%s/dry.best.safetensors", folder);
    s->dry = s->save_given = true;
    s->log[0] = s->tfevents[0] = 0;
    s->keep = s->keep_best = 0;
    if (!code) code = try_all(cli, s, wanted);
    unlink(s->save);
    unlink(best);
    rmdir(folder);
    return code;
}
