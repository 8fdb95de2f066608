/* SPDX-License-Identifier: MIT
 * array.c: numbers of any element type and byte order as doubles. */
#include "data/array.h"

#include <stdlib.h>

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

/* ---- as a source */

typedef struct ArraySource {
    Array array;
    double of_byte[256]; /* each byte is itself */
} ArraySource;

static int64_t array_count(nnrt_source *s, int64_t i)
{
    (void)i;
    return ((ArraySource *)s->state)->array.each;
}

static int array_row(nnrt_source *s, int64_t i, Numbers *row)
{
    const Array *a = &((ArraySource *)s->state)->array;
    *row = (Numbers){.at = a->at + i * a->step, .type = a->type, .big = a->big};
    return NNRT_OK;
}

static void array_close(nnrt_source *s)
{
    free(((ArraySource *)s->state)->array.text);
    free(s->state);
}

int array_source(const Array *array, nnrt_source *out)
{
    ArraySource *a = malloc(sizeof *a);
    if (!a) return rt_no_memory();
    a->array = *array;
    for (int k = 0; k < 256; k++)
        a->of_byte[k] = k;
    *out = (nnrt_source){.n = array->n,
                         .state = a,
                         .count = array_count,
                         .row = array_row,
                         .of_byte = array->type == NNRT_U8 ? a->of_byte : NULL,
                         .close = array_close};
    return NNRT_OK;
}
