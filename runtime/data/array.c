/* SPDX-License-Identifier: MIT
 * array.c: numbers of any element type and byte order as doubles. */
#include "data/array.h"

#include <stdlib.h>

#include "base/dtype.h"
#include "base/shape.h"

double array_number(const Array *a, const unsigned char *at)
{
    _Alignas(8) unsigned char b[8];
    size_t width = dtype_bytes(a->type);
    for (size_t i = 0; i < width; i++)
        b[i] = at[a->big ? width - 1 - i : i];
    return dtype_load(a->type, b, 0);
}

bool array_layout(Array *a, int64_t *bytes)
{
    a->n = a->rank ? a->dim[0] : 1;
    return shape_count(a->rank ? a->rank - 1 : 0, a->dim + 1, &a->each) &&
           !__builtin_mul_overflow(a->each, (int64_t)dtype_bytes(a->type), &a->step) && !__builtin_mul_overflow(a->n, a->step, bytes) &&
           *bytes < INT64_MAX / 4;
}

/* ---- as a source */

static int64_t array_count(nnrt_source *s, int64_t i)
{
    (void)i;
    return ((Array *)s->state)->each;
}

static int array_get(nnrt_source *s, int64_t i, double *out)
{
    const Array *a = s->state;
    const unsigned char *at = a->at + i * a->step;
    if (a->type == NNRT_U8) {
        for (int64_t k = 0; k < a->each; k++)
            out[k] = at[k];
        return NNRT_OK;
    }
    size_t width = dtype_bytes(a->type);
    for (int64_t k = 0; k < a->each; k++)
        out[k] = array_number(a, at + (size_t)k * width);
    return NNRT_OK;
}

static void array_close(nnrt_source *s)
{
    free(((Array *)s->state)->text);
    free(s->state);
}

int array_source(const Array *array, nnrt_source *out)
{
    Array *a = malloc(sizeof *a);
    if (!a) return rt_no_memory();
    *a = *array;
    *out = (nnrt_source){.n = a->n, .state = a, .count = array_count, .get = array_get, .close = array_close};
    return NNRT_OK;
}
