/* SPDX-License-Identifier: MIT
 * gather.c: the files that a report is made of. */
#include "report/gather.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/budget.h"
#include "support/input.h"

/* -1: none of these. */
static int kind_of(const Tree *t)
{
    if (tree_get(t, "settings") && tree_get(t, "options")) return GATHERED_RUN;
    if (strcmp(tree_text(t, "event", ""), "eval") == 0 && tree_get(t, "part")) return GATHERED_EVALUATION;
    if (tree_get(t, "layers") && tree_get(t, "memory")) return GATHERED_SUMMARY;
    return tree_get(t, "kernels") && tree_get(t, "peak") ? GATHERED_PROFILE : -1;
}

static const char *not_known(Gathered *all, const char *path, const char *why)
{
    return arena_print(all->curves.arena,
                       "%s: this is no log, no evaluation, summary or profile (--json), and not what a run was made with (.run.json)%s%s",
                       path, why ? ": " : "", why ? why : "");
}

/* chosen: by name; what else lies in a folder is passed over. */
static const char *add_text(Gathered *all, const char *path, const Text *text, bool chosen)
{
    const char *wrong = NULL;
    const Tree *t = *text->at == '{' ? tree_read(all->curves.arena, text->at, text->n, &wrong) : NULL;
    int kind = t ? kind_of(t) : -1;
    if (kind >= 0)
        vec_add(all->curves.arena, &all->of[kind], (Found){path, t});
    else if (curves_is_log(text->at))
        return curves_add(&all->curves, path, text->at, text->n);
    else if (chosen)
        return not_known(all, path, wrong);
    return NULL;
}

static const char *add_file(Gathered *all, const char *path, bool chosen, int *status)
{
    Text text = {.arena = all->curves.arena};
    const char *wrong = input_read(&text, path);
    *status = wrong ? 3 : 1;
    if (wrong) return wrong;
    text_c(&text);
    return add_text(all, path, &text, chosen);
}

/* ---- folders */

typedef VEC(const char *) Names;

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *ending(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot : "";
}

/* Are JSON lines of the same log there? */
static bool is_twin(const Names *names, const char *name)
{
    size_t n = (size_t)(ending(name) - name);
    for (uint32_t i = 0; strcmp(ending(name), ".csv") == 0 && i < names->n; i++)
        if (strncmp(names->at[i], name, n) == 0 && strcmp(names->at[i] + n, ".jsonl") == 0) return true;
    return false;
}

static bool may_be_one(const char *name)
{
    return strcmp(ending(name), ".json") == 0 || strcmp(ending(name), ".jsonl") == 0 || strcmp(ending(name), ".csv") == 0;
}

/* False: errno says why. */
static bool list_folder(Arena *arena, const char *path, Names *names)
{
    DIR *folder = opendir(path);
    struct dirent *e = NULL;
    while (folder && (errno = 0, e = readdir(folder)))
        if (may_be_one(e->d_name)) vec_add(arena, names, arena_copy(arena, e->d_name, strlen(e->d_name)));
    int error = errno;
    if (folder) closedir(folder);
    if (error == ENOMEM) budget_no_memory();
    errno = error;
    return error == 0;
}

/* In a folder it is passed over. */
static bool is_pipe(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

static const char *add_folder(Gathered *all, const char *path, int *status)
{
    Arena *arena = all->curves.arena;
    Names names = {0};
    const char *wrong = NULL;
    if (!list_folder(arena, path, &names)) return *status = 3, arena_print(arena, "%s: cannot read this folder: %s", path, strerror(errno));
    if (names.n) qsort(names.at, names.n, sizeof *names.at, compare);
    for (uint32_t i = 0; i < names.n && !wrong; i++) {
        const char *file = arena_print(arena, "%s/%s", path, names.at[i]);
        if (!is_twin(&names, names.at[i]) && !is_pipe(file)) wrong = add_file(all, file, false, status);
    }
    return wrong;
}

const char *gather_add(Gathered *all, const char *path, int *status)
{
    struct stat st;
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    return folder ? add_folder(all, path, status) : add_file(all, path, true, status);
}
