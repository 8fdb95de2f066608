/* SPDX-License-Identifier: MIT
 * folder.c: the files of a folder and its subfolders, labels from their names, and which files of two
 * folders belong together. */
#include "data/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct Folder { /* one that is being read, and those around it */
    const struct Folder *up;
    const char *path;
    dev_t device;
    ino_t inode;
} Folder;

typedef struct Walk {
    const char *glob;
    char **path;
    int n;
} Walk;

static int read_folder(Walk *w, const Folder *folder);

static int add_file(Walk *w, const char *path)
{
    if (!rt_more(&w->path, w->n, sizeof *w->path)) return rt_no_memory();
    w->path[w->n] = strdup(path);
    if (!w->path[w->n]) return rt_no_memory();
    w->n++;
    return NNRT_OK;
}

static int enter(Walk *w, const Folder *up, const char *path, const struct stat *st)
{
    Folder folder = {up, path, st->st_dev, st->st_ino};
    for (const Folder *f = up; f; f = f->up)
        if (f->device == folder.device && f->inode == folder.inode)
            return rt_fail(NNRT_E_IO, "%s leads back to %s, which it lies in", path, f->path);
    return read_folder(w, &folder);
}

/* Patterns apart by `|`. */
static bool matches(const char *glob, const char *name)
{
    char pattern[RT_PATH];
    for (const char *at = glob; *at;) {
        size_t n = strcspn(at, "|");
        if (n < sizeof pattern) {
            snprintf(pattern, sizeof pattern, "%.*s", (int)n, at);
            if (fnmatch(pattern, name, 0) == 0) return true;
        }
        at += n + (at[n] == '|');
    }
    return false;
}

/* A link to nothing counts only if it should be one of the files. */
static int visit(Walk *w, const Folder *folder, const char *name)
{
    char path[RT_PATH];
    struct stat st;
    bool wanted = matches(w->glob, name);
    int code = rt_path(path, "%s/%s", folder->path, name);
    if (code) return code;
    if (stat(path, &st)) {
        if (!wanted && (errno == ENOENT || errno == ELOOP)) return NNRT_OK;
        return rt_fail_system(errno, "%s", path);
    }
    if (S_ISDIR(st.st_mode)) return enter(w, folder, path, &st);
    return wanted ? add_file(w, path) : NNRT_OK;
}

static int read_folder(Walk *w, const Folder *folder)
{
    DIR *dir = opendir(folder->path);
    int code = NNRT_OK;
    if (!dir) return rt_fail_system(errno, "%s", folder->path);
    for (struct dirent *e; !code && (errno = 0, e = readdir(dir));)
        if (e->d_name[0] != '.') code = visit(w, folder, e->d_name);
    if (!code && errno) code = rt_fail_system(errno, "%s", folder->path);
    closedir(dir);
    return code;
}

/* ---- their order */

typedef struct Name { /* without its ending */
    const char *at;
    size_t n;
} Name;

static Name name_of(const char *at)
{
    const char *slash = strrchr(at, '/'), *dot = strrchr(at, '.');
    bool ending = dot && dot > at && (!slash || dot > slash + 1);
    return (Name){at, ending ? (size_t)(dot - at) : strlen(at)};
}

typedef struct Listed {
    char *path;
    size_t n; /* of its name, without what all names have behind */
} Listed;

static int by_name(const void *x, const void *y)
{
    const Listed *a = x, *b = y;
    int order = memcmp(a->path, b->path, a->n < b->n ? a->n : b->n);
    if (order == 0) order = (a->n > b->n) - (a->n < b->n);
    return order ? order : strcmp(a->path, b->path);
}

/* 1_mask.png, 10_mask.png, 2_mask.png: in the order of the pictures 1.png, 10.png, 2.png. */
static int sort_names(char **path, int n)
{
    Listed *file = malloc(sizeof *file * (size_t)n);
    if (!file) return rt_no_memory();
    Name first = name_of(path[0]);
    size_t same = first.n;
    for (int i = 0; i < n; i++) {
        Name name = name_of(path[i]);
        size_t k = 0;
        while (k < same && k < name.n && name.at[name.n - k - 1] == first.at[first.n - k - 1])
            k++;
        file[i] = (Listed){path[i], name.n}, same = k;
    }
    for (int i = 0; i < n; i++)
        file[i].n -= same;
    qsort(file, (size_t)n, sizeof *file, by_name);
    for (int i = 0; i < n; i++)
        path[i] = file[i].path;
    free(file);
    return NNRT_OK;
}

/* Without the slashes at its end. */
static size_t root_length(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    return n;
}

size_t folder_below(const char *path)
{
    return root_length(path) + 1;
}

int folder_list(const char *path, const char *glob, char ***list, int *n)
{
    Walk w = {.glob = glob};
    struct stat st;
    char *root = strndup(path, root_length(path));
    int code = root ? NNRT_OK : rt_no_memory();
    if (!code && stat(root, &st)) code = rt_fail_system(errno, "%s", root);
    if (!code) code = enter(&w, NULL, root, &st);
    if (!code && w.n == 0) code = rt_fail(NNRT_E_IO, "%s: no file matches %s", path, glob);
    if (!code) code = sort_names(w.path, w.n);
    free(root);
    *list = w.path;
    *n = w.n;
    return code;
}

/* ---- labels */

/* What stands at {label} in the pattern, up to the character behind the brace: "{label}_*", or "*.{label}"
 * for what follows the last dot. */
static void label_span(const char *pattern, const char *name, const char **from, const char **to)
{
    const char *brace = strstr(pattern, "{label}"), *end = name + strlen(name);
    size_t before = brace ? (size_t)(brace - pattern) : 0;
    *from = before < strlen(name) ? name + before : name;
    if (pattern[0] == '*' && before > 1) {
        const char *last = strrchr(name, brace[-1]);
        *from = last ? last + 1 : name;
    }
    *to = brace && brace[7] ? strchr(*from, brace[7]) : end;
    if (!*to) *to = end;
}

/* The pattern has * for the label. */
static bool is_named(const char *pattern, const char *name)
{
    char glob[1024];
    const char *brace = strstr(pattern, "{label}");
    int n = brace ? snprintf(glob, sizeof glob, "%.*s*%s", (int)(brace - pattern), pattern, brace + 7) : -1;
    return n >= 0 && n < (int)sizeof glob && fnmatch(glob, name, 0) == 0;
}

/* The first folder below the one that is read, or that one. */
static void folder_span(const char *path, size_t below, const char **from, const char **to)
{
    *from = path + below;
    *to = strchr(*from, '/');
    if (*to) return;
    *from = *to = path + below - 1;
    while (*from > path && (*from)[-1] != '/')
        --*from;
}

int folder_labels(const Spec *spec, char *const *path, int n, bool by_file, Texts *label)
{
    const char *pattern = spec_string(spec, "name", NULL);
    size_t below = folder_below(spec->path);
    bool good = true;
    for (int i = 0; i < n && good; i++) {
        const char *slash = strrchr(path[i], '/'), *from = slash ? slash + 1 : path[i], *to = NULL;
        if (pattern && !is_named(pattern, from))
            return rt_fail(NNRT_E_IO, "%s: the name of the file is not like name=\"%s\", which says where its label stands", path[i],
                           pattern);
        if (pattern) {
            label_span(pattern, from, &from, &to);
        } else if (by_file) {
            to = strrchr(from, '.');
            if (!to || to == from) to = from + strlen(from);
        } else {
            folder_span(path[i], below, &from, &to);
        }
        good = texts_add(label, from, (size_t)(to - from));
    }
    return good ? NNRT_OK : rt_no_memory();
}

/* ---- files that cannot be read */

/* ---- files that belong together */

static Name name_below(const nnrt_source *s, int64_t i)
{
    return name_of(s->file[i] + s->below);
}

/* Where the shorter name stands in the longer one; -1: nowhere. */
static int64_t place_in(Name whole, Name part)
{
    for (size_t i = 0; i + part.n <= whole.n; i++)
        if (memcmp(whole.at + i, part.at, part.n) == 0) return (int64_t)i;
    return -1;
}

typedef struct Affix {
    Name front, behind;
} Affix;

static bool fits(Name whole, Name part, const Affix *a)
{
    return whole.n == a->front.n + part.n + a->behind.n && memcmp(whole.at, a->front.at, a->front.n) == 0 &&
           memcmp(whole.at + a->front.n, part.at, part.n) == 0 && memcmp(whole.at + a->front.n + part.n, a->behind.at, a->behind.n) == 0;
}

int folder_pair(const char *field, const nnrt_source *a, const char *other, const nnrt_source *b)
{
    if (!a->file || !b->file || a->n < 1 || b->n < 1) return NNRT_OK;
    bool longer = name_below(a, 0).n > name_below(b, 0).n;
    const nnrt_source *wholes = longer ? a : b, *parts = longer ? b : a;
    Name first = name_below(wholes, 0), part = name_below(parts, 0);
    int64_t at = place_in(first, part), front = at < 0 ? 0 : at;
    Affix affix = {{first.at, (size_t)front}, {first.at + (size_t)front + part.n, first.n - (size_t)front - part.n}};
    for (int64_t i = 0; i < a->n && i < b->n; i++)
        if (at < 0 || !fits(name_below(wholes, i), name_below(parts, i), &affix))
            return rt_fail(NNRT_E_IO, "example %lld is %s for %s but %s for %s: names must agree", (long long)i, a->file[i], field,
                           b->file[i], other);
    return NNRT_OK;
}
