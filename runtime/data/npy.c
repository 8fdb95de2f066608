/* SPDX-License-Identifier: MIT
 * npy.c: NumPy arrays, one example along the first axis, or windows of rows. */
#include <stdlib.h>

#include "array.h"

static int npy_open(const Spec *spec, nnrt_source *out)
{
    char *text = NULL;
    size_t size = 0;
    Array a;
    int code = file_read(spec->path, &text, &size);
    if (code) return code;
    code = npy_parse(spec->path, text, size, &a);
    if (!code && a.rank == 0)
        code = rt_fail(NNRT_E_IO, "%s holds a single number, no array of examples", spec->path);
    if (!code) {
        int64_t window = spec_int(spec, "window", 0), stride = spec_int(spec, "stride", window);
        a.text = text;
        if (window > 0 && stride > 0) {
            a.n = a.n < window ? 0 : (a.n - window) / stride + 1;
            a.step *= stride;
            a.each *= window;
        }
        code = array_source(&a, out);
    }
    if (code) free(text);
    return code;
}

const nnrt_reader nnrt_reader_npy = {"npy", npy_open};
