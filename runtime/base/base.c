/* SPDX-License-Identifier: MIT
 * base.c: the error text of a thread, and memory. */
#include "base/base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/plain.h"

static _Thread_local char error_text[4096];

static void set_text(size_t most, const char *format, va_list args)
{
    char raw[sizeof error_text]; /* names, cells and paths are from outside */
    vsnprintf(raw, sizeof raw, format, args);
    rt_plain(error_text, most, raw);
}

int rt_fail(int code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_text(sizeof error_text, format, args);
    va_end(args);
    return code;
}

int rt_fail_system(int error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_text(sizeof error_text - 200, format, args); /* the reason has its place */
    va_end(args);
    rt_append(error_text, sizeof error_text, ": %s", strerror(error));
    return error == ENOMEM ? NNRT_E_MEM : RT_SYSTEM;
}

int rt_public(int code)
{
    return code == RT_SYSTEM ? NNRT_E_IO : code == RT_USAGE ? NNRT_E_RANGE : code;
}

int rt_path(char out[RT_PATH], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(out, RT_PATH, format, args);
    va_end(args);
    return n < RT_PATH ? NNRT_OK : rt_fail_system(ENAMETOOLONG, "%.60s...", out);
}

void rt_append(char *text, size_t room, const char *format, ...)
{
    size_t n = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + n, room - n, format, args);
    va_end(args);
}

void rt_error_prefix(const char *format, ...)
{
    char old[sizeof error_text], before[512];
    memcpy(old, error_text, sizeof old);
    va_list args;
    va_start(args, format);
    vsnprintf(before, sizeof before, format, args);
    va_end(args);
    rt_fail(NNRT_OK, "%s%s", before, old);
}

const char *nnrt_error_text(void)
{
    return error_text;
}

/* Large blocks lie in large pages where the system has them: a step goes through all of its memory, processors foresee what is read
 * within a page, and a row of data that is copied is mostly in a page that was not in use just before. */
void *rt_room(size_t bytes)
{
    static const size_t large = (size_t)2 << 20;
    void *at = NULL;
    if (bytes > SIZE_MAX / 2 || posix_memalign(&at, bytes < large ? NNRT_ALIGN : large, bytes ? bytes : NNRT_ALIGN)) {
        rt_fail(NNRT_E_MEM, "out of memory (%zu bytes)", bytes);
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    if (bytes >= large) madvise(at, bytes / large * large, MADV_HUGEPAGE);
#endif
    return at;
}

void *rt_alloc(size_t bytes)
{
    void *at = rt_room(bytes);
    if (at) memset(at, 0, bytes ? bytes : NNRT_ALIGN);
    return at;
}

void rt_free(void *at)
{
    free(at);
}

int rt_no_memory(void)
{
    return rt_fail(NNRT_E_MEM, "out of memory");
}

int rt_no_memory_for(const char *path)
{
    return rt_fail(NNRT_E_MEM, "%s: out of memory", path);
}

int rt_block_of(void **at, size_t *bytes, size_t need)
{
    if (need <= *bytes) return NNRT_OK;
    rt_free(*at);
    *at = rt_alloc(need);
    *bytes = *at ? need : 0;
    return *at ? NNRT_OK : NNRT_E_MEM;
}

bool rt_more(void *list, int64_t n, size_t each)
{
    enum { FIRST = 64 };
    size_t bytes, room = n ? 2 * (size_t)n : FIRST;
    void *at;
    if (n && (n < FIRST || (n & (n - 1)))) return true; /* room grows at powers of two */
    memcpy(&at, list, sizeof at);
    at = __builtin_mul_overflow(room, each, &bytes) ? NULL : realloc(at, bytes);
    if (at) memcpy(list, &at, sizeof at);
    return at != NULL;
}

void rt_free_texts(char **list, long long n)
{
    for (long long i = 0; list && i < n; i++)
        free(list[i]);
    free(list);
}
