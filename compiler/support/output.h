/* SPDX-License-Identifier: MIT
 * output.h: the files that the compiler makes.
 *
 * Whatever is made has a temporary name first, FILE.PROCESS.NUMBER.tmp, and gets its own when it is whole: a file is as it was or as
 * it should be. Temporary names are removed at the end of the process (temporary.h); those of processes that were killed go when the
 * same file is made again. */
#ifndef NNC_SUPPORT_OUTPUT_H
#define NNC_SUPPORT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "support/arena.h"

/* A temporary name for `path`; `end` is put behind it (".o"). */
const char *output_temporary(Arena *arena, const char *path, const char *end);
/* These give NULL, or what is wrong: "FILE: cannot write: ...". commit: the temporary file becomes `path`, or what `path` links to.
 * write: a whole file; a device gets the bytes as they are. keep: what is replaced is precious, so that it is synced. */
const char *output_commit(Arena *arena, const char *temporary, const char *path);
const char *output_write(Arena *arena, const char *path, const void *bytes, size_t n, bool keep);
const char *output_bytes(Arena *arena, const char *temporary, const void *bytes, size_t n); /* fills a temporary file */
/* A temporary folder beside `path`, and the name of a file in it: for names that get into what is made, which is the same each time. */
const char *output_folder(Arena *arena, const char *path);
const char *output_inside(Arena *arena, const char *folder, const char *name);
void output_remove(const char *temporary); /* a file, or an empty folder */
void output_sweep(Arena *arena, const char *path); /* what killed processes left beside `path` */
/* A device, a pipe, or a descriptor such as /dev/stdout: there is nothing to replace. */
bool output_is_special(const char *path);
/* Why nothing can be written to `path`: NULL, or a text without the path. regular: a device is refused too. */
const char *output_refused(Arena *arena, const char *path, bool regular);
bool output_disk_full(const char *path); /* is there no room for a program beside `path`? */
bool output_same(const char *a, const char *b); /* two names of one file? */

#endif
