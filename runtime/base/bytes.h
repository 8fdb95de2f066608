/* SPDX-License-Identifier: MIT
 * bytes.h: whole numbers in files, their last byte first (little-endian) or their first (big-endian). */
#ifndef NNRT_BASE_BYTES_H
#define NNRT_BASE_BYTES_H

#include <stdint.h>
#include <stdio.h>

static inline uint64_t bytes_le(const unsigned char *b, int n)
{
    uint64_t v = 0;
    for (int i = n - 1; i >= 0; i--)
        v = v << 8 | b[i];
    return v;
}

static inline uint64_t bytes_be(const unsigned char *b, int n)
{
    uint64_t v = 0;
    for (int i = 0; i < n; i++)
        v = v << 8 | b[i];
    return v;
}

static inline void bytes_set_le(unsigned char *to, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = (unsigned char)(v >> (8 * i));
}

static inline void bytes_set_be(unsigned char *to, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = (unsigned char)(v >> (8 * (n - 1 - i)));
}

static inline void bytes_put_le(FILE *f, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        fputc((int)(v >> (8 * i) & 255), f);
}

static inline void bytes_put_be(FILE *f, uint64_t v, int n)
{
    while (n-- > 0)
        fputc((int)(v >> (8 * n) & 255), f);
}

#endif
