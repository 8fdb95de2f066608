/* SPDX-License-Identifier: MIT
 * calls.c: a library to preload that stands between a program and the calls of the system that open,
 * read and write files. By its environment it
 *   CALLS_LOG=FILE           writes down `write PATH`, `fsync PATH`, `rename FROM TO`
 *   CALLS_INTERRUPT=1        fails every other call with EINTR, as a signal would, and cuts the rest
 *                            (not those of data/, which zlib makes)
 *   CALLS_FAIL=NAME:TEXT     fails the call NAME with EIO on paths that contain TEXT */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *path_of(int fd, char out[4096])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long n = syscall(SYS_readlinkat, AT_FDCWD, link, out, 4095);
    out[n < 0 ? 0 : n] = 0;
    return out;
}

static void note(const char *call, const char *a, const char *b)
{
    char line[9000];
    const char *log = getenv("CALLS_LOG");
    if (!log) return;
    int n = snprintf(line, sizeof line, "%s %s%s%s\n", call, a, *b ? " " : "", b);
    long fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (fd >= 0) syscall(SYS_write, fd, line, (size_t)n);
    if (fd >= 0) syscall(SYS_close, fd);
}

/* Must this call fail? Sets errno then. */
static int fails(const char *call, const char *path, unsigned *n)
{
    const char *wanted = getenv("CALLS_FAIL");
    size_t length = strlen(call);
    if (wanted && strncmp(wanted, call, length) == 0 && wanted[length] == ':' && strstr(path, wanted + length + 1)) {
        errno = EIO;
        return 1;
    }
    if (getenv("CALLS_INTERRUPT") && !strstr(path, "data/") && ++*n % 2) {
        errno = EINTR;
        return 1;
    }
    return 0;
}

static size_t cut(size_t n)
{
    return getenv("CALLS_INTERRUPT") && n > 1 ? n / 2 : n;
}

int open(const char *path, int flags, ...)
{
    static unsigned n;
    va_list args;
    va_start(args, flags);
    unsigned mode = flags & O_CREAT ? va_arg(args, unsigned) : 0;
    va_end(args);
    if (fails("open", path, &n)) return -1;
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    static unsigned n;
    char path[4096];
    if (fails("write", path_of(fd, path), &n)) return -1;
    note("write", path, "");
    return syscall(SYS_write, fd, bytes, cut(size));
}

ssize_t read(int fd, void *to, size_t size)
{
    static unsigned n;
    char path[4096];
    if (fails("read", path_of(fd, path), &n)) return -1;
    return syscall(SYS_read, fd, to, cut(size));
}

ssize_t pread(int fd, void *to, size_t size, off_t at)
{
    static unsigned n;
    char path[4096];
    if (fails("pread", path_of(fd, path), &n)) return -1;
    return syscall(SYS_pread64, fd, to, cut(size), at);
}

int ftruncate(int fd, off_t size)
{
    static unsigned n;
    char path[4096];
    if (fails("ftruncate", path_of(fd, path), &n)) return -1;
    note("write", path, "");
    return (int)syscall(SYS_ftruncate, fd, size);
}

int flock(int fd, int operation)
{
    static unsigned n;
    char path[4096];
    if (fails("flock", path_of(fd, path), &n)) return -1;
    return (int)syscall(SYS_flock, fd, operation);
}

int fsync(int fd)
{
    static unsigned n;
    char path[4096];
    if (fails("fsync", path_of(fd, path), &n)) return -1;
    note("fsync", path, "");
    return (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
    static unsigned n;
    if (fails("rename", to, &n)) return -1;
    note("rename", from, to);
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
