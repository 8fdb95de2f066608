/* SPDX-License-Identifier: MIT
 * png_in.c: pictures as arguments of exports: 0..1, or the stored numbers for integers. */
#include <stdlib.h>

#include "base/base.h"
#include "data/jpeg.h"
#include "format/read.h"

typedef struct Limit {
    const Wish *wish;
    bool grey; /* taken as wish->grey */
    Tensor *t;
} Limit;

/* The shape, before a picture is unpacked that the argument cannot take. */
static int accept(const void *context, const char *path, const int64_t *extent)
{
    const Limit *limit = context;
    const Wish *wish = limit->wish;
    *limit->t = (Tensor){.rank = limit->grey ? 2 : 3, .dim = {extent[0], extent[1], limit->grey ? 0 : extent[2]}};
    (void)path;
    if (limit->grey && (extent[0] != wish->grey[0] || extent[1] != wish->grey[1])) return NNRT_E_SHAPE;
    return tensor_fits(wish, limit->t) ? NNRT_OK : NNRT_E_SHAPE;
}

static int read_as(const char *path, const char *text, size_t n, const Wish *wish, bool grey, Tensor *t)
{
    Pixels p = {0};
    Limit limit = {wish, grey, t};
    int channels = grey ? 1 : wish->channels;
    PixelWish pixels = {.channels = wish->raw && channels == 0 ? 1 : channels,
                        .gray = channels == 1,
                        .raw = wish->raw,
                        .accept = accept,
                        .context = &limit};
    int code = picture_pixels(path, text, n, &pixels, &p);
    if (code) return code;
    int64_t count = p.height * p.width * p.channels;
    t->at = rt_alloc(sizeof(double) * (size_t)count);
    for (int64_t i = 0; t->at && i < count; i++)
        t->at[i] = pixel_value(&p, wish->raw, i);
    free(p.at);
    return t->at ? NNRT_OK : NNRT_E_MEM;
}

/* An example where it can be one, else all of the argument. */
static int read_picture(const char *path, const char *text, size_t n, const Wish *wish, Tensor *t)
{
    int code = wish->grey[0] ? read_as(path, text, n, wish, true, t) : NNRT_E_SHAPE;
    return code == NNRT_E_SHAPE ? read_as(path, text, n, wish, false, t) : code;
}

const nnrt_format nnrt_format_png_in = {".png", read_picture, NULL};
