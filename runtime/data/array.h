/* SPDX-License-Identifier: MIT
 * array.h: blocks of numbers in memory of any element type; sources whose examples are equal pieces
 * of one (idx, npy, raw, bytes). */
#ifndef NNRT_DATA_ARRAY_H
#define NNRT_DATA_ARRAY_H

#include "reader.h"

typedef enum {
    ARRAY_U8,
    ARRAY_I8,
    ARRAY_I16,
    ARRAY_I32,
    ARRAY_I64,
    ARRAY_F16,
    ARRAY_F32,
    ARRAY_F64,
    ARRAY_BOOL
} ArrayType;
typedef struct Array {
    char *text; /* the file; freed with the source */
    const unsigned char *at;
    int64_t n, each; /* examples; numbers per example */
    int64_t step;    /* bytes from one example to the next */
    ArrayType type;
    bool big; /* endianness */
    int rank; /* of the whole, as the header says; dim[0] is n where there are no windows */
    int64_t dim[8];
} Array;
int array_width(ArrayType type);
double array_number(const Array *array, const unsigned char *at); /* the number that is there */

/* Headers of files in memory: where the numbers are, how many and of what type, checked against the
 * length of the file. */
int npy_parse(const char *path, const char *text, size_t size, Array *out);
int idx_parse(const char *path, const char *text, size_t size, Array *out);

int array_source(const Array *array, nnrt_source *out); /* takes array->text over */

#endif
