/* SPDX-License-Identifier: MIT
 * fail.c: preloaded into a program: its k-th allocation fails (tests/inject/inject.c).
 *
 * INJECT_PAGE names a file of two numbers: how many allocations have been made, and the one that is to fail (0: none). Children of the
 * program are left alone. The close of no file tells a tracer that the program is loaded and its own system calls begin. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "inject.h"

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t m);
void *__libc_realloc(void *at, size_t n);
void *__libc_memalign(size_t align, size_t n);

static Page *page;

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("INJECT_PAGE");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *at = file < 0 ? MAP_FAILED : (void *)syscall(SYS_mmap, NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file >= 0) close(file);
    unsetenv("LD_PRELOAD");
    syscall(SYS_close, LOADED);
    if (at != MAP_FAILED) page = at;
}

static int fails(void)
{
    return page && __atomic_add_fetch(&page->calls, 1, __ATOMIC_RELAXED) == page->fails_at;
}

static void *no_memory(void)
{
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t n)
{
    return fails() ? no_memory() : __libc_malloc(n);
}

void *calloc(size_t n, size_t m)
{
    return fails() ? no_memory() : __libc_calloc(n, m);
}

void *realloc(void *at, size_t n)
{
    return fails() ? no_memory() : __libc_realloc(at, n);
}

void *aligned_alloc(size_t align, size_t n)
{
    return fails() ? no_memory() : __libc_memalign(align, n);
}

void *memalign(size_t align, size_t n)
{
    return aligned_alloc(align, n);
}

int posix_memalign(void **at, size_t align, size_t n)
{
    void *got = fails() ? NULL : __libc_memalign(align, n);
    if (!got) return ENOMEM;
    *at = got;
    return 0;
}

void *mmap(void *at, size_t n, int protection, int flags, int file, off_t offset)
{
    if (fails()) return no_memory(), MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, n, protection, flags, file, offset);
}

void *mmap64(void *at, size_t n, int protection, int flags, int file, off_t offset)
{
    return mmap(at, n, protection, flags, file, offset);
}
