/* SPDX-License-Identifier: MIT
 * wav_dir.c: WAV files (RIFF; PCM of 8, 16, 24, 32 bits or float) of a folder and its subfolders,
 * mixed to mono, -1..1. */
#include <stdlib.h>
#include <string.h>

#include "reader.h"

typedef struct Sounds {
    char **path;
    float **wave;
    int64_t each;
    int n;
} Sounds;

static uint32_t le(const unsigned char *b, int n)
{
    uint32_t v = 0;
    for (int i = n - 1; i >= 0; i--)
        v = v << 8 | b[i];
    return v;
}

static double sample(const unsigned char *b, int format, int bits)
{
    if (format == 3) {
        float f;
        memcpy(&f, b, sizeof f);
        return f;
    }
    switch (bits) {
    case 8: return (b[0] - 128) / 128.0;
    case 16: return (int16_t)le(b, 2) / 32768.0;
    case 24: return (int32_t)(le(b, 3) << 8) / 2147483648.0;
    default: return (int32_t)le(b, 4) / 2147483648.0;
    }
}

/* Cut or filled with zeros to `each` samples. */
static int wav_read(const char *path, int64_t rate, int64_t each, float *out)
{
    char *text = NULL;
    size_t size = 0;
    int code = file_read(path, &text, &size), format = 0, channels = 0, bits = 0;
    if (code) return code;
    const unsigned char *b = (const unsigned char *)text, *data = NULL;
    size_t bytes = 0;
    uint32_t found = 0;
    if (size >= 12 && memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WAVE", 4) == 0) {
        for (size_t at = 12; at + 8 <= size;) {
            size_t length = le(b + at + 4, 4);
            if (length > size - at - 8) length = size - at - 8;
            if (memcmp(b + at, "fmt ", 4) == 0 && length >= 16) {
                format = (int)le(b + at + 8, 2), channels = (int)le(b + at + 10, 2),
                bits = (int)le(b + at + 22, 2);
                found = le(b + at + 12, 4);
                if (format == 0xFFFE && length >= 26) format = (int)le(b + at + 32, 2);
            } else if (memcmp(b + at, "data", 4) == 0) {
                data = b + at + 8, bytes = length;
            }
            at += 8 + length + (length & 1);
        }
    }
    bool known = (format == 1 && (bits == 8 || bits == 16 || bits == 24 || bits == 32)) ||
                 (format == 3 && bits == 32);
    if (!data || !known || channels < 1 || channels > 64)
        code = rt_fail(NNRT_E_IO, "%s is no WAV file that can be read (PCM or float)", path);
    else if (rate > 0 && found != rate)
        code = rt_fail(NNRT_E_IO, "%s has %u samples a second, but rate is %lld", path, found,
                       (long long)rate);
    for (int64_t i = 0; i < each && !code; i++) {
        size_t frame = (size_t)channels * (size_t)(bits / 8), at = (size_t)i * frame;
        double sum = 0;
        for (int c = 0; c < channels && at + frame <= bytes; c++)
            sum += sample(data + at + (size_t)c * (size_t)(bits / 8), format, bits);
        out[i] = (float)(sum / channels);
    }
    free(text);
    return code;
}

static int64_t wav_count(nnrt_source *s, int64_t i)
{
    (void)i;
    return ((Sounds *)s->state)->each;
}

static int wav_get(nnrt_source *s, int64_t i, double *out)
{
    Sounds *w = s->state;
    for (int64_t k = 0; k < w->each; k++)
        out[k] = w->wave[i][k];
    return NNRT_OK;
}

static void wav_close(nnrt_source *s)
{
    Sounds *w = s->state;
    for (int i = 0; i < w->n; i++) {
        free(w->path[i]);
        if (w->wave) free(w->wave[i]);
    }
    free(w->path), free(w->wave);
    free(w);
}

static int wav_open(const Spec *spec, nnrt_source *out)
{
    Sounds *w = calloc(1, sizeof *w);
    if (!w) return rt_fail(NNRT_E_MEM, "out of memory");
    int code = folder_list(spec->path, "*.wav", true, &w->path, &w->n);
    *out = (nnrt_source){
        .n = w->n, .state = w, .count = wav_count, .get = wav_get, .close = wav_close};
    if (!code && text_wanted(spec)) {
        char **text = NULL;
        size_t *length = NULL;
        int n = w->n;
        code = folder_labels(spec, w->path, n, false, &text, &length);
        wav_close(out);
        return code ? code : text_open(spec, text, length, NULL, n, out);
    }
    w->each = spec_count(spec);
    if (!code && w->each < 1)
        code = rt_fail(NNRT_E_IO, "%s: wav_dir needs a fixed length", spec->name);
    w->wave = calloc((size_t)w->n + 1, sizeof *w->wave);
    for (int i = 0; i < w->n && !code; i++) {
        w->wave[i] = calloc((size_t)w->each, sizeof(float));
        code = w->wave[i] ? wav_read(w->path[i], spec_int(spec, "rate", 0), w->each, w->wave[i])
                          : rt_fail(NNRT_E_MEM, "out of memory");
    }
    if (code) wav_close(out);
    return code;
}

const nnrt_reader nnrt_reader_wav_dir = {"wav_dir", wav_open};
