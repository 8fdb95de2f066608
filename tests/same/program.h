/* SPDX-License-Identifier: MIT
 * program.h: the tables of one program (compiled with -DPROGRAM=iris, linked with iris.o), and NPY
 * files for the arguments of its exports.
 *
 * Sizes are 12, 16, 20, ... in the order of an entry's binders and dim arguments: different, and
 * multiples of 4 as some programs require. */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nnrt_abi.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)

extern const nnrt_program JOIN(PROGRAM, _program);
static const nnrt_program *const program = &JOIN(PROGRAM, _program);
static const char prefix[] = TEXT(PROGRAM);

enum { ARGUMENT, SCALAR, SIZE, RESULT, REPORT }; /* kinds of nnrt_arg_desc */
enum { FLOAT32, FLOAT64, INT32, INT64, UINT8 };  /* its element types */
enum { MOST_TABLE = 1 << 12 };
static const char *const npy_type[] = {"<f4", "<f8", "<i4", "<i8", "|u1"};
static const size_t width[] = {4, 8, 4, 8, 1};

typedef struct Entry {
    const nnrt_entry *e;
    const nnrt_entry_desc *d;
    int64_t size[NNRT_MAX_SIZES], table[MOST_TABLE];
} Entry;

static FILE *create(const char *path)
{
    FILE *f = fopen(path, "wb");
    if (f) return f;
    perror(path);
    exit(1);
}

/* ---- sizes */

static inline int64_t size_named(const Entry *x, const char *name)
{
    int at = 0;
    for (int i = 0; i < x->d->n_binders; i++, at++)
        if (strcmp(x->d->binder[i], name) == 0) return x->size[at];
    for (int i = 0; i < x->d->n_args; i++) {
        if (x->d->arg[i].kind != SIZE) continue;
        if (strcmp(x->d->arg[i].name, name) == 0) return x->size[at];
        at++;
    }
    fprintf(stderr, "%s: %s is no size\n", x->d->name, name);
    exit(1);
}

static inline Entry export_entry(int i)
{
    Entry x = {.e = program->entry[i], .d = &program->desc->entry[i]};
    const nnrt_code *code = x.e->code[0];
    for (int k = 0; k < x.e->n_sizes; k++)
        x.size[k] = 12 + 4 * k;
    if (code->n_table > MOST_TABLE || code->prologue(x.table, x.size)) {
        fprintf(stderr, "%s: table of %d sizes\n", x.d->name, code->n_table);
        exit(1);
    }
    return x;
}

/* ---- arguments: position counts tensors, scalars and results, in order of nnrt_code.arg */

static inline size_t elements(const Entry *x, int position)
{
    return (size_t)x->table[x->e->code[0]->arg[position].bytes_entry];
}

/* C of int<C>, or 0. */
static inline int64_t bound_of(const Entry *x, int position)
{
    int entry = x->e->code[0]->arg[position].bound_entry;
    return entry >= 0 ? x->table[entry] : 0;
}

typedef struct Npy {
    int dtype, rank;
    int64_t dim[10];
    bool whole; /* class indices below `bound`, or 1..12 if it is 0; else numbers in 0..1 */
    int64_t bound;
    bool spoiled; /* the last number is `last` */
    double last;
} Npy;

/* What an argument takes. */
static inline Npy good_npy(const Entry *x, const nnrt_arg_desc *a, int position)
{
    Npy npy = {.dtype = a->dtype, .rank = a->rank, .whole = a->dtype > FLOAT64};
    npy.bound = bound_of(x, position);
    for (int i = 0; i < a->rank; i++)
        npy.dim[i] = isdigit((unsigned char)a->dim[i][0]) ? atoll(a->dim[i]) : size_named(x, a->dim[i]);
    return npy;
}

static inline void write_number(FILE *f, int dtype, double v)
{
    float f32 = (float)v;
    int32_t i32 = dtype == INT32 ? (int32_t)v : 0;
    int64_t i64 = dtype == INT64 ? (int64_t)v : 0;
    uint8_t u8 = dtype == UINT8 ? (uint8_t)v : 0;
    const void *const at[] = {&f32, &v, &i32, &i64, &u8};
    fwrite(at[dtype], width[dtype], 1, f);
}

static inline void write_npy(const char *path, const Npy *npy)
{
    static uint32_t state = 1;
    char shape[200] = "", header[256];
    int64_t n = 1;
    for (int i = 0; i < npy->rank; i++, n *= npy->dim[i - 1])
        snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%lld, ", (long long)npy->dim[i]);
    snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", npy_type[npy->dtype], shape);
    FILE *f = create(path);
    fprintf(f, "\x93NUMPY%c%c%c%c%-117.117s\n", 1, 0, 118, 0, header);
    for (int64_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        double v = (double)(float)(state >> 8) / 16777216.0;
        if (npy->whole) v = npy->bound ? (state >> 8) % (uint32_t)npy->bound : 1 + (state >> 8) % 12;
        write_number(f, npy->dtype, npy->spoiled && i == n - 1 ? npy->last : v);
    }
    fclose(f);
}

#endif
