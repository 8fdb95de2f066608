/* SPDX-License-Identifier: MIT
 * raw.c: binary records of a fixed size. */
#include <stdlib.h>
#include <string.h>

#include "array.h"

static int raw_open(const Spec *spec, nnrt_source *out)
{
    static const char *const names[] = {"u8", "i8", "i16", "i32", "i64", "f16", "f32", "f64"};
    Array a = {.type = ARRAY_BOOL};
    const char *dtype = spec_string(spec, "dtype", "u8");
    for (int i = 0; i < 8; i++)
        if (strcmp(names[i], dtype) == 0) a.type = (ArrayType)i;
    if (a.type == ARRAY_BOOL)
        return rt_fail(NNRT_E_IO, "%s: there is no dtype \"%s\"", spec->name, dtype);
    size_t size = 0;
    int code = file_read(spec->path, &a.text, &size);
    if (code) return code;
    const Json *shape = json_get(spec_arg(spec, "shape"), "ints");
    a.each = shape ? 1 : spec_count(spec);
    for (const Json *d = shape ? shape->child : NULL; d; d = d->next)
        a.each *= d->integer;
    int64_t bytes = a.each * array_width(a.type), offset = spec_int(spec, "offset", 0);
    a.step = spec_int(spec, "stride", bytes);
    a.big = strcmp(spec_string(spec, "endian", "little"), "big") == 0;
    a.at = (const unsigned char *)a.text + offset;
    if (bytes < 1 || a.step < 1 || offset < 0)
        code =
            rt_fail(NNRT_E_IO, "%s: offset, stride and shape of raw must be positive", spec->name);
    else if ((int64_t)size < offset + bytes)
        code = rt_fail(NNRT_E_IO, "%s has %zu bytes; one record of %s needs %lld", spec->path, size,
                       spec->name, (long long)(offset + bytes));
    else
        a.n = ((int64_t)size - offset - bytes) / a.step + 1;
    if (!code) code = array_source(&a, out);
    if (code) free(a.text);
    return code;
}

const nnrt_reader nnrt_reader_raw = {"raw", raw_open};
