/* SPDX-License-Identifier: MIT
 * picture.c: results as PNG files. Floats are grey or coloured pictures, several of them a grid;
 * integers are class maps with a palette, or colours over the pictures they belong to. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/bytes.h"
#include "base/checksum.h"
#include "base/dtype.h"
#include "base/shape.h"
#include "format/deflate.h"
#include "format/format.h"
#include "format/png_rows.h"

typedef struct Grid { /* pictures of one size, side by side */
    int64_t n, height, width, channels, across, down;
} Grid;

/* Class 0 and those behind it; after the last the colours begin again with the second. */
static const unsigned char palette[][3] = {{0, 0, 0},       {230, 75, 53},  {77, 187, 213},  {0, 160, 135},
                                           {240, 180, 40},  {120, 94, 240}, {243, 155, 127}, {132, 145, 180},
                                           {145, 209, 194}, {220, 38, 127}, {126, 97, 72},   {176, 156, 133}};
enum { N_COLOURS = sizeof palette / sizeof *palette };

static const unsigned char *colour(int64_t c)
{
    return palette[c < 1 ? 0 : 1 + (c - 1) % (N_COLOURS - 1)];
}

/* [H, W], [N, H, W] and [R, N, H, W] (R rows of N), each with one or three channels behind. */
static bool grid_of(int rank, const int64_t *dim, bool classes, Grid *g)
{
    bool channels = !classes && rank >= 3 && (dim[rank - 1] == 1 || dim[rank - 1] == 3);
    int64_t c = channels ? dim[rank - 1] : 1;
    if (channels) rank--;
    if (rank < 2 || rank > 4) return false;
    *g = (Grid){.n = 1, .height = dim[rank - 2], .width = dim[rank - 1], .channels = c};
    for (int i = 0; i < rank - 2; i++)
        g->n *= dim[i];
    g->across = rank == 4 ? dim[1] : (int64_t)ceil(sqrt((double)g->n));
    g->down = (g->n + g->across - 1) / g->across;
    return true;
}

typedef struct Canvas {
    unsigned char *at; /* rows, each with the byte 0 (no filter) in front */
    size_t line, bytes;
    int64_t height, width;
    int channels;
} Canvas;

static int canvas_new(const char *path, const Grid *g, int channels, Canvas *c)
{
    *c = (Canvas){.height = g->down * g->height, .width = g->across * g->width, .channels = channels};
    if (c->height > 65535 || c->width > 65535)
        return rt_fail(NNRT_E_SHAPE, "%s: %lld x %lld pixels are too many for a picture", path, (long long)c->width, (long long)c->height);
    c->line = 1 + (size_t)(c->width * channels);
    c->bytes = c->line * (size_t)c->height;
    c->at = rt_alloc(c->bytes);
    return c->at ? NNRT_OK : NNRT_E_MEM;
}

/* Pixel i of all pictures of the grid. */
static unsigned char *pixel(const Canvas *c, const Grid *g, int64_t i)
{
    int64_t each = g->height * g->width, image = i / each, y = i % each / g->width, x = i % g->width;
    return c->at + c->line * (size_t)(image / g->across * g->height + y) + 1 + (size_t)((image % g->across * g->width + x) * c->channels);
}

/* 0..1, or -1..1 where something is negative, become 0..255. */
static bool any_negative(const Output *o)
{
    for (int64_t i = 0, n = shape_size(o->rank, o->dim); i < n; i++)
        if (dtype_load(o->dtype, o->data, i) < 0) return true;
    return false;
}

static unsigned char shade(double v, bool negative)
{
    v = (negative ? v * 127.5 + 127.5 : v * 255) + 0.5;
    return v >= 255 ? 255 : v >= 0 ? (unsigned char)v : 0;
}

static void put_chunk(FILE *f, const char *kind, const unsigned char *data, size_t n)
{
    bytes_put_be(f, n, 4);
    fwrite(kind, 1, 4, f);
    if (n) fwrite(data, 1, n, f);
    bytes_put_be(f, rt_crc32(rt_crc32(0, kind, 4), data, n), 4);
}

enum { PNG_GREY = 0, PNG_RGB = 2, PNG_PALETTE = 3 };

/* The rows as they are, or with filters, whichever is smaller; noise and few colours are better without. NULL: no memory, which is said. */
static unsigned char *pack(const Canvas *c, int type, size_t *n)
{
    size_t m = 0;
    unsigned char *plain = deflate_pack(c->at, c->bytes, n), *rows = plain && type != PNG_PALETTE ? rt_alloc(c->bytes) : NULL;
    if (!rows) return type == PNG_PALETTE ? plain : (rt_free(plain), NULL);
    png_filter(c->at, (size_t)c->height, c->line, (size_t)c->channels, rows);
    unsigned char *filtered = deflate_pack(rows, c->bytes, &m);
    rt_free(rows);
    if (filtered && m >= *n) return rt_free(filtered), plain;
    rt_free(plain);
    *n = m;
    return filtered;
}

static int put_png(FILE *f, const Canvas *c, int type)
{
    size_t n = 0;
    unsigned char *stream = pack(c, type, &n), head[13] = {[8] = 8, [9] = (unsigned char)type};
    if (!stream) return NNRT_E_MEM;
    bytes_set_be(head, (uint64_t)c->width, 4);
    bytes_set_be(head + 4, (uint64_t)c->height, 4);
    fwrite("\x89PNG\r\n\x1a\n", 1, 8, f);
    put_chunk(f, "IHDR", head, 13);
    if (type == PNG_PALETTE) {
        unsigned char colours[256 * 3];
        for (int64_t i = 0; i < 256; i++)
            memcpy(colours + 3 * i, colour(i), 3);
        put_chunk(f, "PLTE", colours, sizeof colours);
    }
    put_chunk(f, "IDAT", stream, n);
    put_chunk(f, "IEND", NULL, 0);
    rt_free(stream);
    return NNRT_OK;
}

static void put_classes(const Output *o, const Grid *g, Canvas *c)
{
    for (int64_t i = 0, n = g->n * g->height * g->width; i < n; i++)
        *pixel(c, g, i) = (unsigned char)dtype_load(o->dtype, o->data, i);
}

/* Classes above 0 tint the picture below; others leave it. */
static void put_overlay(const Output *o, const Grid *g, Canvas *c)
{
    const Tensor *t = o->under;
    int64_t pixels = g->n * g->height * g->width, channels = shape_size(t->rank, t->dim) / pixels;
    bool negative = false;
    for (int64_t i = 0; i < pixels * channels; i++)
        negative |= t->at[i] < 0;
    for (int64_t i = 0; i < pixels; i++) {
        unsigned char *to = pixel(c, g, i);
        int64_t class = (int64_t)dtype_load(o->dtype, o->data, i);
        for (int k = 0; k < 3; k++) {
            int below = shade(t->at[i * channels + (channels == 3 ? k : 0)], negative);
            to[k] = (unsigned char)(class > 0 ? (below + colour(class)[k] + 1) / 2 : below);
        }
    }
}

static bool lies_under(const Output *o, const Grid *g)
{
    const Tensor *t = o->under;
    int64_t n = shape_size(t->rank, t->dim), pixels = g->n * g->height * g->width;
    Grid below;
    return (n == pixels || n == 3 * pixels) && grid_of(t->rank, t->dim, false, &below) && below.height == g->height &&
           below.width == g->width;
}

static int write_classes(FILE *f, const Output *o, const Grid *g)
{
    Canvas c;
    char have[96], below[96];
    if (o->under && !lies_under(o, g))
        return rt_fail(NNRT_E_SHAPE, "%s: a class map of %s does not lie over a picture of %s", o->path,
                       shape_text(o->rank, o->dim, have, sizeof have), shape_text(o->under->rank, o->under->dim, below, sizeof below));
    for (int64_t i = 0, n = shape_size(o->rank, o->dim); i < n; i++) {
        double v = dtype_load(o->dtype, o->data, i);
        if (v < 0 || v > 255) return rt_fail(NNRT_E_RANGE, "%s: %.9g is no class of 0..255", o->path, v);
    }
    int code = canvas_new(o->path, g, o->under ? 3 : 1, &c);
    if (code) return code;
    if (o->under)
        put_overlay(o, g, &c);
    else
        put_classes(o, g, &c);
    code = put_png(f, &c, o->under ? PNG_RGB : o->bound > 64 ? PNG_GREY : PNG_PALETTE);
    rt_free(c.at);
    return code;
}

static int write_shades(FILE *f, const Output *o, const Grid *g)
{
    Canvas c;
    bool negative = any_negative(o);
    int code = canvas_new(o->path, g, (int)g->channels, &c);
    if (code) return code;
    for (int64_t i = 0, n = g->n * g->height * g->width; i < n; i++)
        for (int64_t k = 0; k < g->channels; k++)
            pixel(&c, g, i)[k] = shade(dtype_load(o->dtype, o->data, i * g->channels + k), negative);
    code = put_png(f, &c, g->channels == 3 ? PNG_RGB : PNG_GREY);
    rt_free(c.at);
    return code;
}

static int write_png(FILE *f, const Output *o)
{
    Grid g;
    char have[96];
    bool shades = dtype_is_float(o->dtype) || (o->dtype == NNRT_BOOL && !o->under);
    if (!grid_of(o->rank, o->dim, !shades, &g))
        return rt_fail(NNRT_E_SHAPE,
                       "%s: a result of the shape %s is no picture; wanted: [H, W], [N, H, W] or "
                       "[R, N, H, W], with 1 or 3 channels behind or without",
                       o->path, shape_text(o->rank, o->dim, have, sizeof have));
    return shades ? write_shades(f, o, &g) : write_classes(f, o, &g);
}

const nnrt_format nnrt_format_png = {".png", NULL, write_png};
