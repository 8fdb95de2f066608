/* SPDX-License-Identifier: MIT
 * fail.c: preloaded into a program: its k-th allocation fails (tests/inject/inject.c).
 *
 * INJECT_PAGE names a file that holds a Page: how many allocations have been made, and which are to fail. Children of the program are
 * left alone. The close of no file tells a tracer that the program is loaded and its own system calls begin. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
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

/* The copy: what it does from here on is seen by nobody. */
static int in_copy(void)
{
    int out = open(page->out, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0666);
    if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || chdir(page->folder)) _exit(99);
    close(out), close(TOLD), close(GO);
    alarm(60);
    page = NULL;
    return 1;
}

static int divides(uint64_t k)
{
    static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
    int result = 0, status = 0;
    char byte = 0;
    pthread_mutex_lock(&turn);
    pid_t copy = page->forks_at && k >= page->forks_at ? fork() : -1;
    if (copy == 0) {
        result = in_copy();
    } else if (copy > 0) {
        while (waitpid(copy, &status, 0) < 0 && errno == EINTR) {
        }
        page->at = k, page->status = status;
        if (write(TOLD, &byte, 1) != 1 || read(GO, &byte, 1) != 1) _exit(98);
    }
    pthread_mutex_unlock(&turn);
    return result;
}

static int fails(void)
{
    if (!page) return 0;
    uint64_t k = __atomic_add_fetch(&page->calls, 1, __ATOMIC_RELAXED);
    return k == page->fails_at || (page->forks_at && divides(k));
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
