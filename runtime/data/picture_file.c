/* SPDX-License-Identifier: MIT
 * picture_file.c: the contents of a picture's file tell its format. */
#include <string.h>

#include "base/base.h"
#include "data/jpeg.h"

/* Only in programs whose data names JPEG files (weak: NULL otherwise). */
int jpeg_pixels(const char *path, const char *text, size_t size, const PixelWish *wish, Pixels *out) __attribute__((weak));

static bool is_jpeg(const char *text, size_t n)
{
    return n >= 3 && memcmp(text, "\xFF\xD8\xFF", 3) == 0;
}

static bool is_png(const char *text, size_t n)
{
    return n >= 8 && memcmp(text, "\x89PNG\r\n\x1a\n", 8) == 0;
}

int picture_pixels(const char *path, const char *text, size_t size, const PixelWish *wish, Pixels *out)
{
    if (jpeg_pixels && size && !is_jpeg(text, size) && !is_png(text, size))
        return *out = (Pixels){0}, rt_fail(NNRT_E_IO, "%s is neither a JPEG file nor a PNG file", path);
    if (!is_jpeg(text, size)) return png_pixels(path, text, size, wish, out);
    *out = (Pixels){0};
    if (jpeg_pixels) return jpeg_pixels(path, text, size, wish, out);
    return rt_fail(NNRT_E_IO, "%s is a JPEG file, which a program reads whose data says so: image_dir(..., glob=\"*.jpg\")", path);
}
