/* SPDX-License-Identifier: MIT
 * image_dir.c: PNG files of a folder and its subfolders; 0..1, or the stored numbers with raw=true.
 * Pictures stay as the files have them until a batch is made. */
#include <stdlib.h>
#include <string.h>

#include "data/file.h"
#include "data/folder.h"
#include "data/jpeg.h"
#include "data/left_out.h"
#include "data/pieces.h"
#include "data/pixels.h"
#include "data/text_source.h"

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

/* What the field declares; 0: a row of numbers, or a size of run time. */
static int channels_of(const Spec *spec)
{
    int64_t last = spec->rank == 2 ? 1 : spec->rank == 3 ? spec->dim[2] : 0;
    if (spec_bool(spec, "gray", false)) return 1;
    return last >= 1 && last <= 4 ? (int)last : 0;
}

static int64_t image_count(nnrt_source *s, int64_t i)
{
    const int64_t *e = ((Images *)s->state)->image[i].extent;
    return e[0] * e[1] * e[2];
}

static void image_extent(nnrt_source *s, int64_t i, int64_t *extent)
{
    memcpy(extent, ((Images *)s->state)->image[i].extent, 3 * sizeof *extent);
}

/* Where the pixel at of n comes from among those of a picture with `from`: the pixel before, the
 * one behind, and the share of the latter (half-pixel centres, as in common image libraries). Stored
 * numbers are not mixed: the nearest one. */
static double place(int64_t at, int64_t n, int64_t from, bool raw, int64_t *before, int64_t *behind)
{
    double f = ((double)at + 0.5) * (double)from / (double)n - 0.5;
    if (raw) return *before = *behind = (2 * at + 1) * from / (2 * n), 0; /* NOLINT(bugprone-integer-division): an index */
    f = f<0 ? 0 : f>(double) from - 1 ? (double)from - 1 : f;
    *before = (int64_t)f;
    *behind = *before + 1 < from ? *before + 1 : *before;
    return f - (double)*before;
}

/* Bilinear; of stored numbers the nearest. */
static void resize(const Pixels *p, bool raw, const int64_t *e, double *out)
{
    for (int64_t y = 0; y < e[0]; y++)
        for (int64_t x = 0; x < e[1]; x++) {
            int64_t y0, y1, x0, x1, n = p->channels;
            double dy = place(y, e[0], p->height, raw, &y0, &y1), dx = place(x, e[1], p->width, raw, &x0, &x1);
            for (int64_t c = 0; c < n; c++) {
                double a = pixel_value(p, raw, (y0 * p->width + x0) * n + c), b = pixel_value(p, raw, (y0 * p->width + x1) * n + c),
                       d = pixel_value(p, raw, (y1 * p->width + x0) * n + c), g = pixel_value(p, raw, (y1 * p->width + x1) * n + c);
                out[(y * e[1] + x) * n + c] = (a * (1 - dx) + b * dx) * (1 - dy) + (d * (1 - dx) + g * dx) * dy;
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
            out[k] = pixel_value(p, im->raw, k);
    return NNRT_OK;
}

static void image_close(nnrt_source *s)
{
    Images *im = s->state;
    for (int i = 0; im->image && i < im->n; i++)
        free(im->image[i].pixels.at), free(im->image[i].values);
    rt_free_texts(im->path, im->n);
    free(im->image);
    free(im);
}

/* ---- opening */

typedef struct Opening {
    const Spec *spec;
    int64_t size[2]; /* of resize=, or 0 */
} Opening;

static void final_extent(const Opening *o, const int64_t *file, int64_t *extent)
{
    extent[0] = o->size[0] > 0 ? o->size[0] : file[0];
    extent[1] = o->size[0] > 0 ? o->size[1] : file[1];
    extent[2] = file[2];
}

/* Is this the shape that the field declares? Asked before a picture is unpacked. */
static int accept(const void *context, const char *path, const int64_t *file)
{
    const Opening *o = context;
    int64_t extent[3];
    final_extent(o, file, extent);
    int code = spec_check_shape(o->spec, path, 3, extent);
    bool other = code && !o->size[0] && o->spec->rank >= 2 && o->spec->dim[0] > 0 && o->spec->dim[1] > 0 &&
                 (extent[0] != o->spec->dim[0] || extent[1] != o->spec->dim[1]);
    if (other)
        return rt_fail(code, "%s (resize=[%lld, %lld] makes all pictures so)", nnrt_error_text(), (long long)o->spec->dim[0],
                       (long long)o->spec->dim[1]);
    if (code && file[2] > 1 && channels_of(o->spec) == 1) return rt_fail(code, "%s (gray=true makes colours grey)", nnrt_error_text());
    return code;
}

static int image_load(const Opening *o, const char *path, const PixelWish *wish, Image *image)
{
    char *text = NULL;
    size_t n = 0;
    Pixels *p = &image->pixels;
    int code = file_read(path, &text, &n);
    if (!code) code = picture_pixels(path, text, n, wish, p);
    free(text);
    if (code) return code;
    final_extent(o, (int64_t[]){p->height, p->width, p->channels}, image->extent);
    size_t values = sizeof(double) * (size_t)(image->extent[0] * image->extent[1] * p->channels);
    if (values >= (size_t)(p->height * p->width * p->channels * (p->bits / 8))) return NNRT_OK;
    image->values = malloc(values);
    if (!image->values) return rt_no_memory();
    resize(p, wish->raw, image->extent, image->values);
    free(p->at);
    p->at = NULL;
    return NNRT_OK;
}

typedef struct Rest { /* of the files, behind one that is wrong */
    const Opening *opening;
    const PixelWish *wish;
    char *const *path;
} Rest;

static int try_image(void *context, int i)
{
    const Rest *rest = context;
    Image image = {0};
    int code = image_load(rest->opening, rest->path[i], rest->wish, &image);
    free(image.pixels.at), free(image.values);
    return code;
}

static int read_images(const Spec *spec, Images *im)
{
    Opening o = {.spec = spec};
    const Json *size = json_get(spec_arg(spec, "resize"), "ints");
    PixelWish wish = {
        .channels = channels_of(spec), .gray = spec_bool(spec, "gray", false), .raw = im->raw, .accept = accept, .context = &o};
    for (int i = 0; size && size->n == 2 && i < 2; i++)
        o.size[i] = json_at(size, i)->integer;
    im->image = calloc((size_t)im->n + 1, sizeof *im->image);
    if (!im->image) return rt_no_memory();
    for (int i = 0; i < im->n; i++) {
        int code = image_load(&o, im->path[i], &wish, &im->image[i]);
        if (code) return folder_wrong(code, im->path, im->n, i, try_image, &(Rest){&o, &wish, im->path});
    }
    return NNRT_OK;
}

/* The class of each file; the pictures themselves are not read. */
static int labels(const Spec *spec, Images *im, nnrt_source *out)
{
    char **path = im->path;
    im->path = NULL;
    return text_classes(spec, path, im->n, out);
}

/* JPEG files are read by programs whose patterns name them. */
static const Kinds pictures = {"pictures",
                               "PNG and JPEG",
                               {"png", "jpg", "jpeg", "jpe"},
                               {"bmp", "gif", "tif", "tiff", "webp", "heic", "avif", "jp2", "ppm", "pgm", "pnm", "svg"}};

static int image_open(const Spec *spec, nnrt_source *out)
{
    Images *im = calloc(1, sizeof *im);
    if (!im) return rt_no_memory();
    nnrt_source source = {.state = im,
                          .count = image_count,
                          .extent = image_extent,
                          .get = image_get,
                          .close = image_close,
                          .below = folder_below(spec->path)};
    im->raw = spec_bool(spec, "raw", false);
    bool classes = text_wanted(spec);
    const char *glob = spec_string(spec, "glob", "*.png");
    int code = folder_list(spec->path, glob, &im->path, &im->n);
    if (code || !classes) code = left_out_tell(spec, &pictures, glob, code);
    if (!code) code = classes ? labels(spec, im, out) : read_images(spec, im);
    if (code || classes) {
        image_close(&source);
        return code;
    }
    source.n = im->n;
    source.file = im->path;
    *out = source;
    return NNRT_OK;
}

const nnrt_reader nnrt_reader_image_dir = {"image_dir", image_open};
