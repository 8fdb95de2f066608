/* SPDX-License-Identifier: MIT
 * documents.c: the texts that are open in the editor. */
#include "lsp/documents.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lsp/uri.h"

enum { MOST_OPEN = 1000, MOST_TEXT = 32 << 20, MOST_TEXTS = 128 << 20 };

Document *documents_find(const Documents *all, const char *uri)
{
    for (uint32_t i = 0; i < all->open.n; i++)
        if (strcmp(all->open.at[i]->uri, uri) == 0) return all->open.at[i];
    return NULL;
}

Document *documents_at(const Documents *all, const char *path)
{
    char whole[PATH_MAX];
    const char *real = realpath(path, whole) ? whole : path;
    for (uint32_t i = 0; i < all->open.n; i++)
        if (strcmp(all->open.at[i]->file->name, real) == 0) return all->open.at[i];
    return NULL;
}

/* Where imports are looked for: a text that is no file yet stands in the current folder. */
static const char *path_of(Arena *arena, const char *uri)
{
    char whole[PATH_MAX];
    const char *path = uri_path(arena, uri);
    if (!path) return "untitled.nn";
    return realpath(path, whole) ? arena_copy(arena, whole, strlen(whole)) : path;
}

static size_t bytes_of(const Documents *all)
{
    size_t n = 0;
    for (uint32_t i = 0; i < all->open.n; i++)
        n += all->open.at[i]->file->n;
    return n;
}

static void set_text(Document *d, const char *uri, const char *text, size_t n)
{
    Document fresh = {.version = d->version};
    fresh.uri = arena_copy(&fresh.arena, uri, strlen(uri));
    for (uint32_t i = 0; i < d->told.n; i++)
        vec_add(&fresh.arena, &fresh.told, arena_copy(&fresh.arena, d->told.at[i], strlen(d->told.at[i])));
    char *copy = arena_alloc(&fresh.arena, n + 2); /* two bytes of 0 behind it */
    memcpy(copy, text, n);
    arena_free(&d->arena);
    *d = fresh;
    d->sources.arena = &d->arena;
    d->file = source_get(&d->sources, source_add(&d->sources, path_of(&d->arena, d->uri), copy, n, false));
}

bool documents_set(Documents *all, const char *uri, json_int_t version, const char *text, size_t n)
{
    Document *d = documents_find(all, uri);
    if (n > MOST_TEXT || bytes_of(all) + n > MOST_TEXTS || (!d && all->open.n == MOST_OPEN)) return false;
    if (!d) {
        d = ARENA_NEW(&all->arena, Document);
        vec_add(&all->arena, &all->open, d);
    }
    set_text(d, uri, text, n);
    d->version = version;
    d->changed = true;
    return true;
}

void documents_close(Documents *all, const char *uri)
{
    for (uint32_t i = 0; i < all->open.n; i++) {
        if (strcmp(all->open.at[i]->uri, uri) != 0) continue;
        arena_free(&all->open.at[i]->arena);
        all->open.at[i] = all->open.at[--all->open.n];
        return;
    }
}

void documents_touch(Documents *all, const Document *changed)
{
    const char *slash = changed ? strrchr(changed->file->name, '/') : NULL, *name = slash ? slash + 1 : NULL;
    for (uint32_t i = 0; i < all->open.n; i++)
        if (all->open.at[i] != changed && (!name || strstr(all->open.at[i]->file->text, name))) all->open.at[i]->changed = true;
}
