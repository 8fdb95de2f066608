/* SPDX-License-Identifier: MIT
 * store.c: whole files (store.h). */
#include "base/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- calls of the system, until they are done */

int store_open(const char *path, int flags)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

int store_write(int fd, const void *bytes, size_t n)
{
    for (const char *p = bytes; n > 0;) {
        ssize_t wrote = write(fd, p, n > 1 << 30 ? 1 << 30 : n);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return wrote < 0 ? errno : EIO;
        p += wrote, n -= (size_t)wrote;
    }
    return 0;
}

int store_read_at(int fd, void *to, size_t n, uint64_t at)
{
    for (char *p = to; n > 0;) {
        ssize_t got = pread(fd, p, n > 1 << 30 ? 1 << 30 : n, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got < 0 ? errno : -1;
        p += got, n -= (size_t)got, at += (uint64_t)got;
    }
    return 0;
}

/* Some file systems cannot sync, or not folders: there is nothing more to do then. */
static int sync_fd(int fd)
{
    int bad;
    do
        bad = fsync(fd);
    while (bad && errno == EINTR);
    return bad && errno != EINVAL && errno != EROFS && errno != ENOTSUP ? errno : 0;
}

static int rename_file(const char *from, const char *to)
{
    int bad;
    do
        bad = rename(from, to);
    while (bad && errno == EINTR);
    return bad ? errno : 0;
}

/* The descriptor is gone even where close was interrupted; a file system may tell of a lost write
 * here. */
static int close_fd(int fd)
{
    return close(fd) && errno != EINTR ? errno : 0;
}

/* The folder of a path, as text. */
static void folder_of(const char *path, char out[RT_PATH])
{
    const char *slash = strrchr(path, '/');
    size_t n = !slash ? 1 : slash == path ? 1 : (size_t)(slash - path);
    snprintf(out, RT_PATH, "%.*s", (int)n, slash ? path : ".");
}

/* A folder that may be written but not read cannot be synced. */
static int sync_folder(const char *path)
{
    char folder[RT_PATH];
    folder_of(path, folder);
    int fd = store_open(folder, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return errno == EACCES ? 0 : errno;
    int bad = sync_fd(fd);
    close_fd(fd);
    return bad;
}

/* To the end, with room for one byte more. */
static int read_rest(int fd, char **text, size_t *n)
{
    enum { FIRST = 1 << 14 };
    for (size_t room = 0;;) {
        if (room - *n < 2) {
            char *bigger = realloc(*text, room = room ? 2 * room : FIRST);
            if (!bigger) return ENOMEM;
            *text = bigger;
        }
        ssize_t got = read(fd, *text + *n, room - *n - 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got < 0 ? errno : 0;
        *n += (size_t)got;
    }
}

int store_text(const char *path, bool stream, char **text, size_t *n)
{
    struct stat st;
    int fd = store_open(path, O_RDONLY | (stream ? 0 : O_NONBLOCK)), bad = fd < 0 ? errno : 0;
    *text = NULL, *n = 0;
    if (!bad && fstat(fd, &st)) bad = errno;
    if (!bad && S_ISDIR(st.st_mode)) bad = EISDIR;
    if (!bad && !stream && !S_ISREG(st.st_mode)) bad = ESPIPE;
    if (!bad) bad = read_rest(fd, text, n);
    if (fd >= 0) close_fd(fd);
    if (bad)
        free(*text), *text = NULL;
    else
        (*text)[*n] = 0;
    return bad;
}

/* ---- where a path leads */

/* "/dev/stdout", "/dev/fd/3": opening them again would begin the file anew. */
static int named_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0) return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0) return STDERR_FILENO;
    for (int i = 0; i < 2; i++) {
        size_t n = strlen(folders[i]);
        char *end = NULL;
        if (strncmp(path, folders[i], n) || path[n] < '0' || path[n] > '9') continue;
        long fd = strtol(path + n, &end, 10);
        if (!*end && fd < 1 << 20) return (int)fd;
    }
    return -1;
}

/* The file that symbolic links lead to; it need not be there. */
static int follow(const char *path, char target[RT_PATH])
{
    if (snprintf(target, RT_PATH, "%s", path) >= RT_PATH) return ENAMETOOLONG;
    for (int links = 0; links < 40; links++) {
        char to[RT_PATH], folder[RT_PATH];
        ssize_t n = readlink(target, to, sizeof to - 1);
        if (n < 0) return errno == EINVAL || errno == ENOENT ? 0 : errno;
        to[n] = 0;
        folder_of(target, folder);
        int length =
            to[0] == '/' || !strchr(target, '/') ? snprintf(target, RT_PATH, "%s", to) : snprintf(target, RT_PATH, "%s/%s", folder, to);
        if (length >= RT_PATH) return ENAMETOOLONG;
    }
    return ELOOP;
}

/* ---- writing */

#define TEMPORARY "%s.nnc.tmp"

/* Opens the temporary and locks it. A lock that another run held may have been on a file that is in
 * its place by now: then the name is opened again. */
static int open_temporary(Store *s)
{
    for (;;) {
        struct stat mine, there;
        s->fd = store_open(s->temporary, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK);
        if (s->fd < 0) return errno;
        int bad;
        do
            bad = flock(s->fd, LOCK_EX);
        while (bad && errno == EINTR); /* a file system without locks: no turns */
        if (fstat(s->fd, &mine)) return errno;
        if (!S_ISREG(mine.st_mode)) return EEXIST;
        if (stat(s->temporary, &there) == 0 && there.st_ino == mine.st_ino && there.st_dev == mine.st_dev) break;
        close_fd(s->fd);
        s->fd = -1;
    }
    int bad;
    do
        bad = ftruncate(s->fd, 0);
    while (bad && errno == EINTR);
    return bad ? errno : 0;
}

static int begin_whole(Store *s, const struct stat *old)
{
    s->error = follow(s->name, s->target);
    if (s->error) return s->error;
    snprintf(s->temporary, sizeof s->temporary, TEMPORARY, s->target);
    s->error = open_temporary(s);
    s->whole = s->fd >= 0 && s->error != EEXIST; /* a temporary that is ours goes also after an error */
    if (!s->error && old && fchmod(s->fd, old->st_mode & 07777)) s->error = errno;
    return s->error;
}

/* A file that runs is not written to by the system, but could be replaced. */
static bool is_this_program(const struct stat *st)
{
    struct stat own;
    return stat("/proc/self/exe", &own) == 0 && own.st_dev == st->st_dev && own.st_ino == st->st_ino;
}

int store_begin(Store *s, const char *path, const char *reason, bool stream)
{
    struct stat st;
    s->name = path, s->reason = reason;
    s->fd = -1, s->error = 0, s->used = 0, s->whole = false;
    int named = named_descriptor(path);
    bool there = named >= 0 ? fstat(named, &st) == 0 : stat(path, &st) == 0;
    size_t n = strlen(path);
    if ((there && S_ISDIR(st.st_mode)) || (n && path[n - 1] == '/')) {
        s->error = EISDIR;
        return store_end(s, NNRT_OK);
    }
    if (there && !stream && (named >= 0 || !S_ISREG(st.st_mode)))
        return rt_fail(RT_SYSTEM,
                       "%s is no file but a device or a pipe; what is written there must be a file "
                       "that can be replaced as a whole",
                       path);
    if (there && is_this_program(&st)) return rt_fail(RT_SYSTEM, "the file %s is this program itself: write to another one", path);
    if (named >= 0)
        s->fd = fcntl(named, F_DUPFD_CLOEXEC, 3), s->error = s->fd < 0 ? errno : 0;
    else if (there && !S_ISREG(st.st_mode))
        s->fd = store_open(path, O_WRONLY | O_NOCTTY), s->error = s->fd < 0 ? errno : 0;
    else
        begin_whole(s, there ? &st : NULL);
    return s->error ? store_end(s, NNRT_OK) : NNRT_OK;
}

static void flush(Store *s)
{
    if (!s->error) s->error = store_write(s->fd, s->buffer, s->used);
    s->used = 0;
}

void store_put(Store *s, const void *bytes, size_t n)
{
    if (s->used + n > sizeof s->buffer) flush(s);
    if (n > sizeof s->buffer) {
        if (!s->error) s->error = store_write(s->fd, bytes, n);
        return;
    }
    if (n) memcpy(s->buffer + s->used, bytes, n);
    s->used += n;
}

static int finish(Store *s, int code, bool keep)
{
    if (!code) {
        flush(s);
        if (!s->error && s->whole) s->error = sync_fd(s->fd);
    }
    /* The lock goes with the descriptor: the name must be gone before. */
    if (s->whole && s->fd >= 0) {
        if (!code && !s->error && keep) s->error = rename_file(s->temporary, s->target);
        if (code || s->error || !keep) unlink(s->temporary);
        if (!code && !s->error && keep) s->error = sync_folder(s->target);
    }
    int bad = s->fd >= 0 ? close_fd(s->fd) : 0;
    if (!s->error) s->error = bad;
    s->fd = -1;
    return code || !s->error ? code : rt_fail_system(s->error, "%s: %s", s->name, s->reason);
}

int store_end(Store *s, int code)
{
    return finish(s, code, true);
}

void store_clean(const char *path)
{
    char target[RT_PATH], temporary[RT_PATH + 16];
    if (follow(path, target)) return;
    snprintf(temporary, sizeof temporary, TEMPORARY, target);
    int fd = store_open(temporary, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) unlink(temporary);
    close_fd(fd);
}

int store_file(const char *path, const char *reason, const void *bytes, size_t n)
{
    Store s;
    int code = store_begin(&s, path, reason, true);
    if (code) return code;
    store_put(&s, bytes, n);
    return store_end(&s, NNRT_OK);
}

int store_try(Store *s, int code)
{
    return finish(s, code, false);
}
