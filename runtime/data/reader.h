/* SPDX-License-Identifier: MIT
 * reader.h: what a loader is. A loader opens a file as a source of examples; a source gives any
 * example as doubles (all the element types that files hold fit exactly, except 64-bit integers
 * beyond 2^53, which are refused). Each loader is one file; a program links those it names. */
#ifndef NNRT_DATA_READER_H
#define NNRT_DATA_READER_H

#include "data/spec.h"

typedef struct nnrt_source nnrt_source;
struct nnrt_source {
    int64_t n; /* examples */
    void *state;
    int64_t (*count)(nnrt_source *s, int64_t i); /* numbers of example i */
    void (*extent)(nnrt_source *s, int64_t i, int64_t *extent); /* its shape where the declared one has sizes of run time */
    int (*get)(nnrt_source *s, int64_t i, double *out);
    int64_t (*number)(nnrt_source *s, int64_t i); /* of the example in its file; NULL: i */
    int64_t (*line)(nnrt_source *s, int64_t i); /* where the example begins in its file, from 1; NULL: its number is told */
    void (*present)(nnrt_source *s, int64_t i, double *out); /* 1 where a cell was there; NULL: everywhere */
    void (*close)(nnrt_source *s);
    char *const *file; /* where each example is a file of a folder: their paths, else NULL */
    size_t below;      /* where a path goes on below that folder */
};
typedef struct nnrt_reader {
    const char *kind;
    int (*open)(const Spec *spec, nnrt_source *out);
} nnrt_reader;

#endif
