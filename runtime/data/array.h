/* SPDX-License-Identifier: MIT
 * array.h: sources whose examples are equal pieces of one block of numbers in memory (idx, npy,
 * raw, bytes). */
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
} Array;
int array_width(ArrayType type);
int array_source(const Array *array, nnrt_source *out); /* takes the text over */

#endif
