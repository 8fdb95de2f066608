/* SPDX-License-Identifier: MIT
 * row.c: rows of sources as doubles. */
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "data/array.h"
#include "data/reader.h"

void row_numbers(const nnrt_source *s, const Numbers *row, int64_t n, double *out)
{
    const unsigned char *at = row->at;
    size_t width = dtype_bytes(row->type);
    float v;
    if (row->type == NNRT_U8) {
        for (int64_t k = 0; k < n; k++)
            out[k] = s->of_byte[at[k]];
    } else if (row->type == NNRT_F64 && !row->big) {
        memcpy(out, at, sizeof *out * (size_t)n);
    } else if (row->type == NNRT_F32 && !row->big) {
        for (int64_t k = 0; k < n; k++)
            memcpy(&v, at + (size_t)k * width, sizeof v), out[k] = (double)v;
    } else {
        for (int64_t k = 0; k < n; k++)
            out[k] = array_number(row->type, row->big, at + (size_t)k * width);
    }
}

int source_numbers(nnrt_source *s, int64_t i, double *out)
{
    Numbers row = {0};
    int code = s->row(s, i, &row);
    if (!code) row_numbers(s, &row, s->count(s, i), out);
    free(row.own);
    return code;
}
