/* SPDX-License-Identifier: MIT
 * array.h: blocks of numbers in memory of any element type; sources whose examples are equal pieces
 * of one (idx, npy, raw, bytes). */
#ifndef NNRT_DATA_ARRAY_H
#define NNRT_DATA_ARRAY_H

#include "data/reader.h"

typedef struct Array {
    char *text; /* the file; freed with the source */
    const unsigned char *at;
    int64_t n, each; /* examples; numbers per example */
    int64_t step;    /* bytes from one example to the next */
    int type;        /* dtype.h */
    bool big;        /* endianness */
    int rank; /* of the whole, as the header says; dim[0] is n where there are no windows */
    int64_t dim[8];
} Array;
double array_number(const Array *array, const unsigned char *at); /* the number that is there */

/* Fills n, each and step from rank, dim and type; `bytes` is what all numbers take. False: more than
 * can be. */
bool array_layout(Array *array, int64_t *bytes);

/* Headers of files in memory: where the numbers are, how many and of what type. `whole` is the length
 * of the file that the header promises; only the header itself must be in the n bytes. */
int npy_header(const char *path, const char *text, size_t n, Array *out, size_t *whole);
int idx_header(const char *path, const char *text, size_t n, Array *out, size_t *whole);
typedef int ArrayHeader(const char *path, const char *text, size_t n, Array *out, size_t *whole);
/* The same, and the file must be as long as that (NPY: or longer). */
int npy_parse(const char *path, const char *text, size_t size, Array *out);
int idx_parse(const char *path, const char *text, size_t size, Array *out);

/* A file with such a header, for a reader: nothing behind what the header promises is unpacked, and
 * nothing at all if its examples have another shape than the field. window > 0: examples are that
 * many rows. out->text holds the file. */
typedef int ArrayParse(const char *path, const char *text, size_t size, Array *out);
int array_read(const Spec *spec, ArrayHeader *header, ArrayParse *parse, int64_t window, Array *out);

int array_source(const Array *array, nnrt_source *out); /* takes array->text over */

#endif
