/* SPDX-License-Identifier: MIT
 * npy.c: NumPy arrays, one example along the first axis, or windows of rows. */
#include <stdlib.h>

#include "data/array_read.h"
#include "data/parse_npy.h"

static int npy_open(const Spec *spec, nnrt_source *out)
{
    Array a;
    int64_t window = spec_int(spec, "window", 0), stride = spec_int(spec, "stride", window);
    int code = array_read(spec, npy_header, npy_parse, window, &a);
    if (code) return code;
    if (window > 0 && stride > 0) array_windows(&a, window, stride);
    code = array_source(&a, out);
    if (code) array_file_close(&a.file);
    return code;
}

const nnrt_reader nnrt_reader_npy = {"npy", npy_open};
