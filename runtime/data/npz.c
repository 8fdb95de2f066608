/* SPDX-License-Identifier: MIT
 * npz.c: one array of an NPZ file, as npy has it. */
#include <stdlib.h>

#include "data/array_read.h"
#include "data/parse_npy.h"
#include "data/stream.h"
#include "data/zip.h"

static int npz_open(const Spec *spec, nnrt_source *out)
{
    Array a = {0};
    char *file = NULL, *text = NULL;
    size_t n = 0, size = 0;
    int64_t window = spec_int(spec, "window", 0), stride = spec_int(spec, "stride", window);
    ArrayWanted wanted = {spec, npy_header, window};
    NpzWish wish = {spec_string(spec, "array", NULL), NULL, {array_length, &wanted}};
    int code = spec_read(spec, spec->path, &file, &n);
    if (code) return code;
    code = zip_is(file, n) ? npz_array(spec->path, file, n, &wish, &text, &size)
                           : rt_fail(NNRT_E_IO, "%s is no NPZ file; one array alone is read with npy", spec->path);
    free(file);
    if (!code) code = npy_parse(spec->path, text, size, &a);
    a.file.text = text;
    if (!code && window > 0 && stride > 0) array_windows(&a, window, stride);
    if (!code) code = array_source(&a, out);
    if (code) array_file_close(&a.file);
    return code;
}

const nnrt_reader nnrt_reader_npz = {"npz", npz_open};
