/* SPDX-License-Identifier: MIT
 * file.h: files in memory. */
#ifndef NNRT_DATA_FILE_H
#define NNRT_DATA_FILE_H

#include <stddef.h>

enum { FILE_PATH = 4096 + 8 };
int file_find(const char *path, char found[FILE_PATH]); /* the file, or with .gz behind; no folder */
/* A whole file in memory (plain or packed by gzip; `name` also finds `name.gz`; pipes are read
 * to their end). *text ends in an extra 0. */
int file_read(const char *path, char **text, size_t *n);
/* The same where the first bytes tell how long the file should be: no more than one byte behind that is
 * unpacked, so that small files do not become large ones that nobody wants. `length` is asked once,
 * with at least FILE_HEAD bytes or all there are; its errors are the result. */
enum { FILE_HEAD = 1 << 17 };
typedef struct FileHeader {
    int (*length)(const void *context, const char *path, const char *text, size_t n, size_t *whole);
    const void *context;
} FileHeader;
int file_read_headed(const char *path, const FileHeader *header, char **text, size_t *n);
/* A file of which only a part may be wanted, or that says itself how large it is: plain it may be as long as it is; unpacked more than
 * FILE_PACKED bytes are an error. */
enum { FILE_PACKED = 256000000 };
int file_read_within(const char *path, char **text, size_t *n);
int file_read_input(const FileHeader *header, char **text, size_t *n); /* of standard input */

#endif
