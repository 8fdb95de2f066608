/* SPDX-License-Identifier: MIT
 * uri.c: files and their addresses. */
#include "lsp/uri.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/str.h"

const char *uri_of_path(Arena *arena, const char *path)
{
    char folder[PATH_MAX], whole[PATH_MAX];
    if (realpath(path, whole))
        path = arena_copy(arena, whole, strlen(whole));
    else if (path[0] != '/' && getcwd(folder, sizeof folder))
        path = arena_print(arena, "%s/%s", folder, path);
    Text uri = {.arena = arena};
    text_add(&uri, "file://");
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        text_add(&uri, isalnum(c) || strchr("-._~/", c) ? "%c" : "%%%02X", c); /* NOLINT(clang-diagnostic-format-nonliteral) */
    }
    return text_c(&uri);
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

const char *uri_path(Arena *arena, const char *uri)
{
    if (strncmp(uri, "file://", 7) != 0) return NULL;
    uri += 7;
    if (strncmp(uri, "localhost/", 10) == 0) uri += 9;
    if (*uri != '/') return NULL;
    Text path = {.arena = arena};
    for (; *uri; uri++) {
        int high = *uri == '%' ? digit(uri[1]) : -1, low = high >= 0 ? digit(uri[2]) : -1;
        char c = low >= 0 ? (char)(high * 16 + low) : *uri;
        if (!c) return NULL;
        text_bytes(&path, &c, 1);
        if (low >= 0) uri += 2;
    }
    return text_c(&path);
}
