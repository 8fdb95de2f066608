/* SPDX-License-Identifier: MIT
 * object.h: what the C programs of this folder share. Each one trains for a few steps with the object of
 * an example, evaluates and calls its exports through both layers, and leaves what came out in files;
 * run_object.sh compares them with those of the command line. */
#ifndef OBJECT_H
#define OBJECT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRY(call, why) \
    do { \
        int code_ = (call); \
        if (code_) { \
            fprintf(stderr, "%s: %d: %s\n", #call, code_, why); \
            exit(1); \
        } \
    } while (0)

/* The numbers of an NPY file; its header is looked at for its length only. */
static inline void *npy_data(const char *path, size_t bytes)
{
    unsigned char head[10];
    void *out = malloc(bytes);
    FILE *f = fopen(path, "rb");
    if (!out || !f || fread(head, 1, 10, f) != 10 || fseek(f, 10 + head[8] + 256 * head[9], SEEK_SET) || fread(out, 1, bytes, f) != bytes) {
        fprintf(stderr, "%s: not as expected\n", path);
        exit(1);
    }
    fclose(f);
    return out;
}

static inline void put(const char *path, const void *data, size_t bytes)
{
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(data, 1, bytes, f) != bytes || fclose(f)) {
        fprintf(stderr, "%s: cannot be written\n", path);
        exit(1);
    }
}

static inline void *aligned(size_t bytes)
{
    void *at = aligned_alloc(64, (bytes + 63) / 64 * 64 + 64);
    if (!at) exit(1);
    return at;
}

static inline void same(const char *what, const void *a, const void *b, size_t bytes)
{
    if (memcmp(a, b, bytes) == 0) return;
    fprintf(stderr, "%s: core and convenience layer differ\n", what);
    exit(1);
}
#endif
