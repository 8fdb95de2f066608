/* SPDX-License-Identifier: MIT
 * paint.h: PNG files of every form, written by libpng. */
#ifndef NNC_TESTS_PAINT_H
#define NNC_TESTS_PAINT_H

#include <png.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct Painted {
    int width, height, bits, type; /* of PNG */
    const unsigned char *rows;
    size_t line;
    int n_colours, n_clear; /* of a palette: red 0, 10, 20 ..; how transparent */
    bool interlaced;
} Painted;

static inline void paint(const char *path, const Painted *p)
{
    FILE *f = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_color colour[8] = {{0}};
    static const unsigned char clear[8] = {0, 128, 255};
    png_init_io(png, f);
    png_set_IHDR(png, info, (png_uint_32)p->width, (png_uint_32)p->height, p->bits, p->type,
                 p->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    for (int i = 0; i < p->n_colours; i++)
        colour[i].red = (png_byte)(10 * i);
    if (p->n_colours) png_set_PLTE(png, info, colour, p->n_colours);
    if (p->n_clear) png_set_tRNS(png, info, clear, p->n_clear, NULL);
    png_write_info(png, info);
    png_bytep row[64];
    for (int y = 0; y < p->height; y++)
        row[y] = (png_bytep)(uintptr_t)(p->rows + p->line * (size_t)y);
    png_write_image(png, row);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(f);
}

#endif
