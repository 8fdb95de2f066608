/* SPDX-License-Identifier: MIT
 * parse_npy.c: header of NumPy arrays, version 1 to 3: a magic, a text of fixed grammar, then the
 * numbers, which arrays in Fortran order have with the first axis innermost. Objects are refused. */
#include "data/parse_npy.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/dtype.h"
#include "base/shape.h"

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
    char code[4] = {0};
    if (!descr || *descr != '\'' || !descr[1] || !strchr("<>|=", descr[1])) return false;
    if (strcspn(descr + 1, "'") != 3 || !descr[4]) return false;
    memcpy(code, descr + 1, 3);
    a->big = code[0] == '>';
    a->type = dtype_find_npy(code);
    return a->type >= 0;
}

static bool shape_of(const char *at, Array *a)
{
    if (!at || *at++ != '(') return false;
    while (*at && *at != ')') {
        char *end = NULL;
        unsigned long long v = strtoull(at, &end, 10);
        if (end == at || *at == '-' || a->rank == 8 || v > 1ull << 60) return false;
        a->dim[a->rank++] = (int64_t)v;
        for (at = end; *at == ',' || *at == ' '; at++) {
        }
    }
    return *at == ')';
}

/* The text in quotes, or up to the comma, for a message. */
static int unknown_type(const char *path, const char *descr)
{
    char have[80] = "?";
    if (descr) snprintf(have, sizeof have, "%.*s", (int)strcspn(descr, *descr == '[' ? "]" : ","), descr);
    return rt_fail(NNRT_E_IO, "%s: the element type %s is not read; integers, floats of 16, 32 or 64 bits and bool are", path, have);
}

static int parse_header(const char *path, const char *header, Array *out, int64_t *bytes)
{
    const char *order = value_of(header, "'fortran_order'");
    bool fortran = order && strncmp(order, "True", 4) == 0;
    if (!type_of(value_of(header, "'descr'"), out)) return unknown_type(path, value_of(header, "'descr'"));
    if (!fortran && (!order || strncmp(order, "False", 5))) return rt_fail(NNRT_E_IO, "%s: damaged order of axes", path);
    out->fortran = fortran;
    if (!shape_of(value_of(header, "'shape'"), out) || !array_layout(out, bytes)) return rt_fail(NNRT_E_IO, "%s: damaged shape", path);
    return NNRT_OK;
}

int npy_header(const char *path, const char *text, size_t n, Array *out, size_t *whole)
{
    const unsigned char *b = (const unsigned char *)text;
    size_t start = 0, length = 0;
    int64_t bytes = 0;
    *out = (Array){0};
    if (n > 12 && memcmp(b, "\x93NUMPY", 6) == 0) {
        start = b[6] == 1 ? 10 : 12;
        length = bytes_le(b + 8, (int)start - 8);
    }
    if (!start || length > n - start || length > 65536) return rt_fail(NNRT_E_IO, "%s is no NPY file", path);
    char *header = strndup(text + start, length);
    if (!header) return rt_no_memory();
    int code = parse_header(path, header, out, &bytes);
    free(header);
    out->start = (int64_t)(start + length);
    *whole = start + length + (size_t)bytes;
    return code;
}

/* The numbers with the last axis innermost, in the same place. */
static int turn(const char *path, const Array *a, unsigned char *numbers)
{
    size_t width = dtype_bytes(a->type);
    int64_t stride[8], n = 1, total = a->n * a->each;
    unsigned char *copy = malloc((size_t)total * width + 1);
    if (!copy) return rt_no_memory_for(path);
    memcpy(copy, numbers, (size_t)total * width);
    for (int i = 0; i < a->rank; i++)
        stride[i] = n, n *= a->dim[i];
    for (int64_t i = 0; i < total; i++)
        memcpy(numbers + (size_t)i * width, copy + (size_t)shape_place(a->rank, a->dim, stride, i) * width, width);
    free(copy);
    return NNRT_OK;
}

int npy_parse(const char *path, char *text, size_t size, Array *out)
{
    size_t whole = 0;
    int code = npy_header(path, text, size, out, &whole);
    if (code) return code;
    int64_t total = out->n * out->each;
    if (size > whole) return rt_fail(NNRT_E_IO, "%s: the header promises %lld numbers, the file has more", path, (long long)total);
    if (size < whole) return rt_fail(NNRT_E_IO, "%s: the header promises %lld numbers, the file ends before", path, (long long)total);
    return out->fortran && out->rank > 1 ? turn(path, out, (unsigned char *)text + out->start) : NNRT_OK;
}
