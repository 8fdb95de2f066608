/* SPDX-License-Identifier: MIT
 * checkpoint.c: the checkpoints of a run. */
#include "run/checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/weights.h"
#include "model/weights_load.h"
#include "run/tell.h"

/* An update may overflow, and no later loss tell of it. */
static int check_weights(const Run *r)
{
    const nnrt_program *p = r->m->program;
    const nnrt_statement *s = r->e->statement;
    for (int i = 0; i < p->n_tensors; i++) {
        const nnrt_tensor_info *t = &p->tensor[i];
        const void *at = (const char *)r->m->model + t->offset;
        if (t->is_state || r->e->n_statements == 0 || s->finite[0](at, t->padded)) continue;
        return rt_fail(NNRT_E_NUMERIC, "%s, step %lld: %s is not finite; nothing was saved", r->name, (long long)r->area->step, t->name);
    }
    return NNRT_OK;
}

const Progress *run_place(Run *r)
{
    r->at.step = r->area->step;
    r->at.seed = (uint64_t)r->s->seed;
    r->at.entry = r->entry;
    r->at.steps = r->total;
    r->at.run = r->begun;
    return &r->at;
}

int run_save_to(Run *r, const char *path)
{
    int code = check_weights(r);
    if (!code) code = weights_save(r->m, path, r->entry, run_place(r));
    if (!code) tell_checkpoint(r, path);
    return code;
}

int run_save_best(Run *r)
{
    return r->s->save[0] ? run_save_to(r, r->best) : NNRT_OK;
}

/* ---- those that stay, by their steps: STEM.step-120.safetensors */

static const char kept_end[] = ".safetensors", kept_kind[] = "step";

int kept_path(const Run *r, const char *kind, int64_t step, char path[RT_PATH])
{
    return rt_path(path, "%.*s.%s-%lld%s", (int)run_stem(r->s->save), r->s->save, kind, (long long)step, kept_end);
}

int kept_steps(const Run *r, const char *kind, int64_t most, int64_t **steps)
{
    char folder[RT_PATH], name[RT_PATH];
    const char *slash = strrchr(r->s->save, '/'), *base = slash ? slash + 1 : r->s->save;
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - r->s->save) + 1 : 1, slash ? r->s->save : ".");
    size_t n = (size_t)snprintf(name, sizeof name, "%.*s.%s-", (int)run_stem(base), base, kind);
    int count = 0;
    bool room = true;
    DIR *all = opendir(folder);
    int error = all ? 0 : errno;
    while (room && all) {
        char *end = NULL;
        errno = 0;
        struct dirent *e = readdir(all);
        if (!e) error = errno;
        if (!e) break;
        int64_t step = strncmp(e->d_name, name, n) == 0 ? strtoll(e->d_name + n, &end, 10) : -1;
        if (step < 0 || strcmp(end, kept_end) || step > most) continue;
        room = rt_more(steps, count, sizeof **steps);
        if (room) (*steps)[count++] = step;
    }
    if (all) closedir(all);
    if (!room || error) rt_free(*steps), *steps = NULL;
    return !room ? -rt_no_memory() : error ? -rt_fail_system(error, "%s: cannot list this folder", folder) : count;
}

int kept_remove(const Run *r, const char *kind, int64_t step)
{
    char path[RT_PATH];
    int code = kept_path(r, kind, step, path);
    if (code || unlink(path) == 0 || errno == ENOENT) return code;
    return rt_fail_system(errno, "%s: cannot remove this checkpoint", path);
}

static int compare(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static int keep_step(Run *r)
{
    char path[RT_PATH];
    int64_t *steps = NULL;
    int code = kept_path(r, kept_kind, r->at.step, path);
    if (!code) code = run_save_to(r, path);
    int n = code ? 0 : kept_steps(r, kept_kind, r->at.step, &steps);
    if (n > 0) qsort(steps, (size_t)n, sizeof *steps, compare);
    if (n < 0) code = -n;
    for (int i = 0; i < n - r->s->keep && !code; i++)
        code = kept_remove(r, kept_kind, steps[i]);
    rt_free(steps);
    return code;
}

static void note_saved(Run *r)
{
    r->saved_step = r->at.step, r->saved_epoch = tell_epoch(r), r->saved_at = rt_now();
}

int run_save(Run *r)
{
    if (!r->s->save[0]) return NNRT_OK;
    r->at.step = r->area->step;
    int code = r->s->keep > 0 ? keep_step(r) : NNRT_OK; /* first: a run that is killed here makes it again */
    if (!code) code = run_save_to(r, r->s->save);
    if (!code) note_saved(r);
    return code;
}

int run_apart(Run *r, int (*save)(Run *r))
{
    int status = 1;
    fflush(NULL);
    pid_t writer = fork();
    if (writer == 0) {
        setsid();
        int code = save(r);
        fflush(NULL);
        _exit(code != NNRT_OK);
    }
    while (writer > 0 && waitpid(writer, &status, 0) < 0 && errno == EINTR) {
    }
    return status ? save(r) : NNRT_OK;
}

int run_save_apart(Run *r)
{
    if (!r->s->save[0] || !r->m->exchange) return run_save(r);
    r->at.step = r->area->step;
    int code = run_apart(r, run_save);
    if (!code) note_saved(r);
    return code;
}

int run_try_saving(Run *r)
{
    if (!r->s->save[0]) return NNRT_OK;
    int code = check_weights(r);
    return code ? code : weights_try(r->m, r->s->save, r->entry, run_place(r));
}

size_t run_stem(const char *path)
{
    static const char end[] = ".safetensors";
    size_t n = strlen(path), k = sizeof end - 1;
    return n > k && strcmp(path + n - k, end) == 0 ? n - k : n;
}

void run_best_path(Run *r)
{
    snprintf(r->best, sizeof r->best, "%.*s.best.safetensors", (int)run_stem(r->s->save), r->s->save);
}

int run_keep_best(Run *r)
{
    if (!(r->s->patience > 0 && r->at.stale >= r->s->patience) || !r->at.has_best || !r->s->save[0]) return NNRT_OK;
    int code = weights_load(r->m, r->best, false, r->entry);
    if (code) return code;
    r->at = r->m->progress;
    r->area->step = r->at.step;
    return run_save(r);
}
