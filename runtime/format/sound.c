/* SPDX-License-Identifier: MIT
 * sound.c: numbers of -1..1 as a WAV file: 16 bits, mono; several sounds follow one another. */
#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "base/bytes.h"
#include "base/dtype.h"
#include "base/shape.h"
#include "data/resample.h"
#include "data/wave.h"
#include "format/read.h"

/* The sound at the wanted rate: how many samples of it are taken, and how many of the file they need. */
typedef struct Cut {
    const Wave *w;
    bool turns; /* it is resampled */
    uint32_t rate;
    int64_t n, needed;
} Cut;

static int find_cut(const char *path, const Wave *w, const Wish *wish, Cut *c)
{
    *c = (Cut){.w = w, .turns = wish->rate > 0 && wish->rate != w->rate, .rate = wish->rate, .n = w->n};
    if (c->turns && (!wish->resamples || w->rate == 0))
        return rt_fail(NNRT_E_IO, "%s has %u samples a second, but the program's sounds have %u", path, w->rate, wish->rate);
    int code = c->turns ? resample_length(path, w->n, w->rate, c->rate, &c->n) : NNRT_OK;
    if (wish->samples > 0 && c->n > wish->samples) c->n = wish->samples;
    c->needed = c->n;
    if (!code && c->turns) code = resample_needs(path, c->n, w->rate, c->rate, &c->needed);
    if (c->needed > w->n) c->needed = w->n;
    return code;
}

static int take_samples(const char *path, const Cut *c, Tensor *t)
{
    int code = NNRT_OK;
    double *old = rt_alloc(sizeof(double) * (size_t)c->needed);
    if (!old) return NNRT_E_MEM;
    for (int64_t i = 0; i < c->needed; i++)
        old[i] = wave_value(c->w, i);
    if (c->turns) {
        t->at = rt_alloc(sizeof(double) * (size_t)c->n);
        code = t->at ? resample(path, old, c->needed, c->w->rate, c->rate, t->at, c->n) : NNRT_E_MEM;
        rt_free(old);
    } else {
        t->at = old;
    }
    if (code) rt_free(t->at), t->at = NULL;
    return code;
}

/* Of a sound that is cut only what is left is read, and nothing of one that does not fit; the argument fills what is shorter. */
static int read_wav(const char *path, const char *text, size_t n, const Wish *wish, Tensor *t)
{
    Wave w;
    Cut cut;
    int code = wav_parse(path, text, n, &w);
    if (!code) code = find_cut(path, &w, wish, &cut);
    if (code) return code;
    *t = (Tensor){.rank = 1, .dim = {wish->samples > 0 ? wish->samples : cut.n}};
    if (!tensor_fits(wish, t)) return NNRT_E_SHAPE;
    *t = (Tensor){.rank = 1, .dim = {cut.n}, .is_sound = true, .rate = w.rate};
    return take_samples(path, &cut, t);
}

static int write_wav(FILE *f, const Output *o)
{
    int64_t n = shape_size(o->rank, o->dim);
    if (o->rank < 1 || !dtype_is_float(o->dtype)) return rt_fail(NNRT_E_SHAPE, "%s: a sound is a row of floats", o->path);
    if (n > INT32_MAX / 2 - 64) return rt_fail(NNRT_E_SHAPE, "%s: the sound is too long", o->path);
    fputs("RIFF", f), bytes_put_le(f, (uint32_t)(36 + 2 * n), 4);
    fputs("WAVEfmt ", f), bytes_put_le(f, 16, 4), bytes_put_le(f, 1, 2), bytes_put_le(f, 1, 2);
    bytes_put_le(f, (uint32_t)o->rate, 4), bytes_put_le(f, (uint32_t)o->rate * 2, 4);
    bytes_put_le(f, 2, 2), bytes_put_le(f, 16, 2);
    fputs("data", f), bytes_put_le(f, (uint32_t)(2 * n), 4);
    for (int64_t i = 0; i < n; i++) {
        double v = dtype_load(o->dtype, o->data, i) * 32768;
        v = v > 32767 ? 32767 : v >= -32768 ? v : v < -32768 ? -32768 : 0; /* 0: not a number */
        bytes_put_le(f, (uint32_t)(int32_t)floor(v + 0.5), 2);
    }
    return NNRT_OK;
}

const nnrt_format nnrt_format_wav = {".wav", read_wav, write_wav};
