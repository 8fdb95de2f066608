/* SPDX-License-Identifier: MIT
 * parse_idx.c: header of IDX files (LeCun's MNIST format): two zero bytes, a type, a rank,
 * big-endian extents, then the numbers. */
#include "array.h"

static uint64_t extent_at(const unsigned char *b)
{
    return (uint64_t)b[0] << 24 | (uint64_t)b[1] << 16 | (uint64_t)b[2] << 8 | b[3];
}

int idx_parse(const char *path, const char *text, size_t size, Array *out)
{
    static const int types[] = {
        [8] = ARRAY_U8 + 1,    [9] = ARRAY_I8 + 1,    [0xB] = ARRAY_I16 + 1,
        [0xC] = ARRAY_I32 + 1, [0xD] = ARRAY_F32 + 1, [0xE] = ARRAY_F64 + 1};
    const unsigned char *b = (const unsigned char *)text;
    int rank = size >= 4 ? b[3] : 0, type = size >= 4 && b[2] < 15 ? types[b[2]] : 0;
    if (size < 4 || b[0] || b[1] || !type || rank < 1 || rank > 8 || size < 4 + 4 * (size_t)rank)
        return rt_fail(NNRT_E_IO, "%s is no IDX file", path);
    *out = (Array){.type = (ArrayType)(type - 1), .big = true, .each = 1, .rank = rank};
    uint64_t total = 1, most = (uint64_t)1 << 40;
    for (int i = 0; i < rank; i++) {
        uint64_t extent = extent_at(b + 4 + 4 * i);
        out->dim[i] = (int64_t)extent;
        if (i && __builtin_mul_overflow(out->each, (int64_t)extent, &out->each)) total = most + 1;
        if (__builtin_mul_overflow(total, extent, &total) || total > most) total = most + 1;
    }
    out->n = out->dim[0];
    out->at = b + 4 + 4 * rank;
    out->step = out->each * array_width(out->type);
    uint64_t want = 4 + 4 * (uint64_t)rank + total * (uint64_t)array_width(out->type);
    if (size == want && total <= most) return NNRT_OK;
    return rt_fail(NNRT_E_IO, "%s: the header promises %llu bytes, the file has %zu", path,
                   (unsigned long long)want, size);
}
