/* SPDX-License-Identifier: MIT
 * npy.c: NumPy arrays, version 1 to 3: a magic, a header of fixed grammar, the numbers in C order.
 * Objects are refused. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

/* The text behind 'key': in the header. */
static const char *value_of(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    if (!at) return NULL;
    at = strchr(at + strlen(key), ':');
    if (!at) return NULL;
    for (at++; *at == ' '; at++) {
    }
    return at;
}

static bool type_of(const char *descr, Array *a)
{
    static const struct {
        const char *name;
        ArrayType type;
    } types[] = {
        {"u1", ARRAY_U8},  {"i1", ARRAY_I8},  {"b1", ARRAY_BOOL},
        {"i2", ARRAY_I16}, {"i4", ARRAY_I32}, {"i8", ARRAY_I64},
        {"f2", ARRAY_F16}, {"f4", ARRAY_F32}, {"f8", ARRAY_F64},
    };
    if (!descr || *descr != '\'') return false;
    a->big = descr[1] == '>';
    if (!strchr("<>|=", descr[1])) return false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strncmp(descr + 2, types[i].name, 2) == 0 && descr[4] == '\'') {
            a->type = types[i].type;
            return true;
        }
    return false;
}

static bool shape_of(const char *at, Array *a, uint64_t *total)
{
    int rank = 0;
    if (!at || *at++ != '(') return false;
    *total = 1;
    a->each = 1;
    while (*at && *at != ')') {
        char *end = NULL;
        unsigned long long v = strtoull(at, &end, 10);
        if (end == at || v > 1ull << 40 || __builtin_mul_overflow(*total, (uint64_t)v, total))
            return false;
        if (rank++ == 0)
            a->n = (int64_t)v;
        else if (__builtin_mul_overflow(a->each, (int64_t)v, &a->each))
            return false;
        for (at = end; *at == ',' || *at == ' '; at++) {
        }
    }
    return rank > 0 && rank <= 8;
}

static int npy_open(const Spec *spec, nnrt_source *out)
{
    Array a = {0};
    size_t size = 0;
    int code = file_read(spec->path, &a.text, &size);
    if (code) return code;
    const unsigned char *b = (const unsigned char *)a.text;
    size_t start = 0, length = 0;
    if (size > 12 && memcmp(b, "\x93NUMPY", 6) == 0) {
        start = b[6] == 1 ? 10 : 12;
        length = b[6] == 1
                     ? (size_t)b[8] | (size_t)b[9] << 8
                     : (size_t)b[8] | (size_t)b[9] << 8 | (size_t)b[10] << 16 | (size_t)b[11] << 24;
    }
    uint64_t total = 0;
    if (!start || length > size - start || length > 65536) {
        code = rt_fail(NNRT_E_IO, "%s is no NPY file", spec->path);
    } else {
        char *header = strndup((const char *)b + start, length);
        const char *order = header ? value_of(header, "'fortran_order'") : NULL;
        if (!header || !type_of(value_of(header, "'descr'"), &a))
            code = rt_fail(NNRT_E_IO, "%s: this element type of NPY is not read", spec->path);
        else if (!order || strncmp(order, "False", 5))
            code = rt_fail(NNRT_E_IO, "%s: arrays in Fortran order are not read", spec->path);
        else if (!shape_of(value_of(header, "'shape'"), &a, &total))
            code = rt_fail(NNRT_E_IO, "%s: damaged shape", spec->path);
        free(header);
    }
    a.at = b + start + length;
    if (!code && (size - start - length) / (size_t)array_width(a.type) < total)
        code = rt_fail(NNRT_E_IO, "%s: the header promises %llu numbers, the file ends before",
                       spec->path, (unsigned long long)total);
    if (!code) {
        int64_t window = spec_int(spec, "window", 0), stride = spec_int(spec, "stride", window);
        a.step = a.each * array_width(a.type);
        if (window > 0 && stride > 0) {
            a.n = a.n < window ? 0 : (a.n - window) / stride + 1;
            a.step *= stride;
            a.each *= window;
        }
        code = array_source(&a, out);
    }
    if (code) free(a.text);
    return code;
}

const nnrt_reader nnrt_reader_npy = {"npy", npy_open};
