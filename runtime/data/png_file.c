/* SPDX-License-Identifier: MIT
 * png_file.c: PNG pictures as arguments of exports: 0..1, or the stored numbers for integers. */
#include <stdlib.h>

#include "format.h"
#include "picture.h"

static int read_png(const char *path, const char *text, size_t n, const Wish *wish, Tensor *t)
{
    Pixels p = {0};
    int code = png_pixels(path, text, n, wish->gray || wish->raw, wish->raw, &p);
    if (code) return code;
    int64_t count = p.height * p.width * p.channels;
    *t = (Tensor){.rank = 3, .dim = {p.height, p.width, p.channels}};
    t->at = rt_alloc(sizeof(double) * (size_t)count);
    for (int64_t i = 0; t->at && i < count; i++)
        t->at[i] = wish->raw ? p.at[i] : p.at[i] / 255.0;
    free(p.at);
    return t->at ? NNRT_OK : NNRT_E_MEM;
}

const nnrt_format nnrt_format_png_in = {".png", read_png, NULL};
