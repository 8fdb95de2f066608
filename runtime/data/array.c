/* SPDX-License-Identifier: MIT
 * array.c: numbers of any element type and byte order as doubles. */
#include "data/array.h"

#include "base/dtype.h"
#include "base/shape.h"

double array_number(int type, bool big, const unsigned char *at)
{
    _Alignas(8) unsigned char b[8];
    size_t width = dtype_bytes(type);
    for (size_t i = 0; i < width; i++)
        b[i] = at[big ? width - 1 - i : i];
    return dtype_load(type, b, 0);
}

bool array_layout(Array *a, int64_t *bytes)
{
    a->n = a->rank ? a->dim[0] : 1;
    return shape_count(a->rank ? a->rank - 1 : 0, a->dim + 1, &a->each) &&
           !__builtin_mul_overflow(a->each, (int64_t)dtype_bytes(a->type), &a->step) && !__builtin_mul_overflow(a->n, a->step, bytes) &&
           *bytes < INT64_MAX / 4;
}
