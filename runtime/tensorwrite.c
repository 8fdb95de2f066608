/* SPDX-License-Identifier: MIT
 * tensorwrite.c: results of exports as CSV, NPY, PNG (uncompressed blocks), WAV and JSON. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tensorfile.h"

double tensor_value(const void *data, int dtype, int64_t i)
{
    switch (dtype) {
    case NNRT_F32: return ((const float *)data)[i];
    case NNRT_F64: return ((const double *)data)[i];
    case NNRT_I32: return ((const int32_t *)data)[i];
    case NNRT_I64: return (double)((const int64_t *)data)[i];
    case NNRT_I8: return ((const int8_t *)data)[i];
    default: return ((const uint8_t *)data)[i];
    }
}

static int64_t count_of(int rank, const int64_t *dim)
{
    int64_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= dim[i];
    return n;
}

/* The shortest text that reads back as the same number of that type. */
static void put_value(FILE *f, double v, int dtype)
{
    char text[40];
    if (dtype == NNRT_F32 && v - v == 0) {
        for (int digits = 1; digits <= 9; digits++) {
            snprintf(text, sizeof text, "%.*g", digits, v);
            if (strtof(text, NULL) == (float)v) break;
        }
        fputs(text, f);
    } else if (v - v == 0) {
        fputs(json_format_number(v, text, sizeof text), f);
    } else {
        fputs(v != v ? "nan" : v > 0 ? "inf" : "-inf", f);
    }
}

void tensor_print(FILE *f, int dtype, int rank, const int64_t *dim, const void *data)
{
    int64_t n = count_of(rank, dim), row = rank >= 2 ? n / dim[0] : 1;
    for (int64_t i = 0; i < n; i++) {
        put_value(f, tensor_value(data, dtype, i), dtype);
        fputc((i + 1) % row ? ',' : '\n', f);
    }
}

/* ---- NPY
 * -------------------------------------------------------------------------------------------------------
 */

static void write_npy(FILE *f, int dtype, int rank, const int64_t *dim, const void *data)
{
    static const char *const names[] = {
        [NNRT_F32] = "<f4",  [NNRT_F64] = "<f8", [NNRT_I32] = "<i4", [NNRT_I64] = "<i8",
        [NNRT_BOOL] = "|b1", [NNRT_U8] = "|u1",  [NNRT_I8] = "|i1"};
    static const int widths[] = {[NNRT_F32] = 4,  [NNRT_F64] = 8, [NNRT_I32] = 4, [NNRT_I64] = 8,
                                 [NNRT_BOOL] = 1, [NNRT_U8] = 1,  [NNRT_I8] = 1};
    char header[512];
    int n = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                     names[dtype]);
    for (int i = 0; i < rank; i++)
        n += snprintf(header + n, sizeof header - (size_t)n, "%lld,%s", (long long)dim[i],
                      i + 1 < rank ? " " : "");
    n += snprintf(header + n, sizeof header - (size_t)n, "), }");
    while ((10 + n + 1) % 64)
        header[n++] = ' ';
    header[n++] = '\n';
    fwrite("\x93NUMPY\x01\x00", 1, 8, f);
    fputc(n & 255, f), fputc(n >> 8, f);
    fwrite(header, 1, (size_t)n, f);
    fwrite(data, (size_t)widths[dtype], (size_t)count_of(rank, dim), f);
}

/* ---- PNG
 * ---------------------------------------------------------------------------------------------------------
 */

typedef struct Picture { /* a grid of images of the same size */
    int64_t n, height, width, channels, across, down;
    double scale, shift;
} Picture;

static uint32_t crc_step(uint32_t crc, const unsigned char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crc ^= b[i];
        for (int k = 0; k < 8; k++)
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
    }
    return crc;
}

static void put_be32(unsigned char *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(v >> (24 - 8 * i));
}

static void put_chunk(FILE *f, const char *kind, const unsigned char *data, size_t n)
{
    unsigned char four[4];
    put_be32(four, (uint32_t)n);
    fwrite(four, 1, 4, f);
    fwrite(kind, 1, 4, f);
    fwrite(data, 1, n, f);
    put_be32(four, ~crc_step(crc_step(0xFFFFFFFFu, (const unsigned char *)kind, 4), data, n));
    fwrite(four, 1, 4, f);
}

/* [H, W], [H, W, C], [N, H, W, C] with C of 1 or 3; [N, k * k] as N square images. */
static bool picture_of(int rank, const int64_t *dim, Picture *p)
{
    *p = (Picture){.n = 1, .channels = 1};
    bool last = rank >= 3 && (dim[rank - 1] == 1 || dim[rank - 1] == 3);
    if (rank == 4 && last)
        *p = (Picture){.n = dim[0], .height = dim[1], .width = dim[2], .channels = dim[3]};
    else if (rank == 3 && last)
        p->height = dim[0], p->width = dim[1], p->channels = dim[2];
    else if (rank == 3)
        p->n = dim[0], p->height = dim[1], p->width = dim[2];
    else if (rank == 2 &&
             (int64_t)(sqrt((double)dim[1]) + 0.5) * (int64_t)(sqrt((double)dim[1]) + 0.5) ==
                 dim[1] &&
             dim[0] != dim[1])
        p->n = dim[0], p->height = p->width = (int64_t)(sqrt((double)dim[1]) + 0.5);
    else if (rank == 2)
        p->height = dim[0], p->width = dim[1];
    else
        return false;
    p->across = (int64_t)ceil(sqrt((double)p->n));
    p->down = (p->n + p->across - 1) / p->across;
    return true;
}

/* Floats of 0..1 or -1..1 become 0..255; integers are stored as they are. */
static void picture_range(Picture *p, int dtype, const void *data, int64_t n)
{
    p->scale = 1;
    if (dtype == NNRT_BOOL) p->scale = 255;
    if (dtype != NNRT_F32 && dtype != NNRT_F64) return;
    double least = 0;
    for (int64_t i = 0; i < n; i++) {
        double v = tensor_value(data, dtype, i);
        if (v < least) least = v;
    }
    p->scale = least < 0 ? 127.5 : 255;
    p->shift = least < 0 ? 127.5 : 0;
}

static unsigned char *pixels_of(const Picture *p, int dtype, const void *data, size_t *bytes)
{
    size_t line = 1 + (size_t)(p->across * p->width * p->channels);
    *bytes = line * (size_t)(p->down * p->height);
    unsigned char *raw = rt_alloc(*bytes);
    int64_t each = p->height * p->width * p->channels;
    for (int64_t i = 0; raw && i < p->n * each; i++) {
        int64_t image = i / each, y = i % each / (p->width * p->channels),
                x = i % (p->width * p->channels);
        double v = tensor_value(data, dtype, i) * p->scale + p->shift + 0.5;
        size_t at = line * (size_t)(image / p->across * p->height + y) + 1 +
                    (size_t)(image % p->across * p->width * p->channels + x);
        raw[at] = v >= 255 ? 255 : v >= 0 ? (unsigned char)v : 0;
    }
    return raw;
}

static int write_png(FILE *f, const char *path, int dtype, int rank, const int64_t *dim,
                     const void *data)
{
    Picture p;
    if (!picture_of(rank, dim, &p))
        return rt_fail(NNRT_E_SHAPE, "%s: the result has no shape of a picture", path);
    picture_range(&p, dtype, data, count_of(rank, dim));
    size_t bytes = 0;
    unsigned char *raw = pixels_of(&p, dtype, data, &bytes),
                  *stream = raw ? rt_alloc(bytes + bytes / 65535 * 5 + 16) : NULL;
    if (!stream) {
        rt_free(raw);
        return NNRT_E_MEM;
    }
    size_t n = 0;
    uint32_t a = 1, b = 0; /* Adler-32 */
    stream[n++] = 0x78, stream[n++] = 0x01;
    for (size_t at = 0; at < bytes;) {
        size_t part = bytes - at < 65535 ? bytes - at : 65535;
        stream[n++] = at + part == bytes;
        stream[n++] = (unsigned char)part, stream[n++] = (unsigned char)(part >> 8);
        stream[n++] = (unsigned char)~part, stream[n++] = (unsigned char)(~part >> 8);
        memcpy(stream + n, raw + at, part);
        for (size_t i = 0; i < part; i++)
            a = (a + raw[at + i]) % 65521, b = (b + a) % 65521;
        n += part, at += part;
    }
    put_be32(stream + n, b << 16 | a);
    unsigned char head[13] = {[8] = 8, [9] = p.channels == 3 ? 2 : 0};
    put_be32(head, (uint32_t)(p.across * p.width));
    put_be32(head + 4, (uint32_t)(p.down * p.height));
    fwrite("\x89PNG\r\n\x1a\n", 1, 8, f);
    put_chunk(f, "IHDR", head, 13);
    put_chunk(f, "IDAT", stream, n + 4);
    put_chunk(f, "IEND", head, 0);
    rt_free(raw);
    rt_free(stream);
    return NNRT_OK;
}

/* ---- WAV: 16 bits, mono
 * ------------------------------------------------------------------------------------------ */

static void put_le(FILE *f, uint32_t v, int n)
{
    for (int i = 0; i < n; i++)
        fputc((int)(v >> (8 * i) & 255), f);
}

static void write_wav(FILE *f, int dtype, int64_t n, const void *data, int rate)
{
    fputs("RIFF", f), put_le(f, (uint32_t)(36 + 2 * n), 4);
    fputs("WAVEfmt ", f), put_le(f, 16, 4), put_le(f, 1, 2), put_le(f, 1, 2);
    put_le(f, (uint32_t)rate, 4), put_le(f, (uint32_t)rate * 2, 4), put_le(f, 2, 2),
        put_le(f, 16, 2);
    fputs("data", f), put_le(f, (uint32_t)(2 * n), 4);
    for (int64_t i = 0; i < n; i++) {
        double v = tensor_value(data, dtype, i) * 32768;
        put_le(f, (uint32_t)(int32_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : floor(v + 0.5)), 2);
    }
}

static void write_json(FILE *f, int dtype, int rank, const int64_t *dim, const void *data,
                       int64_t at)
{
    if (rank == 0) {
        double v = tensor_value(data, dtype, at);
        if (v - v == 0)
            put_value(f, v, dtype);
        else
            fputs("null", f);
        return;
    }
    int64_t each = count_of(rank - 1, dim + 1);
    fputc('[', f);
    for (int64_t i = 0; i < dim[0]; i++) {
        if (i) fputc(',', f);
        write_json(f, dtype, rank - 1, dim + 1, data, at + i * each);
    }
    fputc(']', f);
}

static bool ends_in(const char *path, const char *end)
{
    size_t n = strlen(path), k = strlen(end);
    return n >= k && strcmp(path + n - k, end) == 0;
}

int tensor_write(const char *path, int dtype, int rank, const int64_t *dim, const void *data,
                 int rate)
{
    bool out = strcmp(path, "-") == 0;
    FILE *f = out ? stdout : fopen(path, "wb");
    if (!f) return rt_fail(NNRT_E_IO, "%s: %s", path, strerror(errno));
    int code = NNRT_OK;
    if (ends_in(path, ".npy"))
        write_npy(f, dtype, rank, dim, data);
    else if (ends_in(path, ".png"))
        code = write_png(f, path, dtype, rank, dim, data);
    else if (ends_in(path, ".wav"))
        write_wav(f, dtype, count_of(rank, dim), data, rate);
    else if (ends_in(path, ".json"))
        write_json(f, dtype, rank, dim, data, 0), fputc('\n', f);
    else
        tensor_print(f, dtype, rank, dim, data);
    bool bad = ferror(f) != 0;
    if (out ? fflush(f) != 0 : fclose(f) != 0) bad = true;
    if (bad && !code) code = rt_fail(NNRT_E_IO, "%s: %s", path, strerror(errno));
    return code;
}
