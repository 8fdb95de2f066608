/* SPDX-License-Identifier: MIT
 * image_dir.c: PNG files of a folder through libpng, with limits; 0..1, or the stored numbers with
 * raw=true. */
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

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

int png_load(const char *path, bool gray, bool raw, double **pixels, int64_t *height,
             int64_t *width, int64_t *channels)
{
    char why[200] = "";
    FILE *f = fopen(path, "rb");
    if (!f) return rt_fail(NNRT_E_IO, "%s: cannot be opened", path);
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, why, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    png_bytep *volatile rows = NULL;
    double *volatile out = NULL;
    if (!info || setjmp(png_jmpbuf(png))) {
        if (png) png_destroy_read_struct(&png, &info, NULL);
        free((void *)rows);
        free(out);
        fclose(f);
        return rt_fail(NNRT_E_IO, "%s: %s", path, *why ? why : "out of memory");
    }
    png_set_user_limits(png, MOST_SIDE, MOST_SIDE);
    png_init_io(png, f);
    png_read_info(png, info);
    png_uint_32 w = png_get_image_width(png, info), h = png_get_image_height(png, info);
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
    size_t bytes = png_get_rowbytes(png, info);
    int c = png_get_channels(png, info);
    rows = malloc(h * (sizeof(png_bytep) + bytes));
    out = malloc(sizeof(double) * h * w * (size_t)c);
    if (!rows || !out) png_error(png, "out of memory");
    png_bytep data = (png_bytep)(rows + h);
    for (png_uint_32 y = 0; y < h; y++)
        rows[y] = data + y * bytes;
    png_read_image(png, (png_bytepp)rows);
    for (size_t y = 0; y < h; y++)
        for (size_t x = 0; x < (size_t)w * (size_t)c; x++)
            out[y * w * (size_t)c + x] = raw ? rows[y][x] : rows[y][x] / 255.0;
    png_destroy_read_struct(&png, &info, NULL);
    free((void *)rows);
    fclose(f);
    *pixels = out;
    *height = h, *width = w, *channels = c;
    return NNRT_OK;
}

typedef struct Images {
    char **path;
    double **pixels;
    int64_t *extent; /* h, w, c by image */
    int n;
} Images;

static int64_t image_count(nnrt_source *s, int64_t i)
{
    const int64_t *e = ((Images *)s->state)->extent + 3 * i;
    return e[0] * e[1] * e[2];
}

static void image_extent(nnrt_source *s, int64_t i, int64_t *extent)
{
    memcpy(extent, ((Images *)s->state)->extent + 3 * i, 3 * sizeof *extent);
}

static int image_get(nnrt_source *s, int64_t i, double *out)
{
    memcpy(out, ((Images *)s->state)->pixels[i], sizeof(double) * (size_t)image_count(s, i));
    return NNRT_OK;
}

static void image_close(nnrt_source *s)
{
    Images *im = s->state;
    for (int i = 0; i < im->n; i++) {
        free(im->path[i]);
        if (im->pixels) free(im->pixels[i]);
    }
    free(im->path), free(im->pixels), free(im->extent);
    free(im);
}

/* Bilinear, corners of pixels as in common image libraries (half-pixel centres). */
static int resize(double **pixels, int64_t *e, int64_t h, int64_t w)
{
    double *out = malloc(sizeof(double) * (size_t)(h * w * e[2]));
    if (!out) return rt_fail(NNRT_E_MEM, "out of memory");
    for (int64_t y = 0; y < h; y++)
        for (int64_t x = 0; x < w; x++) {
            double fy = ((double)y + 0.5) * (double)e[0] / (double)h - 0.5,
                   fx = ((double)x + 0.5) * (double)e[1] / (double)w - 0.5;
            fy = fy < 0 ? 0 : fy > (double)e[0] - 1 ? (double)e[0] - 1 : fy;
            fx = fx < 0 ? 0 : fx > (double)e[1] - 1 ? (double)e[1] - 1 : fx;
            int64_t y0 = (int64_t)fy, x0 = (int64_t)fx, y1 = y0 + 1 < e[0] ? y0 + 1 : y0,
                    x1 = x0 + 1 < e[1] ? x0 + 1 : x0;
            double dy = fy - (double)y0, dx = fx - (double)x0;
            for (int64_t c = 0; c < e[2]; c++) {
                const double *p = *pixels;
                double a = p[(y0 * e[1] + x0) * e[2] + c], b = p[(y0 * e[1] + x1) * e[2] + c];
                double d = p[(y1 * e[1] + x0) * e[2] + c], g = p[(y1 * e[1] + x1) * e[2] + c];
                out[(y * w + x) * e[2] + c] =
                    (a * (1 - dx) + b * dx) * (1 - dy) + (d * (1 - dx) + g * dx) * dy;
            }
        }
    free(*pixels);
    *pixels = out;
    e[0] = h, e[1] = w;
    return NNRT_OK;
}

static int labels(const Spec *spec, Images *im, nnrt_source *out)
{
    char **text = NULL;
    size_t *length = NULL;
    int n = im->n, code = folder_labels(spec, im->path, n, false, &text, &length);
    nnrt_source closing = {.state = im};
    image_close(&closing);
    return code ? code : text_open(spec, text, length, NULL, n, out);
}

static int image_open(const Spec *spec, nnrt_source *out)
{
    Images *im = calloc(1, sizeof *im);
    if (!im) return rt_fail(NNRT_E_MEM, "out of memory");
    const char *glob = spec_string(spec, "glob", "*.png");
    bool gray = spec_bool(spec, "gray", false), raw = spec_bool(spec, "raw", false);
    int code = folder_list(spec->path, glob, text_wanted(spec), &im->path, &im->n);
    if (!code && text_wanted(spec)) return labels(spec, im, out);
    im->pixels = calloc((size_t)im->n + 1, sizeof *im->pixels);
    im->extent = calloc(3 * (size_t)im->n + 1, sizeof *im->extent);
    if (!code && (!im->pixels || !im->extent)) code = rt_fail(NNRT_E_MEM, "out of memory");
    const Json *size = json_get(spec_arg(spec, "resize"), "ints");
    for (int i = 0; i < im->n && !code; i++) {
        int64_t *e = im->extent + 3 * i;
        code = png_load(im->path[i], gray || raw, raw, &im->pixels[i], &e[0], &e[1], &e[2]);
        if (!code && size && size->n == 2)
            code = resize(&im->pixels[i], e, json_at(size, 0)->integer, json_at(size, 1)->integer);
        int64_t want[3] = {spec->rank > 0 ? spec->dim[0] : -1, spec->rank > 1 ? spec->dim[1] : -1,
                           spec->rank > 2 ? spec->dim[2] : 1};
        for (int k = 0; k < 3 && !code && spec_count(spec) != e[0] * e[1] * e[2]; k++)
            if (want[k] >= 0 && want[k] != e[k])
                code = rt_fail(
                    NNRT_E_SHAPE, "%s is %lld x %lld with %lld channels, which does not fit %s",
                    im->path[i], (long long)e[0], (long long)e[1], (long long)e[2], spec->name);
    }
    *out = (nnrt_source){.n = im->n,
                         .state = im,
                         .count = image_count,
                         .extent = image_extent,
                         .get = image_get,
                         .close = image_close};
    if (code) image_close(out);
    return code;
}

const nnrt_reader nnrt_reader_image_dir = {"image_dir", image_open};
