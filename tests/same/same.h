/* SPDX-License-Identifier: MIT
 * same.h: what the C programs of this folder share: files that the command line has written,
 * compared with results of calls. A difference ends the program with status 1. */
#ifndef TESTS_SAME_H
#define TESTS_SAME_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAME_FAIL(...) (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(1))
#define SAME_TRY(call, error) ((call) ? SAME_FAIL("%s: %s", #call, error) : (void)0)

/* Memory as core calls need it, filled with a pattern that no result has. */
static inline void *same_room(size_t bytes)
{
    void *at = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);
    if (!at) SAME_FAIL("no memory");
    return memset(at, 0xA5, (bytes + 63) / 64 * 64 + 64);
}

/* A whole file and a 0 behind it; *n its bytes. */
static inline char *same_read(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END)) SAME_FAIL("%s cannot be read", path);
    long size = ftell(f);
    char *text = same_room((size_t)size + 1);
    rewind(f);
    *n = fread(text, 1, (size_t)size, f);
    text[*n] = 0;
    fclose(f);
    return text;
}

static inline void same_bytes(const char *what, const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < bytes; i++)
        if (x[i] != y[i]) SAME_FAIL("%s differ at byte %zu of %zu", what, i, bytes);
}

/* The numbers of an NPY file, which must be so many bytes. */
static inline void *same_npy(const char *path, size_t bytes)
{
    size_t n = 0;
    unsigned char *text = (unsigned char *)same_read(path, &n);
    size_t header = n > 10 ? 10u + text[8] + 256u * text[9] : n;
    if (n < header || n - header != bytes) SAME_FAIL("%s has %zu bytes of numbers, %zu expected", path, n - header, bytes);
    memmove(text, text + header, bytes);
    return text;
}

static inline void same_files(const char *a, const char *b)
{
    size_t n = 0, m = 0;
    char *x = same_read(a, &n), *y = same_read(b, &m);
    if (n != m) SAME_FAIL("%s has %zu bytes, %s %zu", a, n, b, m);
    same_bytes(a, x, y, n);
    free(x), free(y);
}

/* A report against the line that --json shows: every number behind "examples", in order. */
static inline void same_report(const char *path, const void *report, size_t bytes)
{
    size_t n = 0, i = 0, count = bytes / sizeof(double) - 1; /* the last one counts the examples */
    char *text = same_read(path, &n), *at = strstr(text, "\"examples\":");
    if (!at) SAME_FAIL("%s: no report", path);
    for (at = strchr(at, ',') ? strchr(at, ',') : text + n; *at;) {
        if (*at == '"') {
            at = strchr(at + 1, '"') + 1;
        } else if (strchr("-0123456789", *at)) {
            char *end = NULL;
            double shown = strtod(at, &end), value = 0;
            if (i < count) memcpy(&value, (const char *)report + i * sizeof value, sizeof value);
            if (i == count || memcmp(&shown, &value, sizeof value) != 0)
                SAME_FAIL("%s: number %zu is %.17g on the command line, %.17g in C", path, i, shown, value);
            at = end, i++;
        } else {
            at++;
        }
    }
    if (i != count) SAME_FAIL("%s: %zu numbers, the struct has %zu", path, i, count);
    free(text);
}

/* The file must hold this text; a line end behind it does not matter. */
static inline void same_text(const char *path, const char *want)
{
    size_t n = 0;
    char *text = same_read(path, &n);
    while (n && text[n - 1] == '\n')
        text[--n] = 0;
    if (strcmp(text, want) != 0) SAME_FAIL("%s holds\n%s\nbut the call gives\n%s", path, text, want);
    free(text);
}

/* The calls of one model from several threads at once. */
static inline void same_in_threads(void *(*calls)(void *), void *m)
{
    pthread_t thread[3];
    for (int i = 0; i < 3; i++)
        if (pthread_create(&thread[i], NULL, calls, m)) SAME_FAIL("no thread");
    for (int i = 0; i < 3; i++)
        pthread_join(thread[i], NULL);
}

#endif
