/* SPDX-License-Identifier: MIT
 * pixels.c: PNG pictures in memory to numbers, through libpng with limits. */
#include "data/pixels.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { MOST_SIDE = 16384, MOST_PACKED = 1032 /* deflate: bytes in one */ };

typedef struct Why { /* what the library could not do */
    int code;
    char text[200];
} Why;

static void on_error(png_structp png, png_const_charp text)
{
    Why *why = png_get_error_ptr(png);
    bool memory = strstr(text, "memory") || strstr(text, "Memory"); /* the library has several words for it */
    why->code = memory ? NNRT_E_MEM : NNRT_E_IO;
    snprintf(why->text, sizeof why->text, "%s", memory ? "out of memory" : text);
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

/* Channels as wished; of 8 bits, or 16 where the file has them. */
static void set_transforms(png_structp png, png_infop info, const PixelWish *wish)
{
    int type = png_get_color_type(png, info);
    bool indices = wish->raw && type == PNG_COLOR_TYPE_PALETTE, alpha = wish->channels == 2 || wish->channels == 4;
    bool has_alpha = (type & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, info, PNG_INFO_tRNS);
    if (png_get_bit_depth(png, info) == 16 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) png_set_swap(png);
    if (png_get_bit_depth(png, info) < 8) {
        if (wish->raw || type == PNG_COLOR_TYPE_PALETTE)
            png_set_packing(png);
        else
            png_set_expand_gray_1_2_4_to_8(png);
    }
    if (indices) return;
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
    if (has_alpha && alpha) png_set_tRNS_to_alpha(png);
    if (has_alpha && !alpha) png_set_strip_alpha(png);
    if (!has_alpha && alpha) png_set_add_alpha(png, png_get_bit_depth(png, info) == 16 ? 0xFFFF : 0xFF, PNG_FILLER_AFTER);
    if (wish->channels >= 3 && !(type & PNG_COLOR_MASK_COLOR)) png_set_gray_to_rgb(png);
    if (wish->channels < 3 && wish->gray && !wish->raw && (type & PNG_COLOR_MASK_COLOR)) png_set_rgb_to_gray(png, 1, -1, -1);
}

/* The picture's extents and bits once it is transformed, and bytes per row. */
static size_t describe(png_structp png, png_infop info, size_t size, Pixels *p)
{
    size_t stored = png_get_rowbytes(png, info) * png_get_image_height(png, info);
    if (stored / MOST_PACKED > size) png_error(png, "the file is too short for its width and height");
    png_read_update_info(png, info);
    p->height = png_get_image_height(png, info);
    p->width = png_get_image_width(png, info);
    p->channels = png_get_channels(png, info);
    p->bits = png_get_bit_depth(png, info);
    size_t line = (size_t)(p->width * p->channels * (p->bits / 8));
    if (png_get_rowbytes(png, info) != line) png_error(png, "pixels of this size are not read");
    return line;
}

/* Colours where one stored number is wanted: only if they are all grey. */
static int take_gray(const char *path, Pixels *p)
{
    int64_t n = p->height * p->width;
    size_t width = (size_t)p->bits / 8;
    for (int64_t i = 0; i < n; i++) {
        unsigned char *at = p->at + (size_t)(i * p->channels) * width;
        if (memcmp(at, at + width, width) || memcmp(at, at + 2 * width, width))
            return rt_fail(NNRT_E_RANGE, "%s has colours where one stored number per pixel is wanted", path);
        memmove(p->at + (size_t)i * width, at, width);
    }
    p->channels = 1;
    return NNRT_OK;
}

/* Where the library makes colours of few bits, it makes 0..255 of them, too: the stored numbers again. */
static void take_stored(int bits, Pixels *p)
{
    int step = 255 / ((1 << bits) - 1);
    for (int64_t i = 0, n = p->height * p->width * p->channels; i < n; i++)
        if (i % p->channels < 3) p->at[i] = (unsigned char)(p->at[i] / step);
}

typedef struct Png { /* what is released after a jump */
    png_structp png;
    png_infop info;
    png_bytep *rows;
    Pixels pixels;
    Why why;
} Png;

static int read_pixels(Png *p, const char *path, size_t size, const PixelWish *wish)
{
    png_structp png = p->png;
    png_read_info(png, p->info);
    int bits = png_get_bit_depth(png, p->info), type = png_get_color_type(png, p->info);
    set_transforms(png, p->info, wish);
    png_set_interlace_handling(png);
    size_t line = describe(png, p->info, size, &p->pixels), height = (size_t)p->pixels.height;
    bool reduced = wish->raw && wish->channels == 1 && p->pixels.channels == 3;
    int64_t extent[] = {p->pixels.height, p->pixels.width, reduced ? 1 : p->pixels.channels};
    int code = wish->accept ? wish->accept(wish->context, path, extent) : NNRT_OK;
    if (code) return code;
    p->rows = malloc(height * sizeof(png_bytep));
    p->pixels.at = malloc(height * line + 1);
    if (!p->rows || !p->pixels.at) return rt_no_memory_for(path);
    for (size_t y = 0; y < height; y++)
        p->rows[y] = p->pixels.at + y * line;
    png_read_image(png, p->rows);
    png_read_end(png, NULL);
    if (wish->raw && type == PNG_COLOR_TYPE_GRAY && bits < 8 && wish->channels >= 3) take_stored(bits, &p->pixels);
    return reduced ? take_gray(path, &p->pixels) : NNRT_OK;
}

static int read_png(Png *p, const char *path, Bytes *bytes, const PixelWish *wish)
{
    size_t size = bytes->n;
    p->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &p->why, on_error, on_warning);
    p->info = p->png ? png_create_info_struct(p->png) : NULL;
    if (!p->info) return rt_no_memory_for(path);
    if (setjmp(png_jmpbuf(p->png))) return rt_fail(p->why.code, "%s: %s", path, p->why.text);
    png_set_user_limits(p->png, MOST_SIDE, MOST_SIDE);
    png_set_keep_unknown_chunks(p->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1); /* profiles, texts and the like are passed over, however long */
    png_set_read_fn(p->png, bytes, take_bytes);
    return read_pixels(p, path, size, wish);
}

int png_pixels(const char *path, const char *text, size_t size, const PixelWish *wish, Pixels *out)
{
    Bytes bytes = {text, size};
    Png p = {0};
    size_t mark = size < 8 ? size : 8;
    if (!size) return rt_fail(NNRT_E_IO, "%s is empty", path);
    if (png_sig_cmp((png_const_bytep)text, 0, mark)) return rt_fail(NNRT_E_IO, "%s is no PNG file", path);
    int code = read_png(&p, path, &bytes, wish);
    if (p.png) png_destroy_read_struct(&p.png, &p.info, NULL);
    free(p.rows);
    if (code) free(p.pixels.at);
    *out = code ? (Pixels){0} : p.pixels;
    return code;
}

double pixel_value(const Pixels *p, bool raw, int64_t i)
{
    if (p->bits == 16) {
        uint16_t v;
        memcpy(&v, p->at + 2 * i, sizeof v);
        return raw ? v : v / 65535.0;
    }
    return raw ? p->at[i] : p->at[i] / 255.0;
}
