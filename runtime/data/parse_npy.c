/* SPDX-License-Identifier: MIT
 * parse_npy.c: header of NumPy arrays, version 1 to 3: a magic, a text of fixed grammar, then the
 * numbers in C order. Objects are refused. */
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
    if (!descr || *descr != '\'' || !descr[1] || !strchr("<>|=", descr[1])) return false;
    a->big = descr[1] == '>';
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strncmp(descr + 2, types[i].name, 2) == 0 && descr[4] == '\'') {
            a->type = types[i].type;
            return true;
        }
    return false;
}

static bool shape_of(const char *at, Array *a, uint64_t *total)
{
    if (!at || *at++ != '(') return false;
    *total = 1;
    while (*at && *at != ')') {
        char *end = NULL;
        unsigned long long v = strtoull(at, &end, 10);
        if (end == at || *at == '-' || a->rank == 8 || v > 1ull << 40 ||
            __builtin_mul_overflow(*total, (uint64_t)v, total))
            return false;
        a->dim[a->rank++] = (int64_t)v;
        for (at = end; *at == ',' || *at == ' '; at++) {
        }
    }
    return *at == ')' && *total <= 1ull << 60;
}

static int parse_header(const char *path, const char *header, Array *out, uint64_t *total)
{
    const char *order = value_of(header, "'fortran_order'");
    if (!type_of(value_of(header, "'descr'"), out))
        return rt_fail(NNRT_E_IO, "%s: this element type of NPY is not read", path);
    if (!order || strncmp(order, "False", 5))
        return rt_fail(NNRT_E_IO, "%s: arrays in Fortran order are not read", path);
    if (!shape_of(value_of(header, "'shape'"), out, total))
        return rt_fail(NNRT_E_IO, "%s: damaged shape", path);
    return NNRT_OK;
}

int npy_parse(const char *path, const char *text, size_t size, Array *out)
{
    const unsigned char *b = (const unsigned char *)text;
    size_t start = 0, length = 0;
    uint64_t total = 0;
    *out = (Array){0};
    if (size > 12 && memcmp(b, "\x93NUMPY", 6) == 0) {
        start = b[6] == 1 ? 10 : 12;
        for (size_t i = start - 1; i >= 8; i--)
            length = length << 8 | b[i];
    }
    if (!start || length > size - start || length > 65536)
        return rt_fail(NNRT_E_IO, "%s is no NPY file", path);
    char *header = strndup(text + start, length);
    if (!header) return rt_fail(NNRT_E_MEM, "out of memory");
    int code = parse_header(path, header, out, &total);
    free(header);
    if (code) return code;
    out->at = b + start + length;
    if ((size - start - length) / (size_t)array_width(out->type) < total)
        return rt_fail(NNRT_E_IO, "%s: the header promises %llu numbers, the file ends before",
                       path, (unsigned long long)total);
    out->n = out->rank ? out->dim[0] : 1;
    out->each = 1;
    for (int i = 1; i < out->rank; i++)
        if (__builtin_mul_overflow(out->each, out->dim[i], &out->each))
            return rt_fail(NNRT_E_IO, "%s: damaged shape", path);
    out->step = out->each * array_width(out->type);
    return NNRT_OK;
}
