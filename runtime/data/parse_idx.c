/* SPDX-License-Identifier: MIT
 * parse_idx.c: header of IDX files (LeCun's MNIST format): two zero bytes, a type, a rank,
 * big-endian extents, then the numbers. */
#include "data/parse_idx.h"

#include "base/bytes.h"
#include "base/dtype.h"

int idx_header(const char *path, const char *text, size_t n, Array *out, size_t *whole)
{
    static const int types[] = {
        [8] = NNRT_U8 + 1, [9] = NNRT_I8 + 1, [0xB] = DTYPE_I16 + 1, [0xC] = NNRT_I32 + 1, [0xD] = NNRT_F32 + 1, [0xE] = NNRT_F64 + 1};
    const unsigned char *b = (const unsigned char *)text;
    int rank = n >= 4 ? b[3] : 0, type = n >= 4 && b[2] < 15 ? types[b[2]] : 0;
    size_t start = 4 + 4 * (size_t)rank;
    if (n < 4 || b[0] || b[1] || !type || rank < 1 || rank > 8 || n < start) return rt_fail(NNRT_E_IO, "%s is no IDX file", path);
    *out = (Array){.type = type - 1, .big = true, .rank = rank, .start = (int64_t)start};
    for (int i = 0; i < rank; i++)
        out->dim[i] = (int64_t)bytes_be(b + 4 + 4 * i, 4);
    int64_t bytes = 0;
    if (!array_layout(out, &bytes)) return rt_fail(NNRT_E_IO, "%s: damaged shape", path);
    *whole = start + (size_t)bytes;
    return NNRT_OK;
}

int idx_parse(const char *path, char *text, size_t size, Array *out)
{
    size_t whole = 0;
    int code = idx_header(path, text, size, out, &whole);
    if (code || size == whole) return code;
    return rt_fail(NNRT_E_IO, "%s: the header promises %zu bytes, the file has %s%zu", path, whole, size > whole ? "more: " : "", size);
}
