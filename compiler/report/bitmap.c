/* SPDX-License-Identifier: MIT
 * bitmap.c: pictures inside of a page, as a BMP file in an address: no compression, so a small writer. */
#include "report/bitmap.h"

#include "report/markup.h"

enum { HEAD = 54, MOST_SIDE = 256 };

static void put_u32(unsigned char *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(v >> 8 * i);
}

static void base64(Text *out, const unsigned char *bytes, size_t n)
{
    static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)bytes[i] << 16 | (uint32_t)(i + 1 < n ? bytes[i + 1] : 0) << 8 | (i + 2 < n ? bytes[i + 2] : 0);
        char four[] = {letter[v >> 18], letter[v >> 12 & 63], i + 1 < n ? letter[v >> 6 & 63] : '=', i + 2 < n ? letter[v & 63] : '='};
        text_bytes(out, four, 4);
    }
}

/* Rows of 24 bits per pixel, blue first, each filled to 4 bytes, from the upper one on. */
static void fill(unsigned char *file, const Tree *values, int height, int width, int channels)
{
    size_t row = (3 * (size_t)width + 3) / 4 * 4;
    file[0] = 'B', file[1] = 'M';
    put_u32(file + 2, (uint32_t)(HEAD + row * (size_t)height));
    put_u32(file + 10, HEAD);
    put_u32(file + 14, 40);
    put_u32(file + 18, (uint32_t)width);
    put_u32(file + 22, (uint32_t)-height);
    put_u32(file + 26, 1 | 24u << 16);
    const Tree *v = values;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            unsigned char *to = file + HEAD + (size_t)y * row + 3 * (size_t)x;
            for (int c = 0; c < channels && v; c++, v = v->next)
                to[2 - c] = (unsigned char)v->number;
            if (channels == 1) to[0] = to[1] = to[2];
        }
}

static int side(const Tree *picture, const char *name, int most)
{
    double v = tree_number(picture, name, 0);
    return v >= 1 && v <= most ? (int)v : 0;
}

bool bitmap_put(Text *out, const Tree *picture, const char *about)
{
    const Tree *values = tree_get(picture, "picture");
    int height = side(picture, "height", MOST_SIDE), width = side(picture, "width", MOST_SIDE), channels = side(picture, "channels", 3);
    if (!values || !height || !width || channels == 0 || channels == 2 || values->n != height * width * channels) return false;
    for (const Tree *v = values->child; v; v = v->next)
        if (!(v->number >= 0 && v->number <= 255)) return false;
    size_t n = HEAD + (3 * (size_t)width + 3) / 4 * 4 * (size_t)height;
    unsigned char *file = arena_alloc(out->arena, n);
    fill(file, values->child, height, width, channels);
    int times = 96 / (height > width ? height : width);
    text_add(out, "<img width=\"%d\" height=\"%d\" alt=\"", width * (times > 1 ? times : 1), height * (times > 1 ? times : 1));
    markup_text(out, about);
    text_add(out, "\" src=\"data:image/bmp;base64,");
    base64(out, file, n);
    text_add(out, "\">");
    return true;
}
