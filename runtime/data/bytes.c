/* SPDX-License-Identifier: MIT
 * bytes.c: a file as consecutive windows of bytes. */
#include <stdlib.h>

#include "data/array.h"
#include "data/stream.h"

static int bytes_open(const Spec *spec, nnrt_source *out)
{
    Array a = {.type = NNRT_U8, .each = spec_count(spec)};
    int code = array_file_open(spec, NULL, &a.file);
    size_t size = a.file.size;
    a.step = spec_int(spec, "stride", a.each);
    if (!code && (a.each < 1 || a.step < 1))
        code = rt_fail(NNRT_E_IO, "%s: bytes needs a fixed length", spec->name);
    else if (!code && (int64_t)size < a.each)
        code = rt_fail(NNRT_E_IO, "%s has %zu bytes, but one window of %s needs %lld", spec->path, size, spec->name, (long long)a.each);
    else if (!code)
        a.n = ((int64_t)size - a.each) / a.step + 1;
    if (!code) code = array_source(&a, out);
    if (code) array_file_close(&a.file);
    return code;
}

const nnrt_reader nnrt_reader_bytes = {"bytes", bytes_open};
