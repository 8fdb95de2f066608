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

/* How much is read at first: a plain file whole. */
static int first_room(const char *path, size_t *room)
{
    struct stat st;
    if (stat(path, &st)) return rt_fail_system(errno, "%s", path);
    if (S_ISDIR(st.st_mode)) return rt_fail(NNRT_E_IO, "%s is a folder; a file is wanted", path);
    *room = S_ISREG(st.st_mode) ? (size_t)st.st_size + 1 : FILE_HEAD;
    return NNRT_OK;
}

static int read_all(const char *path, const FileHeader *header, char **text, size_t *n)
{
    Gzip *g = NULL;
    Buffer b = {0};
    int code = first_room(path, &b.room);
    if (!code) code = gzip_open(path, &g);
    if (!code && !(b.at = malloc(b.room + 1))) code = rt_no_memory_for(path);
    if (!code) code = fill(g, path, header, &b);
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

int file_read_headed(const char *path, const FileHeader *header, char **text, size_t *n)
{
    struct stat st;
    char packed[4200];
    snprintf(packed, sizeof packed, "%s.gz", path);
    if (stat(path, &st) && errno == ENOENT && stat(packed, &st) == 0) return read_all(packed, header, text, n);
    return read_all(path, header, text, n);
}

int file_read(const char *path, char **text, size_t *n)
{
    return file_read_headed(path, NULL, text, n);
}
