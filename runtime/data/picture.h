/* SPDX-License-Identifier: MIT
 * picture.h: pictures as bytes, as files hold them. */
#ifndef NNRT_DATA_PICTURE_H
#define NNRT_DATA_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Pixels {
    unsigned char *at; /* rows from the top, channels last; free() it */
    int64_t height, width, channels;
} Pixels;

/* A PNG file in memory. 16 bits become 8, alpha is dropped. gray: colours become grey. raw: the
 * stored numbers (of a palette the indices, of few bits the numbers as they are). */
int png_pixels(const char *path, const char *text, size_t size, bool gray, bool raw, Pixels *out);

#endif
