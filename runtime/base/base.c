/* SPDX-License-Identifier: MIT
 * base.c: the error text of a thread, and memory. */
#include "base/base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/plain.h"

static _Thread_local char error_text[4096];

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Also where a file could not be opened or read because memory was short. */
static bool says_no_memory(void)
{
    return ends_in(error_text, json_no_memory) || ends_in(error_text, strerror(ENOMEM));
}

int rt_fail(int code, const char *format, ...)
{
    char raw[sizeof error_text]; /* names, cells and paths are from outside */
    va_list args;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    rt_plain(error_text, sizeof error_text, raw);
    return code && says_no_memory() ? NNRT_E_MEM : code;
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

void *rt_alloc(size_t bytes)
{
    void *at = NULL;
    if (bytes > SIZE_MAX / 2 || posix_memalign(&at, NNRT_ALIGN, bytes ? bytes : NNRT_ALIGN)) {
        rt_fail(NNRT_E_MEM, "out of memory (%zu bytes)", bytes);
        return NULL;
    }
    memset(at, 0, bytes ? bytes : NNRT_ALIGN);
    return at;
}

void rt_free(void *at)
{
    free(at);
}

void *rt_grow(void *at, size_t old_bytes, size_t new_bytes)
{
    void *bigger = rt_alloc(new_bytes);
    if (!bigger) return NULL;
    if (old_bytes) memcpy(bigger, at, old_bytes);
    free(at);
    return bigger;
}

int rt_no_memory(void)
{
    return rt_fail(NNRT_E_MEM, "out of memory");
}

void rt_free_texts(char **list, long long n)
{
    for (long long i = 0; list && i < n; i++)
        free(list[i]);
    free(list);
}
