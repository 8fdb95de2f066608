/* SPDX-License-Identifier: MIT
 * file.c: whole files in memory. */
#include "data/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/base.h"
#include "data/gzip.h"

typedef struct Buffer {
    char *at;
    size_t used, room; /* and one byte behind */
} Buffer;

static int grow(Buffer *b, const char *path, size_t most)
{
    size_t room = b->room < FILE_HEAD ? FILE_HEAD : 2 * b->room;
    if (room > most) room = most;
    char *bigger = room < b->room || room == SIZE_MAX ? NULL : realloc(b->at, room + 1);
    if (!bigger) return rt_no_memory_for(path);
    b->at = bigger;
    b->room = room;
    return NNRT_OK;
}

/* To the end of the stream, or of what its header promises and one byte more. */
static int fill(Gzip *g, const char *path, const FileHeader *header, Buffer *b)
{
    size_t most = SIZE_MAX;
    for (bool ended = false;;) {
        if (header && (ended || b->used >= FILE_HEAD)) {
            int code = header->length(header->context, path, b->at, b->used, &most);
            if (code) return code;
            header = NULL;
            most++;
        }
        if (ended || b->used >= most) return NNRT_OK;
        int code = b->used < b->room ? NNRT_OK : grow(b, path, most);
        if (code) return code;
        size_t want = (b->room < most ? b->room : most) - b->used;
        if (header && want > FILE_HEAD - b->used) want = FILE_HEAD - b->used;
        size_t got = 0;
        code = gzip_read(g, b->at + b->used, want, &got);
        if (code) return code;
        b->used += got;
        ended = got == 0;
    }
}

int file_find(const char *path, char found[FILE_PATH])
{
    struct stat st;
    snprintf(found, FILE_PATH, "%s.gz", path);
    if (stat(path, &st) == 0 || errno != ENOENT || stat(found, &st)) snprintf(found, FILE_PATH, "%s", path);
    if (stat(found, &st)) return rt_fail_system(errno, "%s", found);
    return S_ISDIR(st.st_mode) ? rt_fail(RT_SYSTEM, "%s is a folder; a file is wanted", found) : NNRT_OK;
}

/* How much is read at first: a plain file whole. */
static size_t first_room(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (size_t)st.st_size + 1 : FILE_HEAD;
}

/* path NULL: standard input. */
static int read_whole(const char *path, size_t room, const FileHeader *header, char **text, size_t *n)
{
    const char *name = path ? path : "standard input";
    Gzip *g = NULL;
    Buffer b = {.room = room};
    int code = gzip_open(path, &g);
    if (!code && !(b.at = rt_room(b.room + 1))) code = rt_no_memory_for(name);
    if (!code) code = fill(g, name, header, &b);
    gzip_close(g);
    if (code) {
        free(b.at);
        return code;
    }
    b.at[b.used] = 0;
    char *fitting = realloc(b.at, b.used + 1);
    *text = fitting ? fitting : b.at;
    *n = b.used;
    return NNRT_OK;
}

int file_read_headed(const char *name, const FileHeader *header, char **text, size_t *n)
{
    char path[FILE_PATH];
    int code = file_find(name, path);
    return code ? code : read_whole(path, first_room(path), header, text, n);
}

int file_read_input(const FileHeader *header, char **text, size_t *n)
{
    return read_whole(NULL, FILE_HEAD, header, text, n);
}

int file_read(const char *path, char **text, size_t *n)
{
    return file_read_headed(path, NULL, text, n);
}

/* Of a FileHeader: what a plain file has, or what a packed one may have. */
static int length_within(const void *context, const char *path, const char *text, size_t n, size_t *whole)
{
    (void)context, (void)text, (void)n;
    struct stat st;
    *whole = FILE_PACKED;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size > *whole) *whole = (size_t)st.st_size;
    return NNRT_OK;
}

int file_read_within(const char *path, char **text, size_t *n)
{
    size_t most = 0;
    int code = file_read_headed(path, &(FileHeader){length_within, NULL}, text, n);
    if (!code) code = length_within(NULL, path, NULL, 0, &most);
    if (code || *n <= most) return code;
    free(*text);
    *text = NULL;
    return rt_fail(NNRT_E_IO, "%s has more than %d MB, unpacked; unpack it first (gunzip)", path, FILE_PACKED / 1000000);
}
