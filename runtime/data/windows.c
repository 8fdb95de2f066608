/* SPDX-License-Identifier: MIT
 * windows.c: windows of labels. */
#include "data/windows.h"

#include <stdlib.h>

typedef struct Windows {
    nnrt_source of;
    int64_t window, stride;
} Windows;

static int64_t window_count(nnrt_source *s, int64_t i)
{
    (void)i;
    return ((Windows *)s->state)->window;
}

static void window_extent(nnrt_source *s, int64_t i, int64_t *extent)
{
    extent[0] = window_count(s, i);
}

static int window_row(nnrt_source *s, int64_t i, Numbers *row)
{
    Windows *w = s->state;
    int code = NNRT_OK;
    double *out = malloc(sizeof *out * (size_t)w->window);
    if (!out) return rt_no_memory();
    for (int64_t k = 0; k < w->window && !code; k++)
        code = source_numbers(&w->of, i * w->stride + k, out + k);
    *row = (Numbers){.at = out, .type = NNRT_F64, .own = out};
    return code;
}

static void window_close(nnrt_source *s)
{
    Windows *w = s->state;
    w->of.close(&w->of);
    free(w);
}

int windows_open(nnrt_source *source, int64_t window, int64_t stride)
{
    Windows *w = malloc(sizeof *w);
    if (!w) {
        source->close(source);
        return rt_no_memory();
    }
    *w = (Windows){*source, window, stride};
    *source = (nnrt_source){.n = w->of.n < window ? 0 : (w->of.n - window) / stride + 1,
                            .state = w,
                            .count = window_count,
                            .extent = window_extent,
                            .row = window_row,
                            .made = true,
                            .close = window_close};
    return NNRT_OK;
}
