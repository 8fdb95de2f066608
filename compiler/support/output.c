/* SPDX-License-Identifier: MIT
 * output.c: temporary names, their list, and writing. */
#include "support/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temporary.h"

enum { MOST_BASE = 200 };

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* What a link points to is replaced, not the link. */
static const char *place_of(Arena *arena, const char *path)
{
    static char place[TEMPORARY_PATH];
    struct stat st;
    if (lstat(path, &st) || !S_ISLNK(st.st_mode) || !realpath(path, place)) return path;
    return arena_copy(arena, place, strlen(place));
}

const char *output_temporary(Arena *arena, const char *path, const char *end)
{
    path = place_of(arena, path); /* a link may lead to another file system */
    const char *base = base_of(path);
    const char *name =
        arena_print(arena, "%.*s%.*s.%ld.%u.tmp%s", (int)(base - path), path, MOST_BASE, base, (long)getpid(), temporary_count(), end);
    temporary_add(name);
    return name;
}

const char *output_folder(Arena *arena, const char *path)
{
    const char *name = output_temporary(arena, path, "");
    return mkdir(name, 0777) ? NULL : name;
}

const char *output_inside(Arena *arena, const char *folder, const char *name)
{
    const char *path = arena_print(arena, "%s/%s", folder, name);
    temporary_add(path);
    return path;
}

void output_remove(const char *temporary)
{
    if (unlink(temporary)) rmdir(temporary);
}

/* ---- what killed processes left ---- */

/* The process in "BASE.PROCESS.NUMBER.tmp...", or 0. */
static long process_of(const char *name, const char *base)
{
    size_t n = strlen(base);
    char *end = NULL;
    if (n > MOST_BASE) n = MOST_BASE;
    if (strncmp(name, base, n) || name[n] != '.') return 0;
    long process = strtol(name + n + 1, &end, 10);
    if (process <= 0 || *end != '.') return 0;
    strtol(end + 1, &end, 10);
    return strncmp(end, ".tmp", 4) ? 0 : process;
}

static void sweep(Arena *arena, const char *path)
{
    DIR *dir = unlink(path) ? opendir(path) : NULL;
    if (!dir) return;
    for (struct dirent *e; (e = readdir(dir));)
        unlink(arena_print(arena, "%s/%s", path, e->d_name));
    closedir(dir);
    rmdir(path);
}

void output_sweep(Arena *arena, const char *path)
{
    path = place_of(arena, path);
    const char *base = base_of(path);
    const char *folder = base == path ? "." : arena_copy(arena, path, (size_t)(base - path));
    DIR *dir = opendir(folder);
    if (!dir) return;
    for (struct dirent *e; (e = readdir(dir));) {
        long process = process_of(e->d_name, base);
        if (process && kill((pid_t)process, 0) && errno == ESRCH) sweep(arena, arena_print(arena, "%s/%s", folder, e->d_name));
    }
    closedir(dir);
}

/* ---- writing ---- */

/* The descriptor that /dev/stdout, /dev/fd/1 and the like name, be it of a file, or -1. */
static int descriptor_of(const char *path)
{
    static const char *const names[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    for (int i = 0; i < 3; i++)
        if (strcmp(path, names[i]) == 0) return i;
    char *end = NULL;
    size_t n = strncmp(path, "/dev/fd/", 8) == 0 ? 8 : strncmp(path, "/proc/self/fd/", 14) == 0 ? 14 : 0;
    long number = n ? strtol(path + n, &end, 10) : -1;
    return n && end > path + n && !*end && number <= INT_MAX ? (int)number : -1;
}

bool output_is_special(const char *path)
{
    struct stat st;
    return descriptor_of(path) >= 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

static const char *cannot_write(Arena *arena, const char *path, int error)
{
    return arena_print(arena, "%s: cannot write: %s", path, strerror(error));
}

static int open_file(const char *path, int flags)
{
    int file = descriptor_of(path), error;
    if (file >= 0) return fcntl(file, F_DUPFD_CLOEXEC, 3); /* it goes on where it is */
    temporary_open_begin();
    do
        file = open(path, flags | O_CLOEXEC, 0666);
    while (file < 0 && errno == EINTR);
    error = errno;
    temporary_open_end();
    errno = error;
    return file;
}

/* 0, or errno. */
static int fill(const char *path, int flags, const void *bytes, size_t n, bool keep)
{
    int file = open_file(path, flags), error = 0;
    if (file < 0) return errno;
    for (size_t done = 0; done < n && !error;) {
        ssize_t wrote = write(file, (const char *)bytes + done, n - done);
        if (wrote >= 0)
            done += (size_t)wrote;
        else if (errno != EINTR)
            error = errno;
    }
    while (!error && keep && fsync(file))
        if (errno != EINTR) error = errno;
    if (close(file) && !error && errno != EINTR) error = errno;
    return error;
}

const char *output_bytes(Arena *arena, const char *temporary, const void *bytes, size_t n)
{
    int error = fill(temporary, O_WRONLY | O_CREAT | O_TRUNC, bytes, n, false);
    if (!error) return NULL;
    unlink(temporary);
    return cannot_write(arena, temporary, error);
}

const char *output_commit(Arena *arena, const char *temporary, const char *path)
{
    if (rename(temporary, place_of(arena, path)) == 0) return NULL;
    int error = errno;
    unlink(temporary);
    return cannot_write(arena, path, error);
}

/* What is replaced keeps its permissions. */
static void keep_mode(const char *temporary, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0 && chmod(temporary, st.st_mode & 0777)) return;
}

const char *output_write(Arena *arena, const char *path, const void *bytes, size_t n, bool keep)
{
    int error;
    if (output_is_special(path)) {
        error = fill(path, O_WRONLY, bytes, n, false);
        return error ? cannot_write(arena, path, error) : NULL;
    }
    const char *place = place_of(arena, path), *temporary = output_temporary(arena, place, "");
    error = fill(temporary, O_WRONLY | O_CREAT | O_TRUNC, bytes, n, keep);
    if (error) {
        unlink(temporary);
        return cannot_write(arena, path, error);
    }
    keep_mode(temporary, place);
    return output_commit(arena, temporary, place);
}

/* ---- is it possible? ---- */

const char *output_refused(Arena *arena, const char *path, bool regular)
{
    struct stat st;
    const char *base = base_of(path);
    if (!*path) return "the name is empty";
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return "this is a folder; a file is wanted";
    if (!*base) return "there is no such folder";
    if (regular && output_is_special(path)) return "this is a device or a pipe; a file is wanted";
    if (output_is_special(path)) return NULL;
    if (strlen(base) > 255 || strlen(path) >= TEMPORARY_PATH - 64) return "the name is too long";
    const char *place = place_of(arena, path), *last = base_of(place);
    const char *folder = last == place ? "." : arena_copy(arena, place, (size_t)(last - place));
    return access(folder, W_OK | X_OK) ? strerror(errno) : NULL;
}

bool output_disk_full(const char *path)
{
    enum { ROOM = 4 << 20 };
    int file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC), error = 0;
    if (file < 0) return errno == ENOSPC || errno == EDQUOT;
    error = posix_fallocate(file, 0, ROOM);
    close(file);
    unlink(path);
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

bool output_same(const char *a, const char *b)
{
    struct stat x, y;
    if (strcmp(a, b) == 0) return true;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}
