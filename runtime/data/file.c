/* SPDX-License-Identifier: MIT
 * file.c: whole files in memory; gzip through zlib. */
#include "data/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/base.h"

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

static int stream_error(gzFile f, const char *path)
{
    int why = Z_OK, number = errno;
    gzerror(f, &why);
    if (why == Z_MEM_ERROR) return rt_no_memory_for(path);
    if (why == Z_ERRNO) return rt_fail_system(number, "%s", path);
    return rt_fail(NNRT_E_IO, "%s: the compressed data is damaged", path);
}

/* To the end of the stream, or of what its header promises and one byte more. */
static int fill(gzFile f, const char *path, const FileHeader *header, Buffer *b)
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
        int got = gzread(f, b->at + b->used, (unsigned)(want > 1 << 30 ? 1 << 30 : want));
        if (got < 0) return stream_error(f, path);
        b->used += (size_t)got;
        ended = got == 0;
    }
}

static int open_stream(const char *path, gzFile *f, size_t *size)
{
    struct stat st;
    if (stat(path, &st)) return rt_fail_system(errno, "%s", path);
    if (S_ISDIR(st.st_mode)) return rt_fail(NNRT_E_IO, "%s is a folder; a file is wanted", path);
    *size = S_ISREG(st.st_mode) ? (size_t)st.st_size + 1 : FILE_HEAD;
    errno = 0;
    *f = gzopen(path, "rb"); /* also reads plain files */
    if (!*f && errno) return rt_fail_system(errno, "%s", path);
    if (!*f) return rt_no_memory_for(path);
    gzbuffer(*f, 1 << 18);
    return NNRT_OK;
}

static int read_all(const char *path, const FileHeader *header, char **text, size_t *n)
{
    gzFile f = NULL;
    Buffer b = {0};
    int code = open_stream(path, &f, &b.room);
    if (code) return code;
    b.at = malloc(b.room + 1);
    code = b.at ? fill(f, path, header, &b) : rt_no_memory_for(path);
    if (gzclose(f) == Z_BUF_ERROR && !code) /* an error of close itself loses nothing that was read */
        code = rt_fail(NNRT_E_IO, "%s: the compressed data is damaged: it ends too early", path);
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
