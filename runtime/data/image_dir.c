/* SPDX-License-Identifier: MIT
 * image_dir.c: PNG files of a folder and its subfolders; 0..1, or the stored numbers with raw=true.
 * Those that are held (hold.h) stay as the files have them until a batch is made. */
#include <stdlib.h>
#include <string.h>

#include "data/file.h"
#include "data/folder.h"
#include "data/hold.h"
#include "data/jpeg.h"
#include "data/left_out.h"
#include "data/pieces.h"
#include "data/pixels.h"
#include "data/share.h"
#include "data/text_source.h"

typedef struct Image { /* a picture in memory */
    Pixels pixels;  /* as the file has them; */
    double *values; /* or, where that needs less memory, what a reduced picture became */
} Image;

typedef struct Images {
    nnrt *m;
    Spec spec;
    PixelWish wish;
    int64_t size[2]; /* of resize=, or 0 */
    char **path;
    Image *image;        /* of each file; neither pixels nor values: it is read when it is asked for */
    int64_t (*extent)[3]; /* of each */
    int n;
    size_t held;
    double of_byte[256]; /* what stored numbers stand for */
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
    const int64_t *e = ((Images *)s->state)->extent[i];
    return e[0] * e[1] * e[2];
}

static void image_extent(nnrt_source *s, int64_t i, int64_t *extent)
{
    memcpy(extent, ((Images *)s->state)->extent[i], 3 * sizeof *extent);
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

static void image_drop(Image *image)
{
    free(image->pixels.at), free(image->values);
    *image = (Image){0};
}

/* ---- files */

static void final_extent(const Images *im, const int64_t *file, int64_t *extent)
{
    extent[0] = im->size[0] > 0 ? im->size[0] : file[0];
    extent[1] = im->size[0] > 0 ? im->size[1] : file[1];
    extent[2] = file[2];
}

/* Is this the shape that the field declares? Asked before a picture is unpacked. */
static int accept(const void *context, const char *path, const int64_t *file)
{
    const Images *im = context;
    const Spec *spec = &im->spec;
    int64_t extent[3];
    char want[SPEC_WANT];
    final_extent(im, file, extent);
    int code = spec_check_shape(spec, path, 3, extent);
    bool picture = spec->rank == 2 || (spec->rank == 3 && spec->dim[2] == extent[2]);
    bool other =
        code && !im->size[0] && picture && spec->dim[0] > 0 && spec->dim[1] > 0 && (extent[0] != spec->dim[0] || extent[1] != spec->dim[1]);
    if (other)
        return rt_fail(code, "%s (resize=[%lld, %lld] makes all pictures so)", nnrt_error_text(), (long long)spec->dim[0],
                       (long long)spec->dim[1]);
    if (code && file[2] == 4 && channels_of(spec) == 2)
        return rt_fail(code, "%s has colours, but %s (2 channels are grey and transparency)", path, spec_want(spec, want));
    if (code && file[2] > 1 && channels_of(spec) == 1) return rt_fail(code, "%s (gray=true makes colours grey)", nnrt_error_text());
    return code;
}

/* The picture of a file; of one that was looked at before the extents are known. */
static int image_load(const Images *im, int i, Image *image, int64_t *extent)
{
    char *text = NULL;
    size_t n = 0;
    Pixels *p = &image->pixels;
    int code = file_read_within(im->path[i], &text, &n);
    if (!code) code = picture_pixels(im->path[i], text, n, &im->wish, p);
    free(text);
    if (code) return code;
    final_extent(im, (int64_t[]){p->height, p->width, p->channels}, extent);
    size_t values = sizeof(double) * (size_t)(extent[0] * extent[1] * p->channels);
    if (values >= (size_t)(p->height * p->width * p->channels * (p->bits / 8))) return NNRT_OK;
    image->values = malloc(values);
    if (!image->values) return rt_no_memory();
    resize(p, im->wish.raw, extent, image->values);
    free(p->at);
    p->at = NULL;
    return NNRT_OK;
}

static int take_image(void *state, int i, size_t *bytes)
{
    Images *im = state;
    Image *image = &im->image[i];
    const Pixels *p = &image->pixels;
    const int64_t *e = im->extent[i];
    int code = image_load(im, i, image, im->extent[i]);
    if (code)
        image_drop(image);
    else
        *bytes =
            image->values ? sizeof(double) * (size_t)(e[0] * e[1] * e[2]) : (size_t)(p->height * p->width * p->channels * (p->bits / 8));
    return code;
}

static void drop_image(void *state, int i)
{
    image_drop(&((Images *)state)->image[i]);
}

enum { LOOKED = -1 }; /* a code for what is no error: the rest of the picture is not needed */
typedef struct Look {
    Images *im;
    int i;
    bool done;
} Look;

static int accept_look(const void *context, const char *path, const int64_t *file)
{
    const Look *look = context;
    int code = accept(look->im, path, file);
    if (!code) final_extent(look->im, file, look->im->extent[look->i]);
    return code ? code : LOOKED;
}

static int look_at(Look *look, const char *path, const char *text, size_t n)
{
    Pixels p = {0};
    PixelWish wish = look->im->wish;
    wish.accept = accept_look, wish.context = look;
    int code = picture_pixels(path, text, n, &wish, &p);
    look->done = code == LOOKED;
    return look->done ? NNRT_OK : code;
}

/* Of a FileHeader: the first bytes are enough, or the file is read again. */
static int look_first(const void *context, const char *path, const char *text, size_t n, size_t *whole)
{
    (void)look_at(*(Look *const *)context, path, text, n);
    *whole = 0;
    return NNRT_OK;
}

static int look_image(void *state, int i)
{
    Look look = {state, i, false}, *at = &look;
    FileHeader header = {look_first, &at};
    char *text = NULL;
    size_t n = 0;
    const char *path = look.im->path[i];
    int code = file_read_headed(path, &header, &text, &n);
    if (code || look.done) return free(text), code;
    free(text);
    code = file_read_within(path, &text, &n);
    if (!code) code = look_at(&look, path, text, n);
    free(text);
    return code;
}

/* ---- rows */

/* Numbers that are made of the pixels. */
static int made_row(const Images *im, int64_t i, const Pixels *p, Numbers *row)
{
    const int64_t *e = im->extent[i];
    int64_t n = e[0] * e[1] * e[2];
    double *out = malloc(sizeof *out * (size_t)n);
    if (!out) return rt_no_memory_for(im->path[i]);
    if (p->height != e[0] || p->width != e[1])
        resize(p, im->wish.raw, e, out);
    else
        for (int64_t k = 0; k < n; k++)
            out[k] = pixel_value(p, im->wish.raw, k);
    *row = (Numbers){.at = out, .type = NNRT_F64, .own = out};
    return NNRT_OK;
}

/* Are its numbers there, as a row has them? */
static bool as_wanted(const Images *im, int64_t i, const Image *image)
{
    const Pixels *p = &image->pixels;
    return image->values || (p->at && p->bits == 8 && p->height == im->extent[i][0] && p->width == im->extent[i][1]);
}

static int row_of(const Images *im, int64_t i, const Image *image, Numbers *row)
{
    if (!as_wanted(im, i, image)) return made_row(im, i, &image->pixels, row);
    *row = image->values ? (Numbers){.at = image->values, .type = NNRT_F64} : (Numbers){.at = image->pixels.at, .type = NNRT_U8};
    return NNRT_OK;
}

/* The file has become another one since its beginning was looked at. */
static int changed(const char *path)
{
    return rt_fail(NNRT_E_SHAPE, "%s has another size than when the data was opened", path);
}

static int image_row(nnrt_source *s, int64_t i, Numbers *row)
{
    const Images *im = s->state;
    const Image *held = &im->image[i];
    if (held->values || held->pixels.at) return row_of(im, i, held, row);
    Image image = {0};
    int64_t extent[3] = {0};
    int code = image_load(im, (int)i, &image, extent);
    if (!code && memcmp(extent, im->extent[i], sizeof extent)) code = changed(im->path[i]);
    if (!code) code = row_of(im, i, &image, row);
    void *own = !code && !row->own ? (void *)(image.values ? (void *)image.values : image.pixels.at) : NULL;
    if (own)
        row->own = own;
    else
        image_drop(&image);
    return code;
}

static void image_close(nnrt_source *s)
{
    Images *im = s->state;
    for (int i = 0; im->image && i < im->n; i++)
        image_drop(&im->image[i]);
    share_give_back(im->m, im->held);
    rt_free_texts(im->path, im->n);
    free(im->image), free(im->extent);
    free(im);
}

/* ---- opening */

static int read_images(Images *im)
{
    static const FileKind kind = {take_image, drop_image, look_image};
    const Spec *spec = &im->spec;
    const Json *size = json_get(spec_arg(spec, "resize"), "ints");
    bool raw = spec_bool(spec, "raw", false);
    im->wish =
        (PixelWish){.channels = channels_of(spec), .gray = spec_bool(spec, "gray", false), .raw = raw, .accept = accept, .context = im};
    for (int i = 0; size && size->n == 2 && i < 2; i++)
        im->size[i] = json_at(size, i)->integer;
    for (int i = 0; i < 256; i++)
        im->of_byte[i] = raw ? i : i / 255.0;
    im->image = calloc((size_t)im->n + 1, sizeof *im->image);
    im->extent = calloc((size_t)im->n + 1, sizeof *im->extent);
    if (!im->image || !im->extent) return rt_no_memory();
    return hold_files(im->m, &kind, im, im->path, im->n, &im->held);
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
    im->m = spec->m;
    im->spec = *spec;
    nnrt_source source = {.state = im,
                          .count = image_count,
                          .extent = image_extent,
                          .row = image_row,
                          .of_byte = im->of_byte,
                          .close = image_close,
                          .below = folder_below(spec->path)};
    bool classes = text_wanted(spec);
    const char *glob = spec_string(spec, "glob", "*.png");
    int code = folder_list(spec->path, glob, &im->path, &im->n);
    if (code || !classes) code = left_out_tell(spec, &pictures, glob, code);
    if (!code) code = classes ? labels(spec, im, out) : read_images(im);
    if (code || classes) {
        image_close(&source);
        return code;
    }
    source.n = im->n;
    source.file = im->path;
    for (int i = 0; i < im->n && !source.made; i++)
        source.made = !as_wanted(im, i, &im->image[i]);
    *out = source;
    return NNRT_OK;
}

const nnrt_reader nnrt_reader_image_dir = {"image_dir", image_open};
