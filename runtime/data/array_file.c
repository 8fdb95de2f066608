/* SPDX-License-Identifier: MIT
 * array_file.c: files of arrays, in memory or open. */
#include "data/array_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/share.h"
#include "data/stream.h"

static int read_at(const ArrayFile *f, uint64_t from, char *to, size_t n, size_t *got)
{
    for (*got = 0; *got < n;) {
        ssize_t k = pread(f->fd, to + *got, n - *got, (off_t)(from + *got));
        if (k < 0 && errno != EINTR) return rt_fail_system(errno, "%s", f->path);
        if (k == 0) break;
        if (k > 0) *got += (size_t)k;
    }
    return NNRT_OK;
}

int array_file_read(const ArrayFile *f, uint64_t from, void *to, size_t n)
{
    struct stat st;
    size_t got = 0;
    int code = read_at(f, from, to, n, &got);
    if (code) return code;
    if (fstat(f->fd, &st)) return rt_fail_system(errno, "%s", f->path);
    if ((uint64_t)st.st_size != f->size)
        return rt_fail(RT_SYSTEM, "%s was changed during the run: it had %zu bytes and has %lld", f->path, f->size, (long long)st.st_size);
    if (got == n && st.st_mtim.tv_sec == f->changed.tv_sec && st.st_mtim.tv_nsec == f->changed.tv_nsec) return NNRT_OK;
    return rt_fail(RT_SYSTEM, "%s was changed during the run", f->path);
}

static bool is_packed(const ArrayFile *f)
{
    return f->size >= 2 && memcmp(f->text, "\x1f\x8b", 2) == 0;
}

/* Its beginning, if it is a plain file that has no room in memory; else it is not open afterwards. */
static int try_open(const Spec *spec, ArrayFile *f)
{
    struct stat st;
    char path[FILE_PATH];
    int code = file_find(spec->path, path);
    if (code) return code;
    f->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0) return rt_fail_system(errno, "%s", path);
    f->open = true;
    if (fstat(f->fd, &st)) return rt_fail_system(errno, "%s", path);
    f->size = (size_t)st.st_size;
    f->changed = st.st_mtim;
    if (share_take(f->m, f->size)) f->held = f->size;
    size_t head = f->size < FILE_HEAD ? f->size : FILE_HEAD;
    f->path = strdup(path);
    f->text = f->held ? NULL : malloc(head + 1);
    if (!f->path || (!f->text && !f->held)) return rt_no_memory_for(path);
    if (f->text) code = array_file_read(f, 0, f->text, head);
    if (!code && f->text && !is_packed(f)) return NNRT_OK;
    free(f->text);
    f->text = NULL;
    close(f->fd);
    f->open = false;
    return code;
}

int array_file_open(const Spec *spec, const FileHeader *header, ArrayFile *f)
{
    *f = (ArrayFile){.m = spec->m};
    if (spec_is_stream(spec)) return spec_read(spec, spec->path, &f->text, &f->size);
    int code = try_open(spec, f);
    if (code) return code;
    return f->open ? NNRT_OK : file_read_headed(spec->path, header, &f->text, &f->size);
}

int array_file_whole(ArrayFile *f)
{
    char *text = f->open ? rt_room(f->size + 1) : NULL;
    if (!f->open) return NNRT_OK;
    if (!text) return rt_no_memory_for(f->path);
    free(f->text);
    f->text = text;
    int code = array_file_read(f, 0, text, f->size);
    close(f->fd);
    f->open = false;
    return code;
}

void array_file_close(ArrayFile *f)
{
    if (f->open) close(f->fd);
    if (f->held) share_give_back(f->m, f->held);
    free(f->text), free(f->path);
    *f = (ArrayFile){0};
}
