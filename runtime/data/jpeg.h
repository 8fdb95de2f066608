/* SPDX-License-Identifier: MIT
 * jpeg.h: JPEG pictures as numbers, through libjpeg-turbo; in programs that name such files only. */
#ifndef NNRT_DATA_JPEG_H
#define NNRT_DATA_JPEG_H

#include "data/pixels.h"

/* As png_pixels, with 8 bits and a transparency of 1. */
int jpeg_pixels(const char *path, const char *text, size_t size, const PixelWish *wish, Pixels *out);
/* PNG, or JPEG where the program has it. */
int picture_pixels(const char *path, const char *text, size_t size, const PixelWish *wish, Pixels *out);

#endif
