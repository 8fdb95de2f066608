/* SPDX-License-Identifier: MIT
 * reader.h: what a loader is. A loader opens a file as a source of examples; a source gives any
 * example as doubles (all the element types that files hold fit exactly, except 64-bit integers
 * beyond 2^53, which are refused). Each loader is one file; a program links those it names. */
#ifndef NNRT_DATA_READER_H
#define NNRT_DATA_READER_H

#include "model/model.h"

typedef struct Spec { /* one reader of a field */
    nnrt *m;
    const Json *reader; /* manifest */
    const Json *block;  /* the data block, for loaders that look at the other fields */
    int data, field;
    char path[RT_PATH];
    int rank; /* declared shape per example; -1: known at run time */
    int64_t dim[8];
    int64_t bound;    /* of int<bound>, 0 none */
    const char *name; /* of the field, for messages */
    const int *line;  /* of each text in its file, for messages; NULL */
} Spec;

typedef struct nnrt_source nnrt_source;
struct nnrt_source {
    int64_t n; /* examples */
    void *state;
    int64_t (*count)(nnrt_source *s, int64_t i); /* numbers of example i */
    void (*extent)(nnrt_source *s, int64_t i,
                   int64_t *extent); /* its shape where the declared one has sizes of run time */
    int (*get)(nnrt_source *s, int64_t i, double *out);
    int64_t (*number)(nnrt_source *s, int64_t i); /* of the example in its file; NULL: i */
    void (*present)(nnrt_source *s, int64_t i,
                    double *out); /* 1 where a cell was there; NULL: everywhere */
    void (*close)(nnrt_source *s);
    char *const *file; /* where each example is a file of a folder: their paths, else NULL */
    size_t below;      /* where a path goes on below that folder */
};
typedef struct nnrt_reader {
    const char *kind;
    int (*open)(const Spec *spec, nnrt_source *out);
} nnrt_reader;

/* arguments of the reader */
const Json *spec_arg(const Spec *spec, const char *key);
int64_t spec_int(const Spec *spec, const char *key, int64_t otherwise);
bool spec_bool(const Spec *spec, const char *key, bool otherwise);
const char *spec_string(const Spec *spec, const char *key, const char *otherwise);
int64_t
spec_count(const Spec *spec); /* product of the declared shape; -1 if a size is of run time */

/* The numbers of an example have this shape in the file: an error that names both, unless it serves
 * the declared one. */
int spec_check_shape(const Spec *spec, const char *path, int rank, const int64_t *dim);
/* The only reader of a field, for texts of it that come from elsewhere; false: it has none. */
bool spec_of_field(nnrt *m, int data, int field, Spec *spec);

#endif
