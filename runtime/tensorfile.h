/* SPDX-License-Identifier: MIT
 * tensorfile.h: arrays in files for the arguments and results of exports: CSV, NPY, IDX, PNG, WAV.
 */
#ifndef NNRT_TENSORFILE_H
#define NNRT_TENSORFILE_H

#include "rt.h"

typedef struct Tensor { /* dense, row-major */
    int rank;
    int64_t dim[8];
    double *at;
    bool is_sound; /* from a WAV file: may be cut or filled to a length */
} Tensor;

/* "-" is standard input. The kind is recognised by the contents. Free t->at with rt_free. */
int tensor_read(const char *path, Tensor *t);
int tensor_bytes(const char *path, char **text, size_t *n); /* a whole file; free() it */
/* By the name's end: .npy .png .wav .json, else CSV. dtype: NNRT_F32, F64, I32, BOOL. */
int tensor_write(const char *path, int dtype, int rank, const int64_t *dim, const void *data,
                 int rate);
void tensor_print(FILE *f, int dtype, int rank, const int64_t *dim,
                  const void *data); /* CSV rows */
double tensor_value(const void *data, int dtype, int64_t i);

#endif
