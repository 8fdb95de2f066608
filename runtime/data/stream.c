/* SPDX-License-Identifier: MIT
 * stream.c: files that can be read once only: pipes, standard input. What they gave is kept with the
 * model, since each field that names the file reads it, and each command that uses the data. */
#include "data/stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "data/file.h"

static bool is_stream(const char *path, struct stat *st)
{
    return stat(path, st) == 0 && !S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode);
}

bool spec_is_stream(const Spec *spec)
{
    struct stat st;
    return is_stream(spec->path, &st);
}

static int keep(nnrt *m, const struct stat *st, const char *path, const Stream **out)
{
    for (const Stream *s = m->streams; s; s = s->next)
        if (s->device == (uint64_t)st->st_dev && s->inode == (uint64_t)st->st_ino) return *out = s, NNRT_OK;
    Stream *s = rt_alloc(sizeof *s);
    if (!s) return NNRT_E_MEM;
    *s = (Stream){.next = m->streams, .device = (uint64_t)st->st_dev, .inode = (uint64_t)st->st_ino};
    int code = file_read(path, &s->text, &s->n);
    if (code)
        rt_free(s);
    else
        *out = m->streams = s;
    return code;
}

int spec_read(const Spec *spec, const char *path, char **text, size_t *n)
{
    struct stat st;
    const Stream *s = NULL;
    if (!is_stream(path, &st)) return file_read(path, text, n);
    int code = keep(spec->m, &st, path, &s);
    if (code) return code;
    *text = malloc(s->n + 1);
    if (!*text) return rt_no_memory_for(path);
    memcpy(*text, s->text, s->n + 1);
    *n = s->n;
    return NNRT_OK;
}

int spec_stream(const Spec *spec, const char **text, size_t *n)
{
    struct stat st;
    const Stream *s = NULL;
    int code = is_stream(spec->path, &st) ? keep(spec->m, &st, spec->path, &s) : rt_fail(NNRT_E_IO, "%s is no pipe any more", spec->path);
    if (!code) *text = s->text, *n = s->n;
    return code;
}
