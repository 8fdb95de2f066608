/* SPDX-License-Identifier: MIT
 * gzip.h: a file from its beginning on; what gzip packed comes unpacked, one member behind the other (RFC 1952). */
#ifndef NNRT_DATA_GZIP_H
#define NNRT_DATA_GZIP_H

#include <stddef.h>

typedef struct Gzip Gzip;

int gzip_open(const char *path, Gzip **out); /* NULL: standard input; gzip_close *out after an error, too */
int gzip_read(Gzip *g, void *to, size_t n, size_t *got); /* 0 of them: the end */
void gzip_close(Gzip *g);

#endif
