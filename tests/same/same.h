/* SPDX-License-Identifier: MIT
 * same.h: what the programs of this folder share: files that the command line has written, compared with results of calls. */
#ifndef TESTS_SAME_H
#define TESTS_SAME_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A whole file; *n its bytes. Ends the program if it cannot be read. */
static inline unsigned char *same_read(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    size_t room = 1 << 16;
    unsigned char *text = malloc(room);
    *n = 0;
    while (f && text) {
        size_t k = fread(text + *n, 1, room - *n - 1, f);
        if (k == 0) break;
        *n += k;
        if (*n + 1 == room) text = realloc(text, room *= 2);
    }
    if (!f || !text) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(3);
    }
    fclose(f);
    text[*n] = 0;
    return text;
}

/* The numbers of an NPY file must be these, bit for bit. */
static inline void same_npy(const char *path, const void *data, size_t bytes)
{
    size_t n = 0;
    unsigned char *text = same_read(path, &n);
    size_t header = n > 10 ? 10u + text[8] + 256u * text[9] : n;
    if (n < header || n - header != bytes || memcmp(text + header, data, bytes) != 0) {
        fprintf(stderr, "%s differs from the result of the call (%zu bytes of numbers, %zu expected)\n", path, n - header, bytes);
        exit(1);
    }
    free(text);
}

/* The file must hold this text; a line end behind it does not matter. */
static inline void same_text(const char *path, const char *want)
{
    size_t n = 0;
    char *text = (char *)same_read(path, &n);
    while (n && text[n - 1] == '\n')
        text[--n] = 0;
    if (strcmp(text, want) != 0) {
        fprintf(stderr, "%s holds\n%s\nbut the call gives\n%s\n", path, text, want);
        exit(1);
    }
    free(text);
}

#define SAME_TRY(call, error) ((call) ? (fprintf(stderr, "%s: %s\n", #call, error), exit(1)) : (void)0)

#endif
