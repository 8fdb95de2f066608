/* SPDX-License-Identifier: MIT
 * sound.c: numbers of -1..1 as a WAV file: 16 bits, mono; several sounds follow one another. */
#include <math.h>
#include <stdio.h>

#include "base/base.h"
#include "base/bytes.h"
#include "base/dtype.h"
#include "base/shape.h"
#include "data/wave.h"
#include "format/format.h"

static int read_wav(const char *path, const char *text, size_t n, const Wish *wish, Tensor *t)
{
    Wave w;
    int code = wav_parse(path, text, n, &w);
    (void)wish;
    if (code) return code;
    *t = (Tensor){.rank = 1, .dim = {w.n}, .is_sound = true, .rate = w.rate};
    t->at = rt_alloc(sizeof(double) * (size_t)w.n);
    for (int64_t i = 0; t->at && i < w.n; i++)
        t->at[i] = wave_value(&w, i);
    return t->at ? NNRT_OK : NNRT_E_MEM;
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
