/* SPDX-License-Identifier: MIT
 * store.h: files that are written as a whole or not at all, and every loop around the calls of the
 * system that read and write them: interrupted calls go on, short ones too.
 *
 * A regular file, new or there already, is written under the name TARGET.nnc.tmp beside it, synced,
 * renamed, and its folder synced. A symbolic link stays one: its target is replaced. The temporary
 * is locked while it is written, so that two runs take turns, and what a killed run left of it is
 * the next one's. Pipes, terminals and devices are written as they are. */
#ifndef NNRT_BASE_STORE_H
#define NNRT_BASE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

typedef struct Store {
    const char *name;   /* as the user gave it, for messages */
    const char *reason; /* "cannot write", "cannot save the checkpoint" */
    int fd;             /* -1: nothing to write to */
    bool whole;         /* a temporary will take the target's place */
    int error;          /* errno of the first call that failed */
    char target[RT_PATH], temporary[RT_PATH + 16];
    size_t used;
    char buffer[1 << 14];
} Store;

/* `path` must live until the end. stream: pipes and devices are welcome; else they are refused,
 * like folders. */
int store_begin(Store *s, const char *path, const char *reason, bool stream);
void store_put(Store *s, const void *bytes, size_t n);
/* In place if code and all that was put are right; else the temporary is gone and the target as it
 * was. Returns code or what failed. */
int store_end(Store *s, int code);
/* Removes what a killed run left of a file, but not what another one is writing. */
void store_clean(const char *path);
int store_file(const char *path, const char *reason, const void *bytes, size_t n); /* streams too */
int store_try(Store *s, int code); /* the same up to the rename, which is left out */

/* All n bytes, or errno. */
int store_write(int fd, const void *bytes, size_t n);
int store_read_at(int fd, void *to, size_t n, uint64_t at); /* -1: the file ends early */
int store_open(const char *path, int flags); /* mode 0666; closes itself in children; -1: errno */
/* A file as text with a 0 behind; free() it. stream: pipes and devices are read to their end; else they are ESPIPE. */
int store_text(const char *path, bool stream, char **text, size_t *n);

#endif
