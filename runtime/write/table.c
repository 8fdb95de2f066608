/* SPDX-License-Identifier: MIT
 * table.c: results as CSV, NPY and JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"

double format_value(const void *data, int dtype, int64_t i)
{
    switch (dtype) {
    case NNRT_F32: return ((const float *)data)[i];
    case NNRT_F64: return ((const double *)data)[i];
    case NNRT_I32: return ((const int32_t *)data)[i];
    case NNRT_I64: return (double)((const int64_t *)data)[i];
    case NNRT_I8: return ((const int8_t *)data)[i];
    default: return ((const uint8_t *)data)[i];
    }
}

int64_t format_count(int rank, const int64_t *dim)
{
    int64_t n = 1;
    for (int i = 0; i < rank; i++)
        n *= dim[i];
    return n;
}

bool format_ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), k = strlen(ending);
    return n > k && strcmp(path + n - k, ending) == 0;
}

const char *format_shape(int rank, const int64_t *dim, char *out, size_t n)
{
    size_t at = (size_t)snprintf(out, n, "[");
    for (int i = 0; i < rank && at < n; i++)
        at += (size_t)snprintf(out + at, n - at, "%s%lld", i ? ", " : "", (long long)dim[i]);
    if (at < n) snprintf(out + at, n - at, "]");
    return out;
}

void format_number(FILE *f, double v, int dtype)
{
    char text[40];
    if (v > -1e9 && v < 1e9 && v == (double)(int64_t)v && (v != 0 || !signbit(v))) {
        fprintf(f, "%.0f", v);
    } else if (dtype == NNRT_F32 && v - v == 0) {
        for (int digits = 1; digits <= 9; digits++) {
            snprintf(text, sizeof text, "%.*g", digits, v);
            if (strtof(text, NULL) == (float)v) break;
        }
        fputs(text, f);
    } else if (v - v == 0) {
        fputs(json_format_number(v, text, sizeof text), f);
    } else {
        fputs(v != v ? "nan" : v > 0 ? "inf" : "-inf", f);
    }
}

void table_csv(FILE *f, const Output *o)
{
    int64_t n = format_count(o->rank, o->dim), row = o->rank >= 2 ? n / o->dim[0] : 1;
    for (int64_t i = 0; i < n; i++) {
        format_number(f, format_value(o->data, o->dtype, i), o->dtype);
        fputc((i + 1) % row ? ',' : '\n', f);
    }
}

void table_npy(FILE *f, const Output *o)
{
    static const char *const names[] = {
        [NNRT_F32] = "<f4",  [NNRT_F64] = "<f8", [NNRT_I32] = "<i4", [NNRT_I64] = "<i8",
        [NNRT_BOOL] = "|b1", [NNRT_U8] = "|u1",  [NNRT_I8] = "|i1"};
    static const int widths[] = {[NNRT_F32] = 4,  [NNRT_F64] = 8, [NNRT_I32] = 4, [NNRT_I64] = 8,
                                 [NNRT_BOOL] = 1, [NNRT_U8] = 1,  [NNRT_I8] = 1};
    char header[512];
    int n = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (",
                     names[o->dtype]);
    for (int i = 0; i < o->rank; i++)
        n += snprintf(header + n, sizeof header - (size_t)n, "%lld,%s", (long long)o->dim[i],
                      i + 1 < o->rank ? " " : "");
    n += snprintf(header + n, sizeof header - (size_t)n, "), }");
    while ((10 + n + 1) % 64)
        header[n++] = ' ';
    header[n++] = '\n';
    fwrite("\x93NUMPY\x01\x00", 1, 8, f);
    fputc(n & 255, f), fputc(n >> 8, f);
    fwrite(header, 1, (size_t)n, f);
    fwrite(o->data, (size_t)widths[o->dtype], (size_t)format_count(o->rank, o->dim), f);
}

static void json_axis(FILE *f, const Output *o, int axis, int64_t at)
{
    if (axis == o->rank) {
        double v = format_value(o->data, o->dtype, at);
        if (v - v == 0)
            format_number(f, v, o->dtype);
        else
            fputs("null", f);
        return;
    }
    int64_t each = format_count(o->rank - axis - 1, o->dim + axis + 1);
    fputc('[', f);
    for (int64_t i = 0; i < o->dim[axis]; i++) {
        if (i) fputc(',', f);
        json_axis(f, o, axis + 1, at + i * each);
    }
    fputc(']', f);
}

void table_json(FILE *f, const Output *o)
{
    json_axis(f, o, 0, 0);
}
