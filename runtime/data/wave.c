/* SPDX-License-Identifier: MIT
 * wave.c: WAV files (RIFF): PCM of 8, 16, 24 or 32 bits, or float of 32 or 64. */
#include "data/wave.h"

#include <string.h>

#include "base/base.h"
#include "base/bytes.h"

/* Programs that write to a pipe cannot go back to say how long the sound became, and put the largest number there or one near
 * it: the sound goes on to the end of the file. */
static bool is_open_end(uint32_t length)
{
    return length >= 0x7FFFF000u;
}

static void take_format(const unsigned char *b, size_t length, Wave *w)
{
    w->format = (int)bytes_le(b, 2), w->channels = (int)bytes_le(b + 2, 2);
    w->rate = (uint32_t)bytes_le(b + 4, 4), w->bits = (int)bytes_le(b + 14, 2);
    if (w->format == 0xFFFE && length >= 26) w->format = (int)bytes_le(b + 24, 2);
}

/* The format and the place of the samples; 0 or a code. */
static int read_chunks(const char *path, const unsigned char *b, size_t size, Wave *w, size_t *bytes)
{
    for (size_t at = 12; at + 8 <= size;) {
        uint32_t said = (uint32_t)bytes_le(b + at + 4, 4);
        size_t left = size - at - 8, length = said;
        bool data = memcmp(b + at, "data", 4) == 0;
        if (data && w->at) return rt_fail(NNRT_E_IO, "%s has its samples in more than one piece", path);
        if (length > left && data && !is_open_end(said))
            return rt_fail(NNRT_E_IO, "%s ends too early: it should have %u bytes of samples, but has %zu", path, said, left);
        if (length > left) length = left;
        if (data)
            w->at = b + at + 8, *bytes = length;
        else if (memcmp(b + at, "fmt ", 4) == 0 && length >= 16)
            take_format(b + at + 8, length, w);
        at += 8 + length + (length & 1);
    }
    return NNRT_OK;
}

int wav_parse(const char *path, const char *text, size_t size, Wave *out)
{
    const unsigned char *b = (const unsigned char *)text;
    size_t bytes = 0;
    *out = (Wave){0};
    if (size >= 12 && memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WAVE", 4) == 0) {
        int code = read_chunks(path, b, size, out, &bytes);
        if (code) return code;
    }
    int bits = out->bits;
    bool known =
        (out->format == 1 && (bits == 8 || bits == 16 || bits == 24 || bits == 32)) || (out->format == 3 && (bits == 32 || bits == 64));
    if (!out->at || !known || out->channels < 1 || out->channels > 64)
        return rt_fail(NNRT_E_IO, "%s is no WAV file that can be read (PCM or float)", path);
    size_t each = (size_t)out->channels * (size_t)(bits / 8);
    out->n = (int64_t)(bytes / each);
    if (out->n == 0) return rt_fail(NNRT_E_IO, "%s: there are no samples", path);
    if (bytes % each)
        return rt_fail(NNRT_E_IO, "%s has %zu bytes of samples, but each takes %zu (%d channel%s of %d bits)", path, bytes, each,
                       out->channels, out->channels == 1 ? "" : "s", bits);
    return NNRT_OK;
}

static double sample(const unsigned char *b, int format, int bits)
{
    if (format == 3 && bits == 64) {
        double f;
        memcpy(&f, b, sizeof f);
        return f;
    }
    if (format == 3) {
        float f;
        memcpy(&f, b, sizeof f);
        return (double)f;
    }
    switch (bits) {
    case 8: return (b[0] - 128) / 128.0;
    case 16: return (int16_t)bytes_le(b, 2) / 32768.0;
    case 24: return (int32_t)(uint32_t)(bytes_le(b, 3) << 8) / 2147483648.0;
    default: return (int32_t)bytes_le(b, 4) / 2147483648.0;
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
