/* SPDX-License-Identifier: MIT
 * parse_npy.c: header of NumPy arrays, version 1 to 3: a magic, a text of fixed grammar, then the
 * numbers in C order. Objects are refused. */
#include "data/parse_npy.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/dtype.h"

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

static int parse_header(const char *path, const char *header, Array *out, int64_t *bytes)
{
    const char *order = value_of(header, "'fortran_order'");
    if (!type_of(value_of(header, "'descr'"), out)) return rt_fail(NNRT_E_IO, "%s: this element type of NPY is not read", path);
    if (!order || strncmp(order, "False", 5)) return rt_fail(NNRT_E_IO, "%s: arrays in Fortran order are not read", path);
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
    out->at = b + start + length;
    *whole = start + length + (size_t)bytes;
    return code;
}

int npy_parse(const char *path, const char *text, size_t size, Array *out)
{
    size_t whole = 0;
    int code = npy_header(path, text, size, out, &whole);
    if (code || size == whole) return code;
    int64_t total = out->n * out->each;
    if (size > whole) return rt_fail(NNRT_E_IO, "%s: the header promises %lld numbers, the file has more", path, (long long)total);
    return rt_fail(NNRT_E_IO, "%s: the header promises %lld numbers, the file ends before", path, (long long)total);
}
