/* SPDX-License-Identifier: MIT
 * pixels.h: pictures as numbers, as files hold them. */
#ifndef NNRT_DATA_PIXELS_H
#define NNRT_DATA_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Pixels {
    unsigned char *at; /* rows from the top, channels last; uint16_t where bits is 16; free() it */
    int64_t height, width, channels;
    int bits; /* 8 or 16 */
} Pixels;

typedef struct PixelWish {
    int channels; /* 1, 2, 3, 4; 0: those of the file without transparency */
    bool gray;    /* colours may become grey */
    bool raw;     /* the stored numbers: of a palette the indices, of few bits the numbers as they are */
    /* Asked for height, width and channels before pixels are unpacked; a code other than 0 ends it. */
    int (*accept)(const void *context, const char *path, const int64_t *extent);
    const void *context;
} PixelWish;

/* A PNG file in memory. Grey becomes colour, and transparency is added as 1 or left out, where `channels` says so. */
int png_pixels(const char *path, const char *text, size_t size, const PixelWish *wish, Pixels *out);
double pixel_value(const Pixels *p, bool raw, int64_t i); /* 0..1, or the stored number */

#endif
