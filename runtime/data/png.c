/* SPDX-License-Identifier: MIT
 * png.c: PNG pictures in memory to bytes, through libpng with limits. */
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "picture.h"
#include "reader.h"

enum { MOST_SIDE = 16384 };

static void on_error(png_structp png, png_const_charp text)
{
    snprintf(png_get_error_ptr(png), 200, "%s", text);
    longjmp(png_jmpbuf(png), 1);
}
static void on_warning(png_structp png, png_const_charp text)
{
    (void)png, (void)text;
}

typedef struct Bytes { /* what is left of the file */
    const char *at;
    size_t n;
} Bytes;

static void take_bytes(png_structp png, png_bytep to, png_size_t n)
{
    Bytes *b = png_get_io_ptr(png);
    if (n > b->n) png_error(png, "the file ends too early");
    memcpy(to, b->at, n);
    b->at += n, b->n -= n;
}

/* Bytes per channel, as gray, raw, or all channels but alpha. */
static void set_transforms(png_structp png, png_infop info, bool gray, bool raw)
{
    int type = png_get_color_type(png, info);
    if (png_get_bit_depth(png, info) == 16) png_set_strip_16(png);
    if (type == PNG_COLOR_TYPE_PALETTE && !raw) png_set_palette_to_rgb(png);
    if (png_get_bit_depth(png, info) < 8) {
        if (raw || type == PNG_COLOR_TYPE_PALETTE)
            png_set_packing(png);
        else
            png_set_expand_gray_1_2_4_to_8(png);
    }
    if (type & PNG_COLOR_MASK_ALPHA) png_set_strip_alpha(png);
    if (gray && (type & PNG_COLOR_MASK_COLOR) && !(raw && type == PNG_COLOR_TYPE_PALETTE))
        png_set_rgb_to_gray(png, 1, -1, -1);
    png_read_update_info(png, info);
}

int png_pixels(const char *path, const char *text, size_t size, bool gray, bool raw, Pixels *out)
{
    char why[200] = "";
    Bytes bytes = {text, size};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, why, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    png_bytep *volatile rows = NULL;
    unsigned char *volatile pixels = NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        if (png) png_destroy_read_struct(&png, &info, NULL);
        free((void *)rows);
        free(pixels);
        return rt_fail(NNRT_E_IO, "%s: %s", path, *why ? why : "out of memory");
    }
    png_set_user_limits(png, MOST_SIDE, MOST_SIDE);
    png_set_read_fn(png, &bytes, take_bytes);
    png_read_info(png, info);
    set_transforms(png, info, gray, raw);
    png_uint_32 w = png_get_image_width(png, info), h = png_get_image_height(png, info);
    size_t line = (size_t)w * (size_t)png_get_channels(png, info);
    if (png_get_rowbytes(png, info) != line) png_error(png, "pixels of this size are not read");
    rows = malloc(h * sizeof(png_bytep));
    pixels = malloc(h * line + 1);
    if (!rows || !pixels) png_error(png, "out of memory");
    for (png_uint_32 y = 0; y < h; y++)
        rows[y] = pixels + y * line;
    png_read_image(png, (png_bytepp)rows);
    png_read_end(png, NULL);
    *out = (Pixels){pixels, h, w, png_get_channels(png, info)};
    png_destroy_read_struct(&png, &info, NULL);
    free((void *)rows);
    return NNRT_OK;
}
