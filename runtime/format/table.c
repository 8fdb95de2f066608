/* SPDX-License-Identifier: MIT
 * table.c: results as CSV, NPY and JSON. */
#include "format/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/dtype.h"
#include "base/json.h"
#include "base/plain.h"
#include "base/shape.h"

bool format_ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), k = strlen(ending);
    return n > k && strcmp(path + n - k, ending) == 0;
}

/* Number i of a block: the shortest text that reads back as the same number of that type. */
static void put_number(FILE *f, const void *data, int dtype, int64_t i)
{
    char text[40];
    double v = dtype_load(dtype, data, i);
    if (dtype == NNRT_I64)
        fprintf(f, "%lld", (long long)((const int64_t *)data)[i]);
    else if (!isfinite(v))
        fputs(v != v ? "nan" : v > 0 ? "inf" : "-inf", f);
    else if (v > -1e9 && v < 1e9 && v == floor(v) && (v != 0 || !signbit(v)))
        fprintf(f, "%.0f", v);
    else if (dtype_is_float(dtype))
        fputs(dtype_text(dtype, v, 1, text, sizeof text), f);
    else
        fprintf(f, "%.0f", v);
}

void table_cell(FILE *f, const char *text)
{
    bool plain = !strpbrk(text, ",;\"\t\r\n") && *text && *text != ' ' && text[strlen(text) - 1] != ' ';
    if (!plain) fputc('"', f);
    for (; *text; text++) {
        if (*text == '"') fputc('"', f);
        fputc(*text, f);
    }
    if (!plain) fputc('"', f);
}

/* Columns: the classes along the last axis, in front of them the place along those between it and the rows; or counted. */
void table_header(FILE *f, const Output *o, const char *name)
{
    int64_t n = o->rank >= 2 ? shape_size(o->rank, o->dim) / o->dim[0] : 1, last = o->rank ? o->dim[o->rank - 1] : 1;
    char **label = o->rank >= 2 ? o->label[o->rank - 1] : NULL;
    for (int64_t i = 0; i < n; i++) {
        char text[600], shown[600];
        if (label && n == last)
            snprintf(text, sizeof text, "%s", label[i]);
        else if (label)
            snprintf(text, sizeof text, "%lld_%s", (long long)(i / last), label[i % last]);
        else if (n > 1)
            snprintf(text, sizeof text, "%s_%lld", name, (long long)i);
        else
            snprintf(text, sizeof text, "%s", name);
        if (i) fputc(',', f);
        table_cell(f, o->terminal ? rt_plain(shown, sizeof shown, text) : text);
    }
    fputc('\n', f);
}

void table_csv(FILE *f, const Output *o)
{
    int64_t n = shape_size(o->rank, o->dim), row = o->rank >= 2 ? n / o->dim[0] : 1;
    for (int64_t i = 0; i < n; i++) {
        put_number(f, o->data, o->dtype, i);
        fputc((i + 1) % row ? ',' : '\n', f);
    }
}

/* The type that NPY does not have is widened, without loss. */
static void put_numbers(FILE *f, const Output *o, int64_t n)
{
    if (o->dtype != NNRT_BF16) {
        fwrite(o->data, dtype_bytes(o->dtype), (size_t)n, f);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        float v = (float)dtype_load(o->dtype, o->data, i);
        fwrite(&v, sizeof v, 1, f);
    }
}

void table_npy(FILE *f, const Output *o)
{
    char header[512];
    int n = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (", dtype_npy(o->dtype));
    for (int i = 0; i < o->rank; i++)
        n += snprintf(header + n, sizeof header - (size_t)n, "%lld,%s", (long long)o->dim[i], i + 1 < o->rank ? " " : "");
    n += snprintf(header + n, sizeof header - (size_t)n, "), }");
    while ((10 + n + 1) % 64)
        header[n++] = ' ';
    header[n++] = '\n';
    fwrite("\x93NUMPY\x01\x00", 1, 8, f);
    fputc(n & 255, f), fputc(n >> 8, f);
    fwrite(header, 1, (size_t)n, f);
    put_numbers(f, o, shape_size(o->rank, o->dim));
}

static void json_axis(FILE *f, const Output *o, int axis, int64_t at)
{
    if (axis == o->rank) {
        if (isfinite(dtype_load(o->dtype, o->data, at)))
            put_number(f, o->data, o->dtype, at);
        else
            fputs("null", f);
        return;
    }
    int64_t each = shape_size(o->rank - axis - 1, o->dim + axis + 1);
    char **name = axis == o->rank - 1 ? o->label[axis] : NULL;
    fputc(name ? '{' : '[', f);
    for (int64_t i = 0; i < o->dim[axis]; i++) {
        if (i) fputc(',', f);
        if (name) {
            json_write_string(f, name[i]);
            fputc(':', f);
        }
        json_axis(f, o, axis + 1, at + i * each);
    }
    fputc(name ? '}' : ']', f);
}

void table_json(FILE *f, const Output *o)
{
    json_axis(f, o, 0, 0);
}
