/* SPDX-License-Identifier: MIT
 * idx.c: IDX files (LeCun's MNIST format): two zero bytes, a type, a rank, big-endian extents, then
 * the numbers. */
#include <stdlib.h>

#include "array.h"

static int idx_open(const Spec *spec, nnrt_source *out)
{
    static const int types[] = {
        [8] = ARRAY_U8 + 1,    [9] = ARRAY_I8 + 1,    [0xB] = ARRAY_I16 + 1,
        [0xC] = ARRAY_I32 + 1, [0xD] = ARRAY_F32 + 1, [0xE] = ARRAY_F64 + 1};
    Array a = {.big = true, .each = 1};
    size_t size = 0;
    int code = file_read(spec->path, &a.text, &size);
    if (code) return code;
    const unsigned char *b = (const unsigned char *)a.text;
    int rank = size >= 4 ? b[3] : 0, type = size >= 4 && b[2] < 15 ? types[b[2]] : 0;
    if (size < 4 || b[0] || b[1] || !type || rank < 1 || rank > 8 || size < 4 + 4 * (size_t)rank) {
        code = rt_fail(NNRT_E_IO, "%s is no IDX file", spec->path);
    } else {
        uint64_t total = 1;
        a.type = (ArrayType)(type - 1);
        for (int i = 0; i < rank; i++) {
            const unsigned char *d = b + 4 + 4 * i;
            uint64_t extent =
                (uint64_t)d[0] << 24 | (uint64_t)d[1] << 16 | (uint64_t)d[2] << 8 | d[3];
            if (i == 0)
                a.n = (int64_t)extent;
            else if (__builtin_mul_overflow(a.each, (int64_t)extent, &a.each))
                total = UINT64_MAX;
            if (__builtin_mul_overflow(total, extent, &total) || total > (uint64_t)1 << 40)
                total = UINT64_MAX >> 8;
        }
        a.at = b + 4 + 4 * rank;
        uint64_t want = 4 + 4 * (uint64_t)rank + total * (uint64_t)array_width(a.type);
        a.step = size == want ? a.each * array_width(a.type) : 0;
        if (size != want)
            code = rt_fail(NNRT_E_IO, "%s: the header promises %llu bytes, the file has %zu",
                           spec->path, (unsigned long long)want, size);
    }
    if (!code) code = array_source(&a, out);
    if (code) free(a.text);
    return code;
}

const nnrt_reader nnrt_reader_idx = {"idx", idx_open};
