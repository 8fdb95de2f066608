/* SPDX-License-Identifier: MIT
 * file.c: whole files in memory; gzip through zlib, with a cap on what a small file may become. */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "reader.h"

enum { MOST_RATIO = 1100 }; /* deflate cannot pack better than about 1032 : 1 */

static int read_all(const char *path, char **text, size_t *n)
{
    struct stat st;
    if (stat(path, &st)) return rt_fail(NNRT_E_IO, "%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode)) return rt_fail(NNRT_E_IO, "%s is a folder; a file is wanted", path);
    gzFile f = gzopen(path, "rb"); /* also reads plain files */
    if (!f) return rt_fail(NNRT_E_IO, "%s: %s", path, strerror(errno));
    gzbuffer(f, 1 << 18);
    size_t size = (size_t)st.st_size + 1, used = 0;
    char *out = malloc(size + 1);
    int got = 0;
    while (out && (got = gzread(f, out + used,
                                (unsigned)(size - used > 1 << 30 ? 1 << 30 : size - used))) > 0) {
        used += (size_t)got;
        if (used < size) continue;
        if (used > (size_t)st.st_size * MOST_RATIO + (1 << 20)) break;
        size *= 2;
        char *bigger = realloc(out, size + 1);
        if (!bigger) {
            free(out);
            out = NULL;
        } else {
            out = bigger;
        }
    }
    int code = gzclose(f);
    if (!out) return rt_fail(NNRT_E_MEM, "%s: out of memory", path);
    if (got < 0 || (code != Z_OK && code != Z_BUF_ERROR) || code == Z_BUF_ERROR) {
        free(out);
        return rt_fail(NNRT_E_IO, "%s: the compressed data is damaged", path);
    }
    out[used] = 0;
    *text = out;
    *n = used;
    return NNRT_OK;
}

int file_read(const char *path, char **text, size_t *n)
{
    struct stat st;
    char packed[4200];
    snprintf(packed, sizeof packed, "%s.gz", path);
    if (stat(path, &st) && errno == ENOENT && stat(packed, &st) == 0)
        return read_all(packed, text, n);
    return read_all(path, text, n);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int walk(const char *path, const char *glob, bool deep, char ***list, int *n)
{
    DIR *dir = opendir(path);
    if (!dir) return rt_fail(NNRT_E_IO, "%s: %s", path, strerror(errno));
    for (struct dirent *e; (e = readdir(dir));) {
        char full[4096];
        struct stat st;
        if (e->d_name[0] == '.') continue;
        if (snprintf(full, sizeof full, "%s/%s", path, e->d_name) >= (int)sizeof full ||
            stat(full, &st))
            continue;
        if (S_ISDIR(st.st_mode)) {
            if (deep && walk(full, glob, false, list, n)) break;
            continue;
        }
        if (fnmatch(glob, e->d_name, 0)) continue;
        if ((*n & (*n - 1)) == 0) {
            char **bigger = realloc(*list, sizeof(char *) * (size_t)(*n ? 2 * *n : 1));
            if (!bigger) break;
            *list = bigger;
        }
        (*list)[*n] = strdup(full);
        if ((*list)[*n]) ++*n;
    }
    closedir(dir);
    return NNRT_OK;
}

int folder_list(const char *path, const char *glob, bool deep, char ***list, int *n)
{
    *list = NULL;
    *n = 0;
    int code = walk(path, glob, deep, list, n);
    if (!code && *n == 0) code = rt_fail(NNRT_E_IO, "%s: no file matches %s", path, glob);
    if (!code) qsort(*list, (size_t)*n, sizeof(char *), by_name);
    return code;
}

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

int folder_labels(const Spec *spec, char *const *path, int n, bool by_file, char ***label,
                  size_t **length)
{
    const char *pattern = spec_string(spec, "name", NULL);
    *label = calloc((size_t)n + 1, sizeof **label);
    *length = calloc((size_t)n + 1, sizeof **length);
    bool good = *label && *length;
    for (int i = 0; i < n && good; i++) {
        const char *slash = strrchr(path[i], '/'), *from = slash ? slash + 1 : path[i], *to = NULL;
        if (pattern) {
            label_span(pattern, from, &from, &to);
        } else if (by_file) {
            to = strrchr(from, '.');
            if (!to || to == from) to = from + strlen(from);
        } else {
            to = slash ? slash : path[i];
            for (from = to; from > path[i] && from[-1] != '/';)
                from--;
        }
        good = ((*label)[i] = strndup(from, (size_t)(to - from))) != NULL;
        if (good) (*length)[i] = strlen((*label)[i]);
    }
    if (good) return NNRT_OK;
    for (int i = 0; *label && i < n; i++)
        free((*label)[i]);
    free(*label), free(*length);
    *label = NULL, *length = NULL;
    return rt_fail(NNRT_E_MEM, "out of memory");
}
