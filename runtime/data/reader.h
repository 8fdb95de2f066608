/* SPDX-License-Identifier: MIT
 * reader.h: what a loader is. A loader opens a file as a source of examples; a source gives the numbers of any
 * example as they lie in memory, or makes them when they are asked for (as doubles all element types of files are exact, except
 * 64-bit integers beyond 2^53, which are refused). Several threads may ask at once. Each loader is one file; a program links
 * those it names. */
#ifndef NNRT_DATA_READER_H
#define NNRT_DATA_READER_H

#include "data/spec.h"

typedef struct Numbers { /* the numbers of an example */
    const void *at;
    int type;  /* dtype.h */
    bool big;  /* most significant byte first */
    void *own; /* made for who asked: free() it; else NULL */
} Numbers;

typedef struct EvenRows { /* all examples, in memory and as far from each other as the first two */
    const void *at;  /* NULL: they are not so */
    int64_t step;    /* bytes */
    int64_t each;    /* numbers of an example */
    int type;        /* in the processor's order of bytes */
} EvenRows;

typedef struct nnrt_source nnrt_source;
struct nnrt_source {
    int64_t n; /* examples */
    void *state;
    int64_t (*count)(nnrt_source *s, int64_t i); /* numbers of example i */
    void (*extent)(nnrt_source *s, int64_t i, int64_t *extent); /* its shape where the declared one has sizes of run time */
    int (*row)(nnrt_source *s, int64_t i, Numbers *row);
    EvenRows even; /* what `row` would give, at once */
    const double *of_byte; /* what the bytes of u8 rows stand for, 256 numbers; NULL: no row is u8 */
    bool made;             /* rows are made when they are asked for, which takes time */
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

/* Example i as doubles: as many as `count` says. */
int source_numbers(nnrt_source *s, int64_t i, double *out);
void row_numbers(const nnrt_source *s, const Numbers *row, int64_t n, double *out); /* the same of a row that is there */

#endif
