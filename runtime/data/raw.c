/* SPDX-License-Identifier: MIT
 * raw.c: binary records of a fixed size. */
#include <stdlib.h>
#include <string.h>

#include "base/dtype.h"
#include "data/array.h"
#include "data/stream.h"

/* Offset, stride and extents come from the program: none of the products may overflow. */
static bool layout(const Spec *spec, Array *a, int64_t *offset, int64_t *bytes)
{
    const Json *shape = json_get(spec_arg(spec, "shape"), "ints");
    a->each = shape ? 1 : spec_count(spec);
    for (const Json *d = json_first(shape); d; d = d->next)
        if (__builtin_mul_overflow(a->each, d->integer, &a->each)) return false;
    if (a->each < 1 || __builtin_mul_overflow(a->each, (int64_t)dtype_bytes(a->type), bytes)) return false;
    *offset = spec_int(spec, "offset", 0);
    a->step = spec_int(spec, "stride", *bytes);
    return a->step >= 1 && *offset >= 0 && *offset <= INT64_MAX - *bytes;
}

/* Counts the records; what follows the last one, such as a field behind this one, must leave no room for a part of the
 * next. */
static int count_records(const Spec *spec, Array *a, size_t size, int64_t offset, int64_t bytes)
{
    int64_t room = (int64_t)size - offset - bytes;
    if (room < 0)
        return rt_fail(NNRT_E_IO, "%s has %zu bytes; one record of %s needs %lld", spec->path, size, spec->name,
                       (long long)(offset + bytes));
    a->n = room / a->step + 1;
    if (a->step < bytes || room % a->step <= a->step - bytes) return NNRT_OK;
    return rt_fail(NNRT_E_IO,
                   "%s has %zu bytes, which end inside of record %lld of %s: from byte %lld on, one "
                   "every %lld bytes, each of %lld",
                   spec->path, size, (long long)a->n, spec->name, (long long)offset, (long long)a->step, (long long)bytes);
}

static int raw_open(const Spec *spec, nnrt_source *out)
{
    int64_t offset = 0, bytes = 0;
    const char *dtype = spec_string(spec, "dtype", "u8");
    Array a = {.type = dtype_find(dtype)};
    if (a.type < 0 || a.type == NNRT_BOOL) return rt_fail(NNRT_E_IO, "%s: there is no dtype \"%s\"", spec->name, dtype);
    if (!layout(spec, &a, &offset, &bytes))
        return rt_fail(NNRT_E_IO, "%s: offset, stride and shape of raw must be positive, and a record must end below 2^63 bytes",
                       spec->name);
    int code = array_file_open(spec, NULL, &a.file);
    a.big = strcmp(spec_string(spec, "endian", "little"), "big") == 0;
    if (!code) code = count_records(spec, &a, a.file.size, offset, bytes);
    a.start = offset;
    if (!code) code = array_source(&a, out);
    if (code) array_file_close(&a.file);
    return code;
}

const nnrt_reader nnrt_reader_raw = {"raw", raw_open};
