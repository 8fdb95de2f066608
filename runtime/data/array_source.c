/* SPDX-License-Identifier: MIT
 * array_source.c: equal pieces of an array as a source of examples. (Exports read arrays without it, and without what unpacks files.) */
#include <stdlib.h>

#include "base/dtype.h"
#include "data/array.h"

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
    int64_t from = a->start + i * a->step;
    size_t bytes = (size_t)a->each * dtype_bytes(a->type);
    *row = (Numbers){.type = a->type, .big = a->big};
    if (!a->file.open) return row->at = a->file.text + from, NNRT_OK;
    row->at = row->own = malloc(bytes + 1);
    return row->own ? array_file_read(&a->file, (uint64_t)from, row->own, bytes) : rt_no_memory_for(a->file.path);
}

static void array_close(nnrt_source *s)
{
    array_file_close(&((ArraySource *)s->state)->array.file);
    free(s->state);
}

int array_source(const Array *array, nnrt_source *out)
{
    ArraySource *a = malloc(sizeof *a);
    if (!a) return rt_no_memory();
    a->array = *array;
    for (int k = 0; k < 256; k++)
        a->of_byte[k] = k;
    bool in_memory = !array->file.open && !array->big;
    *out = (nnrt_source){.n = array->n,
                         .even = {in_memory ? array->file.text + array->start : NULL, array->step, array->each, array->type},
                         .state = a,
                         .count = array_count,
                         .row = array_row,
                         .made = array->file.open,
                         .of_byte = array->type == NNRT_U8 ? a->of_byte : NULL,
                         .close = array_close};
    return NNRT_OK;
}
