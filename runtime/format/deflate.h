/* SPDX-License-Identifier: MIT
 * deflate.h: a small packer for pictures (RFC 1950, RFC 1951). */
#ifndef NNRT_FORMAT_DEFLATE_H
#define NNRT_FORMAT_DEFLATE_H

#include <stddef.h>

/* A zlib stream; rt_free it. NULL: no memory, which is said. */
unsigned char *deflate_pack(const unsigned char *in, size_t n, size_t *packed);

#endif
