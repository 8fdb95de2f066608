/* SPDX-License-Identifier: MIT
 * library.c: the library's files as files that an editor can open. */
#include "lsp/library.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lsp/uri.h"
#include "support/output.h"
#include "support/str.h"

static const char *folder(Arena *arena)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && cache[0] == '/') return arena_print(arena, "%s/nnc", cache);
    return home && home[0] == '/' ? arena_print(arena, "%s/.cache/nnc", home) : NULL;
}

/* All folders above the last part of the path. */
static bool make_folders(Arena *arena, const char *path)
{
    char *part = arena_copy(arena, path, strlen(path));
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(part, 0755) && errno != EEXIST) return false;
        *slash = '/';
    }
    return true;
}

const char *library_uri(Arena *arena, const SourceFile *file)
{
    const char *top = folder(arena);
    if (!top) return NULL;
    struct stat st;
    const char *path = arena_print(arena, "%s/%016llx/%s", top, (unsigned long long)str_hash(file->text, file->n), file->name);
    bool there = stat(path, &st) == 0 && (size_t)st.st_size == file->n;
    if (!there && (!make_folders(arena, path) || output_write(arena, path, file->text, file->n, false) || chmod(path, 0444))) return NULL;
    return uri_of_path(arena, path);
}

bool library_holds(Arena *arena, const char *path)
{
    const char *top = folder(arena);
    size_t n = top ? strlen(top) : 0;
    return top && strncmp(path, top, n) == 0 && path[n] == '/';
}
