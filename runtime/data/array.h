/* SPDX-License-Identifier: MIT
 * array.h: blocks of numbers of any element type, in memory or a file; sources whose examples are equal pieces
 * of one (idx, npy, raw, bytes). */
#ifndef NNRT_DATA_ARRAY_H
#define NNRT_DATA_ARRAY_H

#include "data/array_file.h"
#include "data/reader.h"

typedef struct Array {
    ArrayFile file; /* closed with the source */
    int64_t start;  /* of the numbers in it, in bytes */
    int64_t n, each; /* examples; numbers per example */
    int64_t step;    /* bytes from one example to the next */
    int type;        /* dtype.h */
    bool big;        /* endianness */
    bool fortran;    /* of an NPY file: the first axis is innermost there */
    int rank; /* of the whole, as the header says; dim[0] is n where there are no windows */
    int64_t dim[8];
} Array;
double array_number(int type, bool big, const unsigned char *at); /* the number that is there */

/* Fills n, each and step from rank, dim and type; `bytes` is what all numbers take. False: more than
 * can be. */
bool array_layout(Array *array, int64_t *bytes);

int array_source(const Array *array, nnrt_source *out); /* takes array->file over */

#endif
