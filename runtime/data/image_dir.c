/* SPDX-License-Identifier: MIT
 * image_dir.c: PNG files of a folder; 0..1, or the stored numbers with raw=true. Pictures stay
 * bytes until a batch is made. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "picture.h"
#include "reader.h"

typedef struct Image {
    Pixels pixels;  /* as the file has them; */
    double *values; /* or, where that needs less memory, what a reduced picture became */
    int64_t extent[3];
} Image;

typedef struct Images {
    char **path;
    Image *image;
    int n;
    bool raw;
} Images;

static int64_t image_count(nnrt_source *s, int64_t i)
{
    const int64_t *e = ((Images *)s->state)->image[i].extent;
    return e[0] * e[1] * e[2];
}

static void image_extent(nnrt_source *s, int64_t i, int64_t *extent)
{
    memcpy(extent, ((Images *)s->state)->image[i].extent, 3 * sizeof *extent);
}

static double value(const Pixels *p, bool raw, int64_t at)
{
    return raw ? p->at[at] : p->at[at] / 255.0;
}

/* Where the pixel at of n comes from among those of a picture with `from`: the pixel before, the
 * one behind, and the share of the latter (half-pixel centres, as in common image libraries). */
static double place(int64_t at, int64_t n, int64_t from, int64_t *before, int64_t *behind)
{
    double f = ((double)at + 0.5) * (double)from / (double)n - 0.5;
    f = f < 0 ? 0 : f > (double)from - 1 ? (double)from - 1 : f;
    *before = (int64_t)f;
    *behind = *before + 1 < from ? *before + 1 : *before;
    return f - (double)*before;
}

/* Bilinear. */
static void resize(const Pixels *p, bool raw, const int64_t *e, double *out)
{
    for (int64_t y = 0; y < e[0]; y++)
        for (int64_t x = 0; x < e[1]; x++) {
            int64_t y0, y1, x0, x1, n = p->channels;
            double dy = place(y, e[0], p->height, &y0, &y1),
                   dx = place(x, e[1], p->width, &x0, &x1);
            for (int64_t c = 0; c < n; c++) {
                double a = value(p, raw, (y0 * p->width + x0) * n + c),
                       b = value(p, raw, (y0 * p->width + x1) * n + c),
                       d = value(p, raw, (y1 * p->width + x0) * n + c),
                       g = value(p, raw, (y1 * p->width + x1) * n + c);
                out[(y * e[1] + x) * n + c] =
                    (a * (1 - dx) + b * dx) * (1 - dy) + (d * (1 - dx) + g * dx) * dy;
            }
        }
}

static int image_get(nnrt_source *s, int64_t i, double *out)
{
    const Images *im = s->state;
    const Image *image = &im->image[i];
    const Pixels *p = &image->pixels;
    int64_t n = image_count(s, i);
    if (image->values)
        memcpy(out, image->values, sizeof(double) * (size_t)n);
    else if (p->height != image->extent[0] || p->width != image->extent[1])
        resize(p, im->raw, image->extent, out);
    else
        for (int64_t k = 0; k < n; k++)
            out[k] = value(p, im->raw, k);
    return NNRT_OK;
}

static void image_close(nnrt_source *s)
{
    Images *im = s->state;
    for (int i = 0; i < im->n; i++) {
        free(im->path[i]);
        if (im->image) free(im->image[i].pixels.at), free(im->image[i].values);
    }
    free(im->path), free(im->image);
    free(im);
}

static int image_load(const char *path, bool gray, bool raw, const Json *size, Image *image)
{
    char *text = NULL;
    size_t n = 0;
    Pixels *p = &image->pixels;
    int code = file_read(path, &text, &n);
    if (!code) code = png_pixels(path, text, n, gray, raw, p);
    free(text);
    if (code) return code;
    bool resized = size && size->n == 2;
    image->extent[0] = resized ? json_at(size, 0)->integer : p->height;
    image->extent[1] = resized ? json_at(size, 1)->integer : p->width;
    image->extent[2] = p->channels;
    size_t values = sizeof(double) * (size_t)(image->extent[0] * image->extent[1] * p->channels);
    if (values >= (size_t)(p->height * p->width * p->channels)) return NNRT_OK;
    image->values = malloc(values);
    if (!image->values) return rt_fail(NNRT_E_MEM, "out of memory");
    resize(p, raw, image->extent, image->values);
    free(p->at);
    p->at = NULL;
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

static int check_extent(const Spec *spec, const char *path, const int64_t *e)
{
    if (spec_count(spec) == e[0] * e[1] * e[2]) return NNRT_OK;
    for (int k = 0; k < 3; k++) {
        int64_t want = k < spec->rank ? spec->dim[k] : k == 2 ? 1 : -1;
        if (want >= 0 && want != e[k])
            return rt_fail(NNRT_E_SHAPE,
                           "%s is %lld x %lld with %lld channels, which does not fit %s", path,
                           (long long)e[0], (long long)e[1], (long long)e[2], spec->name);
    }
    return NNRT_OK;
}

static int image_open(const Spec *spec, nnrt_source *out)
{
    Images *im = calloc(1, sizeof *im);
    if (!im) return rt_fail(NNRT_E_MEM, "out of memory");
    const char *glob = spec_string(spec, "glob", "*.png");
    bool gray = spec_bool(spec, "gray", false);
    im->raw = spec_bool(spec, "raw", false);
    int code = folder_list(spec->path, glob, text_wanted(spec), &im->path, &im->n);
    if (!code && text_wanted(spec)) return labels(spec, im, out);
    im->image = calloc((size_t)im->n + 1, sizeof *im->image);
    if (!code && !im->image) code = rt_fail(NNRT_E_MEM, "out of memory");
    const Json *size = json_get(spec_arg(spec, "resize"), "ints");
    for (int i = 0; i < im->n && !code; i++) {
        code = image_load(im->path[i], gray || im->raw, im->raw, size, &im->image[i]);
        if (!code) code = check_extent(spec, im->path[i], im->image[i].extent);
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
