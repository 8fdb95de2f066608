/* SPDX-License-Identifier: MIT
 * png_in.c: pictures as arguments of exports: 0..1, or the stored numbers for integers. */
#include <stdlib.h>

#include "base/base.h"
#include "data/jpeg.h"
#include "format/read.h"

typedef struct Limit {
    const Wish *wish;
    Tensor *t;
} Limit;

/* The shape, before a picture is unpacked that the argument cannot take. */
static int accept(const void *context, const char *path, const int64_t *extent)
{
    const Limit *limit = context;
    *limit->t = (Tensor){.rank = 3, .dim = {extent[0], extent[1], extent[2]}};
    (void)path;
    return tensor_fits(limit->wish, limit->t) ? NNRT_OK : NNRT_E_SHAPE;
}

static int read_picture(const char *path, const char *text, size_t n, const Wish *wish, Tensor *t)
{
    Pixels p = {0};
    Limit limit = {wish, t};
    PixelWish pixels = {.channels = wish->raw && wish->channels == 0 ? 1 : wish->channels,
                        .gray = wish->channels == 1,
                        .raw = wish->raw,
                        .accept = accept,
                        .context = &limit};
    int code = picture_pixels(path, text, n, &pixels, &p);
    if (code) return code;
    int64_t count = p.height * p.width * p.channels;
    *t = (Tensor){.rank = 3, .dim = {p.height, p.width, p.channels}};
    t->at = rt_alloc(sizeof(double) * (size_t)count);
    for (int64_t i = 0; t->at && i < count; i++)
        t->at[i] = pixel_value(&p, wish->raw, i);
    free(p.at);
    return t->at ? NNRT_OK : NNRT_E_MEM;
}

const nnrt_format nnrt_format_png_in = {".png", read_picture, NULL};
