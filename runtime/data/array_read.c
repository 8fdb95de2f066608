/* SPDX-License-Identifier: MIT
 * array_read.c: files with a header of a shape, for readers; exports read theirs in format/read.c. */
#include "data/array_read.h"

#include <stdlib.h>

#include "data/file.h"
#include "data/stream.h"

/* Shape of one example. */
static int shape_of(const Array *a, int64_t window, int64_t *dim)
{
    int rank = 0;
    if (window > 0) dim[rank++] = window;
    for (int i = 1; i < a->rank && rank < 8; i++)
        dim[rank++] = a->dim[i];
    return rank;
}

int array_length(const void *context, const char *path, const char *text, size_t n, size_t *whole)
{
    const ArrayWanted *w = context;
    Array a;
    int64_t dim[8];
    int code = w->header(path, text, n, &a, whole);
    if (!code && a.rank == 0) code = rt_fail(NNRT_E_IO, "%s holds a single number, no array of examples", path);
    return code ? code : spec_check_shape(w->spec, path, shape_of(&a, w->window, dim), dim);
}

int array_read(const Spec *spec, ArrayHeader *header, ArrayParse *parse, int64_t window, Array *out)
{
    ArrayFile file;
    Array first = {0};
    size_t whole = 0;
    ArrayWanted wanted = {spec, header, window};
    int code = array_file_open(spec, &(FileHeader){array_length, &wanted}, &file);
    if (!code) code = array_length(&wanted, spec->path, file.text, file.size, &whole);
    if (!code) code = header(spec->path, file.text, file.size, &first, &whole);
    if (!code && first.fortran && first.rank > 1) code = array_file_whole(&file);
    if (!code) code = parse(spec->path, file.text, file.size, out);
    out->file = file;
    if (code) array_file_close(&out->file);
    return code;
}

void array_windows(Array *a, int64_t window, int64_t stride)
{
    a->n = a->n < window ? 0 : (a->n - window) / stride + 1;
    if (__builtin_mul_overflow(a->step, stride, &a->step)) a->n = a->n > 0; /* none behind the first */
    a->each *= window;
}
