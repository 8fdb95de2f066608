/* SPDX-License-Identifier: MIT
 * parse_wav.c: WAV files (RIFF): PCM of 8, 16, 24 or 32 bits, or float of 32. */
#include <string.h>

#include "wave.h"

static uint32_t le(const unsigned char *b, int n)
{
    uint32_t v = 0;
    for (int i = n - 1; i >= 0; i--)
        v = v << 8 | b[i];
    return v;
}

int wav_parse(const char *path, const char *text, size_t size, Wave *out)
{
    const unsigned char *b = (const unsigned char *)text;
    size_t bytes = 0;
    *out = (Wave){0};
    bool riff = size >= 12 && memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WAVE", 4) == 0;
    for (size_t at = 12; riff && at + 8 <= size;) {
        size_t length = le(b + at + 4, 4);
        if (length > size - at - 8) length = size - at - 8;
        if (memcmp(b + at, "fmt ", 4) == 0 && length >= 16) {
            out->format = (int)le(b + at + 8, 2), out->channels = (int)le(b + at + 10, 2);
            out->rate = le(b + at + 12, 4), out->bits = (int)le(b + at + 22, 2);
            if (out->format == 0xFFFE && length >= 26) out->format = (int)le(b + at + 32, 2);
        } else if (memcmp(b + at, "data", 4) == 0) {
            out->at = b + at + 8, bytes = length;
        }
        at += 8 + length + (length & 1);
    }
    int bits = out->bits;
    bool known = (out->format == 1 && (bits == 8 || bits == 16 || bits == 24 || bits == 32)) ||
                 (out->format == 3 && bits == 32);
    if (!out->at || !known || out->channels < 1 || out->channels > 64)
        return rt_fail(NNRT_E_IO, "%s is no WAV file that can be read (PCM or float)", path);
    out->n = (int64_t)(bytes / ((size_t)out->channels * (size_t)(bits / 8)));
    return NNRT_OK;
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

double wave_value(const Wave *w, int64_t i)
{
    double sum = 0;
    const unsigned char *at = w->at + i * w->channels * (w->bits / 8);
    for (int c = 0; c < w->channels; c++)
        sum += sample(at + c * (w->bits / 8), w->format, w->bits);
    return sum / w->channels;
}
